"""The pictures and the notebook of assignment 07: readable, and never a traceback."""

import numpy as np
import pytest

from course.classroom import plots_training_in_practice as plots
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
    shown,
    text_of,
    unwritten,
)

NAME = "07-training-in-practice"
NOTEBOOK = text_of(NAME)
EXERCISES = of_assignment(NAME)


def run(edit=str) -> dict:
    """The namespace that the notebook leaves; under "found" what its cells showed, rendered."""
    found: list = []
    namespace = {"display": found.append, "found": found}
    for cell in NOTEBOOK.cells:
        if cell.cell_type == "code":
            found.append(shown(edit(cell.source), namespace))
    for value in found:
        for form in ("_repr_mimebundle_", "_repr_html_"):
            if hasattr(value, form):
                getattr(value, form)()
    return namespace


@pytest.fixture(scope="module")
def right() -> dict:
    """The namespace of the notebook with its solutions."""
    return run()


def calls(given: dict) -> dict:
    """picture -> how it is called, apart from the student's functions; smaller than there."""
    digits = {"X": given["X_train"][:, :200], "T": given["T_train"][:, :200]}
    network = digits | {"gradient": given["gradient"], "loss": given["loss"]}
    start = {"theta": given["start"]}
    step = {"step": given["plain"](0.1)}
    village = {name: given[name] for name in ("houses", "people")}
    village |= {"gradient": given["village_gradient"], "start": given["corner"]}
    several = {"sizes": [1, 64, 200]}
    without_loss = digits | step | {"gradient": given["gradient"]}
    held_out = {"X": given["X_held_out"], "labels": given["labels_held_out"]}
    rates = {"plain": 0.3, "momentum": 0.3, "RMSprop": 0.01}
    return {
        plots.digit_images: {"X": given["X_train"], "labels": given["labels_train"]},
        plots.guesses: held_out | {"Y": given["outputs"](given["theta"], given["X_held_out"])},
        plots.well_one_by_one: village
        | {"loss": given["village_loss"], "learning_rate": 0.05, "order": range(15)},
        plots.well_in_batches: village | step | {"batch_sizes": [1, 15], "steps": 20, "seed": 2},
        plots.batch_sizes: network | start | step | several | {"epochs": 2, "seed": 3},
        plots.epoch_times: without_loss | start | several,
        plots.momentum_in_a_valley: {"learning_rate": 0.03, "decays": [0.0, 0.9], "steps": 9},
        plots.update_rules: network
        | start
        | {"rates": rates, "batch_size": 64, "epochs": 2, "seed": 3},
        plots.newton_walks: {},
        plots.newton_price: {"weights": 2410},
        plots.twins: without_loss
        | {"starts": {"equal": np.full(2410, 0.05)} | {"random": given["start"]}}
        | {"epochs": 1, "seed": 1},
        plots.first_activations: {"X": digits["X"][:, :50], "seed": 4},
        plots.vanishing: {"X": digits["X"][:, :20], "depth": 6, "depths": [2, 6], "seed": 4},
        plots.training_curves: {"losses": given["losses"], "watched": given["watched"]},
    }


DRAWN = [
    draw
    for draw in vars(plots).values()
    if hasattr(draw, "__wrapped__") and draw.__module__ == plots.__name__
]


def functions_of(draw) -> list[str]:
    """The exercises whose functions a picture takes."""
    code = draw.__wrapped__.__code__
    return [name for name in code.co_varnames[: code.co_argcount] if name in EXERCISES]


PAIRS = [pytest.param(d, n, id=f"{d.__name__}-{n}") for d in DRAWN for n in functions_of(d)]


def draw_with(draw, given: dict, **other) -> Picture | Sentence:
    """The picture drawn with the notebook's solutions, but for ``other`` functions."""
    functions = {name: (given | other)[name] for name in functions_of(draw)}
    return draw(**functions, **calls(given)[draw])


def test_all_pictures_are_tested(right):
    """No picture of the module is left out of this file."""
    assert set(DRAWN) == set(calls(right))


@pytest.mark.parametrize("draw", DRAWN, ids=lambda draw: draw.__name__)
def test_a_picture_can_be_read(draw, right):
    """Each has labels on its axes, text that stands for it, and a PNG that shows it."""
    picture = draw_with(draw, right)
    assert isinstance(picture, Picture), str(picture)
    rows = picture.figure.axes
    if draw is plots.first_activations:  # a grid: labelled along its left and lower edge
        rows = [rows[-4]]
    for axes in rows:
        assert_labelled(axes)
    assert_readable(picture)


@pytest.mark.parametrize(("draw", "name"), PAIRS)
def test_a_stub_leaves_a_sentence(draw, name, right):
    """Where one function is not written yet, the picture says which."""
    drawn = draw_with(draw, right, **{name: unwritten(name, {})[name]})
    assert str(drawn) == f"This picture appears once `{name}` is written."


SEVERAL = {"ragged list": lambda *args: [None, [1.0, [2.0, 3.0]], 1.0]}


@pytest.mark.parametrize("wrong", [*WRONG.values(), *SEVERAL.values()], ids=[*WRONG, *SEVERAL])
@pytest.mark.parametrize(("draw", "name"), PAIRS)
def test_a_wrong_function_leaves_a_sentence(draw, name, wrong, right, capsys):
    """Whatever a function does, a sentence names it; nothing is raised, nothing is printed."""
    assert_names(draw_with(draw, right, **named(name, wrong)), name, capsys)


def test_wrong_numbers_are_drawn_as_they_are(right):
    """The pictures show the student's functions, not ours."""
    uphill = draw_with(
        plots.newton_walks, right, newton_step=lambda theta, g, H: theta + np.linalg.solve(H, g)
    )
    assert "one Newton step leads to (−8, 2.2)" in uphill.alt

    def forgetful(W, slopes, delta):
        return np.ones(len(W) - 1)

    flat = draw_with(plots.vanishing, right, delta_sizes=forgetful)
    assert "sigmoid with glorot 1.0e+00" in flat.alt


def test_one_disturbed_measurement_does_not_spoil_the_price_of_newton(right, monkeypatch):
    """A thousand times too long for the largest matrix, each time, and a million weights cost the
    same as without."""
    for disturbed in (1.0, 1000.0):

        def seconds(function, arguments, disturbed=disturbed):
            n = len(arguments[0])
            return 1e-10 * n**3 * (disturbed if n == 200 else 1.0)

        monkeypatch.setattr(plots, "seconds", seconds)
        assert "to 3.2 years" in draw_with(plots.newton_price, right).alt


def test_a_network_that_reads_everything_can_be_shown(right):
    """Without wrong guesses, and without right ones, the picture has one row less."""
    labels = right["labels_held_out"][:30]
    perfect, X = (np.arange(10)[:, np.newaxis] == labels) * 1.0, right["X_held_out"][:, :30]
    assert "the 0 wrong ones" in plots.guesses(X, labels, perfect).alt
    assert "none" in plots.guesses(X, labels, perfect).alt
    assert "0 that are right" in plots.guesses(X, labels, np.roll(perfect, 1, axis=0)).alt


# --- the notebook ---------------------------------------------------------------------------


def test_the_notebook_runs_with_its_solutions(right):
    """Every picture appears, and every check is right."""
    assert_right(right["found"], EXERCISES, pictures=len(DRAWN))


def test_the_notebook_reads_at_least_95_of_100_held_out_digits(right):
    """With every one of its eight seeds; the digits held out are in neither of the other groups."""
    assert len(right["accuracies"]) == 8 and min(right["accuracies"]) >= 0.95
    groups = [right[f"X_{name}"] for name in ("train", "watched", "held_out")]
    assert sum(group.shape[1] for group in groups) == 1797
    columns = [{column.tobytes() for column in group.T} for group in groups]
    assert not (columns[0] | columns[1]) & columns[2]


def test_the_gradient_given_is_that_of_the_loss(right):
    """The network that the notebook hands out: central differences in ten directions."""
    X, T, theta = right["X_train"][:, :7], right["T_train"][:, :7], right["start"]
    g = right["gradient"](theta, X, T)
    for v in np.random.default_rng(0).standard_normal((10, 2410)):
        rise = right["loss"](theta + 1e-5 * v, X, T) - right["loss"](theta - 1e-5 * v, X, T)
        assert rise / 2e-5 == pytest.approx(g @ v, rel=1e-6)


def test_the_notebook_runs_with_nothing_written():
    """Students open it with stubs: no cell may stop them, and each picture says what it needs."""
    assert_waiting(run(as_released)["found"], pictures=len(DRAWN) - 3)


def test_the_notebook_asks_every_exercise_in_order():
    """Exercise cells and their checks stand in the order of the assignment."""
    assert_in_order(NOTEBOOK, EXERCISES)
