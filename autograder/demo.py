"""``autograder demo``: classes with submissions of every kind, graded, and held to a key.

The key is not what the grader says: points follow from the exercises, and from what each student
of ``autograder.demo_students`` does right.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_solution
from rich.markup import escape
from rich.table import Column, Table

from autograder import engine
from autograder.demo_students import Attempt, Student, change_cells, of_assignment
from autograder.engine import CannotGrade, Watch
from autograder.repair import grade_id
from autograder.reports import Result, caption, out_of
from course.classroom import exercises

MARKER = "This folder was made by `autograder demo`. The next one replaces it.\n"

#: A course of its own, whatever the course above or this user's settings say. The demo has a loop
#: that never ends, and nobody wants to wait for it.
SETTINGS = """
from nbgrader.exchange import ExchangeFactory

for section in [name for name in c if name.startswith(("Exchange", "NbGrader", "TransferApp"))]:
    del c[section]
c.CourseDirectory = type(c)()
c.CourseDirectory.course_id = "demo"
c.CourseDirectory.root = {root!r}
c.CourseDirectory.db_url = "sqlite:///" + {root!r} + "/gradebook.db"
c.CourseDirectory.directory_structure = "{{nbgrader_step}}/{{student_id}}/{{assignment_id}}"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.submitted_directory = "submitted"
c.CourseDirectory.autograded_directory = "autograded"
c.CourseDirectory.feedback_directory = "feedback"
c.CourseDirectory.student_id_exclude = ""
for name, step in ExchangeFactory.class_own_traits().items():
    c.ExchangeFactory[name] = step.default_value
    c[step.default_value.__name__].root = {root!r} + "/exchange"
    c[step.default_value.__name__].cache = {root!r} + "/exchange/cache"
c.NbGrader.logfile = ""
c.Run.call_seconds = 2
"""


def run(
    root: Path, assignments: list[str], folder: Path, watch: Watch = lambda *_: None
) -> dict[str, list[Result]]:
    """Make a class in ``folder``, a course folder of its own, and grade it.

    The course is the one in ``root``. Raises CannotGrade.
    """
    start_afresh(root, folder)
    for assignment in assignments:
        make(root, assignment, folder)
    return {name: engine.grade(folder, name, watch=watch, feedback=True) for name in assignments}


# --- making the class -----------------------------------------------------------------------


def start_afresh(root: Path, folder: Path) -> None:
    """Make ``folder`` an empty course folder, with the settings of the course in ``root``.

    Raises CannotGrade if there is something in it that no demo made.
    """
    marker = folder / "README.txt"
    if folder.exists() and any(folder.iterdir()) and not marker.exists():
        raise CannotGrade(f"{folder} is not empty and was not made by a demo: name another folder.")
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        marker.write_text(MARKER, encoding="utf-8")
        (folder / "exchange").mkdir()
        settings = (root / "nbgrader_config.py").read_text(encoding="utf-8")
        settings += SETTINGS.format(root=str(folder.resolve()))
        (folder / "nbgrader_config.py").write_text(settings, encoding="utf-8")
    except UnicodeError:
        raise CannotGrade(f"{root / 'nbgrader_config.py'} is not text in UTF-8.") from None
    except OSError as problem:
        raise CannotGrade(f"{folder} cannot be written: {problem.strerror}.") from None


def make(root: Path, assignment: str, folder: Path) -> None:
    """Copy the assignment to ``folder`` and hand in the notebook of each student."""
    name = f"{assignment}/{assignment}.ipynb"
    for needed in (root / "solutions" / name, root / "notebooks" / name):
        if not needed.exists():
            raise CannotGrade(f"There is no {needed}. Run `autograder build` first.")
    shutil.copytree(root / "solutions" / assignment, folder / "solutions" / assignment)
    released = nbformat.read(root / "notebooks" / name, as_version=4)
    solved = nbformat.read(root / "solutions" / name, as_version=4)
    for student in of_assignment(assignment):
        path = folder / "submitted" / student.name / name
        path.parent.mkdir(parents=True)
        nbformat.write(released, path)
        change_cells(path, lambda cells, student=student: write(cells, solved, student))
        if student.damage:
            student.damage(path)


def write(cells: list[NotebookNode], solved: NotebookNode, student: Student) -> None:
    """Fill a released notebook's cells with what a student writes, in their order."""
    solutions = {grade_id(cell): cell.source for cell in solved.cells if is_solution(cell)}
    for cell in cells:
        name = grade_id(cell)
        if name == student.stops_before:
            return
        if cell.cell_type == "code" and name in solutions:
            attempt = student.attempts.get(name, Attempt())
            cell.source = attempt.written(without_markers(solutions[name]))
        elif name in solutions:
            cell.source = f"An answer by {student.name}, for the instructor to read."


def without_markers(source: str) -> str:
    """A solution without nbgrader's markers around it."""
    return re.sub(r"^ *### (BEGIN|END) SOLUTION\n?", "", source, flags=re.MULTILINE)


# --- the key --------------------------------------------------------------------------------


def expected(student: Student, assignment: str) -> dict[str, tuple[float, Attempt | None]]:
    """Exercise -> points, and the attempt if it was made, for each exercise of a student."""
    key, stopped = {}, not student.readable
    for name, exercise in exercises.of_assignment(assignment).items():
        stopped = stopped or name == student.stops_before
        attempt = None if stopped else student.attempts.get(name, Attempt())
        key[name] = (points(exercise, attempt) if attempt else 0, attempt)
    return key


def points(exercise: exercises.Exercise, attempt: Attempt) -> float:
    """The points of an attempt: all, or those of the aspects that are right all the same."""
    if not (attempt.mistake or attempt.says):
        return exercise.points
    return sum(aspect.points for aspect in exercise.aspects if aspect.name in attempt.kept)


def differences(student: Student, result: Result) -> Iterator[str]:
    """Where a result is not what the key says, in words."""
    found = {part.name: part for part in result.parts}
    for name, (due, attempt) in expected(student, result.assignment).items():
        part = found.get(name)
        if part is None:
            yield f"{name} is missing"
        elif part.points != due:
            yield f"{name}: {part.points:g} points, not {due:g}"
        elif attempt is None and part.outcome != "not attempted":
            yield f"{name}: {part.outcome}, not “not attempted”"
        elif attempt and (part.mistake != attempt.mistake or attempt.says not in part.reason):
            wanted = attempt.mistake or attempt.says
            yield f"{name}: “{part.mistake or part.reason}”, not “{wanted}”"
    if student.repaired not in " ".join(result.repaired) or (
        result.repaired and not student.repaired
    ):
        yield f"repaired: {' '.join(result.repaired) or 'nothing'}"


def table(results: list[Result], assignment: str) -> tuple[Table, bool]:
    """A line for each student: what was handed in, points, what the key says, what was wrong.

    Also whether everything is as the key says.
    """
    shown = Table(
        "Student",
        "Handed in",
        Column("Points", justify="right"),
        Column("Key", justify="right"),
        "Of",
        "What was wrong",
        caption=caption(results),
    )
    by_name, good = {result.student: result for result in results}, True
    for student in of_assignment(assignment):
        result = by_name[student.name]
        due = sum(points for points, _ in expected(student, assignment).values())
        wrong = list(differences(student, result))
        good = good and not wrong and result.points == due
        words = "\n".join([result.words, *(f"NOT AS THE KEY SAYS: {line}" for line in wrong)])
        row = (f"{result.points:g}", f"{due:g}", out_of(result), words)
        shown.add_row(student.name, student.about, *map(escape, row))
    return shown, good
