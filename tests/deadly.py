"""Judges that fail, for tests of what the engine does then; the engine's processes load them."""

import os
import signal

from autograder import verdicts
from autograder.verdicts import Job


def kill_at(job: Job, marker: str) -> bool:
    """True if a cell of the job holds the marker."""
    return any(marker in cell.source for cell in job.cells)


def judge_or_die(job: Job) -> dict:
    """End the process at each job with the word DEADLY, and fail at each with ODD."""
    if kill_at(job, "DEADLY"):
        os.kill(os.getpid(), signal.SIGKILL)
    if kill_at(job, "ODD"):
        raise ZeroDivisionError("an error of ours")
    return verdicts.judge(job)


def judge_with_a_dying_cage(job: Job) -> dict:
    """Kill the warm process of the cage in the middle of each submission, once."""
    from autograder import remote

    ask, killed = remote.Notebook.ask, []

    def kill_first(*arguments):
        if not killed:
            killed.append(True)
            kill_warm_process()
        return ask(*arguments)

    remote.Notebook.ask = kill_first
    try:
        return verdicts.judge(job)
    finally:
        remote.Notebook.ask = ask


def kill_warm_process() -> None:
    """Kill the one process of this one's cage that never runs a student's line."""
    for _, warm in warm_processes(os.getpid()):
        os.kill(warm, signal.SIGKILL)


def warm_processes(above: int) -> list[tuple[int, int]]:
    """Worker and warm process of each cage below a process."""
    return [
        (int(worker), pid)
        for worker, pid in descendants(above)
        if command(pid)[-2:-1] == ["/cage/kernel.py"] and "bwrap" in command(parent(pid))[0]
    ]


def descendants(above: int) -> list[tuple[int, int]]:
    """All processes below one, each with the child of ``above`` through which it is."""
    parents = {int(p): parent(int(p)) for p in os.listdir("/proc") if p.isdigit()}
    found = []
    for pid in parents:
        line = [pid]
        while line[-1] in parents and parents[line[-1]] != above:
            line.append(parents[line[-1]])
        if line[-1] in parents:
            found.append((line[-1], pid))
    return found


def parent(pid: int) -> int:
    """The parent of a process; 0 if it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def command(pid: int) -> list[str]:
    """The command line of a process; [""] if it is gone."""
    try:
        with open(f"/proc/{pid}/cmdline") as file:
            return file.read().rstrip("\0").split("\0")
    except OSError:
        return [""]


def die(*_) -> None:
    """End the process."""
    os.kill(os.getpid(), signal.SIGKILL)
