"""The data of the course: points on lines, logic gates, rings, spirals, handwritten digits.

Examples are columns: X is (features, N), T is (outputs, N); data with a single feature is (N,).
Every call returns new arrays, float64 unless said otherwise. ``rng`` is a generator from
``numpy.random.default_rng(seed)``: the same seed gives the same data.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

GATES = {  # outputs for the inputs 00, 01, 10, 11
    "and": [0, 0, 0, 1],
    "or": [0, 1, 1, 1],
    "nand": [1, 1, 1, 0],
    "nor": [1, 0, 0, 0],
    "xor": [0, 1, 1, 0],
}


def four_points() -> tuple[NDArray, NDArray]:
    """NSYSU: four points (x, y) on a line through the origin, y = 1.5 x; both of shape (4,)."""
    x = np.array([1.0, 2.0, 3.0, 4.0])
    return x, 1.5 * x


def noisy_line(n: int, rng: np.random.Generator, noise: float = 0.2) -> tuple[NDArray, NDArray]:
    """XJTLU's exercise: n points t = 2x + noise, x uniform in 0..1; both of shape (n,).

    The noise is normal with standard deviation ``noise``.
    """
    x = rng.uniform(0, 1, n)
    return x, 2 * x + noise * rng.standard_normal(n)


def logic_gate(name: str) -> tuple[NDArray, NDArray]:
    """The truth table of "and", "or", "nand", "nor" or "xor": X (2, 4), T (1, 4).

    The columns are the inputs 00, 01, 10, 11. ValueError for any other name.
    """
    if name not in GATES:
        raise ValueError(f"no logic gate {name!r}: take one of {', '.join(GATES)}")
    X = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
    return X, np.array([GATES[name]], dtype=np.float64)


def xor() -> tuple[NDArray, NDArray]:
    """SKKU's example: X (2, 4) and T (1, 4), columns 00, 01, 10, 11."""
    return logic_gate("xor")


def rings(n: int, rng: np.random.Generator) -> tuple[NDArray, NDArray]:
    """n points on two rings around the origin: X (2, n), T (1, n).

    T is 0 on the inner ring (radius 0.5) and 1 on the outer (radius 1), in turn; radii vary with
    standard deviation 0.1. No straight line parts the two.
    """
    ring = np.arange(n) % 2
    radius = 0.5 + 0.5 * ring + 0.1 * rng.standard_normal(n)
    angle = rng.uniform(0, 2 * np.pi, n)
    return radius * np.array([np.cos(angle), np.sin(angle)]), ring[np.newaxis].astype(np.float64)


def spiral(n: int, rng: np.random.Generator, classes: int = 3) -> tuple[NDArray, NDArray]:
    """n points on spiral arms, one arm per class: X (2, n) within radius 1, T one-hot (classes, n).

    The points belong to class 0, 1, ..., 0, 1, ... in turn.
    """
    arm = np.arange(n) % classes
    radius = rng.uniform(0, 1, n)
    angle = 2 * np.pi * arm / classes + 4 * radius + 0.2 * rng.standard_normal(n)
    return radius * np.array([np.cos(angle), np.sin(angle)]), one_hot(arm, classes)


def digits() -> tuple[NDArray, NDArray, NDArray]:
    """1,797 handwritten digits of 8 x 8 pixels: X (64, 1797) in 0..1, T (10, 1797), labels (1797,).

    T is one-hot; labels are the integers 0 to 9. X[:, i].reshape(8, 8) is the picture of digit i,
    1 is ink. Source and licence: course/data/README.md.
    """
    with np.load(Path(__file__).parent / "data" / "digits.npz") as file:
        pixels, labels = file["pixels"], file["labels"].astype(np.int64)
    return pixels.reshape(-1, 64).T / 16, one_hot(labels, 10), labels


def one_hot(labels: NDArray, classes: int) -> NDArray:
    """One column per label, (classes, N): 1 in the label's row, 0 elsewhere."""
    return (np.arange(classes)[:, np.newaxis] == labels).astype(np.float64)


def split(
    X: NDArray, T: NDArray, share: float, rng: np.random.Generator
) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Shuffle the examples and part them: X_train, T_train, X_held_out, T_held_out.

    ``share`` (0..1) of the N examples, rounded, is for training. X and T may also be (N,).
    ValueError when X and T hold different numbers of examples or share is out of range.
    """
    X, T = np.asarray(X), np.asarray(T)
    N = X.shape[-1]
    if T.shape[-1] != N:
        raise ValueError(
            f"X has {N} examples (columns) but T has {T.shape[-1]}: give them in pairs"
        )
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share}: give the part for training, between 0 and 1")
    order = rng.permutation(N)
    train, held_out = np.split(order, [round(share * N)])
    return X[..., train], T[..., train], X[..., held_out], T[..., held_out]
