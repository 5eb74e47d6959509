"""The pictures and the notebook of assignment 04, and the network diagram that others use too."""

import ast
import re

import numpy as np
import pytest

from course.classroom import check as classroom
from course.classroom import plots_two_layers as plots
from course.classroom.exercises import of_assignment
from course.classroom.picture import Picture, Sentence
from course.classroom.plots_networks import RADIUS, label_places, network_diagram, places, short
from course.gradcheck import numeric_gradient
from tests.pictures import (
    WRONG,
    as_released,
    assert_in_order,
    assert_labelled,
    assert_names,
    assert_readable,
    assert_right,
    assert_waiting,
    named,
    run,
    text_of,
    unwritten,
)

NAME = "04-two-layers"
NOTEBOOK = text_of(NAME)
EXERCISES = of_assignment(NAME)
PICTURES = [name for name, f in vars(plots).items() if hasattr(f, "__wrapped__")]


@pytest.fixture(scope="module")
def right() -> dict:
    """The namespace that the notebook leaves, with what its cells showed under "found"."""
    namespace = {}
    namespace["found"] = run(NOTEBOOK, namespace)
    return namespace


def call_of(picture: str) -> ast.Call:
    """How the notebook calls a picture."""
    cell = next(c for c in NOTEBOOK.cells if f"plots.{picture}(" in c.source)
    return ast.parse(cell.source).body[-1].value


def draw(picture: str, namespace: dict) -> Picture | Sentence:
    """The picture, called as in the notebook, with the functions in ``namespace``."""
    return eval(ast.unparse(call_of(picture)), namespace)


PAIRS = [
    (picture, argument.id)
    for picture in PICTURES
    for argument in call_of(picture).args
    if isinstance(argument, ast.Name) and argument.id in EXERCISES
]


# --- the notebook ---------------------------------------------------------------------------


def test_the_notebook_runs_with_its_solutions(right):
    """Every picture of the module appears, every check is right, and all that is printed agrees."""
    assert_right(right["found"], EXERCISES, pictures=5)
    assert len(PICTURES) == 5


def test_the_notebook_runs_with_nothing_written():
    """Students open it with stubs: no cell may stop them, and each picture says what it needs."""
    assert_waiting(run(NOTEBOOK, {}, as_released), pictures=len(PICTURES))


def test_the_notebook_asks_every_exercise_in_order():
    """Exercise cells and their checks stand in the order of the assignment."""
    assert_in_order(NOTEBOOK, EXERCISES)


def test_what_the_text_says_about_the_greenhouse_is_so(right):
    """Its answers are 0.26 and 0.65; shifting and the backward network give the same blame; in
    five steps both answers are on the right side."""
    *_, answers = right["two_layers"](*right["greenhouse"], right["x"])
    assert answers[:, 0] == pytest.approx([0.26, 0.65], abs=0.005)
    measured = numeric_gradient(right["loss_after_a_nudge"], np.zeros((3, 1)))[:, 0]
    assert np.sign(measured).tolist() == [1, -1, -1]
    alt = draw("backward_network", right).alt
    assert f"Out come ∂L/∂z = {', '.join(map(short, measured))}." in alt


# --- the pictures ---------------------------------------------------------------------------


@pytest.mark.parametrize("picture", PICTURES)
def test_a_picture_can_be_read(right, picture):
    """Each axis has a label or is hidden; there is text that stands for the picture, and a PNG."""
    drawn = draw(picture, right)
    for axes in drawn.figure.axes:
        assert_labelled(axes)
    assert_readable(drawn)


@pytest.mark.parametrize(("picture", "name"), PAIRS)
def test_a_stub_leaves_a_sentence(right, picture, name):
    """Where one function is not written yet, the picture says which."""
    drawn = draw(picture, unwritten(name, dict(right)))
    assert str(drawn) == f"This picture appears once `{name}` is written."


SEVERAL = {
    "tuple": lambda *args: (1.0, np.ones((2, 2)), None, "x"),
    "nan inside": lambda *args: {"dO": np.nan, "dz": np.zeros(4)},
    "parts missing": lambda *args: {"dP": 1.0},
}


@pytest.mark.parametrize("wrong", [*WRONG.values(), *SEVERAL.values()], ids=[*WRONG, *SEVERAL])
@pytest.mark.parametrize(("picture", "name"), PAIRS)
def test_a_wrong_function_leaves_a_sentence(right, picture, name, wrong, capsys):
    """Whatever a function does, a sentence names it; nothing is raised, nothing is printed."""
    assert_names(draw(picture, right | named(name, wrong)), name, capsys)


def numbers_in(picture: Picture, half: int = -1) -> list[str]:
    """All numbers written in one half of a network diagram."""
    texts = [text.get_text() for text in picture.figure.axes[half].texts]
    return [text for text in texts if re.fullmatch(r"−?[\d.]+(e−?\d+)?", text)]


def test_the_student_is_drawn_and_not_the_reference(right):
    """With a turned sign the deltas turn; what the forward half shows stays."""
    turned = right | {"hidden_sensitivity": lambda *args: -right["hidden_sensitivity"](*args)}
    good, bad = (draw("forward_and_backward", names) for names in (right, turned))
    assert numbers_in(good, 0) == numbers_in(bad, 0)
    assert numbers_in(good, 1) != numbers_in(bad, 1)


def test_learning_is_counted(right):
    """The title's share of right answers is that of the student's network after so many steps."""
    network = right["start"]
    for _ in range(60):
        network = right["gradient_step"](*network, right["X"], right["T"], 0.05)
    *_, answers = right["two_layers"](*network, right["X"])
    share = 100 * np.mean((answers > 0.5) == (right["T"] > 0.5))
    titles = [axes.get_title() for axes in draw("learning", right).figure.axes]
    assert titles[1] == f"step 60\n{share:.0f} % right"
    assert titles[-1].endswith("100 % right")


# --- the network diagram --------------------------------------------------------------------


def network(*n: int):
    """W, A, delta with random numbers for one example."""
    rng = np.random.default_rng(list(n))
    W = [None, *(rng.normal(size=shape) for shape in zip(n[1:], n[:-1], strict=True))]
    A = [rng.normal(size=size) for size in n]
    return W, A, [None, *(rng.normal(size=(size, 1)) for size in n[1:])]


@pytest.mark.parametrize(
    "n", [(1, 1), (3, 4, 1), (4, 3, 2), (3, 5, 4, 2), (2, 3, 3, 3, 3, 2), (9, 12, 1)]
)
def test_the_diagram_holds_every_number(n):
    """Every activation stands in the forward half, every delta in the backward half, in any
    depth; numbers in one column or flat are the same."""
    W, A, delta = network(*n)
    drawn = network_diagram(W, A, delta)
    assert drawn._repr_mimebundle_()
    for half, layers in ((0, A), (1, delta[1:])):
        written = numbers_in(drawn, half)
        assert {short(float(v)) for layer in layers for v in np.ravel(layer)} <= set(written)
    flat = network_diagram(W, A, [None, *(d[:, 0] for d in delta[1:])], ["a"] * len(n))
    assert flat.alt == drawn.alt
    assert len(network_diagram(W, A).figure.axes) == 1


@pytest.mark.parametrize("n", [(4, 3), (3, 2), (2, 4), (5, 2), (3, 4)])
def test_weights_on_edges_do_not_hide_each_other(n):
    """No number stands on another or on a unit."""
    start, end = places(list(n), (7.8, 4.5))
    spots = list(label_places(start, end).values())
    for i, spot in enumerate(spots):
        for other in spots[:i]:
            assert np.max(np.abs(spot - other) / [0.36, 0.16]) > 1
        assert all(np.linalg.norm(spot - unit) > RADIUS for unit in (*start, *end))


UNFIT = {
    "delta too short": (lambda W, A, d: (W, A, d[:-1]), "delta has 2 entries"),
    "W transposed": (lambda W, A, d: ([None, W[1].T, W[2]], A, d), "W[1]"),
    "several examples": (lambda W, A, d: (W, [np.ones((3, 2)), *A[1:]], d), "one example"),
    "delta of another layer": (lambda W, A, d: (W, A, [None, d[2], d[1]]), "delta[1]"),
    "nan": (lambda W, A, d: (W, [A[0] * np.nan, *A[1:]], d), "nan"),
    "text": (lambda W, A, d: (W, ["a", *A[1:]], d), "one column"),
    "no layers": (lambda W, A, d: ([None], A[:1], d[:1]), "layers"),
}


@pytest.mark.parametrize(("change", "words"), UNFIT.values(), ids=UNFIT)
def test_what_does_not_fit_leaves_a_sentence(change, words):
    """Instead of a picture or a traceback, the part that does not fit is named."""
    drawn = network_diagram(*change(*network(3, 4, 2)))
    assert isinstance(drawn, Sentence) and words in str(drawn)


def test_wide_layers_are_refused_in_words():
    """Sixty-four inputs would be a blot."""
    assert "too wide" in str(network_diagram(*network(64, 4, 2)))


# --- marking --------------------------------------------------------------------------------


@pytest.mark.parametrize("h", [1e-3, 1e-4, 1e-5])
def test_finite_differences_are_told_from_formulas(right, h):
    """Right values, but not by formulas: that point is lost and the reason is said."""
    sigmoid = right["sigmoid"]

    def by_shifting(f, value):
        value = np.asarray(value, dtype=float)
        return numeric_gradient(f, value, step=h)

    def classical_backward(W, w, x, GT):
        z = W @ x
        y = sigmoid(z)
        O = w @ y  # noqa: E741
        return {
            "dP": by_shifting(lambda P: (GT - P) ** 2, sigmoid(O)),
            "dO": by_shifting(lambda O: (GT - sigmoid(O)) ** 2, O),  # noqa: E741
            "dw": by_shifting(lambda w: (GT - sigmoid(w @ y)) ** 2, w),
            "dy": by_shifting(lambda y: (GT - sigmoid(w @ y)) ** 2, y),
            "dz": by_shifting(lambda z: (GT - sigmoid(w @ sigmoid(z))) ** 2, z),
            "dW": by_shifting(lambda W: (GT - sigmoid(w @ sigmoid(W @ x))) ** 2, W),
        }

    exercise = EXERCISES["classical_backward"]
    report = classroom.check_named(exercise, {"classical_backward": classical_backward})
    assert report.points == report.out_of - 1
    assert "Finite differences" in str(report)
