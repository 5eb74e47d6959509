"""What came of each submission, in a few words: for the instructor's table and for grades.csv."""

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, reader
from nbgrader.api import Grade, Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin
from nbgrader.utils import is_grade
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from autograder.foreign import for_spreadsheet, in_a_row, printable
from autograder.preprocessors import is_check, lateness
from autograder.verdicts import said

BY_HAND = "to be marked by hand"


@dataclass(frozen=True)
class Part:
    """What came of one exercise, or of one question answered in words.

    outcome: as in a Report, or BY_HAND. mistake: the name of the known mistake, or "".
    """

    name: str
    points: float
    out_of: float
    outcome: str
    mistake: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Result:
    """What came of one submission.

    points: as marked; penalty: what nbgrader takes off for being late; late: how late and what it
    costs, in words, or "". repaired: what was wrong
    with the notebook itself, in sentences. failed: why nbgrader could not finish with it, or "".
    """

    student: str
    assignment: str
    points: float
    out_of: float
    parts: tuple[Part, ...] = ()
    repaired: tuple[str, ...] = ()
    failed: str = ""
    penalty: float = 0.0
    late: str = ""

    @property
    def net(self) -> float:
        """The points that count: what is off for being late is off, and never below 0."""
        return max(0.0, self.points - self.penalty)

    @property
    def by_hand(self) -> float:
        """The points of answers that nobody has marked yet."""
        return sum(part.out_of for part in self.parts if part.outcome == BY_HAND)

    @property
    def reasons(self) -> list[str]:
        """Why points are missing: the state of the notebook first, then each exercise."""
        if self.failed:
            return [f"to be looked at: {self.failed}", *([self.late] if self.late else [])]
        wrong: dict[str, list[str]] = {}
        for part in self.parts:
            if part.outcome in ("wrong", "partly right", "not marked"):
                wrong.setdefault(part.mistake or part.reason, []).append(part.name)
        left = [part.name for part in self.parts if part.outcome == "not attempted"]
        whole = "all" if len(left) == len(self.parts) else ", ".join(left)
        return [
            *([self.late] if self.late else []),
            *self.repaired,
            *(f"{', '.join(names)}: {reason}" for reason, names in wrong.items()),
            *([f"not attempted: {whole}"] if left else []),
        ]

    @property
    def words(self) -> str:
        """The reasons in one line that fits a table."""
        reasons = self.reasons
        shown = [short(reason) for reason in (reasons[:3] if len(reasons) > 4 else reasons)]
        more = [f"{len(reasons) - 3} more"] if len(reasons) > 4 else []
        return "; ".join(shown + more) or "all right"

    def as_data(self) -> dict[str, Any]:
        """This result as JSON data."""
        data = asdict(self) | {"net": self.net, "by_hand": self.by_hand, "words": self.words}
        return plainly(data)


def plainly(data: Any) -> Any:
    """JSON data with all texts printable."""
    if isinstance(data, dict):
        return {key: plainly(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [plainly(value) for value in data]
    return printable(data) if isinstance(data, str) else data


def short(reason: str) -> str:
    """A reason in at most 140 characters, ready to stand in a row."""
    reason = reason.removesuffix(".")
    return reason if len(reason) <= 140 else f"{reason[:139]}…"


# --- showing --------------------------------------------------------------------------------


def table(results: Iterable[Result]) -> Table:
    """A line for each student: points, and what was wrong in a few words."""
    results = list(results)
    points = Column("Points", justify="right")
    shown = Table("Student", points, "Of", "What was wrong", caption=caption(results))
    for result in results:
        shown.add_row(
            escape(in_a_row(result.student)),
            f"{result.net:g}",
            out_of(result),
            escape(in_a_row(result.words)),
        )
    return shown


def caption(results: Iterable[Result]) -> str | None:
    """What the plus in the column of points there are means, if there is one."""
    for result in results:
        if result.by_hand:
            words = "more for answers in words, still to be marked by hand."
            return f"{out_of(result)}: {result.by_hand:g} points {words}"
    return None


def out_of(result: Result) -> str:
    """The points there are: "34", or "30 + 4" as long as answers in words are not marked."""
    if not result.by_hand:
        return f"{result.out_of:g}"
    return f"{result.out_of - result.by_hand:g} + {result.by_hand:g}"


def show(shown: Table) -> None:
    """Print a table as wide as the terminal; 120 columns where there is none."""
    console = Console()
    (console if console.is_terminal else Console(width=120)).print(shown)


# --- reading what nbgrader recorded ---------------------------------------------------------


def result(gradebook: Gradebook, assignment: str, student: str, nb: NotebookNode | None) -> Result:
    """The Result of one submission, from the gradebook and the notebook as it ran, if it did."""
    submission = gradebook.find_submission(assignment, student)
    parts: list[Part] = []
    if nb is not None:
        marks = {grade.name: grade for book in submission.notebooks for grade in book.grades}
        graded = [cell for cell in nb.cells if is_grade(cell)]
        parts = [part(cell, marks[cell.metadata.nbgrader.grade_id]) for cell in graded]
    repaired = tuple(nb.metadata.get("repaired", ())) if nb else ()
    return Result(
        student,
        assignment,
        submission.score,
        submission.max_score,
        tuple(parts),
        repaired,
        penalty=submission.late_submission_penalty or 0.0,
        late=lateness(submission),
    )


def as_it_ran(folder: Path, assignment: str, student: str) -> NotebookNode | None:
    """The notebook of one submission in ``folder``, nbgrader's autograded; None without one."""
    path = folder / student / assignment / f"{assignment}.ipynb"
    if not path.exists():
        return None
    with path.open(encoding="utf-8") as file:
        return reader.read(file)


def part(cell: NotebookNode, grade: Grade) -> Part:
    """What came of one graded cell, with the points that the gradebook has for it."""
    if not is_check(cell):
        outcome = BY_HAND if grade.needs_manual_grade else "marked by hand"
        if grade.manual_score is None and not grade.needs_manual_grade:
            outcome = "not attempted"
        return Part(grade.name, grade.score, grade.max_score, outcome)
    found = next((o for o in cell.outputs if "report" in o.get("metadata", {})), None)
    if found is None:
        return own_test(cell, grade)
    report = found.metadata.report
    return Part(
        report.name, grade.score, grade.max_score, report.outcome, report.mistake, report.reason
    )


def own_test(cell: NotebookNode, grade: Grade) -> Part:
    """What came of an instructor's own test, which has no Report."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    right = grade.score == grade.max_score
    outcome = "right" if right else "partly right" if grade.score else "wrong"
    reason = said(errors[0]) if errors else "" if right else "the test gave part of the points"
    return Part(grade.name, grade.score, grade.max_score, outcome, "", reason)


class GradesWithReasons(ExportPlugin):
    """grades.csv: nbgrader's columns, and one more with the reasons.

    known: by assignment and student, Results that need not be read again.
    """

    known: dict[tuple[str, str], Result] = {}  # noqa: RUF012

    def export(self, gradebook: Gradebook) -> None:
        """Write a line for each student and assignment to ``self.to`` (grades.csv)."""
        folder = Path(self.parent.coursedir.root, self.parent.coursedir.autograded_directory)
        assignments = [a for a in gradebook.assignments if chosen(a.name, self.assignment)]
        students = [s for s in gradebook.students if chosen(s.id, self.student)]
        with open(self.to or "grades.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            for assignment in assignments:
                for student in students:
                    known = self.known.get((assignment.name, student.id))
                    row = line(gradebook, folder, assignment, student, known)
                    writer.writerow({name: for_spreadsheet(row.get(name, "")) for name in row})


def chosen(name: str, wanted: list) -> bool:
    """True if ``name`` is among those wanted; an empty list wants all."""
    return not wanted or name in map(str, wanted)


COLUMNS = [
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score", "reason"),
]


def line(
    gradebook: Gradebook, folder: Path, assignment, student, known: Result | None
) -> dict[str, Any]:
    """One line of grades.csv. Who handed in nothing has 0 points."""
    about = {
        "assignment": assignment.name,
        "duedate": assignment.duedate,
        "student_id": student.id,
        "last_name": student.last_name,
        "first_name": student.first_name,
        "email": student.email,
        "max_score": assignment.max_score,
    }
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
        nb = None if known else as_it_ran(folder, assignment.name, student.id)
        what = known or result(gradebook, assignment.name, student.id, nb)
    except MissingEntry:
        none = {"raw_score": 0.0, "late_submission_penalty": 0.0, "score": 0.0}
        return about | none | {"reason": "nothing handed in"}
    penalty = submission.late_submission_penalty or 0.0
    return about | {
        "timestamp": submission.timestamp,
        "raw_score": submission.score,
        "late_submission_penalty": penalty,
        "score": max(0.0, submission.score - penalty),
        "reason": "; ".join(reason.removesuffix(".") for reason in what.reasons),
    }
