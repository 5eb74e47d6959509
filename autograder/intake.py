"""What nbgrader takes from the folder of a submission.

nbgrader copies every file there to ``autograded`` and ``feedback``, links followed, in a time that
grows with the square of their number; it passes over a folder without a ``.ipynb``, and gives up
at a time stamp that it cannot read. It has no setting for any of this, so its methods are replaced.
"""

import os
import re
import shutil
from datetime import datetime
from glob import glob
from pathlib import Path

from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc

STAMP = "timestamp.txt"

_init_notebooks = Autograde.init_notebooks
_copy_files = BaseConverter.init_assignment


def install() -> None:
    """Put the functions below in place of nbgrader's."""
    Autograde.init_notebooks = every_submission
    BaseConverter.init_assignment = copy_files
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
    """Of a submission, only the time stamp goes on; its other files are read where they are."""
    if not isinstance(converter, Autograde):
        return _copy_files(converter, assignment, student)
    folder = Path(converter._format_dest(assignment, student))
    source = Path(converter._format_source(assignment, student))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STAMP).unlink(missing_ok=True)
    if time_stamp(None, source) is not None:
        shutil.copyfile(source / STAMP, folder / STAMP)


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
