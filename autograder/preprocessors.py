"""nbgrader plug-ins: they make stubs, and find, repair and run a submission in whatever state.

They are listed in nbgrader_config.py, and so serve ``autograder grade``, nbgrader's own commands
and the formgrader alike.
"""

import math
import os
import re
from collections import defaultdict
from dataclasses import fields
from pathlib import Path

import nbformat
import nbgrader.preprocessors
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook, SubmittedAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    ClearSolutions,
    Execute,
    GetGrades,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from nbgrader.utils import is_grade, is_locked, is_solution
from traitlets import Enum, Float, Integer

from autograder import intake, remote
from autograder.remote import Cell
from autograder.repair import (
    Released,
    Unreadable,
    files_below,
    find,
    holds_too_much,
    plain,
    read,
    released_cells,
    repair,
)
from autograder.sandbox import CannotCage, Limits, find_bubblewrap
from autograder.verdicts import Job, Store, judge
from autograder.versions import version
from autograder.work import TooLong, in_time
from course.classroom import exercises
from course.classroom.calling import CALL_SECONDS

intake.install()

#: Bytes of all files beside a notebook, and their number; what is beyond is left out.
LARGEST_FILES = 16 * 1024**2
MOST_FILES = 1_000

#: Seconds of work for the reading and repair of one submission.
READING_SECONDS = 60.0

UNCAGED = "Without a cage (isolation: none): students' code runs with your rights."

REPAIRED = """**This copy of the notebook was put in order before it was graded.** The file that was
handed in is unchanged.

{}"""


class NamedStubs(ClearSolutions):
    """nbgrader's ClearSolutions; the stub that it leaves names its function."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Replace the solution of one cell by its stub."""
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        self.code_stub = {"python": f'raise NotImplementedError("{name}: replace this line")'}
        return super().preprocess_cell(cell, resources, cell_index)


#: What nbgrader's gradebook says of the kernel: with a broken nbgrader_config.py, nbgrader's own
#: autograde would run submissions with the instructor's rights, and now finds nothing to run them.
NO_KERNEL = {"name": "graded-in-a-cage", "display_name": "in a cage only", "language": "python"}
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


class SaveCells(nbgrader.preprocessors.SaveCells):
    """nbgrader's SaveCells; what it keeps of the kernel is one that there is nowhere."""

    def preprocess(self, nb, resources):
        """Put the cells into the gradebook; the notebook stays as it is."""
        kernel = nb.metadata.get("kernelspec")
        nb.metadata["kernelspec"] = dict(NO_KERNEL)
        try:
            return super().preprocess(nb, resources)
        finally:
            del nb.metadata["kernelspec"]
            if kernel is not None:
                nb.metadata["kernelspec"] = kernel


class SubmissionExporter(NotebookExporter):
    """Leaves the reading of a submitted file to Repair, which can cope with any file or none.

    nbgrader makes one before it looks at the first submission: without a cage it ends here.
    """

    def __init__(self, **settings):
        """Raises NbGraderException where submissions cannot be caged."""
        super().__init__(**settings)
        if Run(parent=self.parent).isolation == "none":
            self.parent.log.warning(UNCAGED)
            return
        try:
            find_bubblewrap()
        except CannotCage as problem:
            self.parent.log.error(str(problem))
            raise NbGraderException(str(problem)) from None

    def from_filename(self, filename, resources=None, **kw):
        """Convert a submission, in one of nbgrader's two steps.

        The first begins with an empty notebook, the second with what the first made of it: it is
        neither written, read and checked in between nor copied for each preprocessor.
        """
        first = self.parent._sanitizing
        nb = new_notebook() if first else self.notebook
        path = Path(filename)
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        resources = self._init_resources(resources)
        for preprocessor in self._preprocessors:
            nb, resources = preprocessor(nb, resources)
        self.notebook = nb
        if first:
            return nbformat.v4.writes(new_notebook()), resources
        nbformat.validate(nb, relax_add_props=True)
        return nbformat.v4.writes(nb) + "\n", resources


class Repair(NbGraderPreprocessor):
    """Reads a submission and repairs what would keep it from being graded.

    In place of ClearOutput and DeduplicateIds, which need a notebook in good order. A list of
    what was repaired becomes the first cell, and ``repaired`` in the notebook's metadata.
    """

    def preprocess(self, nb, resources):
        """The repaired notebook; the one given is not looked at."""
        ours = resources["nbgrader"]
        expected = Path(resources["metadata"]["path"], f"{ours['notebook']}.ipynb")
        known = repaired.pop(str(expected.absolute()), None)
        if known is not None:
            return known, resources
        with Gradebook(ours["db_url"]) as gradebook:
            released = released_cells(gradebook, ours["notebook"], ours["assignment"])
        return repaired_notebook(expected, released), resources


#: By file: notebooks that were read and repaired before nbgrader comes to them.
repaired: dict[str, NotebookNode] = {}


def repaired_notebook(expected: Path, released: list[Released]) -> NotebookNode:
    """The notebook that was handed in as ``expected``, or as another file there, in good order."""
    try:
        with in_time(READING_SECONDS):
            return _repaired(expected, released)
    except TooLong:
        nb, words = new_notebook(), "What was handed in takes too long to read. Hand in less."
        repair(nb, released)
        return _explained(nb, [words])


def _repaired(expected: Path, released: list[Released]) -> NotebookNode:
    nb, done, others = new_notebook(), [], []
    try:
        path, others = find(expected, released)
        if path is None:
            raise Unreadable("There was no notebook in the submission.")
        nb = read(path)
    except Unreadable as problem:
        done.append(str(problem))
        repair(nb, released)
    else:
        if path != expected:
            called = plain(path.relative_to(expected.parent).as_posix())
            done.append(f"The file is called {called}, not {expected.name}.")
        done += repair(nb, released)
    if others:
        done.append(f"Not graded: {listed(others)}.")
    return _explained(nb, done + left_out(expected.parent))


def _explained(nb: NotebookNode, done: list[str]) -> NotebookNode:
    """The notebook with what was done to it in its first cell."""
    nb.metadata["kernelspec"] = nbformat.from_dict(KERNEL)
    if done:
        sentences = "\n".join(f"- {sentence}" for sentence in done)
        nb.cells.insert(0, new_markdown_cell(REPAIRED.format(sentences), id="repaired"))
        nb.metadata["repaired"] = done
    return nb


class Run(Execute):
    """Puts the verdict on a submission into its notebook: outputs, and a Report per check cell.

    A verdict that is not in the store yet is found first: the notebook runs in the cage, and its
    functions are judged from outside.
    """

    isolation = Enum(
        ["bubblewrap", "none"],
        "bubblewrap",
        help="none: submissions run with your rights, and see and change what you can.",
    ).tag(config=True)
    cell_seconds = Float(20, min=0.1, help="Seconds for a cell.").tag(config=True)
    call_seconds = Float(
        CALL_SECONDS, min=0.1, help="Seconds for one call of a student's function."
    ).tag(config=True)
    submission_seconds = Float(
        120, min=1, help="Seconds for the cells, again for the checks, again for tries with parts."
    ).tag(config=True)
    memory_bytes = Integer(3 * 1024**3, min=2**29, help="Memory of a process.").tag(config=True)
    processes = Integer(48, min=24, help="Processes and threads at once.").tag(config=True)
    file_bytes = Integer(64 * 1024**2, help="Size of a file that is written.").tag(config=True)
    scratch_bytes = Integer(64 * 1024**2, help="Size of all files.").tag(config=True)
    open_files = Integer(256, min=32, help="Files open at once.").tag(config=True)
    output_bytes = Integer(1_000_000, min=0, help="Output of a cell.").tag(config=True)

    @property
    def limits(self) -> Limits:
        """What one submission may use."""
        return Limits(**{field.name: getattr(self, field.name) for field in fields(Limits)})

    def __call__(self, nb, resources):
        """With ``--no-execute`` no check has points; for nbgrader, no output would mean all."""
        if not self.enabled:
            for cell in filter(is_check, nb.cells):
                cell.outputs = [error("The notebook was not run (--no-execute).")]
        return super().__call__(nb, resources)

    def preprocess(self, nb, resources, km=None):
        """Fill in the outputs of all cells; see the class."""
        ours = resources["nbgrader"]
        coursedir = self.parent.parent.coursedir
        store = Store(Path(coursedir.root, "verdicts"))
        folders = [
            Path(coursedir.root, coursedir.format_path(step, student, ours["assignment"]))
            for step, student in (
                (coursedir.submitted_directory, ours["student"]),
                (coursedir.source_directory, "."),
            )
        ]
        job = Job(
            ours["assignment"],
            version(ours["assignment"]),
            cells_to_run(nb),
            files_in(folders),
            self.limits,
            self.isolation,
            store.seed(),
            not_for_students(coursedir),
        )
        verdict = store.get(job.key)
        if verdict is None:
            verdict = judge(job)
            store.put(job.key, verdict)
        nb.metadata["verdict"] = job.key
        fill_in(nb, verdict)
        if verdict["isolation"] == "none":
            nb.cells.insert(0, new_markdown_cell(f"**{UNCAGED}**", id="uncaged"))
            nb.metadata["repaired"] = [UNCAGED, *nb.metadata.get("repaired", ())]
        return nb, resources


class SaveGrades(SaveAutoGrades):
    """nbgrader's SaveAutoGrades; a mark by hand is to be confirmed only if its answer changed.

    nbgrader asks for it after each grading, also where nothing but the due date is another one.
    """

    def preprocess(self, nb, resources):
        """Write the marks of one notebook to the gradebook."""
        ours = resources["nbgrader"]
        before = intake.answered.pop((ours["student"], ours["assignment"]), {})
        now = intake.answers(nb)
        self.unchanged = {name for name in before if before[name] == now.get(name)}
        return super().preprocess(nb, resources)

    def _add_score(self, cell, resources):
        name = cell.metadata.nbgrader.grade_id
        where = (name, self.notebook_id, self.assignment_id, self.student_id)
        grade = self.gradebook.find_grade(*where)
        to_confirm = grade.needs_manual_grade
        super()._add_score(cell, resources)
        if grade.manual_score is not None and name in self.unchanged:
            grade.needs_manual_grade = to_confirm
            self.gradebook.db.commit()


class ShowGrades(GetGrades):
    """nbgrader's GetGrades; the student's page says if it was late, and no score is below 0."""

    def preprocess(self, nb, resources):
        """Put the marks of one notebook, as they are in the gradebook, into its page."""
        nb, resources = super().preprocess(nb, resources)
        ours = resources["nbgrader"]
        ours["score"] = max(0.0, ours["score"])
        with Gradebook(ours["db_url"]) as gradebook:
            words = lateness(gradebook.find_submission(ours["assignment"], ours["student"]))
        if words:
            nb.cells.insert(0, new_markdown_cell(f"**Handed in {words}.**", id="late"))
        return nb, resources


def lateness(submission: SubmittedAssignment) -> str:
    """How late a submission is, and what that costs; "" if it was in time."""
    minutes = math.ceil(submission.total_seconds_late / 60)
    if not minutes:
        return ""
    days, hours = minutes // (24 * 60), minutes // 60 % 24
    parts = [(days, "d"), (hours, "h"), (0 if days else minutes % 60, "min")]
    late = " ".join(f"{number} {unit}" for number, unit in parts if number)
    penalty = submission.late_submission_penalty or 0
    return f"late by {late}: {penalty:g} points off" if penalty else f"late by {late}, nothing off"


def not_for_students(coursedir: CourseDirectory) -> tuple[str, ...]:
    """The course folder, its parts that lie elsewhere, the gradebook, and nbgrader's exchange."""
    steps = ("source", "release", "submitted", "autograded", "feedback", "solution")
    names = [getattr(coursedir, f"{step}_directory", "") for step in steps]
    gradebook = coursedir.db_url.removeprefix("sqlite:///")
    return (
        *dict.fromkeys(os.path.join(coursedir.root, name) for name in ("", *names)),
        *([gradebook] if gradebook != coursedir.db_url else []),
        exchange_root(coursedir),
    )


def exchange_root(coursedir: CourseDirectory) -> str:
    """The folder of nbgrader's exchange."""
    return str(coursedir.config.get("Exchange", {}).get("root", EXCHANGE))


#: Where nbgrader's exchange is, unless it is told otherwise.
EXCHANGE = "/usr/local/share/nbgrader/exchange"


def cells_to_run(nb: NotebookNode) -> tuple[Cell, ...]:
    """The code cells of a repaired notebook, as the cage runs them."""
    return tuple(
        Cell(cell.source, exercise_of(cell), shown=is_solution(cell) or not is_locked(cell))
        for cell in nb.cells
        if cell.cell_type == "code"
    )


def exercise_of(cell: NotebookNode) -> str:
    """The exercise that a check cell checks; "" for any other cell, also an instructor's own."""
    called = re.fullmatch(r"check\((\w+)\)", cell.source.strip())
    return called[1] if called and is_check(cell) and called[1] in exercises.every() else ""


def files_in(folders: list[Path]) -> dict[str, bytes]:
    """The files beside the notebooks, by their place below the folder; no links are followed."""
    return {
        name: path.read_bytes()
        for folder in folders
        for name, (path, why_not) in files_beside(folder).items()
        if not why_not
    }


def left_out(folder: Path) -> list[str]:
    """What of the files beside a notebook is not used, in sentences."""
    why: dict[str, list[Path]] = defaultdict(list)
    for path, why_not in files_beside(folder).values():
        why[why_not].append(path)
    sentences = [f"{words}: {listed(paths)}." for words, paths in why.items() if words]
    if holds_too_much(folder):
        sentences.append("There are so many files and folders that some were not looked at.")
    if not intake.is_time(folder):
        sentences.append("The time stamp cannot be read, so the time of handing in is not known.")
    return sentences


def files_beside(folder: Path) -> dict[str, tuple[Path, str]]:
    """Name below the folder -> each file beside a notebook, and why it is not used, or ""."""
    if folder.is_symlink():
        return {}
    found, room, count = {}, LARGEST_FILES, 0
    for path in files_below(folder):
        name = path.relative_to(folder).as_posix()
        if path.suffix.lower() == ".ipynb" or name in intake.NOT_HANDED_IN:
            continue
        why_not = unusable(path)
        if not why_not:
            count, size = count + 1, path.stat().st_size
            why_not = TOO_MUCH if size > room or count > MOST_FILES else ""
            room -= 0 if why_not else size
        found[name] = (path, why_not)
    return found


TOO_MUCH = f"Left out, beyond {MOST_FILES} files or {LARGEST_FILES // 1024**2} MB"


def unusable(path: Path) -> str:
    """Why a file cannot be put beside the notebook, or ""."""
    if path.is_symlink():
        return "Left out, a link and not a file"
    if not path.is_file() or not os.access(path, os.R_OK):
        return "Left out, cannot be read"
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return "Left out, a name that is not Unicode"
    return ""


def listed(paths: list[Path]) -> str:
    """The names of files in a row; of many, the first few."""
    names = [plain(path.name) for path in paths[:5]]
    return ", ".join(names) + (f" and {len(paths) - 5} more" if len(paths) > 5 else "")


def fill_in(nb: NotebookNode, verdict: dict) -> None:
    """Give each code cell what the verdict has for it."""
    outputs = iter(verdict["outputs"])
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        cell.outputs = [nbformat.from_dict(output) for output in next(outputs)]
        name = exercise_of(cell)
        if name:
            cell.outputs = [shown_report(verdict["reports"][name], cell)]
        elif is_check(cell):
            settle(cell)


def shown_report(report: dict, cell: NotebookNode) -> NotebookNode:
    """A Report as the output of its check cell. nbgrader reads the number in text/plain."""
    points = min(report["points"], cell.metadata.nbgrader.points)
    data = {"text/plain": f"{points:g}", "text/html": report["html"]}
    about = {key: report[key] for key in report if key != "html"}
    return new_output("execute_result", data, metadata={"report": about}, execution_count=None)


INSIDE = (
    "This cell is an instructor's own test. It ran inside the submission, whose code could change "
    "its result."
)


def settle(cell: NotebookNode) -> None:
    """Leave an instructor's own test with outputs that nbgrader can score.

    It takes a number for points, and any other result for all of them. A number that the cell
    cannot give would stop nbgrader, or would count as all points: here it is an error.
    """
    for output in cell.outputs:
        if output.output_type == "execute_result":
            output.data["text/plain"] = output.data.get("text/plain") or "no text"
            if not is_possible(output.data["text/plain"], cell.metadata.nbgrader.points):
                words = f"The cell gave {output.data['text/plain'][:20]} points, "
                words += f"and there are {cell.metadata.nbgrader.points:g}."
                cell.outputs = [error(words)]
            break
    cell.outputs.append(new_output("display_data", {"text/plain": INSIDE}))


def is_possible(text: str, most: float) -> bool:
    """False for a number that cannot be the points of a cell; any other text is no number."""
    try:
        return 0 <= float(text) <= most
    except ValueError:
        return True


def is_check(cell: NotebookNode) -> bool:
    """True for a check cell: graded, and not written by the student."""
    return cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)


def error(words: str) -> NotebookNode:
    """An error output that says why a cell has no result; nbgrader gives 0 points for any."""
    return nbformat.from_dict(remote.error("NotRun", words))
