// Gradient descent on a loss of one weight: draws what Python has computed.

const LOOK = {
  curve: { fill: "none", stroke: "var(--blue)", "stroke-width": 2.5 },
  way: { fill: "none", stroke: "var(--blue)", "stroke-width": 1, "stroke-opacity": 0.7 },
  tangent: { stroke: "var(--orange)", "stroke-width": 2, "stroke-dasharray": "7 4" },
  arrow: { fill: "none", stroke: "var(--orange)", "stroke-width": 3 },
  guide: { stroke: "var(--orange)", "stroke-width": 1.2, "stroke-dasharray": "2 3" },
  now: { r: 7, fill: "var(--orange)", stroke: "var(--paper)", "stroke-width": 2 },
  next: { r: 6, fill: "var(--paper)", stroke: "var(--orange)", "stroke-width": 2.5 },
  dot: { r: 2.6, fill: "var(--blue)" },
  cross: { fill: "none", stroke: "var(--orange)", "stroke-width": 3.5, "stroke-linecap": "round" },
};

const dot = (cx, cy, look) => shape("circle", { cx, cy, ...look });
const line = (x1, y1, x2, y2, look) => shape("line", { x1, y1, x2, y2, ...look });
const cross = (x, y, r) =>
  shape("path", { d: `M${x - r} ${y - r} l${2 * r} ${2 * r} m0 ${-2 * r} l${-2 * r} ${2 * r}`, class: "cross", ...LOOK.cross });

function arrow(from, to, y) {
  const head = Math.sign(to - from) * Math.min(9, Math.abs(to - from));
  return shape("path", { d: `M${from} ${y} H${to} m${-head} -6 l${head} 6 l${-head} 6`, ...LOOK.arrow });
}

function drawCurve(curve, frame) {
  const plot = axes({
    width: 540, height: 340, title: "Loss curve", xLabel: "w", yLabel: "loss L(w)",
    xSpan: curve.span, ySpan: curve.loss_span, xTicks: 7,
  });
  const { svg, inside, x, y, left, right } = plot;
  svg.setAttribute("aria-label", frame.curve_in_words);
  const places = curve.w.map((w, i) => (curve.loss[i] === null ? null : [x(w), y(curve.loss[i])]));
  const way = frame.w.map((w, i) => [x(w), y(frame.loss[i])]);
  inside.append(shape("path", { d: through(places), class: "curve", ...LOOK.curve }));
  inside.append(shape("path", { d: through(way), ...LOOK.way }));
  inside.append(...way.map(([cx, cy]) => dot(cx, cy, LOOK.dot)));
  if (frame.slope !== null) inside.append(drawTangent(plot, frame, way.at(-1)));
  if (frame.next) drawNext(plot, frame.next, way.at(-1));
  svg.append(drawEnd(way, frame, frame.cross && [x(frame.cross[0]), y(frame.cross[1])]));
  if (!places.some((place) => place)) {
    svg.append(shape("text", { x: (left + right) / 2, y: 160, "text-anchor": "middle" }, "no curve to draw yet"));
  }
  return svg;
}

// The student's own slope, drawn through the point.
function drawTangent({ x, y }, { slope }, [cx, cy]) {
  const dx = x(1) - x(0), dy = (y(1) - y(0)) * slope, half = 95 / Math.hypot(dx, dy);
  return line(cx - half * dx, cy - half * dy, cx + half * dx, cy + half * dy, { class: "tangent", ...LOOK.tangent });
}

// The step that comes next: along w, then down (or up) to the curve.
function drawNext({ svg, inside, x, y, left, right, top }, [w, loss], [cx, cy]) {
  const there = x(w), end = Math.min(Math.max(there, left), right);
  if (loss !== null && end === there) {
    inside.append(line(there, cy, there, y(loss), LOOK.guide));
    if (y(loss) >= top) svg.append(dot(there, y(loss), { class: "next", ...LOOK.next }));
  }
  svg.append(arrow(cx, end, cy));
}

// Where the run stands: a point, or a cross where it broke off or left the picture.
function drawEnd(way, frame, lost) {
  if (!lost) return way.length ? dot(...way.at(-1), { class: "now", ...LOOK.now }) : "";
  const trace = way.length ? line(...way.at(-1), ...lost, LOOK.guide) : "";
  return shape("g", {}, trace, cross(...lost, 7));
}

function drawLosses(curve, frame) {
  const last = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((n) => n >= frame.step) ?? frame.step;
  const { svg, inside, x, y } = axes({
    width: 320, height: 340, title: "Loss against step", xLabel: "step", yLabel: "loss",
    xSpan: [0, last], ySpan: curve.loss_span, xTicks: 5,
  });
  svg.setAttribute("aria-label", frame.losses_in_words);
  const way = frame.loss.map((loss, step) => [x(step), y(loss)]);
  inside.append(shape("path", { d: through(way), ...LOOK.curve }));
  if (way.length <= 50) inside.append(...way.map(([cx, cy]) => dot(cx, cy, LOOK.dot)));
  svg.append(drawEnd(way, frame, frame.cross && [x(frame.step), y(frame.cross[1])]));
  return svg;
}

// What each mark is, with its number.
function drawLegend(frame) {
  const entry = (mark, text) =>
    element("span", {}, shape("svg", { viewBox: "0 0 26 14", "aria-hidden": "true" }, mark), text);
  const entries = [];
  if (frame.cross) entries.push(entry(cross(13, 7, 5), frame.kind === "diverged" ? "left the picture" : "stopped here"));
  else if (frame.w.length) entries.push(entry(dot(13, 7, { ...LOOK.now, r: 6 }), `now w = ${inDigits(frame.w.at(-1))}`));
  if (frame.slope !== null) {
    entries.push(entry(line(0, 7, 26, 7, LOOK.tangent), `tangent, slope ${inDigits(frame.slope)}`));
  }
  if (frame.next) {
    const mark = shape("g", {}, arrow(0, 15, 7), dot(21, 7, { ...LOOK.next, r: 4 }));
    entries.push(entry(mark, `next w = ${inDigits(frame.next[0])}`));
    entries.push(element("span", { class: "row" }, `w − η · slope = ${frame.update}`));
  }
  return entries;
}

function render({ model, el }) {
  const frame = () => model.get("frame");
  const { controls, stop } = player(model, {
    canStep: () => frame().can_step,
    going: () => frame().going,
  });
  const { region, say } = announcer();
  const panels = element("div", { class: "panels", style: "grid-template-columns: 540fr 320fr" });
  const legend = element("div", { class: "legend" });
  const message = element("div", { class: "message" });
  el.classList.add("live-picture");
  el.append(
    element("div", { class: "controls" }, controls,
      numberField(model, "start", "start at w ="),
      logSlider(model, "learning_rate", model.get("learning_rates"), "learning rate η")),
    panels, legend, message, region,
  );
  const show = () => {
    panels.replaceChildren(drawCurve(model.get("curve"), frame()), drawLosses(model.get("curve"), frame()));
    legend.replaceChildren(...drawLegend(frame()));
    drawMessage(message, frame());
  };
  model.on("change:frame change:curve", show);
  model.on("change:frame", () => say(frame().news));
  show();
  return stop;
}

export default { render };
