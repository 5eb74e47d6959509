"""The pictures and the notebook of assignment 05: readable, and never a traceback."""

import ast
import re

import numpy as np
import pytest

from course.classroom import plots_the_delta_recursion as plots
from course.classroom.exercises import of_assignment
from course.classroom.picture import Picture
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

NAME = "05-the-delta-recursion"
NOTEBOOK = text_of(NAME)
EXERCISES = of_assignment(NAME)


@pytest.fixture(scope="module")
def right() -> dict:
    """The namespace that the notebook leaves, with what its cells showed under "found"."""
    namespace = {}
    namespace["found"] = run(NOTEBOOK, namespace)
    return namespace


def call_of(picture: str) -> ast.Call:
    """How the notebook calls a picture."""
    for cell in NOTEBOOK.cells:
        if f"plots.{picture}(" in cell.source and cell.cell_type == "code":
            return ast.parse(cell.source).body[-1].value
    raise AssertionError(f"the notebook does not show {picture}")


PICTURES = [f.__name__ for f in vars(plots).values() if hasattr(f, "__wrapped__")]
PICTURES = [name for name in PICTURES if vars(plots)[name].__module__ == plots.__name__]
PAIRS = [
    (picture, argument.id)
    for picture in PICTURES
    for argument in call_of(picture).args
    if isinstance(argument, ast.Name) and argument.id in EXERCISES
]


def drawn(picture: str, namespace: dict):
    """The picture, called as in the notebook, with the functions in ``namespace``."""
    source = ast.unparse(call_of(picture))
    if picture == "chain_of_blocks":  # later cells use the name again
        namespace["values"] = namespace["forward_through"](namespace["blocks"], namespace["x"])
    return eval(source, namespace)


def test_all_pictures_are_in_the_notebook(right):
    """The notebook with its solutions shows every picture of the module, and no sentence."""
    assert_right(right["found"], EXERCISES, pictures=5)
    assert len(PICTURES) == 5


def test_the_notebook_runs_with_nothing_written():
    """Students open it with stubs: no cell may stop them, and each picture says what it needs."""
    assert_waiting(run(NOTEBOOK, {}, as_released), pictures=len(PICTURES))


def test_the_notebook_asks_every_exercise_in_order():
    """Exercise cells and their checks stand in the order of the assignment."""
    assert_in_order(NOTEBOOK, EXERCISES)


def test_a_picture_can_be_read(right):
    """Labels on all axes that have ticks, text that stands for the picture, and a PNG."""
    for picture in (value for value in right["found"] if isinstance(value, Picture)):
        for axes in picture.figure.axes:
            for which in ("x", "y"):
                shared = getattr(axes, f"get_shared_{which}_axes")().get_siblings(axes)
                axis = [getattr(one, f"{which}axis") for one in shared]
                row = [getattr(one, f"{which}axis") for one in picture.figure.axes]
                hidden = not axis[0].get_visible() or not axis[0].get_ticklabels()
                assert hidden or any(one.get_label_text() for one in [*axis, *row])
        assert_readable(picture)


@pytest.mark.parametrize(("picture", "name"), PAIRS)
def test_a_stub_leaves_a_sentence(right, picture, name):
    """Where one function is not written yet, the picture says which."""
    words = str(drawn(picture, unwritten(name, dict(right))))
    assert words == f"This picture appears once `{name}` is written."


SEVERAL = {
    "too many": lambda *args: [None] * 9,
    "texts": lambda *args: (["a", "b"], [None, "tanh"]),
    "ragged lists": lambda *args: ([None, [1.0, [2.0]]], [None, {}]),
    "infinite": lambda *args: ([None, np.full((3, 1), np.inf)],) * 2,
}


@pytest.mark.parametrize("wrong", [*WRONG.values(), *SEVERAL.values()], ids=[*WRONG, *SEVERAL])
@pytest.mark.parametrize(("picture", "name"), PAIRS)
def test_a_wrong_function_leaves_a_sentence(right, picture, name, wrong, capsys):
    """Whatever a function does, a sentence names it; nothing is raised, nothing is printed."""
    assert_names(drawn(picture, right | named(name, wrong)), name, capsys)


def test_wrong_numbers_are_drawn_as_they_are(right):
    """The pictures show the student's functions: gradients that are twice too large disagree."""
    own = right["network_gradients"]

    def doubled(*args):
        return [[None, *(2 * array for array in part[1:])] for part in own(*args)]

    result = drawn("gradients_agree", right | {"network_gradients": doubled})
    assert len(re.findall(r"\d+ disagree", result.alt)) == 4
    assert "disagree" not in drawn("gradients_agree", right).alt


def test_deltas_shrink_by_the_slope_of_the_sigmoid(right):
    """Through nine layers of sigmoids the δ fall at least by ¼ each, times what weights do."""
    figure = drawn("delta_sizes", right).figure
    lines = {line.get_label(): line.get_ydata() for line in figure.axes[0].lines}
    assert lines["sigmoid"][0] < 1e-5 * lines["sigmoid"][-1]
    assert lines["identity"][0] > 0.1 * lines["identity"][-1]


@pytest.mark.parametrize("size", [0.0, 1e300])
def test_deltas_that_vanish_or_explode_can_be_drawn(right, size):
    """ "Try this" sends students there."""

    def all_deltas(*args):
        return [None, *(size * array for array in right["all_deltas"](*args)[1:])]

    assert drawn("delta_sizes", right | {"all_deltas": all_deltas})._repr_mimebundle_()


def test_training_is_drawn_step_by_step(right):
    """The panels continue each other: the last one shows as many steps as it says."""
    names = ["W_start", "b_start", "mixed", "X", "T"]
    W, b = right["take_steps"](*(right[name] for name in names), 0.02, 600)
    loss = right["loss"](W, b, *(right[name] for name in names[2:]))
    assert f"after 600 steps loss {loss:.3f}, 150 of 150" in drawn("learning", right).alt
