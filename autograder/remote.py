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
from functools import cache, lru_cache
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from autograder import answers, wire
from autograder.foreign import has_png_header, points, printable
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
#: The outputs of a notebook have as much room as so many of its cells.
MOST_OUTPUTS = 20
#: Bytes of room that an output takes up at least: pages with very many of them take minutes.
EACH = wire.EACH_OUTPUT
#: Points of all pictures of a notebook: a page shows them together.
MOST_POINTS = 100_000_000
#: Lines of a traceback that are kept.
MOST_LINES = 200

ENDED = (
    "Python itself was ended here (its processes together may have taken too much memory), or the "
    "cell could not be stopped when its time was over."
)
#: What is stopped by time had so large a part of it on a processor, or else it had to wait.
AT_WORK = 0.8


@dataclass(frozen=True)
class Cell:
    """A code cell to run. exercise: its name, for a check cell. shown: draw what it displays."""

    source: str
    exercise: str = ""
    shown: bool = True


@dataclass
class Run:
    """What came of a notebook: outputs per cell, reports per exercise, what it used.

    harmful: for each cell that was left out, why. marked: the exercises whose calls were made.
    """

    outputs: list[list[dict[str, Any]]] = field(default_factory=list)
    reports: dict[str, Report] = field(default_factory=dict)
    harmful: dict[int, str] = field(default_factory=dict)
    marked: list[str] = field(default_factory=list)
    seconds: float = 0.0
    processor_seconds: float = 0.0
    memory: int = 0
    had_to_wait: bool = False  # what failed by time was mostly not at work, as far as is known


class TooManyCalls(Exception):
    """A function that was handed in was called more often than any right answer would."""


class Ended(Exception):
    """The submission's process is gone or does not answer."""


def run_notebook(
    cage: Cage, cells: Sequence[Cell], files: Mapping[str, bytes], limits: Limits, seed: int
) -> Run:
    """Run the cells in order, fork the notebook as it stands at each check cell, mark the forks.

    The marking waits for the last cell: no line of the student's can tell what it was called with.
    A cell that ends or hangs the notebook is left out, and the others run again.
    """
    run, outputs = Run(), {}
    end, why = len(cells), ""
    deadline = time.monotonic() + limits.submission_seconds
    again = True
    while again:
        again = False
        with _submission(cage, cells, files, limits, run) as notebook, Forks(limits) as forks:
            for i, cell in enumerate(cells[:end]):
                if i in run.harmful:
                    continue
                if time.monotonic() > deadline:
                    end, why = i, "the notebook's time was over"
                    notebook.had_to_wait |= notebook.at_work < AT_WORK * limits.submission_seconds
                    break
                try:
                    if cell.exercise:
                        forks.add(cell.exercise, notebook)
                    else:
                        shown = notebook.run(cell)
                        outputs.setdefault(i, shown)
                except Ended as problem:
                    run.harmful[i], again = str(problem), True
                    if len(run.harmful) > RESTARTS:
                        end, why = i + 1, "too many cells before it were stopped"
                    break
            if not again:
                forks.mark(run, seed)
    for i, cell in enumerate(cells[:end]):
        if i in run.harmful:
            _not_looked_at(run, cell, "Stopped", run.harmful[i])
        else:
            run.outputs.append(outputs.get(i, []))
    not_run(run, cells[end:], why)
    follow_the_part(cage, cells, files, limits, seed, run)
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
        run.had_to_wait |= notebook.had_to_wait
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
) -> None:
    """Marks follow the part: try again with correct stand-ins for parts that are not right.

    Each try has a fork of its own from the start: what a stand-in returns can be carried nowhere.
    All tries together have as much time as the notebook had.
    """
    deadline = time.monotonic() + limits.submission_seconds
    not_right = {name for name, report in run.reports.items() if report.outcome != "right"}
    for i, cell in enumerate(cells):
        report = run.reports.get(cell.exercise)
        if cell.exercise not in run.marked or report.outcome not in ("wrong", "partly right"):
            continue
        parts = [part for part in all_parts(exercises.every()[cell.exercise]) if part in not_right]
        if not parts:
            continue
        names = ", ".join(f"`{part}`" for part in parts)
        tried = None
        if time.monotonic() <= deadline:
            above = [c for j, c in enumerate(cells[:i]) if not c.exercise and j not in run.harmful]
            tried = with_stand_ins(cage, above, cell, files, limits, seed, run, parts, deadline)
        if tried is None:
            words = f"Not tried with correct versions of {names}: the notebook's time was over."
            run.reports[cell.exercise] = report.with_notes(words)
        elif tried.points > report.points:
            words = f"Marked with correct versions of {names}: yours cost nothing here."
            run.reports[cell.exercise] = tried.with_notes(words)


def with_stand_ins(
    cage: Cage,
    above: Sequence[Cell],
    cell: Cell,
    files: Mapping[str, bytes],
    limits: Limits,
    seed: int,
    run: Run,
    parts: list[str],
    deadline: float,
) -> Report | None:
    """The Report on one exercise with stand-ins for ``parts``; None if the time was over."""
    tried = Run()
    with (
        _submission(cage, [cell], files, limits, run) as notebook,
        Forks(limits) as forks,
        contextlib.suppress(Ended),
    ):
        for each in above:
            if time.monotonic() > deadline:
                return None
            notebook.run(replace(each, shown=False))
        forks.add(cell.exercise, notebook, parts)
        forks.mark(tried, seed)
    return tried.reports.get(cell.exercise) or not_attempted(exercises.every()[cell.exercise])


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
        self.room = MOST_OUTPUTS * limits.output_bytes
        self.points = MOST_POINTS
        self.at_work, self.had_to_wait = 0.0, False

    def ask(
        self, request: dict[str, Any], seconds: float, largest_json: int = wire.MOST_RETURNED
    ) -> dict[str, Any]:
        """Send a request and return the answer; raises Ended."""
        try:
            wire.send(self.connection, request)
            return wire.receive(self.connection, time.monotonic() + seconds, largest_json)
        except wire.WireError as error:
            self.had_to_wait |= type(error) is wire.Late
            raise Ended(f"{ENDED} ({error})") from None

    def place(self, name: str, content: bytes) -> None:
        """Put a file beside the notebook."""
        array = np.frombuffer(content, dtype=np.uint8)
        self.ask({"op": "file", "name": name, "content": array}, PROMPT)

    def run(self, cell: Cell) -> list[dict[str, Any]]:
        """Run an ordinary cell; its outputs, made harmless."""
        request = {"op": "cell", "code": cell.source, "shown": cell.shown}
        most = self.limits.output_bytes
        answer = self.ask(request, self.limits.cell_seconds + GRACE, wire.MOST_RETURNED + 8 * most)
        outputs = answer.get("outputs")
        if type(outputs) is not list:
            raise Ended(ENDED)
        at_work = seconds_at_work(answer)
        self.at_work += at_work
        if any(type(o) is dict and o.get("ename") == "Stopped" for o in outputs):
            self.had_to_wait |= at_work < AT_WORK * self.limits.cell_seconds
        kept = harmless(outputs, min(most, self.room))
        self.leave_out_pictures(kept)
        self.room -= sum(max(EACH, len(str(output))) for output in kept)
        if self.room <= 0 and outputs:
            kept.append(error("TooLong", "The outputs of this notebook are too long to be kept."))
        return kept

    def leave_out_pictures(self, outputs: list[dict[str, Any]]) -> None:
        """Keep as many pictures as one page can show."""
        for data in (output["data"] for output in outputs if "image/png" in output.get("data", ())):
            self.points -= points(base64.b64decode(data["image/png"]))
            if self.points < 0:
                del data["image/png"]
                data["text/plain"] = "A picture, left out: there are too many or too large ones."

    def is_unwritten(self, name: str) -> bool:
        """True if there is no function of this name, or only its stub."""
        return self.ask({"op": "unwritten", "name": name}, PROMPT).get("unwritten") is True

    def fork(self) -> socket.socket:
        """A copy of the notebook as it stands, which answers calls on this socket."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                wire.send(self.connection, {"op": "fork"})
                wire.send_descriptor(self.connection, b"f", theirs.fileno())
            wire.receive(self.connection, time.monotonic() + PROMPT, wire.MOST_RETURNED)
        except (wire.WireError, OSError) as error:
            ours.close()
            raise Ended(f"{ENDED} ({error})") from None
        ours.settimeout(self.limits.call_seconds + GRACE)
        return ours


class Forks:
    """The notebook as it stood at each check cell; to be used in ``with``."""

    def __init__(self, limits: Limits):
        self.limits = limits
        self.calls: dict[str, Calls | None] = {}

    def __enter__(self) -> "Forks":
        return self

    def __exit__(self, *_) -> None:
        for calls in filter(None, self.calls.values()):
            calls.connection.close()

    def add(self, name: str, notebook: Notebook, stand_ins: Sequence[str] = ()) -> None:
        """Fork the notebook for the check of one exercise; raises Ended."""
        if notebook.is_unwritten(name):
            self.calls[name] = None
            return
        self.calls[name] = calls = Calls(notebook.fork(), self.limits)
        if stand_ins:
            try:
                calls.hand_in(stand_ins)
            except wire.WireError as error:
                raise Ended(f"{ENDED} ({error})") from None

    def mark(self, run: Run, seed: int) -> None:
        """Make all calls and put the Reports into ``run``.

        Public calls come first, on all forks: what a function keeps of hidden ones, it can show in
        no error that is told.
        """
        deadline = time.monotonic() + self.limits.submission_seconds
        seen: dict[str, list[Outcome]] = {}
        for name, calls in self.calls.items():
            if calls:
                calls.deadline = deadline
                seen[name] = public_outcomes(name, calls, seed)
        for name, calls in self.calls.items():
            exercise = exercises.every()[name]
            if calls is None:
                run.reports[name] = not_attempted(exercise)
                continue
            right = [other for other, report in run.reports.items() if report.outcome == "right"]
            caller = going_on(seen[name], calls)
            run.reports[name] = mark(exercise, caller, trials(name, seed), right)
            run.marked.append(name)
        run.had_to_wait |= any(calls.had_to_wait for calls in self.calls.values() if calls)


def public_outcomes(name: str, calls: "Calls", seed: int) -> list[Outcome]:
    """What comes of the public calls, up to one that has to be interrupted."""
    outcomes: list[Outcome] = []
    for made in trials(name, seed)[0].calls:
        outcomes.append(calls(name, made.args))
        if outcomes[-1].kind == "interrupted":
            break
    return outcomes


def going_on(outcomes: list[Outcome], calls: "Calls") -> Callable[[str, tuple], Outcome]:
    """Makes calls; what the first of them bring is known already."""
    seen = iter(outcomes)

    def call(name: str, args: tuple) -> Outcome:
        return next(seen, None) or calls(name, args)

    return call


@lru_cache(64)
def trials(name: str, seed: int) -> list[Trial]:
    """The public calls of an exercise, and hidden ones of one submission."""
    return [public_trial(name), answers.hidden_trial(exercises.every()[name], seed)]


@cache
def public_trial(name: str) -> Trial:
    """The public calls of an exercise, the same for everybody."""
    return answers.public_trial(exercises.every()[name])


class Calls:
    """Calls functions on one fork. Functions cross by number and stay where they are."""

    def __init__(self, connection: socket.socket, limits: Limits):
        self.connection, self.limits = connection, limits
        self.deadline = float("inf")
        self.functions: list[Callable] = []
        self.callbacks = 0
        self.dead: Outcome | None = None
        self.had_to_wait = False

    def hand_in(self, names: Sequence[str]) -> None:
        """Let the reference stand in for the functions ``names`` of the notebook."""
        functions = {
            name: self.stays_here(answers.answer(exercises.every()[name]).reference)
            for name in names
        }
        wire.send(self.connection, {"op": "stand-ins", "functions": functions})
        wire.receive(self.connection, time.monotonic() + PROMPT, wire.MOST_RETURNED)

    def stays_here(self, function: Callable) -> wire.Function:
        """What crosses in place of a function."""
        self.functions.append(function)
        return wire.Function(len(self.functions) - 1)

    def __call__(self, name: str, args: tuple) -> Outcome:
        """Call a function of the notebook. Once a call has failed for good, all do."""
        if self.dead is None and time.monotonic() > self.deadline:
            self.dead = Outcome("interrupted", words="The time for all checks was over.")
            self.had_to_wait = True
        if self.dead is None:
            deadline = min(time.monotonic() + self.limits.call_seconds + GRACE, self.deadline)
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
                self.had_to_wait = True
            except wire.WireError as problem:
                words = f"It ended Python itself, or used more than is allowed ({problem})"
                self.dead = Outcome("raised", words=words, error="Ended")
        return self.dead

    def call(self, name: str, args: tuple, deadline: float) -> Outcome:
        crossing = [self.stays_here(arg) if callable(arg) else arg for arg in args]
        self.callbacks = 0
        wire.send(self.connection, {"op": "call", "name": name, "args": crossing})
        answer = self.answer(deadline)
        outcome = believable(answer, len(args))
        if outcome.kind == "interrupted":
            self.had_to_wait |= seconds_at_work(answer) < AT_WORK * self.limits.call_seconds
        return outcome

    def answer(self, deadline: float) -> dict[str, Any]:
        """The next message that is no call of a function that was handed in."""
        while True:
            message = wire.receive(self.connection, deadline, wire.MOST_RETURNED)
            if message.get("op") != "callback":
                return message
            self.callbacks += 1
            if self.callbacks > MOST_CALLBACKS:
                raise TooManyCalls
            wire.send(self.connection, self.call_back(message, deadline))

    def call_back(self, request: dict[str, Any], deadline: float) -> dict[str, Any]:
        """Call a function that was handed in, with arguments from the cage."""
        number, args = request.get("f"), request.get("args")
        if type(number) is not int or not 0 <= number < len(self.functions):
            raise wire.WireError("a function that was not handed in")
        if type(args) is not list or size_of(args) > wire.MOST_RETURNED:
            raise wire.WireError("malformed arguments")
        given = [self.lent(arg, deadline) if type(arg) is wire.Function else arg for arg in args]
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                return {"value": plain(self.functions[number](*given))}
        except (wire.WireError, TooManyCalls):
            raise
        except Exception:  # whatever ours says about arguments that it was not made for
            return {"error": "The function that was handed in cannot be called like this."}

    def lent(self, function: wire.Function, deadline: float) -> Callable:
        """A function of the cage, as an argument for one that was handed in."""

        def call(*args):
            values = [plain(arg) for arg in args]
            wire.send(self.connection, {"op": "lent", "f": function.number, "args": values})
            answer = self.answer(deadline)
            if "value" not in answer or type(answer["value"]) is wire.Function:
                raise ValueError("it failed")
            return answer["value"]

        return call


def seconds_at_work(answer: dict[str, Any]) -> float:
    """What the cage says of the processor's time; to lie about it gains a second try, alone."""
    said = answer.get("at_work")
    return said if type(said) is float else 0.0


def size_of(value: Any) -> int:
    """Bytes of the arrays in a plain value."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, dict):
        return sum(map(size_of, value.values()))
    return sum(map(size_of, value)) if isinstance(value, list | tuple) else 0


def believable(answer: dict[str, Any], arguments: int) -> Outcome:
    """The Outcome in a message from the cage; raises WireError if it is not one."""
    kind, changed = answer.get("kind"), answer.get("changed")
    warned = answer.get("warned")
    if kind not in ("returned", "raised", "unwritten", "unusable", "interrupted"):
        raise wire.WireError("malformed outcome")
    if type(changed) is not tuple or not all(
        type(c) is int and 0 <= c < arguments for c in changed
    ):
        raise wire.WireError("malformed outcome")
    if type(warned) is not tuple or not all(type(w) is str for w in warned):
        raise wire.WireError("malformed outcome")
    value = answer.get("value") if kind == "returned" else None
    if holds_function(value):
        raise wire.WireError("malformed outcome")
    return Outcome(
        kind,
        value,
        printable(answer.get("words"))[:600],
        printable(answer.get("error"))[:100],
        changed,
        tuple(printable(w)[:200] for w in warned[:10]),
        answer.get("printed") is True,
    )


def holds_function(value: Any) -> bool:
    """True if there is one in what should be a plain value."""
    if isinstance(value, list | tuple):
        return any(map(holds_function, value))
    if isinstance(value, dict):
        return any(map(holds_function, value.values()))
    return type(value) is wire.Function


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
        room -= max(EACH, sum(len(str(value)) for value in cleaned.values()))
        if room < 0:
            break
        kept.append(cleaned)
    return kept


def _harmless(output: dict[str, Any]) -> dict[str, Any] | None:
    match output.get("output_type"):
        case "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            return {"output_type": "stream", "name": name, "text": printable(output.get("text"))}
        case "error":
            lines = output.get("traceback")
            return {
                "output_type": "error",
                "ename": printable(output.get("ename"))[:100],
                "evalue": printable(output.get("evalue"))[:1000],
                "traceback": [printable(line) for line in lines[:MOST_LINES]]
                if type(lines) is list
                else [],
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
            kept["text/plain"] = printable(data["text/plain"])
        if _is_png(data.get("image/png")):
            kept["image/png"] = data["image/png"]
    return kept or {"text/plain": ""}


def _is_png(text: Any) -> bool:
    if type(text) is not str:
        return False
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return has_png_header(content)
