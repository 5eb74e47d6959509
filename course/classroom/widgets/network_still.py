"""The picture of a network where there is no kernel, drawn by Matplotlib."""

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from course.classroom.style import BLUE, GREY, ORANGE, OUTLINE, TARGETS, in_digits

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def still(frame: dict, shading: bytes) -> "Figure":
    """Forward and backward network, plane and losses, from the data of the live picture."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.2, 6.2), layout="constrained")
    (forward, plane), (backward, losses) = figure.subplots(2, 2, width_ratios=(1.5, 1))
    _draw_network(forward, frame, frame["a"], "Forward: activations →")
    _draw_network(backward, frame, frame["delta"], "← Backward: δ = ∂L/∂z")
    _draw_plane(plane, frame, shading)
    losses.plot(*(zip(*frame["losses"], strict=True) if frame["losses"] else ([], [])), color=BLUE)
    losses.set(title="Loss against update", xlabel="update")
    heading = frame["words"]["news"] + (f" {frame['line']}" if frame["line"] else "")
    figure.suptitle("\n".join(textwrap.wrap(heading, 105)), fontsize=10)
    return figure


def _draw_network(axes: "Axes", frame: dict, values: list | None, title: str) -> None:
    sizes = frame["sizes"]
    places = [[(k, (n - 1) / 2 - j) for j in range(n)] for k, n in enumerate(sizes)]
    for k, W in enumerate(frame["W"]):
        for j, row in enumerate(W):
            for i, w in enumerate(row):
                style = "-" if (w or 0) >= 0 else "--"
                colour, width = (BLUE, ORANGE)[style == "--"], 0.5 + min(abs(w or 0), 6) * 0.7
                ends = zip(places[k][i], places[k + 1][j], strict=True)
                axes.plot(*ends, style, color=colour, linewidth=width, zorder=1)
    for k, layer in enumerate(places):
        for j, place in enumerate(layer):
            known = values[k] if values and values[k] else None
            text = "" if known is None else "nan" if known[j] is None else in_digits(known[j])
            axes.plot(*place, "o", markersize=34, color="white", markeredgecolor=GREY)
            axes.text(*place, text, ha="center", va="center", fontsize=8)
    axes.set(title=title, xlim=(-0.4, len(sizes) - 0.6), ylim=(-max(sizes) / 2, max(sizes) / 2))
    axes.axis("off")


def _draw_plane(axes: "Axes", frame: dict, shading: bytes) -> None:
    from course.classroom.picture import BLUE_TO_ORANGE

    low, high = frame["span"]
    if shading:
        side = round(len(shading) ** 0.5)
        image = np.frombuffer(shading, np.uint8).reshape(side, side) / 255
        extent = (low, high, low, high)
        axes.imshow(image, extent=extent, cmap=BLUE_TO_ORANGE, vmin=0, vmax=1)
    for target, (colour, marker) in TARGETS.items():
        points = [
            p for p, t in zip(zip(*frame["x"], strict=True), frame["t"], strict=True) if t == target
        ]
        axes.plot(*zip(*points, strict=True), marker, color=colour, **OUTLINE)
    axes.set(title="Answers in the plane", xlim=(low, high), ylim=(low, high), aspect="equal")
