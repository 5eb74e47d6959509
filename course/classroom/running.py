"""Runs a notebook in a kernel of its own and asks it for its progress."""

import json
import subprocess
from pathlib import Path

#: Seconds that one cell may take before it is interrupted.
CELL_SECONDS = 60

ASK = """
from course.classroom.check import progress_in as _progress_in
import json as _json
print(_json.dumps(_progress_in(globals()).as_data()))
"""


class CannotRun(Exception):
    """A notebook that cannot be run; the message says why, in a sentence."""


def progress_of_notebook(path: Path) -> dict:
    """The progress of the notebook at ``path`` as data (see Progress.as_data).

    Cells that raise do not stop the run. The file is not changed. Raises CannotRun if the file
    is not a notebook, if no kernel starts, or if the kernel dies.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import DeadKernelError

    if not path.is_file():
        raise CannotRun(f"There is no file {path}.")
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:
        raise CannotRun(f"{path} is not a notebook: {_first_line(error)}") from None
    notebook.cells.append(nbformat.v4.new_code_cell(ASK))
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        interrupt_on_timeout=True,
        allow_errors=True,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        client.execute(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except DeadKernelError:
        raise CannotRun(f"The kernel died while it ran {path}.") from None
    except Exception as error:
        raise CannotRun(f"{path} could not be run: {_first_line(error)}") from None
    return _answer(notebook.cells[-1], path)


def _answer(cell, path: Path) -> dict:
    """What the last cell printed, or CannotRun if it did not come so far."""
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stdout":
            return json.loads(output.text)
    errors = [output.evalue for output in cell.outputs if output.output_type == "error"]
    raise CannotRun(f"{path} did not say how far it is: {(errors or ['no answer'])[0]}")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
