"""What authors write, solutions/NN-name.md, and the notebook with solutions that it becomes.

Cell tags say what a cell is: exercise, check, written; every other cell is read-only. Points, ids
and locks of nbgrader are taken from the exercise, so that nothing is written twice.
"""

import ast
import difflib
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml
from jupytext.myst import myst_to_notebook

from course.classroom import exercises

#: The same in every notebook: nothing that tells one machine or version from another.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
TAGS = {"exercise": "code", "check": "code", "written": "markdown"}
BEGIN, END = "BEGIN SOLUTION", "END SOLUTION"
MARKERS = f"### {BEGIN} … ### {END}"


class BuildError(Exception):
    """Why the course cannot be built: a sentence per line, those about a text `file:line: …`."""


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook's text.

    kind: "exercise", "check", "written" or "read-only". name: of the exercise or the written
    question, "" if there is none. line: of the file, where ``source`` begins, from 1.
    """

    kind: str
    cell_type: str
    source: str
    line: int
    name: str
    metadata: dict[str, Any]

    @property
    def grade_id(self) -> str:
        """nbgrader's name of the cell. That of a read-only cell follows its content: when a cell
        is added above, the others keep theirs, and notebooks handed out before still fit."""
        if self.kind == "read-only":
            kind = "code" if self.cell_type == "code" else "text"
            return f"{kind}-{hashlib.sha256(self.source.encode()).hexdigest()[:10]}"
        return f"check-{self.name}" if self.kind == "check" else self.name

    @property
    def points(self) -> float:
        """The points that a check or a written question is worth."""
        if self.kind == "check":
            return exercises.every()[self.name].points
        return self.metadata["points"]


def read(path: Path, shown: str) -> list[Cell]:
    """The cells of a text; raises BuildError, with all that is wrong in it, under ``shown``."""
    cells, found = [], []
    try:
        text = path.read_text(encoding="utf-8")
        cells = split(text)
        found = sorted(problems(cells, path.stem))
    except FileNotFoundError:
        raise BuildError(f"{shown}: no such file, but ASSIGNMENTS names {path.stem}.") from None
    except UnicodeDecodeError as error:
        raise BuildError(f"{shown}: not UTF-8 text ({error.reason}, byte {error.start}).") from None
    except Unreadable as problem:
        found = [problem.args]
    if found:
        raise BuildError("\n".join(f"{shown}:{line}: {what}" for line, what in found))
    return cells


# --- reading --------------------------------------------------------------------------------


class Unreadable(Exception):
    """A text that cannot be taken apart into cells: line, what is wrong."""


def split(text: str) -> list[Cell]:
    """The cells of a MyST text in order."""
    front = front_matter(text)
    body = "\n" * front.count("\n") + text.removeprefix(front)  # every line keeps its number
    try:
        parsed = myst_to_notebook(body, add_source_map=True)
    except Exception as error:  # whatever the parser stumbles over, the text is the reason
        raise Unreadable(*where_parsing_failed(error, text)) from None
    lines = text.splitlines()
    starts = parsed.metadata["source_map"]
    return [as_cell(cell, lines, start) for cell, start in zip(parsed.cells, starts, strict=True)]


def front_matter(text: str) -> str:
    """What the text begins with: YAML that must name the kernel, for those who open the text as
    a notebook. The notebooks built have METADATA instead."""
    wanted = "between two lines `---` at the top: kernelspec, and in it name: python3"
    front = re.match(r"---\n(.*?)^---[ \t]*$", text, re.DOTALL | re.MULTILINE)
    if not front:
        raise Unreadable(1, f"the front matter is missing or has no end; it stands {wanted}.")
    try:
        settings = yaml.safe_load(front[1])
    except yaml.YAMLError as error:
        line, cause = yaml_cause(error)
        raise Unreadable(line + 2, f"the front matter is not YAML: {cause}.") from None
    try:
        python = settings["kernelspec"]["name"] == "python3"
    except (TypeError, KeyError):
        python = False
    if not python:
        raise Unreadable(1, f"the front matter does not name the kernel; it stands {wanted}.")
    return front[0]


def yaml_cause(error: yaml.YAMLError) -> tuple[int, str]:
    """Line, from 0, and cause of a YAML error."""
    mark, cause = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    return (mark.line if mark else 0), cause or " ".join(str(error).split())


def where_parsing_failed(error: Exception, text: str) -> tuple[int, str]:
    """Line and cause of an error that the MyST parser raised."""
    if named := re.search(r"at line (\d+) could not be read: (.*)", str(error), re.DOTALL):
        cause = " ".join(named[2].split())
        return int(named[1]), f"the options of this cell cannot be read: {cause}"
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r'(:|\+\+\+ .*")?tags"?:\s*["\w]', line):
            return number, "tags are a list, in brackets even if there is only one."
    return 1, f"the text cannot be read: {' '.join(str(error).split())[:300]}"


def as_cell(parsed: nbformat.NotebookNode, lines: list[str], start: int) -> Cell:
    """The Cell of one parsed cell; ``start`` is the line, from 0, where it may begin."""
    metadata = dict(parsed.metadata)
    tags = metadata.pop("tags", [])
    kind = next((tag for tag in TAGS if tag in tags), "read-only")
    if other := [tag for tag in tags if tag not in TAGS]:
        metadata["tags"] = other
    source = parsed.source
    length = source.count("\n") + 1
    while start < len(lines) and "\n".join(lines[start : start + length]) != source:
        start += 1  # past the cell's options and blank lines
    name = name_of(kind, source, metadata)
    return Cell(kind, parsed.cell_type, source, start + 1, name, metadata)


def name_of(kind: str, source: str, metadata: dict) -> str:
    """The exercise that a cell is about, or the name of its question; "" if there is none."""
    if kind == "exercise":
        defined = re.findall(r"^def (\w+)", source, re.MULTILINE)
        return next((name for name in defined if name in exercises.every()), "".join(defined[:1]))
    if kind == "check":
        called = re.fullmatch(r"\s*check\((\w+)\)\s*", source)
        return called[1] if called else ""
    return str(metadata.get("name", "")) if kind == "written" else ""


# --- what can be wrong ----------------------------------------------------------------------

#: A line of the file, and what is wrong there.
Problems = Iterator[tuple[int, str]]


def problems(cells: list[Cell], assignment: str) -> Problems:
    """Everything that is wrong in the cells of one assignment."""
    look = {
        "exercise": exercise_problems,
        "check": check_problems,
        "written": written_problems,
        "read-only": read_only_problems,
    }
    for cell in cells:
        if "```{code-cell}" in cell.source:
            yield cell.line, "this cell has no end: its closing ``` is missing."
        elif cell.cell_type != TAGS.get(cell.kind, cell.cell_type):
            yield cell.line, f"the tag {cell.kind} is for {TAGS[cell.kind]} cells."
        else:
            yield from look[cell.kind](cell, assignment)
    yield from order_problems(cells, assignment)


def exercise_problems(cell: Cell, assignment: str) -> Problems:
    """An exercise cell defines the exercise's function, with markers inside of it."""
    if not cell.name:
        yield cell.line, "an exercise cell defines the function of an exercise; this has no `def`."
        return
    yield from name_problems(cell, assignment)
    try:
        statements = ast.parse(cell.source).body
    except SyntaxError as error:
        line = cell.line + (error.lineno or 1) - 1
        yield line, f"Python cannot read this exercise cell: {error.msg}."
        return
    function = next(s for s in statements if getattr(s, "name", "") == cell.name)
    yield from parameter_problems(cell, function)
    wrong = list(marker_problems(cell))
    yield from wrong
    begin = next((i for i, line in enumerate(cell.source.splitlines(), 1) if BEGIN in line), 0)
    if not wrong and not function.lineno < begin <= function.end_lineno:
        yield cell.line + begin - 1, f"{MARKERS} must stand inside the function `{cell.name}`."


def name_problems(cell: Cell, assignment: str) -> Problems:
    """The exercise that a cell names exists, and in this assignment."""
    exercise = exercises.every().get(cell.name)
    if exercise is None:
        close = difflib.get_close_matches(cell.name, exercises.every(), n=1)
        meant = f" Did you mean `{close[0]}`?" if close else ""
        yield cell.line, f"there is no exercise `{cell.name}`.{meant}"
    elif exercise.assignment != assignment:
        yield cell.line, f"the exercise `{cell.name}` belongs to {exercise.assignment}."


def parameter_problems(cell: Cell, function: ast.FunctionDef) -> Problems:
    """The function has the parameters that the exercise says, under the same names."""
    exercise = exercises.every().get(cell.name)
    names = tuple(node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg))
    if exercise and names != exercise.parameters:
        written = f"{cell.name}({', '.join(names)})"
        line = cell.line + function.lineno - 1
        yield line, f"the function is {written}, the exercise asks for {exercise.signature}."


def marker_problems(cell: Cell) -> Problems:
    """A cell with a solution holds one pair of markers with something in between."""
    lines = cell.source.splitlines()
    begins = [i for i, line in enumerate(lines) if BEGIN in line]
    ends = [i for i, line in enumerate(lines) if END in line]
    if not begins and not ends:
        yield cell.line, f"the solution markers are missing: {MARKERS}."
    elif len(begins) != 1 or len(ends) != 1 or begins > ends:
        line = cell.line + min(begins + ends)
        yield line, f"the solution markers are unbalanced: {MARKERS}, once, in this order."
    elif not any(line.strip() for line in lines[begins[0] + 1 : ends[0]]):
        yield cell.line + begins[0], "there is nothing between the solution markers."


def check_problems(cell: Cell, assignment: str) -> Problems:
    """A check cell holds one line that names an exercise."""
    if cell.name:
        yield from name_problems(cell, assignment)
    else:
        yield cell.line, "a check cell holds one line, `check(name)`, and nothing else."


def written_problems(cell: Cell, assignment: str) -> Problems:
    """A written question has a name, points and a model answer."""
    form = '+++ {"tags": ["written"], "points": 2, "name": "why-so"}'
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cell.name):
        yield cell.line, f"a written question needs a name, of small letters and hyphens: {form}"
    points = cell.metadata.get("points")
    if type(points) not in (int, float) or not 0 < points < 1000:
        yield cell.line, f"a written question needs points, a number above 0: {form}"
    yield from marker_problems(cell)


def read_only_problems(cell: Cell, assignment: str) -> Problems:
    """A read-only cell reaches the students as it stands, so it holds no solution."""
    for i, line in enumerate(cell.source.splitlines()):
        if BEGIN in line or END in line:
            yield cell.line + i, "a solution marker outside of an exercise or a written question."


def order_problems(cells: list[Cell], assignment: str) -> Problems:
    """Every exercise is there once, followed by its check; no name is used twice."""
    first: dict[str, Cell] = {}
    for cell in cells:
        if cell.kind != "read-only" and cell.name:
            earlier = first.setdefault(cell.grade_id, cell)
            if earlier is not cell:
                what = f"check({cell.name})" if cell.kind == "check" else cell.name
                yield cell.line, f"`{what}` is here a second time; first at line {earlier.line}."
    for name in exercises.of_assignment(assignment):
        cell, check = first.get(name), first.get(f"check-{name}")
        if cell is None:
            yield 1, f"the exercise `{name}` is missing in this notebook."
        elif check is None:
            yield cell.line, f"the exercise `{name}` has no check cell: `check({name})`."
        elif check.line < cell.line:
            yield check.line, f"`check({name})` stands before its exercise at line {cell.line}."


# --- the notebook ---------------------------------------------------------------------------


def notebook(cells: list[Cell]) -> bytes:
    """The notebook with solutions that nbgrader takes as its source; no outputs."""
    ids: dict[str, int] = {}
    nodes = []
    for cell in cells:
        grade_id = cell.grade_id
        ids[grade_id] = ids.get(grade_id, 0) + 1
        if ids[grade_id] > 1:  # read-only cells of the same content
            grade_id = f"{grade_id}-{ids[grade_id]}"
        nodes.append(as_node(cell, grade_id))
    made = nbformat.v4.new_notebook(cells=nodes, metadata=METADATA)
    made.nbformat_minor = 5
    nbformat.validate(made)
    return (nbformat.writes(made).rstrip() + "\n").encode()


def as_node(cell: Cell, grade_id: str) -> nbformat.NotebookNode:
    """The notebook's cell, with nbgrader's metadata."""
    graded, solution = cell.kind in ("check", "written"), cell.kind in ("exercise", "written")
    nbgrader = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": graded,
        "solution": solution,
        "locked": not solution,
        "task": False,
    }
    if graded:
        nbgrader["points"] = cell.points
    kept = {k: v for k, v in cell.metadata.items() if k not in ("points", "name")}
    new = getattr(nbformat.v4, f"new_{cell.cell_type}_cell")
    return new(cell.source, id=grade_id, metadata={**kept, "nbgrader": nbgrader})
