// What every live picture shares: elements, controls, axes, and news for screen readers.

// The notebook's shortcuts take keys from any element that does not itself carry this attribute.
const KEEPS_ITS_KEYS = { "data-lm-suppress-shortcuts": "true" };

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function shape(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

// A number for people to read: four digits at most, a true minus sign.
function inDigits(x) {
  const text = Math.abs(x) < 1e6 ? String(Number(x.toPrecision(4))) : x.toExponential(2);
  return text.replaceAll("-", "−");
}

// --- controls -----------------------------------------------------------------------------

const ICONS = {
  Play: "M1 0 L11 5.5 L1 11 Z",
  Pause: "M1 0 H4 V11 H1 Z M7 0 H10 V11 H7 Z",
  Step: "M0 0 L7 5.5 L0 11 Z M8 0 H11 V11 H8 Z",
  "One example": "M0 0 L7 5.5 L0 11 Z",
  "One layer back": "M11 0 L4 5.5 L11 11 Z",
  Reset: "M11 0 L4 5.5 L11 11 Z M0 0 H3 V11 H0 Z",
};

function named(button, name) {
  const icon = shape("svg", { viewBox: "0 0 11 11", "aria-hidden": "true" });
  icon.append(shape("path", { d: ICONS[name] }));
  button.replaceChildren(icon, name);
}

function pushButton(name, onPush, style = "") {
  const button = element("button", { type: "button", class: style, ...KEEPS_ITS_KEYS });
  named(button, name);
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") !== "true") onPush();
  });
  return button;
}

// Not `disabled`, which would take the focus away from whoever has just pressed the button.
function allow(button, allowed) {
  button.setAttribute("aria-disabled", String(!allowed));
}

function labelled(text, ...controls) {
  return element("label", { class: "group" }, text, ...controls);
}

// A number that is kept when the field is left or Enter is pressed.
function numberField(model, trait, label, [min, max] = [-1e9, 1e9], step = "any") {
  const input = element("input", { type: "number", step, min, max, ...KEEPS_ITS_KEYS });
  const show = () => (input.value = String(Number(model.get(trait).toPrecision(6))));
  const keep = () => {
    if (!input.value || !input.validity.valid) return show();
    model.set(trait, input.valueAsNumber);
    model.save_changes();
  };
  input.addEventListener("change", keep);
  input.addEventListener("keydown", (event) => event.key === "Enter" && keep());
  model.on(`change:${trait}`, show);
  show();
  return labelled(label, input);
}

// A list to choose from.
function choice(model, trait, options, label) {
  const select = element("select", KEEPS_ITS_KEYS, ...options.map((name) => element("option", {}, name)));
  const show = () => (select.value = model.get(trait));
  select.addEventListener("change", () => {
    model.set(trait, select.value);
    model.save_changes();
  });
  model.on(`change:${trait}`, show);
  show();
  return labelled(label, select);
}

// A slider whose position is the logarithm of a trait; it tells the value, not the exponent.
function logSlider(model, trait, [low, high], label) {
  const PER_DECADE = 20;
  const position = (value) => Math.round(PER_DECADE * Math.log10(value));
  const value = (place) => Number((10 ** (place / PER_DECADE)).toPrecision(2));
  const input = element("input", {
    type: "range",
    min: position(low),
    max: position(high),
    step: 1,
    ...KEEPS_ITS_KEYS,
  });
  const output = element("output", { "aria-hidden": "true" });
  const show = () => {
    const now = model.get(trait);
    input.value = position(now);
    output.textContent = inDigits(now);
    input.setAttribute("aria-valuetext", inDigits(now));
  };
  input.addEventListener("input", () => {
    model.set(trait, value(input.valueAsNumber));
    model.save_changes();
  });
  model.on(`change:${trait}`, show);
  show();
  return labelled(label, input, output);
}

// Play, Step and Reset. Python makes each step and answers when its picture has been sent; only
// then, and no sooner than `pause` milliseconds after the last, Play asks for the next one. So the
// other controls act between two steps, and a slow kernel is never flooded. `more`: names of further
// buttons, with what they ask for.
function player(model, { canStep, going, pause = 160, more = {} }) {
  let playing = false, waiting = false, asked = 0, timer;
  const ask = (what) => model.send({ do: what });
  const step = () => {
    waiting = true;
    asked = performance.now();
    ask("step");
  };
  const turn = (on) => {
    clearTimeout(timer);
    playing = on;
    named(play, on ? "Pause" : "Play");
    if (on && !waiting) step();
  };
  const play = pushButton("Play", () => turn(!playing), "main");
  const once = (name, what) => pushButton(name, () => {
    turn(false);
    ask(what);
  });
  const stepOnce = once("Step", "step"), reset = once("Reset", "reset");
  const others = Object.entries(more).map(([name, what]) => once(name, what));
  const answered = () => {
    if (!waiting) return;
    waiting = false;
    if (!playing) return;
    if (going()) timer = setTimeout(step, Math.max(0, pause - (performance.now() - asked)));
    else turn(false);
  };
  const show = () => [play, stepOnce, ...others].forEach((button) => allow(button, canStep()));
  model.on("msg:custom", answered);
  model.on("change", show);
  show();
  return {
    controls: element("div", { class: "group" }, play, stepOnce, ...others, reset),
    stop: () => turn(false),
  };
}

// --- axes ---------------------------------------------------------------------------------

// Round numbers between low and high, about `count` of them.
function ticks([low, high], count) {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const first = Math.ceil(low / step), n = Math.floor(high / step) - first + 1;
  return Array.from({ length: Math.max(0, n) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

// A number that fits beside an axis: 300000 is 3e5.
function onAxis(x) {
  return Math.abs(x) < 1e5 ? inDigits(x) : x.toExponential().replace("e+", "e").replace("-", "−");
}

// An SVG of width x height with a title, axes and a grid. `x` and `y` turn data into places;
// what is put into `inside` is cut off at the frame, what is put into `svg` is not. (A nested svg
// cuts off by itself; a clipPath needs an id, and ids of two pictures on one page would meet.)
function axes({ width, height, title, xLabel, yLabel, xSpan, ySpan, xTicks = 6, yTicks = 5 }) {
  const left = 62, right = width - 14, top = 36, bottom = height - 44;
  const scale = ([low, high], from, to) => (value) => from + ((value - low) / (high - low)) * (to - from);
  const x = scale(xSpan, left, right), y = scale(ySpan, bottom, top);
  const size = { width: right - left, height: bottom - top };
  const inside = shape("svg", { x: left, y: top, ...size, viewBox: `${left} ${top} ${size.width} ${size.height}` });
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" },
    shape("text", { x: left, y: 17, class: "title" }, title),
    shape("text", { x: (left + right) / 2, y: height - 7, "text-anchor": "middle" }, xLabel),
    shape("text", { transform: `translate(14 ${(top + bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, yLabel),
  );
  for (const tick of ticks(xSpan, xTicks)) {
    svg.append(
      shape("line", { x1: x(tick), x2: x(tick), y1: top, y2: bottom, class: "grid-line" }),
      shape("text", { x: x(tick), y: bottom + 18, "text-anchor": "middle", class: "tick" }, onAxis(tick)),
    );
  }
  for (const tick of ticks(ySpan, yTicks)) {
    svg.append(
      shape("line", { x1: left, x2: right, y1: y(tick), y2: y(tick), class: "grid-line" }),
      shape("text", { x: left - 7, y: y(tick) + 4, "text-anchor": "end", class: "tick" }, onAxis(tick)),
    );
  }
  svg.append(
    shape("path", { d: `M${left} ${top} V${bottom} H${right}`, fill: "none", class: "frame-line" }),
    inside,
  );
  return { svg, inside, x, y, left, right, top, bottom };
}

// The path through points of [x, y] in places; a null begins anew.
function through(points) {
  let pen = "M";
  return points.map((point) => {
    if (point === null) {
      pen = "M";
      return "";
    }
    const piece = `${pen}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
    pen = "L";
    return piece;
  }).join("");
}

// --- for screen readers -------------------------------------------------------------------

// Says the latest news once there has been none for a while: a run is heard when it halts.
function announcer(quiet = 900) {
  const region = element("div", { class: "only-spoken", role: "status", "aria-live": "polite" });
  let timer;
  const say = (text) => {
    clearTimeout(timer);
    timer = setTimeout(() => (region.textContent = text), quiet);
  };
  return { region, say };
}

// What stands in the way, and the student's own line that did it.
function drawMessage(message, frame) {
  const broken = ["diverged", "nan", "failed"].includes(frame.kind);
  message.className = `message ${broken ? "broken" : frame.kind && "ended"}`;
  message.replaceChildren();
  if (frame.title) message.append(element("strong", {}, `${broken ? "✕ " : ""}${frame.title}. `), frame.sentence);
  if (frame.line) message.append(element("br"), element("code", {}, frame.line));
}
