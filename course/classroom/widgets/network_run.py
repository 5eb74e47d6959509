"""A network in training, as plain data: its examples, its weights, and what one step does."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from course.classroom.widgets.student import FunctionFailed, array, call, each, number, unfit
from course.datasets import GATES, logic_gate, rings, spiral

#: Names of the data that can be learned: logic gates, and a hundred points in the plane.
DATA = ("and", "or", "xor", "rings", "spiral")
STARTS = ("random", "all equal")

Parameters = tuple[NDArray, ...]


def examples(name: str, seed: int) -> tuple[NDArray, NDArray]:
    """X (2, N) and T (1, N) of the data with this name. ValueError for another name."""
    if name in GATES:
        return logic_gate(name)
    if name not in DATA:
        raise ValueError(f"there is no data {name!r}; take one of {', '.join(DATA)}")
    rng = np.random.default_rng(seed)
    if name == "rings":
        return rings(100, rng)
    X, T = spiral(100, rng, classes=2)
    return X, T[1:]


def start_weights(sizes: list[int], start: str, seed: int) -> Parameters:
    """(W1, b1, W2, b2, …) for layers of these sizes, uniform in ±1, or all ½."""
    rng = np.random.default_rng(seed)
    shapes = [s for n, m in zip(sizes[1:], sizes, strict=False) for s in ((n, m), (n, 1))]
    if start == "all equal":
        return tuple(np.full(shape, 0.5) for shape in shapes)
    return tuple(rng.uniform(-1, 1, shape) for shape in shapes)


@dataclass
class Network:
    """A network so far.

    ``functions``: how to get at forward, backward, step and loss as the student has them now.
    ``known``: of how many layers, counted from the last, δ of the example is shown.
    ``failure``: why there is no picture of the latest weights, or None.
    """

    functions: dict[str, Callable]
    X: NDArray
    T: NDArray
    parameters: Parameters
    epoch: int = 0
    example: int = 0
    known: int = 0
    losses: list[float] = field(default_factory=list)
    failure: FunctionFailed | None = None

    @property
    def sizes(self) -> list[int]:
        return [self.X.shape[0], *(len(b) for b in self.parameters[1::2])]

    def _call(self, role: str, *args):
        return call(self.functions[role](), role, self.parameters, *args)

    def activations(self, X: NDArray) -> list[NDArray]:
        """What every layer puts out for X, the input first: (n_l, N) each."""
        answer, n = self._call("forward", X), self.sizes
        if not isinstance(answer, list | tuple) or len(answer) != len(n) - 1:
            raise unfit("forward", "forward", answer, f"It needs {len(n) - 1} arrays, one a layer.")
        places = range(1, len(n))
        layers = [
            array(a, (n[k], X.shape[1]), "forward", f"forward, for layer {k},")
            for k, a in zip(places, answer, strict=True)
        ]
        return [X, *layers]

    def deltas(self) -> tuple[list[NDArray | None], FunctionFailed | None]:
        """δ of every layer for the example, (n_l,), None where there is none yet; and why.

        Entry 0 belongs to the input, which has none.
        """
        n, x, t = self.sizes, self.X[:, [self.example]], self.T[:, [self.example]]
        found = [None] * len(n)
        try:
            backward = each(self.functions["backward"](), "backward", self.parameters, x, t)
            for layer in range(len(n) - 1, 0, -1):
                delta = next(backward, None)
                what = f"backward, for layer {layer},"
                found[layer] = array(delta, (n[layer], 1), "backward", what)[:, 0]
        except FunctionFailed as failure:
            return found, failure
        return found, None

    def loss(self) -> float:
        """The loss over all examples, by the student's function."""
        return number(self.functions["loss"](), "loss", self.parameters, self.X, self.T)

    def update(self, X: NDArray, T: NDArray, learning_rate: float) -> None:
        """One step of gradient descent on these examples."""
        answer = self._call("step", X, T, learning_rate)
        if not isinstance(answer, list | tuple) or len(answer) != len(self.parameters):
            n = len(self.parameters)
            raise unfit("step", "step", answer, f"It needs {n} arrays, W and b of every layer.")
        self.parameters = tuple(
            array(new, old.shape, "step", "step")
            for new, old in zip(answer, self.parameters, strict=True)
        )

    def step_epoch(self, learning_rate: float, batch: int) -> None:
        """Once through all examples; after each ``batch`` of them the weights move."""
        order = np.random.default_rng(self.epoch).permutation(self.X.shape[1])
        for first in range(0, len(order), batch):
            chosen = np.sort(order[first : first + batch])
            self.update(self.X[:, chosen], self.T[:, chosen], learning_rate)
        self.epoch += 1
        self.losses.append(self.loss())

    def step_back(self, learning_rate: float) -> None:
        """Show δ of one layer more; after the first layer, move the weights by this example."""
        if self.known < len(self.sizes) - 1:
            self.known += 1
        else:
            self.step_example(learning_rate)
            self.known = 0

    def step_example(self, learning_rate: float) -> None:
        """Move the weights by this example alone, and go on to the next one."""
        here = [self.example]
        self.update(self.X[:, here], self.T[:, here], learning_rate)
        self.example = (self.example + 1) % self.X.shape[1]
        self.known = len(self.sizes) - 1
        self.losses.append(self.loss())
