"""Assignment 02: real circuits, the chain rule, and the backward pass (Princeton; NSYSU; XJTLU)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from course.classroom.exercises import Aspect, Call, Exercise
from course.classroom.exercises.inputs import draw, number, signed

VALUES = "the values"
UNTOUCHED = "the arguments are left as they were"
FORMULA = "found by a formula, not by trying nearby values"

#: A node of a circuit: its name, its operation, the names that it takes its inputs from.
Node = tuple[str, str, list[str]]

# --- functions that are handed over ---------------------------------------------------------


def told(text: str, function: Callable) -> Callable:
    """The function with a docstring that names it in reports."""
    function.__doc__ = text
    return function


def curve(rng: Generator) -> tuple[Callable, Callable]:
    """An S-shaped σ with its derivative; neither is even or odd, so that a wrong place shows."""
    c, d = np.round(rng.uniform([0.4, 0.3], [0.9, 0.8]), 2).tolist()
    return (
        told(f"σ: z ↦ arctan({c} z + {d})", lambda z: np.arctan(c * z + d)),
        told(f"σ′: z ↦ {c} / (1 + ({c} z + {d})²)", lambda z: c / (1 + (c * z + d) ** 2)),
    )


#: Signs of four numbers: each comes with both, and so do their products and sums.
FOUR_SIGNS = ("++++", "-+-+", "+---", "--+-")


def parabola(rng: Generator, name: str, signs: str = "++") -> tuple[Callable, Callable]:
    """A function of one number, with its derivative; a and b have these signs."""
    a, b = signed(rng, signs)
    return (
        told(f"{name}: x ↦ {a} x² + {b} x", lambda x: a * x**2 + b * x),
        told(f"{name}′: x ↦ {2 * a:.6g} x + {b}", lambda x: 2 * a * x + b),
    )


def cubic(rng: Generator, n: int) -> Callable:
    """A function of an array of shape (n,), for which forward and central differences differ."""
    c, k = draw(rng, n), number(rng)
    terms = " + ".join(f"{c[i]} x[{i}]³" for i in range(n))

    def f(x):
        x = np.asarray(x, dtype=float)
        return float(np.sum(c * x**3) + k * x[0] * x[-1] ** 2)

    return told(f"x ↦ {terms} + {k} x[0] x[{n - 1}]²", f)


# --- gradients by hand ----------------------------------------------------------------------


def weighted_circuit_calls(rng: Generator) -> Iterator[Call]:
    """Four circuits, then two whose large output spoils finite differences."""
    for signs in FOUR_SIGNS:
        yield Call("values", tuple(signed(rng, signs)))
    for _ in range(2):
        w3, x3, w4, x4 = draw(rng, 4).tolist()
        yield Call("formula", (w3, x3, round(1e9 * w4, 0), round(1e9 * x4, 0)))


def central_difference_calls(rng: Generator) -> Iterator[Call]:
    """Steps of all sizes; then arrays of whole numbers."""
    for n, h in ((3, 0.1), (4, 0.3), (2, 0.05), (3, 1e-5)):
        yield Call("values", (cubic(rng, n), draw(rng, n), h))
    for n, h in ((3, 0.5), (4, 0.4), (2, 1.5)):
        whole = rng.integers(2, 6, n) * rng.choice([-1, 1], n)
        yield Call("whole numbers", (cubic(rng, n), whole, h))


def one_path_calls(rng: Generator) -> Iterator[Call]:
    """x → y = g(x) → z = h(y); each number on the way has both signs."""
    for signs in (("+", "++", "++"), ("-", "-+", "++"), ("+", "--", "-+"), ("-", "+-", "-+")):
        (x,) = signed(rng, signs[0])
        (g, g_prime), (_, h_prime) = parabola(rng, "g", signs[1]), parabola(rng, "h", signs[2])
        yield Call("values", (x, g, g_prime, h_prime))


def activation_circuit_calls(rng: Generator) -> Iterator[Call]:
    """Four circuits, each with an activation of its own; then large w3 of both signs."""
    for signs in FOUR_SIGNS:
        yield Call("values", (*signed(rng, signs), curve(rng)[1]))
    for sign in (1, -1):
        w3, x3 = 7.0 * sign, round(-sign * rng.uniform(0.25, 0.35), 3)
        yield Call(
            "values", (w3, x3, *np.round(rng.uniform(1.3, 1.5, 2), 3).tolist(), curve(rng)[1])
        )


def two_paths_calls(rng: Generator) -> Iterator[Call]:
    """s → x = g(s) and s → y = h(s), which meet in z = k(x, y)."""
    for s_sign, g_signs, h_signs in (
        ("+", "++", "++"),
        ("-", "-+", "+-"),
        ("+", "+-", "--"),
        ("-", "--", "-+"),
    ):
        (s,) = signed(rng, s_sign)
        (g, g_prime), (h, h_prime) = parabola(rng, "g", g_signs), parabola(rng, "h", h_signs)
        a, b, c = draw(rng, 3).tolist()
        # of k(x, y) = a x² y + b y³ + c x y²: another sign of x or of y shows in both
        k_x = told(
            f"∂k/∂x: (x, y) ↦ {2 * a:.6g} x y + {c} y²",
            lambda x, y, a=a, c=c: 2 * a * x * y + c * y**2,
        )
        k_y = told(
            f"∂k/∂y: (x, y) ↦ {a} x² + {3 * b:.6g} y² + {2 * c:.6g} x y",
            lambda x, y, a=a, b=b, c=c: a * x**2 + 3 * b * y**2 + 2 * c * x * y,
        )
        yield Call("values", (s, g, h, g_prime, h_prime, k_x, k_y))


def many_paths_calls(rng: Generator) -> Iterator[Call]:
    """Two to six paths; last, five of which two pairs are alike, with large numbers."""
    for n, sign in ((2, -1.0), (3, 1.0), (6, -1.0), (4, 1.0)):
        dz_dy, dy_dx = draw(rng, n), draw(rng, n)
        yield Call("values", (np.copysign(1.0, sign * (dz_dy @ dy_dx)) * dz_dy, dy_dx))
    one, other = (-np.sort(-np.abs(draw(rng, 3)))[[0, 1, 0, 1, 2]] for _ in range(2))
    yield Call("values", (4 * one * [1, -1, 1, -1, 1], other * [1, -1, 1, -1, -1]))


# --- circuits as plain data -----------------------------------------------------------------


@dataclass(frozen=True)
class Wiring:
    """A circuit: names of its inputs, its nodes, and by hand the values of its nodes."""

    inputs: str
    nodes: list[Node]
    values: Callable

    def made(self, rng: Generator) -> tuple[list[Node], dict[str, float], dict[str, float], tuple]:
        """The nodes, the inputs, all values, and (σ, σ′), with new numbers."""
        inputs = {name: number(rng) for name in self.inputs.split()}
        both = curve(rng)
        computed = self.values(both[0], *inputs.values())
        names = [name for name, _, _ in self.nodes]
        values = inputs | {n: float(v) for n, v in zip(names, computed, strict=True)}
        return self.nodes, inputs, values, both


#: Princeton: one neuron, two neurons, multiple input.
SUMS = (
    Wiring("x1 x2", [("f", "-", ["x1", "x2"])], lambda sigma, x1, x2: (x1 - x2,)),
    Wiring(
        "x1 x3 x4",
        [("x2", "+", ["x3", "x4"]), ("f", "-", ["x1", "x2"])],
        lambda sigma, x1, x3, x4: (x2 := x3 + x4, x1 - x2),
    ),
    Wiring(
        "x1 x3 x5 x4",
        [("x2", "+", ["x3", "x5", "x4"]), ("f", "-", ["x1", "x2"])],
        lambda sigma, x1, x3, x5, x4: (x2 := x3 + x5 + x4, x1 - x2),
    ),
    Wiring(
        "x1 x3 x5 x4 x6",
        [("x2", "+", ["x3", "x5", "x4", "x6"]), ("f", "-", ["x1", "x2"])],
        lambda sigma, x1, x3, x5, x4, x6: (x2 := x3 + x5 + x4 + x6, x1 - x2),
    ),
    Wiring(  # a difference that counts negatively
        "x1 x3 x4",
        [("x2", "-", ["x3", "x4"]), ("f", "-", ["x1", "x2"])],
        lambda sigma, x1, x3, x4: (x2 := x3 - x4, x1 - x2),
    ),
)

#: Princeton: weights on the edges, activation. Then one activation after another.
WEIGHTS = (
    Wiring(
        "x1 w3 x3 w4 x4",
        [
            ("p3", "*", ["w3", "x3"]),
            ("p4", "*", ["w4", "x4"]),
            ("x2", "+", ["p3", "p4"]),
            ("f", "-", ["x1", "x2"]),
        ],
        lambda sigma, x1, w3, x3, w4, x4: (
            p3 := w3 * x3,
            p4 := w4 * x4,
            x2 := p3 + p4,
            x1 - x2,
        ),
    ),
    Wiring(
        "x1 w3 x3 w4 x4",
        [
            ("p3", "*", ["w3", "x3"]),
            ("p4", "*", ["w4", "x4"]),
            ("net2", "+", ["p3", "p4"]),
            ("x2", "sigma", ["net2"]),
            ("f", "-", ["x1", "x2"]),
        ],
        lambda sigma, x1, w3, x3, w4, x4: (
            p3 := w3 * x3,
            p4 := w4 * x4,
            net2 := p3 + p4,
            x2 := sigma(net2),
            x1 - x2,
        ),
    ),
    Wiring(
        "x w v t u",
        [
            ("net1", "*", ["w", "x"]),
            ("a1", "sigma", ["net1"]),
            ("net2", "*", ["v", "a1"]),
            ("a2", "sigma", ["net2"]),
            ("e", "-", ["a2", "t"]),
            ("g", "*", ["e", "u"]),
        ],
        lambda sigma, x, w, v, t, u: (
            net1 := w * x,
            a1 := sigma(net1),
            net2 := v * a1,
            a2 := sigma(net2),
            e := a2 - t,
            e * u,
        ),
    ),
)

#: Princeton: multiple paths. Then a square, an input of two nodes, three ways from one node, a loss
#: of two points, a weight that acts twice; then a sum that takes one name twice, with a node, an
#: input of that node and another input that do not reach f.
PATHS = (
    Wiring(
        "x3 x5 w3 w4 x4",
        [
            ("x1", "+", ["x3", "x5"]),
            ("p3", "*", ["w3", "x3"]),
            ("p4", "*", ["w4", "x4"]),
            ("net2", "+", ["p3", "p4"]),
            ("x2", "sigma", ["net2"]),
            ("f", "-", ["x1", "x2"]),
        ],
        lambda sigma, x3, x5, w3, w4, x4: (
            x1 := x3 + x5,
            p3 := w3 * x3,
            p4 := w4 * x4,
            net2 := p3 + p4,
            x2 := sigma(net2),
            x1 - x2,
        ),
    ),
    Wiring(
        "w x y",
        [("p", "*", ["w", "x"]), ("e", "-", ["p", "y"]), ("L", "*", ["e", "e"])],
        lambda sigma, w, x, y: (p := w * x, e := p - y, e * e),
    ),
    Wiring(
        "u v",
        [("s", "+", ["u", "v"]), ("f", "*", ["u", "s"])],
        lambda sigma, u, v: (s := u + v, u * s),
    ),
    Wiring(
        "u v",
        [
            ("a", "*", ["u", "v"]),
            ("b", "sigma", ["a"]),
            ("c", "-", ["b", "a"]),
            ("d", "+", ["a", "b", "c"]),
            ("f", "*", ["c", "d"]),
        ],
        lambda sigma, u, v: (
            a := u * v,
            b := sigma(a),
            c := b - a,
            d := a + b + c,
            c * d,
        ),
    ),
    Wiring(
        "w x1 y1 x2 y2",
        [
            ("p1", "*", ["w", "x1"]),
            ("e1", "-", ["p1", "y1"]),
            ("s1", "*", ["e1", "e1"]),
            ("p2", "*", ["w", "x2"]),
            ("e2", "-", ["p2", "y2"]),
            ("s2", "*", ["e2", "e2"]),
            ("L", "+", ["s1", "s2"]),
        ],
        lambda sigma, w, x1, y1, x2, y2: (
            p1 := w * x1,
            e1 := p1 - y1,
            s1 := e1 * e1,
            p2 := w * x2,
            e2 := p2 - y2,
            s2 := e2 * e2,
            s1 + s2,
        ),
    ),
    Wiring(
        "x w v t",
        [
            ("net1", "*", ["w", "x"]),
            ("a1", "sigma", ["net1"]),
            ("net2", "*", ["v", "a1"]),
            ("a2", "sigma", ["net2"]),
            ("e", "-", ["a2", "t"]),
            ("g", "*", ["e", "v"]),
        ],
        lambda sigma, x, w, v, t: (
            net1 := w * x,
            a1 := sigma(net1),
            net2 := v * a1,
            a2 := sigma(net2),
            e := a2 - t,
            e * v,
        ),
    ),
    Wiring(
        "u v k m",
        [("a", "+", ["u", "v", "u"]), ("q", "*", ["v", "k"]), ("h", "*", ["a", "v"])],
        lambda sigma, u, v, k, m: (a := u + v + u, v * k, a * v),
    ),
)

ASPECTS = {"sums": SUMS, "weights": WEIGHTS, "paths": PATHS}


def circuit_forward_calls(rng: Generator) -> Iterator[Call]:
    """All circuits: nodes, inputs, σ."""
    for aspect, wirings in ASPECTS.items():
        for wiring in wirings:
            nodes, inputs, _, (sigma, _) = wiring.made(rng)
            yield Call(aspect, (nodes, inputs, sigma))


def circuit_backward_calls(rng: Generator) -> Iterator[Call]:
    """All circuits: nodes, values, σ′."""
    for aspect, wirings in ASPECTS.items():
        for wiring in wirings:
            nodes, _, values, (_, sigma_prime) = wiring.made(rng)
            yield Call(aspect, (nodes, values, sigma_prime))


def only_one_order(rng: Generator, n: int) -> list[Node]:
    """n nodes in the only order that is possible: each takes the one before, and more at random."""
    names = [str(name) for name in rng.permutation(list("abcdeghknpqruv"))[:n]]
    nodes = []
    for i, name in enumerate(names):
        earlier = [*names[: i - 1], "x", "y"] if i else ["x", "y"]
        sources = [names[i - 1]] if i else []
        if i % 3 != 2:
            more = rng.choice(earlier, 2 - len(sources), replace=False)
            sources = [str(s) for s in more] + sources
        if i % 2:  # the one that has to wait stands first, or last
            sources = sources[::-1]
        operation = "sigma" if len(sources) == 1 else str(rng.choice(["+", "-", "*"]))
        nodes.append((name, operation, sources))
    return nodes


def topological_order_calls(rng: Generator) -> Iterator[Call]:
    """Circuits with a single possible order, shuffled: the first node never stands first, the
    last one comes early and late."""
    for n, early in ((4, True), (5, False), (6, True), (7, False)):
        nodes = only_one_order(rng, n)
        first, last, *rest = nodes[0], nodes[-1], *nodes[1:-1]
        rest = [rest[i] for i in rng.permutation(len(rest))]
        order = [rest[-1], last, *rest[:-1], first] if early else [*rest, first, last]
        yield Call("values", (order,))


EXERCISES = (
    Exercise(
        name="weighted_circuit_gradient",
        parameters=("w3", "x3", "w4", "x4"),
        asks="For f = x1 − (w3·x3 + w4·x4), return [∂f/∂w3, ∂f/∂x3, ∂f/∂w4, ∂f/∂x4] as an array of "
        "shape (4,), in the order of the arguments. All of them are numbers.",
        aspects=(Aspect("values", 2, VALUES), Aspect("formula", 1, FORMULA, "formula")),
        calls=weighted_circuit_calls,
        hints=(
            "Turn one knob at a time. Everything else is a fixed number meanwhile.",
            "Two steps lie between w3 and f: the product, and then the minus in front of the "
            "brackets. By how much does each of them multiply a small change?",
            "When w3 grows by 1, the product w3·x3 grows by x3. When a product grows by 1, f falls "
            "by 1. Multiply the two; then do the same for the other three.",
        ),
    ),
    Exercise(
        name="central_difference",
        parameters=("f", "x", "h"),
        asks="Return the numeric gradient of `f` at `x`: for each entry i, f with entry i raised "
        "by `h` minus f with entry i lowered by `h`, over 2h. `x` is an array of shape (n,), "
        "perhaps of whole numbers, and is not changed; `f` takes such an array and returns a "
        "number. The result has shape (n,).",
        aspects=(
            Aspect("values", 2, VALUES),
            Aspect("whole numbers", 1, "an array of whole numbers"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=central_difference_calls,
        hints=(
            "One entry of x at a time: all others stay where they are.",
            "In a loop over the entries make two fresh copies of x. Raise entry i in one of them, "
            "lower it in the other, and call f on both.",
            "`np.array(x, dtype=float)` is a copy that can hold fractions. The two copies lie 2h "
            "apart, so the difference of f is divided by `(2 * h)`, in brackets.",
        ),
    ),
    Exercise(
        name="one_path",
        parameters=("x", "g", "g_prime", "h_prime"),
        asks="For y = g(x) and z = h(y), return dz/dx at the number `x`. `g`, `g_prime` and "
        "`h_prime` are functions of one number: g itself, g′ and h′.",
        aspects=(Aspect("values", 2, "the derivative dz/dx"),),
        calls=one_path_calls,
        hints=(
            "Two machines in a row. Each of them multiplies a small change by its own derivative.",
            "The second machine never sees x. Which number arrives at it?",
            "Compute y first. Then call h_prime where h works, g_prime where g works, and "
            "multiply.",
        ),
    ),
    Exercise(
        name="activation_circuit_gradient",
        parameters=("w3", "x3", "w4", "x4", "sigma_prime"),
        asks="For f = x1 − σ(net2) with net2 = w3·x3 + w4·x4, return [∂f/∂w3, ∂f/∂x3, ∂f/∂w4, "
        "∂f/∂x4] as an array of shape (4,). `sigma_prime` is the function σ′.",
        aspects=(Aspect("values", 3, VALUES),),
        calls=activation_circuit_calls,
        hints=(
            "Between w3 and f there are now three steps: the product, σ, and the minus.",
            "You know two of the three factors from the first exercise. The third is the slope of "
            "σ, at the place where σ works.",
            "Compute net2 once, then the slope at net2. That one number enters all four entries, "
            "each time as a factor.",
        ),
        builds_on=("weighted_circuit_gradient",),
    ),
    Exercise(
        name="two_paths",
        parameters=("s", "g", "h", "g_prime", "h_prime", "k_x", "k_y"),
        asks="For x = g(s), y = h(s) and z = k(x, y), return dz/ds at the number `s`. `g`, `h`, "
        "`g_prime` and `h_prime` are functions of one number; `k_x` and `k_y` are functions of two "
        "numbers: ∂k/∂x and ∂k/∂y at (x, y).",
        aspects=(Aspect("values", 3, "the derivative dz/ds"),),
        calls=two_paths_calls,
        hints=(
            "Follow each of the two ways from s to z by itself.",
            "Along one way the derivatives are multiplied. What is done with the results of the "
            "two ways?",
            "x and y come first. Each way is a product of two numbers: a partial derivative of k "
            "at (x, y), and the derivative of g or of h at s.",
        ),
        builds_on=("one_path",),
    ),
    Exercise(
        name="many_paths",
        parameters=("dz_dy", "dy_dx"),
        asks="x reaches z through y_1, …, y_n. Return dz/dx. Entry j of the array `dz_dy` is "
        "∂z/∂y_j, entry j of `dy_dx` is dy_j/dx; both have shape (n,), the result is one number.",
        aspects=(Aspect("values", 2, "the derivative dz/dx"),),
        calls=many_paths_calls,
        hints=(
            "It is the rule for two paths with more terms.",
            "Path j contributes a product of two numbers: the entries j of the two arrays.",
            "`dz_dy * dy_dx` multiplies entry by entry. What is still missing?",
        ),
        builds_on=("two_paths",),
    ),
    Exercise(
        name="multiple_paths_gradient",
        parameters=("w3", "x3", "w4", "x4", "sigma_prime"),
        asks="For f = (x3 + x5) − σ(net2) with net2 = w3·x3 + w4·x4, return [∂f/∂w3, ∂f/∂x3, "
        "∂f/∂w4, ∂f/∂x4] as an array of shape (4,). `sigma_prime` is the function σ′.",
        aspects=(Aspect("values", 3, VALUES),),
        calls=activation_circuit_calls,
        hints=(
            "Put a finger on each of the four and follow every way to f.",
            "Three of the four have one way only, the same as in the circuit before. Which one "
            "has two?",
            "The short way of x3 goes through the sum x3 + x5 alone. Find its derivative, and add "
            "it to that of the long way.",
        ),
        builds_on=("activation_circuit_gradient", "many_paths"),
    ),
    Exercise(
        name="topological_order",
        parameters=("circuit",),
        asks="`circuit` is a list of nodes (name, operation, inputs), in any order. Return a list "
        "of the same nodes in which each stands after all nodes that it takes inputs from. A name "
        "that no node has is an input of the circuit, and known from the start.",
        aspects=(
            Aspect("values", 2, "each node after its inputs"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=topological_order_calls,
        hints=(
            "Do it by hand first. The inputs of the circuit are known from the start. Which node "
            "could be computed right away? And once it is done?",
            "A node is ready when none of its inputs is the name of a node that still waits. Go "
            "through the circuit, move what is ready to the result, and begin again.",
            "Keep a set with the names that still wait, at first those of all nodes. `while` it is "
            "not empty: look at each node that waits, and if none of its inputs waits, append it "
            "and `remove` its name from the set.",
        ),
    ),
    Exercise(
        name="circuit_forward",
        parameters=("circuit", "inputs", "sigma"),
        asks="Compute all values of a circuit. `circuit` is a list of nodes (name, operation, "
        "inputs) in topological order; `inputs` is a dict from name to number. The operations are "
        '"+" (of two or more), "-" (first minus second), "*" (of two) and "sigma" (of one; `sigma` '
        "is the function). Return a new dict from name to value, inputs included.",
        aspects=(
            Aspect("sums", 1, "sums and differences"),
            Aspect("weights", 1, "circuits with weights and σ"),
            Aspect("paths", 1, "circuits in which values are used more than once"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=circuit_forward_calls,
        hints=(
            "You have done it by hand for every picture above: from left to right, one node after "
            "the other.",
            "Begin with a copy of `inputs`. In the loop, look up the numbers that go into the "
            "node, and store what it makes of them under its name.",
            "`for name, operation, sources in circuit:` takes a node apart, and a list over "
            "`sources` looks up what goes in. Then one `if` or `elif` for each operation; `sum` "
            "adds up a list of any length.",
        ),
    ),
    Exercise(
        name="circuit_backward",
        parameters=("circuit", "values", "sigma_prime"),
        asks="Compute all gradients of a circuit: a dict with ∂f/∂name for each name in `values`, "
        "where f is the last node of `circuit`, whatever its name. Every gradient starts at 0, "
        "that of the last node at 1. `circuit` is in topological order, `values` is a dict from "
        "name to value (inputs included), `sigma_prime` is the function σ′. The operations are "
        '"+" (of two or more), "-", "*" (of two) and "sigma".',
        aspects=(
            Aspect("sums", 1, "sums and differences"),
            Aspect("weights", 1, "circuits with weights and σ"),
            Aspect("paths", 2, "values that are used more than once"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=circuit_backward_calls,
        hints=(
            "By hand you went from right to left: what has come back to a node, times the "
            "derivative of its operation, goes on to each of its inputs.",
            "Begin with 0 for every name, and 1 for the last node. Go through the nodes from the "
            "last to the first. What comes back to a name over several edges adds up.",
            "`for name, operation, sources in reversed(circuit):`, then one `if` or `elif` for "
            'each operation. At a "-" the first input receives what has come back to the node, by '
            "`+=`. What does the second one receive, and what do the two factors of a product?",
        ),
        builds_on=("many_paths", "multiple_paths_gradient"),
    ),
)
