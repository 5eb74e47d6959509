"""Gradient descent and its relatives, rules for stopping, and weights to start from.

Every descent returns its trajectory: an array of shape (k + 1, *theta.shape) that holds the start
and the parameters after each of the k steps, so that the whole way down can be drawn. theta may be
a number or an array of any shape; a gradient has the shape of theta. float32 stays float32.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike

Gradient = Callable[[np.ndarray], ArrayLike]


def gradient_descent(
    gradient: Gradient,
    theta: ArrayLike,
    learning_rate: float,
    max_iteration: int,
    epsilon: float = 0.0,
) -> np.ndarray:
    """Walk against the gradient until the weights settle (NSYSU: w ← w − η∇L(w)).

    gradient(theta) returns ∇L(theta). At most max_iteration steps are made; the step that is
    shorter than epsilon is the last one and is part of the trajectory. epsilon = 0 never stops
    early. Raises ValueError when the gradient does not have the shape of theta.
    """
    trajectory = [_as_float(theta)]
    for _ in range(max_iteration):
        old = trajectory[-1]
        trajectory.append(_downhill(old, gradient(old), learning_rate))
        if weights_settled(old, trajectory[-1], epsilon):
            break
    return np.array(trajectory)


def sgd(
    gradient_of_one: Callable[[np.ndarray, ArrayLike, ArrayLike], ArrayLike],
    theta: ArrayLike,
    X: ArrayLike,
    T: ArrayLike,
    learning_rate: float,
    epochs: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Stochastic gradient descent, one example at a time (Princeton: θ ← θ − η∇l(θ, x, t)).

    X (n_0, N) and T (n_L, N) hold examples as columns, or are vectors (N,) of numbers; each epoch
    visits all N in a new order. gradient_of_one(theta, x, t) gets x as a column (n_0, 1), or as a
    number when X is a vector, and t likewise. The trajectory has epochs · N + 1 entries.
    Raises ValueError when X and T disagree on N.
    """
    X, T, N = _examples(X, T)
    trajectory = [_as_float(theta)]
    for _ in range(epochs):
        for n in rng.permutation(N):
            old = trajectory[-1]
            gradient = gradient_of_one(old, _example(X, n), _example(T, n))
            trajectory.append(_downhill(old, gradient, learning_rate))
    return np.array(trajectory)


def minibatches(
    X: ArrayLike, T: ArrayLike, batch_size: int, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """One epoch of mini-batches: every example once, in a new order (Princeton).

    X (n_0, N) and T (n_L, N) hold examples as columns, or are vectors (N,). Inputs and targets are
    shuffled together. Each batch has batch_size columns, the last one what is left over.
    Raises ValueError when X and T disagree on N or batch_size is below 1.
    """
    X, T, N = _examples(X, T)
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}; a mini-batch holds at least 1 example")
    order = rng.permutation(N)
    batches = (order[start : start + batch_size] for start in range(0, N, batch_size))
    return ((X[..., batch], T[..., batch]) for batch in batches)


def newton(
    gradient: Gradient, hessian: Callable[[np.ndarray], ArrayLike], theta: ArrayLike, steps: int
) -> np.ndarray:
    """Newton's method, θ ← θ − H⁻¹∇L (the second-order method that Classical asks about).

    hessian(theta) is the matrix (n, n) of second derivatives, n the number of entries of theta,
    or a number when n = 1. It takes n² numbers and about n³ operations per step: for small
    problems only. Raises ValueError where the Hessian is singular.
    """
    trajectory = [_as_float(theta)]
    for k in range(steps):
        old = trajectory[-1]
        H = np.reshape(hessian(old), (old.size, old.size))
        try:
            # Solving H · move = ∇L is cheaper and more exact than inverting H.
            move = np.linalg.solve(H, np.reshape(gradient(old), old.size))
        except np.linalg.LinAlgError:
            raise ValueError(
                f"step {k + 1}: the Hessian is singular at theta = {old}, so Newton's method has "
                "no step there; start elsewhere, or add a small multiple of the identity to it"
            ) from None
        trajectory.append(old - move.reshape(old.shape).astype(old.dtype))
    return np.array(trajectory)


def weights_settled(old: ArrayLike, new: ArrayLike, epsilon: float) -> bool:
    """Whether the weights hardly moved: ‖new − old‖ < epsilon (NSYSU)."""
    return bool(np.linalg.norm(np.subtract(new, old)) < epsilon)


def loss_below(loss: float, threshold: float) -> bool:
    """Whether the loss is small enough to stop: loss < threshold (Classical)."""
    return bool(loss < threshold)


def initial_weights(shape: tuple[int, int], scheme: str, rng: np.random.Generator) -> np.ndarray:
    """Start weights of one layer (Classical: random or "smart"), float64.

    shape is (n_l, n_(l−1)): units of the layer, units of the layer before. The schemes:
    "zeros"    all 0: hidden units of a layer then stay twins for ever;
    "uniform"  uniform in −1..1;
    "normal"   normal with mean 0 and standard deviation 1;
    "xavier"   uniform in ±√(6 / (n_(l−1) + n_l)), variance 2 / (n_(l−1) + n_l), for sigmoid and
               tanh (Glorot and Bengio 2010);
    "he"       normal with variance 2 / n_(l−1), for relu (He et al. 2015).
    Raises ValueError for another scheme or a shape that is not a pair.
    """
    if len(shape) != 2:
        raise ValueError(f"shape is {shape}; a layer's weights have the shape (n_out, n_in)")
    n_out, n_in = shape
    match scheme:
        case "zeros":
            return np.zeros(shape)
        case "uniform":
            return rng.uniform(-1, 1, shape)
        case "normal":
            return rng.normal(0, 1, shape)
        case "xavier":
            limit = np.sqrt(6 / (n_in + n_out))
            return rng.uniform(-limit, limit, shape)
        case "he":
            return rng.normal(0, np.sqrt(2 / n_in), shape)
    raise ValueError(f"no scheme {scheme!r}; choose zeros, uniform, normal, xavier or he")


def _downhill(theta: np.ndarray, gradient: ArrayLike, learning_rate: float) -> np.ndarray:
    # A gradient of another shape would be stretched by numpy, and theta would grow with it.
    if np.shape(gradient) != theta.shape:
        raise ValueError(
            f"the gradient has shape {np.shape(gradient)}, theta has shape {theta.shape}; "
            "the gradient must have one entry per entry of theta"
        )
    return np.asarray(theta - learning_rate * np.asarray(gradient), dtype=theta.dtype)


def _as_float(theta: ArrayLike) -> np.ndarray:
    theta = np.array(theta)
    return theta if theta.dtype.kind == "f" else theta.astype(float)


def _examples(X: ArrayLike, T: ArrayLike) -> tuple[np.ndarray, np.ndarray, int]:
    X, T = np.asarray(X), np.asarray(T)
    if X.shape[-1:] != T.shape[-1:] or X.ndim == 0:
        raise ValueError(
            f"X has shape {X.shape} and T has shape {T.shape}; examples are columns, so the last "
            "numbers must be equal"
        )
    return X, T, X.shape[-1]


def _example(X: np.ndarray, n: int) -> np.ndarray:
    return X[n] if X.ndim == 1 else X[:, n : n + 1]
