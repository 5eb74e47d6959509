"""The picture of gradient descent where there is no kernel, drawn by Matplotlib."""

import math
import textwrap
from typing import TYPE_CHECKING

from course.classroom.style import BLUE, ORANGE, in_digits

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def still(curve: dict, frame: dict) -> "Figure":
    """The same two panels as the live picture, from the same data."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.2, 4.0), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1.6, 1), sharey=True)
    _draw_curve(left, curve, frame)
    _draw_losses(right, frame)
    left.set(xlim=curve["span"], ylim=curve["loss_span"])
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
    figure.legend(loc="outside lower center", ncols=5, frameon=False, fontsize=9)
    figure.suptitle(_heading(frame), fontsize=10)
    return figure


def _heading(frame: dict) -> str:
    text = f"Step {frame['step']}, learning rate {in_digits(frame['learning_rate'])}."
    if frame["title"]:
        text += f" {frame['title']}. {frame['sentence']} {frame['line']}"
    return "\n".join(textwrap.wrap(text, 105))


def _draw_curve(axes: "Axes", curve: dict, frame: dict) -> None:
    losses = [math.nan if loss is None else loss for loss in curve["loss"]]
    axes.plot(curve["w"], losses, color=BLUE, linewidth=2)
    axes.plot(frame["w"], frame["loss"], ".-", color=BLUE, linewidth=0.7, label="the way so far")
    axes.set(title="Loss curve", xlabel="w", ylabel="loss L(w)")
    here = [frame["w"][-1], frame["loss"][-1]] if frame["w"] else None
    if frame["slope"] is not None:
        label = f"tangent, slope {in_digits(frame['slope'])}"
        style = {"color": ORANGE, "linestyle": "--", "linewidth": 1.5, "label": label}
        axes.axline(here, slope=frame["slope"], **style)
    if frame["next"]:
        _draw_next(axes, here, *frame["next"])
    label = f"now w = {in_digits(here[0])}" if here else None
    _draw_end(axes, here, frame["cross"], label)


def _draw_next(axes: "Axes", here: list[float], w: float, loss: float | None) -> None:
    axes.plot([here[0], w], [here[1]] * 2, color=ORANGE, linewidth=2.5)
    if loss is not None:
        axes.plot([w, w], [here[1], loss], ":", color=ORANGE)
        style = {"markerfacecolor": "white", "markersize": 8, "markeredgewidth": 2}
        axes.plot(w, loss, "o", color=ORANGE, label=f"next w = {in_digits(w)}", **style)


def _draw_losses(axes: "Axes", frame: dict) -> None:
    last = len(frame["loss"]) - 1
    axes.plot(range(last + 1), frame["loss"], ".-", color=BLUE, linewidth=1.2)
    axes.set(title="Loss against step", xlabel="step", xlim=(-0.5, max(10, frame["step"]) + 0.5))
    axes.xaxis.get_major_locator().set_params(integer=True)
    here = [last, frame["loss"][-1]] if frame["loss"] else None
    cross = [frame["step"], frame["cross"][1]] if frame["cross"] else None
    _draw_end(axes, here, cross)


def _draw_end(axes: "Axes", here: list | None, cross: list | None, label: str | None = None):
    """Where the run stands: a point, or a cross where it broke off or left the picture."""
    if not cross:
        axes.plot(*(here or ([], [])), "o", color=ORANGE, markersize=8, label=label)
        return
    if here:
        axes.plot(*zip(here, cross, strict=True), ":", color=ORANGE)
    style = {"markersize": 11, "markeredgecolor": "black", "clip_on": False}
    axes.plot(*cross, "X", color=ORANGE, **style)
