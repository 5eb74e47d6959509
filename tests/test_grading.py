"""Whatever is handed in, every submission gets its score and a reason, and no other is changed."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.nbgraderformat import MetadataValidator

from autograder import engine, source
from autograder.cli import main
from autograder.repair import Released, Unreadable, grade_id, read, repair
from course.classroom import exercises

ROOT = Path(__file__).parent.parent
NAME = "01-gradient-descent"

TEXT = """---
kernelspec:
  name: python3
---

# Three exercises

```{code-cell} ipython3
import numpy as np
from course import check, hint, progress
```

```{code-cell} ipython3
:tags: [exercise]

def predict(x, w):
    ### BEGIN SOLUTION
    return x * w
    ### END SOLUTION
```

```{code-cell} ipython3
:tags: [check]

check(predict)
```

Now the loss.

```{code-cell} ipython3
:tags: [exercise]

def sum_of_squares(w, x, y):
    ### BEGIN SOLUTION
    return np.sum((x * w - y) ** 2)
    ### END SOLUTION
```

```{code-cell} ipython3
:tags: [check]

check(sum_of_squares)
```

```{code-cell} ipython3
:tags: [exercise]

def slope(w, x, y):
    ### BEGIN SOLUTION
    return np.sum(2 * (x * w - y) * x)
    ### END SOLUTION
```

```{code-cell} ipython3
:tags: [check]

check(slope)
```

+++ {"tags": ["written"], "points": 2, "name": "why"}

Why not try all?

### BEGIN SOLUTION
Too many.
### END SOLUTION
"""

PREDICT, SUM, SLOPE = (exercises.every()[n].points for n in ("predict", "sum_of_squares", "slope"))
ALL = PREDICT + SUM + SLOPE

NEVER_ENDS = """
def slope(w, x, y):
    while True:
        pass
"""
CANNOT_BE_STOPPED = """
import time
def slope(w, x, y):
    while True:
        try:
            time.sleep(0.1)
        except KeyboardInterrupt:
            pass
"""
ENDS_PYTHON = """
import os
def slope(w, x, y):
    os._exit(1)
"""


def make_course(folder: Path) -> nbformat.NotebookNode:
    """A course folder with the repository's settings; returns the released notebook, solved."""
    path = folder / "solutions" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(source.notebook(source.split(TEXT)))
    quick = "\nc.Run.cell_seconds = 3\nc.Run.call_seconds = 1\n"
    config = (ROOT / "nbgrader_config.py").read_text() + quick
    (folder / "nbgrader_config.py").write_text(config)
    nb = nbformat.read(path, as_version=4)
    for cell in nb.cells:
        cell.source = cell.source.replace("    ### BEGIN SOLUTION\n", "")
        cell.source = cell.source.replace("    ### END SOLUTION", "")
    cell_of(nb, "why").source = "Why not try all?\n\nThere are too many."
    return nb


def cell_of(nb: nbformat.NotebookNode, name: str) -> nbformat.NotebookNode:
    return next(cell for cell in nb.cells if grade_id(cell) == name)


def hand_in(folder: Path, student: str, content, name: str = f"{NAME}.ipynb") -> None:
    place = folder / "submitted" / student / NAME
    place.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        (place / name).write_bytes(content)
    else:
        nbformat.write(content, place / name)


# --- what is done to a notebook -------------------------------------------------------------


@dataclass
class Damage:
    """do: changes the notebook, or returns what stands in the file. score, reason: expected."""

    do: object
    score: float = ALL
    reason: str = ""
    name: str = f"{NAME}.ipynb"


def delete(*names):
    def do(nb):
        nb.cells = [cell for cell in nb.cells if grade_id(cell) not in names]

    return do


def write(name, code):
    def do(nb):
        cell_of(nb, name).source = code

    return do


def duplicate(*names):
    def do(nb):
        for name in names:
            i = nb.cells.index(cell_of(nb, name))
            nb.cells.insert(i, deepcopy(nb.cells[i]))
            nb.cells[i].id += "-copy"

    return do


def strip(nb):
    for cell in nb.cells:
        cell.metadata = nbformat.NotebookNode()


def change_marks(nb):
    cell_of(nb, "check-predict").metadata.nbgrader.schema_version = 7
    cell_of(nb, "check-slope").metadata.nbgrader.update(points=100, locked=False)
    cell_of(nb, "check-sum_of_squares").metadata.nbgrader.grade_id = "other"
    cell_of(nb, "why").metadata.nbgrader.grade = False
    cell_of(nb, "slope").metadata.nbgrader.update(grade=True, extra={"a": 1})
    cell_of(nb, "predict").metadata.nbgrader = "text"


def skip_by_tag(nb):
    for cell in nb.cells:
        cell.metadata["tags"] = ["skip-execution"]
    cell_of(nb, "slope").source = "def slope(w, x, y):\n    return 0"


def as_text_cell(nb):
    cell = cell_of(nb, "slope")
    nb.cells[nb.cells.index(cell)] = nbformat.v4.new_markdown_cell(
        cell.source, metadata=cell.metadata
    )


def check_first(nb):
    cell = cell_of(nb, "check-slope")
    nb.cells.remove(cell)
    nb.cells.insert(2, cell)


def merge(nb):
    cell_of(nb, "predict").source += "\n" + cell_of(nb, "slope").source
    delete("slope")(nb)


def no_points_in(nb):
    """Everything that a student might try in a check cell or with the name `check`."""
    cell_of(nb, "check-slope").source = "3"
    cell_of(nb, "slope").source = "def slope(w, x, y):\n    return 0\ncheck = lambda f: 3"


def stub(name: str) -> str:
    parameters = ", ".join(exercises.every()[name].parameters)
    return f'def {name}({parameters}):\n    raise NotImplementedError("{name}: replace this line")'


DAMAGES = {
    "right": Damage(lambda nb: None),
    "untouched": Damage(
        lambda nb: (
            [write(n, stub(n))(nb) for n in ("predict", "sum_of_squares", "slope")]
            + [write("why", "Why not try all?\n\nYOUR ANSWER HERE")(nb)]
        ),
        0,
        "not attempted: all",
    ),
    "check-deleted": Damage(delete("check-slope"), reason="Missing, put back as released: the ch"),
    "all-deleted": Damage(lambda nb: nb.cells.clear(), 0, "Missing"),
    "work-deleted": Damage(delete("slope"), ALL - SLOPE, "not attempted: slope"),
    "imports-deleted": Damage(
        lambda nb: nb.cells.pop(1), reason="Missing, put back as released: a read-only cell"
    ),
    "duplicated": Damage(duplicate("slope", "check-slope", "why"), reason="more than once"),
    "stripped": Damage(strip, reason="lost or changed marks"),
    "marks-changed": Damage(change_marks, reason="lost or changed marks"),
    "skip-tags": Damage(skip_by_tag, ALL - SLOPE, "slope: "),
    "text-cell": Damage(as_text_cell, reason="another type of cell"),
    "check-first": Damage(check_first, reason="Above the function"),
    "merged": Damage(merge),
    "own-check": Damage(no_points_in, ALL - SLOPE, "slope: "),
    "loop": Damage(write("slope", NEVER_ENDS), ALL - SLOPE, "slope: It was stopped before"),
    "loop-at-once": Damage(
        write("slope", "while True:\n    print('x' * 500)"), ALL - SLOPE, "slop"
    ),
    "unstoppable": Damage(
        write("slope", CANNOT_BE_STOPPED),
        ALL - SLOPE,
        "slope: It took longer than 1 s and was stopped",
    ),
    "exit": Damage(write("slope", ENDS_PYTHON), ALL - SLOPE, "slope: It ended Python itself"),
    "exit-at-once": Damage(
        write("predict", "import os\nos._exit(1)"), ALL - PREDICT, "Python itself was ended here"
    ),
    "syntax": Damage(write("slope", "def slope(w, x, y:"), ALL - SLOPE, "SyntaxError"),
    "raise-left-over": Damage(
        write(
            "predict",
            f"def predict(x, w):\n    return x * w\n    {stub('predict').split('    ')[1]}",
        )
    ),
    "own-lines-and-raise": Damage(
        write("predict", "def predict(x, w):\n    y = x * w\n    raise NotImplementedError"),
        ALL - PREDICT,
        "predict: It comes to a line `raise NotImplementedError`. Take that line out.",
    ),
    "module-missing": Damage(
        write("predict", "import nowhere\nimport math\ndef predict(x, w):\n    return x * w")
    ),
    "module-used": Damage(
        write("predict", "from nowhere import f\ndef predict(x, w):\n    return f(x) * w"),
        ALL - PREDICT,
        "`nowhere` is not there when notebooks are graded",
    ),
    "scipy": Damage(
        write(
            "predict",
            "from scipy.special import expit\nimport numpy as np\ndef predict(x, w):\n"
            "    return x * w * (expit(0.0) + 0.5)",
        )
    ),
    "renamed": Damage(
        lambda nb: None, ALL, "The file is called My homework.ipynb", name="My homework.ipynb"
    ),
    "not-json": Damage(lambda nb: b'{"cells": [', 0, "not valid JSON"),
    "empty": Damage(lambda nb: b"", 0, "is empty"),
    "a-list": Damage(lambda nb: b"[1, 2]", 0, "JSON, but not a notebook"),
    "odd-cells": Damage(lambda nb: b'{"nbformat": 4, "cells": [7, {"source": 1}]}', 0, "Missing"),
    "other-file": Damage(lambda nb: b"my answers", 0, "no notebook", name="answers.txt"),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class with every damage, graded in one go: folder, results by student, digests before."""
    folder = tmp_path_factory.mktemp("course")
    solved = make_course(folder)
    for student, damage in DAMAGES.items():
        nb = deepcopy(solved)
        content = damage.do(nb)
        hand_in(folder, student, content if isinstance(content, bytes) else nb, damage.name)
    hand_in(folder, "right", nbformat.v4.new_notebook(), "scratch.ipynb")
    before = digests(folder / "submitted")
    results = {result.student: result for result in engine.grade(folder, NAME, feedback=True)}
    return folder, results, before


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("student", DAMAGES)
def test_every_submission_gets_its_score_and_a_reason(graded, student):
    """A damaged notebook loses no points but those of the exercise that cannot be judged."""
    _, results, _ = graded
    result, damage = results[student], DAMAGES[student]
    assert (result.points, result.failed) == (damage.score, "")
    assert damage.reason in "; ".join(result.reasons)


def test_what_was_handed_in_stays_as_it_was(graded):
    """No file in ``submitted`` is changed, added or lost, whatever the grading made of it."""
    folder, _, before = graded
    assert digests(folder / "submitted") == before


def test_pages_say_what_was_repaired_and_show_the_reports(graded):
    """Student and instructor find the repairs at the top and each report in the page."""
    folder, _, _ = graded
    page = (folder / "feedback" / "check-deleted" / NAME / f"{NAME}.html").read_text()
    assert "put in order before it was graded" in page and "Missing, put back as released" in page
    assert page.count("✓ slope: right") == 1
    loud = (folder / "autograded" / "loop-at-once" / NAME / f"{NAME}.ipynb").stat().st_size
    assert loud < 2_000_000


def test_a_second_grading_of_one_student_changes_only_that_student(graded):
    """STUDENT narrows the grading; the command prints JSON; grades.csv still has everybody."""
    folder, results, _ = graded
    run = invoke(folder, "grade", NAME, "right", "--json")
    (again,) = json.loads(run.stdout)
    assert run.exit_code == 0 and again["points"] == ALL and again["by_hand"] == 2
    lines = (folder / "grades.csv").read_text().splitlines()
    assert lines[0].split(",")[-2:] == ["max_score", "reason"]
    assert len(lines) == 1 + len(results)


def test_answers_in_words_wait_for_the_instructor(graded):
    """An answer that was changed is to be marked by hand; the question alone is not attempted."""
    _, results, _ = graded
    assert results["right"].by_hand == results["duplicated"].by_hand == 2
    assert results["untouched"].by_hand == results["not-json"].by_hand == 0


# --- what cannot be graded ------------------------------------------------------------------


def invoke(folder: Path, *arguments: str):
    here = os.getcwd()
    os.chdir(folder)
    try:
        return CliRunner().invoke(main, arguments, catch_exceptions=False)
    finally:
        os.chdir(here)


def old_gradebook(folder):
    with sqlite3.connect(folder / "gradebook.db") as gradebook:
        gradebook.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        gradebook.execute("INSERT INTO alembic_version VALUES ('50a4d84c131a')")


@pytest.mark.parametrize(
    ("prepare", "arguments", "words"),
    [
        (old_gradebook, [NAME], "another version of nbgrader"),
        (lambda f: (f / "gradebook.db").write_text("hello " * 99), [NAME], "not a database"),
        (lambda f: (f / "autograded").write_text(""), [NAME], "cannot be written"),
        (lambda f: None, ["02-nothing"], f"There are: {NAME}"),
        (lambda f: None, [NAME, "nobody"], "no submission in"),
        (lambda f: shutil.rmtree(f / "submitted"), [NAME], "no submission in"),
        (lambda f: shutil.rmtree(f / "solutions"), [NAME], "autograder build"),
    ],
)
def test_what_stops_the_grading_is_said_in_one_sentence(tmp_path, prepare, arguments, words):
    """Exit code 2, one line on stderr, no traceback, and nothing graded."""
    hand_in(tmp_path, "somebody", make_course(tmp_path))
    prepare(tmp_path)
    run = invoke(tmp_path, "grade", *arguments)
    assert run.exit_code == 2 and run.stdout == ""
    assert words in run.stderr and run.stderr.count("\n") == 1
    assert not (tmp_path / "autograded" / "somebody").exists()


# --- nbgrader's own commands ----------------------------------------------------------------


def test_nbgraders_own_commands_work_by_hand(tmp_path):
    """generate_assignment, autograde, generate_feedback and export, in the course folder."""
    solved = make_course(tmp_path)
    hand_in(tmp_path, "renamed", solved, "copy.ipynb")
    hand_in(tmp_path, "broken", b"{")
    for command in ("generate_assignment", "autograde", "generate_feedback", "export"):
        arguments = [] if command == "export" else [NAME]
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", command, *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    released = (tmp_path / "notebooks" / NAME / f"{NAME}.ipynb").read_text()
    assert "replace this line" in released and "x * w" not in released
    lines = (tmp_path / "grades.csv").read_text().splitlines()[1:]
    scores = {line.split(",")[3]: float(line.split(",")[9]) for line in lines}
    assert scores == {"renamed": ALL, "broken": 0}
    assert len(list((tmp_path / "feedback").rglob("*.html"))) == 2


# --- repairing ------------------------------------------------------------------------------


def released_notebook() -> tuple[nbformat.NotebookNode, list[Released]]:
    nb = nbformat.reads(source.notebook(source.split(TEXT)).decode(), as_version=4)
    released = []
    for cell in nb.cells:
        mark = cell.metadata.nbgrader
        points = mark.get("points")
        kind = (mark.locked, mark.solution, mark.task, points)
        released.append(Released(mark.grade_id, cell.cell_type, cell.source, "0" * 32, *kind))
    return nb, released


steps = st.lists(
    st.tuples(
        st.sampled_from(["delete", "copy", "move", "strip", "rename", "retype", "write", "edit"]),
        st.integers(0, 50),
        st.integers(0, 50),
    ),
    max_size=12,
)


def do(nb: nbformat.NotebookNode, step: tuple[str, int, int]) -> None:
    what, i, j = step
    if what == "write":
        nb.cells.insert(j % (len(nb.cells) + 1), nbformat.v4.new_code_cell(f"my_work_{i} = {j}"))
    if not nb.cells:
        return
    cell = nb.cells[i % len(nb.cells)]
    match what:
        case "delete":
            nb.cells.pop(i % len(nb.cells))
        case "copy":
            nb.cells.insert(j % len(nb.cells), deepcopy(cell))
        case "move":
            nb.cells.insert(j % len(nb.cells), nb.cells.pop(i % len(nb.cells)))
        case "strip":
            cell.metadata = nbformat.NotebookNode()
        case "rename":
            cell.metadata = nbformat.from_dict({"nbgrader": {"grade_id": ["slope", j, "x"][j % 3]}})
        case "retype":
            cell.cell_type = ["code", "markdown", "raw"][j % 3]
        case "edit":
            cell.source += f"\n# edit {j}"


@settings(max_examples=150, deadline=None)
@given(steps)
def test_any_damage_is_repaired_and_no_work_is_lost(steps):
    """After any changes: each released cell once, checks after their functions, valid for
    nbgrader; all that the student wrote is still there; a second repair finds nothing to do."""
    nb, released = released_notebook()
    for step in steps:
        do(nb, step)
    written = [cell.source for cell in nb.cells]
    repair(nb, released)
    names = [grade_id(cell) for cell in nb.cells]
    for wanted in released:
        defined = any(f"def {wanted.name}(" in cell.source for cell in nb.cells)
        assert names.count(wanted.name) == 1 or (wanted.solution and defined)
        if wanted.name.startswith("check-"):
            work = wanted.name.removeprefix("check-")
            above = nb.cells[: names.index(wanted.name)]
            assert any(grade_id(c) == work or f"def {work}(" in c.source for c in above)
    kept = {cell.source for cell in nb.cells}
    ours = [cell.source for cell in released if cell.locked]
    lost = {text for text in written if text not in kept}
    assert not [text for text in lost if not any(text.startswith(part) for part in ours)]
    MetadataValidator().validate_nb(nb)
    marks = [dict(cell.metadata.get("nbgrader", {})) for cell in nb.cells]
    assert not [s for s in repair(nb, released) if "changed text" not in s]
    assert marks == [dict(cell.metadata.get("nbgrader", {})) for cell in nb.cells]


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "nbformat",
                        "cells",
                        "metadata",
                        "cell_type",
                        "source",
                        "worksheets",
                        "outputs",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_is_a_notebook_or_is_refused_in_words(tmp_path_factory, content):
    """No file makes the reader fail in another way than by saying that it is not a notebook."""
    path = tmp_path_factory.getbasetemp() / "any.ipynb"
    path.write_text(json.dumps(content))
    try:
        nb = read(path)
    except Unreadable as problem:
        assert "any.ipynb" in str(problem)
    else:
        nbformat.validate(nb)
