"""Assignment 07: batches, better steps, good starts, and when to stop (Princeton; Classical)."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from numpy.random import Generator

from course.classroom.exercises import Aspect, Call, Exercise
from course.classroom.exercises.inputs import draw, signed

VALUES = "the values"
UNTOUCHED = "the arguments are left as they were"


def shuffled(rng: Generator, N: int) -> np.ndarray:
    """The numbers 0 to N − 1 in an order that puts none in its place and swaps no two."""
    while True:
        order = rng.permutation(N)
        if np.all(order != np.arange(N)) and np.all(order[order] != np.arange(N)):
            return order


# --- how many are right ---------------------------------------------------------------------


def accuracy_calls(rng: Generator) -> Iterator[Call]:
    """Columns that sum to 1. Some right guesses are below ½, and the wrong ones vary. Then outputs
    of any size and sign, and labels among which 0 is; last, no guess is right."""
    classes = 4
    for N, right in ((7, 4), (11, 8), (9, 4), (13, 10), (8, 3)):
        labels = rng.integers(1, classes, N)
        guesses = labels.copy()
        guesses[right:] = (labels[right:] + rng.integers(1, classes, N - right)) % classes
        guesses[-2:] = labels[-2:] - 1
        scores = rng.uniform(1, 2, (classes, N))
        largest = np.where(np.arange(N) % 2, 2.2, 7.5) + rng.uniform(0, 0.5, N)
        scores[guesses, np.arange(N)] = largest
        scores[labels[-2:], [N - 2, N - 1]] = 0.5  # there the right one comes last
        Y, order = np.round(scores / scores.sum(axis=0), 4), rng.permutation(N)
        yield Call("values", (Y[:, order], labels[order]))
    # outputs of both signs, and large ones; in some columns all are negative
    for N, right in ((9, 7), (11, 6), (5, 0)):
        Y = draw(rng, 5, N) * np.where(np.arange(N) % 3, 1.0, 9.0)
        Y[:, ::2] = -np.abs(Y[:, ::2])
        largest = np.arange(N) % 5
        Y[largest, np.arange(N)] = Y.max(axis=0) + 0.003
        labels = np.where(np.arange(N) < right, largest, (largest + 2) % 5)
        yield Call("values", (np.round(Y, 4), labels))


# --- one point at a time, and mini-batches (Princeton) --------------------------------------


def pull(strength: float) -> Callable:
    """A gradient, summed over the columns; theta (4,), X (3, N), T (2, N), or one example."""

    def gradient(theta, X, T):
        X, T = np.reshape(X, (3, -1)), np.reshape(T, (2, -1))
        force = strength * np.tanh(theta[:3] @ X + theta[3] - T[0] * T[1])
        return np.append(X @ force, np.sum(force))

    gradient.__doc__ = (
        f"the gradient θ, X, T ↦ {strength} [X f, Σ f], f = tanh(θ[:3]·X + θ[3] − T[0] T[1]), "
        "summed over the columns"
    )
    return gradient


def shrinking_step(rate: float) -> Callable:
    """A way to take a step that also makes theta a little shorter."""

    def step(theta, g):
        return 0.9 * theta - rate * g

    step.__doc__ = f"the step θ, g ↦ 0.9 θ − {rate} g"
    return step


def points_and_targets(rng: Generator, N: int) -> tuple[np.ndarray, np.ndarray]:
    """X (3, N) and T (2, N)."""
    return draw(rng, 3, N), draw(rng, 2, N)


def sgd_epoch_calls(rng: Generator) -> Iterator[Call]:
    """Every column once; then only some of them."""
    for N, visited, aspect in ((7, 7, "all"), (5, 5, "all"), (8, 5, "some"), (10, 4, "some")):
        X, T = points_and_targets(rng, N)
        strength, learning_rate = (float(np.round(rng.uniform(*r), 3)) for r in RATES)
        order = shuffled(rng, N)[:visited]
        yield Call(aspect, (pull(strength), draw(rng, 4), X, T, learning_rate, order))


RATES = (0.4, 0.9), (0.2, 0.6)


def shuffled_batches_calls(rng: Generator) -> Iterator[Call]:
    """Batches that come out even; then ones that leave a short last batch."""
    for N, batch_size in ((8, 4), (12, 3)):
        yield Call("even", (*points_and_targets(rng, N), batch_size, shuffled(rng, N)))
    for N, batch_size in ((7, 3), (10, 4), (11, 3)):
        yield Call("short", (*points_and_targets(rng, N), batch_size, shuffled(rng, N)))


def minibatch_epoch_calls(rng: Generator) -> Iterator[Call]:
    """Batches that come out even; then ones that leave a short last batch."""
    for N, batch_size in ((10, 5), (12, 3), (12, 5), (13, 3), (16, 6)):
        aspect = "short" if N % batch_size else "even"
        X, T = points_and_targets(rng, N)
        strength, rate = (float(np.round(rng.uniform(*r), 3)) for r in RATES)
        ways = pull(strength), shrinking_step(rate)
        yield Call(aspect, (*ways, draw(rng, 4), X, T, batch_size, shuffled(rng, N)))


# --- better steps (Classical) ---------------------------------------------------------------


def momentum_step_calls(rng: Generator) -> Iterator[Call]:
    """One weight, also with large steps; then several; the last set begins at rest."""
    for decay, signs in ((0.9, "+++"), (0.815, "-+-"), (0.7, "+--")):
        learning_rate = float(np.round(rng.uniform(0.05, 0.3), 3))
        yield Call("one", (*signed(rng, signs), learning_rate, decay))
    yield Call("one", (*signed(rng, "---"), 4.3, 0.65))
    yield Call("one", (*signed(rng, "-++"), 1.7, 0.95))
    for n, decay in ((3, 0.9), (5, 0.735), (4, 0.8)):
        velocity = draw(rng, n) if n != 4 else np.zeros(n)
        learning_rate = float(np.round(rng.uniform(0.05, 0.3), 3))
        yield Call("many", (draw(rng, n), velocity, draw(rng, n), learning_rate, decay))


def rmsprop_step_calls(rng: Generator) -> Iterator[Call]:
    """Gradients of very different sizes; then one with an entry that was always 0.

    epsilon is larger than in practice, so that its place in the formula can be seen.
    """
    for n, decay, epsilon in ((3, 0.9, 0.05), (5, 0.725, 0.2), (4, 0.8, 0.1)):
        gradient = draw(rng, n) * 10.0 ** -np.arange(n)
        if n == 5:
            gradient[0] = abs(3 * gradient[0]) + 3
        before = np.abs(draw(rng, n)) * gradient**2
        learning_rate = float(np.round(rng.uniform(0.05, 0.3), 3))
        yield Call("values", (draw(rng, n), before, gradient, learning_rate, decay, epsilon))
    for n in (3, 4):
        gradient, before = draw(rng, n), np.abs(draw(rng, n))
        gradient[1] = before[1] = 0.0
        yield Call("zero", (draw(rng, n), before, gradient, 0.1, 0.9, 1e-8))


def newton_step_calls(rng: Generator) -> Iterator[Call]:
    """Second derivatives of a bowl; then of surfaces that fall in some directions."""
    for n, size in ((2, 1.0), (3, 12.0), (4, 1.0)):
        yield Call("bowl", (draw(rng, n), size * draw(rng, n), symmetric(rng, np.ones(n))))
    for n in (3, 4):
        signs = np.where(np.arange(n) % 2, -1.0, 1.0)
        yield Call("saddle", (draw(rng, n), draw(rng, n), symmetric(rng, signs)))


def symmetric(rng: Generator, signs: np.ndarray) -> np.ndarray:
    """A symmetric matrix with a diagonal of these signs that outweighs the rest."""
    n = len(signs)
    beside = np.triu(0.35 * draw(rng, n, n), 1)
    return np.round(beside + beside.T + np.diag(signs * rng.uniform(3, 5, n)), 3)


# --- deep networks and where to start (Classical) -------------------------------------------


def delta_sizes_calls(rng: Generator) -> Iterator[Call]:
    """Networks of three and four layers; one example, then several, once with small deltas; last,
    five equal layers."""
    several = ((4, 3, 5, 2), 7), ((3, 6, 2, 5), 4), ((4, 4, 4, 4, 4, 4), 3)
    for sizes, N in (((4, 3, 5, 2), 1), ((3, 5, 4, 6, 2), 1), *several):
        W = [None, *(draw(rng, n, m) for m, n in pairwise(sizes))]
        slopes = [None, *(np.round(rng.uniform(0.1, 0.9, (n, N)), 3) for n in sizes[1:])]
        delta = draw(rng, sizes[-1], N) * (0.01 if N == 4 else 1)
        yield Call("one" if N == 1 else "many", (W, slopes, delta))


def initial_network_calls(rng: Generator) -> Iterator[Call]:
    """Each scheme, for networks of two and three layers; in the last, one unit feeds two."""
    for scheme in ("uniform", "glorot", "he"):
        for sizes in ([4, 3, 2], [3, 5, 4, 6], [2, 1, 2]):
            yield Call(scheme, (sizes, scheme, int(rng.integers(10, 1000))))


# --- when to stop (Classical; NSYSU) --------------------------------------------------------


def falling(rng: Generator, epochs: int) -> list[float]:
    """Losses that fall at every epoch and stay above 2."""
    return np.round(2.0 + np.cumsum(rng.uniform(0.1, 0.4, epochs))[::-1], 3).tolist()


def walked(
    rng: Generator, length: float, sign: float = 0.0, alone: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Weights before and after a step of this length; no entry is more than ⅔ of it.

    All its entries have this sign; with 0, the signs are mixed. alone: the number of the one entry
    that makes nearly the whole step.
    """
    before, mixed = draw(rng, 5), rng.permutation([1, -1, 1, -1, -1]) * rng.choice([-1, 1])
    step = rng.uniform(0.6, 1, 5) * (sign or mixed)
    if alone is not None:
        step[alone] *= 200
    return before, before + length * step / np.linalg.norm(step)


def stop_reason_calls(rng: Generator) -> Iterator[Call]:
    """Each rule where it fires and where it does not; never are two numbers compared equal."""
    yield from loss_calls(rng)
    yield from weights_calls(rng)
    yield from patience_calls(rng)


def loss_calls(rng: Generator) -> Iterator[Call]:
    """The last loss against the threshold; an earlier one does not count."""
    for epochs in (3, 4, 6):
        losses = falling(rng, epochs)
        away = walked(rng, 2.0)
        above, below = (round(losses[-1] + move, 3) for move in (0.05, -0.05))
        yield Call("loss", (losses, *away, above, 0.5, 9))
        yield Call("loss", (losses, *away, below, 0.5, 9))
        yield Call("loss", ([*losses, losses[-1] + 0.5], *away, above, 0.5, 9))
        yield Call("loss", (losses, *walked(rng, 0.3), above, 0.5, 9))  # two rules at once
    low = [round(loss / 50, 5) for loss in falling(rng, 5)]
    for factor in (1.2, 0.8):
        yield Call("loss", (low, *walked(rng, 2.0), round(low[-1] * factor, 5), 0.5, 9))


def weights_calls(rng: Generator) -> Iterator[Call]:
    """The length of the step against epsilon, while the loss still falls."""
    for epochs, epsilon in ((3, 0.25), (4, 0.4), (6, 0.5), (5, 0.8), (4, 0.9)):
        losses = falling(rng, epochs)
        settled = [*losses, round(losses[-1] - 0.05 * epsilon, 5)]
        yield Call("weights", (settled, *walked(rng, 1.3 * epsilon), 0.5, epsilon, 9))
        jump = [losses[0] + 2.0, *losses, round(losses[-1] - 1.1, 3)]
        yield Call("weights", (jump, *walked(rng, 0.8 * epsilon), 0.5, epsilon, 9))
        for length, sign in ((3.0 / epsilon, -1), (0.9, 1), (1.5, 1), (100.0, 1)):
            moved = walked(rng, length * epsilon, sign)
            yield Call("weights", (losses, *moved, 0.5, epsilon, 9))
        stuck = [*losses, losses[-1] + 0.9, losses[-1] + 0.7]
        yield Call("weights", (stuck, *walked(rng, 0.7 * epsilon), 0.5, epsilon, 2))
    # one weight makes the whole step; weights that are small or large beside it; steps above 1
    for length, epsilon, size, alone in (
        (1.3, 0.4, 1.0, 0),
        (1.3, 0.4, 1.0, -1),
        (0.8, 0.4, 0.02, None),
        (0.15, 0.5, 0.05, None),
        (8.0, 0.3, 40.0, None),
        (0.9, 2.5, 1.0, None),
        (0.9, 2.5, 1.0, -1),
        (1.2, 2.5, 1.0, 0),
    ):
        before, after = walked(rng, length * epsilon, alone=alone)
        start = np.round(size * before, 4)
        yield Call("weights", (falling(rng, 4), start, start + after - before, 0.5, epsilon, 9))
    shorter = draw(rng, 5)
    longer = shorter * (1 + 1.0 / np.linalg.norm(shorter))  # it grows, it shrinks, by 1
    for before, after in ((shorter, longer), (longer, shorter)):
        yield Call("weights", (falling(rng, 4), before, after, 0.5, 0.6, 9))


def patience_calls(rng: Generator) -> Iterator[Call]:
    """Losses that reach a lowest one and stay above it for more and for fewer epochs."""
    for patience in (2, 3, 5):
        losses, away = falling(rng, patience + 2), walked(rng, 2.0)
        lowest = losses[-1]
        later = np.round(lowest + np.linspace(0.9, 0.1, patience), 3).tolist()
        yield Call("patience", (losses + later, *away, 0.5, 0.5, patience))  # falls, too high
        yield Call("patience", (losses + later[:-1], *away, 0.5, 0.5, patience))
        yield Call("patience", ([*losses, *later, later[0]], *away, 0.5, 0.5, patience))  # too old
        lower = [round(loss - 0.05, 3) for loss in later]
        yield Call("patience", (losses + later + lower, *away, 0.5, 0.5, patience))
        again = round(lowest - 0.1, 3)
        yield Call("patience", ([*losses, *later, again], *away, 0.5, 0.5, patience))
        yield Call("patience", (losses, *away, 0.5, 0.5, patience))
        yield Call("patience", (losses + later[::-1], *away, 0.5, 0.5, patience))  # rises
        spike = [*losses, losses[0] + 1.0, again]
        yield Call("patience", (spike, *away, 0.5, 0.5, patience))
        rises = [*losses[:-1], lowest + 0.3, lowest, lowest + 0.2]
        yield Call("patience", (rises, *away, 0.5, 0.5, patience))
        early = losses[-2:] + later + lower  # the lowest has the number 1
        yield Call("patience", (early, *away, 0.5, 0.5, patience))
        first = [lowest, *later]  # it has the number 0, and is just old enough
        yield Call("patience", (first, *away, 0.5, 0.5, patience))
        yield Call("patience", (first[:-1], *away, 0.5, 0.5, patience))
        low = [round(loss / 50, 5) for loss in losses + later]
        yield Call("patience", (low, *away, 0.001, 0.5, patience))
        zigzag = [
            lowest + 0.5,
            lowest,
            *(lowest + 0.2 + 0.1 * (k % 2) for k in range(patience + 2)),
        ]
        yield Call("patience", (np.round(zigzag, 3).tolist(), *away, 0.5, 0.5, patience))
    for patience, losses in ((1, [3.1, 2.6]), (1, [3.1, 2.6, 2.9]), (4, [2.7])):
        yield Call("patience", (losses, *walked(rng, 2.0), 0.5, 0.5, patience))


EXERCISES = (
    Exercise(
        name="accuracy",
        parameters=("Y", "labels"),
        asks="Return the share of examples that are recognised, a number from 0 to 1. `Y` has "
        "shape (classes, N): one column per example, one output per class; the guess is the row "
        "with the largest output. `labels` has shape (N,): the right row of each example.",
        aspects=(Aspect("values", 2, "the share of right guesses"),),
        calls=accuracy_calls,
        hints=(
            "First the guess for each column, then how many of the guesses are right.",
            "`np.argmax` finds where the largest number stands. It takes an `axis`: along which "
            "one do you have to look, to get one guess per column?",
            "Comparing two arrays with `==` gives True and False, which count as 1 and 0. What "
            "is the mean of such numbers?",
        ),
    ),
    Exercise(
        name="sgd_epoch",
        parameters=("gradient", "theta", "X", "T", "learning_rate", "order"),
        asks="Return `theta` after one epoch of stochastic gradient descent: for each column "
        "number n in `order`, in turn, one step with the gradient of that example alone. "
        "`gradient(theta, x, t)` returns it, for x and t of shape (n_0, 1), (n_L, 1) or (n_0,), "
        "(n_L,). `theta` has shape (n,), `X` (n_0, N), `T` (n_L, N); the result has shape (n,).",
        aspects=(
            Aspect("all", 1, "all examples in the order given"),
            Aspect("some", 1, "only the examples that are in the order"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=sgd_epoch_calls,
        hints=(
            "A loop over the column numbers in `order`; one step of gradient descent in each "
            "round.",
            "Every round starts from the θ that the round before has left, and its gradient "
            "is taken there.",
            "`X[:, [n]]` is column n as a matrix with one column. `T` needs the same treatment.",
        ),
    ),
    Exercise(
        name="shuffled_batches",
        parameters=("X", "T", "batch_size", "order"),
        asks="Return a list of pairs (X_batch, T_batch). `order` holds the column numbers 0 to "
        "N − 1 in a shuffled order: the first batch takes the first `batch_size` of them, and so "
        "on; what is left over makes a shorter last batch. `X` has shape (n_0, N), `T` (n_L, N); "
        "a batch has shape (n_0, b) and (n_L, b).",
        aspects=(
            Aspect("even", 1, "batches that come out even"),
            Aspect("short", 1, "a shorter last batch"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=shuffled_batches_calls,
        hints=(
            "Cut `order` into pieces first. Each piece is a batch's list of column numbers.",
            "`range(0, N, batch_size)` gives the places where a piece begins. A slice that goes "
            "beyond the end stops at the end by itself.",
            "`X[:, piece]` takes exactly those columns, in that order. The targets must come "
            "along.",
        ),
    ),
    Exercise(
        name="minibatch_epoch",
        parameters=("gradient", "step", "theta", "X", "T", "batch_size", "order"),
        asks="Return `theta` after one epoch of mini-batches, taken as in `shuffled_batches`. For "
        "each batch: g is the mean gradient, 1/b times the sum over the b examples that the batch "
        "has, and `step(theta, g)` returns the new theta. `gradient(theta, X_batch, T_batch)` "
        "returns the SUM over the batch. `theta` and the result have shape (n,).",
        aspects=(
            Aspect("even", 1, "batches that come out even"),
            Aspect("short", 2, "a shorter last batch"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=minibatch_epoch_calls,
        hints=(
            "`shuffled_batches` gives you the batches; loop over them.",
            "`gradient` gives a sum. How many examples went into it? The batch itself knows.",
            "In each round: the gradient of the batch, divided by the number of its columns; then "
            "`step` makes the θ for the next round.",
        ),
        builds_on=("shuffled_batches",),
    ),
    Exercise(
        name="momentum_step",
        parameters=("theta", "velocity", "gradient", "learning_rate", "decay"),
        asks="Return the pair (theta, velocity) after one step with momentum: v ← decay · v − η g, "
        "then θ ← θ + v. `gradient` is the value g, `learning_rate` is η. `theta`, `velocity` and "
        "`gradient` are numbers or arrays of one shape; none of them is changed.",
        aspects=(
            Aspect("one", 1, "one weight"),
            Aspect("many", 2, "several weights at once"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=momentum_step_calls,
        hints=(
            "Two lines, one for each of the two formulas, and a `return` of two things.",
            "The new velocity has two parts: what is left of the old one, and a push downhill.",
            "The second formula uses the new velocity. `return a, b` returns a pair; `v -= …` "
            "would change the array of the caller.",
        ),
    ),
    Exercise(
        name="rmsprop_step",
        parameters=("theta", "mean_square", "gradient", "learning_rate", "decay", "epsilon"),
        asks="Return the pair (theta, mean_square) after one step of RMSprop: "
        "s ← decay · s + (1 − decay) g², then θ ← θ − η g / (√s + ε), entry by entry. "
        "`mean_square` is s, `gradient` is g, `learning_rate` η, `epsilon` ε. The three arrays "
        "have shape (n,); none of them is changed.",
        aspects=(
            Aspect("values", 2, VALUES),
            Aspect("zero", 1, "a weight whose gradient was always 0"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=rmsprop_step_calls,
        hints=(
            "Two lines again: first the new s, then the new θ, which uses the new s.",
            "Everything works entry by entry: `**`, `np.sqrt`, `*` and `/` on arrays do just "
            "that, without a loop.",
            "Mind the parentheses: ε is added to the root, and the gradient is divided by both "
            "together.",
        ),
    ),
    Exercise(
        name="newton_step",
        parameters=("theta", "gradient", "hessian"),
        asks="Return theta after one Newton step, θ − H⁻¹ g. `gradient` is the array g of shape "
        "(n,), `hessian` the matrix H of second derivatives, shape (n, n); `theta` has shape (n,) "
        "and is not changed.",
        aspects=(
            Aspect("bowl", 1, "a surface that curves up in every direction"),
            Aspect("saddle", 1, "a surface that curves down in some"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=newton_step_calls,
        hints=(
            "With one weight, H is a number, the second derivative: the step divides the slope by "
            "it. With several weights, what takes the place of dividing?",
            "H⁻¹ g is the array s that solves the system of equations H s = g.",
            "NumPy solves such systems: look up `np.linalg.solve`. Then it is one subtraction.",
        ),
    ),
    Exercise(
        name="initial_network",
        parameters=("sizes", "scheme", "seed"),
        asks="Return the list [None, W[1], …, W[L]] of start weights, W[l] of shape "
        "(n_l, n_(l−1)), for layers of `sizes` [n_0, …, n_L]. Make one generator, "
        "`np.random.default_rng(seed)`, and draw all layers from it, layer 1 first. `scheme`: "
        '"uniform", uniform in −1..1; "glorot", uniform in ±limit with variance '
        '2/(n_(l−1) + n_l); "he", normal with mean 0 and variance 2/n_(l−1).',
        aspects=(
            Aspect("uniform", 1, "uniform in −1..1"),
            Aspect("glorot", 2, "Glorot's scheme"),
            Aspect("he", 1, "He's scheme"),
        ),
        calls=initial_network_calls,
        hints=(
            "A list that begins with None, and a loop over the layers. The generator is made "
            "before the loop.",
            "`rng.uniform(low, high, shape)` and `rng.normal(mean, deviation, shape)` draw a "
            "whole matrix. The variance is the square of the deviation.",
            "Numbers drawn uniformly from ±limit have variance limit²/3. Set that equal to the "
            "variance asked and solve for the limit.",
        ),
    ),
    Exercise(
        name="delta_sizes",
        parameters=("W", "slopes", "delta"),
        asks="Return an array of shape (L,) with the length ‖δ[l]‖ of the delta in layers 1 to L. "
        "`delta` is δ[L], the one of the last layer, shape (n_L, N). Going back, "
        "δ[l] = σ′(Z[l]) · (W[l+1]ᵀ δ[l+1]), the dot entry by entry. `slopes[l]` is σ′(Z[l]), "
        "shape (n_l, N), `W[l]` has shape (n_l, n_(l−1)); `W[0]` and `slopes[0]` are None. The "
        "length of an array is the root of the sum of all its squared entries.",
        aspects=(
            Aspect("one", 1, "one example"),
            Aspect("many", 2, "several examples"),
        ),
        calls=delta_sizes_calls,
        hints=(
            "Start with the last layer, whose delta you have, and go back layer by layer.",
            "`len(W) - 1` is L. A loop that counts down: `for l in range(L - 1, 0, -1)`. Inside, "
            "the new delta comes from the one after it.",
            "`np.linalg.norm` of an array is the length meant here. You meet the last layer "
            "first, but layer 1 stands first in the result.",
        ),
    ),
    Exercise(
        name="stop_reason",
        parameters=("losses", "w_old", "w_new", "threshold", "epsilon", "patience"),
        asks='Return why training should stop now: "loss" if the last of `losses` is below '
        '`threshold`; "weights" if ‖w_new − w_old‖ is below `epsilon`; "patience" if the lowest '
        "loss is `patience` or more epochs old; None if it should go on. If several hold, the "
        "first in this order counts. `losses` is a list with one loss per epoch, the arrays "
        "`w_old` and `w_new` are the weights before and after the last epoch.",
        aspects=(
            Aspect("loss", 1, "it stops when the loss is low enough"),
            Aspect("weights", 1, "it stops when the weights hardly move"),
            Aspect("patience", 2, "it stops when the loss has not improved for long"),
        ),
        calls=stop_reason_calls,
        hints=(
            "Three questions, one after the other, each with its own `return`. What comes back "
            "if none of them is answered with yes?",
            "`losses[-1]` is the last loss. The length of a step is `np.linalg.norm` of a "
            "difference.",
            "`np.argmin(losses)` says at which epoch the lowest loss was, counted from 0. How "
            "many epochs have passed since then, if the last one has the number "
            "`len(losses) - 1`?",
        ),
    ),
)
