"""The losses: value and gradient of each, side by side.

``y`` holds the network's outputs, ``t`` the targets, both of the same shape, usually (n_L, N) with
one example per column. ``value(y, t)`` is one number, the SUM over all outputs and examples (not
the mean); ``gradient(y, t)`` is dL/dy, with the shape and floating dtype of ``y``.

The cross-entropies want ``y`` and ``t`` in 0..1 and stay finite at y = 0 and y = 1: there the
smallest normal number of the dtype stands in for 0, so that every other y is taken as it is.
ValueError when the shapes differ, or when y is outside the range that the loss is defined on.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.activations import Activation, floating, sigmoid, softmax


@dataclass(frozen=True)
class Loss:
    """A loss with its gradient; both functions are pure."""

    name: str
    value: Callable[[ArrayLike, ArrayLike], float]
    gradient: Callable[[ArrayLike, ArrayLike], NDArray]


def matching(y: ArrayLike, t: ArrayLike) -> tuple[NDArray, NDArray]:
    """y and t as arrays of y's floating dtype; ValueError when their shapes differ."""
    y = floating(y)
    t = np.asarray(t, dtype=y.dtype)
    if y.shape != t.shape:
        raise ValueError(
            f"outputs y have shape {y.shape} but targets t have shape {t.shape}: "
            "give every output its own target"
        )
    return y, t


def probabilities(y: ArrayLike, t: ArrayLike) -> tuple[NDArray, NDArray]:
    """Like ``matching``; ValueError also when an entry of y is outside 0..1."""
    y, t = matching(y, t)
    outside = y[(y < 0) | (y > 1)]
    if outside.size:
        raise ValueError(
            f"cross-entropy needs outputs y between 0 and 1, but one is {outside.flat[0]:.6g}: "
            "end the network with sigmoid or softmax"
        )
    return y, t


def above_zero(y: NDArray) -> NDArray:
    """y with the smallest normal number of its dtype in place of anything smaller."""
    return np.maximum(y, np.finfo(y.dtype).tiny)


# SKKU, XJTLU: L = 1/2 sum (y - t)^2, dL/dy = y - t


def squared_error_value(y: ArrayLike, t: ArrayLike) -> float:
    y, t = matching(y, t)
    return float(np.sum((y - t) ** 2) / 2)


def squared_error_gradient(y: ArrayLike, t: ArrayLike) -> NDArray:
    y, t = matching(y, t)
    return y - t


squared_error = Loss("squared_error", squared_error_value, squared_error_gradient)


# XJTLU: L = -sum (t log y + (1 - t) log(1 - y)), dL/dy = -t / y + (1 - t) / (1 - y)


def binary_cross_entropy_value(y: ArrayLike, t: ArrayLike) -> float:
    y, t = probabilities(y, t)
    return float(-np.sum(t * np.log(above_zero(y)) + (1 - t) * np.log(above_zero(1 - y))))


def binary_cross_entropy_gradient(y: ArrayLike, t: ArrayLike) -> NDArray:
    y, t = probabilities(y, t)
    return -t / above_zero(y) + (1 - t) / above_zero(1 - y)


binary_cross_entropy = Loss(
    "binary_cross_entropy", binary_cross_entropy_value, binary_cross_entropy_gradient
)


# XJTLU: L = -sum t log y, dL/dy = -t / y


def cross_entropy_value(y: ArrayLike, t: ArrayLike) -> float:
    y, t = probabilities(y, t)
    return float(-np.sum(t * np.log(above_zero(y))))


def cross_entropy_gradient(y: ArrayLike, t: ArrayLike) -> NDArray:
    y, t = probabilities(y, t)
    return -t / above_zero(y)


cross_entropy = Loss("cross_entropy", cross_entropy_value, cross_entropy_gradient)


LOSSES = {loss.name: loss for loss in (squared_error, binary_cross_entropy, cross_entropy)}

# The pairs whose dL/dz is y - t: what the loss divides by, the activation multiplies with.
FUSED = {(binary_cross_entropy, sigmoid), (cross_entropy, softmax)}


def output_delta(
    loss: Loss, activation: Activation, z: ArrayLike, y: ArrayLike, t: ArrayLike
) -> NDArray:
    """delta = dL/dz of the output layer, where y = activation.value(z); the shape is y's.

    For softmax with cross-entropy each column of t must sum to 1, as one-hot targets do.
    """
    if (loss, activation) in FUSED:
        y, t = matching(y, t)
        return y - t
    return activation.backward(z, y, loss.gradient(y, t))  # XJTLU: delta = dL/dy dy/dz
