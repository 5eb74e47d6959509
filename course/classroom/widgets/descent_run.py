"""One run of gradient descent on a loss of one weight, kept as data, and the words for it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from course.classroom.widgets.parts import FunctionFailed, in_digits

#: A loss so many times higher than the picture at the start counts as diverged.
LOST = 1000
#: Beyond this a number is as good as infinite: sums and squares of it overflow.
HUGE = 1e100
#: Points from which a curve is drawn.
SAMPLES = 161

Function = Callable[[float], float]


class Point(NamedTuple):
    """Where the run stands at one step; None for what the student's functions did not give."""

    w: float
    loss: float | None
    slope: float | None


class Ending(NamedTuple):
    """Why a run does not go on by itself, and the words for it.

    Kinds: settled, limit, diverged, nan; failed and unwritten for a function that gave no number.
    """

    kind: str
    title: str
    sentence: str
    line: str = ""


@dataclass
class Run:
    """A run so far. ``points[k]`` belongs to step k; a loss above ``too_high`` has diverged."""

    loss: Function
    gradient: Function
    points: list[Point] = field(default_factory=list)
    too_high: float = HUGE
    ending: Ending | None = None

    @property
    def steps(self) -> int:
        return len(self.points) - 1

    @property
    def can_step(self) -> bool:
        return self.ending is None or self.ending.kind == "settled"

    @property
    def awaits_function(self) -> bool:
        return self.ending is not None and self.ending.kind in ("failed", "unwritten")


# --- walking --------------------------------------------------------------------------------


def begin(loss: Function, gradient: Function, start: float) -> Run:
    """A run that stands at ``start``, before its first step."""
    run = Run(loss, gradient)
    _arrive(run, start)
    return run


def next_w(run: Run, learning_rate: float) -> float | None:
    """Where the next step leads: w − η · slope. None when there is no next step."""
    w, _, slope = run.points[-1]
    return w - learning_rate * slope if run.can_step else None


def take_step(run: Run, learning_rate: float, max_iteration: int, epsilon: float) -> None:
    """One step down the slope, if the run can make one."""
    if not run.can_step:
        return
    run.ending = None
    old = run.points[-1].w
    _arrive(run, next_w(run, learning_rate))
    moved = abs(run.points[-1].w - old)
    if run.ending is None and run.steps >= max_iteration:
        sentence = f"{run.steps} steps are made, and max_iteration allows no more."
        run.ending = Ending("limit", "Stopped", f"{sentence} Reset goes back to the start.")
    elif run.ending is None and moved < epsilon:
        sentence = f"Step {run.steps} moved w by less than ε = {in_digits(epsilon)}."
        run.ending = Ending("settled", "Stopped", sentence)


def _arrive(run: Run, w: float) -> None:
    loss = slope = None
    try:
        loss = run.loss(w)
        slope = run.gradient(w)
    except FunctionFailed as failure:
        run.ending = Ending(failure.kind, failure.title, failure.sentence, failure.line)
    run.points.append(Point(w, loss, slope))
    if run.ending is None:
        run.ending = _lost(run)


def _lost(run: Run) -> Ending | None:
    w, loss, slope = run.points[-1]
    for name, value in (("loss", loss), ("gradient", slope)):
        if math.isnan(value):
            sentence = (
                f"At step {run.steps}, {name}({in_digits(w)}) is nan, so there is no next step. "
                "Try another start or a smaller learning rate, then Reset."
            )
            return Ending("nan", "Not a number", sentence)
    too_high = loss > run.too_high or not math.isfinite(loss)
    if not too_high and math.isfinite(slope):
        return None
    what = f"The loss is {in_digits(loss)}" if too_high else f"The slope is {in_digits(slope)}"
    return Ending("diverged", "Diverged", f"{what} at step {run.steps}. {_why(run)}")


def _why(run: Run) -> str:
    """What was seen on the way, and one thing to try."""
    if run.steps == 0:
        return "Try another start."
    if run.steps == 1:
        return "One step jumped that far. Make the learning rate smaller, then Reset."
    (w_0, _, _), (w_1, before, _), (w_2, after, _) = run.points[-3:]
    if (w_1 - w_0) * (w_2 - w_1) < 0:
        return (
            "The steps jump from side to side and land higher and higher: the learning rate is too "
            "large. Make it smaller, then Reset."
        )
    if after > before:
        return (
            "Step after step went uphill. Compare the tangent with the curve, "
            "look at the sign of the gradient, then Reset."
        )
    return "Try a smaller learning rate or another start, then Reset."


def changed(run: Run, curve: dict) -> bool:
    """True if the functions answer otherwise than they did when the run and curve were made."""
    for point in (run.points[0], run.points[-1]):
        again = begin(run.loss, run.gradient, point.w)
        if repr(again.points[0]) != repr(point):  # repr: nan is not equal to itself
            return True
    if run.awaits_function and again.ending != run.ending:
        return True
    known = list(zip(curve["w"], curve["loss"], strict=True))[:: SAMPLES // 4]
    return any(_finite_or_none(run.loss, w) != loss for w, loss in known)


# --- what is seen ---------------------------------------------------------------------------


def sample(loss: Function, low: float, high: float, n: int = SAMPLES) -> dict[str, list]:
    """The curve from low to high: {"w": n numbers, "loss": n numbers or None where it has none}."""
    w = [low + (high - low) * i / (n - 1) for i in range(n)]
    return {"w": w, "loss": [_finite_or_none(loss, x) for x in w]}


def _finite_or_none(loss: Function, w: float) -> float | None:
    try:
        value = loss(w)
    except FunctionFailed:  # a curve may have gaps; only where the run stands is it an error
        return None
    return value if abs(value) < HUGE else None


def first_span(loss: Function, start: float) -> tuple[float, float]:
    """A range of w around the lowest point near the start, with the start well inside."""
    reach = max(4.0, 2 * abs(start))
    curve = sample(loss, start - reach, start + reach)
    known = [(value, w) for w, value in zip(*curve.values(), strict=True) if value is not None]
    lowest = min(known, default=(0.0, start))[1]
    half = 1.4 * max(abs(lowest - start), 1.0)
    return lowest - half, lowest + half


def widened(span: tuple[float, float], w: float) -> tuple[float, float]:
    """The span, doubled about its middle as often as it takes to hold w."""
    low, high = span
    while not low <= w <= high:
        low, high = low - (high - low) / 2, high + (high - low) / 2
    return low, high


def loss_span(curve: list[float | None], visited: list[float]) -> tuple[float, float]:
    """The range of losses to show: all of the run, and as much of the curve as keeps it in sight.

    A curve that shoots up at its ends is cut off, or everything else would look flat.
    """
    known = sorted([value for value in curve if value is not None] + visited)
    if not known:
        return 0.0, 1.0
    low, high, middle = known[0], known[-1], known[len(known) // 2]
    of_run = max(visited, default=low) - low
    height = min(high - low, max(2.5 * of_run, 4 * (middle - low))) or 1.0
    return low - 0.06 * height, low + 1.04 * height


def seen(run: Run) -> list[Point]:
    """The points that have a place on the curve: all but one that is lost or has no loss."""
    points = run.points[:-1] if run.ending and run.ending.kind == "diverged" else run.points
    return [p for p in points if p.loss is not None and math.isfinite(p.loss)]


def cross(run: Run, span: list[float], loss_span: list[float]) -> list[float] | None:
    """Where to mark that the run broke off: the last point, or the edge behind which it lies."""
    broken = run.ending and run.ending.kind in ("diverged", "nan", "failed")
    if not broken or (run.steps == 0 and run.points[-1].loss is None):
        return None
    w, loss, _ = run.points[-1]
    _, height, _ = run.points[max(0, run.steps - 1)]
    if loss is None or math.isnan(loss):
        loss = height
    return [clipped(w, span), clipped(loss, loss_span)]


def clipped(x: float, span: list[float]) -> float:
    """x, or the end of the span that is nearer to it."""
    return min(max(x, span[0]), span[1])


def draw_curve(run: Run, span: tuple[float, float], drawn: dict | None = None) -> dict:
    """The curve as plain data, over the span widened so that the run is in it.

    ``drawn`` is the last one; its samples are used again if the span is the same.
    """
    for point in seen(run):
        span = widened(span, point.w)
    same = drawn and drawn["span"] == list(span)
    curve = drawn if same else sample(run.loss, *span)
    heights = loss_span(curve["loss"], [point.loss for point in seen(run)])
    return {**curve, "span": list(span), "loss_span": list(heights)}


def draw_frame(run: Run, curve: dict, learning_rate: float) -> dict:
    """All of one picture but its curve, as plain data: None stands for what there is not."""
    points, ahead = seen(run), next_w(run, learning_rate)
    slope = points[-1].slope if points else None
    span, heights = curve["span"], curve["loss_span"]
    ending = run.ending or Ending("", "", "")
    return {
        "step": run.steps,
        "learning_rate": learning_rate,
        "w": [point.w for point in points],
        "loss": [point.loss for point in points],
        "slope": slope if _is_finite(slope) else None,
        "next": [ahead, _finite_or_none(run.loss, ahead)] if _is_finite(ahead) else None,
        "cross": cross(run, span, heights),
        "update": update(run, learning_rate),
        "can_step": run.can_step or run.awaits_function,
        "going": run.ending is None,
        **ending._asdict(),
        "news": news(run, learning_rate),
        "curve_in_words": curve_in_words(run, curve, learning_rate),
        "losses_in_words": losses_in_words(run),
    }


def _is_finite(x: float | None) -> bool:
    return x is not None and math.isfinite(x)


# --- words ----------------------------------------------------------------------------------


def standing(run: Run) -> str:
    """Where the run stands: "Step 3: w = 1.2, loss 4.1, slope −2.3."."""
    w, loss, slope = run.points[-1]
    known = [f"w = {in_digits(w)}"]
    known += [f"loss {in_digits(loss)}"] if loss is not None else []
    known += [f"slope {in_digits(slope)}"] if slope is not None else []
    return f"Step {run.steps}: {', '.join(known)}."


def news(run: Run, learning_rate: float) -> str:
    """Where the run stands and what comes next, for those who hear it."""
    return f"{standing(run)} {outlook(run, learning_rate)}"


def outlook(run: Run, learning_rate: float) -> str:
    """What comes next: why it ended, or which way the slope sends w."""
    if run.ending:
        return f"{run.ending.title}. {run.ending.sentence}"
    slope, ahead = run.points[-1].slope, next_w(run, learning_rate)
    if slope == 0:
        return "The slope is 0, so w stays where it is."
    sign, verb = ("negative", "increases") if slope < 0 else ("positive", "decreases")
    size = in_digits(learning_rate * abs(slope))
    return f"The slope is {sign}, so the next step {verb} w by {size}, to {in_digits(ahead)}."


def update(run: Run, learning_rate: float) -> str:
    """The update rule with its numbers, or "" where there is no next step."""
    ahead = next_w(run, learning_rate)
    if ahead is None:
        return ""
    w, _, slope = run.points[-1]
    slope = f"({in_digits(slope)})" if slope < 0 else in_digits(slope)
    return f"{in_digits(w)} − {in_digits(learning_rate)} · {slope} = {in_digits(ahead)}"


def curve_in_words(run: Run, curve: dict, learning_rate: float) -> str:
    """What the left panel shows now."""
    low, high = (in_digits(end) for end in curve["span"])
    what = f"Loss curve L(w) for w from {low} to {high}."
    if not any(value is not None for value in curve["loss"]):
        what = "No loss curve: the function gives no numbers."
    return f"{what} {news(run, learning_rate)}"


def losses_in_words(run: Run) -> str:
    """What the right panel shows now."""
    points = seen(run)
    if not points:
        return "Loss against step: nothing yet."
    ends = f"{in_digits(points[0].loss)} at step 0"
    if len(points) > 1:
        ends += f", {in_digits(points[-1].loss)} at step {len(points) - 1}"
    lost = ", then out of the picture" if run.ending and run.ending.kind == "diverged" else ""
    return f"Loss against step: {ends}{lost}."
