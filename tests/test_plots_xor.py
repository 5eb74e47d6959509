"""The pictures of assignment 06: readable, and never a traceback; networks side by side."""

import re

import numpy as np
import pytest

from autograder.answers.xor import ANSWERS
from course.classroom import plots_xor as plots
from course.classroom.exercises import of_assignment
from course.classroom.picture import Picture, Sentence
from course.datasets import xor
from tests.pictures import (
    WRONG,
    as_released,
    assert_in_order,
    assert_names,
    assert_readable,
    assert_right,
    assert_waiting,
    named,
    run,
    text_of,
    unwritten,
)

NAME = "06-xor"
NOTEBOOK = text_of(NAME)
EXERCISES = of_assignment(NAME)
RIGHT = {name: answer.reference for name, answer in ANSWERS.items()}

X, T = xor()
RNG = np.random.default_rng(3)
SOLVED = (
    np.array([[6.0, 6.0], [5.0, 5.0]]),
    np.array([[-3.0], [-8.0]]),
    np.array([[9.0, -9.0]]),
    np.array([[-4.0]]),
)
RANDOM = tuple(RNG.uniform(-1, 1, part.shape) for part in SOLVED)
X_NOISY = np.tile(X, 10) + 0.1 * RNG.standard_normal((2, 40))
OUTPUTS = np.array([[0.1, 0.9, 0.8, 0.2], [0.5, 0.98, 0.49, 0.02], [0.02, 0.97, 0.98, 0.03]])

#: picture -> the student's functions it takes, and what else the notebook hands to it
CALLS = {
    plots.gates: ((), {}),
    plots.hidden_space: (("xor_forward",), {"theta": SOLVED, "X": X, "T": T}),
    plots.learning: (
        ("xor_forward",),
        {"networks": {0: RANDOM, 2_000: SOLVED, "mine": SOLVED}, "X": X, "T": T},
    ),
    plots.loss_curve: ((), {"losses": [0.5, 0.4, 0.1, 0.01], "marked": (0, 2)}),
    plots.between: (("xor_loss",), {"theta": SOLVED, "X": X, "T": T}),
    plots.final_losses: (
        ("stuck_starts",),
        {"losses": [0.01, 0.25, 0.001], "outputs": OUTPUTS, "T": T},
    ),
    plots.batch_losses: ((), {"losses": [2.0, 0.5, 0.7, 0.08], "threshold": 0.1}),
}
PAIRS = [
    pytest.param(d, n, id=f"{d.__name__}-{n}") for d, (names, _) in CALLS.items() for n in names
]


def draw_with(draw, **own) -> Picture | Sentence:
    """The picture drawn by the reference's functions, but for ``own``, functions or data."""
    names, rest = CALLS[draw]
    functions = {name: RIGHT[name] for name in names}
    return draw(**functions | rest | own)


def test_all_pictures_are_tested():
    """No picture of the module is left out of this file."""
    assert {f for f in vars(plots).values() if hasattr(f, "__wrapped__")} == set(CALLS)


@pytest.mark.parametrize("draw", CALLS, ids=lambda draw: draw.__name__)
def test_a_picture_can_be_read(draw):
    """Each has labels, text that stands for it, and a PNG that shows it."""
    picture = draw_with(draw)
    rows = len({axes.get_subplotspec().rowspan.start for axes in picture.figure.axes})
    assert all(axes.get_xlabel() for axes in picture.figure.axes)
    assert sum(bool(axes.get_ylabel()) for axes in picture.figure.axes) >= rows
    assert_readable(picture, longest=600)


@pytest.mark.parametrize(("draw", "name"), PAIRS)
def test_a_stub_leaves_a_sentence(draw, name):
    """Where the function is not written yet, the picture says which."""
    drawn = draw_with(draw, **{name: unwritten(name, {})[name]})
    assert str(drawn) == f"This picture appears once `{name}` is written."


SEVERAL = {
    "a pair of wrong shapes": lambda *args: (np.ones((3, 2)), np.ones(4)),
    "a pair of nan": lambda *args: (np.full((2, 4), np.nan), np.full((1, 4), np.nan)),
    "no rows": lambda *args: [0.5, 77],
}


@pytest.mark.parametrize("wrong", [*WRONG.values(), *SEVERAL.values()], ids=[*WRONG, *SEVERAL])
@pytest.mark.parametrize(("draw", "name"), PAIRS)
def test_a_wrong_function_leaves_a_sentence(draw, name, wrong, capsys):
    """Whatever a function does, a sentence names it; nothing is raised, nothing is printed."""
    assert_names(draw_with(draw, **named(name, wrong)), name, capsys)


ODD = (None, 3.5, "text", [], {}, [None], ["a", 1], [np.nan, 1.0, 1.0], [[1.0]], SOLVED[:3])


@pytest.mark.parametrize("odd", [*ODD, tuple(np.nan * part for part in SOLVED)], ids=repr)
@pytest.mark.parametrize(
    ("draw", "argument"),
    [
        (plots.hidden_space, "theta"),
        (plots.learning, "networks"),
        (plots.loss_curve, "losses"),
        (plots.between, "theta"),
        (plots.final_losses, "losses"),
        (plots.final_losses, "outputs"),
        (plots.batch_losses, "losses"),
    ],
)
def test_what_a_wrong_training_left_behind_leads_to_a_sentence(draw, argument, odd):
    """Losses, weights and outputs come from the student's training; they may be anything."""
    assert isinstance(draw_with(draw, **{argument: odd}), Sentence)


def test_learning_shows_the_iterations_asked_for():
    """Only these, in that order; if one is missing, a sentence."""
    drawn = draw_with(plots.learning, shown=("mine", 0))
    assert [axes.get_title() for axes in drawn.figure.axes[:2]] == ["mine", "iteration 0"]
    assert isinstance(draw_with(plots.learning, shown=(0, 1)), Sentence)


def test_many_points_are_drawn_without_names():
    """Noisy points are counted in the words, not listed."""
    noisy = {"X": X_NOISY, "T": np.tile(T, 10)}
    drawn = draw_with(plots.learning, networks={"mine": SOLVED}, **noisy)
    assert re.search(r"mine, (3\d|40) of 40 points on their side", drawn.alt)


def test_the_chord_lies_below_the_loss():
    """Two networks that differ in the order of their hidden units have one loss; between them it
    is higher."""
    (curve, chord, _) = draw_with(plots.between).figure.axes[0].lines
    heights = curve.get_ydata()
    assert heights[0] == pytest.approx(heights[-1])
    assert heights.max() > 10 * max(chord.get_ydata())


def test_names_of_the_stuck_are_counted():
    """The picture marks the rows that the student's function returns."""
    assert "1 are stuck" in draw_with(plots.final_losses).alt
    none = draw_with(plots.final_losses, stuck_starts=lambda Y, T: [])
    assert none.alt.endswith("none is stuck.")


# --- networks side by side ------------------------------------------------------------------


@pytest.mark.parametrize("hidden", [2, 3])
def test_side_by_side_each_network_learns_as_if_alone(hidden):
    """Outputs and weights of every part are those of a training run of its own."""
    rng = np.random.default_rng(5)
    starts = [
        RIGHT["random_start"](2, hidden, 1, lambda *shape: rng.uniform(-1, 1, shape))
        for _ in range(4)
    ]
    functions = [RIGHT[name] for name in ("xor_forward", "xor_gradients", "xor_step")]
    outputs, ends = plots.side_by_side(*functions, starts, X, T, 0.5, 200)
    for start, row, end in zip(starts, outputs, ends, strict=True):
        _, alone = RIGHT["train_xor"](start, X, T, 0.5, 200, [200])
        for part, expected in zip(end, alone[200], strict=True):
            np.testing.assert_allclose(part, expected, rtol=1e-12)
        np.testing.assert_allclose(row, RIGHT["xor_forward"](end, X)[1][0], rtol=1e-12)


def test_slow_functions_train_fewer_networks():
    """Where all starts would take too long, the first few are trained, for all the steps."""
    functions = [RIGHT[name] for name in ("xor_forward", "xor_gradients", "xor_step")]
    outputs, ends = plots.side_by_side(*functions, [RANDOM] * 8, X, T, 0.5, 40, seconds=0.0)
    assert outputs.shape == (1, 4) and len(ends) == 1
    _, alone = RIGHT["train_xor"](RANDOM, X, T, 0.5, 40, [40])
    np.testing.assert_allclose(ends[0][0], alone[40][0])


# --- the notebook ---------------------------------------------------------------------------


def test_the_notebook_runs_with_its_solutions():
    """Every picture appears, every check is right; what the text says of the run is so."""
    namespace = {}
    assert_right(run(NOTEBOOK, namespace), EXERCISES, pictures=12)

    for k, theirs in namespace["lecture"].items():
        _, Y = namespace["xor_forward"](namespace["snapshots"][k], X)
        np.testing.assert_allclose(Y[0], theirs, atol=0.031)
    _, Y = namespace["xor_forward"](namespace["trained"], X)
    assert [f"{y:.2f}" for y in Y[0]] == ["0.02", "0.98", "0.98", "0.02"]
    stuck = namespace["stuck_starts"](namespace["outputs"], T)
    assert 12 <= len(stuck) <= 20  # "about one start in six"
    final = np.array(namespace["final"])[stuck]
    assert np.all((np.abs(final - 1 / 4) < 0.01) | (np.abs(final - 1 / 3) < 0.01))
    (_, lucky) = namespace["lucky"].values()
    assert namespace["rounds"][-1] < 0.1
    assert 30 <= namespace["wrong_of_200"](lucky) <= 50  # "about a fifth of all points"


def test_the_notebook_runs_with_nothing_written():
    """Students open it with stubs: no cell may stop them, and each picture says what it needs."""
    assert_waiting(run(NOTEBOOK, {}, as_released), pictures=11)


def test_the_notebook_asks_every_exercise_in_order():
    """Exercise cells and their checks stand in the order of the assignment."""
    assert_in_order(NOTEBOOK, EXERCISES)
