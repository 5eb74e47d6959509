"""A derivative by its formula is told from finite differences of any kind, and never confused.

Every exercise with a "formula" aspect is solved by differences of nearby losses, with any step and
in any of the usual ways, and by its formula in single precision: wholly, half, and summed up.
"""

import numpy as np
import pytest

from autograder import answers
from course.classroom import exercises, recorded
from course.classroom.calling import call
from course.classroom.marking import mark
from tests.test_check import shown_trial

#: The functions whose slope is asked.
LOSSES = {
    "sum_of_squares": lambda w, x, y: np.sum((x * w - y) ** 2),
    "mean_squared_error": lambda p, x, t: np.mean((p[0] * x + p[1] - t) ** 2),
}
#: Exercise -> its solution by D(f, x), the derivative of f at x that some scheme gives.
BY_DIFFERENCES = {
    "slope": """
def slope(w, x, y):
    return D(lambda w: np.sum((x * w - y) ** 2), w)
""",
    "line_gradient": """
def line_gradient(theta, x, t):
    return D(lambda p: np.mean((p[0] * x + p[1] - t) ** 2), theta)
""",
    "weighted_circuit_gradient": """
def weighted_circuit_gradient(w3, x3, w4, x4):
    return D(lambda q: 1.0 - (q[0] * q[1] + q[2] * q[3]), np.array([w3, x3, w4, x4]))
""",
    "sigmoid_neuron": """
def sigmoid_neuron(w, b, x, t):
    s = lambda z: 1 / (1 + np.exp(-z))
    loss = lambda y: (y - t) ** 2 / 2
    z = w * x + b
    y = s(z)
    return (z, y, loss(y), D(loss, y), D(lambda z: loss(s(z)), z),
            D(lambda w: loss(s(w * x + b)), w), D(lambda b: loss(s(w * x + b)), b))
""",
    "logistic_gradient": """
def logistic_gradient(w, b, X, t):
    def loss(w, b):
        y = 1 / (1 + np.exp(-(w @ X + b)))
        return -np.sum(t * np.log(y) + (1 - t) * np.log(1 - y))
    return D(lambda w: loss(w, b), w), D(lambda b: loss(w, b), b)
""",
    "classical_backward": """
def classical_backward(W, w, x, GT):
    s = lambda z: 1 / (1 + np.exp(-z))
    loss = lambda P: (GT - P) ** 2
    z = W @ x
    y = s(z)
    O = w @ y
    return {
        "dP": D(loss, s(O)), "dO": D(lambda O: loss(s(O)), O),
        "dw": D(lambda w: loss(s(w @ y)), w), "dy": D(lambda y: loss(s(w @ y)), y),
        "dz": D(lambda z: loss(s(w @ s(z))), z), "dW": D(lambda W: loss(s(w @ s(W @ x))), W),
    }
""",
    "xor_gradients": """
def xor_gradients(theta, X, T):
    s = lambda z: 1 / (1 + np.exp(-z))
    def loss(i, value):
        W1, b1, W2, b2 = [value if i == j else p for j, p in enumerate(theta)]
        return np.sum((s(W2 @ s(W1 @ X + b1) + b2) - T) ** 2) / 2
    return tuple(D(lambda value: loss(i, value), theta[i]) for i in range(4))
""",
}
SCHEMES = {
    "forward": (lambda f, h: (f(h) - f(0)) / h),
    "backward": (lambda f, h: (f(0) - f(-h)) / h),
    "central": (lambda f, h: (f(h) - f(-h)) / (2 * h)),
    "five points": (lambda f, h: (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)),
}
STEPS = [10.0**-k for k in range(1, 13)]
ASKED = [e for e in exercises.every().values() if any(a.judge == "formula" for a in e.aspects)]


def differences(scheme, step, relative):
    """D(f, x): the derivative of f at x, entry by entry, by finite differences."""

    def D(f, x):
        theta = np.array(x, dtype=float)
        slope = np.zeros_like(theta)
        for i in np.ndindex(theta.shape):
            h = step * (abs(theta[i]) or 1.0) if relative else step

            def moved(by, i=i):
                at = theta.copy()
                at[i] += by
                return f(at if at.ndim else float(at))

            slope[i] = scheme(moved, h)
        return slope if slope.ndim else float(slope)

    return D


def outcome(name, namespace, trial):
    """What the marking makes of the exercise's function in ``namespace``."""
    exercise = exercises.every()[name]

    def caller(called, args):
        return call(namespace[called], args)

    with np.errstate(all="ignore"):
        return mark(exercise, caller, [trial])


def test_every_exercise_that_asks_for_a_formula_is_tried():
    """No exercise is left out of the table above."""
    assert {e.name for e in ASKED} == set(BY_DIFFERENCES)


@pytest.mark.parametrize("exercise", ASKED, ids=lambda e: e.name)
@pytest.mark.parametrize("relative", [False, True], ids=["same step", "step relative to x"])
def test_finite_differences_never_get_the_formulas_point(exercise, relative):
    """Whatever the scheme and the step, on shown and on hidden inputs; and what is said is true."""
    values_right = 0
    for seed in range(2):
        trials = [shown_trial(exercise, seed), answers.hidden_trial(exercise, seed)]
        for scheme in SCHEMES.values():
            for step in STEPS:
                namespace = {"np": np, "D": differences(scheme, step, relative)} | LOSSES
                exec(BY_DIFFERENCES[exercise.name], namespace)
                for trial in trials:
                    report = outcome(exercise.name, namespace, trial)
                    points = {f.says: f.points for f in report.findings}
                    formula = next(a for a in exercise.aspects if a.judge == "formula")
                    assert points[formula.says] == 0, (seed, step, str(report))
                    if report.points == report.out_of - formula.points:
                        values_right += 1
                        assert "Finite differences fail" in str(report)
    assert values_right > 50


@pytest.mark.parametrize("exercise", ASKED, ids=lambda e: e.name)
def test_single_precision_is_not_taken_for_differences(exercise):
    """The formula in float32, with only the first array in float32, and summed up to a float."""
    reference = answers.answer(exercise).reference

    def single(value):
        if isinstance(value, tuple):
            return tuple(map(single, value))
        if isinstance(value, np.ndarray):
            return value.astype(np.float32)
        return np.float32(value) if isinstance(value, float) else value

    def double(value):
        if isinstance(value, dict):
            return {key: double(part) for key, part in value.items()}
        if isinstance(value, tuple):
            return tuple(map(double, value))
        return np.asarray(value, dtype=float) if np.ndim(value) else float(value)

    ways = {
        "float32": lambda *args: reference(*map(single, args)),
        "mixed": lambda first, *args: reference(single(first), *args),
        "as float": lambda *args: double(reference(*map(single, args))),
    }
    for seed in range(10):
        for way, function in ways.items():
            for trial in (recorded.trial(exercise), answers.hidden_trial(exercise, seed)):
                report = outcome(exercise.name, {exercise.name: function} | LOSSES, trial)
                assert report.outcome == "right", (way, seed, str(report))
