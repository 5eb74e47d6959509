"""Many small networks trained at once: the numbers of training.train for each, in one computation.

Where a network has two hidden units, a call to NumPy takes longer than its arithmetic. Here one
call serves K networks: every array has a last axis for them, along which the memory runs, and the
products are sums over the other axes. Everything else is as in training.py.
"""
# ruff: noqa: E741  (l is the layer, as in network.py)

from functools import partial

import numpy as np
from numpy import ndarray

from course.activations import identity, relu, sigmoid, tanh
from course.network import Activations, Layers, check_network, check_targets
from course.training import BACKWARD, FORWARD, Operations, calls, descend, known, sign

#: Entry by entry, so a further axis makes no difference to them.
ALLOWED = {activation: FORWARD[activation] for activation in (identity, sigmoid, tanh, relu)}


def train_many(
    W: Layers,
    b: Layers,
    activations: Activations,
    X: ndarray,
    T: ndarray,
    learning_rate: float,
    steps: int,
) -> tuple[Layers, Layers, ndarray]:
    """Full-batch gradient descent on the squared error, for K networks from K starts.

    W[l] is (K, n_l, n_(l−1)) and b[l] (K, n_l, 1), given and returned; X and T are those of
    network.py and serve every network. The losses are (steps + 1, K). All is float64.
    Worth it for small networks: from some 30 units a layer on, train one after another is faster.

    Raises ValueError for shapes that do not fit together, and for an activation that works on whole
    columns, as softmax does, or is your own.
    """
    stacks = [np.asarray(stack, float) for stack in (*W[1:], *b[1:])]
    if len({np.shape(stack)[:1] for stack in stacks}) > 1 or {stack.ndim for stack in stacks} != {
        3
    }:
        raise ValueError(
            "for K networks each W[l] is (K, n_l, n_(l−1)) and each b[l] (K, n_l, 1), but the "
            f"shapes are {[stack.shape for stack in stacks]}"
        )
    L, K = len(W) - 1, len(stacks[0])
    check_network(*([None] + [stack[0] for stack in part[1:]] for part in (W, b)), activations, X)
    check_targets(T, L, (stacks[L - 1].shape[1], np.shape(X)[1]))
    for l in range(1, L + 1):
        known(activations[l], ALLOWED, f"layer {l}: the activation")

    Wb = [None]  # each (n_l, n_(l−1) + 1, K)
    for l in range(1, L + 1):
        layer = np.moveaxis(np.concatenate([W[l], b[l]], axis=2, dtype=float), 0, -1)
        Wb.append(np.multiply(layer, sign(activations[l]), order="C"))
    forward_pass, backward_pass, loss_now = passes(Wb, activations, X, T, learning_rate)
    losses = np.empty((steps + 1, K))
    descend(forward_pass, backward_pass, loss_now, losses)
    layers = [None] + [sign(activations[l]) * np.moveaxis(Wb[l], -1, 0) for l in range(1, L + 1)]
    W = [None] + [layer[..., :-1].copy() for layer in layers[1:]]
    b = [None] + [layer[..., -1:].copy() for layer in layers[1:]]
    return W, b, losses


def passes(
    Wb: Layers, activations: Activations, X: ndarray, T: ndarray, learning_rate: float
) -> tuple[list[partial], list[partial], ndarray]:
    """As training.prepare: the passes, which work on Wb, and the losses of all networks now."""
    L, K, N = len(Wb) - 1, Wb[1].shape[-1], X.shape[1]
    A = [np.ones((len(X) + 1, N))] + [np.ones((len(layer) + 1, N, K)) for layer in Wb[1:]]
    A[0][:-1] = X
    axes = ["in"] + ["ink"] * L  # the input is the same for every network
    delta = [None] + [np.empty((len(layer), N, K)) for layer in Wb[1:]]
    gradient = [None] + [np.empty_like(layer) for layer in Wb[1:]]
    targets = np.repeat(np.asarray(T, float)[..., None], K, axis=2)
    y, loss_now, half, rate = A[L][:-1], np.empty(K), np.array(0.5), np.array(float(learning_rate))

    forward_pass: Operations = []
    for l in range(1, L + 1):
        a = A[l][:-1]
        forward_pass += [(product, f"jik,{axes[l - 1]}->jnk", Wb[l], A[l - 1], a)]
        forward_pass += FORWARD[activations[l]](a)
    forward_pass += [
        (np.subtract, y, targets, delta[L]),
        (product, "jnk,jnk->k", delta[L], delta[L], loss_now),
        (np.multiply, half, loss_now, loss_now),
    ]
    backward_pass: Operations = [(np.multiply, rate, delta[L], delta[L])]
    backward_pass += BACKWARD[activations[L]](y, delta[L])
    for l in range(L, 0, -1):
        backward_pass += [(product, f"jnk,{axes[l - 1]}->jik", delta[l], A[l - 1], gradient[l])]
        if l > 1:
            backward_pass += [(product, "jik,jnk->ink", Wb[l][:, :-1], delta[l], delta[l - 1])]
            backward_pass += BACKWARD[activations[l - 1]](A[l - 1][:-1], delta[l - 1])
        backward_pass += [(np.subtract, Wb[l], gradient[l], Wb[l])]
    return calls(forward_pass), calls(backward_pass), loss_now


def product(axes: str, x: ndarray, y: ndarray, out: ndarray) -> None:
    """A sum of products over the axes that the result does not have.

    einsum may take two buffers of 64 KB for the call, however large the arrays are.
    """
    np.einsum(axes, x, y, out=out)  # wants its out by name
