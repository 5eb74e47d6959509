"""nbgrader's side of grading: its settings, its gradebook, its folders.

Whatever is written here is what nbgrader's own commands would write.
"""

import contextlib
import functools
import json
import logging
import sqlite3
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import nbformat
import nbgrader.api
import sqlalchemy
from alembic.script import ScriptDirectory
from nbformat import NotebookNode, reader
from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.dbutil import ALEMBIC_DIR
from nbgrader.preprocessors import AssignLatePenalties, CheckCellMetadata, SaveCells
from nbgrader.utils import is_grade, is_locked, is_solution, is_task, temp_attrs
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import StaticPool
from traitlets import TraitError
from traitlets.config import Config, PyFileConfigLoader
from traitlets.utils.importstring import import_item

from autograder import intake, preprocessors, reports
from autograder.engine import CannotGrade, Watch
from autograder.foreign import in_a_row
from autograder.preprocessors import NO_KERNEL, Run, cells_to_run, files_in, repaired_notebook
from autograder.repair import Released, released_cells
from autograder.reports import GradesWithReasons, Result, as_it_ran
from autograder.sandbox import CannotCage, find_bubblewrap
from autograder.verdicts import Job
from autograder.versions import version
from autograder.work import TooLong, in_time

#: Seconds to wait for another program that has the gradebook locked.
PATIENCE = 60.0
#: Seconds of work for the page of one submission.
PAGE_SECONDS = 60.0
#: Without these, nbgrader reads the marks of the whole class to find those of one submission.
INDEXES = (
    sqlalchemy.Index("grade_by_notebook", Grade.notebook_id),
    sqlalchemy.Index("comment_by_notebook", Comment.notebook_id),
    sqlalchemy.Index("notebook_by_submission", SubmittedNotebook.assignment_id),
)

# nbgrader's own queries; nothing that a user could do anything about.
warnings.filterwarnings("ignore", category=sqlalchemy.exc.SAWarning)


def job(
    course: "Course", assignment: str, student: str, released: list[Released], seed: int
) -> Job:
    """What is to be run: the repaired notebook, and the files beside it.

    The notebook is kept until ``grade_one`` or ``forget``: nbgrader's Repair takes it from there.
    """
    settings = Run(parent=course)
    folder = course.folder("submitted") / student / assignment
    path = folder / f"{assignment}.ipynb"
    nb = preprocessors.repaired[str(path)] = repaired_notebook(path, released)
    files = files_in([folder, course.folder("solutions") / assignment])
    code = version(assignment)
    hidden = preprocessors.not_for_students(course.coursedir)
    cells = cells_to_run(nb)
    return Job(assignment, code, cells, files, settings.limits, settings.isolation, seed, hidden)


def recorded(course: "Course", assignment: str, student: str, key: str) -> Result | None:
    """What nbgrader has recorded of a submission, if that is all and comes from this verdict."""
    try:
        nb = as_it_ran(course.folder("autograded"), assignment, student)
        if nb is None or nb.metadata.get("verdict") != key:
            return None
        with at_once(course), course.gradebook as gradebook:
            submission = gradebook.find_submission(assignment, student)
            renew_times(course, gradebook, submission)
            result = reports.result(gradebook, assignment, student, nb)
    except (OSError, ValueError, AttributeError, reader.NotJSONError, MissingEntry):
        return None
    preprocessors.repaired.pop(
        str(course.folder("submitted") / student / assignment / f"{assignment}.ipynb"), None
    )
    return result


def renew_times(course: "Course", gradebook: Gradebook, submission: SubmittedAssignment) -> None:
    """Record when it was handed in and what is off for that: both may change, and no mark with it.

    Raises OSError where the folder of the graded submission cannot be written.
    """
    assignment, student = submission.name, submission.student.id
    source = course.folder("submitted") / student / assignment
    intake.pass_on(source, course.folder("autograded") / student / assignment)
    submission.timestamp = intake.time_stamp(None, source) or submission.timestamp
    gradebook.db.commit()
    ours = {"student": student, "assignment": assignment, "notebook": assignment}
    resources = {"nbgrader": ours | {"db_url": course.coursedir.db_url}}
    AssignLatePenalties(parent=course).preprocess(NotebookNode(cells=[]), resources)
    gradebook.db.expire_all()


def check_cage(course: "Course") -> None:
    """Raise CannotGrade unless submissions can be caged, or need not be."""
    try:
        isolation = Run(parent=course).isolation
    except TraitError as problem:
        raise CannotGrade(f"nbgrader_config.py: {problem}") from None
    if isolation == "none":
        print(preprocessors.UNCAGED, file=sys.stderr)
        return
    try:
        find_bubblewrap()
    except CannotCage as problem:
        raise CannotGrade(str(problem)) from None


# --- what is there --------------------------------------------------------------------------


def submissions(course: "Course", assignment: str, students: Sequence[str] = ()) -> list[str]:
    """Who handed in this assignment, in order. Raises CannotGrade for one who did not."""
    known = sorted(p.parent.name for p in course.folder("solutions").glob("*/*.ipynb"))
    if assignment not in known:
        there = f"There are: {', '.join(known)}." if known else "Run `autograder build` first."
        raise CannotGrade(f"There is no assignment {assignment} in solutions. {there}")
    submitted = course.folder("submitted")
    for stray in sorted(submitted.glob(f"*/{assignment}.ipynb")):
        where = stray.parent / assignment
        said = f"Not looked at: {stray}. It is expected in {where}."
        print(in_a_row(said), file=sys.stderr)
    there = sorted(p.parent.name for p in submitted.glob(f"*/{assignment}") if p.is_dir())
    for name in (name for name in there if in_a_row(name) != name):
        said = f"Not graded: the folder {in_a_row(name)!r} in {submitted}, which is no student's "
        print(f"{said}name: it holds characters that cannot be shown.", file=sys.stderr)
    there = [name for name in there if in_a_row(name) == name]
    missing = [student for student in students if student not in there]
    if missing or not there:
        whose = missing[0] if missing else "STUDENT"
        raise CannotGrade(f"There is no submission in {submitted / whose / assignment}.")
    return sorted(set(students)) or there


def places(root: Path, assignment: str, pages: bool) -> str:
    """Where the results are. pages: pages for the students were written."""
    course = Course(root)
    address = sqlalchemy.make_url(course.coursedir.db_url)
    sqlite = address.get_backend_name() == "sqlite"
    feedback = f"Pages for the students: {course.folder('feedback') / 'STUDENT' / assignment}\n"
    return (
        f"{feedback if pages else ''}"
        f"Notebooks as they ran:  {course.folder('autograded') / 'STUDENT' / assignment}\n"
        f"All grades:             {Path(course.coursedir.root, 'grades.csv')}\n"
        f"nbgrader's gradebook:   {address.database if sqlite else address}"
    )


# --- the course and its gradebook -----------------------------------------------------------


class Course(NbGrader):
    """nbgrader with the settings of the course folder, and no others from where it is started."""

    load_cwd_config = False
    engine: sqlalchemy.Engine | None = None

    def __init__(self, root: Path, isolation: str | None = None) -> None:
        try:
            PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
        except Exception as problem:  # nbgrader would go on with its own settings
            raise CannotGrade(f"nbgrader_config.py: {said_of(problem)}.") from None
        super().__init__(log_level=logging.CRITICAL)
        self.problems = Problems(logging.ERROR)
        self.log.addHandler(self.problems)
        # As typed, so that no root in the settings of the user or the machine stands above it.
        self.initialize([f"--CourseDirectory.root={root.resolve()}"], root=str(root.resolve()))
        # nbconvert checks a notebook once at the end, not again after each preprocessor.
        self.update_config(Config(Exporter={"optimistic_validation": True}))
        if isolation:
            self.update_config(Config(Run={"isolation": isolation}))

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


def said_of(problem: Exception) -> str:
    """What is wrong with nbgrader_config.py, with the line."""
    if isinstance(problem, SyntaxError):
        return f"line {problem.lineno}: {problem.msg}"
    lines = [frame.lineno for frame in traceback.extract_tb(problem.__traceback__)]
    return f"line {lines[-1]}: {type(problem).__name__}: {problem}"


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


@contextlib.contextmanager
def one_connection(course: Course) -> Iterator[None]:
    """Let nbgrader keep one connection to the gradebook; it would open ten for each submission.

    What it commits waits for the end of ``at_once``. Raises CannotGrade where another program has
    the gradebook locked and does not let go.
    """
    address = sqlalchemy.make_url(course.coursedir.db_url)
    waiting = address.get_backend_name() == "sqlite" and "timeout" not in address.query
    engine = sqlalchemy.create_engine(
        address,
        future=True,
        poolclass=StaticPool,
        connect_args={"timeout": PATIENCE} if waiting else {},
    )
    dispose, engine.dispose = engine.dispose, lambda: None
    engine.dialect.do_commit = engine.dialect.do_rollback = lambda _: None
    create_engine, nbgrader.api.create_engine = nbgrader.api.create_engine, lambda *_, **__: engine
    tables = nbgrader.api.Base.metadata
    tables.create_all = functools.cache(tables.create_all)  # else looked for nine times each
    try:
        check_gradebook(engine)
        course.engine = engine
        with course.gradebook, at_once(course), engine.connect() as connection:
            for index in INDEXES:
                index.create(connection, checkfirst=True)
        yield
    except (OperationalError, sqlite3.OperationalError) as problem:
        cause = getattr(problem, "orig", problem)
        raise CannotGrade(
            f"{address.database} cannot be used: {cause}. What is graded is kept; run the "
            "command again when no other program is at work on the gradebook."
        ) from None
    finally:
        course.engine = None
        nbgrader.api.create_engine = create_engine
        del tables.create_all
        dispose()


@contextlib.contextmanager
def at_once(course: Course) -> Iterator[None]:
    """Write to the gradebook what the block does, all of it or nothing.

    nbgrader commits thirty times for a submission, and each time waits for the disk.
    """
    connection = course.engine.raw_connection().driver_connection
    try:
        yield
    except BaseException:
        with contextlib.suppress(Exception):  # SQLAlchemy may have closed it, at Ctrl-C
            connection.rollback()
        raise
    connection.commit()


def check_gradebook(engine: sqlalchemy.Engine) -> None:
    """Raise CannotGrade unless the gradebook can be used, or is still to be made."""
    name = engine.url.database
    try:
        with engine.connect() as connection:
            tables = sqlalchemy.inspect(connection).get_table_names()
            version = None
            if "alembic_version" in tables:
                query = sqlalchemy.text("SELECT version_num FROM alembic_version")
                version = connection.execute(query).scalar()
    except DBAPIError as problem:
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
    return ScriptDirectory(ALEMBIC_DIR).get_current_head()


def register(course: Course, assignment: str) -> list[Released]:
    """Put the assignment's cells into the gradebook, as generate_assignment does; return them.

    Nothing is done if they are there. Else the notebook for students is made in passing, in a
    temporary folder. Once there are submissions, nbgrader refuses new cells, and the cells in the
    gradebook stay.
    """
    with contextlib.suppress(MissingEntry):
        released = released_in(course, assignment)
        if released == to_release(course, assignment):
            name_no_kernel(course, assignment)
            return released
    generate_assignment(course, assignment)
    name_no_kernel(course, assignment)
    released = released_in(course, assignment)
    if (new := to_release(course, assignment)) and new != released:
        print(OLDER.format(assignment), file=sys.stderr)
    return released


def name_no_kernel(course: Course, assignment: str) -> None:
    """Let the gradebook name no kernel that there is, also where it was made before."""
    with course.gradebook as gradebook:
        record, kernel = gradebook.find_notebook(assignment, assignment), json.dumps(NO_KERNEL)
        if record.kernelspec != kernel:
            with at_once(course):
                record.kernelspec = kernel
                gradebook.db.commit()


OLDER = (
    "{} has changed since it was handed in; nbgrader keeps the cells and points of the release "
    "that is in its gradebook, and submissions are marked by that one."
)


def released_in(course: Course, assignment: str) -> list[Released]:
    """The assignment's cells in the gradebook."""
    with course.gradebook as gradebook:
        return released_cells(gradebook, assignment, assignment)


def to_release(course: Course, assignment: str) -> list[Released]:
    """The cells that generate_assignment would put into the gradebook; [] if it would refuse."""
    path = course.folder("solutions") / assignment / f"{assignment}.ipynb"
    converter = GenerateAssignment(coursedir=course.coursedir, parent=course)
    resources = {"language": "python", "metadata": {"name": path.stem, "path": str(path.parent)}}
    try:
        nb = nbformat.read(path, as_version=4)
        for step in map(import_item, converter.preprocessors):
            if issubclass(step, SaveCells):
                break
            if step is not CheckCellMetadata:  # most of the time, and what follows is compared
                nb, resources = step(parent=converter)(nb, resources)
        return [released_cell(cell) for cell in nb.cells if any(is_(cell) for is_ in KINDS)]
    except Exception:  # whatever is wrong with it, generate_assignment says it
        return []


#: What of a notebook nbgrader keeps in its gradebook.
KINDS = (is_grade, is_solution, is_locked, is_task)


def released_cell(cell: NotebookNode) -> Released:
    """A cell with nbgrader's metadata as it is handed out."""
    mark = cell.metadata.nbgrader
    return Released(
        mark.grade_id,
        cell.cell_type,
        cell.source,
        mark.get("checksum"),
        is_locked(cell),
        is_solution(cell),
        is_task(cell),
        mark.points if is_grade(cell) or is_task(cell) else None,
    )


def generate_assignment(course: Course, assignment: str) -> None:
    """Run nbgrader's generate_assignment. Raises CannotGrade."""
    with (
        tempfile.TemporaryDirectory() as release,
        temp_attrs(course.coursedir, assignment_id=assignment, release_directory=release),
    ):
        try:
            with at_once(course):
                GenerateAssignment(coursedir=course.coursedir, parent=course).start()
        except NbGraderException as refused:
            stop_if_locked(refused)
            with course.gradebook as gradebook:
                known = any(a.name == assignment and a.submissions for a in gradebook.assignments)
            if not known:
                problem = course.problems.last
                raise CannotGrade(f"nbgrader refuses solutions/{assignment}: {problem}") from None


def stop_if_locked(refused: NbGraderException) -> None:
    """Raise what nbgrader met, if that is a gradebook that cannot be used: no submission can."""
    if isinstance(refused.__context__, OperationalError):
        raise refused.__context__


# --- nbgrader's commands --------------------------------------------------------------------


class AnySubmission(Autograde):
    """nbgrader's autograde, also for a submission without a notebook."""

    def init_notebooks(self) -> None:
        """Take the one submission as it is."""
        folder = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        self.assignments = {folder: [f"{folder}/{self.coursedir.assignment_id}.ipynb"]}


def grade_one(course: Course, assignment: str, student: str) -> Result:
    """Run nbgrader's autograde on one submission."""
    failed, nb = "", None
    with temp_attrs(course.coursedir, assignment_id=assignment, student_id=student):
        try:
            with at_once(course):
                autograde = AnySubmission(coursedir=course.coursedir, parent=course, force=True)
                autograde.start()
                nb = autograde.exporter.notebook
        except NbGraderException as refused:
            stop_if_locked(refused)
            failed = course.problems.last
            with at_once(course):
                give_nothing(course, assignment, student)
    try:
        with course.gradebook as gradebook:
            return replace(reports.result(gradebook, assignment, student, nb), failed=failed)
    except MissingEntry:
        return Result(student, assignment, 0, 0, failed="nbgrader keeps no student of this name")


def with_page(course: Course, result: Result, watch: Watch) -> Result:
    """Run nbgrader's generate_feedback on one submission; tells if there is no page."""
    watch(0, 1, f"page for {result.student}")
    with temp_attrs(course.coursedir, assignment_id=result.assignment, student_id=result.student):
        feedback = GenerateFeedback(coursedir=course.coursedir, parent=course, force=True)
        feedback.update_config(Config(HTMLExporter={"template_name": "feedback"}))
        try:
            with at_once(course), in_time(PAGE_SECONDS):
                feedback.start()
        except (NbGraderException, TooLong) as problem:
            why = problem if isinstance(problem, TooLong) else course.problems.last
            failed = result.failed or f"no page for the student: {why}"
            return replace(result, failed=failed)
    return result


def give_nothing(course: Course, assignment: str, student: str) -> None:
    """Record 0 points, to be looked at, for a submission that nbgrader gave up."""
    with course.gradebook as gradebook:
        gradebook.update_or_create_student(student)
        submission = gradebook.update_or_create_submission(assignment, student)
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                grade.auto_score, grade.needs_manual_grade = 0, True
        gradebook.db.commit()


def export(course: Course, results: Mapping[str, Result]) -> None:
    """Write grades.csv, as ``nbgrader export`` does. results: by student, those known already."""
    with course.gradebook as gradebook:
        exporter = GradesWithReasons(parent=course, to=f"{course.coursedir.root}/grades.csv")
        exporter.known = {(r.assignment, r.student): r for r in results.values()}
        exporter.export(gradebook)
