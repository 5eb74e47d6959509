"""One run of gradient descent on a loss of one weight, as plain data."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from course.classroom.style import in_digits
from course.classroom.widgets.student import FunctionFailed

#: A loss so many times higher than the picture at the start counts as diverged.
LOST = 1000
#: Beyond this a number is as good as infinite: sums and squares of it overflow.
HUGE = 1e100

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
    for name, value, low, high in (
        ("w", w, -HUGE, HUGE),
        ("the loss", loss, -HUGE, run.too_high),
        ("the slope", slope, -HUGE, HUGE),
    ):
        if math.isnan(value):
            what = f"At step {run.steps}, where w = {in_digits(w)}, {name} is nan."
            advice = "Try another start or a smaller learning rate, then Reset."
            return Ending("nan", "Not a number", f"{what} {advice}")
        if not low < value < high:
            what = f"At step {run.steps}, {name} is {in_digits(value)}."
            return Ending("diverged", "Diverged", f"{what} {_why(run)}")
    return None


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
