"""Runs inside the cage: one warm IPython shell, forked for each submission.

The warm process never runs a student's line. For each submission it forks a child into fresh
user, process, mount and IPC namespaces, with empty scratch space; the child runs the cells, and
forks once more for each check. When its first process ends, everything in it is gone.

Whatever this file says after a student's first cell may be forged by the student: the grader
(remote.py) believes values only.
"""

import contextlib
import ctypes
import functools
import gc
import io
import os
import resource
import signal
import socket
import stat
import sys
import time
import traceback
from typing import Any

import seccomp
import wire

from course.classroom import calling, imports
from course.classroom.plain import plain

NEW_NAMESPACES = 0x10000000 | 0x00020000 | 0x20000000  # user, mount, pid
NEW_NAMESPACES |= 0x08000000 | 0x40000000 | 0x04000000  # ipc, net, uts
MS_NOSUID, MS_NODEV, MS_RDONLY, MS_REC, MS_PRIVATE = 2, 4, 1, 0x4000, 0x40000
MS_NOEXEC, MS_NOATIME, MS_REMOUNT, MS_BIND = 8, 0x400, 0x20, 0x1000
PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG = 4, 24, 38, 1
KEYCTL, KEYCTL_JOIN_SESSION_KEYRING = 250, 1
NOBODY = 65534
#: Files and folders that a submission may make.
MOST_FILES = 20_000
STOPPED = "This took longer than {seconds:g} s and was stopped."

libc = ctypes.CDLL(None, use_errno=True)


# --- the warm process -----------------------------------------------------------------------


def main() -> None:
    """Warm up, then fork a submission for each socket that comes in over the control socket."""
    control = socket.socket(fileno=int(sys.argv[1]))
    caged = sys.argv[2:] != ["uncaged"]
    if caged and os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    system(libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))  # no submission may look into this process
    gc.disable()  # what is loaded stays: no need to look through it again and again
    shell = warm_up()
    gc.collect()
    gc.freeze()
    gc.enable()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # no pipe that one could fill for the next
    wire.send(control, {"ready": True})
    while True:
        kind, connection = wire.receive_descriptor(control)
        if not kind:
            os._exit(0)
        if kind == b"p":
            connection.close()
            wire.send(control, {"seen": visible(**wire.receive(control))[:5]})
            continue
        request = wire.receive(control)
        limits = request["limits"]
        recall_recorded(request["assignment"])
        before = time.monotonic()
        keeper = os.fork()
        if keeper == 0:
            control.close()
            keep(shell, connection, limits, caged)
        connection.close()
        wire.receive(control)  # the word to end it
        with contextlib.suppress(ProcessLookupError):
            os.kill(keeper, signal.SIGTERM)
        _, status, used = os.wait4(keeper, 0)
        wire.send(
            control,
            {
                "status": status,
                "processor_seconds": used.ru_utime + used.ru_stime,
                "memory": used.ru_maxrss * 1024,
                "seconds": time.monotonic() - before,
            },
        )


def visible(parts: list[str], empty: list[str], hidden: list[str]) -> list[str]:
    """What can be seen here and should not be.

    parts: all that is here. empty: folders in them that hold nothing. hidden: what is not here.
    """

    def leads_to_a_part(path: str) -> bool:
        return any(part.startswith(path.rstrip("/") + "/") for part in parts)

    def covered(path: str) -> bool:
        return any(path == other or path.startswith(f"{other}/") for other in empty)

    found, waiting = [path for path in empty if holds_something(path)], ["/"]
    for folder in waiting:
        try:
            names = os.listdir(folder)
        except OSError:  # what is in it cannot be told, so it may be anything
            found.append(folder)
            continue
        for name in names:
            path = os.path.join(folder, name)
            if path in parts:
                continue
            if os.path.isdir(path) and not os.path.islink(path) and leads_to_a_part(path):
                waiting.append(path)
            else:
                found.append(path)
    found += [
        path
        for path in hidden
        if os.path.lexists(path) and not leads_to_a_part(path) and not covered(path)
    ]
    return found


def holds_something(path: str) -> bool:
    """True unless it is an empty folder, an empty device, or not there."""
    if os.path.isdir(path):
        return bool(os.listdir(path))
    return os.path.lexists(path) and not stat.S_ISCHR(os.lstat(path).st_mode)


def warm_up():
    """The shell in which submissions run, with everything slow done once.

    The first figure and the first error cost a second; afterwards all forks have them.
    """
    shell = make_shell()
    run_cell(
        shell,
        "import numpy as np\nimport matplotlib.pyplot as plt\n%matplotlib inline\n"
        "plt.plot([1, 2], label='a'); plt.legend(); plt.show()\n1 / 0",
        limits={"cell_seconds": 60, "output_bytes": 10_000_000},
    )
    import course.classroom.check
    import course.classroom.picture
    import course.classroom.plots
    import course.classroom.widgets
    import course.datasets
    import course.gradcheck

    course.classroom.picture.drawing = False
    course.classroom.check.searching = False
    shell.reset(new_session=False)
    shell.run_line_magic("matplotlib", "inline")
    shell.execution_count = 1
    return shell


@functools.cache
def recall_recorded(assignment: str) -> None:
    """Read an assignment's recorded results, and draw what `progress()` shows, once for all."""
    from course.classroom import check, exercises, recorded

    if assignment not in exercises.ASSIGNMENTS:
        return
    for exercise in exercises.of_assignment(assignment).values():
        with contextlib.suppress(recorded.OutOfStep):  # told where a notebook asks for it
            recorded.trial(exercise)
    with contextlib.suppress(Exception):
        shown = check.progress_in({})
        repr(shown), shown._repr_html_()
    gc.freeze()


# --- one submission: namespaces, limits -----------------------------------------------------


def keep(shell, connection: socket.socket, limits: dict[str, Any], caged: bool) -> None:
    """The keeper: makes the namespaces, forks their first process, ends with it. Never returns."""
    signals = {signal.SIGTERM, signal.SIGCHLD}
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        if caged:
            # Where the machine runs out of memory, this goes first.
            with contextlib.suppress(OSError):
                write("/proc/self/oom_score_adj", "1000")
            enter_namespaces(limits)
        first = os.fork()
        if first == 0:
            os.setsid()  # kill(0) reaches the whole process group, also outside of a namespace
            signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
            system(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
            set_limits(limits)
            if caged:
                renounce()
            wire.send(connection, {"ready": True})
            Submission(shell, connection, limits).serve()
        connection.close()
        while signal.sigwait(signals) == signal.SIGTERM:
            os.kill(first, signal.SIGKILL)
        os.waitpid(first, 0)
    except BaseException as error:
        with contextlib.suppress(Exception):
            wire.send(connection, {"failed": f"{type(error).__name__}: {error}"})
        os._exit(1)
    finally:
        os._exit(0)


def enter_namespaces(limits: dict[str, Any]) -> None:
    """Fresh namespaces: nothing outside can be seen, signalled or written to."""
    uid, gid = os.getuid(), os.getgid()
    # The owner of /proc/self is root in a process that cannot be dumped.
    system(libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
    system(libc.unshare(NEW_NAMESPACES))
    write("/proc/self/setgroups", "deny")
    write("/proc/self/uid_map", f"{uid} {uid} 1")
    write("/proc/self/gid_map", f"{gid} {gid} 1")
    system(libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
    with contextlib.suppress(OSError):
        write("/proc/sys/user/max_user_namespaces", "0")
    system(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None))
    for device in ("null", "zero", "full", "random", "urandom", "tty"):
        read_only(f"/dev/{device}")
    # An empty file takes a kilobyte of the kernel's memory, and no room.
    size = f"size={limits['scratch_bytes']},nr_inodes={MOST_FILES}".encode()
    flags = MS_NOSUID | MS_NODEV
    system(libc.mount(b"tmpfs", b"/scratch", b"tmpfs", flags, size))
    system(libc.mount(b"tmpfs", b"/dev/shm", b"tmpfs", flags, size))
    for path in (b"/proc", b"/dev/pts"):
        system(libc.mount(b"tmpfs", path, b"tmpfs", flags | MS_RDONLY, b"size=4k"))
    libc.syscall(KEYCTL, KEYCTL_JOIN_SESSION_KEYRING, None)
    os.makedirs("/scratch/work")
    os.chdir("/scratch/work")


def read_only(device: str) -> None:
    """Keep the times of a device, which is the machine's own, as they are; it can be written to."""
    kept = os.statvfs(device).f_flag & (MS_NOSUID | MS_NOEXEC | MS_NOATIME)  # locked from outside
    flags = MS_REMOUNT | MS_BIND | MS_RDONLY | kept
    system(libc.mount(None, device.encode(), None, flags, None))


def renounce() -> None:
    """Give up every privilege that the new namespace brought."""
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    system(libc.capset(header, (ctypes.c_uint32 * 6)()))
    system(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    seccomp.install()


def set_limits(limits: dict[str, Any]) -> None:
    """What the process and its children may use, each of them."""
    for what, amount in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_SIGPENDING, 256),  # else one quota for all cages
        (resource.RLIMIT_AS, limits["memory_bytes"]),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_FSIZE, limits["file_bytes"]),
        (resource.RLIMIT_NOFILE, limits["open_files"]),
        (resource.RLIMIT_CPU, int(limits["submission_seconds"]) + 1),
    ):
        resource.setrlimit(what, (amount, amount))


def system(result: int) -> None:
    """Raise OSError if a system call failed."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def write(path: str, text: str) -> None:
    """Write to a file of the kernel's."""
    with open(path, "w") as file:
        file.write(text)


# --- one submission: cells, checks ----------------------------------------------------------


class Submission:
    """The first process of a submission: does what the grader asks over its socket."""

    def __init__(self, shell, connection: socket.socket, limits: dict[str, Any]):
        self.shell, self.connection, self.limits = shell, connection, limits

    def serve(self) -> None:
        """Answer requests until the socket closes. Never returns."""
        with contextlib.suppress(BaseException):
            while True:
                request = wire.receive(self.connection)
                wire.send(self.connection, self.answer(request))
        os._exit(0)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        match request["op"]:
            case "file":
                place_file(request["name"], request["content"])
                return {}
            case "cell":
                before = time.process_time()
                outputs = run_cell(self.shell, request["code"], self.limits, request["shown"])
                return {"outputs": outputs, "at_work": time.process_time() - before}
            case "unwritten":
                return {"unwritten": is_unwritten(self.shell.user_ns, request["name"])}
            case "fork":
                self.fork()
                return {}
        raise ValueError(request["op"])

    def fork(self) -> None:
        """Make a copy of the notebook as it stands, which answers calls on a socket of its own."""
        _, connection = wire.receive_descriptor(self.connection)
        if os.fork() == 0:
            self.connection.close()
            with contextlib.suppress(BaseException), calling.state_kept():
                Calls(self.shell.user_ns, connection, self.limits).serve()
            os._exit(0)
        connection.close()


def place_file(name: str, content: Any) -> None:
    """Put a file that was handed in beside the notebook into the working folder."""
    path = os.path.join("/scratch/work", name)
    with contextlib.suppress(OSError):  # a file where another has its folder, say: it is not there
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content.tobytes())


def is_unwritten(namespace: dict[str, Any], name: str) -> bool:
    """True if there is no function of this name, or only the stub: no line of it is run."""
    function = namespace.get(name)
    return not callable(function) or calling.is_stub(function)


class Calls:
    """Answers the calls of one check."""

    def __init__(self, namespace: dict[str, Any], connection: socket.socket, limits):
        self.namespace, self.connection, self.limits = namespace, connection, limits
        self.lent: list[Any] = []

    def serve(self) -> None:
        while True:
            request = wire.receive(self.connection)
            if request["op"] == "stand-ins":
                for name, function in request["functions"].items():
                    self.namespace[name] = self.proxy(function)
                wire.send(self.connection, {"op": "ready"})
            else:
                self.call(request)

    def call(self, request: dict[str, Any]) -> None:
        """Call a function of the notebook and send its Outcome."""
        args = tuple(self.replace(arg) for arg in request["args"])
        seconds, before = self.limits["call_seconds"], time.process_time()
        try:
            with calling.interrupted_after(seconds):
                outcome = calling.call(self.namespace.get(request["name"]), args)
        except KeyboardInterrupt:
            outcome = calling.Outcome("interrupted", words=STOPPED.format(seconds=seconds))
        answer = {"op": "outcome", **vars(outcome), "at_work": time.process_time() - before}
        try:
            wire.send(self.connection, answer, wire.MOST_RETURNED)
        except wire.WireError as error:
            unusable = calling.Outcome("unusable", words=f"It returned {error}")
            wire.send(self.connection, {"op": "outcome", **vars(unusable)})

    def replace(self, arg: Any) -> Any:
        return self.proxy(arg) if isinstance(arg, wire.Function) else arg

    def proxy(self, function: wire.Function):
        """A function that lives with the grader: its arguments and results cross as values."""

        def given(*args):
            values = [self.lend(arg) if callable(arg) else plain(arg) for arg in args]
            wire.send(self.connection, {"op": "callback", "f": function.number, "args": values})
            while (answer := wire.receive(self.connection)).get("op") == "lent":
                wire.send(self.connection, self.call_lent(answer))
            if "error" in answer:
                raise ValueError(answer["error"])
            return answer["value"]

        given.__doc__ = "a function that was handed in"
        return given

    def lend(self, function: Any) -> wire.Function:
        """What crosses in place of a function that the student hands to one of the grader's."""
        self.lent.append(function)
        return wire.Function(len(self.lent) - 1)

    def call_lent(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call such a function, for the grader."""
        try:
            return {"value": plain(self.lent[request["f"]](*request["args"]))}
        except Exception as error:
            return {"error": str(error)[:200]}


# --- the shell ------------------------------------------------------------------------------

_outputs: list[dict[str, Any]] = []
_room = {"bytes": 0, "shown": True}


def add_output(output: dict[str, Any], size: int) -> None:
    """Keep an output of the present cell if there is room for it."""
    size = max(size, wire.EACH_OUTPUT)
    if size > _room["bytes"]:
        if _room["bytes"] > 0:
            text = "\n… the output of this cell is too long and was cut off here.\n"
            _outputs.append({"output_type": "stream", "name": "stderr", "text": text})
        _room["bytes"] = 0
        return
    _room["bytes"] -= size
    _outputs.append(output)


class Stream(io.TextIOBase):
    """What is printed becomes an output of the cell."""

    def __init__(self, name: str):
        self.name = name

    def write(self, text: str) -> int:
        kept = str(text)[: max(_room["bytes"], 0)]
        last = _outputs[-1] if _outputs else {}
        if kept and last.get("name") == self.name and len(kept) == len(text):
            last["text"] += kept
            _room["bytes"] -= len(kept)
        elif text:
            add_output({"output_type": "stream", "name": self.name, "text": text}, len(text))
        return len(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False


def make_shell():
    """An IPython shell whose outputs become nbformat outputs."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets import Type
    from traitlets.config import Config

    class Publisher(DisplayPublisher):
        def publish(self, data, metadata=None, **_):
            output = {"output_type": "display_data", "data": data, "metadata": metadata or {}}
            add_output(output, size_of(data))

        def clear_output(self, wait=False):
            _outputs.clear()

    class Hook(DisplayHook):
        def write_output_prompt(self):
            pass

        def write_format_data(self, format_dict, md_dict=None):
            output = {"output_type": "execute_result", "data": format_dict, "metadata": {}}
            add_output(output, size_of(format_dict))

        def log_output(self, format_dict):
            pass

        def finish_displayhook(self):
            pass

    class Shell(InteractiveShell):
        display_pub_class = Type(Publisher)
        displayhook_class = Type(Hook)

        def enable_gui(self, gui=None):
            pass  # there is no screen

        def _showtraceback(self, etype, evalue, stb):
            text = [str(line) for line in stb]
            output = {
                "output_type": "error",
                "ename": etype.__name__,
                "evalue": str(evalue)[:1000],
                "traceback": text,
            }
            add_output(output, sum(map(len, text)))

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Plain"
    config.InlineBackend.figure_formats = {"png"}
    sys.stdout, sys.stderr = Stream("stdout"), Stream("stderr")
    shell = Shell.instance(config=config)
    imports.forgive_absent_modules(shell)
    return shell


def size_of(data: dict[str, Any]) -> int:
    """Bytes of a display."""
    return sum(len(value) if isinstance(value, str | bytes) else 1000 for value in data.values())


def run_cell(shell, code: str, limits: dict[str, Any], shown: bool = True) -> list[dict[str, Any]]:
    """Run one cell and return its outputs. shown: False leaves all displays undrawn."""
    _outputs.clear()
    _room.update(bytes=limits["output_bytes"])
    shell.display_formatter.active_types = (
        shell.display_formatter.format_types if shown else ["text/plain"]
    )
    seconds = limits["cell_seconds"]
    try:
        with calling.interrupted_after(seconds):
            shell.run_cell(code, store_history=True)
    except KeyboardInterrupt:
        _outputs.append(stopped(seconds))
    for output in _outputs:
        if output.get("ename") == "KeyboardInterrupt":
            output.update(stopped(seconds))
    return [as_plain(output) for output in _outputs]


def stopped(seconds: float) -> dict[str, Any]:
    """The error of a cell that took too long."""
    words = STOPPED.format(seconds=seconds)
    return {"output_type": "error", "ename": "Stopped", "evalue": words, "traceback": [words]}


def as_plain(output: dict[str, Any]) -> dict[str, Any]:
    """An output with its displays as text: PNG bytes in base64, anything else by its repr."""
    if "data" not in output:
        return output
    import base64

    data = {}
    for kind, value in output["data"].items():
        if isinstance(value, bytes):
            value = base64.b64encode(value).decode()
        if isinstance(value, str):
            data[str(kind)] = value
    return {"output_type": output["output_type"], "data": data}


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)  # sys.stderr is a cell's by then
        os._exit(1)
