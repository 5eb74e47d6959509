"""Assignment 01: one weight, a slope, and the walk downhill (NSYSU; Princeton; XJTLU)."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.random import Generator

from course.classroom.exercises import Aspect, Call, Exercise
from course.classroom.exercises.inputs import FAR_TARGET, draw, number, signed

VALUES = "the values"
UNTOUCHED = "the arguments are left as they were"
FORMULA = "found by a formula, not by trying nearby values"


def count_candidates_calls(rng: Generator) -> Iterator[Call]:
    """Small counts, and the slide's 10 candidates for each of 100 weights."""
    for per_weight, weights in [(10, 100), (3, 5), (7, 2), (int(rng.integers(11, 30)), 4)]:
        yield Call("values", (per_weight, weights))
    for per_weight, weights in [(7, 40), (13, 30)]:  # too large for a float to be exact
        yield Call("values", (per_weight, weights))


def predict_calls(rng: Generator) -> Iterator[Call]:
    """Single points and several at once."""
    for signs in ("++", "-+", "+-"):
        yield Call("one point", tuple(signed(rng, signs)))
    for n in (4, 7, 3):
        yield Call("many points", (draw(rng, n), number(rng)))


def points_calls(rng: Generator) -> Iterator[Call]:
    """A weight and the points (x, y), of several sizes; last, a loss that is small, and a point
    that comes twice."""
    for n, w in zip((4, 3, 7, 5), signed(rng, "+-+-"), strict=True):
        x, y = draw(rng, n), draw(rng, n)
        yield Call("values", (w, *(small_and_twice(x, y) if n == 5 else (x, y))))


def small_and_twice(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points near 0, whose last is the first once more."""
    return tuple(np.round(0.05 * np.append(each[:-1], each[0]), 5) for each in (x, y))


def slope_calls(rng: Generator) -> Iterator[Call]:
    """As points_calls; then one with a point that spoils finite differences."""
    yield from points_calls(rng)
    for n in (5, 4):
        yield Call("own slope", (number(rng), draw(rng, n), draw(rng, n)))
    y = np.append(draw(rng, 2), FAR_TARGET)
    yield Call("formula", (number(rng), draw(rng, 3), y))


def bowl(lowest: float, level: float = 1.7) -> Callable:
    """A loss with its lowest point, ``level``, at ``lowest``; it is not a parabola."""

    def loss(w):
        return (w - lowest) ** 2 + 0.1 * (w - lowest) ** 4 + level

    loss.__doc__ = f"the loss w ↦ (w − {lowest})² + 0.1 (w − {lowest})⁴ + {level}"
    return loss


def two_valleys(flat: float, deep: float) -> Callable:
    """A loss with a valley at ``flat`` and a deeper one at ``deep``."""

    def loss(w):
        return min((w - flat) ** 2 + 1.3, (w - deep) ** 2 + 0.4)

    loss.__doc__ = f"the loss w ↦ the smaller of (w − {flat})² + 1.3 and (w − {deep})² + 0.4"
    return loss


def best_candidate_calls(rng: Generator) -> Iterator[Call]:
    """Candidates in no order; the best is never among the first two, the last, the smallest or
    the nearest to 0. Then each of these once, with losses that are all large, all negative, or of
    both signs; a candidate that is the only one; a loss with two valleys."""
    for n in (5, 6, 8, 7):
        lowest = 2.0 + abs(number(rng))
        steps = np.round(rng.uniform(0.4, 0.9, n).cumsum(), 3)
        near = lowest + 0.05 * number(rng)
        others = [0.1 * number(rng), -lowest - 1.0, 4.0 * lowest + 3.0, *(lowest + steps[1:])]
        inner = np.insert(rng.permutation(others), rng.integers(1, len(others)), near)
        candidates = [lowest + steps[0], *inner, lowest - steps[0]]
        yield Call("values", (np.round(candidates, 3).tolist(), bowl(lowest)))
    far, near = np.round(rng.uniform([4.5, 0.2], [5.0, 0.4]), 3).tolist()
    for offsets, lowest, level in (
        ([near, far, -far, 2.0, -1.5], -3.7, 5000.3),  # the first
        ([far, -near, -2.0, 1.2], -3.2, -2.6),  # the second, of both signs
        ([2.0, -far, 1.1, -near], 2.6, -400.2),  # the last, all negative
        ([1.4, -2.0, near, -far, 3.0], -120.5, -70.4),
        ([-2.0, 1.0, near - 0.3, 2.2], 0.3 - near, 2.3),  # 0 itself
        ([2.3, -1.6, 1.2, -2.4], 0.04, 0.7),  # 0 would be better, but is no candidate
        ([near], -6.1, 8.2),
    ):
        candidates = [round(lowest + offset, 3) + 0.0 for offset in offsets]
        yield Call("values", (candidates, bowl(round(lowest, 3), level)))
    flat, deep = np.round(rng.uniform([-3.0, 2.0], [-2.0, 3.0]), 3).tolist()
    candidates = [1.9, flat - 0.9, deep + 0.2, flat + 0.1, 0.3, deep + 1.1]
    yield Call("values", (np.round(candidates, 3).tolist(), two_valleys(flat, deep)))


def descent_step_calls(rng: Generator) -> Iterator[Call]:
    """One weight, then arrays of weights."""
    for signs, learning_rate in (("++", 0.1), ("-+", 0.034), ("+-", 0.7), ("++", 1.2)):
        yield Call("values", (*signed(rng, signs), learning_rate))
    for n in (3, 5):
        yield Call("arrays", (draw(rng, n), draw(rng, n), float(rng.uniform(0.05, 0.6))))
    yield Call("arrays", (np.array([0.8, -0.8, 0.8]), 3 * draw(rng, 1)[[0, 0, 0]], 1.3))


def gradient_of_bowl(steepness: np.ndarray | float, lowest: np.ndarray | float) -> Callable:
    """The gradient of a bowl: steepness × (w − lowest), entry by entry."""

    def gradient(w):
        return steepness * (w - lowest)

    gradient.__doc__ = f"the gradient w ↦ {steepness} × (w − {lowest})"
    return gradient


def descend_calls(rng: Generator) -> Iterator[Call]:
    """Runs of a fixed length; runs that epsilon ends early; runs with several weights.

    Some begin below the lowest point and some above, so that steps go both ways. Lowest points
    are at 0, where the weight itself becomes small, near it, and far from it; epsilon is below
    and above 1; some walks end after their first step. So every other length of a step, and every
    other thing that may be compared with epsilon, ends some walk at another step.
    """
    for steps, lowest, away, rate in (
        (1, number(rng), 1.0 + abs(number(rng)), 0.12),
        (4, 4.0 + abs(number(rng)), -1.0 - abs(number(rng)), 0.1),  # the weight grows
        (6, 2.1, -2.1, 0.083),  # it starts at 0
    ):
        gradient = gradient_of_bowl(abs(number(rng)), lowest)
        yield Call("steps", (gradient, lowest + away, rate, steps, 0.0))
    for epsilon, away, lowest in (
        (0.05, 1.0, number(rng)),
        (0.01, -1.0, 0.0),
        (0.02, 1.0, 0.7),
        (1.6, 15.0, 30.0),
        (0.04, -0.02, -20.0),  # the first step is short enough
        (2.3, -12.0, 0.0),
    ):
        gradient = gradient_of_bowl(2.0 + abs(number(rng)), lowest)
        start = lowest + away * (2.0 + abs(number(rng)))
        yield Call("stops", (gradient, start, 0.1, 40, epsilon))
    for epsilon in (0.0, 0.1):
        gradient = gradient_of_bowl(1.0 + np.abs(draw(rng, 3)), draw(rng, 3))
        yield Call("arrays", (gradient, 2.0 + draw(rng, 3), 0.1, 9, epsilon))
    for epsilon, size, lowest in (
        (0.03, 1.0, np.zeros(5)),
        (0.07, 1.0, 12.0 * draw(rng, 5)),
        (2.2, 40.0, draw(rng, 5)),
        (1.3, 0.7, 3.0 * draw(rng, 4)),  # the first step is short enough
    ):
        # no entry makes up the length of a step, and they nearly cancel
        away = rng.uniform(0.8, 1.0, len(lowest)) * np.array([0.3, 1, -1, 1.1, -1.1])[: len(lowest)]
        start = np.round(lowest + size * away, 3)
        yield Call("arrays", (gradient_of_bowl(2.0, lowest), start, 0.08, 40, epsilon))


def line_calls(rng: Generator) -> Iterator[Call]:
    """θ = [w, b] and noisy points; last, a loss that is small, and a point that comes twice."""
    for n, signs in ((4, "+-"), (3, "-+"), (7, "++"), (5, "-+")):
        theta, x, t = np.array(signed(rng, signs)), draw(rng, n), draw(rng, n)
        if n == 5:
            theta[1], (x, t) = 0.05 * theta[1], small_and_twice(x, t)
        yield Call("values", (theta, x, t))


def line_gradient_calls(rng: Generator) -> Iterator[Call]:
    """As line_calls; then one with a point that spoils finite differences."""
    yield from line_calls(rng)
    for n in (5, 4):
        yield Call("own slope", (draw(rng, 2), draw(rng, n), draw(rng, n)))
    t = np.append(draw(rng, 2), FAR_TARGET)
    yield Call("formula", (draw(rng, 2), draw(rng, 3), t))


def steepest_direction_calls(rng: Generator) -> Iterator[Call]:
    """Gradients with 2 to 5 entries, also with a 0 among them; then gradients that are zero."""
    for n in (2, 3, 5):
        yield Call("values", (draw(rng, n),))
    yield Call("values", (0.002 * draw(rng, 2)[[0, 1, 0]],))  # a short one, two entries alike
    a, b = draw(rng, 2)
    yield Call("values", (np.array([0.0, a, b]),))  # one entry is 0, the gradient is not
    yield Call("values", (np.array([a, b, -a, -b]),))  # its entries cancel
    for n in (3, 2):
        yield Call("zero", (np.zeros(n),))


def predicted_change_calls(rng: Generator) -> Iterator[Call]:
    """Any direction v, small epsilon."""
    for n in (2, 3, 5):
        yield Call("values", (draw(rng, n), draw(rng, n), float(rng.uniform(0.01, 0.2))))
    gradient, v = 8 * draw(rng, 4), np.abs(draw(rng, 2))[[0, 0, 1, 1]]
    yield Call("values", (gradient, v * np.sign(gradient), 0.3))  # a large one, entries alike


def fit_line_calls(rng: Generator) -> Iterator[Call]:
    """A few epochs on a few points."""
    for n, epochs, signs in ((4, 1, "++"), (5, 3, "-+"), (7, 5, "+-")):
        learning_rate = float(np.round(rng.uniform(0.03, 0.2), 3))
        theta = np.array(signed(rng, signs))
        yield Call("values", (draw(rng, n), draw(rng, n), theta, learning_rate, epochs))


EXERCISES = (
    Exercise(
        name="predict",
        parameters=("x", "w"),
        asks="Return the prediction of the model h(x) = x · w. `x` is a number or an array of "
        "shape (N,), `w` is a number; the result has the shape of `x`.",
        aspects=(
            Aspect("one point", 1, "the prediction for one point"),
            Aspect("many points", 1, "the predictions for an array of points"),
        ),
        calls=predict_calls,
        hints=(
            "The model has one weight and no other parameter.",
            "A NumPy array times a number multiplies each entry; no loop is needed.",
            "One multiplication and a `return` are enough.",
        ),
    ),
    Exercise(
        name="sum_of_squares",
        parameters=("w", "x", "y"),
        asks="Return the loss L(w) = Σ (x·w − y)², the sum over all points (not the mean, and "
        "without ½). `x` and `y` have shape (N,); the result is one number.",
        aspects=(Aspect("values", 2, VALUES),),
        calls=points_calls,
        hints=(
            "For each point: predict, compare with y, square. Then add up.",
            "`predict(x, w) - y` gives all the errors at once, an array of shape (N,).",
            "Square the array of errors entry by entry, then `np.sum` it.",
        ),
        builds_on=("predict",),
    ),
    Exercise(
        name="best_candidate",
        parameters=("candidates", "loss"),
        asks="Return the candidate w for which `loss(w)` is lowest. `candidates` is a list of "
        "numbers, `loss` a function of one number.",
        aspects=(Aspect("values", 2, "the candidate found"),),
        calls=best_candidate_calls,
        hints=(
            "Go through the candidates and remember the best one so far.",
            "Compare losses, but return the candidate that has the loss.",
            "Python's `min` takes a `key`: the function by which it compares.",
        ),
    ),
    Exercise(
        name="count_candidates",
        parameters=("per_weight", "weights"),
        asks="Return, as a whole number, how many combinations there are if each of `weights` "
        "weights may take `per_weight` values.",
        aspects=(Aspect("values", 1, "the counts"),),
        calls=count_candidates_calls,
        hints=(
            "Begin small: two weights with three values each. Write down all pairs.",
            "Each further weight multiplies the number of combinations by `per_weight`.",
            "Multiplying by the same number again and again has an operator in Python: `**`. "
            "What is the base, and what the exponent?",
        ),
    ),
    Exercise(
        name="slope",
        parameters=("w", "x", "y"),
        asks="Return dL/dw for L(w) = Σ (x·w − y)², summed over all points. `x` and `y` have "
        "shape (N,); the result is one number.",
        aspects=(
            Aspect("values", 1, VALUES),
            Aspect(
                "own slope",
                1,
                "it is the slope of the loss (of yours, if yours differs)",
                "own slope",
                of="sum_of_squares",
            ),
            Aspect("formula", 1, FORMULA, "formula"),
        ),
        calls=slope_calls,
        hints=(
            "Differentiate the loss of a single point first. Where does w stand in it?",
            "The outer function is a square, the inner one is x·w − y. Each has a derivative; "
            "the chain rule multiplies them.",
            "The inner function's derivative by w is x. Do not forget to add up over the points.",
        ),
        builds_on=("predict",),
    ),
    Exercise(
        name="descent_step",
        parameters=("w", "gradient", "learning_rate"),
        asks="Return the weight after one step of gradient descent, w − η ∇L(w), where "
        "`gradient` is the value of ∇L(w) and `learning_rate` is η. `w` and `gradient` are "
        "numbers or arrays of one shape; the result has that shape and `w` is not changed.",
        aspects=(
            Aspect("values", 1, "one weight"),
            Aspect("arrays", 1, "several weights at once"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=descent_step_calls,
        hints=(
            "Where the slope is positive, the loss falls to the left.",
            "The length of the step is the learning rate times the gradient.",
            "`w -= …` changes an array in place; `w = w - …` makes a new one.",
        ),
    ),
    Exercise(
        name="descend",
        parameters=("gradient", "w", "learning_rate", "max_iteration", "epsilon"),
        asks="Walk downhill from `w`: at most `max_iteration` steps w ← w − η ∇L(w), where "
        "`gradient(w)` returns ∇L(w); stop after the first step with ‖w_new − w‖ < `epsilon`. "
        "Return an array of all the weights visited, the start first and the last one included. "
        "`w` is a number or an array of shape (n,); the result has shape (steps + 1,) or "
        "(steps + 1, n).",
        aspects=(
            Aspect("steps", 2, "the weights visited, with epsilon = 0"),
            Aspect("stops", 1, "it stops when the step is shorter than epsilon"),
            Aspect("arrays", 1, "several weights at once"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=descend_calls,
        hints=(
            "A list that begins with the start, a loop, one `append` per step.",
            "Compute the new weight first, append it, then compare it with the old one.",
            "`np.linalg.norm(w_new - w)` works for numbers and arrays; `break` ends the loop; "
            "`np.array(list)` at the end.",
        ),
        builds_on=("descent_step",),
    ),
    Exercise(
        name="mean_squared_error",
        parameters=("theta", "x", "t"),
        asks="Return the mean over the N points of (w·x + b − t)², where `theta` is the array "
        "[w, b] and `x`, `t` have shape (N,). Mean, not sum; the result is one number.",
        aspects=(Aspect("values", 2, VALUES),),
        calls=line_calls,
        hints=(
            "`w, b = theta` takes the two parameters apart.",
            "The line's prediction is w·x + b, for all points at once.",
            "Square the errors entry by entry, then `np.mean` them.",
        ),
    ),
    Exercise(
        name="line_gradient",
        parameters=("theta", "x", "t"),
        asks="Return the gradient [∂L/∂w, ∂L/∂b] of the mean over the N points of "
        "(w·x + b − t)², as an array of shape (2,). `theta` is [w, b]; `x`, `t` have shape (N,).",
        aspects=(
            Aspect("values", 1, VALUES),
            Aspect(
                "own slope",
                1,
                "it is the gradient of the loss (of yours, if yours differs)",
                "own slope",
                of="mean_squared_error",
            ),
            Aspect("formula", 1, FORMULA, "formula"),
        ),
        calls=line_gradient_calls,
        hints=(
            "Two derivatives: one with b held fast, one with w held fast.",
            "Both begin alike, with the derivative of the square. The inner derivatives differ: "
            "by w it is x, by b it is 1.",
            "Take the mean of each over the points, then put the two numbers into one array.",
        ),
    ),
    Exercise(
        name="predicted_change",
        parameters=("gradient", "v", "epsilon"),
        asks="Return the change of the loss that the gradient predicts for the small step "
        "θ → θ + εv, that is ε v·∇L. `gradient` and `v` have shape (n,), `epsilon` is a number; "
        "the result is one number.",
        aspects=(Aspect("values", 2, VALUES),),
        calls=predicted_change_calls,
        hints=(
            "Each weight contributes: how far it moves, times its slope.",
            "The dot product of two arrays is a single number.",
            "`v @ gradient` or `np.dot(v, gradient)`, and the step's length in front.",
        ),
    ),
    Exercise(
        name="steepest_direction",
        parameters=("gradient",),
        asks="Return the direction in which the loss falls fastest, as an array of length 1 "
        "(‖v‖ = 1). `gradient` is an array of shape (n,). If it is zero, return zeros.",
        aspects=(
            Aspect("values", 1, "the direction"),
            Aspect("zero", 1, "a gradient of zero"),
        ),
        calls=steepest_direction_calls,
        hints=(
            "The gradient points uphill.",
            "A vector divided by its own length has length 1.",
            "`np.linalg.norm` gives the length. What happens when it is 0?",
        ),
    ),
    Exercise(
        name="fit_line",
        parameters=("x", "t", "theta", "learning_rate", "epochs"),
        asks="Fit the line by gradient descent: `epochs` steps θ ← θ − η ∇L(θ) from `theta`, "
        "with the gradient of the mean squared error over all points. Return all θ visited, the "
        "start first, as an array of shape (epochs + 1, 2).",
        aspects=(
            Aspect("values", 2, "the θ visited"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=fit_line_calls,
        hints=(
            "You have written every part of this already.",
            "In each epoch: the gradient at the present θ, one step, keep the new θ.",
            "Both parameters move at once: compute the whole gradient before you change θ.",
        ),
        builds_on=("line_gradient", "descent_step", "descend"),
    ),
)
