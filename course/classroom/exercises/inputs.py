"""Numbers that the calls of all assignments are drawn from."""

import numpy as np
from numpy.random import Generator


def draw(rng: Generator, *shape: int) -> np.ndarray:
    """Numbers of both signs between 0.3 and 2.5 in size, away from 0 and from each other."""
    size = rng.uniform(0.3, 2.5, shape)
    return np.round(size * rng.choice([-1.0, 1.0], shape), 3)


#: A target so far from every output that the loss (its square) changes in no digit when a weight
#: changes a little: there, differences of nearby losses say nothing, a formula is exact.
FAR_TARGET = 1e18


def number(rng: Generator) -> float:
    """One number as ``draw`` makes them."""
    return float(draw(rng, 1)[0])
