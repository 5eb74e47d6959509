"""nbgrader plug-ins: they find, repair and run a submission, whatever state it is in.

They are listed in nbgrader_config.py, and so serve ``autograder grade``, nbgrader's own commands
and the formgrader alike.
"""

import re
from dataclasses import fields
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_locked, is_solution
from traitlets import Enum, Float, Integer

from autograder import remote
from autograder.remote import Cell
from autograder.repair import Released, Unreadable, find, read, released_cells, repair
from autograder.sandbox import Limits
from autograder.verdicts import Job, Store, judge
from course.classroom import exercises

#: Bytes of all files beside a notebook; what is beyond is left out.
LARGEST_FILES = 16 * 1024**2

REPAIRED = """**This copy of the notebook was put in order before it was graded.** The file that was
handed in is unchanged.

{}"""


def expect_notebook(assignment: str, student: str, notebooks: list[str]) -> None:
    """Put the released name in place of whatever the notebooks in a submission are called.

    nbgrader skips notebooks with other names; Repair finds the file that is meant. (A hook for
    ``Autograde.pre_convert_hook``; the list is nbgrader's own and is changed in place.)
    """
    folder = Path(notebooks[0]).parent
    notebooks[:] = [str(folder / f"{folder.name}.ipynb")]


class SubmissionExporter(NotebookExporter):
    """Leaves the reading of a submitted file to Repair, which can cope with any file or none."""

    def from_filename(self, filename, resources=None, **kw):
        """Convert the notebook in a file; a submitted one begins empty."""
        if not self.parent._sanitizing:
            return super().from_filename(filename, resources, **kw)
        path = Path(filename)
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        return self.from_notebook_node(new_notebook(), resources, **kw)


class Repair(NbGraderPreprocessor):
    """Reads a submission and repairs what would keep it from being graded.

    In place of ClearOutput and DeduplicateIds, which need a notebook in good order. A list of
    what was repaired becomes the first cell, and ``repaired`` in the notebook's metadata.
    """

    def preprocess(self, nb, resources):
        """The repaired notebook; the one given is not looked at."""
        ours = resources["nbgrader"]
        with Gradebook(ours["db_url"]) as gradebook:
            released = released_cells(gradebook, ours["notebook"], ours["assignment"])
        expected = Path(resources["metadata"]["path"], f"{ours['notebook']}.ipynb")
        return repaired_notebook(expected, released), resources


def repaired_notebook(expected: Path, released: list[Released]) -> NotebookNode:
    """The notebook that was handed in as ``expected``, or as another file there, in good order."""
    path, others = find(expected, released)
    nb, done = new_notebook(), []
    try:
        if path is None:
            raise Unreadable("There was no notebook in the submission.")
        nb = read(path)
    except Unreadable as problem:
        done.append(str(problem))
        repair(nb, released)
    else:
        if path != expected:
            done.append(f"The file is called {path.name}, not {expected.name}.")
        done += repair(nb, released)
    if others:
        done.append(f"Not graded: {', '.join(other.name for other in others)}.")
    if done:
        listed = "\n".join(f"- {sentence}" for sentence in done)
        nb.cells.insert(0, new_markdown_cell(REPAIRED.format(listed), id="repaired"))
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
    cell_seconds = Float(20, help="Seconds for a cell.").tag(config=True)
    call_seconds = Float(5, help="Seconds for one call of a student's function.").tag(config=True)
    submission_seconds = Float(120, help="Seconds for a notebook.").tag(config=True)
    memory_bytes = Integer(3 * 1024**3, help="Memory of a process.").tag(config=True)
    processes = Integer(32, help="Processes and threads at once.").tag(config=True)
    file_bytes = Integer(64 * 1024**2, help="Size of a file that is written.").tag(config=True)
    scratch_bytes = Integer(64 * 1024**2, help="Size of all files.").tag(config=True)
    open_files = Integer(256, help="Files open at once.").tag(config=True)
    output_bytes = Integer(1_000_000, help="Output of a cell.").tag(config=True)

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
            cells_to_run(nb),
            files_in(folders),
            self.limits,
            self.isolation,
            store.seed(),
        )
        verdict = store.get(job.key)
        if verdict is None:
            verdict = judge(job)
            store.put(job.key, verdict)
        nb.metadata["verdict"] = job.key
        fill_in(nb, verdict)
        return nb, resources


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
    found, room = {}, LARGEST_FILES
    for folder in folders:
        for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
            if path.suffix == ".ipynb" or path.is_symlink() or not path.is_file():
                continue
            name = path.relative_to(folder)
            if any(part.startswith(".") or part == "__pycache__" for part in name.parts):
                continue
            room -= path.stat().st_size
            if room >= 0 and not any(above.is_symlink() for above in path.parents):
                found[name.as_posix()] = path.read_bytes()
    return found


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
    """Leave an instructor's own test with outputs that nbgrader can score."""
    for output in cell.outputs:
        if output.output_type == "execute_result" and not is_partial_credit(output, cell):
            cell.outputs = [error("The cell did not end with a number of points.")]
            break
    cell.outputs.append(new_output("display_data", {"text/plain": INSIDE}))


def is_partial_credit(output: NotebookNode, cell: NotebookNode) -> bool:
    """True for a number of points that nbgrader can take."""
    try:
        return 0 <= float(output.data["text/plain"]) <= cell.metadata.nbgrader.points
    except (KeyError, ValueError):
        return False


def is_check(cell: NotebookNode) -> bool:
    """True for a check cell: graded, and not written by the student."""
    return cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)


def error(words: str) -> NotebookNode:
    """An error output that says why a cell has no result; nbgrader gives 0 points for any."""
    return nbformat.from_dict(remote.error("NotRun", words))
