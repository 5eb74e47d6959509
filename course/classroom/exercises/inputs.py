"""Numbers that the calls of all assignments are drawn from."""

import numpy as np
from numpy.random import Generator


def draw(rng: Generator, *shape: int) -> np.ndarray:
    """Numbers between 0.3 and 2.5 in size, away from 0 and from each other.

    Two or more hold both signs, and a positive one above 1: where a function takes sizes, or keeps
    numbers above 0 or below 1, the result shows it.
    """
    size = rng.uniform(0.3, 2.5, shape)
    numbers = np.round(size * rng.choice([-1.0, 1.0], shape), 3)
    if numbers.size > 1:
        above, below = rng.choice(numbers.size, 2, replace=False)
        numbers.flat[above] = np.round(rng.uniform(1.2, 2.5), 3)
        numbers.flat[below] = -np.abs(numbers.flat[below])
    return numbers


#: A target so far from every output that the loss (its square) changes in no digit when a weight
#: changes a little: there, differences of nearby losses say nothing, a formula is exact.
FAR_TARGET = 1e18


def number(rng: Generator) -> float:
    """One number between 0.3 and 2.5 in size."""
    return float(draw(rng, 1)[0])


def signed(rng: Generator, signs: str) -> list[float]:
    """Numbers with these signs, such as "+-": between 1.2 and 2.5, between −0.3 and −2.5."""
    limits = {"+": (1.2, 2.5), "-": (-2.5, -0.3)}
    return [float(np.round(rng.uniform(*limits[sign]), 3)) for sign in signs]
