"""Still pictures: drawn by the student's functions, readable, and never a traceback."""

import re
import subprocess
import sys

import numpy as np
import pytest

from course.classroom import plots
from course.classroom.exercises import of_assignment
from course.classroom.picture import Picture, Sentence, once_written
from course.classroom.style import BLUE, GREY, ORANGE
from course.datasets import four_points, noisy_line
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

NAME = "01-gradient-descent"
NOTEBOOK = text_of(NAME)

X, Y = four_points()
X_NOISY, T_NOISY = noisy_line(20, np.random.default_rng(1))
LINE = {"x": X_NOISY, "t": T_NOISY}
THETA = np.array([1.0, 0.2])

#: picture -> how the notebook calls it, apart from the student's functions
CALLS = {
    plots.guesses: {"x": X, "y": Y, "weights": [0.5, 2.2]},
    plots.loss_of_each_point: {"x": X, "y": Y},
    plots.candidates: {"x": X, "y": Y, "tried": [0.0, 0.8, 1.6, 2.4]},
    plots.growth: {},
    plots.slopes: {"x": X, "y": Y, "at": [0.6, 2.2]},
    plots.epochs: {"x": X, "y": Y},
    plots.learning_rates: {"x": X, "y": Y, "rates": [0.0005, 0.01, 0.03, 0.035]},
    plots.points: LINE,
    plots.small_steps: LINE | {"theta": THETA, "v": np.array([0.8, 0.6])},
    plots.directions: LINE | {"theta": THETA},
    plots.surface: LINE | {"theta": -np.ones(2), "learning_rate": 0.3, "epochs": 20},
}
EXERCISES = of_assignment(NAME)


def functions_of(draw) -> list[str]:
    """The exercises whose functions a picture takes."""
    return [name for name in ast_parameters(draw) if name in EXERCISES]


def ast_parameters(draw) -> tuple[str, ...]:
    """Names of the parameters of a picture's own function."""
    code = draw.__wrapped__.__code__
    return code.co_varnames[: code.co_argcount]


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
    drawn = {f for f in vars(plots).values() if hasattr(f, "__wrapped__")}
    assert drawn == set(CALLS)


@pytest.mark.parametrize("draw", CALLS, ids=lambda draw: draw.__name__)
def test_a_picture_can_be_read(draw):
    """Each has a label on each axis, text that stands for it, and a PNG that shows it."""
    picture = draw_with(draw, student())
    for axes in picture.figure.axes:
        assert_labelled(axes)
    assert_readable(picture)
    data, _ = picture._repr_mimebundle_()
    assert f'alt="{picture.alt}"' in data["text/html"] and data["image/png"] in data["text/html"]


@pytest.mark.parametrize(("draw", "name"), PAIRS)
def test_a_stub_leaves_a_sentence(draw, name):
    """Where one function is not written yet, the picture says which."""
    drawn = draw_with(draw, student(name))
    assert isinstance(drawn, Sentence)
    assert str(drawn) == f"This picture appears once `{name}` is written."
    assert f"<code>{name}</code>" in drawn._repr_html_()


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize(("draw", "name"), PAIRS)
def test_a_wrong_function_leaves_a_sentence(draw, name, wrong, capsys):
    """Whatever a function does, a sentence names it; nothing is raised, nothing is printed."""
    assert_names(draw_with(draw, student(**named(name, wrong))), name, capsys)


def test_wrong_numbers_are_drawn_as_they_are():
    """The picture shows the student's function, not ours: with a turned sign the arrow turns."""
    right = student()
    turned = right | {"slope": lambda w, x, y: -right["slope"](w, x, y)}
    assert (
        "At w = 0.6 the slope is negative (−54): increase w." in draw_with(plots.slopes, right).alt
    )
    assert (
        "At w = 0.6 the slope is positive (54): decrease w." in draw_with(plots.slopes, turned).alt
    )


def test_epochs_shows_the_walk_of_the_lecture():
    """NSYSU's pictures show w = 1.5 (1 − 0.94^k) at epochs 0, 10 and 100, for η = 0.001."""
    figure = draw_with(plots.epochs, student()).figure
    for axes, epoch in zip(figure.axes[3:], (0, 10, 100), strict=True):
        (w,), (loss,) = axes.lines[-1].get_data()
        assert w == pytest.approx(1.5 * (1 - 0.94**epoch))
        assert loss == pytest.approx(30 * (w - 1.5) ** 2)


def test_learning_rates_are_told_apart():
    """Too small, good, oscillating and diverging are each called what they are."""
    alt = draw_with(plots.learning_rates, student()).alt
    words = re.findall(r"with ([\d.]+) it (\w+)", alt)
    assert words == [
        ("0.0005", "creeps"),
        ("0.01", "arrives"),
        ("0.03", "swings"),
        ("0.035", "diverges"),
    ]


@pytest.mark.parametrize("learning_rate", [0.85, 50.0])
def test_a_walk_that_diverges_can_be_drawn(learning_rate):
    """ "Try this" sends students there."""
    call = CALLS[plots.surface] | {"learning_rate": learning_rate, "epochs": 60}
    right = student()
    drawn = plots.surface(right["fit_line"], right["mean_squared_error"], **call)
    assert drawn._repr_mimebundle_()


@pytest.mark.parametrize("colour", [BLUE, ORANGE, GREY])
def test_lines_and_labels_stand_out(colour):
    """Each colour has the contrast on white that WCAG asks of text, 4.5 to 1."""
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) >= 4.5


def test_no_pyplot_and_no_reference():
    """Drawing needs neither pyplot, whose state cells share, nor widgets, nor answers."""
    code = """
import sys, numpy as np
from course.classroom import plots
plots.points(np.arange(3.0), np.arange(3.0))._repr_mimebundle_()
answers = "activations losses chain circuit network descent training".split()
unwanted = ["matplotlib.pyplot", "anywidget", *(f"course.{name}" for name in answers)]
print([m for m in sys.modules if m in unwanted or m.startswith("autograder")])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_once_written_waits(capsys):
    """A cell that needs a function runs with it, and says what it waits for without it."""
    with once_written():
        print(student()["slope"](0.5, X, Y))
    with once_written():
        print(student("predict")["slope"](0.5, X, Y))
    with once_written():
        print(f"{None:.3f}")
    worked, waits, fails = capsys.readouterr().out.splitlines()
    assert worked == "-60.0"
    assert waits == "This appears once `predict` is written."
    assert fails.startswith("A function used here does not work yet (`TypeError: ")


# --- the notebook ---------------------------------------------------------------------------


def test_the_notebook_runs_with_its_solutions():
    """Every picture appears, and every check is right."""
    assert_right(run(NOTEBOOK, {}), EXERCISES, pictures=len(CALLS))


def test_the_notebook_runs_with_nothing_written():
    """Students open it with stubs: no cell may stop them, and each picture says what it needs."""
    assert_waiting(run(NOTEBOOK, {}, as_released), pictures=len(CALLS) - 1)


def test_the_notebook_asks_every_exercise_in_order():
    """Exercise cells and their checks stand in the order of the assignment."""
    assert_in_order(NOTEBOOK, EXERCISES)
