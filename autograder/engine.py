"""Grades a class: verdicts in parallel, then nbgrader as the only writer of its records.

nbgrader stays in charge: the gradebook, the folders ``autograded`` and ``feedback``, and the export
are what its own commands would leave.
"""

import contextlib
import ctypes
import fcntl
import logging
import os
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import nbformat
import sqlalchemy
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.dbutil import ALEMBIC_DIR
from nbgrader.utils import temp_attrs
from traitlets.config import Config

from autograder.preprocessors import Run, cells_to_run, files_in, repaired_notebook
from autograder.repair import released_cells
from autograder.reports import GradesWithReasons, Result, result
from autograder.sandbox import CannotCage, find_bubblewrap
from autograder.verdicts import Job, Store, judge

#: Called as submissions are done: how many, of how many, the student's name.
Watch = Callable[[int, int, str], None]
#: Processes that may end under a job before it counts as the job's own fault.
ATTEMPTS = 3


class CannotGrade(Exception):
    """Why nothing can be graded, in one sentence."""


def grade(
    root: Path,
    assignment: str,
    students: Sequence[str] = (),
    watch: Watch = lambda *_: None,
    jobs: int | None = None,
    again: bool = False,
    cluster: str = "",
    feedback: bool = False,
) -> list[Result]:
    """Grade the submissions of an assignment in the course folder ``root``; all by default.

    jobs: processes at work, by default one per processor. again: also what has not changed.
    cluster: the address of a Dask scheduler to send the work to. feedback: write the students'
    pages as well.

    Writes scores to the gradebook and all grades to grades.csv. Whatever
    is wrong with a submission, it gets a score and the others are graded all the same. What is
    done stays done if the run is broken off. Raises CannotGrade.
    """
    # nbgrader's own queries; nothing that a user could do anything about.
    warnings.filterwarnings("ignore", category=sqlalchemy.exc.SAWarning)
    course = Course(root)
    chosen = submissions(course, assignment, students)
    check_cage(course)
    check_gradebook(course.coursedir.db_url)
    check_folders(course)
    with only_one(Path(course.coursedir.root)):
        register(course, assignment)
        results = grade_all(course, assignment, chosen, watch, jobs, again, cluster)
        return [with_page(course, result, watch) for result in results] if feedback else results


def grade_all(
    course: "Course",
    assignment: str,
    students: Sequence[str],
    watch: Watch,
    jobs: int | None,
    again: bool,
    cluster: str,
) -> list[Result]:
    """Verdicts in parallel; nbgrader records each as soon as it is there."""
    store = Store(Path(course.coursedir.root, "verdicts"))
    work = prepare(course, assignment, students, store.seed())
    results: dict[str, Result] = {}

    def record(key: str) -> None:
        for student in (student for student, job in work.items() if job.key == key):
            watch(len(results), len(students), student)
            if again or not is_recorded(course, assignment, student, key):
                results[student] = grade_one(course, assignment, student)
            else:
                results[student] = found(course, assignment, student)

    waiting = {}
    for job in {job.key: job for job in work.values()}.values():
        if not again and store.get(job.key) is not None:
            record(job.key)
        else:
            waiting[job.key] = job
    with contextlib.closing(verdicts(list(waiting.values()), jobs, cluster)) as arriving:
        for key, verdict in arriving:
            keep(store, key, verdict)
            record(key)
    export(course)
    return [results[student] for student in students]


def keep(store: Store, key: str, verdict: dict) -> None:
    """Put a verdict into the store. Raises CannotGrade where the disk does not take it."""
    try:
        store.put(key, verdict)
    except OSError as problem:
        raise CannotGrade(
            f"A verdict cannot be written to {store.folder}: {problem.strerror}. What was graded "
            "so far is kept; run the command again when this is mended."
        ) from None


def prepare(
    course: "Course", assignment: str, students: Sequence[str], seed: int
) -> dict[str, Job]:
    """Student -> what is to be run, from the repaired notebook and the files beside it."""
    settings = Run(parent=course)
    with course.gradebook as gradebook:
        released = released_cells(gradebook, assignment, assignment)
    work = {}
    for student in students:
        folder = course.folder("submitted") / student / assignment
        nb = repaired_notebook(folder / f"{assignment}.ipynb", released)
        files = files_in([folder, course.folder("solutions") / assignment])
        cells, limits = cells_to_run(nb), settings.limits
        work[student] = Job(assignment, cells, files, limits, settings.isolation, seed)
    return work


def is_recorded(course: "Course", assignment: str, student: str, key: str) -> bool:
    """True if nbgrader's records of a submission are complete and come from this verdict."""
    path = course.folder("autograded") / student / assignment / f"{assignment}.ipynb"
    try:
        verdict = nbformat.read(path, as_version=4).metadata.get("verdict")
        with course.gradebook as gradebook:
            gradebook.find_submission(assignment, student)
    except (OSError, ValueError, MissingEntry):
        return False
    return verdict == key


# --- verdicts in parallel -------------------------------------------------------------------


def verdicts(jobs: list[Job], processes: int | None, cluster: str) -> Iterator[tuple[str, dict]]:
    """Key and verdict of each job, as they are done.

    A process that is killed takes no job with it: what was under way is begun again.
    """
    left, attempts = {job.key: job for job in jobs}, 0
    while left:
        count = min(processes or os.cpu_count() or 1, len(left))
        with workers(count if attempts < ATTEMPTS else 1, cluster) as pool:
            futures = {pool.submit(judge, job): key for key, job in left.items()}
            try:
                for future in as_completed(futures):
                    yield futures[future], future.result()
                    del left[futures[future]]
            except BrokenProcessPool:
                attempts += 1
                if attempts > ATTEMPTS + len(jobs):
                    raise CannotGrade(
                        "The processes that run submissions end again and again."
                    ) from None
            except CannotCage as problem:
                raise CannotGrade(str(problem)) from None
            finally:
                for future in futures:
                    future.cancel()


@contextlib.contextmanager
def workers(count: int, cluster: str) -> Iterator[Executor]:
    """Processes of this machine, or of a Dask cluster; both as an Executor."""
    if cluster:
        from distributed import Client

        with Client(cluster) as client, client.get_executor() as executor:
            yield executor
        return
    executor = ProcessPoolExecutor(count, get_context("spawn"), die_with, (os.getpid(),))
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


def die_with(parent: int) -> None:
    """Let this process end when the one that grades does, however that comes about."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that grades
    if os.getppid() != parent:
        os._exit(1)


@contextlib.contextmanager
def only_one(root: Path) -> Iterator[None]:
    """Let one command grade in a course folder at a time; another one waits for it."""
    folder = root / "verdicts"
    folder.mkdir(exist_ok=True)
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def check_cage(course: "Course") -> None:
    """Raise CannotGrade unless submissions can be caged, or need not be."""
    if Run(parent=course).isolation != "none":
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
    """Run nbgrader's autograde on one submission."""
    failed = ""
    with temp_attrs(course.coursedir, assignment_id=assignment, student_id=student):
        try:
            AnySubmission(coursedir=course.coursedir, parent=course, force=True).start()
        except NbGraderException:
            failed = course.problems.last
            give_nothing(course, assignment, student)
    return replace(found(course, assignment, student), failed=failed)


def found(course: Course, assignment: str, student: str) -> Result:
    """What nbgrader has recorded of a submission."""
    with course.gradebook as gradebook:
        return result(gradebook, course.folder("autograded"), assignment, student)


def with_page(course: Course, result: Result, watch: Watch) -> Result:
    """Run nbgrader's generate_feedback on one submission; tells if there is no page."""
    watch(0, 1, f"page for {result.student}")
    with temp_attrs(course.coursedir, assignment_id=result.assignment, student_id=result.student):
        feedback = GenerateFeedback(coursedir=course.coursedir, parent=course, force=True)
        feedback.update_config(Config(HTMLExporter={"template_name": "feedback"}))
        try:
            feedback.start()
        except NbGraderException:
            failed = result.failed or f"no page for the student: {course.problems.last}"
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


def export(course: Course) -> None:
    """Write grades.csv, as ``nbgrader export`` does."""
    with course.gradebook as gradebook:
        GradesWithReasons(parent=course, to=f"{course.coursedir.root}/grades.csv").export(gradebook)
