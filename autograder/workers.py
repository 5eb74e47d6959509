"""Processes that judge submissions, each with a warm cage of its own.

They load what judges, and nothing of nbgrader: one is ready in a second, while the main process
still loads nbgrader.
"""

import contextlib
import ctypes
import logging
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from autograder.sandbox import CannotCage, limit_memory
from autograder.verdicts import (
    Job,
    OtherVersion,
    close_cages,
    gave_up,
    judge,
    judge_elsewhere,
    open_cage,
)

if TYPE_CHECKING:
    from distributed import Client

#: How often a submission is tried alone, after a process ended with it or its judging failed.
ATTEMPTS = 3
#: Jobs handed out for each process: no process waits, and no more are held in memory.
AHEAD = 3
#: Bytes of memory for what comes out of a cage.
MOST_MEMORY = 2 * 1024**3
#: How long a process is waited for that was told to end.
SECONDS_TO_END = 5
#: How long a cluster's scheduler, and its first worker, are waited for.
SECONDS_TO_ANSWER = 5


OLDER = (
    "A worker of the cluster has another version of this course. Install the same there, then "
    "start it again."
)


class CannotWork(Exception):
    """Why a cluster cannot be used, in one sentence."""


def connect(address: str) -> "Client":
    """A client of the Dask scheduler at an address. Raises CannotWork."""
    try:
        from distributed import Client
    except ImportError:
        raise CannotWork(
            "For --cluster, Dask is needed: pip install 'backprop-course[cluster]'."
        ) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it says is said here
    try:
        client = Client(address, timeout=SECONDS_TO_ANSWER, set_as_default=False)
    except (OSError, ValueError, TimeoutError, ImportError, RuntimeError):
        raise CannotWork(
            f"There is no Dask scheduler at {address}. Start one (dask scheduler), then its "
            "workers; the address is like tcp://HOST:8786."
        ) from None
    try:
        client.wait_for_workers(1, timeout=SECONDS_TO_ANSWER)
    except (OSError, TimeoutError):
        client.close()
        raise CannotWork(
            f"The Dask scheduler at {address} has no workers. Start some: dask worker {address}."
        ) from None
    return client


class Workers:
    """Processes of this machine, or of a Dask cluster, that judge jobs; to be used in ``with``."""

    def __init__(self, count: int, cluster: str = ""):
        self.count, self.client = count, None
        self.folder = tempfile.TemporaryDirectory(prefix="autograder-", ignore_cleanup_errors=True)
        if cluster:
            self.client = connect(cluster)
            self.count = sum(self.client.ncores().values())
        self.executor = self._start()

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_) -> None:
        self._end()
        self.folder.cleanup()
        if self.client:
            with contextlib.suppress(Exception):  # it may be gone
                self.client.close(SECONDS_TO_ANSWER)

    def _start(self) -> Executor:
        if self.client:
            return self.client.get_executor(pure=False)
        begun = (os.getpid(), self.folder.name)
        return ProcessPoolExecutor(self.count, get_context("spawn"), begin, begun)

    def _end(self) -> None:
        if self.client:
            return self.executor.shutdown(wait=False)  # Dask's has no more arguments than that
        processes = list((getattr(self.executor, "_processes", None) or {}).values())
        self.executor.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(SECONDS_TO_END)

    def restart(self) -> None:
        """Begin anew after a process was killed: an Executor is of no use then."""
        self._end()
        self.executor = self._start()

    def warm(self, jobs: int) -> None:
        """Let processes start, and open their cages, before there are jobs for them."""
        if not self.client:
            for _ in range(min(jobs, self.count)):
                self.submit(open_cage, "bubblewrap")

    def submit(self, what: Callable, *arguments: Any) -> Future:
        """Hand out one call; where no process takes it any more, the Future says so."""
        # What starts here shall not get the Ctrl-C that is meant for the main process.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            return self.executor.submit(what, *arguments)
        except BrokenProcessPool as problem:
            refused: Future = Future()
            refused.set_exception(problem)
            return refused
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])

    def verdicts(self, jobs: Iterator[Job]) -> Iterator[tuple[Job, dict[str, Any]]]:
        """Each job and its verdict, as they are done. Jobs are drawn as there is room for them.

        What was under way when a process ended, or could not be judged, is tried again alone. So is
        in the end what failed by time and was mostly not at work: others may have been.
        Raises CannotCage.
        """
        under_way: dict[Future, Job] = {}
        had_to_wait: list[Job] = []
        while True:
            for job in islice(jobs, self.count * AHEAD - len(under_way)):
                under_way[self.submit(self.judge(), job)] = job
            if not under_way:
                for job in had_to_wait:
                    yield job, self.alone(job)
                return
            again = []
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                job = under_way.pop(future)
                try:
                    verdict = future.result()
                except Exception as problem:
                    self.check_cluster(problem)
                    again.append(job)
                    if isinstance(problem, BrokenProcessPool):
                        again += under_way.values()
                        under_way.clear()
                        self.restart()
                        break
                else:
                    if verdict["version"] != job.version:
                        raise CannotWork(OLDER)
                    if verdict.pop("had_to_wait", False) and self.count > 1:
                        had_to_wait.append(job)
                    else:
                        yield job, verdict
            for job in again:
                yield job, self.alone(job)

    def judge(self) -> Callable:
        """What a worker calls; found when needed, so that tests can put another in its place."""
        return judge_elsewhere if self.client else judge

    def check_cluster(self, problem: Exception) -> None:
        """Raise CannotWork if a problem is the cluster's and not that of a submission."""
        if not self.client:
            return
        if isinstance(problem, OtherVersion):
            raise CannotWork(str(problem)) from None
        if isinstance(problem, AttributeError | ImportError):  # what it shall call is not there
            raise CannotWork(OLDER) from None
        if self.client.status != "running":
            raise CannotWork(
                "The cluster's scheduler does not answer any more. What is graded is kept; run the "
                "command again when it is there."
            ) from None

    def alone(self, job: Job) -> dict[str, Any]:
        """The verdict on a job with no other beside it: whatever ends now is its own doing.

        Raises CannotCage.
        """
        for _ in range(ATTEMPTS):
            self.start_one(job.isolation)
            try:
                verdict = self.submit(self.judge(), job).result()
                verdict.pop("had_to_wait", None)
                return verdict
            except BrokenProcessPool:
                why = "the process that ran it ended"
                self.restart()
            except CannotCage:
                raise
            except Exception as problem:
                self.check_cluster(problem)
                why = f"judging it failed ({type(problem).__name__})"
        return gave_up(job, f"{why} {ATTEMPTS} times")

    def start_one(self, isolation: str) -> None:
        """Make sure that there is a process with a cage. Raises CannotCage if none can be kept."""
        why = "The processes that run submissions end as soon as they are started."
        for _ in range(ATTEMPTS):
            try:
                return self.submit(open_cage, isolation).result()
            except BrokenProcessPool:
                self.restart()
            except CannotCage as problem:
                why = str(problem)
        raise CannotCage(why)


def begin(parent: int, folder: str) -> None:
    """Let this process end when the one that grades does, however that comes about.

    folder: where it may leave files.
    """
    tempfile.tempdir = folder
    limit_memory(MOST_MEMORY)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


def end(*_) -> None:
    """Leave nothing behind, and wait for nothing."""
    with contextlib.suppress(Exception):
        close_cages()
    os._exit(0)
