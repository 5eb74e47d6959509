"""Numeric gradients, and how they compare with gradients worked out by hand.

Needs nothing but a loss that can be computed, so it can check any gradient, however it was found.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


def numeric_gradient(
    f: Callable[[NDArray], float], x: ArrayLike, step: float | None = None
) -> NDArray:
    """df/dx by central differences, (f(x + h) - f(x - h)) / 2h for one entry of x at a time.

    f takes an array like x and returns one number. x may have any shape, a single number too,
    and is not changed: f gets a copy at each of its 2 * x.size calls. Integers become float64.
    The gradient has x's shape and dtype.

    Unless ``step`` sets one h for all entries, h is eps^(1/3) * max(1, |entry|), with eps the
    spacing of x's dtype at 1: about 6e-6 in float64, 5e-3 in float32. There the two errors,
    of rounding (falls with h) and of the curve's bend (grows with h^2), are about equally small.
    ValueError if f returns anything but one number, or if x + h cannot be told from x.
    """
    x = np.asarray(x)
    x = x if np.issubdtype(x.dtype, np.floating) else x.astype(np.float64)
    if step is None:
        h = np.cbrt(np.finfo(x.dtype).eps) * np.maximum(1, np.abs(x))
    else:
        h = np.full(x.shape, step)
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h[index]
        below[index] -= h[index]
        # x + h is rounded: what divides is the distance that was really walked.
        distance = above[index] - below[index]
        if distance == 0:
            raise ValueError(f"step {h[index]} is lost beside x = {x[index]}: take a larger one")
        gradient[index] = (one_number(f(above[()])) - one_number(f(below[()]))) / distance
    return gradient[()]


def one_number(value: object) -> float:
    """The value of f as a float; ValueError if it is not one number."""
    number = np.asarray(value)
    if number.size != 1 or number.dtype.kind not in "fiub":
        shape = f" of shape {number.shape}" if number.ndim else ""
        raise ValueError(
            f"f has to return one number, but returned {type(value).__name__}{shape}: "
            "to differentiate a whole array, sum it first or pick one entry"
        )
    return float(number.item())


def relative_error(a: ArrayLike, b: ArrayLike) -> NDArray:
    """|a - b| relative to the larger of |a| and |b|, for each entry; a and b have one shape.

    An entry near 0 is measured against a hundredth of the largest entry, or against 0.01 where
    all are below 1, since a numeric gradient can only be so exact. NaN and infinities agree with
    nothing: their error is infinite. ValueError when the shapes differ.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"shapes differ, {a.shape} and {b.shape}: compare like with like")
    size = np.maximum(np.abs(a), np.abs(b))
    largest = np.max(size, initial=1.0, where=np.isfinite(size))
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.abs(a - b) / np.maximum(size, 0.01 * largest)
    return np.where(np.isfinite(error), error, np.inf)


@dataclass(frozen=True)
class Comparison:
    """How two gradients compare, and where they disagree most; ``print`` it to read it."""

    agrees: bool
    disagreeing: int  # number of entries beyond the tolerance
    entries: int
    index: tuple[int, ...]  # of the entry with the largest relative error
    analytic: float  # this entry in both gradients
    numeric: float
    error: float
    tolerance: float

    def __str__(self) -> str:
        if self.agrees:
            verdict = f"All {self.entries} entries agree"
        else:
            verdict = f"{self.disagreeing} of {self.entries} entries disagree"
        return (
            f"{verdict} (tolerance {self.tolerance:g}). Furthest apart: entry {list(self.index)}, "
            f"analytic {self.analytic:.10g}, numeric {self.numeric:.10g}, "
            f"relative error {self.error:.2g}."
        )


def compare(analytic: ArrayLike, numeric: ArrayLike, tolerance: float = 1e-6) -> Comparison:
    """Compare two gradients of the same shape, entry by entry, by ``relative_error``.

    1e-6 suits float64; in float32 a numeric gradient is good to about 1e-3. ValueError when the
    shapes differ or there is nothing to compare.
    """
    error = relative_error(analytic, numeric)
    if error.size == 0:
        raise ValueError(f"nothing to compare: the gradients have shape {error.shape}")
    index = tuple(int(i) for i in np.unravel_index(np.argmax(error), error.shape))
    disagreeing = int(np.sum(error > tolerance))
    return Comparison(
        agrees=disagreeing == 0,
        disagreeing=disagreeing,
        entries=error.size,
        index=index,
        analytic=float(np.asarray(analytic)[index]),
        numeric=float(np.asarray(numeric)[index]),
        error=float(error[index]),
        tolerance=tolerance,
    )
