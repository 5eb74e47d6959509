"""Two mistakes at once: what is told of them is what they are, over all exercises and mistakes."""

import numpy as np
import pytest

from autograder import answers
from course.classroom import exercises, line, recorded
from course.classroom.calling import call
from course.classroom.marking import mark, returned_by
from tests.variants import SOLUTIONS

FACTORS = (-1.0, 2.0, 0.5)


def times(value, factor):
    """A result with all its numbers multiplied."""
    if isinstance(value, tuple | list):
        return type(value)(times(part, factor) for part in value)
    if isinstance(value, dict):
        return {key: times(part, factor) for key, part in value.items()}
    return value * factor if isinstance(value, float | np.ndarray | np.floating) else value


def judged(exercise, function):
    """The report on a function, on the inputs that students see."""
    return mark(exercise, lambda _, args: call(function, args), [recorded.trial(exercise)])


@pytest.mark.parametrize("assignment", exercises.ASSIGNMENTS)
def test_a_known_mistake_times_a_factor(assignment):
    """If two are told, they are the mistake and the factor that were made, or two others that
    make the same numbers: then the sentence holds all the same, and it is rare."""
    told = others = 0
    for exercise in exercises.of_assignment(assignment).values():
        for i, mistake in enumerate(answers.answer(exercise).mistakes.values()):
            factor = FACTORS[i % len(FACTORS)]
            report = judged(exercise, lambda *a, m=mistake, k=factor: times(m.code(*a), k))
            if report.two:
                told += 1
                others += mistake.message not in report.two
    assert told >= 4
    assert others <= 0.2 * told, (told, others)


@pytest.mark.parametrize("name", SOLUTIONS)
def test_nothing_is_told_of_what_is_right(name):
    """Nor of a function that makes one known mistake: that is named alone."""
    exercise = exercises.every()[name]
    known = answers.answer(exercise)
    assert not judged(exercise, known.reference).two
    for mistake in known.mistakes.values():
        report = judged(exercise, mistake.code)
        assert not (report.mistake and report.two)


SOURCE = """
def logistic_gradient(w, b, X, t):
    y = 1 / (1 + np.exp(-(w @ X + b)))
    delta = y - t
    dw = FIRST
    db = SECOND
    return dw, db
"""


@pytest.mark.parametrize(
    "first, second, told",
    [
        ("X @ delta", "np.sum(delta - 1)", ["All numbers become right", "db ="]),
        ("X @ delta * 3", "np.sum(delta) - 5", ["dw =", "db =", "two things change"]),
        ("X @ delta * 3", "np.cos(7.5)", ["`result[0]` becomes right", "dw ="]),
    ],
)
def test_lines_that_make_all_right_together_or_a_part(first, second, told, tmp_path):
    """What the sentence says is what the edits did; the part is named that becomes right."""
    path = tmp_path / "cell.py"
    path.write_text(SOURCE.replace("FIRST", first).replace("SECOND", second))
    namespace = {"np": np}
    exec(compile(path.read_text(), str(path), "exec"), namespace)
    exercise = exercises.every()["logistic_gradient"]
    trial = recorded.trial(exercise)
    outcomes = [call(namespace[exercise.name], c.args) for c in trial.calls]
    calls = [(c.args, e) for c, e in zip(trial.calls, trial.expected, strict=True)]
    places = line.find(exercise, namespace, calls, outcomes, 30, returned_by(trial.mistakes))
    words = line.words(places, exercise.name)
    assert all(part in words for part in told), words
