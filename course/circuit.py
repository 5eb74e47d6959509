"""Real circuits (Princeton): forward to compute f, backward to compute the gradients.

A circuit is written as plain Python::

    x1, w3, x3 = Node(2, "x1"), Node(-1, "w3"), Node(3, "x3")
    f = x1 - sigmoid(w3 * x3)
    f.backward()
    w3.gradient  # df/dw3 = -sigma' x3
    print(f)  # every node with its value and its gradient
    f.draw()  # the same as a picture

Nodes hold single numbers. A number in an expression becomes a node of its own.
"""

import base64
import html
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain, count, pairwise
from numbers import Real
from statistics import fmean as mean
from typing import TYPE_CHECKING, Any

from course import activations

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Operation:
    """What a node computes: its value, and beside it one partial derivative for each input."""

    symbol: str  # in the picture
    formula: str  # in the text
    value: Callable[..., float]
    derivatives: Callable[..., tuple[float, ...]]


def of_activation(symbol: str, activation: activations.Activation) -> Operation:
    """An elementwise activation as an operation on one number."""
    return Operation(
        symbol,
        activation.name + "({})",
        lambda z: float(activation.value(z)),
        lambda z: (float(activation.derivative(z)),),
    )


ADD = Operation("+", "{} + {}", lambda a, b: a + b, lambda a, b: (1.0, 1.0))
SUBTRACT = Operation("−", "{} - {}", lambda a, b: a - b, lambda a, b: (1.0, -1.0))
MULTIPLY = Operation("×", "{} * {}", lambda a, b: a * b, lambda a, b: (b, a))
NEGATE = Operation("−", "-{}", lambda a: -a, lambda a: (-1.0,))
SQUARE = Operation("( )²", "{} ** 2", lambda a: a * a, lambda a: (2 * a,))
SIGMOID = of_activation("σ", activations.sigmoid)
TANH = of_activation("tanh", activations.tanh)
RELU = of_activation("relu", activations.relu)
IDENTITY = of_activation("id", activations.identity)


class Node:
    """One number in a circuit: an input or a weight, or the result of an operation.

    ``value`` and ``name`` may be set at any time; ``forward()`` of the output then brings the
    values behind a changed input up to date. ``gradient`` is d(output)/d(this node), None before
    the first ``backward()`` of an output.
    TypeError if ``value`` is not a single real number.
    """

    __array_ufunc__ = None  # so that NumPy numbers leave 2.0 * node to Node.__rmul__

    def __init__(self, value: float, name: str = "") -> None:
        if not isinstance(value, Real):
            raise TypeError(
                f"a circuit's node holds one number, not {value!r:.50} ({type(value).__name__}): "
                "make one Node for each number"
            )
        self.value = float(value)
        self.name = name
        self.gradient: float | None = None
        self.operation: Operation | None = None
        self.inputs: tuple[Node, ...] = ()
        self.edge_gradients: tuple[float, ...] = ()  # what backward sent along each input's edge

    def forward(self) -> float:
        """Compute every node from the inputs on (Princeton); returns this node's value."""
        for node in topological_order(self):
            if node.operation:
                node.value = node.operation.value(*(i.value for i in node.inputs))
        return self.value

    def backward(self) -> None:
        """Set ``gradient`` to d(this node)/d(node) on every node of the circuit (Princeton).

        The values are those of the last forward pass. Gradients of earlier calls are replaced.
        """
        order = topological_order(self)
        for node in order:
            node.gradient = 0.0
        self.gradient = 1.0
        for node in reversed(order):
            if node.operation:
                derivatives = node.operation.derivatives(*(i.value for i in node.inputs))
                # Princeton, XJTLU: df/dx = df/dnode * dnode/dx along each edge
                node.edge_gradients = tuple(node.gradient * d for d in derivatives)
                # Princeton, multiple paths: what comes back over several edges adds up
                for i, edge_gradient in zip(node.inputs, node.edge_gradients, strict=True):
                    i.gradient += edge_gradient

    def __add__(self, other: "Node | float") -> "Node":
        return apply(ADD, self, other)

    def __radd__(self, other: float) -> "Node":
        return apply(ADD, other, self)

    def __sub__(self, other: "Node | float") -> "Node":
        return apply(SUBTRACT, self, other)

    def __rsub__(self, other: float) -> "Node":
        return apply(SUBTRACT, other, self)

    def __mul__(self, other: "Node | float") -> "Node":
        return apply(MULTIPLY, self, other)

    def __rmul__(self, other: float) -> "Node":
        return apply(MULTIPLY, other, self)

    def __neg__(self) -> "Node":
        return apply(NEGATE, self)

    def __pow__(self, exponent: int) -> "Node":
        if exponent != 2:
            raise ValueError(f"a circuit knows ** 2 only, not ** {exponent}: write it as products")
        return apply(SQUARE, self)

    def __repr__(self) -> str:
        name = f", {self.name!r}" if self.name else ""
        return f"Node({self.value:g}{name})"

    def __str__(self) -> str:
        return as_text(self)

    def draw(self) -> "Figure":
        """The circuit as a picture, inputs on the left, output on the right.

        Above each edge the value that goes forward, below it the gradient that comes back over
        this edge; under a node that feeds several edges, their sum. ValueError for a circuit of
        more than 100 nodes.
        """
        return paint(self)

    def alt_text(self) -> str:
        """What the picture shows, in a few sentences."""
        order = topological_order(self)
        label = labels(order)
        inputs = [node for node in order if node.name and not node.operation]
        values = ", ".join(f"{label[node]} = {number(node.value)}" for node in [*inputs, self])
        text = f"Circuit of {len(order)} nodes, inputs on the left. Forward: {values}."
        if self.gradient is None:
            return text
        gradients = ", ".join(f"{number(node.gradient)} for {label[node]}" for node in inputs)
        return f"{text} Backward, gradient of {label[self]}: {gradients}."

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        if len(topological_order(self)) > MOST_DRAWN:
            return {"text/plain": repr(self)}
        png, alt = io.BytesIO(), self.alt_text()
        figure = self.draw()
        figure.canvas.print_png(png)
        data = base64.b64encode(png.getvalue()).decode()
        width, height = (round(96 * inches) for inches in figure.get_size_inches())
        # JupyterLab keeps the alternative text of HTML only, nbconvert that of PNG too.
        image = (
            f'<img src="data:image/png;base64,{data}" width="{width}" height="{height}" '
            f'alt="{html.escape(alt)}">'
        )
        bundle = {"text/plain": str(self), "text/html": image, "image/png": data}
        return bundle, {"image/png": {"width": width, "height": height, "alt": alt}}


def apply(operation: Operation, *inputs: Node | float) -> Node:
    """The node that computes ``operation`` of the inputs; numbers among them become nodes."""
    nodes = tuple(i if isinstance(i, Node) else Node(i) for i in inputs)
    node = Node(operation.value(*(i.value for i in nodes)))
    node.operation, node.inputs = operation, nodes
    return node


def sigmoid(z: Node | float) -> Node:
    """1 / (1 + exp(-z)), the sigma of Princeton's circuits."""
    return apply(SIGMOID, z)


def tanh(z: Node | float) -> Node:
    """The hyperbolic tangent of z."""
    return apply(TANH, z)


def relu(z: Node | float) -> Node:
    """max(0, z), with the derivative 0 at z = 0."""
    return apply(RELU, z)


def identity(z: Node | float) -> Node:
    """z itself, as a node of its own."""
    return apply(IDENTITY, z)


def topological_order(output: Node) -> list[Node]:
    """All nodes that ``output`` depends on, each once and after its inputs; ``output`` is last."""
    order, seen, to_visit = [], set(), [(output, False)]
    while to_visit:  # a loop, not recursion: a circuit may be deeper than Python's stack
        node, inputs_done = to_visit.pop()
        if inputs_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            to_visit.append((node, True))
            to_visit.extend((i, False) for i in reversed(node.inputs))
    return order


# The circuit as text


def as_text(output: Node) -> str:
    """A table with one line for each node, inputs before the nodes that use them."""
    order = topological_order(output)
    label = labels(order)
    rows = [("node", "computed as", "value", "gradient")]
    for node in order:
        formula = node.operation.formula if node.operation else "input"
        formula = formula.format(*(label[i] for i in node.inputs))
        rows.append((label[node], formula, number(node.value, 6), number(node.gradient, 6)))
    name, formula, value, gradient = (max(map(len, column)) for column in zip(*rows, strict=True))
    line = f"{{:<{name}}}  {{:<{formula}}}  {{:>{value}}}  {{:>{gradient}}}"
    return "\n".join(line.format(*row) for row in rows)


def labels(order: list[Node]) -> dict[Node, str]:
    """What each node is called: its name, or its value for a number, or #1, #2, ..."""
    numbers = count(1)
    label = {}
    for node in order:
        unnamed = f"#{next(numbers)}" if node.operation and not node.name else number(node.value)
        label[node] = node.name or unnamed
    if order[-1].operation:
        label[order[-1]] = order[-1].name or "output"
    return label


def number(x: float | None, digits: int = 3) -> str:
    return "-" if x is None else f"{x + 0.0:.{digits}g}"  # + 0.0 turns -0 into 0


# The circuit as a picture. Columns of places: nodes in every other column, and between them the
# labels of the edges, so that each label has a place of its own. Lengths are in points, y goes
# down.

MOST_DRAWN = 100
RADIUS, MARGIN = 13, 12
BLUE, ORANGE, GREY, INK = "#0b5394", "#b45309", "#8a8f98", "#1f2328"
FONT = {"family": "DejaVu Sans", "math_fontfamily": "dejavusans"}


@dataclass(eq=False)
class Place:
    """A node, the label of an edge, or a point where a long edge passes a column."""

    column: int
    name: str = ""
    width: float = 0  # the room it needs, and how much of it is above and below y
    above: float = 6
    below: float = 6
    x: float = 0
    y: float = 0
    left: float = 0  # the borders of its column: between them, edges are level
    right: float = 0
    before: list["Place"] = field(default_factory=list)
    after: list["Place"] = field(default_factory=list)


@dataclass(eq=False)
class Edge:
    """From a node to one that uses it; ``stops`` are the places between, first the label's."""

    source: Place
    stops: list[Place]
    target: Place
    value: str
    gradient: str
    port: float = 0  # how far from the target's middle the edge enters it


def text_width(text: str, size: float) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    font = FontProperties(size=size, **FONT)
    return TextPath((0, 0), text, prop=font).get_extents().width if text else 0


def typeset(name: str) -> str:
    """A name as Matplotlib is to show it: x1 and net2 with their digits as an index."""
    if match := re.fullmatch(r"([A-Za-z]+)_?(\d+)", name):
        return r"$\mathit{{{}}}_{{{}}}$".format(*match.groups())
    if re.fullmatch("[A-Za-z]", name):
        return rf"$\mathit{{{name}}}$"
    name = name if len(name) <= 20 else name[:19] + "…"
    return name.replace("$", r"\$")


def signed(x: float | None) -> str:
    return "" if x is None else number(x).replace("-", "−")


def lay_out(output: Node) -> tuple[dict[Node, Place], list[Edge]]:
    """A place for each node, and the edges between them; the last edge leaves the output."""
    order = topological_order(output)
    steps = {output: 0}  # how many edges to the output, on the longest way
    for node in reversed(order):
        for i in node.inputs:
            steps[i] = max(steps.get(i, 0), steps[node] + 1)
    last = 2 * max(steps.values())
    places = {node: node_place(node, last - 2 * steps[node]) for node in order}
    edges = []
    for node in order:
        gradients = [None] * len(node.inputs) if output.gradient is None else node.edge_gradients
        for k, (i, gradient) in enumerate(zip(node.inputs, gradients, strict=True)):
            port = 5 * (2 * k - len(node.inputs) + 1)
            edges.append(connect(places[i], places[node], i.value, gradient, port))
    name = typeset(labels(order)[output])
    end = Place(last + 2, name, text_width(name, 12) + 8)
    edges.append(connect(places[output], end, output.value, output.gradient))
    if output.operation:
        places[output].name, places[output].above = "", RADIUS + 3  # its name stands at the end
    for node, place in places.items():
        if len(place.after) > 1:  # room for the sum of the gradients
            place.width = max(place.width, text_width(total(node), 10))
            place.below += 14
    columns = in_columns(end)
    set_heights(columns)
    set_across(columns)
    return places, edges


def node_place(node: Node, column: int) -> Place:
    if not node.operation:
        name = typeset(node.name) or signed(node.value)
        return Place(column, name, box_width(name), RADIUS + 3, RADIUS + 3)
    name = typeset(node.name)
    room = max(2 * RADIUS, text_width(name, 11))
    return Place(column, name, room, RADIUS + (19 if name else 3), RADIUS + 3)


def box_width(name: str) -> float:
    return max(2 * RADIUS, text_width(name, 12) + 12)


def total(node: Node) -> str:
    return "" if node.gradient is None else "Σ " + signed(node.gradient)


def connect(
    source: Place, target: Place, value: float, gradient: float | None, port: float = 0
) -> Edge:
    """The edge from ``source`` to ``target``, with places for its label and its bends."""
    edge = Edge(source, [], target, signed(value), signed(gradient), port)
    edge.stops = [Place(column) for column in range(source.column + 1, target.column)]
    label = edge.stops[0]
    label.width = max(text_width(edge.value, 10), text_width(edge.gradient, 10)) + 4
    label.above = label.below = 16
    for left, right in pairwise([source, *edge.stops, target]):
        left.after.append(right)
        right.before.append(left)
    return edge


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


def paint(output: Node) -> "Figure":
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    size = len(topological_order(output))
    if size > MOST_DRAWN:
        raise ValueError(
            f"a circuit of {size} nodes is too large for a picture (at most {MOST_DRAWN}): "
            "draw one of its inner nodes, or print it"
        )
    places, edges = lay_out(output)
    end = edges[-1].target
    legend = legend_lines(output, places)
    width = MARGIN + max(end.right, *(MARGIN + text_width(text, 9) for text, _ in legend))
    bottom = max(p.y + p.below for e in edges for p in [e.source, *e.stops]) + 6
    height = bottom + 13 * len(legend) + MARGIN
    figure = Figure((width / 72, height / 72), dpi=144, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    for edge in edges:
        paint_edge(axes, edge)
    for node, place in places.items():
        paint_node(axes, node, place)
    write(axes, end.right, end.y, end.name, INK, 12, ha="right", va="center")
    for k, (text, colour) in enumerate(legend):
        write(axes, MARGIN, bottom + 13 * k, text, colour, 9, ha="left", va="top")
    return figure


def legend_lines(output: Node, places: dict[Node, Place]) -> list[tuple[str, str]]:
    lines = [("above an edge: value (forward)", BLUE)]
    if output.gradient is not None:
        name = typeset(output.name) or "the output"
        lines.append((f"below an edge: gradient of {name} (backward)", ORANGE))
        if any(len(place.after) > 1 for place in places.values()):
            lines.append(("Σ under a node: sum over the edges that leave it", ORANGE))
    return lines


def paint_edge(axes: Any, edge: Edge) -> None:
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    x, y = edge.source.right, edge.source.y
    shape = RADIUS if edge.source.before else box_width(edge.source.name) / 2
    points, codes = [(edge.source.x + shape, y), (x, y)], [Path.MOVETO, Path.LINETO]
    for place in [*edge.stops, edge.target]:
        start, stop, next_y = place.left, place.right, place.y
        if place is edge.target:
            next_y += edge.port
            # an operation's circle, or the name at the end
            stop = place.x - (RADIUS**2 - edge.port**2) ** 0.5 if place.after else place.left + 4
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


def paint_node(axes: Any, node: Node, place: Place) -> None:
    from matplotlib.patches import Circle, FancyBboxPatch

    x, y = place.x, place.y
    if node.operation:
        circle = Circle((x, y), RADIUS, facecolor="white", edgecolor=INK, linewidth=1, zorder=2)
        axes.add_patch(circle)
        symbol = node.operation.symbol
        write(axes, x, y, symbol, INK, 14 if len(symbol) == 1 else 9, va="center_baseline")
        write(axes, x, y - RADIUS - 1, place.name, INK, 11, va="bottom")
    else:
        width = box_width(place.name)
        box = FancyBboxPatch((x - width / 2, y - RADIUS), width, 2 * RADIUS)
        box.set_boxstyle("round", pad=0, rounding_size=5)
        box.set(facecolor="#eceff3", edgecolor=INK if node.name else "none", linewidth=1, zorder=2)
        axes.add_patch(box)
        write(axes, x, y, place.name, INK, 12, va="center")
    if len(place.after) > 1:
        write(axes, x, y + RADIUS + 1, total(node), ORANGE, 10, va="top")


def write(axes: Any, x: float, y: float, text: str, colour: str, size: float, **where: str) -> None:
    """Text in one look, whatever the user's Matplotlib settings are."""
    look = {"ha": "center", "color": colour, "fontsize": size, "usetex": False, "zorder": 3}
    if text:
        axes.text(x, y, text, **(look | FONT | where))
