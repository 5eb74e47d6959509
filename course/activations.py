"""The activation functions: value, derivative and backward of each, side by side.

For each activation ``a = value(z)``:

- ``derivative(z)`` is da/dz, entry by entry (softmax has none: its outputs share their inputs);
- ``backward(z, a, grad_a)`` turns dL/da into dL/dz, reusing the ``a`` of the forward pass.

Arrays may have any shape, are left unchanged and give a result of the same shape; ``softmax``
alone cares which axis is which. A floating dtype is kept, any other becomes float64. Nothing
overflows or warns for |z| up to 1e6, in float32 as in float64.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Activation:
    """An activation function with its derivatives; all three functions are pure."""

    name: str
    value: Callable[[ArrayLike], NDArray]
    derivative: Callable[[ArrayLike], NDArray] | None
    backward: Callable[[ArrayLike, ArrayLike, ArrayLike], NDArray]


def floating(values: ArrayLike) -> NDArray:
    """The values as an array: a floating dtype is kept, any other becomes float64."""
    values = np.asarray(values)
    return values if np.issubdtype(values.dtype, np.floating) else values.astype(np.float64)


# a = z


def identity_value(z: ArrayLike) -> NDArray:
    return +floating(z)  # the plus makes a new array


def identity_derivative(z: ArrayLike) -> NDArray:
    return np.ones_like(floating(z))


def identity_backward(z: ArrayLike, a: ArrayLike, grad_a: ArrayLike) -> NDArray:
    return +floating(grad_a)


identity = Activation("identity", identity_value, identity_derivative, identity_backward)


# XJTLU, SKKU, Classical: a = sigma(z) = 1 / (1 + exp(-z)) in 0..1, sigma' = sigma (1 - sigma)


def sigmoid_value(z: ArrayLike) -> NDArray:
    # For z < 0 the fraction is extended by exp(z), so that exp never sees a positive number.
    z = floating(z)
    e = np.exp(-np.abs(z))
    return np.where(z < 0, e, 1) / (1 + e)


def sigmoid_derivative(z: ArrayLike) -> NDArray:
    a = sigmoid_value(z)
    return a * (1 - a)


def sigmoid_backward(z: ArrayLike, a: ArrayLike, grad_a: ArrayLike) -> NDArray:
    a = floating(a)
    return a * (1 - a) * floating(grad_a)


sigmoid = Activation("sigmoid", sigmoid_value, sigmoid_derivative, sigmoid_backward)


# a = tanh(z) in -1..1, tanh' = 1 - tanh^2


def tanh_value(z: ArrayLike) -> NDArray:
    return np.tanh(floating(z))


def tanh_derivative(z: ArrayLike) -> NDArray:
    return 1 - tanh_value(z) ** 2


def tanh_backward(z: ArrayLike, a: ArrayLike, grad_a: ArrayLike) -> NDArray:
    return (1 - floating(a) ** 2) * floating(grad_a)


tanh = Activation("tanh", tanh_value, tanh_derivative, tanh_backward)


# a = max(0, z); its corner at z = 0 has no derivative, and 0 is taken there


def relu_value(z: ArrayLike) -> NDArray:
    return np.maximum(0, floating(z))


def relu_derivative(z: ArrayLike) -> NDArray:
    z = floating(z)
    return (z > 0).astype(z.dtype)


def relu_backward(z: ArrayLike, a: ArrayLike, grad_a: ArrayLike) -> NDArray:
    return relu_derivative(z) * floating(grad_a)


relu = Activation("relu", relu_value, relu_derivative, relu_backward)


# XJTLU: a_k = exp(z_k) / sum_p exp(z_p)


def softmax_value(z: ArrayLike) -> NDArray:
    """Softmax of a vector (n,), or of each column of a matrix (n, N).

    The result is in 0..1 and sums to 1 along axis 0. ValueError for a single number.
    """
    z = floating(z)
    if z.ndim == 0:
        raise ValueError("softmax got a single number: pass a vector (n,) or a matrix (n, N)")
    # The largest z of each column is taken off above and below the fraction line: no overflow.
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def softmax_backward(z: ArrayLike, a: ArrayLike, grad_a: ArrayLike) -> NDArray:
    """dL/dz of softmax, for vectors (n,) or matrices (n, N) as in ``softmax_value``.

    From da_k/dz_p = a_k ([k = p] - a_p); summed over k first, so no Jacobian is built.
    """
    a, grad_a = floating(a), floating(grad_a)
    return a * (grad_a - np.sum(a * grad_a, axis=0))


softmax = Activation("softmax", softmax_value, None, softmax_backward)


ACTIVATIONS = {
    activation.name: activation for activation in (identity, sigmoid, tanh, relu, softmax)
}
