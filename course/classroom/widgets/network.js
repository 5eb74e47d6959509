// A network that learns: draws what Python has computed.

const BLUE = "var(--blue)", ORANGE = "var(--orange)";
const digits = (x) => (x === null ? "nan" : inDigits(Number(x.toPrecision(3))));
const side = (x) => (x < 0 ? "negative" : "positive");

// The units of a network in columns. `values`: a number for each unit, by layer, or null where
// there is none yet. Going back, the same edges are drawn with the weights they have going forward.
function drawNetwork(frame, values, title, words, backward) {
  const width = 600, height = 250, most = Math.max(...frame.sizes), r = most > 5 ? 11 : 15, rx = 31;
  const x = (layer) => 50 + (layer * (width - 100)) / (frame.sizes.length - 1);
  const gap = Math.min(52, (height - 86) / Math.max(1, most - 1));
  const y = (layer, unit) => 128 + gap * (unit - (frame.sizes[layer] - 1) / 2);
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words },
    shape("text", { x: 14, y: 17, class: "title" }, title));
  const last = frame.sizes.length - 1, newest = backward ? last - frame.known + 1 : -1;
  frame.W.forEach((W, k) => W.forEach((row, j) => row.forEach((w, i) => {
    const lit = !backward || (k > 0 && values[k] !== null && values[k + 1] !== null);
    svg.append(shape("path", {
      d: `M${x(k)} ${y(k, i)} L${x(k + 1)} ${y(k + 1, j)}`,
      class: `edge ${side(w)}`, stroke: w < 0 ? ORANGE : BLUE,
      "stroke-width": 0.6 + Math.min(6, Math.abs(w ?? 0)) * 0.8, "stroke-opacity": lit ? 0.75 : 0.18,
    }, shape("title", {}, `weight ${digits(w)}, to unit ${j + 1} of layer ${k + 1} from unit ${i + 1}`)));
  })));
  frame.sizes.forEach((n, k) => {
    if (backward && k === 0) return;
    for (let j = 0; j < n; j++) {
      const value = values?.[k]?.[j];
      const look = value === undefined ? "" : side(value);
      svg.append(
        shape("rect", { x: x(k) - rx, y: y(k, j) - r, width: 2 * rx, height: 2 * r, rx: r, class: `unit ${look} ${k === newest ? "newest" : ""}` }),
        shape("text", { x: x(k), y: y(k, j) + 4, "text-anchor": "middle", class: "value" },
          value === undefined ? (backward ? "?" : "") : digits(value)),
      );
    }
    const name = k === 0 ? "input" : k === last ? "output" : `layer ${k}`;
    svg.append(shape("text", { x: x(k), y: height - 4, "text-anchor": "middle", class: "tick" }, name));
  });
  if (!backward) {
    svg.append(shape("text", { x: width - 14, y: 17, "text-anchor": "end", class: "tick" },
      `example ${frame.example + 1}, target ${inDigits(frame.t[frame.example])}`));
  }
  return svg;
}

// Targets differ in shape as well as colour: a disc is 0, a triangle 1.
function mark(px, py, target, chosen) {
  const look = { fill: target ? ORANGE : BLUE, stroke: chosen ? "var(--text)" : "var(--paper)", "stroke-width": chosen ? 3 : 1.2 };
  const r = chosen ? 8 : 5;
  return target
    ? shape("path", { d: `M${px} ${py - r} l${r} ${1.7 * r} h${-2 * r} Z`, ...look })
    : shape("circle", { cx: px, cy: py, r, ...look });
}

const canvas = document.createElement("canvas");

// The network's answer at each point, as an image: 0 is blue, ½ is paper, 1 is orange.
function shade(bytes, el) {
  const n = Math.round(Math.sqrt(bytes.byteLength));
  const style = getComputedStyle(el);
  const rgb = (name) => style.getPropertyValue(name).trim().match(/[\da-f]{2}/gi)?.map((h) => parseInt(h, 16)) ?? [128, 128, 128];
  const blue = rgb("--blue"), orange = rgb("--orange"), image = new ImageData(n, n);
  for (let i = 0; i < n * n; i++) {
    const value = bytes.getUint8(i) / 127.5 - 1, colour = value < 0 ? blue : orange;
    image.data.set([...colour, 150 * Math.abs(value)], 4 * i);
  }
  canvas.width = canvas.height = n;
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas.toDataURL();
}

// Where the answer is ½: between two neighbours of the grid that lie on different sides of it.
function boundary(bytes, x, y, [low, high]) {
  const n = Math.round(Math.sqrt(bytes.byteLength)), step = (high - low) / (n - 1);
  const at = (row, column) => bytes.getUint8(row * n + column) - 127.5;
  const place = (row, column) => [x(low + column * step), y(high - row * step)];
  const pieces = [];
  for (let row = 0; row < n - 1; row++) {
    for (let column = 0; column < n - 1; column++) {
      const corners = [[0, 0], [0, 1], [1, 1], [1, 0]].map(([a, b]) => [row + a, column + b]);
      const cuts = corners.flatMap((one, i) => {
        const two = corners[(i + 1) % 4], a = at(...one), b = at(...two);
        if (a > 0 === b > 0) return [];
        const share = a / (a - b), p = place(...one), q = place(...two);
        return [[p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1])]];
      });
      for (let i = 0; i + 1 < cuts.length; i += 2) pieces.push(cuts[i], cuts[i + 1], null);
    }
  }
  return through(pieces);
}

function drawPlane(frame, shading, model, el) {
  const { svg, inside, x, y, left, right, top, bottom } = axes({
    width: 340, height: 330, title: "Answers in the plane", xLabel: "x1", yLabel: "x2",
    xSpan: frame.span, ySpan: frame.span, xTicks: 4, yTicks: 4,
  });
  svg.setAttribute("aria-label", frame.words.plane);
  if (shading?.byteLength) {
    inside.append(
      shape("image", { x: left, y: top, width: right - left, height: bottom - top, preserveAspectRatio: "none", href: shade(shading, el) }),
      shape("path", { d: boundary(shading, x, y, frame.span), fill: "none", stroke: "var(--text)", "stroke-width": 2 }),
    );
  }
  // The chosen one last, so that no other lies above it.
  const order = [...frame.t.keys()].filter((n) => n !== frame.example).concat(frame.example);
  order.forEach((n) => {
    const point = mark(x(frame.x[0][n]), y(frame.x[1][n]), frame.t[n] > 0.5, n === frame.example);
    point.addEventListener("click", () => {
      model.set("example", n);
      model.save_changes();
    });
    inside.append(point);
  });
  return svg;
}

function drawLoss(frame) {
  const values = frame.losses.map(([, loss]) => loss), last = frame.losses.at(-1)?.[0] ?? 0;
  const { svg, inside, x, y } = axes({
    width: 340, height: 220, title: "Loss", xLabel: "update", yLabel: "loss",
    xSpan: [0, Math.max(10, last)], ySpan: [0, 1.08 * Math.max(1e-9, ...values)], xTicks: 4, yTicks: 3,
  });
  svg.setAttribute("aria-label", frame.words.losses);
  inside.append(shape("path", { d: through(frame.losses.map(([k, loss]) => [x(k), y(loss)])), fill: "none", stroke: BLUE, "stroke-width": 2.5 }));
  return svg;
}

// The examples as the output unit sees them, with the line where it says ½.
function drawHidden(frame) {
  const { h, line: [a, b, c] } = frame.hidden;
  const all = h.flat().filter((v) => v !== null), low = Math.min(0, ...all) - 0.1, high = Math.max(1, ...all) + 0.1;
  const { svg, inside, x, y } = axes({
    width: 340, height: 220, title: "Hidden space", xLabel: "h1", yLabel: "h2",
    xSpan: [low, high], ySpan: [low, high], xTicks: 4, yTicks: 4,
  });
  svg.setAttribute("aria-label", frame.words.hidden);
  svg.style.width = "56.7%"; // as large as its neighbours
  const ends = Math.abs(b) > Math.abs(a)
    ? [low, high].map((u) => [x(u), y(-(a * u + c) / b)])
    : [low, high].map((v) => [x(-(b * v + c) / (a || 1e-9)), y(v)]);
  inside.append(shape("path", { d: through(ends), stroke: "var(--text)", "stroke-width": 2 }));
  frame.t.forEach((t, n) => {
    if (h[0][n] !== null && h[1][n] !== null) inside.append(mark(x(h[0][n]), y(h[1][n]), t > 0.5, n === frame.example));
  });
  return svg;
}

function table(frame) {
  const row = (cell, ...texts) => element("tr", {}, ...texts.map((text) => element(cell, {}, text)));
  const rows = frame.t.slice(0, 12).map((t, n) => row("td", `${n + 1}`, digits(frame.x[0][n]), digits(frame.x[1][n]),
    inDigits(t), frame.answers ? digits(frame.answers[n]) : "–"));
  return element("table", {}, row("th", "example", "x1", "x2", "target", "answer"), ...rows);
}

function render({ model, el }) {
  const frame = () => model.get("frame");
  const ranges = model.get("ranges"), choices = model.get("choices");
  const { controls, stop } = player(model, {
    canStep: () => true, going: () => frame().going, pause: 33,
    more: { "One example": "step_example", "One layer back": "step_back" },
  });
  const { region, say } = announcer();
  const whole = (trait, label) => numberField(model, trait, label, ranges[trait], 1);
  const panels = element("div", { class: "panels" });
  const left = element("div"), right = element("div");
  const legend = element("div", { class: "legend" }), message = element("div", { class: "message" });
  const numbers = element("details", {}, element("summary", KEEPS_ITS_KEYS, "Table of the answers"));
  panels.style.gridTemplateColumns = "600fr 340fr";
  panels.append(left, right);
  el.classList.add("live-picture", "wide");
  el.append(
    element("div", { class: "controls" }, controls, logSlider(model, "learning_rate", ranges.learning_rate, "learning rate η")),
    element("div", { class: "controls" }, choice(model, "data", choices.data, "data"), whole("hidden", "hidden units"),
      choice(model, "start", choices.start, "start weights"), whole("seed", "seed"),
      whole("batch", "batch"), whole("epochs_per_step", "epochs a step")),
    message, panels, legend, numbers, region,
  );
  const show = () => {
    const now = frame();
    left.replaceChildren(
      drawNetwork(now, now.a, "Forward: activations →", now.words.forward, false),
      drawNetwork(now, now.delta, "← Backward: δ = ∂L/∂z", now.words.backward, true),
      ...(now.hidden ? [drawHidden(now)] : []));
    right.replaceChildren(drawPlane(now, model.get("shading"), model, el), drawLoss(now));
    const standing = `Epoch ${now.epoch}, loss ${now.losses.length ? inDigits(now.losses.at(-1)[1]) : "–"}, ` +
      `${now.wrong ?? "–"} of ${now.t.length} wrong`;
    legend.replaceChildren(element("strong", {}, standing),
      element("span", { class: "row" }, `One layer back: ${now.next}.`),
      element("span", { class: "row" }, "Line: blue and full for a positive weight, orange and dashed for a negative one. ● target 0, ▲ target 1."));
    drawMessage(message, now);
    numbers.querySelector("table")?.remove();
    if (numbers.open) numbers.append(table(now));
  };
  numbers.addEventListener("toggle", show);
  model.on("change:frame", show);
  model.on("change:frame", () => say(`${frame().words.news} ${frame().known ? frame().words.backward : ""}`));
  show();
  return stop;
}

export default { render };
