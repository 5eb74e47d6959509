"""Verdicts: what came of one submission, kept by content so that nothing is run twice.

A verdict is JSON: the outputs of each cell, a report per exercise, how it was caged, what it used.
Its key is a digest of everything that it depends on.
"""

import atexit
import gc
import hashlib
import hmac
import json
import os
import re
import secrets
import socket
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from autograder.remote import Cell, Run, not_run, run_notebook
from autograder.sandbox import Cage, CannotCage, Limits
from autograder.versions import version
from autograder.wire import WireError

SCHEMA = 1


@dataclass(frozen=True)
class Job:
    """All that a verdict depends on: the cells to run, the files beside them, how they are run,
    and the version of the code that judges."""

    assignment: str
    version: str
    cells: tuple[Cell, ...]
    files: Mapping[str, bytes]
    limits: Limits
    isolation: str
    seed: int
    hidden: tuple[str, ...] = ()  # folders and files of this machine that no submission may see

    @property
    def key(self) -> str:
        """The name under which the verdict is kept: a digest of everything that it depends on."""
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in self.files.items()}
        parts = {
            "schema": SCHEMA,
            "version": self.version,
            "cells": [asdict(cell) for cell in self.cells],
            "files": digests,
            "limits": asdict(self.limits),
            "isolation": self.isolation,
            "seed": self.seed,
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    @property
    def hidden_seed(self) -> int:
        """The seed of its hidden inputs: what one submission finds out about its own serves none
        that is different in anything."""
        digest = hmac.digest(str(self.seed).encode(), self.key.encode(), "sha256")
        return int.from_bytes(digest[:8], "little")


_cages: dict[str, Cage] = {}


def open_cage(isolation: str, hidden: tuple[str, ...] = ()) -> None:
    """Open the cage of this process, if it is not open; it stays warm. Raises CannotCage."""
    if isolation in _cages and not _cages[isolation].serves(hidden):
        _cages.pop(isolation).close()
    if isolation not in _cages:
        _cages[isolation] = Cage(isolation, hidden)
        gc.collect()
        gc.freeze()  # what is loaded by now stays; no need to look through it ever again


@atexit.register
def close_cages() -> None:
    """Close what is open; the next judgement opens a new cage."""
    while _cages:
        _cages.popitem()[1].close()


def judge(job: Job) -> dict[str, Any]:
    """The verdict on a job, as JSON data.

    A cage whose warm process was killed is replaced once. Raises CannotCage, or WireError and
    OSError where the new cage ends as well.
    """
    try:
        return verdict(job, run(job))
    except (CannotCage, WireError, OSError):
        return verdict(job, run(job))


class OtherVersion(Exception):
    """This process has other code than the one that sent the job."""


#: The threads of a process share its cage.
_one_at_a_time = threading.Lock()


def judge_elsewhere(job: Job) -> dict[str, Any]:
    """The verdict on a job from another machine. Raises OtherVersion, and what ``judge`` raises."""
    if version(job.assignment) != job.version:
        raise OtherVersion(
            f"A worker on {socket.gethostname()} has another version of this course, of Python or "
            "of NumPy; its verdicts would not be yours. Install the same there, then start the "
            "worker again."
        )
    with _one_at_a_time:
        return judge(job)


def run(job: Job) -> Run:
    """Run a job in the cage of this process."""
    open_cage(job.isolation, job.hidden)
    cage = _cages[job.isolation]
    try:
        return run_notebook(cage, job.cells, job.files, job.limits, job.hidden_seed)
    except BaseException:
        close_cages()  # whatever state it is in, the next one begins anew
        raise


def verdict(job: Job, run: Run) -> dict[str, Any]:
    """What came of a job, as JSON data."""
    explain(job.cells, run)
    return {
        "schema": SCHEMA,
        "assignment": job.assignment,
        "version": job.version,
        "isolation": job.isolation,
        "outputs": run.outputs,
        "reports": {
            name: {**report.as_data(), "html": report._repr_html_()}
            for name, report in run.reports.items()
        },
        "seconds": round(run.seconds, 4),
        "processor_seconds": round(run.processor_seconds, 4),
        "memory": run.memory,
        **({"had_to_wait": True} if run.had_to_wait else {}),
    }


def gave_up(job: Job, why: str) -> dict[str, Any]:
    """The verdict on a job that nothing can judge: 0 points and the reason.

    It is marked ``gave_up``, and not kept for the next time: the cause may have been another one.
    """
    run = Run()
    not_run(run, job.cells, why)
    return verdict(job, run) | {"gave_up": why}


def explain(cells: Sequence[Cell], run: Run) -> None:
    """Where a function is not there because its cell failed, say so in its report."""
    work = None
    for i, cell in enumerate(cells):
        if cell.shown and not cell.exercise:
            work = i
        report = run.reports.get(cell.exercise)
        if report is None or report.outcome != "not attempted" or work is None:
            continue
        failed = [o for o in run.outputs[work] if o["output_type"] == "error"]
        if failed:
            words = f"The cell with the function failed. {said(failed[0])}"
            run.reports[cell.exercise] = replace(report, outcome="wrong").with_notes(words)


def said(error: Mapping[str, Any]) -> str:
    """What an error output says, in one line and without the name of a temporary file."""
    if error["ename"] in ("Stopped", "NotRun"):
        return error["evalue"]
    words = f"{error['ename']}: {error['evalue']}" if error["evalue"] else error["ename"]
    return re.sub(r" \(\S+, line (\d+)\)$", r", line \1", words.strip())


class Store:
    """Verdicts in a folder, one file each; a file is there whole or not at all."""

    def __init__(self, folder: Path):
        self.folder = folder

    def get(self, key: str) -> dict[str, Any] | None:
        """The verdict kept under ``key``, or None; one that cannot be read counts as none."""
        try:
            found = json.loads(self._path(key).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) and found.get("schema") == SCHEMA else None

    def put(self, key: str, verdict: dict[str, Any]) -> None:
        """Keep a verdict. Raises OSError where the disk is full or cannot be written."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._path(key), json.dumps(verdict).encode())

    def drop(self, key: str) -> None:
        """Forget a verdict."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    def seed(self) -> int:
        """The seed of the hidden inputs: drawn once, the same for the whole class."""
        path = self.folder / "seed"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, str(secrets.randbits(64)).encode())
        return int(path.read_text())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is never seen half written; nobody else may read it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
