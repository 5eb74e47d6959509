"""Adds up what all processes of a submission use together, from outside, and ends it at its limit.

The kernel's own limits hold for each process. Control groups would do this better, and are rarely
handed to whoever grades.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

#: Seconds between two looks.
INTERVAL = 0.1
#: Processes that are looked at.
MOST_PROCESSES = 1_000


class Watch:
    """Ends the submission in the cage with the process ``above``, in ``with``, once its processes
    take more than ``memory_bytes`` together."""

    def __init__(self, above: int, memory_bytes: int):
        self.above, self.memory_bytes = above, memory_bytes
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)

    def __enter__(self) -> "Watch":
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.over.set()
        self.thread.join()

    def look(self) -> None:
        """Add up again and again."""
        while not self.over.wait(INTERVAL):
            pids = submission_below(self.above)
            room = self.memory_bytes - in_sockets(pids)
            # What forks share is counted for each of them at first: that is quick to find out.
            if sum(map(at_most, pids)) > room and sum(map(share, pids)) > room:
                # With the first process all end; the numbers of others may be new ones' by now.
                with contextlib.suppress(OSError):
                    os.kill(pids[0], signal.SIGKILL)


def submission_below(above: int) -> list[int]:
    """The processes of a submission: all below the cage's warm process and its keeper."""
    warm = [pid for first in children(above) for pid in children(first)]
    found = [pid for each in warm for keeper in children(each) for pid in children(keeper)]
    for pid in found:
        if len(found) > MOST_PROCESSES:  # processes that beget and die: there is no end to them
            break
        found += children(pid)
    return found


def children(pid: int) -> Iterator[int]:
    """The children of a process, of all its threads."""
    with contextlib.suppress(OSError, ValueError):
        for path in Path(f"/proc/{pid}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                yield from map(int, path.read_text().split())


def at_most(pid: int) -> int:
    """Bytes of memory of a process, with what it shares; files not counted."""
    try:
        _, resident, _, *_ = map(int, Path(f"/proc/{pid}/statm").read_text().split())
    except (OSError, ValueError):
        return 0
    return resident * os.sysconf("SC_PAGE_SIZE")


def share(pid: int) -> int:
    """Bytes of memory of a process; what several share is divided among them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return at_most(pid)
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def in_sockets(pids: list[int]) -> int:
    """Bytes that the sockets of a submission may hold; the kernel counts them for nobody."""
    try:
        each = int(Path("/proc/sys/net/core/wmem_default").read_text())
        words = Path(f"/proc/{pids[0]}/net/sockstat").read_text().split()
        return each * int(words[words.index("used") + 1])
    except (OSError, ValueError, IndexError):
        return 0
