"""The live picture of gradient descent on one weight, driven by the student's own functions."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from traitlets import Dict, Float, TraitError, Tuple, validate

from course.classroom.widgets.descent_frame import changed, draw_curve, draw_frame, first_span
from course.classroom.widgets.descent_run import LOST, begin, take_step
from course.classroom.widgets.descent_still import still
from course.classroom.widgets.parts import LivePicture, script
from course.classroom.widgets.student import follow_all, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: The slider reaches from the first to the second learning rate.
LEARNING_RATES = (0.0001, 10.0)
#: What the two numbers may be.
RANGES = {"learning_rate": (1e-12, 1e12), "start": (-1e9, 1e9)}
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

    Whatever the two functions do is shown in the picture. Where the notebook defines one of them
    anew, or changes what it uses, the picture begins again with that: two pictures of two losses
    need two names. Raises TypeError where one is no function, ValueError for ``between`` that is
    no range, TraitError for a learning rate that is not above 0 (1e-12 to 1e12) or a start
    beyond ±1e9.
    """
    functions = follow_all({"loss": loss, "gradient": gradient}, "w")
    if between is not None and not between[0] < between[1]:
        raise ValueError(f"between is {between}; give the lower end first")
    return Descent(functions, start, learning_rate, between, max_iteration, epsilon)


class Descent(LivePicture):
    """The widget that ``descent`` returns. ``step()`` and ``reset()`` do what its buttons do."""

    _esm = script("descent.js")

    learning_rate = Float().tag(sync=True)
    start = Float().tag(sync=True)
    learning_rates = Tuple().tag(sync=True)  # where the slider ends
    curve = Dict().tag(sync=True)  # "w", "loss": the curve; "span", "loss_span": what to show
    frame = Dict().tag(sync=True)  # all the rest of one picture

    def __init__(self, functions, start, learning_rate, between, max_iteration, epsilon):
        self._newest = functions
        self._between = between and tuple(map(float, between))
        self._rule = {"max_iteration": max_iteration, "epsilon": epsilon}
        low, high = LEARNING_RATES
        super().__init__(
            start=float(start),
            learning_rate=float(learning_rate),
            learning_rates=(min(low, learning_rate), max(high, learning_rate)),
        )
        self.reset()
        self.observe(lambda _: self.reset(), "start")
        self.observe(lambda _: self._show(self.curve), "learning_rate")

    @validate("learning_rate", "start")
    def _in_range(self, proposal) -> float:
        name, (low, high) = proposal.trait.name, RANGES[proposal.trait.name]
        if not low <= proposal.value <= high:
            raise TraitError(f"{name} is {proposal.value}; it has to lie in {low:g} … {high:g}")
        return proposal.value

    def reset(self) -> None:
        """Back to the start, with the functions as the notebook defines them now."""
        with self.at_work():
            self._run = begin(self._function("loss"), self._function("gradient"), self.start)
            curve = draw_curve(self._run, self._between or first_span(self._run.loss, self.start))
            low, high = curve["loss_span"]
            self._run.too_high = low + LOST * (high - low)
            self._show(curve)

    def step(self) -> None:
        """One step; where a function has failed, begin again instead: it may be mended."""
        with self.at_work():
            if self._run.awaits_function:
                return self.reset()
            take_step(self._run, self.learning_rate, **self._rule)
            self._show(draw_curve(self._run, self.curve["span"], self.curve))

    def receive(self, content: dict) -> None:
        """A button was pressed."""
        {"step": self.step, "reset": self.reset}[content["do"]]()

    def after_cell(self) -> None:
        """Begin again if the functions, or what they use, have changed."""
        if changed(self._run, self.curve):
            self.reset()

    def still(self) -> tuple["Figure", str]:
        """The run as it stands; before its first step, the first steps that Play would make."""
        run = replace(self._run, points=list(self._run.points))
        if run.steps == 0:
            while run.ending is None and run.steps < STILL_STEPS:
                take_step(run, self.learning_rate, **self._rule)
        curve = draw_curve(run, self.curve["span"], self.curve)
        frame = draw_frame(run, curve, self.learning_rate)
        return still(curve, frame), f"{frame['curve_in_words']} {frame['losses_in_words']}"

    def _function(self, role: str) -> Callable[[float], float]:
        return lambda w: number(self._newest[role](), role, w)

    def _show(self, curve: dict) -> None:
        with self.at_work(), self.hold_sync():
            self.curve = curve
            self.frame = draw_frame(self._run, curve, self.learning_rate)
