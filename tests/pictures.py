"""What the tests of pictures share: notebooks run as they are shown, functions that do not work,
and what can be read in a picture."""

import ast
import base64
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import jupytext
import numpy as np
from nbformat import NotebookNode

from course.classroom.exercises import Exercise
from course.classroom.picture import Picture, Sentence

SOLUTION = re.compile(r" *### BEGIN SOLUTION\n.*?### END SOLUTION", re.DOTALL)


# --- notebooks ------------------------------------------------------------------------------


def text_of(assignment: str) -> NotebookNode:
    """The notebook with solutions of an assignment."""
    return jupytext.read(Path(__file__).parent.parent / f"solutions/{assignment}.md", fmt="md:myst")


def shown(source: str, namespace: dict):
    """Run a cell as a notebook does; the value of its last line."""
    *statements, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        statements, last = [*statements, last], None
    exec(compile(ast.Module(statements, []), "cell", "exec"), namespace)
    if last:
        return eval(compile(ast.Expression(last.value), "cell", "eval"), namespace)


def run(notebook: NotebookNode, namespace: dict, edit: Callable[[str], str] = str) -> list:
    """What all code cells show, each rendered; their source changed by ``edit``."""
    options = np.get_printoptions()
    try:
        cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        found = [shown(edit(source), namespace) for source in cells]
    finally:
        np.set_printoptions(**options)
    for value in found:
        for form in ("_repr_mimebundle_", "_repr_html_"):
            if hasattr(value, form):
                getattr(value, form)()
    return found


def as_released(source: str) -> str:
    """A cell as students get it."""
    name = re.search(r"def (\w+)", source)
    line = f"    raise NotImplementedError('{name[1] if name else ''}: replace this line')"
    return SOLUTION.sub(line, source)


def solutions(notebook: NotebookNode) -> dict:
    """A student's namespace in which every exercise is right, and nothing else."""
    namespace = {"np": np}
    for cell in notebook.cells:
        if "exercise" in cell.metadata.get("tags", []):
            exec(cell.source, namespace)
    return namespace


def assert_right(found: list, exercises: Mapping[str, Exercise], pictures: int) -> None:
    """All pictures have appeared, and every check is right, in the order of the assignment."""
    assert sum(isinstance(value, Picture) for value in found) == pictures
    assert not any(isinstance(value, Sentence) for value in found)
    reports = [value for value in found if hasattr(value, "outcome")]
    assert [report.name for report in reports] == list(exercises)
    assert {report.outcome for report in reports} == {"right"}


def assert_waiting(found: list, pictures: int) -> None:
    """Nothing is written: no check has been attempted, and ``pictures`` say what they need."""
    assert sum(isinstance(value, Sentence) for value in found) == pictures
    assert {v.outcome for v in found if hasattr(v, "outcome")} == {"not attempted"}


def assert_in_order(notebook: NotebookNode, exercises: Mapping[str, Exercise]) -> None:
    """Exercise cells and their checks stand in the order of the assignment."""
    tagged = [(cell.metadata.get("tags", [""])[0], cell.source) for cell in notebook.cells]
    asked = [re.match(r"def (\w+)\((.*)\):", s).groups() for tag, s in tagged if tag == "exercise"]
    assert asked == [(e.name, ", ".join(e.parameters)) for e in exercises.values()]
    assert [s for tag, s in tagged if tag == "check"] == [f"check({name})" for name in exercises]


# --- functions that do not work -------------------------------------------------------------


def unwritten(name: str, namespace: dict) -> dict:
    """The namespace, with a function in it as it is released."""
    exec(f"def {name}(*args):\n    raise NotImplementedError('{name}: replace this')", namespace)
    return namespace


def named(name: str, body: Callable) -> dict[str, Callable]:
    """A function of any parameters in place of the student's, by name."""

    def own(*args):
        return body(*args)

    own.__name__ = name
    return {name: own}


def leaves(*args):
    """A function that asks the interpreter to stop."""
    raise SystemExit


def crashes(*args):
    """A function with an error in it."""
    print("here")
    return [][1]


WRONG = {
    "None": lambda *args: None,
    "nan": lambda *args: np.nan,
    "text": lambda *args: "1.5",
    "ragged": lambda *args: [1.0, [2.0, 3.0]],
    "huge": lambda *args: 10**4000,
    "shape": lambda *args: np.ones((3, 2, 1)),
    "parameters": lambda: 1.0,
    "crashes": crashes,
    "leaves": leaves,
}


def assert_names(drawn: Picture | Sentence, name: str, capsys) -> None:
    """A sentence stands in place of a picture and names the function; nothing was printed."""
    assert isinstance(drawn, Sentence) and "No picture yet" in str(drawn)
    assert f"check({name})" in str(drawn)
    assert capsys.readouterr() == ("", "")


# --- pictures -------------------------------------------------------------------------------


def assert_readable(picture: Picture, longest: int = 500) -> None:
    """There is a text that stands for the picture, and a PNG that shows it."""
    assert isinstance(picture, Picture), str(picture)
    assert 60 < len(picture.alt) < longest and picture.alt.endswith(".")
    assert "nan" not in picture.alt and "{" not in picture.alt
    data, metadata = picture._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert data["text/plain"] == metadata["image/png"]["alt"] == picture.alt


def assert_labelled(axes) -> None:
    """Both axes have labels, their own or ones that they share, or are not shown."""
    for which in ("x", "y"):
        shared = getattr(axes, f"get_shared_{which}_axes")().get_siblings(axes)
        axis = [getattr(one, f"{which}axis") for one in shared]
        hidden = not axes.axison or not axis[0].get_visible() or not axis[0].get_ticklabels()
        assert hidden or any(one.get_label_text() for one in axis), which
