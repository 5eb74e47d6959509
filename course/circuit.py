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
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from numbers import Real
from typing import TYPE_CHECKING, Any

from course import activations

if TYPE_CHECKING:
    from matplotlib.figure import Figure


#: Nodes in a picture, at most.
MOST_DRAWN = 100


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
        from course.circuit_drawing import draw_circuit

        order = topological_order(self)
        if len(order) > MOST_DRAWN:
            raise ValueError(
                f"a circuit of {len(order)} nodes is too large for a picture (at most "
                f"{MOST_DRAWN}): draw one of its inner nodes, or print it"
            )
        label = labels(order)
        circuit = [(n, n.operation.symbol if n.operation else "", n.inputs) for n in order]
        back = [] if self.gradient is None else order
        over_edges = {(n, k): g for n in back for k, g in enumerate(n.edge_gradients)}
        texts = {
            n: n.name or ("" if n.operation else label[n].replace("-", "−")) for n in order[:-1]
        }
        return draw_circuit(
            circuit,
            {n: n.value for n in order},
            {n: n.gradient for n in back},
            over_edges,
            texts | {self: label[self]},
        )

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
