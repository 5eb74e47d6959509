"""The trusted end of a caged notebook: runs its cells, calls its functions, judges the results.

Nothing that comes from the cage is believed but values: an Outcome is checked field by field, an
output is reduced to what cannot harm who opens it.
"""

import base64
import binascii
import contextlib
import socket
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from autograder import answers, wire
from autograder.sandbox import Cage, Limits
from course.classroom import exercises
from course.classroom.calling import Outcome
from course.classroom.exercises import Exercise
from course.classroom.marking import Trial, mark, not_attempted
from course.classroom.plain import plain
from course.classroom.report import Report

#: Seconds beyond a limit before what does not stop by itself is ended.
GRACE = 2.0
#: Seconds for what takes none, such as a fork: a machine under load may let it wait.
PROMPT = 10.0
#: Calls of functions that were handed in, in one call of the student's function.
MOST_CALLBACKS = 20_000
#: How often a notebook is begun anew without a cell that ended or hung it.
RESTARTS = 3

ENDED = "Python itself was ended here, or the cell could not be stopped when its time was over."


@dataclass(frozen=True)
class Cell:
    """A code cell to run. exercise: its name, for a check cell. shown: draw what it displays."""

    source: str
    exercise: str = ""
    shown: bool = True


@dataclass
class Run:
    """What came of a notebook: outputs per cell, reports per exercise, what it used."""

    outputs: list[list[dict[str, Any]]] = field(default_factory=list)
    reports: dict[str, Report] = field(default_factory=dict)
    seconds: float = 0.0
    processor_seconds: float = 0.0
    memory: int = 0


class TooManyCalls(Exception):
    """A function that was handed in was called more often than any right answer would."""


class Ended(Exception):
    """The submission's process is gone or does not answer."""


def run_notebook(
    cage: Cage, cells: Sequence[Cell], files: Mapping[str, bytes], limits: Limits, seed: int
) -> Run:
    """Run the cells in order and mark each check cell on a fork of the notebook as it stands.

    A cell that ends or hangs the notebook is left out, and the ones above it run again.
    """
    run, harmful = Run(), set()
    deadline = time.monotonic() + limits.submission_seconds
    while True:
        before = len(run.outputs)
        with _submission(cage, cells, files, limits, run) as notebook:
            for i, cell in enumerate(cells):
                if i in harmful or (cell.exercise and i < before):
                    continue
                if time.monotonic() > deadline:
                    not_run(run, cells[len(run.outputs) :], "the notebook's time was over")
                    break
                try:
                    outputs = notebook.check_or_run(cell, run.reports, seed)
                except Ended as end:
                    harmful.add(i)
                    if i >= before:
                        _not_looked_at(run, cell, "Stopped", str(end))
                    break
                if i >= len(run.outputs):
                    run.outputs.append(outputs)
        if len(run.outputs) == len(cells):
            break
        if len(harmful) > RESTARTS:
            not_run(run, cells[len(run.outputs) :], "too many cells before it were stopped")
    follow_the_part(cage, cells, files, limits, seed, run, harmful)
    return run


def not_run(run: Run, cells: Sequence[Cell], why: str) -> None:
    """Note for the remaining cells that they were not run."""
    for cell in cells:
        _not_looked_at(run, cell, "NotRun", f"This cell was not run: {why}.")


def _not_looked_at(run: Run, cell: Cell, name: str, words: str) -> None:
    """An error in place of a cell's outputs; 0 points and the reason for a check cell."""
    run.outputs.append([error(name, words)])
    if cell.exercise:
        report = replace(not_attempted(exercises.every()[cell.exercise]), outcome="wrong")
        run.reports[cell.exercise] = report.with_notes(words)


@contextlib.contextmanager
def _submission(
    cage: Cage, cells: Sequence[Cell], files: Mapping[str, bytes], limits: Limits, run: Run
) -> Iterator["Notebook"]:
    """A Notebook in a fresh fork, with its files; what it used is added to ``run``."""
    checked = (exercises.every()[cell.exercise] for cell in cells if cell.exercise)
    assignment = next((exercise.assignment for exercise in checked), "")
    with cage.submission(limits, assignment) as (connection, used):
        notebook = Notebook(connection, limits)
        for name, content in files.items():
            parts = PurePosixPath(name).parts
            if parts and not name.startswith("/") and ".." not in parts:
                notebook.place(name, content)
        yield notebook
    run.seconds += used.get("seconds", 0.0)
    run.processor_seconds += used.get("processor_seconds", 0.0)
    run.memory = max(run.memory, used.get("memory", 0))


def follow_the_part(
    cage: Cage,
    cells: Sequence[Cell],
    files: Mapping[str, bytes],
    limits: Limits,
    seed: int,
    run: Run,
    harmful: set[int],
) -> None:
    """Marks follow the part: try again with correct stand-ins for parts that are not right.

    Each try has a fork of its own from the start: what a stand-in returns can be carried nowhere.
    All tries together have as much time as the notebook had.
    """
    deadline = time.monotonic() + limits.submission_seconds
    not_right = {name for name, report in run.reports.items() if report.outcome != "right"}
    for i, cell in enumerate(cells):
        report = run.reports.get(cell.exercise)
        if report is None or report.outcome not in ("wrong", "partly right"):
            continue
        exercise = exercises.every()[cell.exercise]
        parts = [part for part in all_parts(exercise) if part in not_right]
        if not parts:
            continue
        names = ", ".join(f"`{part}`" for part in parts)
        if time.monotonic() > deadline:
            words = f"Not tried with correct versions of {names}: the notebook's time was over."
            run.reports[cell.exercise] = report.with_notes(words)
            continue
        with _submission(cage, cells, files, limits, run) as notebook, contextlib.suppress(Ended):
            for j, above in enumerate(cells[:i]):
                if not above.exercise and j not in harmful:
                    notebook.run(replace(above, shown=False))
            again = notebook.check(exercise, seed, stand_ins=parts)
            if again.points > report.points:
                words = f"Marked with correct versions of {names}: yours cost nothing here."
                run.reports[cell.exercise] = again.with_notes(words)


def all_parts(exercise: Exercise) -> list[str]:
    """The exercises that one builds on, and those that they build on."""
    parts = dict.fromkeys(exercise.builds_on)
    for part in exercise.builds_on:
        parts |= dict.fromkeys(all_parts(exercises.every()[part]))
    return list(parts)


# --- one notebook in the cage ---------------------------------------------------------------


class Notebook:
    """The first process of a submission, seen from outside."""

    def __init__(self, connection: socket.socket, limits: Limits):
        self.connection, self.limits = connection, limits

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a request and return the answer; raises Ended."""
        try:
            wire.send(self.connection, request)
            return wire.receive(self.connection, time.monotonic() + seconds)
        except wire.WireError as error:
            raise Ended(f"{ENDED} ({error})") from None

    def place(self, name: str, content: bytes) -> None:
        """Put a file beside the notebook."""
        array = np.frombuffer(content, dtype=np.uint8)
        self.ask({"op": "file", "name": name, "content": array}, PROMPT)

    def check_or_run(
        self, cell: Cell, reports: dict[str, Report], seed: int
    ) -> list[dict[str, Any]]:
        """The outputs of a cell; that of a check cell is its Report."""
        if not cell.exercise:
            return self.run(cell)
        report = self.check(exercises.every()[cell.exercise], seed)
        reports[cell.exercise] = report
        return []

    def run(self, cell: Cell) -> list[dict[str, Any]]:
        """Run an ordinary cell; its outputs, made harmless."""
        request = {"op": "cell", "code": cell.source, "shown": cell.shown}
        answer = self.ask(request, self.limits.cell_seconds + GRACE)
        outputs = answer.get("outputs")
        if type(outputs) is not list:
            raise Ended(ENDED)
        return harmless(outputs, self.limits.output_bytes)

    def check(self, exercise: Exercise, seed: int, stand_ins: list[str] | None = None) -> Report:
        """The Report on one exercise, from calls on a fork of the notebook."""
        if self.ask({"op": "unwritten", "name": exercise.name}, PROMPT).get("unwritten") is True:
            return not_attempted(exercise)
        ours, theirs = socket.socketpair()
        ours.settimeout(self.limits.call_seconds + GRACE)
        try:
            wire.send(self.connection, {"op": "fork"})
            wire.send_descriptor(self.connection, b"f", theirs.fileno())
            theirs.close()
            fork = wire.receive(self.connection, time.monotonic() + PROMPT).get("fork")
            calls = Calls(ours, self.limits)
            if stand_ins:
                calls.hand_in(stand_ins)
            report = mark(exercise, calls, trials(exercise.name, seed))
        except wire.WireError as error:
            raise Ended(f"{ENDED} ({error})") from None
        finally:
            theirs.close()
            ours.close()
        self.ask({"op": "end fork", "fork": fork}, PROMPT)
        return report


@cache
def trials(name: str, seed: int) -> list[Trial]:
    """The public calls of an exercise and hidden ones, the same for the whole class."""
    exercise = exercises.every()[name]
    return [answers.public_trial(exercise), answers.hidden_trial(exercise, seed)]


class Calls:
    """Calls functions on one fork. Functions among the arguments stay here and are called back."""

    def __init__(self, connection: socket.socket, limits: Limits):
        self.connection, self.limits = connection, limits
        self.functions: list[Callable] = []
        self.dead: Outcome | None = None

    def hand_in(self, names: list[str]) -> None:
        """Let the reference stand in for the functions ``names`` of the notebook."""
        functions = {
            name: self.stays_here(answers.answer(exercises.every()[name]).reference)
            for name in names
        }
        wire.send(self.connection, {"op": "stand-ins", "functions": functions})
        wire.receive(self.connection, time.monotonic() + PROMPT)

    def stays_here(self, function: Callable) -> wire.Function:
        """What crosses in place of a function."""
        self.functions.append(function)
        return wire.Function(len(self.functions) - 1)

    def __call__(self, name: str, args: tuple) -> Outcome:
        """Call a function of the notebook. Once a call has failed for good, all do."""
        self.dead = self.dead or None
        if self.dead is None:
            deadline = time.monotonic() + self.limits.call_seconds + GRACE
            try:
                return self.call(name, args, deadline)
            except TooManyCalls:
                words = (
                    f"It called a function that was handed in {MOST_CALLBACKS:,} times and was "
                    "stopped before it came to an end. Does every loop in it end?"
                )
                self.dead = Outcome("interrupted", words=words)
            except wire.Late:
                words = f"It took longer than {self.limits.call_seconds:g} s and was stopped."
                self.dead = Outcome("interrupted", words=words)
            except wire.WireError as problem:
                words = f"It ended Python itself, or used more than is allowed ({problem})"
                self.dead = Outcome("raised", words=words, error="Ended")
        return self.dead

    def call(self, name: str, args: tuple, deadline: float) -> Outcome:
        crossing = [self.stays_here(arg) if callable(arg) else arg for arg in args]
        wire.send(self.connection, {"op": "call", "name": name, "args": crossing})
        for _ in range(MOST_CALLBACKS):
            answer = wire.receive(self.connection, deadline)
            if answer.get("op") != "callback":
                return believable(answer, len(args))
            wire.send(self.connection, self.call_back(answer))
        raise TooManyCalls

    def call_back(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call a function that was handed in, with arguments from the cage."""
        number, args = request.get("f"), request.get("args")
        if type(number) is not int or not 0 <= number < len(self.functions):
            raise wire.WireError("a function that was not handed in")
        if type(args) is not list:
            raise wire.WireError("malformed arguments")
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                return {"value": plain(self.functions[number](*args))}
        except Exception:  # whatever ours says about arguments that it was not made for
            return {"error": "The function that was handed in cannot be called like this."}


def believable(answer: dict[str, Any], arguments: int) -> Outcome:
    """The Outcome in a message from the cage; raises WireError if it is not one."""
    kind, changed = answer.get("kind"), answer.get("changed")
    warned = answer.get("warned")
    if kind not in ("returned", "raised", "unwritten", "unusable", "interrupted"):
        raise wire.WireError("malformed outcome")
    if type(changed) is not tuple or not all(c in range(arguments) for c in changed):
        raise wire.WireError("malformed outcome")
    if type(warned) is not tuple or not all(type(w) is str for w in warned):
        raise wire.WireError("malformed outcome")
    return Outcome(
        kind,
        answer.get("value") if kind == "returned" else None,
        str(answer.get("words"))[:600],
        str(answer.get("error"))[:100],
        changed,
        tuple(w[:200] for w in warned[:10]),
        answer.get("printed") is True,
    )


# --- outputs that harm nobody ---------------------------------------------------------------


def error(name: str, words: str) -> dict[str, Any]:
    """An error output."""
    return {"output_type": "error", "ename": name, "evalue": words, "traceback": [words]}


def harmless(outputs: list[Any], room: int) -> list[dict[str, Any]]:
    """Outputs reduced to text and PNG pictures: no HTML, no scripts, nothing malformed."""
    kept = []
    for output in outputs:
        cleaned = _harmless(output) if type(output) is dict else None
        if cleaned is None:
            continue
        room -= sum(len(str(value)) for value in cleaned.values())
        if room < 0:
            break
        kept.append(cleaned)
    return kept


def _harmless(output: dict[str, Any]) -> dict[str, Any] | None:
    match output.get("output_type"):
        case "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            return {"output_type": "stream", "name": name, "text": str(output.get("text"))}
        case "error":
            lines = output.get("traceback")
            return {
                "output_type": "error",
                "ename": str(output.get("ename"))[:100],
                "evalue": str(output.get("evalue"))[:1000],
                "traceback": [str(line) for line in lines] if type(lines) is list else [],
            }
        case "display_data" | "execute_result" as kind:
            data = _harmless_data(output.get("data"))
            shown = {"output_type": kind, "data": data, "metadata": {}}
            return shown | ({"execution_count": None} if kind == "execute_result" else {})
    return None


def _harmless_data(data: Any) -> dict[str, str]:
    kept = {}
    if type(data) is dict:
        if type(data.get("text/plain")) is str:
            kept["text/plain"] = data["text/plain"]
        if _is_png(data.get("image/png")):
            kept["image/png"] = data["image/png"]
    return kept or {"text/plain": ""}


def _is_png(text: Any) -> bool:
    if type(text) is not str:
        return False
    try:
        return base64.b64decode(text, validate=True).startswith(b"\x89PNG\r\n\x1a\n")
    except binascii.Error:
        return False
