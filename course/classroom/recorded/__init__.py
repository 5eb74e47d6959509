"""Expected results of the public inputs, and what known mistakes make of them.

The JSON files here are built (``autograder build``), never edited. They let ``check`` work on a
machine that has no reference.
"""

import hashlib
import json
from functools import cache, partial
from pathlib import Path

import numpy as np

from course.classroom.calling import Outcome
from course.classroom.exercises import Call, Exercise
from course.classroom.marking import Mistake, Trial
from course.classroom.plain import from_json, to_json

FOLDER = Path(__file__).parent


class OutOfStep(Exception):
    """The recorded results do not belong to the inputs that this installation draws."""


def public_calls(exercise: Exercise) -> list[Call]:
    """The calls that students may see; the same on every machine."""
    return list(exercise.calls(np.random.default_rng(list(exercise.name.encode()))))


@cache
def trial(exercise: Exercise) -> Trial:
    """The public calls of an exercise with their recorded results.

    Raises OutOfStep if the results were recorded for other inputs.
    """
    calls = public_calls(exercise)
    record = _read(exercise.assignment).get(exercise.name)
    if record is None or record["inputs"] != fingerprint(calls):
        raise OutOfStep(
            f"The recorded results of `{exercise.name}` do not fit this installation "
            f"(NumPy {np.__version__}). Install the course again; authors: `autograder build`."
        )
    expected = _expected(exercise.assignment, exercise.name)
    return Trial(calls, expected, partial(_mistakes, exercise.assignment, exercise.name))


@cache
def _read(assignment: str) -> dict:
    path = FOLDER / f"{assignment}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


@cache
def _expected(assignment: str, name: str) -> list:
    return from_json(_read(assignment)[name]["expected"])


@cache
def _mistakes(assignment: str, name: str) -> list[Mistake]:
    return [
        Mistake(m["name"], m["message"], [Outcome(**from_json(o)) for o in m["outcomes"]])
        for m in _read(assignment)[name]["mistakes"]
    ]


def record(trial: Trial) -> dict:
    """The JSON data that ``trial`` reads back."""
    return {
        "inputs": fingerprint(trial.calls),
        "expected": to_json(trial.expected),
        "mistakes": [
            {
                "name": mistake.name,
                "message": mistake.message,
                "outcomes": [to_json(_telling(outcome)) for outcome in mistake.outcomes],
            }
            for mistake in trial.mistakes
        ],
    }


def _telling(outcome: Outcome) -> dict:
    """What is compared with a student's outcome, and nothing more."""
    kept = {"kind": outcome.kind, "value": outcome.value}
    if outcome.error:
        kept["error"] = outcome.error
    if outcome.changed:
        kept["changed"] = outcome.changed
    return kept


def fingerprint(calls: list[Call]) -> str:
    """A short digest of the inputs; functions count by their docstrings."""
    described = [
        [call.aspect, [arg.__doc__ if callable(arg) else to_json(arg) for arg in call.args]]
        for call in calls
    ]
    return hashlib.sha256(json.dumps(described).encode()).hexdigest()[:16]
