"""Assignment 03: its pictures are drawn by the student's functions, and its notebook runs."""

import ast
import base64
import inspect
import re
from pathlib import Path

import jupytext
import numpy as np
import pytest

from course.classroom import plots_one_neuron as plots
from course.classroom.exercises import of_assignment
from course.classroom.picture import Picture, Sentence

NAME = "03-one-neuron"
NOTEBOOK = jupytext.read(Path(__file__).parent.parent / f"solutions/{NAME}.md", fmt="md:myst")
SOLUTION = re.compile(r" *### BEGIN SOLUTION\n.*?### END SOLUTION", re.DOTALL)
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
    namespace = {"np": np}
    for cell in NOTEBOOK.cells:
        if "exercise" in cell.metadata.get("tags", []):
            exec(cell.source, namespace)
    if stub:
        raises = f"raise NotImplementedError('{stub}: replace this line')"
        exec(f"def {stub}(*args):\n    {raises}", namespace)
    return namespace | other


def draw_with(draw, namespace: dict) -> Picture | Sentence:
    """The picture drawn by the functions in ``namespace``."""
    return draw(**{name: namespace[name] for name in functions_of(draw)}, **CALLS[draw])


PAIRS = [pytest.param(d, n, id=f"{d.__name__}-{n}") for d in CALLS for n in functions_of(d)]


def test_all_pictures_are_tested():
    """No picture of the module is left out of this file."""
    assert {f for f in vars(plots).values() if hasattr(f, "__wrapped__")} == set(CALLS)


def labelled(axis, shared) -> bool:
    """True for an axis with a label, its own or one that it shares, or one that is not shown."""
    hidden = not axis.get_visible() or not axis.get_ticklabels()
    return hidden or any(one.get_label_text() for one in shared)


@pytest.mark.parametrize("draw", CALLS, ids=lambda draw: draw.__name__)
def test_a_picture_can_be_read(draw):
    """Each has a label on each axis, text that stands for it, and a PNG that shows it."""
    picture = draw_with(draw, student())
    assert isinstance(picture, Picture), str(picture)
    for axes in picture.figure.axes:
        beside = axes.get_shared_x_axes().get_siblings(axes)
        assert labelled(axes.xaxis, [one.xaxis for one in beside])
        beside = axes.get_shared_y_axes().get_siblings(axes)
        assert labelled(axes.yaxis, [one.yaxis for one in beside])
    assert 60 < len(picture.alt) < 500 and picture.alt.endswith(".")
    assert "nan" not in picture.alt and "{" not in picture.alt
    data, _ = picture._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")


@pytest.mark.parametrize(("draw", "name"), PAIRS)
def test_a_stub_leaves_a_sentence(draw, name):
    """Where one function is not written yet, the picture says which."""
    drawn = draw_with(draw, student(name))
    assert str(drawn) == f"This picture appears once `{name}` is written."


def leaves(*args):
    """A function that asks the interpreter to stop."""
    raise SystemExit


WRONG = {
    "None": lambda *args: None,
    "nan": lambda *args: np.nan,
    "text": lambda *args: "1.5",
    "ragged": lambda *args: [1.0, [2.0, 3.0]],
    "pair of None": lambda *args: (None, None),
    "shape": lambda *args: np.ones((3, 2, 1)),
    "number": lambda *args: 0.5,
    "seven texts": lambda *args: ("a",) * 7,
    "parameters": lambda: 1.0,
    "leaves": leaves,
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize(("draw", "name"), PAIRS)
def test_a_wrong_function_leaves_a_sentence(draw, name, wrong, capsys):
    """Whatever a function does, a sentence names it; nothing is raised, nothing is printed."""

    def own(*args):
        return wrong(*args)

    own.__name__ = name
    drawn = draw_with(draw, student(**{name: own}))
    assert isinstance(drawn, Sentence) and "No picture yet" in str(drawn)
    assert f"check({name})" in str(drawn)
    assert capsys.readouterr() == ("", "")


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


def shown(source: str, namespace: dict):
    """Run a cell as a notebook does; the value of its last line."""
    *statements, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        statements, last = [*statements, last], None
    exec(compile(ast.Module(statements, []), "cell", "exec"), namespace)
    if last:
        return eval(compile(ast.Expression(last.value), "cell", "eval"), namespace)


def values(edit) -> list:
    """What all code cells of the notebook show; their source changed by ``edit``."""
    namespace = {}
    cells = [cell for cell in NOTEBOOK.cells if cell.cell_type == "code"]
    options = np.get_printoptions()
    try:
        return [shown(edit(cell.source), namespace) for cell in cells]
    finally:
        np.set_printoptions(**options)


def as_released(source: str) -> str:
    """A cell as students get it."""
    name = re.search(r"def (\w+)", source)
    line = f"    raise NotImplementedError('{name[1] if name else ''}: replace this line')"
    return SOLUTION.sub(line, source)


def test_the_notebook_runs_with_its_solutions():
    """Every picture appears, and every check is right."""
    found = values(str)
    assert sum(isinstance(value, Picture) for value in found) == len(CALLS)
    assert not any(isinstance(value, Sentence) for value in found)
    reports = [value for value in found if hasattr(value, "findings")]
    assert [report.name for report in reports] == list(EXERCISES)
    assert {report.outcome for report in reports} == {"right"}


def test_the_notebook_runs_with_nothing_written():
    """Students open it with stubs: no cell may stop them, and each picture says what it needs."""
    found = values(as_released)
    assert sum(isinstance(value, Sentence) for value in found) == len(CALLS)
    assert {v.outcome for v in found if hasattr(v, "findings")} == {"not attempted"}


def test_the_notebook_asks_every_exercise_in_order():
    """Exercise cells and their checks stand in the order of the assignment."""
    tagged = [(cell.metadata.get("tags", [""])[0], cell.source) for cell in NOTEBOOK.cells]
    asked = [re.match(r"def (\w+)\((.*)\):", s).groups() for tag, s in tagged if tag == "exercise"]
    assert asked == [(e.name, ", ".join(e.parameters)) for e in EXERCISES.values()]
    assert [s for tag, s in tagged if tag == "check"] == [f"check({name})" for name in EXERCISES]
