"""Real circuits: the lectures' gradients one by one, any circuit against autograd, the pictures."""

import base64
import gc
import inspect
import math
import subprocess
import sys
from collections import Counter
from itertools import combinations, pairwise

import autograd
import autograd.numpy as anp
import matplotlib
import matplotlib.style
import numpy as np
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.transforms import Bbox

from course.circuit import (
    RELU,
    Node,
    identity,
    relu,
    sigmoid,
    tanh,
    topological_order,
)
from course.circuit_drawing import BLUE, ORANGE


def sigma_prime(z):
    return math.exp(-z) / (1 + math.exp(-z)) ** 2


# Each circuit of Princeton's lecture with the gradient that the slides' formulas give.
PRINCETON = {
    "single neuron": (
        lambda x1, x2: x1 - x2,
        lambda x1, x2: {"x1": 1, "x2": -1},
    ),
    "two neurons": (
        lambda x1, x3, x4: x1 - (x3 + x4),
        lambda x1, x3, x4: {"x1": 1, "x3": -1, "x4": -1},
    ),
    "multiple input": (
        lambda x1, x3, x5, x4: x1 - (x3 + x5 + x4),
        lambda x1, x3, x5, x4: {"x1": 1, "x3": -1, "x5": -1, "x4": -1},
    ),
    "weights on the edges": (
        lambda x1, w3, x3, w4, x4: x1 - (w3 * x3 + w4 * x4),
        lambda x1, w3, x3, w4, x4: {"x1": 1, "w3": -x3, "x3": -w3, "w4": -x4, "x4": -w4},
    ),
    "activation": (
        lambda x1, w3, x3, w4, x4: x1 - sigmoid(w3 * x3 + w4 * x4),
        lambda x1, w3, x3, w4, x4: {
            "x1": 1,
            "w3": -sigma_prime(w3 * x3 + w4 * x4) * x3,
            "x3": -sigma_prime(w3 * x3 + w4 * x4) * w3,
            "w4": -sigma_prime(w3 * x3 + w4 * x4) * x4,
            "x4": -sigma_prime(w3 * x3 + w4 * x4) * w4,
        },
    ),
    "activation and a sum": (
        lambda x1, x5, w3, x3, w4, x4: (x1 + x5) - sigmoid(w3 * x3 + w4 * x4),
        lambda x1, x5, w3, x3, w4, x4: {
            "x1": 1,
            "x5": 1,
            "w3": -sigma_prime(w3 * x3 + w4 * x4) * x3,
            "x3": -sigma_prime(w3 * x3 + w4 * x4) * w3,
            "w4": -sigma_prime(w3 * x3 + w4 * x4) * x4,
            "x4": -sigma_prime(w3 * x3 + w4 * x4) * w4,
        },
    ),
    "multiple paths": (
        lambda x3, x5, w3, w4, x4: (x3 + x5) - sigmoid(w3 * x3 + w4 * x4),
        lambda x3, x5, w3, w4, x4: {
            "x3": 1 - sigma_prime(w3 * x3 + w4 * x4) * w3,
            "x5": 1,
            "w3": -sigma_prime(w3 * x3 + w4 * x4) * x3,
            "w4": -sigma_prime(w3 * x3 + w4 * x4) * x4,
            "x4": -sigma_prime(w3 * x3 + w4 * x4) * w4,
        },
    ),
}
moderate = st.floats(-3, 3, allow_subnormal=False)


def princeton(name, values):
    """The circuit of that name, and its inputs by name."""
    build = PRINCETON[name][0]
    names = inspect.signature(build).parameters
    inputs = {n: Node(value, n) for n, value in zip(names, values, strict=False)}
    f = build(**inputs)
    f.name = "f"
    return f, inputs


@pytest.mark.parametrize("name", PRINCETON)
@given(values=st.lists(moderate, min_size=6, max_size=6))
def test_princeton_circuits(name, values):
    """Each gradient of each of Princeton's circuits is what the slide's formula says."""
    f, inputs = princeton(name, values)
    f.backward()
    expected = PRINCETON[name][1](**{n: node.value for n, node in inputs.items()})
    assert expected.keys() == inputs.keys()
    assert {n: node.gradient for n, node in inputs.items()} == pytest.approx(expected, abs=1e-14)


def test_princeton_inner_gradients():
    """The factors on Princeton's slide are the gradients of the inner nodes x2 and net2."""
    x1, w3, x3, w4, x4 = (Node(v) for v in (2, 0.4, -1.5, -2, 0.75))
    net2 = w3 * x3 + w4 * x4
    x2 = sigmoid(net2)
    (x1 - x2).backward()
    assert x2.gradient == -1
    assert net2.gradient == pytest.approx(-sigma_prime(net2.value))


@given(w=moderate, x=moderate, b=moderate, t=moderate)
def test_xjtlu_neuron(w, x, b, t):
    """XJTLU's neuron: y-bar = y - t, z-bar = y-bar sigma'(z), dL/dw = z-bar x, dL/db = z-bar.

    The loss written as a square and as a product (a shared node) gives the same.
    """
    for half_square in (lambda e: 0.5 * e**2, lambda e: 0.5 * e * e):
        nodes = [Node(v) for v in (w, x, b, t)]
        z = nodes[0] * nodes[1] + nodes[2]
        y = sigmoid(z)
        loss = half_square(y - nodes[3])
        loss.backward()
        y_bar = 1 / (1 + math.exp(-(w * x + b))) - t
        z_bar = y_bar * sigma_prime(w * x + b)
        assert loss.value == pytest.approx(0.5 * y_bar**2, abs=1e-14)
        assert [y.gradient, z.gradient] == pytest.approx([y_bar, z_bar], abs=1e-14)
        expected = [z_bar * x, z_bar * w, z_bar, -y_bar]
        assert [node.gradient for node in nodes] == pytest.approx(expected, abs=1e-14)


# Random circuits: a recipe is a list of steps, each naming an operation and the earlier results
# it works on (0 for the latest), so that the same recipe runs on nodes and on autograd's numbers.
OPERATIONS = {
    "+": lambda a, b, k, functions: a + b,
    "-": lambda a, b, k, functions: a - b,
    "*": lambda a, b, k, functions: a * b,
    "neg": lambda a, b, k, functions: -a,
    "square": lambda a, b, k, functions: a**2,
    "number +": lambda a, b, k, functions: k + a,
    "number -": lambda a, b, k, functions: k - a,
    "- number": lambda a, b, k, functions: a - k,
    "number *": lambda a, b, k, functions: k * a,
    "sigmoid": lambda a, b, k, functions: functions["sigmoid"](a),
    "tanh": lambda a, b, k, functions: functions["tanh"](a),
    "relu": lambda a, b, k, functions: functions["relu"](a),
    "identity": lambda a, b, k, functions: functions["identity"](a),
}
OF_NODES = {"sigmoid": sigmoid, "tanh": tanh, "relu": relu, "identity": identity}
OF_AUTOGRAD = {
    "sigmoid": lambda z: 1 / (1 + anp.exp(-z)),
    "tanh": anp.tanh,
    "relu": lambda z: z * (z > 0),
    "identity": lambda z: z,
}


def run(recipe, inputs, functions):
    results = list(inputs)
    for operation, i, j, k in recipe:
        a, b = results[-1 - i % len(results)], results[-1 - j % len(results)]
        results.append(OPERATIONS[operation](a, b, k, functions))
    return results[-1]


index = st.integers(0, 30)
steps = st.tuples(st.sampled_from(list(OPERATIONS)), index, index, st.floats(-2, 2))
recipes = st.lists(steps, min_size=1, max_size=14)
inputs_of_any_number = st.lists(st.floats(-2, 2, allow_subnormal=False), min_size=1, max_size=5)


def tame(f):
    """Whether the values are moderate and no relu is near its corner."""
    order = topological_order(f)
    corners = [node.inputs[0].value for node in order if node.operation is RELU]
    return all(abs(node.value) < 30 for node in order) and all(abs(z) > 0.01 for z in corners)


@given(recipe=recipes, values=inputs_of_any_number)
@settings(max_examples=300)
def test_random_circuits_agree_with_autograd(recipe, values):
    """Values and gradients of any circuit are those of the independent package autograd."""
    inputs = [Node(v) for v in values]
    f = run(recipe, inputs, OF_NODES)
    assume(tame(f))
    f.backward()
    value, gradient = autograd.value_and_grad(lambda x: run(recipe, x, OF_AUTOGRAD) + 0 * x[0])(
        np.array(values)
    )
    scale = max(abs(node.gradient) for node in topological_order(f))
    assert f.value == pytest.approx(value, rel=1e-12, abs=1e-12)
    own = [node.gradient or 0.0 for node in inputs]  # None: not part of this circuit
    np.testing.assert_allclose(own, gradient, rtol=1e-10, atol=1e-12 * scale)


@given(recipe=recipes, values=inputs_of_any_number)
def test_random_circuits_agree_with_numeric_gradients(recipe, values):
    """The gradient is the slope that forward() shows when an input is moved."""
    inputs = [Node(v) for v in values]
    f = run(recipe, inputs, OF_NODES)
    assume(tame(f))
    f.backward()
    scale = max(abs(node.gradient) for node in topological_order(f))
    for node in topological_order(f):
        if not node.operation:
            start, h, at = node.value, 1e-3, {}
            for k in (-2, -1, 1, 2):
                node.value = start + k * h
                at[k] = f.forward()
            node.value = start
            slope = (at[-2] - 8 * at[-1] + 8 * at[1] - at[2]) / (12 * h)  # error of order h^4
            assert slope == pytest.approx(node.gradient, rel=1e-6, abs=1e-6 * max(scale, 1))


@given(recipe=recipes, values=inputs_of_any_number)
def test_order_sharing_and_repetition(recipe, values):
    """Nodes come once, after their inputs; gradients of edges add up; calls do not accumulate."""
    f = run(recipe, [Node(v) for v in values], OF_NODES)
    assume(tame(f))
    order = topological_order(f)
    place = {node: k for k, node in enumerate(order)}
    assert len(place) == len(order) and order[-1] is f
    assert all(place[i] < place[node] for node in order for i in node.inputs)
    f.backward()
    total = Counter({f: 1.0})
    for node in order:
        for i, edge_gradient in zip(node.inputs, node.edge_gradients, strict=True):
            total[i] += edge_gradient
    assert all(node.gradient == pytest.approx(total[node]) for node in order)
    first = [node.gradient for node in order]
    f.backward()
    assert [node.gradient for node in order] == first


def test_two_outputs_on_the_same_inputs():
    """backward() of a second output replaces the gradients that the first one left."""
    x, w = Node(3), Node(5)
    product, total = w * x, w + x
    product.backward()
    assert (w.gradient, x.gradient) == (3, 5)
    total.backward()
    assert (w.gradient, x.gradient) == (1, 1)


def test_forward_after_a_change():
    """A changed input counts from the next forward() on, in the gradient too."""
    x = Node(3)
    f = x * x * x
    x.value = 2
    assert f.forward() == f.value == 8
    f.backward()
    assert x.gradient == 12


def test_deep_and_wide_sharing():
    """A chain of 10,000 nodes does not exhaust the stack, nor 2^60 paths the time."""
    x = Node(0.5)
    f = x
    for _ in range(10_000):
        f = f + x
    f.backward()
    assert (f.forward(), x.gradient) == (5000.5, 10_001)
    assert len(str(f).splitlines()) == 10_002
    with pytest.raises(ValueError, match="10001 nodes is too large"):
        f.draw()
    assert f._repr_mimebundle_() == {"text/plain": "Node(5000.5)"}
    del f
    gc.collect()
    f = x
    for _ in range(60):
        f = f + f
    f.backward()
    assert x.gradient == 2.0**60


def test_text():
    """print() lists each node with what it is computed from, its value and its gradient."""
    x1, w3, x3 = Node(2, "x1"), Node(-1.5, "w3"), Node(3, "x3")
    net2 = w3 * x3 + 4.5
    net2.name = "net2"
    f = x1 - sigmoid(net2)
    lines = """\
node    computed as     value  gradient
x1      input               2         {}
w3      input            -1.5         {}
x3      input               3         {}
#1      w3 * x3          -4.5         {}
4.5     input             4.5         {}
net2    #1 + 4.5            0         {}
#2      sigmoid(net2)     0.5         {}
output  x1 - #2           1.5         {}"""
    assert str(f).split() == lines.format(*"--------").split()
    f.backward()
    assert str(f).split() == lines.format(1, -0.75, 0.375, -0.25, -0.25, -0.25, -1, 1).split()
    assert len({len(line) for line in str(f).splitlines()}) == 1  # columns stand under each other
    str(f).encode("ascii")  # any terminal can print it
    assert repr(x1) == "Node(2, 'x1')" and repr(f) == "Node(1.5)"


def two_hidden_neurons():
    names = ["x1", "x2", "w11", "w12", "w21", "w22", "b1", "b2", "v1", "v2"]
    x1, x2, w11, w12, w21, w22, b1, b2, v1, v2 = (
        Node(math.sin(3 * k + 1) * 1.7, name) for k, name in enumerate(names)
    )
    h1, h2 = tanh(w11 * x1 + w12 * x2 + b1), relu(w21 * x1 + w22 * x2 + b2)
    h1.name, h2.name = "h1", "h2"
    y = sigmoid(v1 * h1 + v2 * h2)
    y.name = "y"
    return y


def neuron_with_loss():
    w, x, b, t = (Node(v, n) for v, n in ((0.8, "w"), (1.5, "x"), (-0.3, "b"), (1, "t")))
    error = sigmoid(w * x + b) - t
    error.name = "error"
    return 0.5 * error * error


def awkward():
    a, b = Node(-123456.789, "a_very_long_name_that_goes_on_and_on"), Node(1e-9, "$b_")
    inner = tanh(a * b) * a
    inner.name = "another name that goes on"
    return identity(inner - b) * (a * b) + (a * b) ** 2 - a


DRAWN = {
    name: (lambda name=name: princeton(name, [2, -1.5, 0.75, 1.25, 0.4, -2])[0])
    for name in PRINCETON
} | {
    "same node twice": lambda: Node(3, "x") * (shared := Node(-2, "s")) * shared,
    "neuron with loss": neuron_with_loss,
    "two hidden neurons": two_hidden_neurons,
    "awkward": awkward,
    "an input alone": lambda: Node(-0.0, "x"),
}


def boxes(figure):
    """The texts of the figure with the boxes they fill, in pixels."""
    renderer = figure.canvas.get_renderer()
    return [(text, text.get_window_extent(renderer)) for text in figure.axes[0].texts]


def overlap(box, other):
    common = Bbox.intersection(box, other)
    return common is not None and common.width > 0 and common.height > 0


def assert_readable(figure):
    texts, patches = boxes(figure), figure.axes[0].patches
    for (text, box), (other, other_box) in combinations(texts, 2):
        assert not overlap(box, other_box), f"{text} overlaps {other}"
    for text, box in texts:
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1, f"{text} is cut off"
        assert figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1, f"{text} is cut off"
        for patch in patches:
            assert not line(patch).intersects_bbox(box, filled=False), f"a line runs through {text}"


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("backward", [False, True])
def test_picture(name, backward):
    """Each node is drawn once, each edge with its value above its own gradient, all readable."""
    f = DRAWN[name]()
    if backward:
        f.backward()
    figure = f.draw()
    assert_readable(figure)
    order = topological_order(f)
    shapes = Counter(type(patch) for patch in figure.axes[0].patches)
    assert shapes[Circle] == sum(node.operation is not None for node in order)
    assert shapes[FancyBboxPatch] == sum(node.operation is None for node in order)
    assert shapes[FancyArrowPatch] == 1 + sum(len(node.inputs) for node in order)
    tips = [tip(p) for p in figure.axes[0].patches if isinstance(p, FancyArrowPatch)]
    circles = [p.center for p in figure.axes[0].patches if isinstance(p, Circle)]
    for node in order:  # edges are drawn in this order too
        if node.operation:
            entries, tips = tips[: len(node.inputs)], tips[len(node.inputs) :]
            assert any(np.hypot(*(entries[0] - c)) == pytest.approx(13, abs=1.5) for c in circles)
            # the first input enters above the second (y goes down), so that a - b is not b - a
            assert all(first[1] < second[1] for first, second in pairwise(entries))
    edges = [(f.value, f.gradient)]
    for node in order:
        gradients = node.edge_gradients if backward else [None] * len(node.inputs)
        edges += [(i.value, g) for i, g in zip(node.inputs, gradients, strict=True)]
    assert labelled_edges(figure) == Counter((shown(v), shown(g)) for v, g in edges)
    sums = [t.get_text() for t, _ in boxes(figure) if t.get_text().startswith("Σ −")]
    shared = Counter(i for node in order for i in node.inputs)
    negative = [n for n, uses in shared.items() if uses > 1 and backward and n.gradient < 0]
    assert sorted(sums) == sorted("Σ " + shown(node.gradient) for node in negative)


def line(patch):
    """The outline of what is drawn, in pixels, its curves as short straight pieces."""
    path = patch.get_path().transformed(patch.get_transform())
    path = path.cleaned(simplify=False, curves=False)
    drawn = np.isin(path.codes, (Path.MOVETO, Path.LINETO))  # not the marks of an end
    return Path(path.vertices[drawn], path.codes[drawn])


@pytest.mark.parametrize("name", [name for name in PRINCETON if name != "multiple paths"])
def test_no_crossings_without_sharing(name):
    """Where each node is used once, no two edges of the picture cross."""
    arrows = [p for p in DRAWN[name]().draw().axes[0].patches if isinstance(p, FancyArrowPatch)]
    for arrow, other in combinations(arrows, 2):
        assert not line(arrow).intersects_path(line(other), filled=False)


def tip(arrow):
    """The point of the arrow: the middle one of the head, which is drawn after the line."""
    path = arrow.get_path()
    return path.vertices[np.flatnonzero(path.codes == Path.MOVETO)[1] + 1]


def shown(number):
    return "" if number is None else f"{number + 0.0:.3g}".replace("-", "−")


def labelled_edges(figure):
    """(value, gradient) of each edge: blue just above a line, orange just below it."""
    found = Counter()
    numbers = [(t, box) for t, box in boxes(figure) if t.get_ha() == "center"]
    below = [(t, box) for t, box in numbers if t.get_color() == ORANGE]
    for text, box in numbers:
        if text.get_color() == BLUE:
            under = [
                t.get_text()
                for t, b in below
                if t.get_position()[0] == text.get_position()[0] and 0 < box.y0 - b.y1 < 10
            ]
            found[text.get_text(), under[0] if under else ""] += 1
    return found


@given(recipe=recipes, values=inputs_of_any_number)
@settings(max_examples=15, deadline=None, phases=[Phase.generate])
def test_random_pictures_are_readable(recipe, values):
    """Whatever the circuit, no text of its picture meets another text or a line."""
    f = run(recipe, [Node(v, f"x{k}") for k, v in enumerate(values)], OF_NODES)
    assume(tame(f))
    f.backward()
    assert_readable(f.draw())


def test_notebook_shows_picture_with_alternative_text():
    """A notebook gets the picture in two forms, both with the sentences of alt_text()."""
    f = Node(2, "x1") - Node(3, '"<x2>') * -0.5
    f.name = "f"
    assert "Backward" not in f.alt_text()
    f.backward()
    assert f.alt_text() == (
        'Circuit of 5 nodes, inputs on the left. Forward: x1 = 2, "<x2> = 3, f = 3.5. '
        'Backward, gradient of f: 1 for x1, 0.5 for "<x2>.'
    )
    other = {
        "font.size": 30,
        "font.family": "serif",
        "text.usetex": True,
        "patch.linewidth": 9,
        "savefig.bbox": "tight",
        "savefig.dpi": 50,
        "savefig.facecolor": "black",
    }
    with matplotlib.style.context(["dark_background", other]):
        under_other_settings, _ = f._repr_mimebundle_()
    data, metadata = f._repr_mimebundle_()
    assert data == under_other_settings
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert metadata["image/png"]["alt"] == f.alt_text()
    assert 'alt="Circuit of 5 nodes' in data["text/html"]
    assert "&quot;&lt;x2&gt; = 3" in data["text/html"]
    assert data["text/plain"] == str(f)


def test_matplotlib_is_loaded_late_and_pyplot_never():
    """Circuits without pictures do not load Matplotlib, and pictures do not load pyplot."""
    code = """
import sys
from course.circuit import Node
f = Node(1) + 2
assert "matplotlib" not in sys.modules
f._repr_mimebundle_()
assert "matplotlib" in sys.modules and "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("wrong", ["3", [1, 2], np.ones(3), None, 1j, Node(1)])
def test_a_node_holds_one_number(wrong):
    """Anything else is refused with a sentence that says what to do."""
    with pytest.raises(TypeError, match="make one Node for each number"):
        Node(wrong)


def test_numbers_mix_in():
    """Python's and NumPy's numbers may stand on both sides; arrays and other powers may not."""
    x = Node(3, "x")
    f = np.float64(2) * x + np.int64(1) - x * np.float32(0.5) - 1
    assert isinstance(f, Node) and f.value == 4.5
    with pytest.raises(TypeError, match="one number"):
        np.ones(3) * x
    with pytest.raises(ValueError, match=r"\*\* 2 only, not \*\* 3"):
        x**3
