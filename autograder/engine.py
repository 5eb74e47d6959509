"""Grades a class: verdicts in parallel, then nbgrader as the only writer of its records.

nbgrader stays in charge: the gradebook, the folders ``autograded`` and ``feedback``, and the export
are what its own commands would leave. It is loaded while the first processes start.
"""

import contextlib
import fcntl
import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from autograder.sandbox import CannotCage
from autograder.verdicts import Job, Store
from autograder.workers import CannotWork, Workers

if TYPE_CHECKING:
    from autograder.records import Course
    from autograder.reports import Result

#: Called as submissions are done: how many, of how many, the student's name.
Watch = Callable[[int, int, str], None]


class CannotGrade(Exception):
    """Why nothing can be graded, in one sentence."""


def grade(
    root: Path,
    assignment: str,
    students: Sequence[str] = (),
    watch: Watch = lambda *_: None,
    jobs: int | None = None,
    again: bool = False,
    cluster: str = "",
    feedback: bool = False,
    isolation: str | None = None,
) -> "list[Result]":
    """Grade the submissions of an assignment in the course folder ``root``; all by default.

    jobs: processes at work, by default one per processor. again: also what has not changed.
    cluster: the address of a Dask scheduler to send the work to. feedback: write the students'
    pages as well. isolation: bubblewrap or none, in place of what nbgrader_config.py says.

    Writes scores to the gradebook and all grades to grades.csv. Whatever
    is wrong with a submission, it gets a score and the others are graded all the same. What is
    done stays done if the run is broken off. Raises CannotGrade.
    """
    root = root.resolve()
    with place_needed(), Workers(jobs or os.cpu_count() or 1, cluster) as workers:
        workers.warm(new_ones(root, assignment, students))
        records = load_records()
        course = records.Course(root, isolation)
        chosen = records.submissions(course, assignment, students)
        records.check_cage(course)
        records.check_folders(course)
        with only_one(root), records.one_connection(course):
            results = grade_all(course, assignment, chosen, watch, workers, again)
            if feedback:
                results = [records.with_page(course, result, watch) for result in results]
    return results


def new_ones(root: Path, assignment: str, students: Sequence[str]) -> int:
    """About how many submissions were never graded, from what is in nbgrader's usual folders."""
    there = students or [path.parent.name for path in root.glob(f"submitted/*/{assignment}")]
    return sum(not (root / "autograded" / student / assignment).exists() for student in there)


def load_records() -> ModuleType:
    """The module that loads nbgrader."""
    # With this package jsonschema would compile a grammar of web addresses: a second, for nothing.
    unwanted = "rfc3987_syntax"
    sys.modules.setdefault(unwanted, None)
    gc.disable()  # what is loaded stays: no need to look through it again and again
    from autograder import records

    if sys.modules[unwanted] is None:
        del sys.modules[unwanted]
    gc.freeze()
    gc.enable()
    return records


def grade_all(
    course: "Course",
    assignment: str,
    students: Sequence[str],
    watch: Watch,
    workers: Workers,
    again: bool,
) -> "list[Result]":
    """Verdicts in parallel; nbgrader records each as soon as it is there."""
    from autograder import records

    store = Store(Path(course.coursedir.root, "verdicts"))
    seed, released = store.seed(), records.register(course, assignment)
    results: dict[str, Result] = {}
    waiting: dict[str, list[str]] = {}  # key -> students for whom the verdict is being found
    judged: set[str] = set()

    def record(student: str, key: str, fresh: bool) -> None:
        watch(len(results), len(students), student)
        known = None if fresh else records.recorded(course, assignment, student, key)
        results[student] = known or records.grade_one(course, assignment, student)

    def to_judge() -> Iterator[Job]:
        for student in students:
            job = records.job(course, assignment, student, released, seed)
            if job.key in waiting:
                waiting[job.key].append(student)
            elif job.key in judged or (not again and store.get(job.key) is not None):
                record(student, job.key, fresh=again)
            else:
                waiting[job.key] = [student]
                yield job

    with place_needed(), contextlib.closing(workers.verdicts(to_judge())) as arriving:
        for job, verdict in arriving:
            keep(store, job.key, verdict)
            for student in waiting.pop(job.key):
                record(student, job.key, fresh=True)
            if "gave_up" in verdict:
                store.drop(job.key)
            else:
                judged.add(job.key)
    records.export(course, results)
    return [results[student] for student in students]


@contextlib.contextmanager
def place_needed() -> Iterator[None]:
    """Turn CannotCage and CannotWork, where nothing can be judged, into CannotGrade."""
    try:
        yield
    except (CannotCage, CannotWork) as problem:
        raise CannotGrade(str(problem)) from None


def keep(store: Store, key: str, verdict: dict) -> None:
    """Put a verdict into the store. Raises CannotGrade where the disk does not take it."""
    try:
        store.put(key, verdict)
    except OSError as problem:
        raise CannotGrade(
            f"A verdict cannot be written to {store.folder}: {problem.strerror}. What was graded "
            "so far is kept; run the command again when this is mended."
        ) from None


@contextlib.contextmanager
def only_one(root: Path) -> Iterator[None]:
    """Let one command grade in a course folder at a time; another one waits for it."""
    folder = root / "verdicts"
    folder.mkdir(exist_ok=True)
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
