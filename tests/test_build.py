"""autograder build: the same bytes everywhere, in step with the sources; errors say where."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from autograder import answers, source
from autograder.build import BuildError, build, pretty
from autograder.cli import main
from course.classroom import exercises
from course.classroom.running import progress_of_notebook

ROOT = Path(__file__).parent.parent
NAME = "01-gradient-descent"
TEXT = f"solutions/{NAME}.md"
NOTEBOOK = f"notebooks/{NAME}/{NAME}.ipynb"

OPENING = """---
kernelspec:
  name: python3
---

# A title

```{code-cell} ipython3
:tags: [hide-input]

from course import check, hint, progress
```
"""

EXERCISE = '''
```{code-cell} ipython3
:tags: [exercise]

def SIGNATURE:
    """What is asked of NAME."""
    ### BEGIN SOLUTION
    secret_of_NAME = 42
    return secret_of_NAME
    ### END SOLUTION
```

```{code-cell} ipython3
:tags: [check]

check(NAME)
```
'''

QUESTION = """
+++ {"tags": ["written"], "points": 2.5, "name": "why-so"}

Why so?

### BEGIN SOLUTION
A model answer.
### END SOLUTION

+++

The end.
"""


def a_text():
    """The text of a small notebook without errors."""
    parts = [
        EXERCISE.replace("SIGNATURE", exercise.signature).replace("NAME", exercise.name)
        for exercise in exercises.of_assignment(NAME).values()
    ]
    return "".join([OPENING, *parts, QUESTION])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A course folder with that text and nothing built; the course has no other assignment."""
    only = {NAME: exercises.ASSIGNMENTS[NAME]}
    monkeypatch.setattr(exercises, "ASSIGNMENTS", only)
    exercises.every.cache_clear()
    (tmp_path / "solutions").mkdir()
    (tmp_path / TEXT).write_text(a_text(), encoding="utf-8")
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    yield tmp_path
    exercises.every.cache_clear()


def run(folder, monkeypatch, *arguments):
    """The result of ``autograder ARGUMENTS`` in ``folder``."""
    monkeypatch.chdir(folder)
    return CliRunner().invoke(main, arguments)


# --- what is built --------------------------------------------------------------------------


def test_the_repository_is_in_step_with_its_sources():
    """Nothing in notebooks/, recorded/ or docs/exercises.md differs from what build makes."""
    assert build(ROOT, check=True) == []


@pytest.mark.parametrize("assignment", exercises.ASSIGNMENTS)
def test_the_solutions_are_right(assignment):
    """The notebook with solutions runs, and each exercise in it has full points."""
    progress = progress_of_notebook(ROOT / f"solutions/{assignment}/{assignment}.ipynb")
    assert progress["points"] == progress["out_of"] > 0, progress["text"]


@pytest.mark.parametrize("assignment", exercises.ASSIGNMENTS)
def test_released_notebooks_hold_no_solution(assignment):
    """No marker, no line of a solution or a model answer; the stub names its function."""
    notebook = (ROOT / f"notebooks/{assignment}/{assignment}.ipynb").read_text(encoding="utf-8")
    released = "\n".join(cell.source for cell in nbformat.reads(notebook, 4).cells)
    assert "SOLUTION" not in notebook
    cells = source.read(ROOT / f"solutions/{assignment}.md", assignment)
    outside = [part for c in cells for part in (c.source.split(source.BEGIN)[0], after(c.source))]
    given = "\n".join(outside)
    for cell in cells:
        if cell.kind in ("exercise", "written"):
            solution = cell.source.split(source.BEGIN)[1].split(source.END)[0]
            lines = [line.strip() for line in solution.splitlines() if len(line.strip()) > 10]
            assert lines
            # A line such as `return theta` may stand in what the author gives as well.
            lines = [line for line in lines if line not in given]
            assert [line for line in lines if line in released] == []
        if cell.kind == "exercise":
            assert f'    raise NotImplementedError("{cell.name}: replace this line")' in released


def after(text):
    """What follows the solution in a cell; "" where there is none."""
    return text.split(source.END)[1] if source.END in text else ""


def test_cells_carry_what_nbgrader_needs(folder):
    """Exercises are open, the rest is locked; points come from the exercise; no outputs."""
    build(folder)
    cells = nbformat.read(folder / NOTEBOOK, 4).cells
    by_id = {cell.metadata.nbgrader.grade_id: cell for cell in cells}
    assert len(by_id) == len(cells)
    for exercise in exercises.of_assignment(NAME).values():
        asked, checked = by_id[exercise.name], by_id[f"check-{exercise.name}"]
        assert asked.metadata.nbgrader.solution and not asked.metadata.nbgrader.locked
        assert checked.metadata.nbgrader.points == exercise.points
        assert checked.metadata.nbgrader.locked and not checked.metadata.editable
    assert by_id["why-so"].metadata.nbgrader.points == 2.5
    assert by_id["why-so"].source == "Why so?\n\nYOUR ANSWER HERE"
    reading = [cell for cell in cells if not cell.metadata.nbgrader.solution]
    assert all(cell.metadata.nbgrader.locked for cell in reading)
    assert cells[1].metadata.tags == ["hide-input"]
    assert not any(cell.get("outputs") for cell in cells)


def test_a_read_only_cell_keeps_its_id_when_others_are_added(folder):
    """So that rebuilding does not mix up the cells of notebooks handed out before."""
    build(folder)
    before = {c.id: c.source for c in nbformat.read(folder / NOTEBOOK, 4).cells}
    text = a_text().replace("# A title", "# A title\n\n+++\n\nNew.\n\n+++\n\nNew.")
    (folder / TEXT).write_text(text, encoding="utf-8")
    build(folder)
    after = {c.id: c.source for c in nbformat.read(folder / NOTEBOOK, 4).cells}
    assert before.items() < after.items() and len(after) == len(before) + 2


def test_files_beside_a_notebook_reach_the_students(folder):
    """Pictures and data are copied by nbgrader; a second notebook there is not."""
    beside = folder / f"solutions/{NAME}"
    beside.mkdir()
    (beside / "picture.svg").write_text("<svg/>")
    (beside / "draft.ipynb").write_text("{}")
    build(folder)
    assert (folder / f"notebooks/{NAME}/picture.svg").read_text() == "<svg/>"
    assert not (folder / f"notebooks/{NAME}/draft.ipynb").exists()


def test_the_list_of_exercises_names_every_mistake(folder):
    """docs/exercises/NAME.md holds what is asked, the points and all messages."""
    build(folder)
    listed = (folder / f"docs/exercises/{NAME}.md").read_text(encoding="utf-8")
    for exercise in exercises.every().values():
        assert f"## `{exercise.signature}`: {exercise.points} point" in listed
        assert exercise.asks in listed
        for name, mistake in answers.answer(exercise).mistakes.items():
            assert f"- **{name}**: {mistake.message}\n" in listed
    assert "- `why-so`: 2.5 points" in listed


# --- the same bytes -------------------------------------------------------------------------

DIGEST = """
import hashlib, json, sys
from pathlib import Path
from autograder.build import products
from course.classroom import exercises
exercises.ASSIGNMENTS = {"01-gradient-descent": "gradient_descent"}
made = products(Path(sys.argv[1]))
print(json.dumps({name: hashlib.sha256(made[name]).hexdigest() for name in made}))
"""


def test_building_twice_changes_no_byte(folder, tmp_path_factory):
    """Nor does building in another folder, with other hashes, another home and language."""
    changed = build(folder)
    assert len(changed) == 6
    written = {name: (folder / name).stat().st_mtime_ns for name in changed}
    assert build(folder) == []
    assert {name: (folder / name).stat().st_mtime_ns for name in changed} == written

    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(folder / "solutions", elsewhere / "solutions")
    shutil.copy(folder / "nbgrader_config.py", elsewhere)
    environment = os.environ | {
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": str(ROOT),
        "HOME": str(elsewhere),
        "LC_ALL": "C",
    }
    command = [sys.executable, "-c", DIGEST, str(elsewhere)]
    done = subprocess.run(command, env=environment, cwd=elsewhere, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    here = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in changed}
    assert json.loads(done.stdout) == here


def test_nbgrader_by_hand_gives_the_same_notebook(folder):
    """``nbgrader generate_assignment``, with its gradebook, and build agree in every byte."""
    build(folder)
    ours = (folder / NOTEBOOK).read_bytes()
    shutil.rmtree(folder / "notebooks")
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "JUPYTER_CONFIG_DIR": str(folder / "no-settings"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", NAME],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert (folder / "gradebook.db").exists()
    assert (folder / NOTEBOOK).read_bytes() == ours


def test_a_changed_line_of_the_recorded_results_is_a_changed_call():
    """The layout does not change what they hold; the result of one call is one line."""
    path = ROOT / f"course/classroom/recorded/{NAME}.json"
    text = path.read_text(encoding="utf-8")
    records = json.loads(text)
    assert pretty(records) + "\n" == text
    changed = json.loads(text)
    changed["predict"]["expected"][1] = 7.5
    changed["slope"]["mistakes"][2]["outcomes"][0] = {"kind": "raised"}
    lines = zip(text.splitlines(), pretty(changed).splitlines(), strict=True)
    assert [new.strip(" ,") for old, new in lines if old != new] == ["7.5", '{"kind":"raised"}']


# --- --check --------------------------------------------------------------------------------


def test_check_names_what_is_out_of_date(folder, monkeypatch):
    """It exits 1, changes nothing, and exits 0 after a build."""
    assert run(folder, monkeypatch, "build").exit_code == 0
    assert run(folder, monkeypatch, "build", "--check").exit_code == 0
    stale = (folder / NOTEBOOK).read_text(encoding="utf-8").replace("What is asked", "Asked")
    (folder / NOTEBOOK).write_text(stale, encoding="utf-8")
    (folder / "docs/exercises.md").unlink()
    result = run(folder, monkeypatch, "build", "--check")
    assert result.exit_code == 1
    named = [line for line in result.stdout.splitlines() if line.startswith("out of date: ")]
    assert named == ["out of date: docs/exercises.md", f"out of date: {NOTEBOOK}"]
    assert (folder / NOTEBOOK).read_text(encoding="utf-8") == stale
    assert run(folder, monkeypatch, "build").exit_code == 0
    assert run(folder, monkeypatch, "build", "--check").exit_code == 0


# --- errors ---------------------------------------------------------------------------------

PREDICT = EXERCISE.replace("SIGNATURE", "predict(x, w)").replace("NAME", "predict")
CHECK = "\n```{code-cell} ipython3\n:tags: [check]\n\ncheck(predict)\n```\n"
BODY = "    secret_of_predict = 42\n    return secret_of_predict\n"

#: What is replaced in the text, by what, the line (its beginning) that is named, the cause.
WRONG = {
    "unknown exercise": (
        "def predict(x, w)",
        "def predikt(x, w)",
        "def predikt",
        "there is no exercise `predikt`. Did you mean `predict`?",
    ),
    "no function": ("def predict(x, w):", "if True:", "if True", "this has no `def`"),
    "other parameters": (
        "def predict(x, w):",
        "def predict(w, x):",
        "def predict",
        "the function is predict(w, x), the exercise asks for predict(x, w).",
    ),
    "one parameter more": (
        "def predict(x, w):",
        "def predict(x, w, b=0):",
        "def predict",
        "the function is predict(x, w, b), the exercise asks for predict(x, w).",
    ),
    "not Python": (
        "def predict(x, w):",
        "def predict(x, w)",
        "def predict",
        "Python cannot read this exercise cell: expected ':'.",
    ),
    "check before its exercise": (
        PREDICT,
        CHECK + PREDICT.replace(CHECK, ""),
        "check(predict)",
        "`check(predict)` stands before its exercise at line ",
    ),
    "no check": (CHECK, "", "def predict", "the exercise `predict` has no check cell"),
    "check twice": (CHECK, 2 * CHECK, None, "`check(predict)` is here a second time"),
    "exercise twice": (PREDICT, 2 * PREDICT, None, "`predict` is here a second time"),
    "exercise missing": (PREDICT, "", "---", "the exercise `predict` is missing in this notebook."),
    "check with more in it": (
        "check(predict)",
        "report = check(predict)",
        "report =",
        "a check cell holds one line, `check(name)`, and nothing else.",
    ),
    "check of no exercise": (
        "check(predict)",
        "check(predikt)",
        "check(predikt)",
        "there is no exercise `predikt`. Did you mean `predict`?",
    ),
    "no end marker": (
        BODY + "    ### END SOLUTION",
        BODY,
        "    ### BEGIN SOLUTION\n    secret_of_predict",
        "the solution markers are unbalanced",
    ),
    "no begin marker": (
        "    ### BEGIN SOLUTION\n" + BODY,
        BODY,
        "    ### END SOLUTION\n```\n\n```{code-cell} ipython3\n:tags: [check]\n\ncheck(predict)",
        "the solution markers are unbalanced",
    ),
    "no markers": (
        f"    ### BEGIN SOLUTION\n{BODY}    ### END SOLUTION\n",
        BODY,
        "def predict",
        "the solution markers are missing",
    ),
    "empty solution": (
        f"    ### BEGIN SOLUTION\n{BODY}",
        "    ### BEGIN SOLUTION\n\n",
        "    ### BEGIN SOLUTION\n\n",
        "there is nothing between the solution markers.",
    ),
    "markers around the function": (
        f'def predict(x, w):\n    """What is asked of predict."""\n    ### BEGIN SOLUTION\n{BODY}',
        f"### BEGIN SOLUTION\ndef predict(x, w):\n{BODY}",
        "### BEGIN SOLUTION\ndef predict",
        "must stand inside the function `predict`.",
    ),
    "marker in a read-only cell": (
        "The end.",
        "### END SOLUTION\nThe end.",
        "### END SOLUTION\nThe end.",
        "a solution marker outside of an exercise or a written question.",
    ),
    "written without points": (
        '"points": 2.5, ',
        "",
        "Why so?",
        "a written question needs points, a number above 0",
    ),
    "written without name": (
        ', "name": "why-so"',
        "",
        "Why so?",
        "a written question needs a name",
    ),
    "written without model answer": (
        "### BEGIN SOLUTION\nA model answer.\n### END SOLUTION\n",
        "",
        "Why so?",
        "the solution markers are missing",
    ),
    "written named like an exercise": (
        '"name": "why-so"',
        '"name": "predict"',
        "Why so?",
        "`predict` is here a second time",
    ),
    "tag on the wrong type of cell": (
        '"tags": ["written"]',
        '"tags": ["exercise"]',
        "Why so?",
        "the tag exercise is for code cells.",
    ),
    "cell without end": (
        CHECK,
        CHECK.replace("```\n", "", 2).replace("{code-cell}", "```{code-cell}"),
        "check(predict)",
        "this cell has no end: its closing ``` is missing.",
    ),
    "tags not a list": ("[hide-input]", "check", ":tags: check", "tags are a list, in brackets"),
    "options not YAML": (
        "[hide-input]",
        "[hide-input",
        "```{code-cell} ipython3\n:tags: [hide",
        "the options of this cell cannot be read",
    ),
    "options not JSON": (
        '"points": 2.5,',
        '"points: 2.5,',
        '+++ {"tags"',
        "the options of this cell cannot be read",
    ),
    "front matter not YAML": (
        "name: python3",
        "name: [python3",
        "---\n\n# A title",
        "the front matter is not YAML: ",
    ),
    "front matter without end": (
        "python3\n---",
        "python3",
        "---\nkernelspec",
        "the front matter is missing or has no end",
    ),
    "front matter without kernel": (
        "name: python3",
        "name: julia",
        "---\nkernelspec",
        "the front matter does not name the kernel",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_error_in_a_text_is_told_with_file_and_line(case, folder):
    """Each kind of error, at the line where the author has to look; nothing is written."""
    old, new, at, cause = WRONG[case]
    text = a_text()
    assert old in text
    text = text.replace(old, new, 1)
    (folder / TEXT).write_text(text, encoding="utf-8")
    with pytest.raises(BuildError) as problem:
        build(folder)
    told = [line for line in str(problem.value).splitlines() if cause in line]
    assert len(told) == 1, str(problem.value)
    file, line, _ = told[0].split(":", 2)
    assert file == TEXT
    if at is None:  # the second of two
        first = int(told[0].rsplit("line ", 1)[1].rstrip("."))
        assert text.splitlines()[int(line) - 1] == text.splitlines()[first - 1]
        assert int(line) > first
    else:
        assert int(line) == text[: text.index(at)].count("\n") + 1
    assert not (folder / "notebooks").exists()


def test_all_errors_are_told_at_once(folder, monkeypatch):
    """An author does not meet them one by one; the exit code is 2."""
    text = a_text().replace("def slope(w", "def slope(v").replace('"points": 2.5, ', "")
    (folder / TEXT).write_text(text, encoding="utf-8")
    (folder / "solutions/99-nothing.md").write_text("")
    result = run(folder, monkeypatch, "build")
    assert result.exit_code == 2
    told = [line for line in result.stderr.splitlines() if line.startswith("solutions/")]
    assert len(told) == 3
    assert told[-1].startswith("solutions/99-nothing.md: no assignment has this name.")


def test_a_text_that_is_not_there(folder, monkeypatch):
    """Every assignment has its text."""
    (folder / TEXT).unlink()
    result = run(folder, monkeypatch, "build")
    assert result.exit_code == 2
    assert f"{TEXT}: no such file, but ASSIGNMENTS names {NAME}." in result.stderr


def test_a_text_that_is_no_text(folder):
    """Bytes that are not UTF-8."""
    (folder / TEXT).write_bytes(a_text().encode("utf-16"))
    with pytest.raises(BuildError, match="not UTF-8 text"):
        build(folder)


def test_a_notebook_that_nbgrader_refuses(folder):
    """Its own complaint is handed on in a sentence."""
    text = a_text().replace("The end.", "### BEGIN HIDDEN TESTS")
    (folder / TEXT).write_text(text, encoding="utf-8")
    with pytest.raises(BuildError, match=f"{TEXT}: nbgrader refuses the notebook"):
        build(folder)


def test_a_folder_that_is_not_writable(folder, monkeypatch):
    """One sentence and exit code 2, and nothing half written."""
    (folder / "docs").write_text("a file where a folder is needed")
    result = run(folder, monkeypatch, "build")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "exercises.md cannot be written: " in result.stderr
    assert not list(folder.rglob(".exercises*"))
