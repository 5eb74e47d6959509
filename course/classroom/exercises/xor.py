"""Assignment 06: XOR, from its start weights to a hundred starts (SKKU; Classical)."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.random import Generator

from course.classroom.exercises import Aspect, Call, Exercise
from course.classroom.exercises.inputs import FAR_TARGET, draw

VALUES = "the values"
UNTOUCHED = "the arguments are left as they were"
THETA = (
    "`theta` is the tuple (W1, b1, W2, b2) with shapes (n_1, n_0), (n_1, 1), (n_2, n_1), (n_2, 1)"
)
#: Inputs, hidden units, outputs, examples: all different, so that no axis passes for another.
SIZES = ((3, 4, 2, 5), (2, 5, 3, 4), (4, 2, 5, 7))


def shapes(n_0: int, n_1: int, n_2: int) -> tuple[tuple[int, int], ...]:
    """The shapes of W1, b1, W2, b2."""
    return (n_1, n_0), (n_1, 1), (n_2, n_1), (n_2, 1)


def problem(rng: Generator, n_0: int, n_1: int, n_2: int, examples: int) -> tuple:
    """θ, X and T; targets away from 0, ½ and 1."""
    theta = tuple(draw(rng, *shape) for shape in shapes(n_0, n_1, n_2))
    T = rng.choice([0.1, 0.6], (n_2, examples)) + rng.uniform(0.0, 0.3, (n_2, examples))
    return theta, 0.6 * draw(rng, n_0, examples), np.round(T, 3)


def xor_forward_calls(rng: Generator) -> Iterator[Call]:
    """Several examples, a single one, and units whose z is near 1000 in size."""
    for sizes in SIZES:
        yield Call("values", problem(rng, *sizes)[:2])
    yield Call("one example", problem(rng, 3, 4, 2, 1)[:2])
    for n_0, n_1, n_2, examples in SIZES[:2]:
        (_, b1, W2, b2), *_ = problem(rng, n_0, n_1, n_2, examples)
        size = rng.uniform(900.0, 1200.0, (n_1, n_0)) * rng.choice([-1.0, 1.0], (n_1, 1)) / n_0
        X = rng.uniform(0.9, 1.2, (n_0, examples)) * (-1.0) ** np.arange(examples)
        yield Call("saturated", ((np.round(size, 1), b1, W2, b2), np.round(X, 3)))


def xor_loss_calls(rng: Generator) -> Iterator[Call]:
    """Networks of several sizes with their examples; last, a small loss: one output of one."""
    for sizes in (*SIZES, (2, 3, 1, 1)):
        yield Call("values", problem(rng, *sizes))


def xor_gradients_calls(rng: Generator) -> Iterator[Call]:
    """As xor_loss_calls; then one with a target that spoils finite differences."""
    yield from xor_loss_calls(rng)
    yield Call("one example", problem(rng, 3, 4, 2, 1))
    (W1, b1, W2, b2), X, T = problem(rng, 3, 4, 2, 5)
    T[1, 2] = FAR_TARGET
    yield Call("formula", ((W1, b1, W2, b2), X, T))


def xor_step_calls(rng: Generator) -> Iterator[Call]:
    """Weights and gradients of several sizes."""
    for (*sizes, _), learning_rate in zip(SIZES, (0.5, 0.073, 1.7), strict=True):
        theta, gradients = (tuple(draw(rng, *s) for s in shapes(*sizes)) for _ in range(2))
        yield Call("values", (theta, gradients, learning_rate))


def train_xor_calls(rng: Generator) -> Iterator[Call]:
    """A few steps; without and with iterations whose weights are to be kept."""
    for sizes, rate, steps in zip(SIZES, (0.7, 1.405, 0.4), (4, 6, 3), strict=True):
        yield Call("losses", (*problem(rng, *sizes), rate, steps, []))
    for sizes, rate, keep in zip(SIZES, (0.6, 1.3, 0.5), ([0, 2, 5], [1, 4], [3, 6]), strict=True):
        yield Call("snapshots", (*problem(rng, *sizes), rate, max(keep), keep))
    yield Call("snapshots", (*problem(rng, *SIZES[0]), 0.8, 5, [1, 3]))  # not the last ones


def table_of(number: int) -> Callable:
    """A ``draw(rows, columns)`` that gives the same numbers whenever it is asked."""

    def draw_table(rows, columns):
        return draw(np.random.default_rng([number, rows, columns]), rows, columns)

    draw_table.__doc__ = f"draw(rows, columns), random numbers of that shape (table {number})"
    return draw_table


def random_start_calls(rng: Generator) -> Iterator[Call]:
    """Layer sizes that are all different."""
    for sizes in ((3, 4, 2), (2, 5, 3), (4, 2, 3)):
        yield Call("values", (*sizes, table_of(int(rng.integers(1000)))))


def stuck_starts_calls(rng: Generator) -> Iterator[Call]:
    """Outputs of several starts: some solved, some with one wrong answer, with two, …, with all
    wrong, each answer among them; the first and the last start are stuck once."""
    for starts, examples in ((11, 4), (15, 5), (17, 3)):
        T = rng.permutation([0.0, 1.0, 1.0, 0.0, 1.0][:examples])[np.newaxis]
        wrong = np.zeros((starts, examples), dtype=bool)
        counts = np.arange(2 * examples) % examples + 1
        for row, count in zip(2 + rng.permutation(starts - 2), counts, strict=False):
            wrong[row, rng.permutation(examples)[:count]] = True
        for column in range(examples):  # alone in the first, in the last
            if starts == 17 and column in (0, examples - 1):
                wrong[-1 if column else 0, column] = True
        yield Call("values", (outputs(rng, T, wrong), T))
    yield Call("none", (outputs(rng, T, np.zeros((7, 3), dtype=bool)), T))
    for target in (0.0, 1.0):  # a single example
        T, wrong = np.array([[target]]), np.array([[0], [1], [0], [1], [0]]) > 0
        yield Call("values", (outputs(rng, T, wrong), T))


def outputs(rng: Generator, T: np.ndarray, wrong: np.ndarray) -> np.ndarray:
    """Outputs on the side of ½ where T lies, on the other one where ``wrong``."""
    distance = rng.uniform(0.05, 0.45, wrong.shape)
    return np.round(0.5 + distance * np.where((T > 0.5) != wrong, 1, -1), 3)


def random_batch_calls(rng: Generator) -> Iterator[Call]:
    """More features than the batch has examples, and many more examples."""
    for n_0, n_2, examples, size in ((5, 2, 11, 4), (6, 2, 13, 3), (7, 3, 17, 5)):
        seed, X = int(rng.integers(1000)), draw(rng, n_0, examples)
        X[0, -1] = X[0, 0]  # two examples may be alike in a feature
        yield Call("values", (X, draw(rng, n_2, examples), size, seed))


def train_until_calls(rng: Generator) -> Iterator[Call]:
    """Loops that the threshold ends, on the way or at once, and loops that end with the last
    round."""
    for aspect, threshold, rounds in (
        ("threshold", 0.06, 40),
        ("threshold", 0.15, 40),
        ("threshold", 0.02, 40),
        ("rounds", 1e-9, 4),
        ("rounds", 1e-9, 6),
        ("rounds", 1e-9, 3),
        ("threshold", 1.4, 40),
        ("threshold", 80.0, 40),
        ("rounds", 1e-9, 1),
    ):
        number = int(rng.integers(1000))
        truth = np.round(rng.uniform(0.6, 1.2, 2) * rng.choice([-1.0, 1.0], 2), 2)
        theta = -truth + np.round(rng.uniform(-0.2, 0.2, 2), 2)
        if threshold > 1:  # the losses begin above it, or below
            truth = np.round(rng.uniform(1.4, 1.8, 2) * [1, -1], 2)
            theta = -3 * truth
        functions = batches(number, truth), curved_loss, curved_slopes, careful_update
        yield Call(aspect, (theta, *functions, threshold, rounds))


def batches(number: int, truth: np.ndarray) -> Callable:
    """A ``batch(k)`` with the examples of round k: T is ``truth @ X``."""

    def batch(k):
        X = 0.4 * draw(np.random.default_rng([number, k]), 2, 5)
        return X, (truth @ X)[np.newaxis]

    batch.__doc__ = f"batch(k), 5 examples for round k (series {number}, truth {truth.tolist()})"
    return batch


def curved_loss(theta, X, T):
    """the loss Σ log cosh(θ·x − t)"""
    return float(np.sum(np.log(np.cosh(theta @ X - T))))


def curved_slopes(theta, X, T):
    """the gradient of Σ log cosh(θ·x − t)"""
    return np.sum(np.tanh(theta @ X - T) * X, axis=1)


def careful_update(theta, gradients):
    """an update against the gradients, no weight by more than 0.4"""
    return theta - np.clip(0.3 * gradients, -0.4, 0.4)


EXERCISES = (
    Exercise(
        name="xor_forward",
        parameters=("theta", "X"),
        asks="Forward pass of a network with two layers, σ in both. Return the pair (H, Y): the "
        f"activations of the hidden units, (n_1, N), and the outputs, (n_2, N). {THETA}; `X` has "
        "shape (n_0, N), one example per column.",
        aspects=(
            Aspect("values", 1, "several examples"),
            Aspect("one example", 1, "a single example"),
            Aspect("saturated", 1, "units with z near 1000 or −1000"),
        ),
        calls=xor_forward_calls,
        hints=(
            "The same two steps happen twice: a weighted sum plus the bias, then σ.",
            "`W1, b1, W2, b2 = theta` takes the tuple apart. `W1 @ X + b1` is the z of all hidden "
            "units for all examples at once.",
            "What the first layer is to X, the second is to H. Write σ with the exponential of "
            "−z in the denominator: `np.exp` works on whole arrays.",
        ),
    ),
    Exercise(
        name="xor_loss",
        parameters=("theta", "X", "T"),
        asks="Return the loss ½ Σ (y − t)² of the network's outputs, the sum over all outputs and "
        f"all examples (not the mean). {THETA}; `X` has shape (n_0, N), `T` (n_2, N); the result "
        "is one number.",
        aspects=(Aspect("values", 2, VALUES),),
        calls=xor_loss_calls,
        hints=(
            "First run the forward pass; of its two results the loss needs only one.",
            "`H, Y = xor_forward(theta, X)`. Then compare Y with T, entry by entry.",
            "Square each difference, add all of them up with `np.sum`, and mind the factor in "
            "front.",
        ),
        builds_on=("xor_forward",),
    ),
    Exercise(
        name="xor_gradients",
        parameters=("theta", "X", "T"),
        asks="Backward pass. Return the tuple (∂L/∂W1, ∂L/∂b1, ∂L/∂W2, ∂L/∂b2) for the loss "
        "L = ½ Σ (y − t)², summed over the examples, each with the shape of its parameter. "
        f"{THETA}; `X` has shape (n_0, N), `T` (n_2, N).",
        aspects=(
            Aspect("values", 2, "several examples"),
            Aspect("one example", 1, "a single example"),
            Aspect("formula", 1, "found by a formula, not by trying nearby values", "formula"),
        ),
        calls=xor_gradients_calls,
        hints=(
            "Work backwards: first δ of the output layer, then δ of the hidden layer, then the "
            "four gradients.",
            "For σ, the derivative at z can be had from the activation a = σ(z) alone: a (1 − a). "
            "Each δ has the shape of its layer's activations: (n_2, N) and (n_1, N).",
            "A layer's weight gradient is its δ times its inputs, transposed; a matrix product "
            "adds up the examples by itself. For the biases, sum δ along `axis=1` with "
            "`keepdims=True`.",
        ),
        builds_on=("xor_forward",),
    ),
    Exercise(
        name="xor_step",
        parameters=("theta", "gradients", "learning_rate"),
        asks="Return the weights after one step of gradient descent, as a new tuple: each of the "
        "four arrays of `theta`, minus `learning_rate` times the array at the same place in "
        "`gradients`. Nothing that was handed in is changed.",
        aspects=(
            Aspect("values", 1, VALUES),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=xor_step_calls,
        hints=(
            "It is the step of notebook 1, done four times.",
            "Take both tuples apart, and compute four new arrays.",
            "`zip(theta, gradients)` goes through both at once; `tuple(... for ... in ...)` "
            "collects the results. `-=` would change the old arrays.",
        ),
    ),
    Exercise(
        name="train_xor",
        parameters=("theta", "X", "T", "learning_rate", "steps", "keep"),
        asks="Train with all examples in every step: `steps` steps of gradient descent from "
        "`theta`. Return the pair (losses, snapshots). `losses` has steps + 1 entries: the loss "
        "before the first step, then after each step. `snapshots` is a dict that holds, for each "
        "iteration k in the list `keep` (from 0, the start, to `steps`), the weights after k "
        "steps.",
        aspects=(
            Aspect("losses", 2, "the losses"),
            Aspect("snapshots", 2, "the losses, and the weights at the iterations to be kept"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=train_xor_calls,
        hints=(
            "A list for the losses, an empty dict for the snapshots, and a loop.",
            "Let k count from 0 to `steps`. In each round first look at θ as it is (its loss; "
            "keep it if k is in `keep`), then take the step.",
            "The gradients are new in every round. After the last look no step is needed: it does "
            "no harm if nobody sees its result.",
        ),
        builds_on=("xor_loss", "xor_gradients", "xor_step"),
    ),
    Exercise(
        name="random_start",
        parameters=("inputs", "hidden", "outputs", "draw"),
        asks="Return random start weights as the tuple (W1, b1, W2, b2) for a network with so many "
        "inputs, hidden units and outputs. `draw(rows, columns)` gives an array of random numbers "
        "of that shape; each of the four arrays is the result of one call.",
        aspects=(Aspect("values", 2, "the four arrays"),),
        calls=random_start_calls,
        hints=(
            "Write the four shapes down before you write code. Which number comes first in W?",
            "W1 has a row for each hidden unit and a column for each input. A bias has one column.",
            "Four calls of `draw`, in parentheses with commas in between. The last of them is "
            "for b2, `draw(outputs, 1)`.",
        ),
    ),
    Exercise(
        name="stuck_starts",
        parameters=("Y", "T"),
        asks="Return the row numbers (from 0, in ascending order) of the starts that have not "
        "solved their task. `Y` has shape (starts, N), the N outputs of each trained network; `T` "
        "has shape (1, N) and holds zeros and ones. An output above 0.5 is the answer 1, below it "
        "the answer 0. A start has solved the task if all of its answers are right.",
        aspects=(
            Aspect("values", 2, "the starts found"),
            Aspect("none", 1, "no start is stuck: an empty result"),
        ),
        calls=stuck_starts_calls,
        hints=(
            "Two steps: which answers are wrong, then which rows hold at least one of them.",
            "`Y > 0.5` turns outputs into answers, and `!=` compares them with `T > 0.5`, all at "
            "once. `np.any` has an `axis`.",
            "`np.flatnonzero` gives the places where an array of True and False is True. Along "
            "which axis do you want to ask for any wrong answer?",
        ),
    ),
    Exercise(
        name="random_batch",
        parameters=("X", "T", "size", "seed"),
        asks="Return a batch (X_batch, T_batch) of `size` random examples, none of them twice. "
        "`X` has shape (n_0, N), `T` (n_2, N), one example per column. Draw the column numbers "
        "with `rng.choice(N, size, replace=False)`, where `rng` is "
        "`np.random.default_rng(seed)`, and keep the order in which they were drawn.",
        aspects=(Aspect("values", 2, "the batch"),),
        calls=random_batch_calls,
        hints=(
            "An input and its target stand in the same column. They have to stay together.",
            "N is the number of columns: `X.shape[1]`. Draw the column numbers once and use them "
            "for both arrays.",
            "A list of numbers as an index picks these columns: `X[:, [3, 0]]` holds columns 3 "
            "and 0.",
        ),
    ),
    Exercise(
        name="train_until",
        parameters=("theta", "batch", "loss", "gradients", "update", "threshold", "max_rounds"),
        asks="The training loop. In round k = 0, 1, 2, …: take the batch `X, T = batch(k)`; "
        "compute its loss `loss(theta, X, T)` and keep it; if it is below `threshold`, stop; "
        "otherwise compute `gradients(theta, X, T)` and replace θ by `update(theta, gradients)`, "
        "called with the gradients' values. At most `max_rounds` rounds. Return the pair "
        "(theta, losses): the last weights, and the list of all the losses computed.",
        aspects=(
            Aspect("threshold", 3, "loops that end when the loss is below the threshold"),
            Aspect("rounds", 2, "loops that end after the last round"),
        ),
        calls=train_until_calls,
        hints=(
            "Write the five steps as comments inside a `for` loop, in the order of the text. Then "
            "put one line of code under each.",
            "Everything is handed to you as a function. A step that is forgotten when the next "
            "round begins was not stored: who keeps the new θ?",
            "`break` leaves the loop. Keep the loss before you compare it, and compare before "
            "you update.",
        ),
    ),
)
