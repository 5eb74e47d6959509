"""Calls a student's function and says what came of it, as plain data.

Nothing that the function does reaches the caller: exceptions, prints, warnings, changed
arguments, changed global state of NumPy. All of it is noted in the Outcome instead.
"""

import ast
import contextlib
import copy
import dis
import inspect
import io
import linecache
import random
import signal
import sys
import textwrap
import threading
import warnings
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from types import CodeType, TracebackType
from typing import Any

import numpy as np

from course.classroom import crash
from course.classroom.plain import Unusable, agree, plain

#: A call that takes longer is interrupted, at the desk as in grading.
CALL_SECONDS = 5


@dataclass(frozen=True)
class Outcome:
    """What came of one call.

    kind: "returned", "raised", "unwritten" (the stub), "unusable" (not a plain value),
    "interrupted". value: the plain value returned. words: for the other kinds, what happened,
    in words for the student. error: the exception's type. changed: indices of changed arguments.
    """

    kind: str
    value: Any = None
    words: str = ""
    error: str = ""
    changed: tuple[int, ...] = ()
    warned: tuple[str, ...] = ()
    printed: bool = False


def call(function: Callable, args: tuple, seconds: float | None = None) -> Outcome:
    """Call ``function`` with copies of ``args``. Never raises for anything that it does.

    seconds: interrupt it when they are over (on the main thread of a Unix machine).
    """
    handed_out = copy.deepcopy(args)
    with undisturbed() as (printed, warned):
        outcome = _call(function, handed_out, seconds)
    changed = tuple(i for i, arg in enumerate(args) if _differs(handed_out[i], arg))
    messages = tuple(sorted({f"{w.category.__name__}: {w.message}"[:200] for w in warned}))
    return Outcome(
        outcome.kind,
        outcome.value,
        outcome.words,
        outcome.error,
        changed,
        messages,
        printed.length > 0,
    )


def _call(function: Callable, args: tuple, seconds: float | None) -> Outcome:
    if not callable(function):
        return Outcome("raised", words="There is no such function", error="NameError")
    try:
        inspect.signature(function).bind(*args)
    except TypeError:
        return Outcome("raised", words=_wrong_parameters(function, args), error="TypeError")
    except ValueError:  # a built-in without a signature
        pass
    try:
        with interrupted_after(seconds):
            returned = function(*args)
        return Outcome("returned", plain(returned))
    except Unusable as unusable:
        return Outcome("unusable", words=f"It returned {unusable}")
    except NotImplementedError as error:
        return Outcome("unwritten", words=unwritten_part(function, error), error=str(error)[:200])
    except KeyboardInterrupt:
        limit = "" if seconds is None else f"; a call may take {seconds:g} s"
        words = f"It was stopped before it came to an end{limit}. Does every loop in it end?"
        return Outcome("interrupted", words=words)
    except BaseException as error:  # SystemExit and the like included: nothing may get out
        return Outcome("raised", words=describe(error, function), error=type(error).__name__)


def _wrong_parameters(function: Callable, args: tuple) -> str:
    names = ", ".join(inspect.signature(function).parameters)
    wanted = "1 argument" if len(args) == 1 else f"{len(args)} arguments"
    return f"It is called with {wanted}, but the one you wrote takes ({names})"


def _differs(after: Any, before: Any) -> bool:
    if after is before:  # numbers, texts, functions: deepcopy hands out the same
        return False
    if type(after) is type(before) is np.ndarray and _same_bytes(after, before):
        return False
    try:
        after = plain(after)
    except Exception:  # Unusable, or whatever an object of the student's own raises
        return True
    same_dtype = getattr(after, "dtype", None) == getattr(before, "dtype", None)
    return not (same_dtype and agree(after, plain(before), 0.0))


def _same_bytes(a: np.ndarray, b: np.ndarray) -> bool:
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


# --- words for an exception -----------------------------------------------------------------


def describe(error: BaseException, function: Callable) -> str:
    """The exception in a few sentences: the student's own line, never one of ours; what it
    usually means; what Python said."""
    if isinstance(error, RecursionError):
        return "It calls itself without end (RecursionError)"
    name, text = type(error).__name__, _text(error)
    where, line = "", own_line(error, function)
    if line:
        inside = own_frames(error, function)[-1][0].f_code.co_name
        own = inside == getattr(function, "__name__", "") or inside.startswith("<")
        cell = "its cell" if own else f"the cell of `{inside}`"
        where = f" at line {line[0]} of {cell}, `{line[1]}`"
    said = f"{name}{': ' if text else ''}{text}"
    try:
        meant = crash.sentence(error, own_trace(error, function), text)
    except Exception:  # an object of the student's own that cannot be looked at
        meant = ""
    return (
        f"It crashed{where}: {meant} (Python says: {said})"
        if meant
        else f"It crashed{where}: {said}"
    )


def _text(error: BaseException) -> str:
    try:
        return " ".join(str(error).split())[:300]
    except BaseException:  # an exception whose __str__ raises
        return ""


def own_trace(error: BaseException, function: Callable) -> TracebackType | None:
    """The deepest entry of the traceback that is in the student's own code."""
    own = getattr(function, "__globals__", None)
    trace, found = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_globals is own:
            found = trace
        trace = trace.tb_next
    return found


def own_frames(error: BaseException, function: Callable) -> list:
    """The (frame, line number) pairs of ``error`` in the student's own code, outermost first."""
    pairs, trace = [], error.__traceback__
    own = getattr(function, "__globals__", None)
    while trace is not None:
        if trace.tb_frame.f_globals is own:
            pairs.append((trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    return pairs


def own_line(error: BaseException, function: Callable) -> tuple[int, str] | None:
    """Number and text of the student's line that raised, or None if it cannot be found."""
    frames = own_frames(error, function)
    if not frames:
        return None
    frame, number = frames[-1]
    text = linecache.getline(frame.f_code.co_filename, number, frame.f_globals).strip()
    return (number, text[:120]) if text else None


def is_stub(function: Callable) -> bool:
    """True if the body is what a release leaves: a docstring and a ``raise``, and nothing else."""
    try:
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, SyntaxError, ValueError):  # no source is known
        return _only_raises(getattr(function, "__code__", None))
    body = getattr(tree, "body", [])
    if isinstance(body, list) and body and _is_docstring(body[0]):
        body = body[1:]
    return isinstance(body, list) and len(body) == 1 and _raises_not_implemented(body[0])


def _only_raises(code: CodeType | None) -> bool:
    """True for compiled code that names nothing but NotImplementedError and returns nothing."""
    if code is None or set(code.co_names) - {"NotImplementedError"}:
        return False
    steps = {step.opname for step in dis.get_instructions(code)}
    ways_on = ("RETURN", "STORE", "BINARY", "POP_JUMP", "FOR_ITER", "YIELD")
    return "RAISE_VARARGS" in steps and not any(step.startswith(ways_on) for step in steps)


def _is_docstring(statement: ast.stmt) -> bool:
    value = getattr(statement, "value", None)
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _raises_not_implemented(statement: ast.stmt) -> bool:
    raised = getattr(statement, "exc", None)
    called = raised.func if isinstance(raised, ast.Call) else raised
    return isinstance(called, ast.Name) and called.id == "NotImplementedError"


def unwritten_part(function: Callable, error: BaseException) -> str:
    """The name of the stub that was reached: this function itself, or one that it calls."""
    frames = own_frames(error, function)
    return frames[-1][0].f_code.co_name if frames else getattr(function, "__name__", "")


# --- nothing is left behind -----------------------------------------------------------------


class Muted(io.TextIOBase):
    """Takes prints of any size and keeps only how many characters there were."""

    length = 0

    def write(self, text: str) -> int:
        self.length += len(text)
        return len(text)


@contextlib.contextmanager
def interrupted_after(seconds: float | None) -> Iterator[None]:
    """Does what the stop button does, when the time is over."""
    main = threading.current_thread() is threading.main_thread()
    if seconds is None or not main or not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def undisturbed() -> Iterator[tuple[Muted, list[warnings.WarningMessage]]]:
    """Silences prints and warnings, and puts global state of NumPy and random back."""
    muted = Muted()
    with (
        state_kept(),
        contextlib.redirect_stdout(muted),
        contextlib.redirect_stderr(Muted()),
        warnings.catch_warnings(record=True) as warned,
        np.errstate(),
    ):
        warnings.simplefilter("always")
        yield muted, warned


_kept = ContextVar("kept", default=False)


@contextlib.contextmanager
def state_kept() -> Iterator[None]:
    """Puts global state of NumPy and random back at the end; one block inside another does nothing.

    Reading and writing that state takes longer than most calls: around many calls, it is done once.
    """
    if _kept.get():
        yield
        return
    drawn, options, limit = random.getstate(), np.get_printoptions(), sys.getrecursionlimit()
    drawn_by_numpy = np.random.get_state()
    token = _kept.set(True)
    try:
        yield
    finally:
        _kept.reset(token)
        random.setstate(drawn)
        np.random.set_state(drawn_by_numpy)
        np.set_printoptions(**options)
        sys.setrecursionlimit(limit)
