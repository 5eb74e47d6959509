"""Inputs of every exercise that are wider than those of its own calls, as its text allows them.

Sizes from 1 up, sizes that are equal, zeros, ties, one sign only, numbers small and large. What
two functions make of them tells whether they are the same function. ``INPUTS`` has for each
exercise a function that draws the arguments of one call.
"""

from itertools import pairwise

import numpy as np

from course.classroom.exercises import circuits_and_the_chain_rule as circuits
from course.classroom.exercises import gradient_descent as descent
from course.classroom.exercises import the_delta_recursion as layers
from course.classroom.exercises import training_in_practice as practice
from course.classroom.exercises import xor
from course.classroom.exercises.inputs import draw


def numbers(rng, *shape):
    """Numbers of one of many kinds."""
    normal, sign = np.array(rng.normal(size=shape)), rng.choice([-1.0, 1.0])
    kinds = (
        lambda: draw(rng, *shape),
        lambda: 2 * normal,
        lambda: sign * np.abs(normal),  # one sign only
        lambda: np.round(2 * normal),  # ties and zeros
        lambda: 0.01 * normal,
        lambda: 8 * normal,
        lambda: normal * (rng.random(shape) < 0.5),
        lambda: np.full(shape, sign * rng.uniform(0.2, 2)),  # all equal
        lambda: np.sort(normal, axis=None).reshape(shape),
    )
    return kinds[rng.integers(len(kinds))]() + 0.0


def number(rng):
    """One such number."""
    return float(numbers(rng, 1)[0])


def size(rng, low=1, high=7):
    """A number of entries."""
    return int(rng.integers(low, high + 1))


def rate(rng):
    """A learning rate, or another number in 0..1."""
    return float(rng.choice([0.001, 0.01, 0.1, 0.5, 1.0, rng.uniform(0.01, 1)]))


def small(rng, *shape):
    """Weights with which no layer saturates."""
    return numbers(rng, *shape) * 0.3


def fractions(rng, *shape):
    """Numbers in 0..1, without the ends."""
    return rng.uniform(0.01, 0.99, shape) if rng.random() < 0.7 else np.full(shape, rng.uniform())


def targets(rng, *shape):
    """Zeros and ones, perhaps all alike."""
    return (rng.random(shape) < rng.choice([0.0, 0.5, 1.0, 0.3])) * 1.0


def columns(rng, n, N):
    """Positive numbers whose columns sum to 1."""
    parts = rng.uniform(0.01, 1, (n, N))
    return parts / parts.sum(axis=0)


def points(rng, lead):
    """``lead`` numbers or one, and points x, y."""
    N = size(rng)
    return number(rng) if lead == 0 else numbers(rng, lead), numbers(rng, N), numbers(rng, N)


# --- 01 -------------------------------------------------------------------------------------


def best_candidate(rng):
    """Any losses without ties, also negative and large ones; the best at any place."""
    candidates = [float(w) for w in rng.choice(np.arange(-90, 90) / 7.0, size(rng, 1, 9), False)]
    scale, level = rng.choice([0.01, 1.0, 300.0]), rng.choice([0.0, -50.0, 2000.0])
    heights = dict(zip(candidates, level + scale * rng.normal(size=len(candidates)), strict=True))
    bowl, tilt = rng.uniform(-14, 14), rng.choice([0, 1, -1])

    def loss(w):
        return heights.get(w, 0.0)

    def curved(w):
        return (w - bowl) ** 2 + level if not tilt else level + scale * tilt * w

    return candidates, loss if rng.random() < 0.5 else curved


def descend(rng):
    """One weight or several; any limit on the steps; epsilon from 0 to so large that one step is
    enough; uneven bowls; lowest points far from 0 and at 0."""
    n = size(rng, 0, 5)
    shape = (n,) if n else ()
    draw_one = (lambda: numbers(rng, n)) if n else (lambda: number(rng))
    lowest = draw_one() * rng.choice([1.0, 0.0, 20.0])
    steepness = rng.uniform(0.2, 15, shape) if n else float(rng.uniform(0.2, 15))
    epsilon = float(rng.choice([0.0, 10.0, 1.0, 10.0 ** rng.uniform(-4, 0)]))
    away = draw_one() * rng.choice([1.0, 10.0]) + 0.001
    return (
        descent.gradient_of_bowl(steepness, lowest),
        lowest + away,
        float(rng.uniform(0.02, 0.12)),
        size(rng, 1, 30),
        epsilon,
    )


def fit_line(rng):
    theta, x, t = points(rng, 2)
    return x, t, theta, 0.1 * rate(rng), size(rng, 0, 6)


# --- 02 -------------------------------------------------------------------------------------


def circuit(rng):
    """A random circuit; values may be used never, once or often; any node may come last."""
    inputs = [f"x{i}" for i in range(size(rng, 1, 4))]
    nodes, names = [], list(inputs)
    for i in range(size(rng, 1, 7)):
        operation = str(rng.choice(["+", "-", "*", "sigma"]))
        count = {"+": size(rng, 2, 5), "sigma": 1}.get(operation, 2)
        name = str(rng.choice(["n", "y", "a", "z"])) + str(i)
        nodes.append((name, operation, [str(s) for s in rng.choice(names, count)]))
        names.append(name)
    start = {name: number(rng) for name in inputs}
    sigma, sigma_prime = circuits.curve(rng)
    values = dict(start)
    for name, operation, sources in nodes:
        a = [values[s] for s in sources]
        made = {"+": sum(a), "-": a[0] - a[-1], "*": a[0] * a[-1], "sigma": float(sigma(a[0]))}
        values[name] = made[operation]
    return nodes, start, values, sigma, sigma_prime


def forward(rng):
    nodes, start, _, sigma, _ = circuit(rng)
    return nodes, start, sigma


def backward(rng):
    nodes, _, values, _, sigma_prime = circuit(rng)
    return nodes, values, sigma_prime


def ordered(rng):
    nodes = circuits.only_one_order(rng, size(rng, 1, 9))
    return ([nodes[i] for i in rng.permutation(len(nodes))],)


def central(rng):
    n = size(rng)
    whole = rng.random() < 0.3
    x = rng.integers(-4, 5, n) if whole else numbers(rng, n)
    return circuits.cubic(rng, n), x, float(rng.choice([1e-4, 0.01, 0.3, 1.0, 2.0]))


def paths(rng):
    """Functions that are no parabolas, so that places and signs show."""
    a, b = number(rng), number(rng)
    made = []
    for shift in (0.0, 1.0):
        made.append((lambda x, s=shift: np.sin(a * x + s), lambda x, s=shift: np.cos(b * x - s)))
    (g, g_prime), (h, h_prime) = made
    return g, h, g_prime, h_prime


def two_paths(rng):
    g, h, g_prime, h_prime = paths(rng)
    c = number(rng)
    return (
        number(rng),
        g,
        h,
        g_prime,
        h_prime,
        lambda x, y: np.cos(c * x - y),
        lambda x, y: x * y - c,
    )


def one_path(rng):
    g, _, g_prime, h_prime = paths(rng)
    return number(rng), g, g_prime, h_prime


def four(rng):
    return tuple(number(rng) for _ in range(4))


# --- 03 -------------------------------------------------------------------------------------


def any_shape(rng):
    shape = [(), (1,), (size(rng),), (size(rng), size(rng)), (2, 2, 3)][size(rng, 0, 4)]
    z = numbers(rng, *shape) * rng.choice([1.0, 1.0, 30.0, 1000.0])
    return float(z) if shape == () else z


def activation(rng):
    z = numbers(rng, *[(size(rng),), (size(rng), size(rng)), (2, 2, 3)][size(rng, 0, 2)])
    return str(rng.choice(["tanh", "relu"])), np.where(z == 0, 0.7, z)


def cross_entropy(rng):
    N = size(rng)
    y = np.round(fractions(rng, N), 3)
    t = targets(rng, N)
    certain = rng.random(N) < rng.choice([0.0, 0.4, 1.0])
    return np.where(certain, t, np.clip(y, 0.001, 0.999)), t


def logistic(rng):
    n, N = size(rng), size(rng)
    return small(rng, n), 0.3 * number(rng), numbers(rng, n, N) * 0.5, targets(rng, N)


def regression(rng):
    w, b, X, t = logistic(rng)
    return X, t, w, b, 0.3 * rate(rng), size(rng, 0, 6)


def scores(rng):
    shape = [(size(rng),), (size(rng), size(rng))][size(rng, 0, 1)]
    level = rng.choice([0.0, 0.0, 1000.0, -1000.0])
    return numbers(rng, *shape) * rng.choice([1.0, 1.0, 100.0]) + level


def softmax_backward(rng):
    n, N = size(rng), size(rng)
    y, grad = columns(rng, n, N), numbers(rng, n, N)
    return (y[:, 0], grad[:, 0]) if rng.random() < 0.3 else (y, grad)


def softmax_cross_entropy(rng):
    n, N = size(rng), size(rng)
    z, t = numbers(rng, n, N), np.eye(n)[:, rng.integers(n, size=N)]
    if rng.random() < 0.3:
        z = z + rng.choice([100.0, 1000.0]) * t
    return z, t


# --- 04 -------------------------------------------------------------------------------------


def layer(rng):
    return size(rng), size(rng), size(rng)


def weighted_sums(rng):
    m, n, N = layer(rng)
    return numbers(rng, m, n), numbers(rng, m, 1), numbers(rng, n, N)


def dz_dw(rng):
    m, n, _ = layer(rng)
    return numbers(rng, m, n), numbers(rng, n)


def hidden_weights(rng):
    m, p, d = layer(rng)
    t, o, h = (
        targets(rng, m) if rng.random() < 0.5 else fractions(rng, m),
        *(fractions(rng, k) for k in (m, p)),
    )
    return t, o, numbers(rng, m, p), h, numbers(rng, d)


def output_weights(rng):
    t, o, _, h, _ = hidden_weights(rng)
    return t, o, h


def neuron_fan(rng):
    k = size(rng)
    return float(rng.uniform(0, 0.25)), numbers(rng, k), numbers(rng, k)


def output_sensitivity(rng):
    m, _, N = layer(rng)
    return numbers(rng, m, N) * rng.choice([1.0, 1.0, 1000.0]), targets(rng, m, N)


def hidden_sensitivity(rng):
    m, p, N = layer(rng)
    return numbers(rng, m, p), numbers(rng, m, N), numbers(rng, p, N)


def layer_backward(rng):
    m, n, N = layer(rng)
    return numbers(rng, m, n), fractions(rng, n, N), numbers(rng, m, N)


def gradient_step(rng):
    d, p, m, N = (size(rng, 1, 5) for _ in range(4))
    network = small(rng, p, d), numbers(rng, p, 1), small(rng, m, p), numbers(rng, m, 1)
    return *network, numbers(rng, d, N), targets(rng, m, N), rate(rng)


def classical(rng):
    return small(rng, 4, 3), numbers(rng, 4), numbers(rng, 3), number(rng)


# --- 05 -------------------------------------------------------------------------------------


def plan(rng):
    L = size(rng, 1, 5)
    sizes = [size(rng, 1, 5) for _ in range(L + 1)]
    if rng.random() < 0.3:
        sizes = [sizes[0]] * (L + 1)
    return sizes, [str(rng.choice(layers.EVERY_ACTIVATION)) for _ in range(L)], size(rng, 1, 6)


def network(rng):
    sizes, names, N = plan(rng)
    W = [None, *(small(rng, n, m) for m, n in pairwise(sizes))]
    b = [None, *(small(rng, n, 1) for n in sizes[1:])]
    return W, b, [None, *names], numbers(rng, sizes[0], N), numbers(rng, sizes[-1], N)


def passed(rng):
    """W, Z, A, T and activations as after a forward pass."""
    W, b, names, X, T = network(rng)
    Z, A = [None], [X]
    for weights, bias, name in zip(W[1:], b[1:], names[1:], strict=True):
        Z.append(weights @ A[-1] + bias)
        A.append(layers.activated(name, Z[-1]))
    return W, Z, A, T, names


def hidden_delta(rng):
    m, n, N = layer(rng)
    name = str(rng.choice(layers.EVERY_ACTIVATION))
    z = numbers(rng, n, N)
    return numbers(rng, m, n), numbers(rng, m, N), np.where(z == 0, 0.3, z), name


def output_delta(rng):
    _, _, z, name = hidden_delta(rng)
    return layers.activated(name, z), numbers(rng, *z.shape), z, name


def deltas(rng):
    _, _, A, _, _ = passed(rng)
    return [None, *(numbers(rng, *a.shape) for a in A[1:])], A


def update_all(rng):
    W, b, _, _, _ = network(rng)
    alike = [[None, *(numbers(rng, *a.shape) for a in arrays[1:])] for arrays in (W, b)]
    return W, b, *alike, rate(rng)


def block(rng):
    if rng.random() < 0.5:
        _, _, z, name = hidden_delta(rng)
        return name, z, numbers(rng, *z.shape)
    m, n, N = layer(rng)
    return numbers(rng, m, n), numbers(rng, n, N), numbers(rng, m, N)


def blocks(rng):
    kinds = [size(rng, 1, 5)]
    for _ in range(size(rng, 1, 6)):
        name = str(rng.choice(layers.EVERY_ACTIVATION))
        kinds.append(name if rng.random() < 0.5 else size(rng, 1, 5))
    row, stages = layers.row_of_blocks(rng, kinds, size(rng, 1, 6))
    return row, stages, numbers(rng, *stages[-1].shape), rate(rng)


# --- 06 -------------------------------------------------------------------------------------


def problem(rng):
    n_0, n_1, n_2, N = (size(rng, 1, 5) for _ in range(4))
    theta = tuple(numbers(rng, *shape) for shape in xor.shapes(n_0, n_1, n_2))
    T = targets(rng, n_2, N) if rng.random() < 0.5 else fractions(rng, n_2, N)
    return theta, numbers(rng, n_0, N), T


def xor_step(rng):
    theta, _, _ = problem(rng)
    return theta, tuple(numbers(rng, *a.shape) for a in theta), rate(rng)


def train_xor(rng):
    steps = size(rng, 0, 6)
    keep = rng.permutation(steps + 1)[: size(rng, 0, steps + 1)]
    return *problem(rng), rate(rng), steps, [int(k) for k in sorted(keep)]


def stuck_starts(rng):
    """Any share of wrong answers, also in the first and the last start."""
    starts, N = size(rng, 1, 12), size(rng, 1, 6)
    T = targets(rng, 1, N)
    wrong = rng.random((starts, N)) < rng.choice([0.0, 0.1, 0.3, 0.6, 1.0], (starts, 1))
    distance = rng.uniform(0.01, 0.49, (starts, N))
    return 0.5 + distance * np.where((T > 0.5) != wrong, 1, -1), T


def random_batch(rng):
    n_0, n_2, N = layer(rng)
    return numbers(rng, n_0, N), numbers(rng, n_2, N), size(rng, 1, N), int(rng.integers(1000))


def train_until(rng):
    """Any threshold: reached at once, on the way, or never; losses that rise again."""
    truth = rng.normal(size=2)
    functions = xor.batches(int(rng.integers(1000)), truth), xor.curved_loss, xor.curved_slopes
    threshold = float(10.0 ** rng.uniform(-3, 1))
    return rng.normal(size=2), *functions, xor.careful_update, threshold, size(rng, 1, 25)


# --- 07 -------------------------------------------------------------------------------------


def accuracy(rng):
    n, N = size(rng, 2, 6), size(rng, 1, 12)
    Y = rng.dirichlet(np.full(n, rng.choice([0.3, 3.0])), N).T
    if rng.random() < 0.3:  # outputs need not sum to 1, nor be positive
        Y = rng.normal(size=(n, N))
    right = rng.random(N) < rng.choice([0.0, 0.5, 0.9, 1.0])
    return Y, np.where(right, Y.argmax(axis=0), rng.integers(n, size=N))


def examples(rng):
    N = size(rng, 1, 12)
    return numbers(rng, 3, N), numbers(rng, 2, N), rng.permutation(N)


def sgd_epoch(rng):
    X, T, order = examples(rng)
    visited = order[: size(rng, 1, len(order))]
    return practice.pull(rate(rng)), numbers(rng, 4), X, T, rate(rng), visited


def shuffled_batches(rng):
    X, T, order = examples(rng)
    return X, T, size(rng, 1, len(order)), order


def minibatch_epoch(rng):
    X, T, batch_size, order = shuffled_batches(rng)
    ways = practice.pull(rate(rng)), practice.shrinking_step(rate(rng))
    return *ways, numbers(rng, 4), X, T, batch_size, order


def momentum_step(rng):
    n = size(rng, 0, 5)
    arrays = (numbers(rng, n) if n else number(rng) for _ in range(3))
    return *arrays, rate(rng), float(rng.uniform(0, 1))


def rmsprop_step(rng):
    n = size(rng)
    before = np.abs(numbers(rng, n)) * rng.choice([0.0, 1.0, 1e-4])
    ways = rate(rng), float(rng.uniform(0, 1)), float(rng.choice([1e-8, 0.01, 1.0]))
    return numbers(rng, n), before, numbers(rng, n), *ways


def newton_step(rng):
    n = size(rng, 1, 5)
    signs = rng.choice([-1.0, 1.0], n)
    return numbers(rng, n), numbers(rng, n), practice.symmetric(rng, signs)


def initial_network(rng):
    sizes = [size(rng, 1, 6) for _ in range(size(rng, 2, 5))]
    return sizes, str(rng.choice(["uniform", "glorot", "he"])), int(rng.integers(1000))


def delta_sizes(rng):
    sizes, _, N = plan(rng)
    W = [None, *(numbers(rng, n, m) for m, n in pairwise(sizes))]
    slopes = [None, *(fractions(rng, n, N) for n in sizes[1:])]
    return W, slopes, numbers(rng, sizes[-1], N)


def stop_reason(rng):
    """Each rule may hold or not, alone or with others; no two numbers are equal."""
    losses = rng.uniform(0.1, 5, size(rng, 1, 9))
    if rng.random() < 0.4:
        losses = np.sort(losses)[::-1]
    n = size(rng)
    before, step = rng.normal(size=n) * rng.choice([0.1, 1, 30]), rng.normal(size=n)
    step *= 10.0 ** rng.uniform(-2, 2) / np.linalg.norm(step)
    epsilon = float(np.linalg.norm(step) * rng.choice([0.1, 0.5, 0.8, 1.3, 2.0, 10.0]))
    threshold = float(losses[-1] * rng.choice([0.5, 0.9, 0.9, 0.9, 1.1, 1.5]))
    return losses.tolist(), before, before + step, threshold, epsilon, size(rng, 1, 6)


INPUTS = {
    "count_candidates": lambda rng: (size(rng, 1, 40), size(rng, 1, 40)),
    "predict": lambda rng: (momentum_step(rng)[0], number(rng)),
    "sum_of_squares": lambda rng: points(rng, 0),
    "best_candidate": best_candidate,
    "slope": lambda rng: points(rng, 0),
    "descent_step": lambda rng: (*momentum_step(rng)[:2], rate(rng)),
    "descend": descend,
    "mean_squared_error": lambda rng: points(rng, 2),
    "line_gradient": lambda rng: points(rng, 2),
    "predicted_change": lambda rng: (*neuron_fan(rng)[1:], rate(rng)),
    "steepest_direction": lambda rng: (numbers(rng, size(rng)) * rng.choice([0.0, 1.0, 1.0]),),
    "fit_line": fit_line,
    "weighted_circuit_gradient": four,
    "central_difference": central,
    "one_path": one_path,
    "activation_circuit_gradient": lambda rng: (*four(rng), circuits.curve(rng)[1]),
    "two_paths": two_paths,
    "many_paths": lambda rng: neuron_fan(rng)[1:],
    "multiple_paths_gradient": lambda rng: (*four(rng), circuits.curve(rng)[1]),
    "topological_order": ordered,
    "circuit_forward": forward,
    "circuit_backward": backward,
    "sigmoid": lambda rng: (any_shape(rng),),
    "sigmoid_prime": lambda rng: (any_shape(rng),),
    "activation_and_slope": activation,
    "sigmoid_neuron": lambda rng: (*four(rng)[:3], float(rng.uniform())),
    "binary_cross_entropy": cross_entropy,
    "logistic_gradient": logistic,
    "logistic_regression": regression,
    "softmax": lambda rng: (scores(rng),),
    "softmax_backward": softmax_backward,
    "softmax_cross_entropy": softmax_cross_entropy,
    "weighted_sums": weighted_sums,
    "dz_dw": dz_dw,
    "backward_neuron": neuron_fan,
    "output_weights_gradient": output_weights,
    "hidden_weights_gradient": hidden_weights,
    "output_sensitivity": output_sensitivity,
    "hidden_sensitivity": hidden_sensitivity,
    "layer_backward": layer_backward,
    "gradient_step": gradient_step,
    "classical_backward": classical,
    "forward_pass": lambda rng: network(rng)[:4],
    "output_delta": output_delta,
    "hidden_delta": hidden_delta,
    "all_deltas": passed,
    "all_gradients": deltas,
    "update_all": update_all,
    "block_backward": block,
    "train_blocks": blocks,
    "network_gradients": network,
    "take_steps": lambda rng: (*network(rng), 0.1 * rate(rng), size(rng, 0, 5)),
    "xor_forward": lambda rng: problem(rng)[:2],
    "xor_loss": problem,
    "xor_gradients": problem,
    "xor_step": xor_step,
    "train_xor": train_xor,
    "random_start": lambda rng: (*layer(rng), xor.table_of(int(rng.integers(1000)))),
    "stuck_starts": stuck_starts,
    "random_batch": random_batch,
    "train_until": train_until,
    "accuracy": accuracy,
    "sgd_epoch": sgd_epoch,
    "shuffled_batches": shuffled_batches,
    "minibatch_epoch": minibatch_epoch,
    "momentum_step": momentum_step,
    "rmsprop_step": rmsprop_step,
    "newton_step": newton_step,
    "initial_network": initial_network,
    "delta_sizes": delta_sizes,
    "stop_reason": stop_reason,
}
