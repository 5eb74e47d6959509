"""The fast training loop: the numbers of network.train, with no array made during a step.

A plain step of a small network makes dozens of arrays, and making them takes longer than the
arithmetic. Here all arrays are made once, and a step is a list of operations that write into them.
What keeps that list short:

- b[l] is the weight w_j0 of an input that is always 1 (as SKKU writes it): layer l is one matrix
  [W b], and each A carries a last row of ones. It is kept transposed: Wᵀ, which the backward pass
  needs, is then one piece of memory, and a product copies whatever is not;
- a sigmoid layer is kept as −[W b]: 1 / (1 + exp(−z)) then begins with the −z that it needs;
- all parameters lie in one vector and all gradients in another: one update serves every layer;
- the learning rate is multiplied into the output's δ, which is small, and reaches all gradients;
- a overwrites z, since each activation's derivative can be had from a; going backward, the
  derivative overwrites a.

An operation is a tuple: a function, its arguments, and last the array that receives the result
(np.maximum.reduce alone has keepdims after it). Constants are arrays without axes, because numpy
turns a plain number into a new array at every call.

Left out, since it buys less than it costs to read: the derivatives of all layers in one block (two
operations fewer, if all layers are of one kind), and the update inside the product (a BLAS can do
it, NumPy does not offer it).
"""
# ruff: noqa: E741  (l is the layer, as in network.py)

from functools import partial

import numpy as np
from numpy import ndarray

from course.activations import Activation, floating, identity, relu, sigmoid, softmax, tanh
from course.losses import FUSED, Loss, binary_cross_entropy, cross_entropy, squared_error
from course.network import Activations, Layers, check_network, check_targets

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
    descend(forward_pass, backward_pass, loss_now, losses)
    W, b = [None], [None]
    for l in range(1, len(layers)):
        W.append(np.multiply(layers[l][:-1].T, sign(activations[l]), order="C"))
        b.append(np.multiply(layers[l][-1:].T, sign(activations[l]), order="C"))
    return W, b, losses


def descend(
    forward_pass: list[partial], backward_pass: list[partial], loss_now: ndarray, losses: ndarray
) -> None:
    """The loop: fill losses, whose first axis is one longer than the number of steps."""
    steps = len(losses) - 1
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

    Returns the layers ±[W b]ᵀ, the loss (an array without axes), the forward pass, which fills the
    loss, and the backward pass, which updates the layers. Arguments and errors as in train.
    """
    check_network(W, b, activations, X)
    L, N = len(W) - 1, np.shape(X)[1]
    check_targets(T, L, (len(W[L]), N))
    for l in range(1, L + 1):
        known(activations[l], FORWARD, f"layer {l}: the activation")
    known(loss, LOSS_VALUE, "the loss")
    dtype = floating(np.empty(0, np.result_type(*W[1:], *b[1:], X))).dtype

    n = [len(X)] + [len(W[l]) for l in range(1, L + 1)]
    parameters = np.empty(sum(n[l] * (n[l - 1] + 1) for l in range(1, L + 1)), dtype)
    gradient = np.empty_like(parameters)
    layers, grad_layers = _as_layers(parameters, n), _as_layers(gradient, n)
    for l in range(1, L + 1):
        np.multiply(W[l].T, sign(activations[l]), layers[l][:-1])
        np.multiply(b[l].T, sign(activations[l]), layers[l][-1:])
    A = [np.ones((n[l] + 1, N), dtype) for l in range(L + 1)]
    A[0][:-1] = X
    delta = [None] + [np.empty((n[l], N), dtype) for l in range(1, L + 1)]
    T = np.ascontiguousarray(T, dtype)
    y, loss_now, rate = A[L][:-1], np.empty((), dtype), np.array(learning_rate, dtype)

    forward_pass: Operations = []
    for l in range(1, L + 1):
        a = A[l][:-1]
        forward_pass += [(layers[l].T.dot, A[l - 1], a)]  # z^l = [W^l b^l] [a^(l−1) 1]
        forward_pass += FORWARD[activations[l]](a)  # a^l = σ(z^l)
    if loss is not squared_error and activations[L] not in (sigmoid, softmax):
        forward_pass += [(_refuse_outside_0_1, loss, y, T)]
    forward_pass += LOSS_VALUE[loss](y, T, delta[L], loss_now)

    backward_pass: Operations = []
    if (loss, activations[L]) in FUSED:
        backward_pass += [(np.subtract, y, T, delta[L])]
        backward_pass += [(np.multiply, sign(activations[L]) * rate, delta[L], delta[L])]
    else:
        backward_pass += LOSS_GRADIENT[loss](y, T, delta[L])
        backward_pass += [(np.multiply, rate, delta[L], delta[L])]  # from here on, all times η
        backward_pass += BACKWARD[activations[L]](y, delta[L])
    for l in range(L, 0, -1):
        backward_pass += [(A[l - 1].dot, delta[l].T, grad_layers[l])]  # (δ^l aᵀ)ᵀ
        if l > 1:
            backward_pass += [(layers[l][:-1].dot, delta[l], delta[l - 1])]  # Wᵀ δ
            backward_pass += BACKWARD[activations[l - 1]](A[l - 1][:-1], delta[l - 1])
    backward_pass += [(np.subtract, parameters, gradient, parameters)]  # θ ← θ − η∇L
    return layers, loss_now, calls(forward_pass), calls(backward_pass)


def calls(operations: Operations) -> list[partial]:
    return [partial(*operation) for operation in operations]


def known(part: object, table: dict, what: str) -> None:
    if part not in table:
        raise ValueError(
            f"{what} {part!r} is not one that train knows how to compute in place; use train of "
            "course.network"
        )


def sign(activation: Activation) -> int:
    """−1 for a layer that is kept as −[W b], and so computes −z."""
    return -1 if activation is sigmoid else 1


def _as_layers(vector: ndarray, n: list[int]) -> Layers:
    """The matrices [W b]ᵀ of layers with n[l] units, as views of one vector."""
    layers, start = [None], 0
    for l in range(1, len(n)):
        end = start + n[l] * (n[l - 1] + 1)
        layers.append(vector[start:end].reshape(n[l - 1] + 1, n[l]))
        start = end
    return layers


def maximum(x: ndarray, y: ndarray, out: ndarray) -> None:
    np.maximum(x, y, out=out)  # wants its out by name


def spread(row: ndarray, out: ndarray) -> None:
    np.copyto(out, row)  # arithmetic between a row and a matrix would make a buffer


# Each activation: forward turns the z in array a into a; backward turns ∂L/∂a in delta into ∂L/∂z
# and may leave anything in a. Only sigmoid finds −z in a, and leaves ∂L/∂(−z) in delta.


def identity_forward(a: ndarray) -> Operations:
    return []


def identity_backward(a: ndarray, delta: ndarray) -> Operations:
    return []


def sigmoid_forward(a: ndarray) -> Operations:
    one = np.ones((), a.dtype)
    return [(np.exp, a, a), (np.add, one, a, a), (np.reciprocal, a, a)]


def sigmoid_backward(a: ndarray, delta: ndarray) -> Operations:
    one = np.ones((), a.dtype)
    return [
        (np.multiply, a, delta, delta),
        (np.subtract, a, one, a),  # ∂a/∂(−z) = a (a − 1)
        (np.multiply, a, delta, delta),
    ]


def tanh_forward(a: ndarray) -> Operations:
    return [(np.tanh, a, a)]


def tanh_backward(a: ndarray, delta: ndarray) -> Operations:
    one = np.ones((), a.dtype)
    return [(np.multiply, a, a, a), (np.subtract, one, a, a), (np.multiply, a, delta, delta)]


def relu_forward(a: ndarray) -> Operations:
    return [(maximum, np.zeros((), a.dtype), a, a)]


def relu_backward(a: ndarray, delta: ndarray) -> Operations:
    # The sign of a ≥ 0 is 1 where z > 0 and 0 elsewhere, in the dtype of a.
    return [(np.sign, a, a), (np.multiply, a, delta, delta)]


def softmax_forward(a: ndarray) -> Operations:
    column, spare = np.empty((1, a.shape[1]), a.dtype), np.empty(a.shape, a.dtype)
    ones = np.ones((len(a), len(a)), a.dtype)  # times a: the sum of each column, in every row
    return [
        (np.maximum.reduce, a, 0, None, column, True),
        (spread, column, spare),
        (np.subtract, a, spare, a),
        (np.exp, a, a),
        (ones.dot, a, spare),
        (np.divide, a, spare, a),
    ]


def softmax_backward(a: ndarray, delta: ndarray) -> Operations:
    product, sums = np.empty_like(delta), np.empty_like(delta)
    ones = np.ones((len(a), len(a)), a.dtype)
    return [
        (np.multiply, a, delta, product),
        (ones.dot, product, sums),
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


# Each loss: value puts the sum over all outputs and examples into loss, and may use delta; gradient
# comes next and puts ∂L/∂y into delta. tiny stands in for 0 under a logarithm or a fraction line,
# as in losses.py. A sum of products is one dot of two vectors.


def squared_error_value(y: ndarray, t: ndarray, delta: ndarray, loss: ndarray) -> Operations:
    half, error = np.full((), 0.5, y.dtype), delta.ravel()
    return [(np.subtract, y, t, delta), (error.dot, error, loss), (np.multiply, half, loss, loss)]


def squared_error_gradient(y: ndarray, t: ndarray, delta: ndarray) -> Operations:
    return []  # y − t is there already


def binary_cross_entropy_value(y: ndarray, t: ndarray, delta: ndarray, loss: ndarray) -> Operations:
    one, tiny = np.ones((), y.dtype), np.full((), np.finfo(y.dtype).tiny, y.dtype)
    p, q, loss_of_zeros = np.empty_like(t), np.empty_like(t), np.empty_like(loss)
    return [
        (maximum, tiny, y, p),
        (np.log, p, p),
        (t.ravel().dot, p.ravel(), loss),
        (np.subtract, one, y, q),
        (maximum, tiny, q, q),
        (np.log, q, q),
        ((1 - t).ravel().dot, q.ravel(), loss_of_zeros),
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


def cross_entropy_value(y: ndarray, t: ndarray, delta: ndarray, loss: ndarray) -> Operations:
    tiny, p = np.full((), np.finfo(y.dtype).tiny, y.dtype), np.empty_like(t)
    return [
        (maximum, tiny, y, p),
        (np.log, p, p),
        (t.ravel().dot, p.ravel(), loss),
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
