"""Assignment 03: one neuron and its error signals, better losses, softmax (XJTLU; SKKU; NSYSU)."""

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from course.classroom.exercises import Aspect, Call, Exercise
from course.classroom.exercises.inputs import FAR_TARGET, draw, number, signed

VALUES = "the values"
UNTOUCHED = "the arguments are left as they were"
FORMULA = "found by a formula, not by trying nearby values"
EXTREME = "the values for very large |z|, where an exponential becomes infinite"


def sigmoid_calls(rng: Generator) -> Iterator[Call]:
    """Numbers, vectors, a matrix; then |z| so large that exp overflows."""
    for z in signed(rng, "+-+-"):
        yield Call("one number", (z,))
    for shape in ((4,), (3,), (5,), (2, 3)):
        yield Call("arrays", (draw(rng, *shape),))
    for size in (1000.0, 760.0):
        yield Call("extreme", (np.append(draw(rng, 2), [-size, size, 800.0, -900.0]),))


def activation_calls(rng: Generator) -> Iterator[Call]:
    """Vectors and a matrix for each name; negative and positive z in every one, also near 0."""
    for name in ("tanh", "relu"):
        for shape in ((4,), (5,), (2, 3)):
            z = draw(rng, *shape)
            z.flat[:2] = np.abs(z.flat[:2]) * [-1, 1]
            z.flat[2:4] = np.round(rng.uniform(0.002, 0.004, 2), 4) * [-1, 1]
            yield Call(name, (name, z))


def sigmoid_neuron_calls(rng: Generator) -> Iterator[Call]:
    """Single examples whose z is moderate; then a target that spoils finite differences."""
    for t, signs in zip(
        (0.0, 1.0, *np.round(rng.uniform(0.1, 0.9, 3), 3)),
        ("-++", "++-", "+-+", "--+", "-+-"),
        strict=True,
    ):
        w, x, z = signed(rng, signs)
        z *= 1.5 if z > 0 else 0.8
        yield Call("values", (w, round(z - w * x, 3), x, float(t)))
    yield Call("formula", (0.4 * number(rng), 0.3 * number(rng), number(rng), FAR_TARGET))


def targets(rng: Generator, N: int) -> NDArray:
    """N targets, 0 and 1, both among them if N > 1."""
    return rng.permutation(np.arange(N) % 2 * 1.0)


def outputs(rng: Generator, N: int) -> NDArray:
    """N outputs in 0.1..0.9, away from 0.5."""
    return np.round(0.5 + rng.uniform(0.1, 0.4, N) * rng.choice([-1, 1], N), 3)


def binary_cross_entropy_calls(rng: Generator) -> Iterator[Call]:
    """Outputs in 0..1; then some exactly at the end where their target is.

    In the first call one example comes twice.
    """
    for N in (4, 3, 6):
        y, t = np.append(outputs(rng, N), 0.05), np.append(targets(rng, N), 1.0)
        yield Call("values", (np.append(y, y[:1]), np.append(t, t[:1])) if N == 4 else (y, t))
    for N in (3, 2, 4):
        y, t = np.append(outputs(rng, N), [0.0, 1.0]), np.append(targets(rng, N), [0.0, 1.0])
        yield Call("certain", (y, t))


def examples(rng: Generator, n: int, N: int) -> tuple[NDArray, float, NDArray, NDArray]:
    """w (n,), b, X (n, N), t (N,) of a neuron whose z are moderate."""
    return 0.4 * draw(rng, n), 0.4 * number(rng), draw(rng, n, N), targets(rng, N)


def logistic_gradient_calls(rng: Generator) -> Iterator[Call]:
    """One example, where sum and mean are the same; several; then inputs so small that the loss
    changes in no digit when w changes a little: that spoils finite differences."""
    for n in (3, 2, 4):
        yield Call("one example", examples(rng, n, 1))
    for n, N in ((3, 5), (2, 4), (4, 3)):
        yield Call("several", examples(rng, n, N))
    for n, N in ((2, 3), (3, 4)):
        w, b, X, t = examples(rng, n, N)
        yield Call("formula", (w, b, 1e-12 * X, t))


def logistic_regression_calls(rng: Generator) -> Iterator[Call]:
    """A single epoch, then a few; once with large weights and small inputs."""
    for n, N, epochs in ((3, 5, 1), (2, 4, 1), (3, 4, 3), (2, 5, 4), (4, 3, 2)):
        w, b, X, t = examples(rng, n, N)
        if epochs == 3:
            w, b, X = 2.5 * w, abs(4 * b), 0.4 * X
        learning_rate = float(np.round(rng.uniform(0.1, 0.4), 3))
        aspect = "one epoch" if epochs == 1 else "several"
        yield Call(aspect, (X, t, w, b, learning_rate, epochs))


def softmax_calls(rng: Generator) -> Iterator[Call]:
    """Vectors, matrices, large scores, and columns whose scores lie far apart."""
    for n in (3, 4, 5):
        yield Call("one column", (draw(rng, n),))
    for n, N in ((3, 4), (4, 2), (2, 5)):
        yield Call("columns", (draw(rng, n, N),))
    for n, N, level in ((3, 4, 1000.0), (4, 3, -1000.0), (2, 3, 800.0)):
        yield Call("large", (level + draw(rng, n, N),))
    yield Call("far apart", (np.array([1000.0, -1000.0, 0.0, 900.0]) + draw(rng, 3, 4),))
    yield Call("far apart", (np.array([-1200.0, 0.0]) + draw(rng, 4, 2),))
    z = 1000.0 * np.array([[1.0, -1.0, 0.0], [-0.9, 0.9, -1.0], [0.0, -1.0, 1.0]])
    for scores in (z, z[:, 0], z[:, 1], z[:, 2]):  # the largest is the first, in between, the last
        yield Call("far apart", (scores + draw(rng, 3, *scores.shape[1:]),))
    yield Call("columns", (draw(rng, 3, 3)[[0, 1, 0, 2]],))  # scores that are alike


def probabilities(rng: Generator, *shape: int) -> NDArray:
    """Positive numbers whose columns sum to 1."""
    parts = rng.uniform(0.2, 2.0, shape)
    return parts / parts.sum(axis=0)


def softmax_backward_calls(rng: Generator) -> Iterator[Call]:
    """Vectors and matrices."""
    for n in (3, 4, 5):
        yield Call("one column", (probabilities(rng, n), draw(rng, n)))
    for n, N, size in ((3, 4, 1.0), (4, 2, 8.0), (2, 5, 1.0)):
        yield Call("columns", (probabilities(rng, n, N), size * draw(rng, n, N)))


def one_hot(rng: Generator, n: int, N: int) -> NDArray:
    """N targets among n classes, one per column."""
    return np.eye(n)[:, rng.integers(n, size=N)]


def softmax_cross_entropy_calls(rng: Generator) -> Iterator[Call]:
    """One example, several, and some where the right class wins by hundreds."""
    for n in (3, 4, 5):
        yield Call("one example", (draw(rng, n, 1), one_hot(rng, n, 1)))
    for n, N in ((3, 4), (4, 2), (2, 5)):
        yield Call("several", (draw(rng, n, N), one_hot(rng, n, N)))
    for n, N in ((3, 4), (4, 3), (5, 2)):
        z, t = draw(rng, n, N), one_hot(rng, n, N)
        z[:, 0] += 1000.0 * t[:, 0]
        yield Call("extreme", (z, t))
    z, t = draw(rng, 3, 3)[[0, 1, 0, 2]], one_hot(rng, 4, 3)
    yield Call("several", (z, t))  # scores that are alike


EXERCISES = (
    Exercise(
        name="sigmoid",
        parameters=("z",),
        asks="Return σ(z) = 1 / (1 + e⁻ᶻ), entry by entry. `z` is a number or an array of any "
        "shape; the result has the shape of `z`.",
        aspects=(
            Aspect("one number", 1, "the value for one number"),
            Aspect("arrays", 1, "the values for arrays"),
            Aspect("extreme", 1, EXTREME),
        ),
        calls=sigmoid_calls,
        hints=(
            "Begin with the exponential: `np.exp` takes numbers and arrays alike.",
            "Mind the minus in the exponent, and the parentheses around the whole denominator.",
            "No loop and no `if` is needed. A warning about overflow does no harm as long as "
            "the result is a number: what is 1 divided by infinity?",
        ),
    ),
    Exercise(
        name="sigmoid_prime",
        parameters=("z",),
        asks="Return the derivative dσ/dz at `z`, entry by entry. `z` (not a = σ(z)) is a number "
        "or an array of any shape; the result has the shape of `z`.",
        aspects=(
            Aspect("one number", 1, "the derivative at one number"),
            Aspect("arrays", 1, "the derivatives for arrays"),
            Aspect("extreme", 1, EXTREME),
        ),
        calls=sigmoid_calls,
        hints=(
            "Write σ as 1/u with u = 1 + e⁻ᶻ, and use the chain rule.",
            "Try to write what you found with σ(z) alone: which part of the fraction is σ(z), "
            "and what is left, compared with 1?",
            "Compute `a = sigmoid(z)` first; the derivative is a product of two factors, both "
            "made of `a`. At z = 0 it is 0.25.",
        ),
        builds_on=("sigmoid",),
    ),
    Exercise(
        name="activation_and_slope",
        parameters=("name", "z"),
        asks="Return the pair (a, da/dz), entry by entry: the value of the activation function "
        'and its derivative at `z`. `name` is "tanh" or "relu"; `z` is an array of any shape '
        "(no entry is exactly 0), and so are both results. `np.tanh` may be used; `z` is not "
        "changed.",
        aspects=(
            Aspect("tanh", 1, "tanh and its derivative"),
            Aspect("relu", 1, "ReLU and its derivative"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=activation_calls,
        hints=(
            "Two branches: `if name == ...`. Sketch both curves on paper first: where is each "
            "flat, and where is it steepest?",
            "The derivative of tanh can be written with a = tanh(z) alone; it is 1 at z = 0. ReLU "
            "is made of two straight lines: what is the slope of each?",
            "Subtract the square of something from 1 for tanh. For ReLU compare z with 0: "
            "`z > 0` is an array of True and False, which count as 1 and 0. NumPy has `np.max` "
            "and `np.maximum`: only one of them compares entry by entry.",
        ),
    ),
    Exercise(
        name="sigmoid_neuron",
        parameters=("w", "b", "x", "t"),
        asks="One neuron, one example, forward and backward: z = wx + b, y = σ(z), "
        "L = ½(y − t)², then the error signals ȳ = dL/dy and z̄ = dL/dz, then ∂L/∂w and ∂L/∂b. "
        "All four arguments are numbers. Return the seven numbers (z, y, L, ȳ, z̄, ∂L/∂w, ∂L/∂b) "
        "in this order.",
        aspects=(
            Aspect("values", 3, "the seven numbers"),
            Aspect("formula", 1, FORMULA, "formula"),
        ),
        calls=sigmoid_neuron_calls,
        hints=(
            "Seven lines, one per number. Each uses only what stands above it.",
            "Backward, each step multiplies the error signal by one local derivative: from L to "
            "y, from y to z, from z to w or b.",
            "dy/dz is the slope of the sigmoid at this z. If w grows by 1, by how much does z "
            "grow? And if b grows by 1?",
        ),
        builds_on=("sigmoid", "sigmoid_prime"),
    ),
    Exercise(
        name="binary_cross_entropy",
        parameters=("y", "t"),
        asks="Return the pair (L, dL/dy) for L = −Σ (t log y + (1 − t) log(1 − y)), summed over "
        "the examples (not the mean), with the natural logarithm. `y` holds outputs in 0..1, "
        "`t` targets that are 0 or 1, both of shape (N,); L is one number, dL/dy has shape "
        "(N,). An output that is exactly 0 or 1 and right adds 0 to L.",
        aspects=(
            Aspect("values", 2, VALUES),
            Aspect("certain", 2, "the values for outputs that are exactly 0 or 1 and right"),
        ),
        calls=binary_cross_entropy_calls,
        hints=(
            "For each example one of the two terms is zero. Which one, if t = 1?",
            "The derivative of log y is 1/y. The derivative of log(1 − y) has an inner "
            "derivative: mind its sign.",
            "`0 * np.log(0)` is nan. Keep y a tiny distance, say 1e-12, away from 0 and 1, "
            "with `np.clip` into a new array, before you take logarithms or divide.",
        ),
    ),
    Exercise(
        name="logistic_gradient",
        parameters=("w", "b", "X", "t"),
        asks="Return the pair (∂L/∂w, ∂L/∂b) of the binary cross-entropy L, summed over the N "
        "examples, of a neuron y = σ(w·x + b) with n inputs. `w` has shape (n,), `b` is a "
        "number, the columns of `X` (n, N) are the examples, `t` (N,) holds their targets. "
        "∂L/∂w has shape (n,), ∂L/∂b is one number.",
        aspects=(
            Aspect("one example", 1, "the gradient for one example"),
            Aspect("several", 2, "the gradient for several examples: their sum"),
            Aspect("formula", 1, FORMULA, "formula"),
        ),
        calls=logistic_gradient_calls,
        hints=(
            "Forward first: all z at once are `w @ X + b`, of shape (N,).",
            "The error signal dL/dz of each example is dL/dy times dy/dz. You have seen that "
            "this product is very simple.",
            "Each example adds its error signal times its own input to ∂L/∂w. A matrix product "
            "of X with the error signals multiplies and adds in one go; for b add up the error "
            "signals alone.",
        ),
        builds_on=("sigmoid", "sigmoid_prime", "binary_cross_entropy"),
    ),
    Exercise(
        name="logistic_regression",
        parameters=("X", "t", "w", "b", "learning_rate", "epochs"),
        asks="Train the neuron y = σ(w·x + b) by gradient descent on the binary cross-entropy, "
        "summed over all examples: `epochs` steps from `w` (n,) and `b`, a number. `X` has shape "
        "(n, N), `t` (N,). Return (w, b, losses): the final w and b, and the array of the losses "
        "L, shape (epochs + 1,), the one at the start first and the one at the end last. The "
        "`w` handed in is not changed.",
        aspects=(
            Aspect("one epoch", 1, "the result after one epoch"),
            Aspect("several", 2, "the result after several epochs"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=logistic_regression_calls,
        hints=(
            "You have all the parts: the loss, its gradient, and the step from notebook 1.",
            "In each epoch: the gradient at the present w and b, then one step for both. Put the "
            "loss into a list once before the loop and once after each step.",
            "`w = w - ...` makes a new array, `w -= ...` changes the one handed in. Compute both "
            "parts of the gradient before either w or b moves.",
        ),
        builds_on=("sigmoid", "binary_cross_entropy", "logistic_gradient"),
    ),
    Exercise(
        name="softmax",
        parameters=("z",),
        asks="Return the softmax of each column: y_k = e^(z_k) / Σ_p e^(z_p), where the sum runs "
        "over the column. `z` has shape (n, N), one example per column, or (n,) for a single "
        "example; the result has the shape of `z`, which is not changed.",
        aspects=(
            Aspect("one column", 1, "a single example of shape (n,)"),
            Aspect("columns", 1, "several examples, one per column"),
            Aspect("large", 1, "the values for scores near 1000 or −1000"),
            Aspect("far apart", 1, "large and small scores, in one column or in several"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=softmax_calls,
        hints=(
            "Exponentials first, then divide each column by its sum.",
            "`np.sum(..., axis=0)` adds down each column: one sum per example. It also works for "
            "shape (n,).",
            "Taking the same number off all scores of a column changes nothing. If it is that "
            "column's largest score, no exponent is above 0.",
        ),
    ),
    Exercise(
        name="softmax_backward",
        parameters=("y", "grad_y"),
        asks="Return dL/dz, where y = softmax(z) and `grad_y` is dL/dy. Both have shape (n, N), "
        "one example per column, or (n,); so has the result. Remember ∂y_k/∂z_p = "
        "y_k (1 − y_k) if k = p, and −y_k y_p otherwise: every output depends on every score.",
        aspects=(
            Aspect("one column", 1, "a single example of shape (n,)"),
            Aspect("columns", 1, "several examples, one per column"),
        ),
        calls=softmax_backward_calls,
        hints=(
            "From score z_p many paths lead to L, one through each output y_k. Add them all up.",
            "The path through y_k brings dL/dy_k times ∂y_k/∂z_p. Write the sum down for n = 2 "
            "and take the common factor y_p out.",
            "What is left in the parentheses is dL/dy_p minus one number that is the same for "
            "the whole column: an average of dL/dy, weighted with y.",
        ),
    ),
    Exercise(
        name="softmax_cross_entropy",
        parameters=("z", "t"),
        asks="Return the pair (L, δ) for L = −Σ t_k log y_k with y = softmax(z), summed over "
        "classes and examples (not the mean), and δ = dL/dz. `z` and `t` have shape (n, N), one "
        "example per column; the columns of `t` hold a 1 for the right class and 0 elsewhere. L "
        "is one number, δ has shape (n, N).",
        aspects=(
            Aspect("one example", 1, "the loss and δ of one example"),
            Aspect("several", 2, "the loss and δ of several examples"),
            Aspect("extreme", 1, "the values where the right score is ahead by hundreds"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=softmax_cross_entropy_calls,
        hints=(
            "Softmax first. Only the output of the right class enters the loss.",
            "Look once more at the table of numbers above: how far is each output from its target?",
            "For δ one subtraction is enough, softmax's derivative is already in it. For the "
            "loss keep y away from 0 before you take the logarithm: `0 * np.log(0)` is nan.",
        ),
        builds_on=("softmax", "softmax_backward"),
    ),
)
