"""One run of gradient descent on a loss of one weight, kept as data, and the words for it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from course.classroom.widgets.parts import FunctionFailed, in_digits

#: A loss so many times higher than the picture at the start counts as diverged.
LOST = 1000
#: Points from which a curve is drawn.
SAMPLES = 161

Function = Callable[[float], float]


class Point(NamedTuple):
    """Where the run stands at one step; None for what the student's functions did not give."""

    w: float
    loss: float | None
    slope: float | None


class Ending(NamedTuple):
    """Why a run does not go on by itself: settled, limit, diverged, nan or failed; and in words."""

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
    too_high: float = math.inf
    ending: Ending | None = None

    @property
    def steps(self) -> int:
        return len(self.points) - 1

    @property
    def can_step(self) -> bool:
        return self.ending is None or self.ending.kind == "settled"


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
        run.ending = Ending("failed", failure.title, failure.sentence, failure.line)
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
    what = f"the loss is {in_digits(loss)}" if too_high else f"the slope is {in_digits(slope)}"
    return Ending("diverged", "Diverged", f"At step {run.steps} {what}. {_why(run)}")


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
            "The steps went uphill. Compare the tangent with the curve, "
            "and look at the sign of the gradient."
        )
    return "Try a smaller learning rate or another start, then Reset."


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
    return value if math.isfinite(value) else None


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


# --- words ----------------------------------------------------------------------------------


def standing(run: Run) -> str:
    """Where the run stands: "Step 3: w = 1.2, loss 4.1, slope −2.3."."""
    w, loss, slope = run.points[-1]
    known = [f"w = {in_digits(w)}"]
    known += [f"loss {in_digits(loss)}"] if loss is not None else []
    known += [f"slope {in_digits(slope)}"] if slope is not None else []
    return f"Step {run.steps}: {', '.join(known)}."


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
