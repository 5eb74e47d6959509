"""What a notebook imports: check(f), hint(f) and progress()."""

import contextlib
import difflib
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from course.classroom import exercises, line, recorded
from course.classroom.calling import CALL_SECONDS, Outcome, call, is_stub, state_kept
from course.classroom.exercises import Exercise
from course.classroom.imports import NOT_THERE, absent_when_graded
from course.classroom.marking import mark, not_attempted, returned_by
from course.classroom.report import Hint, Progress, Report

#: Whether the line to look at is searched where no mistake is named: at the desk it is.
searching = True

_hints_given: dict[str, int] = {}
#: Function -> why the newest version of it is not there: its cell did not run.
_not_run: dict[str, str] = {}


def check(function: Callable) -> Report:
    """Check the function of one exercise, found by its name.

    Shows what is right, what is not, and which mistake was made if it is a known one.
    Never raises for anything that the function does, and leaves nothing changed.
    """
    name, namespace = _bound(function, sys._getframe(1).f_globals)
    if not name:
        return Report("check", "not marked", notes=(_what_instead(function),))
    outcomes: list[Outcome] = []
    report = check_named(exercises.every()[name], namespace, outcomes)
    if name in _not_run:
        report = report.with_notes(_not_run[name])
    if not searching or report.outcome not in ("wrong", "partly right") or report.mistake:
        return report
    with _shown(report):
        return _with_line(report, exercises.every()[name], namespace, outcomes)


def _bound(function: Any, namespace: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The exercise that a callable is meant for, and the namespace to mark it in; "" for none.

    A function counts under its own name; any callable, under the name that the notebook gives it.
    """
    if not callable(function):
        return "", namespace
    names = [n for n in exercises.every() if n in namespace and namespace[n] is function]
    own = getattr(function, "__name__", None)
    if own in names or (not names and inspect.isfunction(function) and own in exercises.every()):
        names = [own]
    if not names:
        return "", namespace
    space = getattr(inspect.unwrap(function), "__globals__", namespace)
    return names[0], dict(space) | {names[0]: function}


def _with_line(
    report: Report, exercise: Exercise, namespace: Mapping[str, Any], outcomes: list[Outcome]
) -> Report:
    """The Report with the line to look at, if one edit of it makes every call right."""
    trial = recorded.trial(exercise)
    calls = [(c.args, e) for c, e in zip(trial.calls, trial.expected, strict=True)]
    if len(outcomes) != len(calls):
        return report
    known = returned_by(trial.mistakes)
    places = line.find(exercise, namespace, calls, outcomes, known=known)
    whole = any(not place.gain for place in places)
    return replace(
        report,
        line=line.words(places, exercise.name) if whole or not report.two else "",
        two="" if whole else report.two,
    )


@contextlib.contextmanager
def _shown(report: Report) -> Iterator[None]:
    """Shows a Report in a notebook until the one that replaces it is there."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if getattr(shell, "kernel", None) is None:
        yield
        return
    from IPython.display import display

    handle = display(report, display_id=True)
    try:
        yield
    finally:
        handle.update({"text/plain": ""}, raw=True)


def check_named(
    exercise: Exercise, namespace: Mapping[str, Any], outcomes: list[Outcome] | None = None
) -> Report:
    """The Report for one exercise, whose function is looked up in ``namespace``.

    outcomes: a list that takes what came of each call.
    """
    function = namespace.get(exercise.name)
    if not callable(function) or is_stub(function):
        return not_attempted(exercise)
    try:
        trial = recorded.trial(exercise)
    except recorded.OutOfStep as problem:
        return Report(exercise.name, "not marked", notes=(str(problem),))

    def caller(name: str, args: tuple) -> Outcome:
        outcome = call(namespace.get(name), args, CALL_SECONDS)
        if outcomes is not None and name == exercise.name:
            outcomes.append(outcome)
        return outcome

    with state_kept():
        report = mark(exercise, caller, [trial])
    absent = absent_when_graded(function)
    report = report.with_notes(*(NOT_THERE.format(module=module) for module in absent))
    if report.outcome in ("right", "not attempted"):
        return report
    return report.with_notes(*_parts_not_right(exercise, namespace))


def _parts_not_right(exercise: Exercise, namespace: Mapping[str, Any]) -> list[str]:
    """Which functions that this one calls are not right themselves."""
    code = getattr(inspect.unwrap(namespace[exercise.name]), "__code__", None)
    used = set(getattr(code, "co_names", ()))
    parts = [exercises.every()[name] for name in exercise.builds_on if name in used]
    wrong = [p.name for p in parts if check_named(p, namespace).outcome != "right"]
    return [f"It uses your `{name}`, which is not right yet: check that first." for name in wrong]


def remember_cell(result: Any) -> None:
    """Note which functions a cell that did not run would have defined (IPython's post_run_cell)."""
    cell = getattr(getattr(result, "info", None), "raw_cell", None) or ""
    error = getattr(result, "error_before_exec", None)
    for name in re.findall(r"^def +(\w+)", cell, re.MULTILINE):
        _not_run.pop(name, None)
        if error is not None:
            where = f" in line {error.lineno}" if getattr(error, "lineno", None) else ""
            _not_run[name] = (
                f"The newest cell with `def {name}` did not run ({type(error).__name__}{where}). "
                "What is marked here is the version before it."
            )


def _listen() -> None:
    """Be told of every cell that is run, in a notebook."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        shell.events.register("post_run_cell", remember_cell)


_listen()


def _what_instead(thing: Any) -> str:
    """What to do when something was checked that is not an exercise."""
    names = list(exercises.every())
    if isinstance(thing, str):
        if thing in names:
            return f"check wants the function itself: check({thing}), without quotes."
        return "check wants the function itself, without quotes, for example check(slope)."
    name = getattr(thing, "__name__", None)
    if not callable(thing) or name is None:
        return (
            f"check wants a function, this is of type {type(thing).__name__}. Give its name "
            "alone, without parentheses after it, for example check(slope)."
        )
    close = difflib.get_close_matches(str(name), names, n=1)
    meant = f" Did you mean `{close[0]}`?" if close else ""
    return f"No exercise is called `{name}`.{meant} Define it with `def` under the name asked."


def hint(function: Callable | str) -> Hint:
    """For an exercise or its name, the next of three hints; after the third, the third again."""
    name = function if isinstance(function, str) else getattr(function, "__name__", None)
    if name not in exercises.every():
        return Hint(0, _what_instead(function).replace("check", "hint"))
    number = min(_hints_given.get(name, 0) + 1, 3)
    _hints_given[name] = number
    return Hint(number, exercises.every()[name].hints[number - 1])


def progress() -> Progress:
    """What is right so far in this assignment, as a bar and a list."""
    namespace = sys._getframe(1).f_globals
    return progress_in(namespace)


def progress_in(namespace: Mapping[str, Any]) -> Progress:
    """Progress of the assignment whose exercises ``namespace`` holds most of."""

    def written(assignment: str) -> int:
        return sum(name in namespace for name in exercises.of_assignment(assignment))

    assignment = max(exercises.ASSIGNMENTS, key=written)
    asked = exercises.of_assignment(assignment).values()
    return Progress(assignment, tuple(check_named(e, namespace) for e in asked))
