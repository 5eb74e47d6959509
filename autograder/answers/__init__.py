"""The reference answer of each exercise, and the known mistakes with their messages.

One module per assignment. Students never get this package.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from course.classroom import exercises, marking, recorded
from course.classroom.calling import call, state_kept
from course.classroom.exercises import Call, Exercise
from course.classroom.marking import Trial


@dataclass(frozen=True)
class Mistake:
    """A known mistake: a function that makes it, and the message that names it.

    The message goes from what was observed to the likely cause to one thing to try. It never
    holds the answer.
    """

    code: Callable
    message: str


@dataclass(frozen=True)
class Answer:
    """The reference answer of one exercise and its known mistakes by name."""

    reference: Callable
    mistakes: dict[str, Mistake]


@cache
def of_assignment(assignment: str) -> dict[str, Answer]:
    """The answers of one assignment by exercise."""
    return importlib.import_module(f"{__name__}.{exercises.ASSIGNMENTS[assignment]}").ANSWERS


def answer(exercise: Exercise) -> Answer:
    """The answer of one exercise."""
    return of_assignment(exercise.assignment)[exercise.name]


def public_trial(exercise: Exercise) -> Trial:
    """The public calls with live results: what ``recorded`` holds."""
    return live_trial(exercise, recorded.public_calls(exercise), public=True)


def hidden_trial(exercise: Exercise, seed: int) -> Trial:
    """Calls that students never see, drawn from ``seed`` (any whole number from 0)."""
    rng = np.random.default_rng([seed, *exercise.name.encode()])
    return live_trial(exercise, list(exercise.calls(rng)), public=False)


def live_trial(exercise: Exercise, calls: list[Call], public: bool) -> Trial:
    """``calls`` with what the reference and each known mistake make of them."""
    known = answer(exercise)

    def find_mistakes() -> list[marking.Mistake]:
        with state_kept():
            return [
                marking.Mistake(name, mistake.message, [call(mistake.code, m.args) for m in calls])
                for name, mistake in known.mistakes.items()
            ]

    with state_kept():
        expected = [_expected(exercise, known.reference, made) for made in calls]
    return Trial(calls, expected, find_mistakes, public)


def _expected(exercise: Exercise, reference: Callable, made: Call):
    outcome = call(reference, made.args)
    if outcome.kind != "returned":
        raise ValueError(f"The reference answer of {exercise.name} fails: {outcome.words}")
    return outcome.value
