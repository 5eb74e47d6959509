"""Builds what the course hands out: notebooks, recorded results, list of exercises, syllabus.

solutions/NN-name.md -> solutions/NN-name/NN-name.ipynb -> notebooks/NN-name/NN-name.ipynb, the
last step by nbgrader's own generate_assignment. The same sources give the same bytes everywhere.
"""

import contextlib
import json
import math
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from autograder import answers, source, syllabus
from autograder.source import BuildError, Cell
from course.classroom import exercises, recorded

#: Called with the name of what is built next.
Watch = Callable[[str], None]


def build(root: Path, check: bool = False, watch: Watch = lambda _: None) -> list[str]:
    """Build everything in the course folder ``root`` and say which files that changes.

    Files whose content stays the same are not touched; with ``check`` none is. Raises BuildError
    if a text has an error or a file cannot be written.
    """
    made = products(root, watch)
    changed = [name for name, content in made.items() if read_bytes(root / name) != content]
    if not check:
        for name in changed:
            write(root / name, made[name])
    return changed


def products(root: Path, watch: Watch = lambda _: None) -> dict[str, bytes]:
    """What is built, by path in the course folder, in order. Nothing is written."""
    texts = read_texts(root)
    made = {"docs/syllabus.md": plan(texts), **lists_of_exercises(texts)}
    for assignment, cells in texts.items():
        watch(assignment)
        notebook = source.notebook(cells)
        made[f"solutions/{assignment}/{assignment}.ipynb"] = notebook
        made |= released(root, assignment, notebook)
        path = f"course/classroom/recorded/{assignment}.json"
        made[path] = recorded_results(assignment, read_bytes(root / path))
    return dict(sorted(made.items()))


def read_texts(root: Path) -> dict[str, list[Cell]]:
    """The cells of each assignment's text; raises BuildError with the errors of all texts."""
    texts, wrong = {}, []
    for assignment in exercises.ASSIGNMENTS:
        try:
            path = root / "solutions" / f"{assignment}.md"
            texts[assignment] = source.read(path, path.relative_to(root).as_posix())
        except BuildError as error:
            wrong.append(str(error))
    for path in sorted((root / "solutions").glob("*.md")):
        if path.stem not in exercises.ASSIGNMENTS and path.stem != "README":
            wrong.append(
                f"solutions/{path.name}: no assignment has this name. Add it to ASSIGNMENTS."
            )
    if wrong:
        raise BuildError("Nothing was built.\n" + "\n".join(wrong))
    return texts


# --- the notebook for students --------------------------------------------------------------


def released(root: Path, assignment: str, notebook: bytes) -> dict[str, bytes]:
    """What nbgrader makes of the notebook with solutions and of the files beside it.

    It runs in a temporary folder, with the settings of the course and without a gradebook.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "solutions", assignment)
        folder.mkdir(parents=True)
        beside = root / "solutions" / assignment
        if beside.is_dir():
            hidden = shutil.ignore_patterns("*.ipynb", ".*", "__pycache__")
            shutil.copytree(beside, folder, ignore=hidden, dirs_exist_ok=True)
        (folder / f"{assignment}.ipynb").write_bytes(notebook)
        generate_assignment(settings(root, temporary), assignment)
        out = Path(temporary, "notebooks")
        return {
            f"notebooks/{path.relative_to(out).as_posix()}": path.read_bytes()
            for path in sorted(out.rglob("*"))
            if path.is_file()
        }


def settings(root: Path, folder: str) -> Config:
    """nbgrader's settings of the course in ``root``, for use in another folder."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    config.CourseDirectory.root = folder
    config.CourseDirectory.source_directory = "solutions"
    config.CourseDirectory.release_directory = "notebooks"
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    return config


def generate_assignment(config: Config, assignment: str) -> None:
    """``nbgrader generate_assignment``, in this process."""
    coursedir = CourseDirectory(config=config)
    coursedir.assignment_id = assignment
    try:
        GenerateAssignment(coursedir=coursedir, config=config).start()
    except (NbGraderException, SystemExit) as error:
        raise BuildError(
            f"solutions/{assignment}.md: nbgrader refuses the notebook: {error}"
        ) from None


# --- text -----------------------------------------------------------------------------------


def recorded_results(assignment: str, present: bytes | None = None) -> bytes:
    """What ``course.classroom.recorded`` reads: one record per exercise.

    present: the file as it is. It stays to the byte where it differs in rounding only: sums of
    products round differently from one processor to another.
    """
    asked = exercises.of_assignment(assignment).items()
    records = {name: recorded.record(answers.public_trial(exercise)) for name, exercise in asked}
    with contextlib.suppress(ValueError):  # a damaged file is made anew
        if same_up_to_rounding(json.loads(present or b""), records):
            return present
    return f"{pretty(records)}\n".encode()


def same_up_to_rounding(a: Any, b: Any) -> bool:
    """True for equal JSON data, numbers compared to nine digits."""
    if isinstance(a, float) or isinstance(b, float):
        numbers = isinstance(a, int | float) and isinstance(b, int | float)
        return numbers and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(same_up_to_rounding(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same_up_to_rounding, a, b))
    return type(a) is type(b) and a == b


#: What is opened of a record. All below, such as the result of one call, is one line.
OPENED = {"expected", "mistakes", "outcomes"}


def pretty(records: dict[str, Any]) -> str:
    """JSON in which a changed line is a changed call; the line above says of which mistake."""
    return _opened(records, 0)


def _opened(data: Any, indent: int) -> str:
    """A dict or list over several lines, an entry a line or opened in its turn."""
    start = " " * (indent + 1)
    if isinstance(data, dict):
        entries = [f"{json.dumps(key)}: {_entry(data[key], key, indent)}" for key in data]
    else:
        entries = [_entry(entry, "", indent) for entry in data]
    opening, closing = "{}" if isinstance(data, dict) else "[]"
    lines = f",\n{start}".join(entries)
    return f"{opening}\n{start}{lines}\n{' ' * indent}{closing}" if entries else opening + closing


def _entry(value: Any, key: str, indent: int) -> str:
    if key in OPENED or (isinstance(value, dict) and OPENED & set(value)):
        return _opened(value, indent + 1)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def lists_of_exercises(texts: dict[str, list[Cell]]) -> dict[str, bytes]:
    """docs/exercises/NN-name.md: what is asked, looked at and named, with the points; and
    docs/exercises.md, which leads to them."""
    assignments = [
        {
            "name": assignment,
            "exercises": [
                (exercise, answers.answer(exercise).mistakes)
                for exercise in exercises.of_assignment(assignment).values()
            ],
            "written": [cell for cell in cells if cell.kind == "written"],
        }
        for assignment, cells in texts.items()
    ]
    pages = {
        f"docs/exercises/{assignment['name']}.md": render("exercises-of-one.md", **assignment)
        for assignment in assignments
    }
    return {"docs/exercises.md": render("exercises.md", assignments=assignments), **pages}


def plan(texts: dict[str, list[Cell]]) -> bytes:
    """docs/syllabus.md: assignment by assignment, what is learned and where it comes from."""
    assignments = [
        {"name": assignment, "rows": syllabus.ROWS[assignment], **syllabus.opening(cells)}
        for assignment, cells in texts.items()
    ]
    return render("syllabus.md", assignments=assignments)


def render(template: str, **values: Any) -> bytes:
    """One of the templates here, filled in."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("autograder"),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return (environment.get_template(template).render(**values).strip() + "\n").encode()


# --- files ----------------------------------------------------------------------------------


def read_bytes(path: Path) -> bytes | None:
    """The content of a file, None if there is none."""
    return path.read_bytes() if path.is_file() else None


def write(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all; raises BuildError if that cannot be done."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as error:
        raise BuildError(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        if unfinished.is_file():
            unfinished.unlink()
