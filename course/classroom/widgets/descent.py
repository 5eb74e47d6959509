"""The live picture of gradient descent on one weight, driven by the student's own functions."""

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from traitlets import Dict, Float, Tuple, TraitError, validate

from course.classroom.widgets.descent_run import (
    LOST,
    Run,
    begin,
    first_span,
    loss_span,
    next_w,
    outlook,
    sample,
    standing,
    take_step,
    widened,
)
from course.classroom.widgets.descent_still import still
from course.classroom.widgets.parts import LivePicture, call_for_number, follow, script

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: The slider reaches from the first to the second learning rate.
LEARNING_RATES = (0.0001, 10.0)
#: Steps that the still picture shows of a run that has not been started.
STILL_STEPS = 20


def descent(
    loss: Callable[[float], float],
    gradient: Callable[[float], float],
    *,
    start: float = 0.0,
    learning_rate: float = 0.1,
    between: tuple[float, float] | None = None,
    max_iteration: int = 500,
    epsilon: float = 1e-6,
) -> "Descent":
    """The live picture of w ← w − η · gradient(w), starting at ``start``.

    ``loss(w)`` and ``gradient(w)`` take one number and return one. ``between`` is the range of w
    to draw; without it, one around the lowest point near the start. The run ends after
    ``max_iteration`` steps, or with a step shorter than ``epsilon`` (NSYSU's stopping rule).

    Whatever the two functions do is shown in the picture. Raises TypeError where one of them is
    no function, ValueError where a number makes no sense.
    """
    for name, function in (("loss", loss), ("gradient", gradient)):
        if not callable(function):
            kind = type(function).__name__
            raise TypeError(f"{name} is a {kind}; pass the function itself: {name}, not {name}(w)")
    if not math.isfinite(start):
        raise ValueError(f"start is {start}; the run has to start at a number")
    if not (math.isfinite(learning_rate) and learning_rate > 0):
        raise ValueError(f"learning_rate is {learning_rate}; it has to be above 0")
    if between is not None and not between[0] < between[1]:
        raise ValueError(f"between is {between}; give the lower end first")
    return Descent(loss, gradient, start, learning_rate, between, max_iteration, epsilon)


class Descent(LivePicture):
    """The widget that ``descent`` returns. ``step()`` and ``reset()`` do what its buttons do."""

    _esm = script("descent.js")

    learning_rate = Float().tag(sync=True)
    start = Float().tag(sync=True)
    learning_rates = Tuple().tag(sync=True)  # where the slider ends
    curve = Dict().tag(sync=True)  # "w", "loss": the curve; "span", "loss_span": what to show
    frame = Dict().tag(sync=True)  # all the rest of one picture

    def __init__(self, loss, gradient, start, learning_rate, between, max_iteration, epsilon):
        self._newest = {"loss": follow(loss), "gradient": follow(gradient)}
        self._between = between
        self._rule = {"max_iteration": max_iteration, "epsilon": epsilon}
        low, high = LEARNING_RATES
        super().__init__(
            start=float(start),
            learning_rate=float(learning_rate),
            learning_rates=(min(low, learning_rate), max(high, learning_rate)),
        )
        self.reset()
        self.observe(lambda _: self.reset(), "start")
        self.observe(lambda _: self._show(), "learning_rate")

    @validate("learning_rate")
    def _above_zero(self, proposal) -> float:
        if not (math.isfinite(proposal.value) and proposal.value > 0):
            raise TraitError(f"learning_rate is {proposal.value}; it has to be above 0")
        return proposal.value

    def reset(self) -> None:
        """Back to the start, with the functions as the notebook defines them now."""
        with self.lock:
            self._run = begin(self._call("loss"), self._call("gradient"), self.start)
            self._span = self._between or first_span(self._run.loss, self.start)
            self._span = widened(self._span, self.start)
            curve = self._draw_curve()
            low, high = curve["loss_span"]
            self._run.too_high = low + LOST * (high - low)
            self._show(curve)

    def step(self) -> None:
        """One step; where a function has failed, begin again instead, should it be mended."""
        with self.lock:
            if self._run.ending and self._run.ending.kind == "failed":
                return self.reset()
            take_step(self._run, self.learning_rate, **self._rule)
            self._show(self._draw_curve())

    def receive(self, content: dict) -> None:
        """A button was pressed."""
        {"step": self.step, "reset": self.reset}[content["do"]]()

    def after_cell(self) -> None:
        """Begin again if the functions, or what they use, have changed."""
        again = begin(self._call("loss"), self._call("gradient"), self.start)
        if repr((again.points[0], again.ending)) != repr((self._run.points[0], self._first_ending)):
            self.reset()
