"""nbgrader's collect, for a folder into which every student can put whatever they like.

nbgrader's own follows links with the instructor's rights, takes a folder for the student in whose
name it is (with a warning if it is somebody else's), and ends for the whole class at the first
name, file or size that it did not expect.
"""

import os
import pwd
import shutil
import stat
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import ignore_patterns

from autograder.foreign import in_a_row

#: In place of a student's name: a name that nobody can have, for what is not collected.
NOBODY = "/"
#: Files of one submission, and folders in folders, that are read before it is refused.
MOST_FILES = 10_000
DEEPEST = 50

NOT_COLLECTED = "Not collected: inbound/%s %s."
LEFT_OUT = "Left out of inbound/%s: %s is %s."
OTHERS = (
    "is handed in as %s and belongs to %s. If your students' names are not their names on this "
    "machine, set c.ExchangeCollect.check_owner = False in nbgrader_config.py"
)


class Refused(Exception):
    """Why a submission is not collected, to be read after its name."""


class Collect(ExchangeCollect):
    """nbgrader's collect; what cannot be collected is told and left where it is.

    Each submission is read whole before the one that was collected earlier is replaced.
    """

    def init_src(self) -> None:
        """Find the submission to collect of each student."""
        super().init_src()
        self.src_records = [r for r in self.src_records if r["username"] != NOBODY]

    def _path_to_record(self, path: str) -> dict[str, Any]:
        try:
            record = super()._path_to_record(path)
            self.check(path, record)
        except Refused as why:
            self.tell(path, why)
        except (ExchangeError, ValueError, OverflowError, TypeError):
            self.tell(path, "has a name that `nbgrader submit` does not write")
        else:
            return record
        return {"username": NOBODY, "filename": NOBODY, "timestamp": datetime.min}

    def check(self, path: str, record: dict[str, Any]) -> None:
        """Raise Refused if this cannot be a submission of the student in whose name it is."""
        student = record["username"]
        if record["filename"].split("+")[-3:].count(self.coursedir.assignment_id) != 1:
            raise Refused("has a name that `nbgrader submit` does not write")
        if student in ("", ".", "..") or in_a_row(student) != student:
            raise Refused("is handed in by a name that no student has")
        found = os.lstat(path)
        if not stat.S_ISDIR(found.st_mode):
            raise Refused(f"is {kind(found)}, not a folder")
        self.check_belongs(student, found)

    def check_belongs(self, student: str, found: os.stat_result) -> None:
        """Raise Refused if a folder is somebody else's."""
        try:
            owner = pwd.getpwuid(found.st_uid).pw_name
        except KeyError:
            owner = f"user {found.st_uid}, who has no name here"
        if self.check_owner and owner != student:
            raise Refused(OTHERS % (student, owner))

    def copy_files(self) -> None:
        """Collect what can be read; nbgrader decides what is newer than what is there."""
        with tempfile.TemporaryDirectory(prefix=".collect-", dir=self.coursedir.root) as folder:
            self.read: dict[str, Path] = {}
            records, self.src_records = self.src_records, []
            for number, record in enumerate(records):
                source = os.path.join(self.inbound_path, record["filename"])
                to = Path(folder, str(number))
                try:
                    if self.is_new(record):
                        self.copy(source, to, record["username"])
                        self.read[source] = to
                    self.src_records.append(record)
                except (Refused, OSError) as why:
                    shutil.rmtree(to, ignore_errors=True)
                    reason = f"cannot be read ({why.strerror})" if isinstance(why, OSError) else why
                    self.tell(source, reason)
            super().copy_files()

    def is_new(self, record: dict[str, Any]) -> bool:
        """False if this very submission is there: nbgrader never copies it again."""
        there = self.coursedir.format_path(
            self.coursedir.submitted_directory, record["username"], self.coursedir.assignment_id
        )
        return self.coursedir.get_existing_timestamp(there) != record["timestamp"]

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Put what was read into its place."""
        shutil.move(self.read.pop(src), dest)

    def copy(self, source: str, to: Path, student: str) -> None:
        """Copy a folder: regular files alone, and none that a link leads to.

        Everything is opened below the folder as it was when it was opened first, so nothing that
        is exchanged meanwhile leads out of it. Raises Refused or OSError.
        """
        course, name = self.coursedir, os.path.basename(source)
        ignored = ignore_patterns(course.ignore, course.include, course.max_file_size, self.log)
        limit, files = 1000 * course.max_dir_size, 0
        top = os.open(source, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            self.check_belongs(student, os.fstat(top))
            for place, folders, names, at in os.fwalk(".", dir_fd=top, onerror=give_up):
                below = Path(place)
                left_out = set(ignored(os.path.join(source, place), [*folders, *names]))
                (to / below).mkdir(mode=0o775)
                folders[:] = [one for one in folders if one not in left_out]
                files += len(folders) + len(names)
                if files > MOST_FILES or len(below.parts) > DEEPEST:
                    raise Refused(f"holds more than {MOST_FILES} files, or too deep folders")
                for one in [*folders, *names]:
                    found = os.stat(one, dir_fd=at, follow_symlinks=False)
                    if one in left_out or stat.S_ISDIR(found.st_mode):
                        continue
                    if not stat.S_ISREG(found.st_mode):
                        shown = in_a_row(str(below / one))
                        self.log.warning(LEFT_OUT, in_a_row(name), shown, kind(found))
                        continue
                    limit -= copy_file(one, at, to / below / one, limit)
        finally:
            os.close(top)
        if course.groupshared:
            for path in [to, *to.rglob("*")]:
                path.chmod(0o2775 if path.is_dir() else 0o664)

    def tell(self, path: str, why: object) -> None:
        """Say why something is not collected."""
        self.log.error(NOT_COLLECTED, in_a_row(os.path.basename(path)), in_a_row(str(why)))


def copy_file(name: str, at: int, to: Path, limit: int) -> int:
    """Copy a regular file of the folder open as ``at``; return its bytes.

    Raises Refused beyond ``limit`` bytes, and OSError if it has become a link.
    """
    size = 0
    opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
    with open(opened, "rb") as source, to.open("xb") as copy:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise Refused("changed while it was collected")
        while block := source.read(1024**2):
            size += len(block)
            if size > limit:
                raise Refused("is larger than c.CourseDirectory.max_dir_size allows")
            copy.write(block)
    return size


def kind(found: os.stat_result) -> str:
    """What something is that is neither a file nor a folder."""
    if stat.S_ISLNK(found.st_mode):
        return "a link, which is not followed"
    return "a file" if stat.S_ISREG(found.st_mode) else "a pipe, a socket or a device"


def give_up(problem: OSError) -> None:
    """Without this, a folder that cannot be read would count as empty."""
    raise problem
