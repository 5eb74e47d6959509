"""A circuit, given as plain data, as a picture: inputs on the left, output on the right.

Above each edge stands the value that goes forward, below it the gradient that comes back over this
edge; under a node that feeds several edges, their sum.
"""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from statistics import fmean as mean

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath

#: Name, operation ("" for an input, which need not be listed), and the names of its inputs.
Node = tuple[Hashable, str, Sequence[Hashable]]
Numbers = Mapping[Hashable, float]

SYMBOLS = {"-": "−", "*": "×", "sigma": "σ"}
BLUE, ORANGE, GREY = "#1f5fae", "#b84e00", "#5f6b7a"
INK, BOX = "#1f2328", "#eceff3"
FONT = {"family": "DejaVu Sans", "math_fontfamily": "dejavusans"}
# Lengths are in points, y goes down. Nodes stand in every other column, and between them the
# labels of the edges, so that each label has a place of its own.
RADIUS, MARGIN = 13, 12


@dataclass(eq=False)
class Place:
    """A node, the label of an edge, or a point where a long edge passes a column."""

    column: int
    text: str = ""
    width: float = 0  # the room it needs, and how much of it is above and below y
    above: float = 6
    below: float = 6
    x: float = 0
    y: float = 0
    left: float = 0  # the borders of its column: between them, edges are level
    right: float = 0
    symbol: str = ""  # of an operation; "" for an input
    total: str = ""  # the gradient that several edges bring back together
    before: list["Place"] = field(default_factory=list)
    after: list["Place"] = field(default_factory=list)


@dataclass(eq=False)
class Edge:
    """From a place to one that uses it; ``stops`` are the places between, first the label's."""

    source: Place
    stops: list[Place]
    target: Place
    value: str
    gradient: str
    port: float  # how far from the target's middle the edge enters it


def draw_circuit(
    circuit: Sequence[Node],
    values: Numbers,
    gradients: Numbers,
    over_edges: Mapping[tuple[Hashable, int], float],
    texts: Mapping[Hashable, str] | None = None,
) -> Figure:
    """The picture of ``circuit``, a list of nodes in topological order; the last is the output.

    ``values`` and ``gradients`` are by name, and what is missing is left out. ``over_edges`` is
    what comes back from a node to its k-th input, by (node, k); where only one edge leaves a name,
    its gradient will do. ``texts``: what is written for a name that is not to be shown itself.
    """
    places, edges = lay_out(circuit, values, gradients, over_edges, texts or {})
    end = edges[-1].target
    legend = legend_lines(end.text, values, gradients, places)
    width = MARGIN + max(end.right, *(MARGIN + text_width(text, 9) for text, _ in legend), 0)
    bottom = max(place.y + place.below for e in edges for place in [e.source, *e.stops]) + 6
    height = bottom + 13 * len(legend) + MARGIN
    figure = Figure((width / 72, height / 72), dpi=144, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    for edge in edges:
        paint_edge(axes, edge)
    for place in places:
        paint_place(axes, place)
    write(axes, end.right, end.y, end.text, INK, 12, ha="right", va="center")
    for k, (text, colour) in enumerate(legend):
        write(axes, MARGIN, bottom + 13 * k, text, colour, 9, ha="left", va="top")
    return figure


def legend_lines(
    output: str, values: Numbers, gradients: Numbers, places: list[Place]
) -> list[tuple[str, str]]:
    """What the numbers mean: lines with their colours."""
    lines = [("above an edge: value (forward)", BLUE)] if values else []
    if gradients:
        lines.append((f"below an edge: gradient of {output} (backward)", ORANGE))
    if any(place.total for place in places):
        lines.append(("Σ under a node: sum over the edges that leave it", ORANGE))
    return lines


# --- where everything goes ------------------------------------------------------------------


def lay_out(
    circuit: Sequence[Node],
    values: Numbers,
    gradients: Numbers,
    over_edges: Mapping[tuple[Hashable, int], float],
    texts: Mapping[Hashable, str],
) -> tuple[list[Place], list[Edge]]:
    """A place for each name, and the edges between them; the last edge leaves the output."""
    output = circuit[-1][0]
    steps = {output: 0}  # how many edges to the output, on the longest way
    used = [node for node in reversed(circuit) if reaches(node, steps)][::-1]
    last = 2 * max(steps.values())
    symbols = {name: SYMBOLS.get(operation, operation) for name, operation, _ in used}
    places = {
        name: place_of(typeset(texts.get(name, name)), symbols.get(name, ""), last - 2 * distance)
        for name, distance in steps.items()
    }
    feeds = [source for _, _, sources in used for source in sources]
    for name, place in places.items():
        if feeds.count(name) > 1:  # room for the sum of the gradients
            place.total = f"Σ {number(gradients[name])}" if name in gradients else ""
            place.width = max(place.width, text_width(place.total, 10))
            place.below += 14
    edges = []
    for name, _, sources in used:
        for k, source in enumerate(sources):
            alone = gradients.get(source) if feeds.count(source) == 1 else None
            labels = number(values.get(source)), number(over_edges.get((name, k), alone))
            port = (2 * k - len(sources) + 1) * min(5, 10 / len(sources))
            edges.append(connect(places[source], places[name], *labels, port))
    end = Place(last + 2, typeset(texts.get(output, output)))
    end.width = text_width(end.text, 12) + 8
    labels = number(values.get(output)), number(gradients.get(output))
    edges.append(connect(places[output], end, *labels, 0))
    if symbols.get(output):
        places[output].text, places[output].above = "", RADIUS + 3  # its name stands at the end
    columns = in_columns(end)
    set_heights(columns)
    set_across(columns)
    return list(places.values()), edges


def reaches(node: Node, steps: dict[Hashable, int]) -> bool:
    """True if the node has a way to the output. Notes how long the longest ways through it are."""
    name, _, sources = node
    if name not in steps:
        return False
    for source in sources:
        steps[source] = max(steps.get(source, 0), steps[name] + 1)
    return True


def place_of(text: str, symbol: str, column: int) -> Place:
    """A circle for an operation, with its name above; a box with its name for an input."""
    if not symbol:
        return Place(column, text, box_width(text), RADIUS + 3, RADIUS + 3)
    room = max(2 * RADIUS, text_width(text, 11))
    return Place(column, text, room, RADIUS + (19 if text else 3), RADIUS + 3, symbol=symbol)


def connect(source: Place, target: Place, value: str, gradient: str, port: float) -> Edge:
    """The edge from ``source`` to ``target``, with places for its label and its bends."""
    stops = [Place(column) for column in range(source.column + 1, target.column)]
    stops[0].width = max(text_width(value, 10), text_width(gradient, 10)) + 4
    stops[0].above = stops[0].below = 16
    for left, right in pairwise([source, *stops, target]):
        left.after.append(right)
        right.before.append(left)
    return Edge(source, stops, target, value, gradient, port)


def in_columns(end: Place) -> list[list[Place]]:
    """The places column by column, each operation's first input above its second."""
    columns = [[] for _ in range(end.column + 1)]
    seen, to_visit = set(), [end]
    while to_visit:
        place = to_visit.pop()
        if place not in seen:
            seen.add(place)
            columns[place.column].append(place)
            to_visit.extend(reversed(place.before))
    return columns


def set_heights(columns: list[list[Place]]) -> None:
    """Bring each place as near to its neighbours' height as the others in its column let it."""
    for side in ["after", "before"] * 10:
        for column in columns if side == "before" else reversed(columns):
            level(column, [getattr(place, side) for place in column])
    top = min(place.y - place.above for place in chain.from_iterable(columns))
    for place in chain.from_iterable(columns):
        place.y += MARGIN - top


def level(column: list[Place], neighbours: list[list[Place]]) -> None:
    """Set the heights of a column: least squares from the neighbours' mean, without overlap."""
    room, rooms, blocks = 0.0, [], []  # a block: weight, weight * height, places that touch
    for place, near in zip(column, neighbours, strict=True):
        rooms.append(room + place.above)
        room = rooms[-1] + place.below
        # a place without neighbours gives way to the others
        weight, wanted = (1, mean(n.y for n in near)) if near else (1e-3, place.y)
        blocks.append((weight, weight * (wanted - rooms[-1]), 1))
        while len(blocks) > 1 and blocks[-2][1] / blocks[-2][0] > blocks[-1][1] / blocks[-1][0]:
            blocks[-2:] = [tuple(map(sum, zip(*blocks[-2:], strict=True)))]
    tops = [moment / weight for weight, moment, size in blocks for _ in range(size)]
    for place, top, room in zip(column, tops, rooms, strict=True):
        place.y = top + room


def set_across(columns: list[list[Place]]) -> None:
    """Set x from left to right, with a wider gap where the edges are steeper."""
    left = MARGIN
    for column in columns:
        right = left + max(place.width for place in column)
        for place in column:
            place.left, place.x, place.right = left, (left + right) / 2, right
        steepest = max(abs(place.y - n.y) for place in column for n in place.after or [place])
        left = right + min(14 + 0.3 * steepest, 60)


# --- drawing --------------------------------------------------------------------------------


def paint_edge(axes: Axes, edge: Edge) -> None:
    """A line that is level where labels and nodes are, and bends between them."""
    x, y = edge.source.right, edge.source.y
    shape = RADIUS if edge.source.symbol else box_width(edge.source.text) / 2
    points, codes = [(edge.source.x + shape, y), (x, y)], [Path.MOVETO, Path.LINETO]
    for place in [*edge.stops, edge.target]:
        start, stop, next_y = place.left, place.right, place.y
        if place is edge.target:
            next_y += edge.port
            # an operation's circle, or the name at the end
            stop = place.x - (RADIUS**2 - edge.port**2) ** 0.5 if place.symbol else place.left + 4
            start = min(start, stop - 2)
        middle = (x + start) / 2
        points += [(middle, y), (middle, next_y), (start, next_y), (stop, next_y)]
        codes += [Path.CURVE4] * 3 + [Path.LINETO]
        x, y = stop, next_y
    arrow = FancyArrowPatch(path=Path(points, codes), arrowstyle="-|>", mutation_scale=8)
    arrow.set(edgecolor=GREY, facecolor=GREY, linewidth=1.1, zorder=1)
    axes.add_patch(arrow)
    label = edge.stops[0]
    write(axes, label.x, label.y - 1.5, edge.value, BLUE, 10, va="bottom")
    write(axes, label.x, label.y + 1.5, edge.gradient, ORANGE, 10, va="top")


def paint_place(axes: Axes, place: Place) -> None:
    """A circle with an operation in it, or a box with the name of an input."""
    x, y = place.x, place.y
    if place.symbol:
        circle = Circle((x, y), RADIUS, facecolor="white", edgecolor=INK, linewidth=1, zorder=2)
        axes.add_patch(circle)
        size = 14 if len(place.symbol) == 1 else 9
        write(axes, x, y, place.symbol, INK, size, va="center_baseline")
        write(axes, x, y - RADIUS - 1, place.text, INK, 11, va="bottom")
    else:
        width = box_width(place.text)
        box = FancyBboxPatch((x - width / 2, y - RADIUS), width, 2 * RADIUS)
        box.set_boxstyle("round", pad=0, rounding_size=5)
        border = "none" if re.fullmatch(r"[−\d.e+]+", place.text) else INK  # for a number alone
        box.set(facecolor=BOX, edgecolor=border, linewidth=1, zorder=2)
        axes.add_patch(box)
        write(axes, x, y, place.text, INK, 12, va="center")
    write(axes, x, y + RADIUS + 1, place.total, ORANGE, 10, va="top")


def write(axes: Axes, x: float, y: float, text: str, colour: str, size: float, **where) -> None:
    """Text in one look, whatever the user's Matplotlib settings are."""
    look = {"ha": "center", "color": colour, "fontsize": size, "usetex": False, "zorder": 3}
    if text:
        axes.text(x, y, text, **(look | FONT | where))


def text_width(text: str, size: float) -> float:
    """The width of a line of text in points."""
    font = FontProperties(size=size, **FONT)
    return TextPath((0, 0), text, prop=font).get_extents().width if text else 0


def box_width(text: str) -> float:
    """The width of the box around an input's name."""
    return max(2 * RADIUS, text_width(text, 12) + 12)


def typeset(name: str) -> str:
    """A name as Matplotlib is to show it: x1 and net2 with their digits as an index."""
    if match := re.fullmatch(r"([A-Za-z]+)_?(\d+)", name):
        return r"$\mathit{{{}}}_{{{}}}$".format(*match.groups())
    if re.fullmatch("[A-Za-z]", name):
        return rf"$\mathit{{{name}}}$"
    name = name if len(name) <= 20 else name[:19] + "…"
    return name.replace("$", r"\$")


def number(x: float | None) -> str:
    """A number in three digits; "" where there is none."""
    return "" if x is None else f"{x + 0.0:.3g}".replace("-", "−")  # + 0.0 turns -0 into 0
