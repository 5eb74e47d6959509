"""Grades a class through nbgrader, one submission after another.

nbgrader stays in charge of its records: the gradebook, the folders ``autograded`` and
``feedback``, and the export are what its own commands would leave.
"""

import logging
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import sqlalchemy
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from nbgrader.api import Gradebook
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.dbutil import ALEMBIC_DIR
from nbgrader.utils import temp_attrs
from traitlets.config import Config

from autograder.reports import GradesWithReasons, Result, result

#: Called before each submission: how many are done, how many there are, the student's name.
Watch = Callable[[int, int, str], None]


class CannotGrade(Exception):
    """Why nothing can be graded, in one sentence."""


def grade(
    root: Path, assignment: str, students: Sequence[str] = (), watch: Watch = lambda *_: None
) -> list[Result]:
    """Grade the submissions of an assignment in the course folder ``root``; all by default.

    Writes scores to the gradebook, pages to ``feedback`` and all grades to grades.csv. Whatever
    is wrong with a submission, it gets a score and the others are graded all the same.
    Raises CannotGrade.
    """
    # nbgrader's own queries; nothing that a user could do anything about.
    warnings.filterwarnings("ignore", category=sqlalchemy.exc.SAWarning)
    course = Course(root)
    chosen = submissions(course, assignment, students)
    check_folders(course)
    check_gradebook(course.coursedir.db_url)
    register(course, assignment)
    results = []
    for i, student in enumerate(chosen):
        watch(i, len(chosen), student)
        results.append(grade_one(course, assignment, student))
    export(course)
    return results


def submissions(course: "Course", assignment: str, students: Sequence[str] = ()) -> list[str]:
    """Who handed in this assignment, in order. Raises CannotGrade for one who did not."""
    known = sorted(p.parent.name for p in course.folder("solutions").glob("*/*.ipynb"))
    if assignment not in known:
        there = f"There are: {', '.join(known)}." if known else "Run `autograder build` first."
        raise CannotGrade(f"There is no assignment {assignment} in solutions. {there}")
    submitted = course.folder("submitted")
    there = sorted(p.parent.name for p in submitted.glob(f"*/{assignment}") if p.is_dir())
    missing = [student for student in students if student not in there]
    if missing or not there:
        whose = missing[0] if missing else "STUDENT"
        raise CannotGrade(f"There is no submission in {submitted / whose / assignment}.")
    return sorted(set(students)) or there


# --- nbgrader's side ------------------------------------------------------------------------


class Course(NbGrader):
    """nbgrader with the settings of the course folder, and no others from where it is started."""

    load_cwd_config = False

    def __init__(self, root: Path) -> None:
        super().__init__(log_level=logging.CRITICAL)
        self.problems = Problems(logging.ERROR)
        self.log.addHandler(self.problems)
        self.initialize([], root=str(root.resolve()))

    def init_syspath(self) -> None:
        """Leave sys.path as it is."""

    def folder(self, step: str) -> Path:
        """The folder of one of nbgrader's steps."""
        step = getattr(self.coursedir, f"{STEPS.get(step, step)}_directory")
        return Path(self.coursedir.root, step)

    @property
    def gradebook(self) -> Gradebook:
        """nbgrader's gradebook; to be closed."""
        return Gradebook(self.coursedir.db_url, self.coursedir.course_id)


#: nbgrader's names of folders that are called otherwise here.
STEPS = {"solutions": "source", "notebooks": "release"}


class Problems(logging.Handler):
    """Keeps the last error that nbgrader logged: its exceptions do not say what was wrong."""

    last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the last line of a traceback."""
        text = record.getMessage().strip()
        if "Traceback" in text:
            self.last = text.splitlines()[-1]


def check_gradebook(url: str) -> None:
    """Raise CannotGrade unless the gradebook can be used, or is still to be made."""
    name = sqlalchemy.make_url(url).database
    try:
        engine = sqlalchemy.create_engine(url)
        with engine.connect() as connection:
            tables = sqlalchemy.inspect(connection).get_table_names()
            version = None
            if "alembic_version" in tables:
                query = sqlalchemy.text("SELECT version_num FROM alembic_version")
                version = connection.execute(query).scalar()
        engine.dispose()
    except sqlalchemy.exc.DBAPIError as problem:
        cause = " ".join(str(problem.orig).split())
        raise CannotGrade(f"{name} cannot be used as a gradebook: {cause}.") from None
    if tables and version != schema():
        raise CannotGrade(
            f"The gradebook {name} was made by another version of nbgrader. Keep a copy of it, "
            "then run `nbgrader db upgrade`."
        )


def check_folders(course: "Course") -> None:
    """Raise CannotGrade unless the folders for results can be written."""
    for step in (".", "autograded", "feedback"):
        folder = Path(course.coursedir.root) if step == "." else course.folder(step)
        try:
            folder.mkdir(exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as problem:
            raise CannotGrade(f"{folder} cannot be written: {problem.strerror}.") from None


def schema() -> str:
    """The version of gradebooks that this nbgrader reads and writes."""
    settings = AlembicConfig()
    settings.set_main_option("script_location", ALEMBIC_DIR)
    return ScriptDirectory.from_config(settings).get_current_head()


def register(course: Course, assignment: str) -> None:
    """Put the assignment's cells into the gradebook, as generate_assignment does.

    The notebook for students is made in passing, in a temporary folder. Once there are
    submissions, nbgrader refuses new cells, and the cells in the gradebook stay.
    """
    with (
        tempfile.TemporaryDirectory() as release,
        temp_attrs(course.coursedir, assignment_id=assignment, release_directory=release),
    ):
        try:
            GenerateAssignment(coursedir=course.coursedir, parent=course).start()
        except NbGraderException:
            with course.gradebook as gradebook:
                known = any(a.name == assignment and a.submissions for a in gradebook.assignments)
            if not known:
                problem = course.problems.last
                raise CannotGrade(f"nbgrader refuses solutions/{assignment}: {problem}") from None


class AnySubmission(Autograde):
    """nbgrader's autograde, also for a submission without a notebook."""

    def init_notebooks(self) -> None:
        """Take the one submission as it is."""
        folder = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        self.assignments = {folder: [f"{folder}/{self.coursedir.assignment_id}.ipynb"]}


def grade_one(course: Course, assignment: str, student: str) -> Result:
    """Run nbgrader's autograde and generate_feedback on one submission."""
    failed = ""
    with temp_attrs(course.coursedir, assignment_id=assignment, student_id=student):
        try:
            AnySubmission(coursedir=course.coursedir, parent=course, force=True).start()
        except NbGraderException:
            failed = course.problems.last
            give_nothing(course, assignment, student)
        else:
            feedback = GenerateFeedback(coursedir=course.coursedir, parent=course, force=True)
            feedback.update_config(Config(HTMLExporter={"template_name": "feedback"}))
            try:
                feedback.start()
            except NbGraderException:
                failed = f"no page for the student: {course.problems.last}"
    with course.gradebook as gradebook:
        found = result(gradebook, course.folder("autograded"), assignment, student)
    return replace(found, failed=failed)


def give_nothing(course: Course, assignment: str, student: str) -> None:
    """Record 0 points, to be looked at, for a submission that nbgrader gave up."""
    with course.gradebook as gradebook:
        gradebook.update_or_create_student(student)
        submission = gradebook.update_or_create_submission(assignment, student)
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                grade.auto_score, grade.needs_manual_grade = 0, True
        gradebook.db.commit()


def export(course: Course) -> None:
    """Write grades.csv, as ``nbgrader export`` does."""
    with course.gradebook as gradebook:
        GradesWithReasons(parent=course, to=f"{course.coursedir.root}/grades.csv").export(gradebook)
