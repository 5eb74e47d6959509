"""Assignment 03: its pictures are drawn by the student's functions, and its notebook runs."""

import inspect
import re

import numpy as np
import pytest

from course.classroom import plots_one_neuron as plots
from course.classroom.exercises import of_assignment
from course.classroom.picture import Picture, Sentence
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
    solutions,
    text_of,
    unwritten,
)

NAME = "03-one-neuron"
NOTEBOOK = text_of(NAME)
EXERCISES = of_assignment(NAME)

X = np.array([0.5, 1.5, 2.5, 3.0, 4.0])
T = np.array([0.0, 0.0, 1.0, 0.0, 1.0])

#: picture -> how the notebook calls it, apart from the student's functions
CALLS = {
    plots.squashed: {"x": X, "t": T, "w": 1.5, "b": -4.0},
    plots.activations: {},
    plots.neuron_chain: {"w": 0.5, "b": -1.0, "x": 4.0, "t": 0.0},
    plots.stuck: {"steps": 20},
    plots.two_losses: {},
    plots.learned_curve: {"x": X, "t": T, "shown": (0, 10, 100)},
    plots.gates: {},
    plots.shares: {"scores": np.array([[2.0, 3.0], [1.0, -2.0], [0.0, 1.0]])},
    plots.dependence: {"y": np.array([0.665, 0.245, 0.09])},
    plots.competition: {"z": np.array([2.0, 1.0, 0.0]), "right": 1},
}


def functions_of(draw) -> list[str]:
    """The exercises whose functions a picture takes."""
    return [name for name in inspect.signature(draw).parameters if name in EXERCISES]


def student(stub: str = "", **other) -> dict:
    """A student's namespace: the notebook's solutions, but for one stub or ``other`` functions."""
    namespace = solutions(NOTEBOOK)
    return (unwritten(stub, namespace) if stub else namespace) | other


def draw_with(draw, namespace: dict) -> Picture | Sentence:
    """The picture drawn by the functions in ``namespace``."""
    return draw(**{name: namespace[name] for name in functions_of(draw)}, **CALLS[draw])


PAIRS = [pytest.param(d, n, id=f"{d.__name__}-{n}") for d in CALLS for n in functions_of(d)]


def test_all_pictures_are_tested():
    """No picture of the module is left out of this file."""
    assert {f for f in vars(plots).values() if hasattr(f, "__wrapped__")} == set(CALLS)


@pytest.mark.parametrize("draw", CALLS, ids=lambda draw: draw.__name__)
def test_a_picture_can_be_read(draw):
    """Each has a label on each axis, text that stands for it, and a PNG that shows it."""
    picture = draw_with(draw, student())
    for axes in picture.figure.axes:
        assert_labelled(axes)
    assert_readable(picture)


@pytest.mark.parametrize(("draw", "name"), PAIRS)
def test_a_stub_leaves_a_sentence(draw, name):
    """Where one function is not written yet, the picture says which."""
    drawn = draw_with(draw, student(name))
    assert str(drawn) == f"This picture appears once `{name}` is written."


SEVERAL = {
    "pair of None": lambda *args: (None, None),
    "number": lambda *args: 0.5,
    "seven texts": lambda *args: ("a",) * 7,
}


@pytest.mark.parametrize("wrong", [*WRONG.values(), *SEVERAL.values()], ids=[*WRONG, *SEVERAL])
@pytest.mark.parametrize(("draw", "name"), PAIRS)
def test_a_wrong_function_leaves_a_sentence(draw, name, wrong, capsys):
    """Whatever a function does, a sentence names it; nothing is raised, nothing is printed."""
    assert_names(draw_with(draw, student(**named(name, wrong))), name, capsys)


def answers_of(alt: str, gate: str) -> list[float]:
    """The answers for 00, 01, 10, 11 that the text of ``gates`` gives."""
    return [float(answer) for answer in re.search(rf"{gate} ([\d., ]+)", alt)[1].split(",")[:4]]


def test_and_and_or_are_learned_and_xor_is_not():
    """XJTLU: gradient descent works for a single perceptron, where one line is enough."""
    alt = draw_with(plots.gates, student()).alt.replace(";", "").replace(". A", "")
    assert np.round(answers_of(alt, "AND")).tolist() == [0, 0, 0, 1]
    assert np.round(answers_of(alt, r"(?<!X)OR")).tolist() == [0, 1, 1, 1]
    assert answers_of(alt, "XOR") == [0.5] * 4


def test_wrong_numbers_are_drawn_as_they_are():
    """The picture shows the student's function, not ours: without σ′ the neuron is not stuck."""
    right = student()

    def sigmoid_neuron(w, b, x, t):
        z, y, loss, y_bar, *_ = right["sigmoid_neuron"](w, b, x, t)
        return z, y, loss, y_bar, y_bar, y_bar * x, y_bar

    assert "from z = 8, y goes from 0.9997 to 0.9997" in draw_with(plots.stuck, right).alt
    wrong = draw_with(plots.stuck, right | {"sigmoid_neuron": sigmoid_neuron}).alt
    assert "from z = 8, y goes from 0.9997 to 0.0" in wrong


# --- the notebook ---------------------------------------------------------------------------


def test_the_notebook_runs_with_its_solutions():
    """Every picture appears, and every check is right."""
    assert_right(run(NOTEBOOK, {}), EXERCISES, pictures=len(CALLS))


def test_the_notebook_runs_with_nothing_written():
    """Students open it with stubs: no cell may stop them, and each picture says what it needs."""
    assert_waiting(run(NOTEBOOK, {}, as_released), pictures=len(CALLS))


def test_the_notebook_asks_every_exercise_in_order():
    """Exercise cells and their checks stand in the order of the assignment."""
    assert_in_order(NOTEBOOK, EXERCISES)
