"""The fast training loop: the numbers of network.py, with no array made during a step.

A plain step of a small network makes dozens of arrays, and making them takes longer than the
arithmetic. Here all arrays are made once, and a step is a list of operations that write into them.
What keeps that list short:

- b[l] is the weight w_j0 of an input that is always 1 (as SKKU writes it): layer l is one matrix
  [W b], and each A carries a last row of ones. It is kept transposed: Wᵀ, which the backward pass
  needs, is then one piece of memory, and np.dot copies whatever is not;
- all parameters lie in one vector and all gradients in another: one update serves every layer;
- a overwrites z, since each activation's derivative can be had from a.

An operation is a tuple: a function, its arguments, and last the array that receives the result
(np.maximum.reduce alone has keepdims after it). Constants are arrays without axes, because numpy
turns a plain number into a new array at every call.
"""
# ruff: noqa: E741  (l is the layer, as in network.py)

from functools import partial

import numpy as np
from numpy import ndarray

from course.activations import identity, relu, sigmoid, softmax, tanh
from course.losses import FUSED, Loss, binary_cross_entropy, cross_entropy, squared_error
from course.network import Activations, Layers, deltas, forward

Operations = list[tuple]


def train(
    W: Layers,
    b: Layers,
    activations: Activations,
    X: ndarray,
    T: ndarray,
    loss: Loss,
    learning_rate: float,
    steps: int,
) -> tuple[Layers, Layers, ndarray]:
    """Full-batch gradient descent: the trained W and b, and the losses on the way.

    Shapes as in network.py; the loss is the sum over examples; W and b are left as they are.
    losses[k] is the loss after k steps: steps + 1 entries, from the given weights to the returned.
    All is computed in the dtype that numpy gives W, b and X together, float32 if all three are.
    A run that diverges ends in inf or nan, as the plain loop does.

    Raises ValueError as network.py and losses.py do, and for an activation or loss of your own.
    """
    layers, loss_now, forward_pass, backward_pass = prepare(
        W, b, activations, X, T, loss, learning_rate
    )
    losses = np.empty(steps + 1, loss_now.dtype)
    # In a saturated sigmoid exp(-z) overflows to inf, and 1 / (1 + inf) is the 0 that is wanted.
    with np.errstate(over="ignore"):
        for k in range(steps):
            for operation in forward_pass:
                operation()
            losses[k] = loss_now
            for operation in backward_pass:
                operation()
        for operation in forward_pass:
            operation()
        losses[steps] = loss_now
    W = [None] + [layer[:-1].T.copy() for layer in layers[1:]]
    b = [None] + [layer[-1:].T.copy() for layer in layers[1:]]
    return W, b, losses


def prepare(
    W: Layers,
    b: Layers,
    activations: Activations,
    X: ndarray,
    T: ndarray,
    loss: Loss,
    learning_rate: float,
) -> tuple[Layers, ndarray, list[partial], list[partial]]:
    """Every array of a training run, and its two passes as lists of calls without arguments.

    Returns the layers [W b]ᵀ, the loss (an array without axes), the forward pass, which fills the
    loss, and the backward pass, which updates the layers. Arguments and errors as in train.
    """
    for l in range(1, len(activations)):
        _known(activations[l], FORWARD, f"layer {l}: the activation")
    _known(loss, LOSS_VALUE, "the loss")
    Z, A = forward(W, b, activations, X)
    deltas(W, activations, Z, A, T, loss)  # with forward, refuses whatever does not fit
    L, N, dtype = len(W) - 1, A[-1].shape[1], A[-1].dtype

    Wb = [np.hstack([W[l], b[l]], dtype=dtype) for l in range(1, L + 1)]
    parameters = np.concatenate([layer.T.ravel() for layer in Wb])
    gradient = np.empty_like(parameters)
    layers, grad_layers = _as_layers(parameters, W), _as_layers(gradient, W)
    A = [np.vstack([a, np.ones((1, N))], dtype=dtype) for a in A]
    delta = [None] + [np.empty((len(W[l]), N), dtype) for l in range(1, L + 1)]
    T = np.ascontiguousarray(T, dtype)
    loss_now, rate = np.empty((), dtype), np.array(learning_rate, dtype)

    forward_pass: Operations = []
    for l in range(1, L + 1):
        a = A[l][:-1]
        forward_pass += [(np.dot, layers[l].T, A[l - 1], a)]  # z^l = [W^l b^l] [a^(l−1) 1]
        forward_pass += FORWARD[activations[l]](a)  # a^l = σ(z^l)
    y = A[L][:-1]
    if loss is not squared_error and activations[L] not in (sigmoid, softmax):
        forward_pass += [(_refuse_outside_0_1, loss, y, T)]
    forward_pass += LOSS_VALUE[loss](y, T, loss_now)

    backward_pass: Operations = []
    if (loss, activations[L]) in FUSED:
        backward_pass += [(np.subtract, y, T, delta[L])]
    else:
        backward_pass += LOSS_GRADIENT[loss](y, T, delta[L])
        backward_pass += BACKWARD[activations[L]](y, delta[L])
    for l in range(L, 0, -1):
        backward_pass += [(np.dot, A[l - 1], delta[l].T, grad_layers[l])]  # (δ^l aᵀ)ᵀ
        if l > 1:
            backward_pass += [(np.dot, layers[l][:-1], delta[l], delta[l - 1])]  # Wᵀ δ
            backward_pass += BACKWARD[activations[l - 1]](A[l - 1][:-1], delta[l - 1])
    backward_pass += [(np.multiply, rate, gradient, gradient)]  # θ ← θ − η∇L
    backward_pass += [(np.subtract, parameters, gradient, parameters)]
    return layers, loss_now, _calls(forward_pass), _calls(backward_pass)


def _calls(operations: Operations) -> list[partial]:
    return [partial(*operation) for operation in operations]


def _known(part: object, table: dict, what: str) -> None:
    if part not in table:
        raise ValueError(
            f"{what} {part!r} is not one that train knows how to compute in place; use forward, "
            "deltas, gradients and step of course.network"
        )


def _as_layers(vector: ndarray, W: Layers) -> Layers:
    """The matrices [W b]ᵀ of all layers, as views of one vector."""
    layers, start = [None], 0
    for rows, columns in (W[l].shape for l in range(1, len(W))):
        end = start + rows * (columns + 1)
        layers.append(vector[start:end].reshape(columns + 1, rows))
        start = end
    return layers


def maximum(x: ndarray, y: ndarray, out: ndarray) -> None:
    np.maximum(x, y, out=out)  # wants its out by name


def spread(row: ndarray, out: ndarray) -> None:
    np.copyto(out, row)  # arithmetic between a row and a matrix would make a buffer


# Each activation: forward turns the z in array a into a; backward turns ∂L/∂a in delta into ∂L/∂z.


def identity_forward(a: ndarray) -> Operations:
    return []


def identity_backward(a: ndarray, delta: ndarray) -> Operations:
    return []


def sigmoid_forward(a: ndarray) -> Operations:
    one = np.ones((), a.dtype)
    return [(np.negative, a, a), (np.exp, a, a), (np.add, one, a, a), (np.reciprocal, a, a)]


def sigmoid_backward(a: ndarray, delta: ndarray) -> Operations:
    one, slope = np.ones((), a.dtype), np.empty_like(delta)
    return [
        (np.subtract, one, a, slope),
        (np.multiply, a, slope, slope),
        (np.multiply, slope, delta, delta),
    ]


def tanh_forward(a: ndarray) -> Operations:
    return [(np.tanh, a, a)]


def tanh_backward(a: ndarray, delta: ndarray) -> Operations:
    one, slope = np.ones((), a.dtype), np.empty_like(delta)
    return [
        (np.multiply, a, a, slope),
        (np.subtract, one, slope, slope),
        (np.multiply, slope, delta, delta),
    ]


def relu_forward(a: ndarray) -> Operations:
    return [(maximum, np.zeros((), a.dtype), a, a)]


def relu_backward(a: ndarray, delta: ndarray) -> Operations:
    slope = np.empty_like(delta)
    # The sign of a ≥ 0 is 1 where z > 0 and 0 elsewhere, in the dtype of a.
    return [(np.sign, a, slope), (np.multiply, slope, delta, delta)]


def softmax_forward(a: ndarray) -> Operations:
    column, spare = np.empty((1, a.shape[1]), a.dtype), np.empty(a.shape, a.dtype)
    ones = np.ones((len(a), len(a)), a.dtype)  # times a: the sum of each column, in every row
    return [
        (np.maximum.reduce, a, 0, None, column, True),
        (spread, column, spare),
        (np.subtract, a, spare, a),
        (np.exp, a, a),
        (np.dot, ones, a, spare),
        (np.divide, a, spare, a),
    ]


def softmax_backward(a: ndarray, delta: ndarray) -> Operations:
    product, sums = np.empty_like(delta), np.empty_like(delta)
    ones = np.ones((len(a), len(a)), a.dtype)
    return [
        (np.multiply, a, delta, product),
        (np.dot, ones, product, sums),
        (np.subtract, delta, sums, delta),
        (np.multiply, a, delta, delta),
    ]


FORWARD = {
    identity: identity_forward,
    sigmoid: sigmoid_forward,
    tanh: tanh_forward,
    relu: relu_forward,
    softmax: softmax_forward,
}
BACKWARD = {
    identity: identity_backward,
    sigmoid: sigmoid_backward,
    tanh: tanh_backward,
    relu: relu_backward,
    softmax: softmax_backward,
}


# Each loss: value puts the sum over all outputs and examples into loss; gradient puts ∂L/∂y into
# delta. tiny stands in for 0 under a logarithm or a fraction line, as in losses.py. A sum of
# products is one dot of two vectors.


def squared_error_value(y: ndarray, t: ndarray, loss: ndarray) -> Operations:
    half, error = np.full((), 0.5, y.dtype), np.empty_like(t)
    return [
        (np.subtract, y, t, error),
        (np.dot, error.ravel(), error.ravel(), loss),
        (np.multiply, half, loss, loss),
    ]


def squared_error_gradient(y: ndarray, t: ndarray, delta: ndarray) -> Operations:
    return [(np.subtract, y, t, delta)]


def binary_cross_entropy_value(y: ndarray, t: ndarray, loss: ndarray) -> Operations:
    one, tiny = np.ones((), y.dtype), np.full((), np.finfo(y.dtype).tiny, y.dtype)
    p, q, loss_of_zeros = np.empty_like(t), np.empty_like(t), np.empty_like(loss)
    return [
        (maximum, tiny, y, p),
        (np.log, p, p),
        (np.dot, t.ravel(), p.ravel(), loss),
        (np.subtract, one, y, q),
        (maximum, tiny, q, q),
        (np.log, q, q),
        (np.dot, (1 - t).ravel(), q.ravel(), loss_of_zeros),
        (np.add, loss, loss_of_zeros, loss),
        (np.negative, loss, loss),
    ]


def binary_cross_entropy_gradient(y: ndarray, t: ndarray, delta: ndarray) -> Operations:
    one, tiny = np.ones((), y.dtype), np.full((), np.finfo(y.dtype).tiny, y.dtype)
    p = np.empty_like(t)
    return [
        (maximum, tiny, y, p),
        (np.divide, t, p, p),
        (np.subtract, one, y, delta),
        (maximum, tiny, delta, delta),
        (np.divide, 1 - t, delta, delta),
        (np.subtract, delta, p, delta),
    ]


def cross_entropy_value(y: ndarray, t: ndarray, loss: ndarray) -> Operations:
    tiny, p = np.full((), np.finfo(y.dtype).tiny, y.dtype), np.empty_like(t)
    return [
        (maximum, tiny, y, p),
        (np.log, p, p),
        (np.dot, t.ravel(), p.ravel(), loss),
        (np.negative, loss, loss),
    ]


def cross_entropy_gradient(y: ndarray, t: ndarray, delta: ndarray) -> Operations:
    tiny = np.full((), np.finfo(y.dtype).tiny, y.dtype)
    return [(maximum, tiny, y, delta), (np.divide, t, delta, delta), (np.negative, delta, delta)]


LOSS_VALUE = {
    squared_error: squared_error_value,
    binary_cross_entropy: binary_cross_entropy_value,
    cross_entropy: cross_entropy_value,
}
LOSS_GRADIENT = {
    squared_error: squared_error_gradient,
    binary_cross_entropy: binary_cross_entropy_gradient,
    cross_entropy: cross_entropy_gradient,
}


def _refuse_outside_0_1(loss: Loss, y: ndarray, t: ndarray) -> None:
    if y.min() < 0 or y.max() > 1:
        loss.value(y, t)  # raises, with the reason
