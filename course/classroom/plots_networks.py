"""Network diagrams: units, weights, activations and deltas, forward and backward side by side."""

from collections.abc import Sequence
from itertools import product

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import ArrayLike, NDArray

from course.classroom.picture import (
    WIDTH,
    NotYet,
    Picture,
    Sentence,
    panels,
    picture,
)
from course.classroom.plain import as_numbers
from course.classroom.style import BLUE, GREY, ORANGE

#: Inches, in which the diagram is laid out.
RADIUS, MARGIN = 0.25, 0.24
#: Units in one layer, at most.
MOST_UNITS = 12
#: A positive number is blue on a full line, a negative one orange on a dashed line.
LOOKS = {True: (BLUE, "-", "#dfe9f6"), False: (ORANGE, (0, (4, 2)), "#fbe7d6")}
FAINT = "#c8ced6"

Layers = Sequence[ArrayLike | None]


@picture
def network_diagram(
    W: Layers, A: Layers, delta: Layers | None = None, names: Sequence[str] | None = None
) -> Picture | Sentence:
    """A network at work on one example: forward with its activations, backward with its deltas.

    Lists by layer as in the lectures: W[l] (n_l, n_(l−1)), A[l] and delta[l] (n_l,) or (n_l, 1);
    W[0] and delta[0] are None. Without ``delta``, the forward half alone. ``names``: a title for
    each layer. A Sentence stands in place of the picture where shapes do not fit together.
    """
    return draw_network(W, A, delta, names)


def draw_network(
    W: Layers, A: Layers, delta: Layers | None = None, names: Sequence[str] | None = None
) -> tuple[Figure, str]:
    """Figure and alternative text of ``network_diagram``, for use in another ``@picture``.

    Raises NotYet where shapes do not fit together.
    """
    if len(W) < 2 or len(A) != len(W):
        raise NotYet("A network diagram needs W and A for the same layers, at least 0 and 1.")
    A = [column(A[layer], f"A[{layer}]", None) for layer in range(len(A))]
    n = [len(a) for a in A]
    W = [None, *(matrix(W[layer], layer, n) for layer in range(1, len(W)))]
    halves = [("forward: activations a", A, "→")]
    if delta is not None:
        if len(delta) != len(W):
            raise NotYet(f"The list delta has {len(delta)} entries, one per layer are {len(W)}.")
        deltas = [column(delta[k], f"delta[{k}]", n[k]) for k in range(1, len(W))]
        halves.append(("backward: δ = ∂L/∂z", [None, *deltas], "←"))
    if max(n) > MOST_UNITS:
        raise NotYet(f"This network is too wide to draw: {max(n)} units in one layer.")

    beside = len(halves) == 2 and len(n) <= 3
    size = (WIDTH / 2 if beside else WIDTH) - 0.2, row(n) * max(n) + MARGIN
    figure, axes = panels(
        *((1, len(halves)) if beside else (len(halves), 1)),
        (size[1] + 0.4) * (1 if beside else len(halves)),
    )
    for one, (title, values, arrow) in zip(axes, halves, strict=True):
        draw_half(one, W, places(n, size), values, size, arrow)
        one.set_title(f"{arrow} {title}" if arrow == "→" else f"{title} {arrow}")
        titles(one, n, size, names or [f"layer {layer}" for layer in range(len(n))])
    return figure, words(n, A, halves[1][1] if delta is not None else None)


def column(values: ArrayLike | None, name: str, length: int | None) -> NDArray:
    """The values of one layer for one example as (n,); NotYet if they are anything else."""
    numbers = as_numbers(values)
    if numbers is not None and numbers.ndim == 2 and numbers.shape[1] == 1:
        numbers = numbers[:, 0]
    if numbers is None or numbers.ndim != 1 or not numbers.size:
        shape = "" if numbers is None else f", not of shape {numbers.shape}"
        raise NotYet(f"The network diagram shows one example: `{name}` is one column{shape}.")
    if length is not None and len(numbers) != length:
        raise NotYet(f"`{name}` has {len(numbers)} entries for {length} units.")
    if not np.isfinite(numbers).all():
        raise NotYet(f"No network diagram: `{name}` holds nan or infinity.")
    return numbers


def matrix(weights: ArrayLike | None, layer: int, n: list[int]) -> NDArray:
    """The weights of one layer; NotYet if they do not join its units with those before."""
    numbers, shape = as_numbers(weights), (n[layer], n[layer - 1])
    if numbers is None or numbers.shape != shape or not np.isfinite(numbers).all():
        raise NotYet(f"`W[{layer}]` does not hold finite numbers of shape {shape}.")
    return numbers


# --- drawing --------------------------------------------------------------------------------


def row(n: list[int]) -> float:
    """Inches from one unit to the next."""
    return 0.86 if max(n) <= 5 else 0.62


def places(n: list[int], size: tuple[float, float]) -> list[NDArray]:
    """Where the units of each layer stand, (n_l, 2) in inches."""
    across = np.linspace(0.62, size[0] - 0.62, len(n))
    middle = (size[1] - MARGIN) / 2
    return [
        np.column_stack([np.full(count, x), middle + row(n) * ((count - 1) / 2 - np.arange(count))])
        for x, count in zip(across, n, strict=True)
    ]


def draw_half(
    axes: Axes,
    W: Layers,
    units: list[NDArray],
    values: Layers,
    size: tuple[float, float],
    arrow: str,
) -> None:
    """Units with their values, joined by edges with their weights. What has no values is faint."""
    bare(axes, size)
    for layer in range(1, len(units)):
        if values[layer - 1] is None:
            for a, b in product(units[layer - 1], units[layer]):
                axes.plot(*np.transpose([a, b]), color=FAINT, linewidth=0.7, zorder=1)
        else:
            draw_edges(axes, W[layer], units[layer - 1], units[layer], arrow)
    for spots, here in zip(units, values, strict=True):
        for unit, (x, y) in enumerate(spots):
            if here is None:
                axes.add_patch(Circle((x, y), 0.1, facecolor="white", edgecolor=FAINT, zorder=3))
            else:
                draw_unit(axes, x, y, float(here[unit]))


def draw_unit(axes: Axes, x: float, y: float, value: float) -> None:
    """One unit with its value."""
    colour, _, fill = LOOKS[value >= 0]
    style = {"facecolor": fill if value else "white", "edgecolor": colour, "linewidth": 1.5}
    axes.add_patch(Circle((x, y), RADIUS, zorder=3, **style))
    axes.text(x, y, short(value), ha="center", va="center", fontsize=8.5, zorder=4)


def bare(axes: Axes, size: tuple[float, float]) -> None:
    """Axes without axes: a sheet of paper, in inches."""
    axes.set(xlim=(0, size[0]), ylim=(0, size[1]), aspect="equal")
    axes.xaxis.set_visible(False)
    axes.yaxis.set_visible(False)
    axes.spines[:].set_visible(False)
    axes.grid(visible=False)


def titles(axes: Axes, n: list[int], size: tuple[float, float], names: Sequence[str]) -> None:
    """The name of each layer, above its units."""
    for spots, name in zip(places(n, size), names, strict=False):
        axes.text(spots[0, 0], size[1] - 0.1, name, ha="center", color=GREY, fontsize=9)


def draw_edges(axes: Axes, weights: NDArray, start: NDArray, end: NDArray, arrow: str) -> None:
    """The edges between two layers: sign as colour and dashes, size as width, number if few."""
    largest = np.max(np.abs(weights)) or 1.0
    for (j, i), w in np.ndenumerate(weights):
        colour, dashes, _ = LOOKS[bool(w >= 0)]
        along = (end[j] - start[i]) / np.linalg.norm(end[j] - start[i])
        tail, head = start[i] + RADIUS * along, end[j] - RADIUS * along
        if arrow == "←":
            tail, head = head, tail
        style = {
            "arrowstyle": "-|>,head_width=0.16,head_length=0.32",
            "color": colour,
            "linewidth": 0.6 + 2.0 * abs(w) / largest,
            "linestyle": dashes,
            "shrinkA": 0,
            "shrinkB": 0,
        }
        axes.annotate("", head, tail, arrowprops=style, zorder=1)
    if weights.size <= 6 * (end[0, 0] - start[0, 0]):  # as many numbers as can be told apart
        spots = label_places(start, end)
        for index, w in np.ndenumerate(weights):
            axes.text(
                *spots[index],
                short(float(w)),
                color=LOOKS[bool(w >= 0)][0],
                fontsize=8,
                ha="center",
                va="center",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
                zorder=2,
            )


def label_places(start: NDArray, end: NDArray) -> dict[tuple[int, int], NDArray]:
    """For each edge (j, i), the place on it that is furthest from units, other edges and other
    numbers."""
    box = np.array([0.38, 0.17])  # inches that a number takes
    ends = {(j, i): (start[i], end[j]) for j, i in product(range(len(end)), range(len(start)))}
    placed: dict[tuple[int, int], NDArray] = {}
    for edge, (a, b) in ends.items():
        others = [ends[other] for other in ends if other != edge]

        def room(share: float, a=a, b=b, others=others) -> float:
            spot = a + share * (b - a)
            numbers = [1.5 * np.max(np.abs(spot - other) / box) for other in placed.values()]
            units = [
                np.max(np.abs(spot - unit) / (RADIUS + box / 2)) - 0.4 for unit in (*start, *end)
            ]
            edges = [abs((c + share * (d - c) - spot)[1]) / box[1] for c, d in others]
            return min([*numbers, *units, *edges])

        placed[edge] = a + max(np.linspace(0.2, 0.8, 31), key=room) * (b - a)
    return placed


def short(value: float) -> str:
    """A number in at most six characters, with a true minus sign."""
    size = abs(value)
    if size == 0 or 0.00095 <= size < 99.5:
        text = f"{value:.{3 if 0 < size < 0.0995 else 2}f}"
    else:
        text = f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e")
    return text.replace("-", "−")


def words(n: list[int], A: Layers, delta: Layers | None) -> str:
    """What a network diagram shows."""
    sizes = " → ".join(map(str, n))
    text = f"A network {sizes} at work on one example. Outputs: {listed(A[-1])}."
    if delta is not None:
        largest = [
            f"{short(float(np.max(np.abs(d))))} in layer {k}" for k, d in enumerate(delta) if k
        ]
        text += (
            f" Backward, the deltas of the outputs are {listed(delta[-1])}; the largest delta in "
            f"size is {', '.join(largest)}."
        )
    return text


def listed(values: NDArray) -> str:
    """The first numbers of a layer."""
    shown = ", ".join(short(float(v)) for v in values[:4])
    return shown if len(values) <= 4 else f"{shown}, …"
