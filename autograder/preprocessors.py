"""nbgrader plug-ins: they find, repair and run a submission, whatever state it is in.

They are listed in nbgrader_config.py, and so serve ``autograder grade``, nbgrader's own commands
and the formgrader alike.
"""

import asyncio
import re
import subprocess
from pathlib import Path

from jupyter_client.utils import ensure_async
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool, Enum, Integer, Unicode

from autograder.repair import Unreadable, find, read, released_cells, repair

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
        return nb, resources


class Unstoppable(Exception):
    """A cell ran out of time and went on when it was interrupted."""


class Run(Execute):
    """Runs a notebook so that each check cell ends with a Report or with an error that says why.

    A cell that takes too long is interrupted. Where that does not help, or the kernel ends, the
    cells above it run again in a new kernel, without this one.
    """

    timeout = Integer(20, help="Seconds for a cell that the student may write.").tag(config=True)
    check_timeout = Integer(10, help="Seconds for a check cell.").tag(config=True)
    grace = Integer(2, help="Seconds to end after an interrupt.").tag(config=True)
    new_kernels = Integer(3, help="Kernels started anew for one notebook, at most.").tag(
        config=True
    )
    output_limit = Integer(1_000_000, help="Characters of output kept of a cell.").tag(config=True)

    shutdown_kernel = Enum(["immediate", "graceful"], "immediate").tag(config=True)
    raise_on_iopub_timeout = Bool(False).tag(config=True)
    skip_cells_with_tag = Unicode("").tag(config=True)
    store_widget_state = Bool(False).tag(config=True)

    def __call__(self, nb, resources):
        """With ``--no-execute`` no check has points; for nbgrader, no output would mean all."""
        if not self.enabled:
            for cell in filter(is_check, nb.cells):
                cell.outputs = [error("The notebook was not run (--no-execute).")]
        return super().__call__(nb, resources)

    def preprocess(self, nb, resources, km=None):
        """Run all cells; see the class."""
        self.timeout_func = self._seconds
        self._interrupted = False
        self._harm: dict[int, str] = {}  # id of a cell -> what it did to the kernel
        self._work = None  # the student's cell that the next check looks at
        self._kernels_left = self.new_kernels
        return super().preprocess(nb, resources, km)

    def preprocess_cell(self, cell, resources, index):
        """Run one cell."""
        if cell.cell_type != "code":
            return cell, resources
        if self._kernels_left < 0:
            words = "This cell was not run: too many cells before it had to be stopped by force."
            cell.outputs = [error(words)]
        elif not self._survives(cell, cell, index):
            cell.outputs.append(error(self._harm[id(cell)]))
            self._start_again(index)
        if is_check(cell):
            settle(cell, self._work)
        elif is_solution(cell):
            self._work = cell
        return cell, resources

    def _seconds(self, cell: NotebookNode) -> int:
        """A cell's time. A function that never ends is likely to be called by later cells too."""
        return self.check_timeout if self._interrupted or is_check(cell) else self.timeout

    def start_new_kernel(self, **kwargs):
        """Start a kernel; its log does not go to the terminal."""
        super().start_new_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **kwargs)

    def _survives(self, cell: NotebookNode, run: NotebookNode, index: int) -> bool:
        """Run ``run`` (``cell`` or a copy of it); False if a new kernel is needed then."""
        self._printed = 0
        try:
            self.execute_cell(run, index, store_history=True)
        except DeadKernelError:
            self._harm[id(cell)] = "This cell ended Python itself."
        except (Unstoppable, CellTimeoutError):
            self._harm[id(cell)] = "This cell took too long and could not be interrupted."
        return id(cell) not in self._harm

    def _start_again(self, index: int) -> None:
        """Run the cells above ``index`` in a new kernel, but no checks and no harmful cell."""
        self._kernels_left -= 1
        if self._kernels_left < 0:
            return
        self._cleanup_kernel()
        self.km = self.create_kernel_manager()
        self.start_new_kernel()
        self.start_new_kernel_client()
        current = self.nb.cells[index]
        for cell in self.nb.cells[:index]:
            if cell.cell_type == "code" and not is_check(cell) and id(cell) not in self._harm:
                survived = self._survives(cell, new_code_cell(cell.source), index)
                self.nb.cells[index] = current  # nbclient puts there what it runs
                if not survived:
                    return self._start_again(index)

    async def _async_handle_timeout(self, timeout, cell=None):
        """Interrupt the cell; raise Unstoppable if it does not end then."""
        self._interrupted = True
        await ensure_async(self.km.interrupt_kernel())
        for _ in range(10 * self.grace):
            if await ensure_async(self.kc.shell_channel.msg_ready()):
                return None
            await asyncio.sleep(0.1)
        raise Unstoppable

    def process_message(self, msg, cell, cell_index):
        """Keep a cell's output, up to a limit."""
        if msg["msg_type"] in ("stream", "display_data", "execute_result"):
            content = msg["content"]
            room = self.output_limit - self._printed
            self._printed += len(content.get("text", "")) + len(str(content.get("data", "")))
            if room <= 0:
                return None
            if self._printed > self.output_limit and "text" in content:
                content["text"] = f"{content['text'][:room]}\n… and more, which was not kept.\n"
        return super().process_message(msg, cell, cell_index)


def is_check(cell: NotebookNode) -> bool:
    """True for a check cell: graded, and not written by the student."""
    return cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)


def settle(cell: NotebookNode, work: NotebookNode | None = None) -> None:
    """Leave a check cell with outputs that nbgrader scores by the Report in them, or as 0.

    The first output decides for nbgrader: that is the Report, whatever was printed before it.
    work: the cell with the function. If it failed, that is why there is no Report.
    """
    reports = [output for output in cell.outputs if is_report(output, cell)]
    streams = [output for output in cell.outputs if output.output_type == "stream"]
    errors = [output for output in cell.outputs if output.output_type == "error"]
    failed = [o for o in (work.outputs if work else []) if o.output_type == "error"]
    if reports:
        cell.outputs = [reports[-1], *streams]
    elif failed:
        cell.outputs = [error(f"The cell with the function failed. {said(failed[0])}"), *streams]
    elif errors:
        cell.outputs = [*errors, *streams]
    else:
        words = "There is no report: the name `check` was given to something else."
        cell.outputs = [error(words), *streams]


def is_report(output: NotebookNode, cell: NotebookNode) -> bool:
    """True for the output of a Report whose number nbgrader can take."""
    if output.output_type != "execute_result" or "report" not in output.metadata:
        return False
    try:
        return 0 <= float(output.data["text/plain"]) <= cell.metadata.nbgrader.points
    except (KeyError, ValueError):
        return False


#: The name of errors that did not happen in the notebook but say why a cell has no result.
NO_RESULT = "NoResult"


def error(words: str) -> NotebookNode:
    """An error output, as a cell that raised it has; nbgrader gives 0 points for any."""
    return new_output("error", ename=NO_RESULT, evalue=words, traceback=[words])


def said(output: NotebookNode) -> str:
    """What an error output says, in one line and without the name of a temporary file."""
    if output.ename == NO_RESULT:
        return output.evalue
    words = f"{output.ename}: {output.evalue}" if output.evalue else output.ename
    return re.sub(r" \(\d+\.py, line (\d+)\)$", r", line \1", words.strip())
