"""The pictures and the notebook of assignment 02: drawn by the student's own functions."""

import re
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from autograder.answers.circuits_and_the_chain_rule import as_nodes
from course.circuit_drawing import ORANGE, lay_out, number
from course.classroom import plots_circuits_and_the_chain_rule as plots
from course.classroom.exercises import of_assignment
from course.classroom.exercises.circuits_and_the_chain_rule import PATHS, SUMS, WEIGHTS
from course.classroom.picture import Picture, Sentence
from tests.pictures import (
    WRONG,
    as_released,
    assert_names,
    assert_readable,
    assert_right,
    assert_waiting,
    named,
    run,
    shown,
    text_of,
    unwritten,
)

NAME = "02-circuits-and-the-chain-rule"
NOTEBOOK = text_of(NAME)
CELLS = [cell for cell in NOTEBOOK.cells if cell.cell_type == "code"]
EXERCISES = of_assignment(NAME)
WIRINGS = [*SUMS, *WEIGHTS, *PATHS]


@pytest.fixture(scope="module")
def right() -> dict:
    """The namespace that the notebook leaves, with what its cells showed under "found"."""
    namespace = {}
    namespace["found"] = run(NOTEBOOK, namespace)
    return namespace


#: each cell that draws, and the exercises whose functions its picture is drawn by
DRAWN = [
    (source, [name for name in EXERCISES if re.search(rf"\b{name}\b", source)])
    for source in (cell.source for cell in CELLS)
    if re.search(r"^plots\.", source, re.MULTILINE)
]
PAIRS = [(source, name) for source, names in DRAWN for name in names]


# --- the notebook ---------------------------------------------------------------------------


def test_the_notebook_runs_with_its_solutions(right):
    """Every picture appears, every check is right, in the order of the assignment."""
    assert_right(right["found"], EXERCISES, pictures=15)
    assert len(DRAWN) == 15


def test_what_the_notebook_prints_agrees(capsys):
    """Formula and turned knobs, backward pass and turned knobs, circuit and 60 (w − 1.5)."""
    namespace = {}
    for cell in CELLS:
        shown(cell.source, namespace)
    printed = capsys.readouterr().out
    assert printed.count("by your formula") == 3
    for pair in re.findall(r"formula: +(\[.*?\])\nby turning knobs: *(\[.*?\])", printed):
        assert pair[0] == pair[1]
    rows = re.findall(r"backward +(\S+) +by turning +(\S+)", printed)
    assert len(rows) == 5 and all(a == b for a, b in rows)
    slopes = re.findall(r"slope +(\S+) +60 \(w − 1.5\) = +(\S+)", printed)
    assert len(slopes) == 6 and all(a == b for a, b in slopes)
    assert "dz/dx at x = 2: 42.0" in printed and "dz/ds: 15.0" in printed


def test_the_notebook_runs_with_nothing_written(capsys):
    """Students open it with stubs: no cell may stop them, and each picture says what it needs."""
    found = run(NOTEBOOK, {}, as_released)
    assert_waiting(found, pictures=sum(bool(names) for _, names in DRAWN))


# --- every picture --------------------------------------------------------------------------


def test_a_picture_can_be_read(right):
    """Each has text that stands for it and a PNG that shows it; axes that are shown have labels."""
    for picture in (value for value in right["found"] if isinstance(value, Picture)):
        for axes in picture.figure.axes:
            assert not axes.axison or (axes.get_xlabel() and axes.get_ylabel())
        assert_readable(picture)


@pytest.mark.parametrize(("source", "name"), PAIRS)
def test_a_stub_leaves_a_sentence(source, name, right):
    """Where one function is not written yet, the picture says which."""
    drawn = shown(source, unwritten(name, dict(right)))
    assert str(drawn) == f"This picture appears once `{name}` is written."


NAMES = re.findall(
    r"\w+",
    "x1 x2 x3 x4 x5 y1 y2 y3 y4 w w3 w4 p1 p2 p3 p4 e1 e2 e3 e4 s1 s2 s3 s4 net2 f L",
)
DICTS = {
    "empty": lambda *args: {},
    "texts": lambda *args: dict.fromkeys(NAMES, "1"),
}


@pytest.mark.parametrize("wrong", [*WRONG.values(), *DICTS.values()], ids=[*WRONG, *DICTS])
@pytest.mark.parametrize(("source", "name"), PAIRS)
def test_a_wrong_function_leaves_a_sentence(source, name, wrong, right, capsys):
    """Whatever a function does, a sentence names it; nothing is raised, nothing is printed."""
    assert_names(shown(source, right | named(name, wrong)), name, capsys)


@pytest.mark.parametrize(
    ("learning_rate", "kind"), [(0.07, Picture), (5, Picture), (1e200, Sentence)]
)
def test_a_training_that_diverges(learning_rate, kind, right):
    """ "Try this" sends students there: a picture as long as there are numbers, then a sentence."""

    def train(steps):
        return right["train"](steps, learning_rate)

    drawn = plots.learned(train, right["sigma"], right["time"], right["height"], 9, (0, 9))
    assert isinstance(drawn, kind)
    assert kind is Sentence or drawn._repr_mimebundle_()


# --- circuits -------------------------------------------------------------------------------


@pytest.mark.parametrize("wiring", WIRINGS, ids=lambda wiring: wiring.nodes[-1][0])
def test_numbers_at_the_edges_are_those_of_the_reference(wiring, right):
    """What is drawn below each edge, found with the student's function alone, is what the
    course's own backward pass sends along it; below a name stands the sum."""
    nodes, inputs, values, (sigma, sigma_prime) = wiring.made(np.random.default_rng(5))
    made = as_nodes(nodes, values, sigma, sigma_prime)
    made[nodes[-1][0]].backward()
    picture = plots.circuit_by_machine(
        nodes, inputs, right["circuit_forward"], right["circuit_backward"], sigma, sigma_prime
    )
    feeds = [source for *_, sources in nodes for source in sources]
    wanted = [number(g) for name, *_ in nodes for g in made[name].edge_gradients] + ["1"]
    wanted += [f"Σ {number(made[n].gradient)}" for n in set(feeds) if feeds.count(n) > 1]
    texts = [t.get_text() for t in picture.figure.axes[0].texts if t.get_color() == ORANGE]
    assert Counter(t for t in texts if "edge" not in t) == Counter(wanted)


@pytest.mark.parametrize("wiring", WIRINGS, ids=lambda wiring: wiring.nodes[-1][0])
def test_no_two_texts_of_a_circuit_overlap(wiring, right):
    """Names, symbols, values and gradients each have a place of their own, inside the picture."""
    nodes, inputs, _, both = wiring.made(np.random.default_rng(6))
    passes = right["circuit_forward"], right["circuit_backward"]
    assert_no_overlap(plots.circuit_by_machine(nodes, inputs, *passes, *both).figure)


def test_a_large_circuit_is_readable(right):
    """The loss of four points, with its many crossing edges."""
    assert_no_overlap(next(p for p in right["found"] if "x4, y4" in str(p)).figure)


def assert_no_overlap(figure) -> None:
    """No two texts overlap, and all are inside the picture."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [text.get_window_extent(renderer) for text in figure.axes[0].texts]
    for box in boxes:
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1
        assert figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1
    for a, b in combinations(boxes, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        along = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert across <= 1 or along <= 3, "texts overlap"


def test_inputs_stand_left_of_what_uses_them(right):
    """Edges go from left to right only, also where paths differ in length."""
    for wiring in WIRINGS:
        _, edges = lay_out(wiring.nodes, {}, {}, {}, {})
        assert all(edge.source.column < edge.target.column for edge in edges)


def test_wrong_numbers_are_drawn_as_they_are(right):
    """The picture shows the student's function, not ours."""

    def weighted_circuit_gradient(w3, x3, w4, x4):
        return np.array([7.0, 8.0, 9.0, 0.25])

    source = next(s for s, names in DRAWN if names == ["weighted_circuit_gradient"])
    wrong = {"weighted_circuit_gradient": weighted_circuit_gradient}
    assert "7 for w3, 8 for x3, 9 for w4, 0.25 for x4" in shown(source, right | wrong).alt


def test_circuits_that_cannot_be_drawn():
    """Too large, empty, or in an order in which they cannot be computed: a sentence says so."""
    chain = [(f"a{i + 1}", "sigma", [f"a{i}"]) for i in range(60)]
    assert "60 nodes" in str(plots.circuit(chain))
    assert "0 nodes" in str(plots.circuit([]))
    turned = [("f", "-", ["x1", "x2"]), ("x2", "+", ["x3", "x4"])]
    assert "`f` stands before `x2`" in str(plots.circuit(turned))
    assert isinstance(plots.circuit(chain[:20], {"a0": 1.0}), Picture)
