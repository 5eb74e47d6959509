"""How a live picture calls the student's functions: an answer of the right kind, or why not."""

import contextlib
import ctypes
import math
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.classroom.calling import own_line, unwritten_part
from course.classroom.plain import as_numbers
from course.classroom.style import in_digits

#: Seconds after which a call is given up: a loop without end would keep the picture for itself.
PATIENCE = 10.0


class FunctionFailed(Exception):
    """A student's function gave no answer of the right kind.

    ``kind``: "unwritten" for a stub, else "failed". ``title``: in a few words. ``sentence``: what
    happened. ``line``: the student's own line, or "".
    """

    def __init__(self, kind: str, title: str, sentence: str, line: str = ""):
        super().__init__(sentence)
        self.kind, self.title, self.sentence, self.line = kind, title, sentence, line


def follow(function: Callable) -> Callable[[], Callable]:
    """How to get at the function as its notebook defines it now: its cell may be run again."""
    name, namespace = getattr(function, "__qualname__", ""), getattr(function, "__globals__", {})
    if namespace.get(name) is not function:
        return lambda: function
    return lambda: namespace.get(name, function)


def follow_all(functions: dict[str, Callable], example: str) -> dict[str, Callable]:
    """``follow`` for each of them by name. TypeError, with an example, where one is no function."""
    for name, function in functions.items():
        if not callable(function):
            kind, pass_it = type(function).__name__, f"pass the function itself: {name}"
            raise TypeError(f"{name} is a {kind}; {pass_it}, not {name}({example})")
    return {name: follow(function) for name, function in functions.items()}


# --- calling --------------------------------------------------------------------------------


def call(function: Callable, role: str, *args: Any) -> Any:
    """What the student's function returns.

    ``role`` names the function where it has no name of its own. Raises FunctionFailed for an
    exception of any kind, and for a call that does not end.
    """
    with _failures_told(function, role, args):
        return function(*args)


def each(function: Callable, role: str, *args: Any) -> Iterator[Any]:
    """What the student's function yields, or the entries of the list it returns, one by one."""
    answer = call(function, role, *args)
    if answer is None or not np.iterable(answer):
        raise unfit(role, role, answer, "One array for each layer is needed here.")
    entries, end = iter(answer), object()
    while True:
        with _failures_told(function, role, args):
            entry = next(entries, end)
        if entry is end:
            return
        yield entry


def number(function: Callable, role: str, *args: Any) -> float:
    """What the student's function returns, as a float; inf and nan are answers like any other."""
    with _failures_told(function, role, args):
        try:
            answer = function(*args)
        except OverflowError:  # Python's numbers raise where NumPy's become inf
            return math.inf
    numbers = as_numbers(answer)
    if numbers is None or numbers.size != 1:
        raise unfit(role, _called(role, args), answer, "One number is needed here.", "number")
    return float(numbers.item())


def array(answer: Any, shape: tuple[int, ...], role: str, what: str) -> NDArray:
    """A student's answer as floats of this shape. ``what`` says in words which answer it is."""
    numbers = as_numbers(answer)
    if numbers is None or numbers.shape != shape:
        raise unfit(role, what, answer, f"An array of shape {shape} is needed here.")
    return numbers.astype(np.float64)


def unfit(role: str, what: str, answer: Any, wanted: str, kind: str = "picture") -> FunctionFailed:
    """The FunctionFailed for an answer that cannot be used."""
    numbers = as_numbers(answer)
    if answer is None:
        found, wanted = "None", "Did you forget a return?"
    elif numbers is not None:
        found = f"an array of shape {numbers.shape}"
    else:
        found = f"a {type(answer).__name__}"
    sentence = f"{what} returned {found}. {wanted}"
    return FunctionFailed("failed", f"No {kind} from {role}", sentence)


def _called(role: str, args: tuple) -> str:
    """The call as a student would write it, if it is short: "gradient(0.5)"."""
    short = len(args) == 1 and isinstance(args[0], float | int)
    return f"{role}({in_digits(args[0])})" if short else role


# --- failing --------------------------------------------------------------------------------


@contextlib.contextmanager
def _failures_told(function: Callable, role: str, args: tuple) -> Iterator[None]:
    try:
        with np.errstate(all="ignore"), _given_up_in_time():
            yield
    except (Exception, SystemExit, TookTooLong) as error:
        raise _failure(error, function, role, _called(role, args)) from None


def _failure(error: BaseException, function: Callable, role: str, what: str) -> FunctionFailed:
    name = unwritten_part(function, error)
    name = role if name in ("", "<lambda>") else name
    if isinstance(error, NotImplementedError):
        sentence = f"The picture begins as soon as {name} is written and its cell has been run."
        return FunctionFailed("unwritten", f"{name} is not written yet", sentence)
    where, line = own_line(error, function) or (0, "")
    where = f" in line {where} of its cell" if line else ""
    if isinstance(error, TookTooLong):
        sentence = f"{what} was given up{where}, after {PATIENCE:g} seconds. Does every loop end?"
        return FunctionFailed("failed", f"{name} came to no end", sentence, line)
    text = " ".join(str(error).split())[:200]
    cause = f"{type(error).__name__}{': ' if text else ''}{text}"
    return FunctionFailed("failed", f"{name} crashed", f"{what} stopped{where}. {cause}", line)


class TookTooLong(BaseException):
    """Raised inside the student's function; no ``except Exception`` there catches it."""


_deadlines: dict[int, float] = {}
_deadlines_kept = threading.Lock()
_watcher: threading.Thread | None = None


@contextlib.contextmanager
def _given_up_in_time() -> Iterator[None]:
    """Raise TookTooLong in this thread once PATIENCE is over.

    A signal would only reach the main thread; JupyterLab's messages come on another.
    """
    global _watcher
    thread = threading.get_ident()
    with _deadlines_kept:
        _deadlines[thread] = time.monotonic() + PATIENCE
        if _watcher is None:
            _watcher = threading.Thread(target=_watch, name="live pictures", daemon=True)
            _watcher.start()
    try:
        yield
    finally:
        with _deadlines_kept:
            if _deadlines.pop(thread, None) is None:  # too late by a hair: call it off
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), None)


def _watch() -> None:
    set_exception = ctypes.pythonapi.PyThreadState_SetAsyncExc
    while True:
        time.sleep(PATIENCE / 20)
        with _deadlines_kept:
            for thread in [t for t, end in _deadlines.items() if end < time.monotonic()]:
                del _deadlines[thread]
                set_exception(ctypes.c_ulong(thread), ctypes.py_object(TookTooLong))
