"""What is asked of a student: one module per assignment, one Exercise per function.

An exercise is named after the function that the student writes. Names are unique in the course.
"""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

#: Assignment -> the module here (and in ``autograder.answers``) that holds its exercises.
ASSIGNMENTS = {
    "01-gradient-descent": "gradient_descent",
    "02-circuits-and-the-chain-rule": "circuits_and_the_chain_rule",
    "03-one-neuron": "one_neuron",
    "04-two-layers": "two_layers",
    "05-the-delta-recursion": "the_delta_recursion",
    "06-xor": "xor",
    "07-training-in-practice": "training_in_practice",
}


@dataclass(frozen=True)
class Call:
    """One call that the marking makes: the aspect it belongs to and its arguments.

    A function among the arguments has a docstring that names it in reports.
    """

    aspect: str
    args: tuple[Any, ...]


@dataclass(frozen=True)
class Aspect:
    """One thing that is looked at, with its share of the points.

    says: what it is, for the report. judge: how it is judged (see marking.py):
    "values": the calls of this aspect return what is expected.
    "own slope": they do, or they agree with the numeric gradient, with respect to the first
    argument, of the student's own function ``of``.
    "formula": right everywhere, these calls included, on which finite differences fail.
    "untouched": right in at least one call, and no call changed its arguments.
    """

    name: str
    points: int
    says: str
    judge: str = "values"
    of: str = ""


@dataclass(frozen=True)
class Exercise:
    """One function to write.

    asks: what is asked, in a sentence or two (shapes, sum or mean, argument names).
    calls: from a random generator, the calls that the marking makes.
    hints: three, from vague to nearly there.
    builds_on: exercises whose functions a student would call in this one.
    """

    name: str
    parameters: tuple[str, ...]
    asks: str
    aspects: tuple[Aspect, ...]
    calls: Callable[[np.random.Generator], Iterator[Call]]
    hints: tuple[str, str, str]
    builds_on: tuple[str, ...] = ()
    assignment: str = ""

    @property
    def points(self) -> int:
        """The points of all aspects together."""
        return sum(aspect.points for aspect in self.aspects)

    @property
    def signature(self) -> str:
        """How the function is called, for example ``slope(w, x, y)``."""
        return f"{self.name}({', '.join(self.parameters)})"


@cache
def of_assignment(assignment: str) -> dict[str, Exercise]:
    """The exercises of one assignment by name, in the order of its notebook."""
    module = importlib.import_module(f"{__name__}.{ASSIGNMENTS[assignment]}")
    return {e.name: replace(e, assignment=assignment) for e in module.EXERCISES}


@cache
def every() -> dict[str, Exercise]:
    """All exercises of the course by name."""
    return {n: e for assignment in ASSIGNMENTS for n, e in of_assignment(assignment).items()}
