"""Assignment 04: a network of two layers, forward and backward (SKKU; XJTLU; NSYSU; Classical)."""

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator

from course.classroom.exercises import Aspect, Call, Exercise
from course.classroom.exercises.inputs import FAR_TARGET, draw, number

VALUES = "the values"
ONE = "one example"
SEVERAL = "several examples"
SQUARE = "layers of equal size"
UNTOUCHED = "the arguments are left as they were"
FORMULA = "found by formulas, not by trying nearby values"


def fractions(rng: Generator, *shape: int) -> np.ndarray:
    """Activations as a sigmoid gives them, away from 0, ½ and 1."""
    size = rng.uniform(0.08, 0.42, shape)
    return np.round(np.where(rng.random(shape) < 0.5, size, 1 - size), 3)


def targets(rng: Generator, m: int, n: int) -> np.ndarray:
    """Zeros and ones, of shape (m, n), both about equally often."""
    return rng.permutation(np.arange(m * n) % 2).reshape(m, n).astype(float)


def weighted_sums_calls(rng: Generator) -> Iterator[Call]:
    """One example, then several; all sizes differ."""
    for n_out, n_in in ((3, 4), (5, 2)):
        weights, bias = draw(rng, n_out, n_in), draw(rng, n_out, 1)
        yield Call("one example", (weights, bias, draw(rng, n_in, 1)))
    for n_out, n_in, n in ((4, 3, 5), (2, 4, 6), (5, 3, 2)):
        weights, bias = draw(rng, n_out, n_in), draw(rng, n_out, 1)
        yield Call("several examples", (weights, bias, draw(rng, n_in, n)))


def dz_dw_calls(rng: Generator) -> Iterator[Call]:
    """The weights of a layer and its inputs."""
    for n_out, n_in in ((3, 4), (4, 2), (2, 5)):
        yield Call("values", (draw(rng, n_out, n_in), draw(rng, n_in)))


def backward_neuron_calls(rng: Generator) -> Iterator[Call]:
    """A neuron that feeds 2 to 5 others, and one that feeds a single one; then large numbers, of
    which some are alike."""
    for k in (2, 3, 5, 4):
        gain = float(np.round(rng.uniform(0.03, 0.24), 3))
        yield Call("values", (gain, draw(rng, k), draw(rng, k)))
    yield Call("values", (0.117, draw(rng, 1), draw(rng, 1)))
    w, dL_dz = (draw(rng, 3)[[0, 1, 0, 2, 2]] for _ in range(2))
    yield Call("values", (0.213, np.copysign(8, w @ dL_dz) * w, 8 * dL_dz))


def output_weights_gradient_calls(rng: Generator) -> Iterator[Call]:
    """Targets t, outputs o, hidden outputs h of one example."""
    for m, p in ((2, 3), (3, 5), (4, 2)):
        yield Call("values", (fractions(rng, m), fractions(rng, m), fractions(rng, p)))
    t, o, h = (fractions(rng, 3)[[0, 1, 1, 2]] for _ in range(3))  # some are alike
    yield Call("values", (t, o, h[:3]))


def hidden_weights_gradient_calls(rng: Generator) -> Iterator[Call]:
    """As before, with the output weights and the inputs; one with layers of equal size; last, large
    weights, with outputs and units that are alike."""
    for m, p, d in ((2, 3, 4), (3, 4, 2), (2, 5, 3), (3, 3, 2)):
        t, o, h = fractions(rng, m), fractions(rng, m), fractions(rng, p)
        aspect = "values" if m != p else "square"
        yield Call(aspect, (t, o, draw(rng, m, p), h, draw(rng, d)))
    t, o, h = (fractions(rng, 3)[[0, 1, 1, 2, 2]] for _ in range(3))
    yield Call("values", (t, o, 12 * draw(rng, 5, 4), h[:4], 4 * draw(rng, 2)[[0, 1, 0]]))


def output_sensitivity_calls(rng: Generator) -> Iterator[Call]:
    """Ordinary z; then outputs so sure of themselves that the sigmoid is 0 or 1."""
    for m, n in ((3, 4), (2, 5), (1, 3)):
        yield Call("values", (draw(rng, m, n), targets(rng, m, n)))
    far = np.array([[1000.0, -1000.0, 1000.0], [-1000.0, 45.0, -800.0]])
    right = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
    yield Call("extreme", (far, right))


def hidden_sensitivity_calls(rng: Generator) -> Iterator[Call]:
    """One example, several, and a hidden layer of the size of the output layer."""
    for m, p, n in ((2, 3, 1), (3, 5, 1), (2, 3, 4), (3, 4, 2), (4, 2, 5), (3, 3, 4)):
        aspect = "square" if m == p else "one example" if n == 1 else "several examples"
        size = 5.0 if n == 5 else 0.5
        yield Call(aspect, (draw(rng, m, p), size * draw(rng, m, n), draw(rng, p, n)))


def layer_backward_calls(rng: Generator) -> Iterator[Call]:
    """One example, several, and a layer of the size of the one before."""
    for n_out, n_in, n in ((2, 3, 1), (4, 3, 1), (2, 3, 4), (4, 3, 2), (3, 5, 6), (3, 3, 4)):
        aspect = "square" if n_out == n_in else "one example" if n == 1 else "several examples"
        weights, delta = draw(rng, n_out, n_in), 0.5 * draw(rng, n_out, n)
        yield Call(aspect, (weights, fractions(rng, n_in, n), delta))


def gradient_step_calls(rng: Generator) -> Iterator[Call]:
    """A network d → p → m with one example or several; in the last p is m."""
    for d, p, m, n in ((2, 4, 3, 1), (3, 4, 2, 5), (2, 5, 3, 4), (4, 2, 3, 6), (2, 3, 3, 5)):
        network = (
            np.round(0.4 * draw(rng, p, d), 3),
            draw(rng, p, 1),
            np.round(0.7 * draw(rng, m, p), 3),
            draw(rng, m, 1),
        )
        rate = float(np.round(rng.uniform(0.05, 0.6), 3)) + 2.0 * (p == m)
        aspect = "one example" if n == 1 else "several examples"
        yield Call(aspect, (*network, draw(rng, d, n), targets(rng, m, n), rate))


def classical_backward_calls(rng: Generator) -> Iterator[Call]:
    """Networks 3 → 4 → 1; then one with a target that spoils finite differences."""
    for target in (abs(number(rng)) + 1, number(rng), -abs(number(rng))):  # above P, and below it
        weights = np.round(0.5 * draw(rng, 4, 3), 3)
        yield Call("values", (weights, draw(rng, 4), draw(rng, 3), target))
    weights = np.round(0.5 * draw(rng, 4, 3), 3)
    yield Call("formula", (weights, draw(rng, 4), draw(rng, 3), FAR_TARGET))


EXERCISES = (
    Exercise(
        name="weighted_sums",
        parameters=("W", "b", "A"),
        asks="Return the weighted sums Z = W A + b of a layer. `W` has shape (n_out, n_in), `b` "
        "(n_out, 1), and `A` (n_in, N) holds the layer's inputs, one example per column. The "
        "result has shape (n_out, N).",
        aspects=(
            Aspect("one example", 1, ONE),
            Aspect("several examples", 1, SEVERAL),
        ),
        calls=weighted_sums_calls,
        hints=(
            "Unit j of the layer collects along all the edges that lead to it, and adds its bias "
            "once.",
            "A matrix product does the collecting: row j of `W` with each column of `A`.",
            "In NumPy the matrix product is `@`; a column of shape (n_out, 1) is added to every "
            "column by itself.",
        ),
    ),
    Exercise(
        name="dz_dw",
        parameters=("W", "a"),
        asks="For one layer and one example, return an array of the shape of `W` whose entry "
        "[j, i] is ∂z_j/∂w_ji, where z_j = Σ_i w_ji a_i + b_j. `W` has shape (n_out, n_in), `a` "
        "has shape (n_in,).",
        aspects=(Aspect("values", 1, VALUES),),
        calls=dz_dw_calls,
        hints=(
            "Take one edge. Turn its weight up by 1: by how much does the sum at its end grow?",
            "All edges that leave unit i have the same answer, wherever they lead.",
            "Each row of the result is alike. `np.ones_like(W)` has the right shape to start from.",
        ),
    ),
    Exercise(
        name="backward_neuron",
        parameters=("gain", "w", "dL_dz"),
        asks="Return ∂L/∂z of one neuron. `gain` is σ′(z) of this neuron, a number. `w` has shape "
        "(K,): the weights of the edges from this neuron to the K neurons that it feeds; `dL_dz` "
        "has shape (K,): the ∂L/∂z of those neurons. The result is one number.",
        aspects=(Aspect("values", 2, VALUES),),
        calls=backward_neuron_calls,
        hints=(
            "Read the picture from right to left: K signals come in, one goes out.",
            "Each incoming signal is multiplied by the weight of its edge; where edges meet, "
            "signals add up.",
            "The amplifier multiplies what has arrived, all of it together, by its gain.",
        ),
    ),
    Exercise(
        name="output_weights_gradient",
        parameters=("t", "o", "h"),
        asks="Return ∂L/∂w_kj for all weights between hidden and output layer, for one example, "
        "where L = ½ Σ_k (t_k − o_k)² and o_k is the sigmoid of the weighted sum of the h_j. `t` "
        "and `o` have shape (m,), `h` has shape (p,); the result has shape (m, p), entry [k, j] "
        "belongs to w_kj.",
        aspects=(Aspect("values", 2, VALUES),),
        calls=output_weights_gradient_calls,
        hints=(
            "Three links: from the loss to o_k, from o_k to its weighted sum, from there to w_kj.",
            "The first two links need k alone, the last one needs j alone. Every k meets every j.",
            "`np.outer(u, v)` has the entries u[k] · v[j]. What is u here, and what is v?",
        ),
    ),
    Exercise(
        name="hidden_weights_gradient",
        parameters=("t", "o", "W2", "h", "x"),
        asks="Return ∂L/∂w_ji for all weights between input and hidden layer, for one example, "
        "where L = ½ Σ_k (t_k − o_k)² and both layers have sigmoids. `t`, `o` have shape (m,), "
        "`W2` (m, p) holds the output weights w_kj, `h` has shape (p,), `x` (d,). The result has "
        "shape (p, d), entry [j, i] belongs to w_ji.",
        aspects=(Aspect("values", 2, VALUES), Aspect("square", 1, SQUARE)),
        calls=hidden_weights_gradient_calls,
        hints=(
            "h_j reaches the loss through every output. What comes back along each of these paths?",
            "First one number per hidden unit: collect over k what the outputs send back through "
            "their weights. Only then h_j (1 − h_j) and x_i.",
            "Collecting over k is a matrix product with `W2`; which of its two axes is k? Then "
            "`np.outer`, as before.",
        ),
        builds_on=("output_weights_gradient",),
    ),
    Exercise(
        name="output_sensitivity",
        parameters=("Z", "T"),
        asks="Return the sensitivities δ = ∂L/∂z of the output layer, where the outputs are "
        "a = σ(z) and L = −Σ (t log a + (1 − t) log(1 − a)), summed over outputs and examples. "
        "`Z` and `T` have shape (m, N), and so has the result. It must also hold for z = ±1000.",
        aspects=(
            Aspect("values", 1, VALUES),
            Aspect("extreme", 1, "z = ±1000"),
        ),
        calls=output_sensitivity_calls,
        hints=(
            "Two links: from the loss to a, from a to z. Multiply them on paper before you code.",
            "Bring the two fractions of ∂L/∂a over one denominator. What does σ′(z) = a (1 − a) "
            "do with it?",
            "All that is left is a difference; no logarithm, no fraction. You need `sigmoid(Z)`.",
        ),
    ),
    Exercise(
        name="hidden_sensitivity",
        parameters=("W", "delta", "Z"),
        asks="Return the sensitivities δ_j = σ′(z_j) Σ_i w_ij δ_i of a hidden layer. `W` (m, p) "
        "holds the weights from its p units to the m units of the next layer, `delta` (m, N) the "
        "sensitivities of that next layer, `Z` (p, N) the weighted sums of the hidden layer "
        "itself. The result has shape (p, N), one example per column.",
        aspects=(
            Aspect("one example", 1, ONE),
            Aspect("several examples", 1, SEVERAL),
            Aspect("square", 1, SQUARE),
        ),
        calls=hidden_sensitivity_calls,
        hints=(
            "You have done this for a single neuron: collect along the edges, then the gain.",
            "Unit j collects along the edges that leave it: they stand in a column of `W`, not in "
            "a row.",
            "Collecting is a matrix product with `W` turned on its side (`W.T`); the gain is then "
            "multiplied on entry by entry. It belongs to `Z`.",
        ),
        builds_on=("backward_neuron",),
    ),
    Exercise(
        name="layer_backward",
        parameters=("W", "A", "delta"),
        asks="For a layer with Z = W A + b and δ = ∂L/∂Z, return the tuple (dA, dW, db): ∂L/∂A, "
        "∂L/∂W and ∂L/∂b, each of the shape of what it belongs to. `W` has shape (n_out, n_in), "
        "`A` (n_in, N), `delta` (n_out, N), b (n_out, 1). The loss is a sum over the N examples.",
        aspects=(
            Aspect("one example", 1, ONE),
            Aspect("several examples", 2, SEVERAL),
            Aspect("square", 1, SQUARE),
        ),
        calls=layer_backward_calls,
        hints=(
            "Write down the three shapes first: there is only one way to fit the products "
            "together.",
            "Every example adds its own share to the gradient of a weight, and also to that of a "
            "bias. The inputs, in contrast, belong to one example each.",
            "A matrix product over the axis of the examples adds the shares up for `dW`. For `db`, "
            "`np.sum` has the arguments `axis` and `keepdims`.",
        ),
    ),
    Exercise(
        name="gradient_step",
        parameters=("W1", "b1", "W2", "b2", "X", "T", "learning_rate"),
        asks="Take one step of gradient descent for a network of two sigmoid layers and return "
        "the new (W1, b1, W2, b2). The loss is the cross-entropy −Σ (t log a + (1 − t) "
        "log(1 − a)), summed over outputs and examples. `X` (d, N) and `T` (m, N) hold one example "
        "per column; W1 (p, d), b1 (p, 1), W2 (m, p), b2 (m, 1) stay as they are.",
        aspects=(
            Aspect("one example", 1, ONE),
            Aspect("several examples", 2, SEVERAL),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=gradient_step_calls,
        hints=(
            "Forward through both layers, backward through both layers, and only then the step.",
            "Keep what the forward pass computes on its way: the backward pass needs the weighted "
            "sums and the outputs of the hidden layer.",
            "Call `layer_backward` for each layer, with the inputs and the δ of that layer. New "
            "names for the new weights: the old W2 is still needed.",
        ),
        builds_on=("weighted_sums", "output_sensitivity", "hidden_sensitivity", "layer_backward"),
    ),
    Exercise(
        name="classical_backward",
        parameters=("W", "w", "x", "GT"),
        asks="For the network z = W x, y = φ(z), O = w·y, P = φ(O) with L = (GT − P)² (no ½, no "
        "biases, φ is the sigmoid) and one example, return a dict with the derivatives of L by "
        "every quantity on the way: the keys are 'dP', 'dO', 'dw', 'dy', 'dz', 'dW'. `W` has shape "
        "(4, 3), `w` (4,), `x` (3,), `GT` is a number; each derivative has the shape of what it "
        "belongs to.",
        aspects=(
            Aspect("values", 3, "the derivatives"),
            Aspect("formula", 1, FORMULA, "formula"),
        ),
        calls=classical_backward_calls,
        hints=(
            "First forward, in four lines, one per equation. Then backward, one line per "
            "equation, the last equation first.",
            "In each line: the derivative that you already have, times the derivative of this one "
            "equation. Nothing is looked up further away.",
            "`dw` and `dy` both begin with `dO`, since O depends on both; `dW` has an entry for "
            "every pair of a hidden unit and an input.",
        ),
    ),
)
