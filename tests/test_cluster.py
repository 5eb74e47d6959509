"""A Dask cluster judges as this machine does; what is wrong with it is told in one sentence."""

import contextlib
import os
import socket
import subprocess
import sys
import time

import pytest

from autograder import engine, verdicts, workers
from autograder.engine import CannotGrade
from tests.test_engine import EXPECTED, folder, registered, scores  # noqa: F401
from tests.test_grading import NAME, ROOT, invoke

pytest.importorskip("distributed")

WORKER = "from distributed.cli.dask_worker import main; main()"
OTHER = f"import autograder.versions as v; v.version = lambda a: 'another'; {WORKER}"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def cluster(*codes: str):
    """A scheduler, and a worker process for each program; its address."""
    address, port = "tcp://127.0.0.1:", free_port()
    scheduler = "from distributed.cli.dask_scheduler import main; main()"
    local = ["--host", "127.0.0.1", "--no-dashboard"]
    programs = [(scheduler, [*local, "--port", str(port)])]
    for code in codes:
        own = ["--nthreads", "1", "--no-nanny", "--death-timeout", "60"]
        programs.append((code, [f"{address}{port}", *local, *own]))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    where = {"env": os.environ | {"PYTHONPATH": str(ROOT)}, **quiet}
    started = [subprocess.Popen([sys.executable, "-c", c, *a], **where) for c, a in programs]
    try:
        while True:  # until it listens
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            assert started[0].poll() is None
            time.sleep(0.1)
        yield f"{address}{port}"
    finally:
        for process in reversed(started):
            process.kill()
        for process in started:
            process.wait(20)


def test_two_workers_grade_a_class(folder, monkeypatch):  # noqa: F811
    """The command ends with exit code 0, a table, and the scores of a run on this machine."""
    monkeypatch.setattr(workers, "SECONDS_TO_ANSWER", 60)
    with cluster(WORKER, WORKER) as address:
        run = invoke(folder, "grade", NAME, "--cluster", address)
    assert run.exit_code == 0, run.output
    assert "student-0" in run.stdout and scores(folder) == EXPECTED


def test_a_worker_of_another_version_is_refused(folder, monkeypatch):  # noqa: F811
    """One sentence; none of its verdicts is kept."""
    monkeypatch.setattr(workers, "SECONDS_TO_ANSWER", 60)
    with cluster(OTHER) as address:
        run = invoke(folder, "grade", NAME, "--cluster", address)
    assert run.exit_code == 2 and "another version" in run.stderr
    assert not list((folder / "verdicts").glob("*.json")) and scores(folder) == {}


def test_a_verdict_of_another_version_is_refused(folder, monkeypatch):  # noqa: F811
    """Also one from a worker that is too old to refuse the job itself."""
    judge = verdicts.judge
    monkeypatch.setattr(workers.Workers, "submit", lambda self, what, *jobs: done(judge, *jobs))
    with pytest.raises(CannotGrade, match="another version"):
        engine.grade(folder, NAME)
    assert scores(folder) == {}


def done(judge, *jobs):
    future = workers.Future()
    future.set_result(judge(*jobs) | {"version": "older"} if hasattr(jobs[0], "key") else None)
    return future


def test_a_cluster_that_is_not_there_is_told(folder, monkeypatch):  # noqa: F811
    """No scheduler, or one without workers: one sentence and exit code 2."""
    monkeypatch.setattr(workers, "SECONDS_TO_ANSWER", 2)
    run = invoke(folder, "grade", NAME, "--cluster", f"tcp://127.0.0.1:{free_port()}")
    assert run.exit_code == 2 and run.stderr.count("\n") == 1
    assert "There is no Dask scheduler at" in run.stderr
    monkeypatch.setattr(workers, "SECONDS_TO_ANSWER", 5)
    with cluster() as address:
        run = invoke(folder, "grade", NAME, "--cluster", address)
    assert run.exit_code == 2 and "has no workers" in run.stderr
