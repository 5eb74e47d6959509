"""What nbgrader takes from the folder of a submission.

nbgrader copies every file there to ``autograded`` and ``feedback``, links followed, in a time that
grows with the square of their number; it passes over a folder without a ``.ipynb``, and gives up
at a time stamp that it cannot read. It has no setting for any of this, so its methods are replaced.
"""

import contextlib
import os
import re
import secrets
import shutil
import tempfile
from datetime import datetime
from glob import glob
from pathlib import Path

import nbformat
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import is_grade, is_solution, parse_utc

STAMP = "timestamp.txt"
#: By it, nbgrader's exchange names the page that only this student can fetch.
SECRET = "submission_secret.txt"
#: Of a submission, what nbgrader put there itself.
NOT_HANDED_IN = (STAMP, SECRET)

_init_notebooks = Autograde.init_notebooks
_copy_files = BaseConverter.init_assignment
_init_destination = BaseConverter.init_destination
_convert = GenerateAssignment.convert_notebooks


def install() -> None:
    """Put the functions below in place of nbgrader's."""
    Autograde.init_notebooks = every_submission
    BaseConverter.init_assignment = copy_files
    BaseConverter.init_destination = remember_answers
    GenerateAssignment.convert_notebooks = keep_release
    CourseDirectory.get_existing_timestamp = time_stamp


def every_submission(converter: Autograde) -> None:
    """Each folder is a submission, and its notebook is expected under the released name."""
    course = converter.coursedir
    folders = glob(converter._format_source(course.assignment_id, course.student_id))
    folders = [folder for folder in folders if os.path.isdir(folder)]
    converter.assignments = {f: [os.path.join(f, f"{Path(f).name}.ipynb")] for f in folders}
    if not folders:
        _init_notebooks(converter)  # says what there is instead


def copy_files(converter: BaseConverter, assignment: str, student: str) -> None:
    """Of a submission, only the time stamp and the secret go on; its other files stay there."""
    if not isinstance(converter, Autograde):
        return _copy_files(converter, assignment, student)
    folder = Path(converter._format_dest(assignment, student))
    folder.mkdir(parents=True, exist_ok=True)
    pass_on(Path(converter._format_source(assignment, student)), folder)


def pass_on(source: Path, folder: Path) -> None:
    """Put a submission's time stamp and secret into ``folder``.

    Where there is none (it did not come from the exchange) the stamp is empty, and the secret one
    that nobody knows: `nbgrader release_feedback` would stop for the whole class without them.
    """
    stamp = (source / STAMP).read_text() if time_stamp(None, source) is not None else ""
    replace(folder / STAMP, stamp)
    replace(folder / SECRET, secret(source) or secrets.token_hex(64))


def replace(path: Path, text: str) -> None:
    """Write a file anew: nbgrader makes those of a graded submission read-only."""
    path.unlink(missing_ok=True)
    path.write_text(text)


def secret(folder: Path) -> str:
    """What the exchange put beside a submission; "" if that is not there."""
    path = folder / SECRET
    with contextlib.suppress(OSError, ValueError):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= 1000:
            return path.read_text()
    return ""


#: By student and assignment: what was answered when it was last graded, cell by cell.
answered: dict[tuple[str, str], dict[str, str]] = {}


def remember_answers(converter: BaseConverter, assignment: str, student: str) -> bool:
    """Before nbgrader removes an autograded notebook, keep its answers in mind.

    See ``preprocessors.SaveGrades``.
    """
    if isinstance(converter, Autograde):
        folder = Path(converter._format_dest(assignment, student))
        answered[student, assignment] = {}
        with contextlib.suppress(Exception):  # none, or none that can be read: nothing was answered
            nb = nbformat.read(folder / f"{assignment}.ipynb", as_version=4)
            answered[student, assignment] = answers(nb)
    return _init_destination(converter, assignment, student)


def answers(nb: nbformat.NotebookNode) -> dict[str, str]:
    """Graded cell -> what its points are for: its own text, or for a check all code there is."""
    code = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "code")
    return {
        cell.metadata.nbgrader.grade_id: cell.source if is_solution(cell) else code
        for cell in nb.cells
        if is_grade(cell)
    }


KEPT = (
    "Nothing was changed: {0} is as it was. If its cells came or went while there are submissions, "
    "nbgrader cannot take the new ones into its gradebook. To hand the new text out all the same: "
    "`autograder build`, then `nbgrader release_assignment {1} --force`."
)


def keep_release(converter: GenerateAssignment) -> None:
    """Convert; if that fails, the released notebook that nbgrader has removed is there again."""
    assignment = converter.coursedir.assignment_id
    release = Path(converter._format_dest(assignment, "."))
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder, "release")
        if release.is_dir():
            shutil.copytree(release, kept)
        try:
            _convert(converter)
        except BaseException:
            if kept.is_dir():
                shutil.copytree(kept, release, dirs_exist_ok=True)
                converter.log.error(
                    KEPT.format(f"{release.parent.name}/{release.name}", assignment)
                )
            raise


def is_time(folder: Path) -> bool:
    """False if there is a time stamp that cannot be read."""
    return time_stamp(None, folder) is not None or not os.path.lexists(folder / STAMP)


def time_stamp(course: CourseDirectory | None, folder: str | Path) -> datetime | None:
    """When a submission was handed in; None if that is not known."""
    path = Path(folder, STAMP)
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > 100:
            return None
        text = path.read_text().strip()
        # No slash: dateutil reads a zone from the file of that name.
        return parse_utc(text) if re.fullmatch(r"[\w:+., -]+", text) else None
    except (OSError, ValueError, OverflowError, TypeError):
        return None
