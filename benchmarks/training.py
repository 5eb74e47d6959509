"""Time of a training step of `course.training`, divided by that of others, and of an ensemble.

    make .venv-bench/installed
    .venv-bench/bin/python benchmarks/training.py [--rounds 9] [--picture docs/benchmarks.png]

All train the same network from the same weights on the same batch in this process, in turn, round
after round; a ratio compares tenth percentiles. Each ends with the loss that `network.train` ends
with, or the benchmark fails. Compilation happens before the clock starts.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import autograd
import autograd.numpy as anp
import jax
import jax.numpy as jnp
import numpy as np
import torch
from matplotlib.figure import Figure
from micrograd.engine import Value
from sklearn.neural_network import MLPRegressor

from course import network, training
from course.activations import sigmoid
from course.datasets import xor
from course.ensemble import train_many
from course.losses import squared_error

jax.config.update("jax_enable_x64", True)
RATE = 1e-3
#: units of each layer, examples in the batch, steps in a round
NETWORKS = {
    "2-2-1, 4": ((2, 2, 1), 4, 500),
    "64-32-10, 128": ((64, 32, 10), 128, 100),
    "784-128-10, 128": ((784, 128, 10), 128, 20),
    "ten layers of 64, 128": ((64,) * 11, 128, 20),
    "1024-1024-1024-10, 256": ((1024, 1024, 1024, 10), 256, 2),
}


def problem(n: tuple[int, ...], N: int, dtype: type) -> tuple:
    """W, b, X and T of a network with n[l] units in layer l, and N examples."""
    rng = np.random.default_rng(0)
    pairs = list(zip(n[1:], n, strict=False))
    W = [None] + [(rng.normal(size=pair) / np.sqrt(pair[1])).astype(dtype) for pair in pairs]
    b = [None] + [rng.normal(0, 0.1, (n_out, 1)).astype(dtype) for n_out, _ in pairs]
    return W, b, rng.normal(size=(n[0], N)).astype(dtype), rng.random((n[-1], N)).astype(dtype)


# Each of these returns a call without arguments that trains some steps and returns the loss before
# the last step, so that nobody computes it just for the comparison.


def ours(W, b, X, T, steps):
    kinds = [None] + [sigmoid] * (len(W) - 1)
    return lambda: training.train(W, b, kinds, X, T, squared_error, RATE, steps)[2][-2]


def plain(W, b, X, T, steps):
    kinds = [None] + [sigmoid] * (len(W) - 1)
    return lambda: network.train(W, b, kinds, X, T, squared_error, RATE, steps)[2][-2]


def products_alone(W, b, X, T, steps):
    """The matrix products of a step, with the column of biases, and nothing else: the floor."""
    N, L = X.shape[1], len(W) - 1
    layers = [None] + [np.ascontiguousarray(np.hstack([W[i], b[i]]).T) for i in range(1, L + 1)]
    A = [np.ones((len(X) + 1, N), X.dtype)] + [np.ones((len(w) + 1, N), X.dtype) for w in W[1:]]
    delta = [None] + [np.ones((len(w), N), X.dtype) for w in W[1:]]
    gradient = [None] + [np.empty_like(layer) for layer in layers[1:]]

    def run():
        for _ in range(steps):
            for i in range(1, L + 1):
                layers[i].T.dot(A[i - 1], A[i][:-1])
            for i in range(L, 0, -1):
                A[i - 1].dot(delta[i].T, gradient[i])
                if i > 1:
                    layers[i][:-1].dot(delta[i], delta[i - 1])

    return run


def torch_tensors(W, b, X, T):
    return [torch.tensor(part) for part in (*W[1:], *b[1:], X, T)], len(W) - 1


def torch_loss(parameters, L, X, T):
    a = X
    for i in range(L):
        a = torch.sigmoid(parameters[i] @ a + parameters[L + i])
    return ((a - T) ** 2).sum() / 2


def torch_eager(W, b, X, T, steps, compiled=False):
    (*start, X, T), L = torch_tensors(W, b, X, T)
    loss_of = torch.compile(torch_loss) if compiled else torch_loss

    def run():
        parameters = [part.clone().requires_grad_() for part in start]
        optimizer = torch.optim.SGD(parameters, lr=RATE)
        for _ in range(steps):
            optimizer.zero_grad()
            loss = loss_of(parameters, L, X, T)
            loss.backward()
            optimizer.step()
        return float(loss.detach())

    return run


def torch_compiled(W, b, X, T, steps):
    return torch_eager(W, b, X, T, steps, compiled=True)


def torch_by_hand(W, b, X, T, steps):
    """The lecture's formulas, in place."""
    (*start, X, T), L = torch_tensors(W, b, X, T)
    W0, b0 = start[:L], start[L:]
    A = [X] + [torch.empty(len(w), X.shape[1], dtype=X.dtype) for w in W0]

    @torch.no_grad()
    def run():
        W, b = [w.clone() for w in W0], [c.clone() for c in b0]
        for _ in range(steps):
            for i in range(L):
                torch.addmm(b[i], W[i], A[i], out=A[i + 1]).sigmoid_()
            error = A[L] - T
            loss = torch.dot(error.view(-1), error.view(-1)) / 2
            delta = error.mul_(A[L]).mul_(1 - A[L])
            for i in range(L - 1, -1, -1):
                before = W[i].T @ delta if i else None
                W[i].addmm_(delta, A[i].T, alpha=-RATE)
                b[i].sub_(delta.sum(1, keepdim=True), alpha=RATE)
                if i:
                    delta = before.mul_(A[i]).mul_(1 - A[i])
        return float(loss)

    return run


def jax_step(parameters, X, T):
    def loss_of(parameters):
        a = X
        for w, c in zip(*parameters, strict=True):
            a = jax.nn.sigmoid(w @ a + c)
        return ((a - T) ** 2).sum() / 2

    loss, gradient = jax.value_and_grad(loss_of)(parameters)
    return jax.tree.map(lambda p, g: p - RATE * g, parameters, gradient), loss


def jax_loop(W, b, X, T, steps):
    start = jax.tree.map(jnp.asarray, (W[1:], b[1:]))
    whole = jax.jit(
        lambda p, X, T: jax.lax.scan(lambda q, _: jax_step(q, X, T), p, None, length=steps)[1][-1]
    )
    return lambda: float(whole(start, X, T))


def jax_call_a_step(W, b, X, T, steps):
    start, one = jax.tree.map(jnp.asarray, (W[1:], b[1:])), jax.jit(jax_step)

    def run():
        parameters = start
        for _ in range(steps):
            parameters, loss = one(parameters, X, T)
        return float(loss)

    return run


def with_autograd(W, b, X, T, steps):
    L = len(W) - 1

    def loss_of(parameters):
        a = X
        for i in range(L):
            a = 1 / (1 + anp.exp(-(anp.dot(parameters[i], a) + parameters[L + i])))
        return anp.sum((a - T) ** 2) / 2

    both = autograd.value_and_grad(loss_of)

    def run():
        parameters = [*W[1:], *b[1:]]
        for _ in range(steps):
            loss, gradient = both(parameters)
            parameters = [p - RATE * g for p, g in zip(parameters, gradient, strict=True)]
        return float(loss)

    return run


def with_micrograd(W, b, X, T, steps):
    """One number at a time; σ(z) from the powers and e^z that micrograd has, as (1 + e^−z)^−1."""

    def exp(z):
        out = Value(np.exp(z.data), (z,), "exp")
        out._backward = lambda: setattr(z, "grad", z.grad + out.data * out.grad)
        return out

    def run():
        layers = [
            [([Value(w) for w in row], Value(c)) for row, c in zip(w, c[:, 0], strict=True)]
            for w, c in zip(W[1:], b[1:], strict=True)
        ]
        for _ in range(steps):
            loss = Value(0.0)
            for x, t in zip(X.T, T.T, strict=True):
                a = [Value(v) for v in x]
                for layer in layers:
                    sums = [
                        sum((w * v for w, v in zip(row, a, strict=True)), c) for row, c in layer
                    ]
                    a = [(exp(-z) + 1) ** -1 for z in sums]
                loss = loss + sum((y - v) ** 2 for y, v in zip(a, t, strict=True)) * 0.5
            every = [p for layer in layers for row, c in layer for p in (*row, c)]
            for p in every:
                p.grad = 0.0
            loss.backward()
            for p in every:
                p.data -= RATE * p.grad
        return float(loss.data)

    return run


def scikit_learn(W, b, X, T, steps):
    """MLPRegressor; its output is linear and its loss a mean, so its loss is not compared."""
    hidden = tuple(len(w) for w in W[1:-1])
    model = MLPRegressor(
        hidden_layer_sizes=hidden,
        activation="logistic",
        solver="sgd",
        learning_rate_init=RATE,
        momentum=0,
        alpha=0,
        batch_size=X.shape[1],
        shuffle=False,
    )
    inputs, targets = X.T.copy(), T.T.copy()
    targets = targets[:, 0] if targets.shape[1] == 1 else targets

    def run():
        for _ in range(steps):
            model.partial_fit(inputs, targets)

    return run


OTHERS = {
    "plain `network.train`": plain,
    "torch eager": torch_eager,
    "torch.compile": torch_compiled,
    "torch by hand": torch_by_hand,
    "JAX, a call a step": jax_call_a_step,
    "JAX, whole loop": jax_loop,
    "autograd": with_autograd,
    "scikit-learn": scikit_learn,
    "products alone": products_alone,
}


def interleaved(calls: dict[str, Callable], rounds: int) -> dict[str, float]:
    """The tenth percentile of the seconds that each call takes, all of them in turn."""
    seconds = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            before = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - before)
    return {name: float(np.quantile(taken, 0.1)) for name, taken in seconds.items()}


def compare(n: tuple, N: int, steps: int, dtype: type, rounds: int) -> dict[str, float]:
    """Our time divided by that of each other, for one network."""
    data = problem(n, N, dtype)
    others = OTHERS | ({"micrograd": with_micrograd} if n == (2, 2, 1) else {})
    steps_of = {"micrograd": 20} if n == (2, 2, 1) else {}
    calls = {
        name: make(*data, steps_of.get(name, steps))
        for name, make in ({"ours": ours} | others).items()
    }
    for name, call in calls.items():  # compiles, and shows that all do the same
        loss = call()
        if loss is not None:
            right = plain(*data, steps_of.get(name, steps))()
            if not np.isclose(loss, right, rtol=1e-3 if dtype is np.float32 else 1e-8):
                sys.exit(f"{name} ends with a loss of {loss}, network.train with {right}")
    taken = interleaved(calls, rounds)
    per_step = {name: taken[name] / steps_of.get(name, steps) for name in taken}
    return {name: per_step["ours"] / per_step[name] for name in others}


def ensemble(rounds: int, K: int = 100, steps: int = 10_000) -> dict[str, float]:
    """Time of one after another, and of JAX's vmap over the whole loop, by that of train_many."""
    rng, (X, T), kinds = np.random.default_rng(0), xor(), [None, sigmoid, sigmoid]
    W = [None, rng.uniform(-1, 1, (K, 2, 2)), rng.uniform(-1, 1, (K, 1, 2))]
    b = [None, rng.uniform(-1, 1, (K, 2, 1)), rng.uniform(-1, 1, (K, 1, 1))]
    alone = [[[None, *(s[k] for s in part[1:])] for part in (W, b)] for k in range(K)]
    whole = jax.jit(
        jax.vmap(lambda p: jax.lax.scan(lambda q, _: jax_step(q, X, T), p, None, length=steps)[0])
    )
    start = jax.tree.map(jnp.asarray, (W[1:], b[1:]))
    jax.block_until_ready(whole(start))
    taken = interleaved(
        {
            "ours": lambda: train_many(W, b, kinds, X, T, RATE, steps),
            # a tenth of the networks: one after another, the time is that of each
            "one": lambda: [
                training.train(*pair, kinds, X, T, squared_error, RATE, steps)
                for pair in alone[: K // 10]
            ],
            "jax": lambda: jax.block_until_ready(whole(start)),
        },
        rounds,
    )
    return {
        "times as fast as one after another": 10 * taken["one"] / taken["ours"],
        "times the time of JAX's vmap": taken["ours"] / taken["jax"],
    }


def main() -> None:
    """Print the tables as Markdown; draw the first if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--picture", help="where to draw the first table")
    chosen = parser.parse_args()
    found = {}
    for name, (n, N, steps) in NETWORKS.items():
        for dtype in (np.float64, np.float32):
            found[f"{name}, {dtype.__name__}"] = compare(n, N, steps, dtype, chosen.rounds)
            print(f"{name}, {dtype.__name__} measured", file=sys.stderr)
    names = [*OTHERS, "micrograd"]
    print("## A training step: time of `course.training` divided by time of the other\n")
    versions = f"NumPy {np.__version__}, torch {torch.__version__}, JAX {jax.__version__}"
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    print(
        f"Below 1, `course.training` is the faster. {versions}, {torch.get_num_threads()} threads;"
    )
    print(f"NumPy multiplies matrices by {blas['name']} {blas['version']}, which decides what the")
    print("two largest networks take.")
    print(
        "Sigmoid, squared error; the same loss at the end, except for scikit-learn, whose network"
    )
    print(f"ends without a sigmoid. Tenth percentile of {chosen.rounds} interleaved rounds.\n")
    print("| network, batch, dtype | " + " | ".join(names) + " |")
    print("|---|" + "---|" * len(names))
    for row, ratios in found.items():
        cells = (f"{ratios[name]:.2g}" if name in ratios else "" for name in names)
        print(f"| {row} | " + " | ".join(cells) + " |")
    print("\n## A hundred starts of XOR at once, 10,000 steps\n")
    for what, ratio in ensemble(max(3, chosen.rounds // 3)).items():
        print(f"- `train_many`: {ratio:.1f} {what}")
    if chosen.picture:
        draw(found, names, chosen.picture)


def draw(found: dict[str, dict[str, float]], names: list[str], path: str) -> None:
    """A dot per ratio, on a logarithmic scale."""
    figure = Figure(figsize=(8.2, 5), layout="constrained")
    axes = figure.subplots()
    for mark, name in zip("osD^v<>PX*", names, strict=True):
        rows = [i for i, ratios in enumerate(found.values()) if name in ratios]
        ratios = [list(found.values())[i][name] for i in rows]
        axes.plot(ratios, rows, mark, label=name.replace("`", ""), markersize=6)
    axes.axvline(1, color="grey")
    axes.set_yticks(range(len(found)), found)
    axes.invert_yaxis()
    axes.set(
        xscale="log", xlabel="time of course.training ÷ time of the other (left: we are faster)"
    )
    figure.legend(loc="outside upper center", ncol=5, fontsize=8)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
