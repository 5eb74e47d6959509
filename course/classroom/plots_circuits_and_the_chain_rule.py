"""The still pictures of assignment 02, each drawn by the student's own functions.

Each returns a Picture, or a Sentence while one of these functions is missing or does not work.
A circuit is a list of nodes (name, operation, inputs) in topological order.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course.circuit_drawing import Node, draw_circuit, number
from course.classroom.calling import call
from course.classroom.marking import kind_of
from course.classroom.picture import NotYet, ask, no_picture, panels, picture
from course.classroom.plain import as_numbers
from course.classroom.style import BLUE, GREY, ORANGE, OUTLINE, in_digits

#: Nodes in a picture, at most.
MOST_DRAWN = 40

# --- circuits with their values and gradients (Princeton) -----------------------------------


@picture
def circuit(
    circuit: Sequence[Node],
    values: Mapping[str, float] | None = None,
    gradients: Mapping[str, float] | None = None,
) -> tuple[Figure, str]:
    """The circuit with what is known of its values and gradients, by name."""
    return drawn(circuit, values or {}, gradients or {}, {})


@picture
def circuit_by_hand(
    circuit: Sequence[Node],
    values: Mapping[str, float],
    gradient: Callable,
    names: Sequence[str],
    *more,
) -> tuple[Figure, str]:
    """The circuit with ∂f/∂name for some names, from the student's ``gradient``.

    ``gradient`` takes the values of ``names`` in their order, then ``more``; it returns an array
    with one entry for each of the names.
    """
    entries = ask(gradient, *(values[name] for name in names), *more, shape=(len(names),))
    return drawn(circuit, values, dict(zip(names, entries.tolist(), strict=True)), {})


@picture
def circuit_by_machine(
    circuit: Sequence[Node],
    inputs: Mapping[str, float],
    circuit_forward: Callable,
    circuit_backward: Callable,
    sigma: Callable,
    sigma_prime: Callable,
) -> tuple[Figure, str]:
    """The circuit with all values and gradients, from the student's two passes."""
    check_drawable(circuit)
    names = {*inputs, *(name for name, _, _ in circuit)}
    values = by_name(circuit_forward, names, list(circuit), dict(inputs), sigma)
    gradients = by_name(circuit_backward, names, list(circuit), values, sigma_prime)
    over_edges = {}
    for name, operation, sources in circuit:
        # The student's own function again, on this node alone with its inputs told apart: what
        # one step back multiplies by.
        apart = [f"{source} {k}" for k, source in enumerate(sources)]
        at = {name: values[name]}
        at |= {place: values[source] for place, source in zip(apart, sources, strict=True)}
        step = by_name(circuit_backward, set(at), [(name, operation, apart)], at, sigma_prime)
        over_edges |= {(name, k): gradients[name] * step[place] for k, place in enumerate(apart)}
    return drawn(circuit, values, gradients, over_edges)


def by_name(function: Callable, names: set[str], *args) -> dict[str, float]:
    """What a student's function returns: a dict with a finite number for each of ``names``."""
    value = call(function, args).value
    if value is None:
        ask(function, *args)  # says why
    if not isinstance(value, dict) or not names <= value.keys():
        raise no_picture(
            function.__name__,
            f"It returned {kind_of(value)}, not a dict with the keys {', '.join(sorted(names))}",
        )
    numbers = {name: as_numbers(value[name]) for name in names}
    for name, found in numbers.items():
        if found is None or found.shape or not np.isfinite(found):
            raise no_picture(function.__name__, f"Its entry '{name}' is not one finite number")
    return {name: float(found) for name, found in numbers.items()}


def check_drawable(circuit: Sequence[Node]) -> None:
    """Raise NotYet where a circuit is too large to draw, or not in topological order."""
    if not 0 < len(circuit) <= MOST_DRAWN:
        raise NotYet(f"A circuit of {len(circuit)} nodes has no picture: 1 to {MOST_DRAWN} have.")
    waiting = {name for name, _, _ in circuit}
    for name, _, sources in circuit:
        if early := sorted(waiting.intersection(sources)):
            raise NotYet(f"No picture: `{name}` stands before `{early[0]}`, which it needs.")
        waiting.remove(name)


def drawn(
    circuit: Sequence[Node],
    values: Mapping[str, float],
    gradients: Mapping[str, float],
    over_edges: Mapping[tuple[str, int], float],
) -> tuple[Figure, str]:
    """The picture of a circuit, and the words for it."""
    check_drawable(circuit)
    names = [name for name, _, _ in circuit]
    sources = dict.fromkeys(s for _, _, inputs in circuit for s in inputs if s not in names)
    words = f"A circuit with the inputs {', '.join(sources)}; its output is {names[-1]}."
    shown = [f"{n} = {number(values[n])}" for n in [*sources, names[-1]] if n in values]
    back = [f"{number(gradients[n])} for {n}" for n in sources if n in gradients]
    for title, told in (("Forward", shown), (f"Backward, gradient of {names[-1]}", back)):
        if told:
            words += f" {title}: {', '.join(told)}."
    return draw_circuit(circuit, values, gradients, over_edges), words


# --- numeric gradients ----------------------------------------------------------------------


@picture
def step_sizes(central_difference) -> tuple[Figure, str]:
    """The error of the student's central difference for steps of all sizes, and of a forward
    difference, for eˣ at x = 1."""
    steps = np.logspace(-13, 0, 40)
    x, true = np.array([1.0]), np.e
    central = [
        abs(ask(central_difference, exponential, x, float(h), shape=(1,))[0] / true - 1)
        for h in steps
    ]
    forward = [abs((np.exp(1 + h) - np.e) / h / true - 1) for h in steps]
    figure, (axes,) = panels(1, 1, 3.8, width=6.4)
    # An error of exactly 0 has no place on a logarithmic scale.
    axes.loglog(steps, np.maximum(forward, 1e-17), "s--", color=GREY, markersize=4)
    axes.loglog(steps, np.maximum(central, 1e-17), "o-", color=BLUE, markersize=4)
    label = {"textcoords": "offset points", "va": "center"}
    axes.annotate("one side", (steps[-12], forward[-12]), (-8, 10), ha="right", **label)
    at = (steps[-12], max(central[-12], 1e-17))
    axes.annotate("both sides", at, (12, -8), color=BLUE, **label)
    axes.set(xlabel="step h", ylabel="relative error", ylim=(1e-14, 10))
    best = int(np.argmin(central))
    return figure, (
        "Relative error of a numeric derivative against the step h, both axes logarithmic. From "
        "the right the errors fall, the one of both sides twice as steeply; from the left they "
        f"rise again in a jagged line. Both sides are best near h = {steps[best]:.0e}, with an "
        f"error of {central[best]:.0e}."
    )


def exponential(x: NDArray) -> float:
    """eˣ for the only entry of x."""
    return float(np.exp(x[0]))


# --- an activation --------------------------------------------------------------------------


@picture
def activation(sigma, sigma_prime, at: Sequence[float]) -> tuple[Figure, str]:
    """The curve of σ with its tangents at some z."""
    z = np.linspace(-5, 5, 101)
    figure, (axes,) = panels(1, 1, 3.2, width=6.4)
    axes.plot(z, ask(sigma, z, shape=z.shape), color=BLUE, linewidth=2)
    told = []
    for place in at:
        height, slope = float(ask(sigma, place)), float(ask(sigma_prime, place))
        reach = np.array([-0.9, 0.9]) / np.hypot(1, 2.5 * slope)
        axes.plot(place + reach, height + slope * reach, color=ORANGE, linewidth=2.5)
        axes.plot(place, height, "o", color=ORANGE, **OUTLINE)
        axes.annotate(
            f"slope {in_digits(slope)}",
            (place, height),
            (8, -8) if place < 1.5 else (0, -10),
            textcoords="offset points",
            va="top",
            ha="left" if place < 1.5 else "center",
            color=ORANGE,
        )
        told.append(f"{in_digits(slope)} at z = {in_digits(place)}")
    axes.set(xlabel="z", ylabel="σ(z)", ylim=(-1.25, 1.25))
    return figure, (
        "The curve of σ: flat on the left near −1, rising through 0, flat again on the right near "
        f"1. Its slope is {', '.join(told)}."
    )


# --- a circuit that learns ------------------------------------------------------------------


@picture
def learned(
    train, sigma, x: NDArray, t: NDArray, steps: int, shown: Sequence[int]
) -> tuple[Figure, str]:
    """The curve v·σ(w·x + b) + c through the points at some steps, and the loss on the way.

    ``train(steps)`` returns a row [w, b, v, c, L] for each step, the start included.
    """
    outcome = call(train, (steps,))
    if outcome.kind == "unwritten":
        raise NotYet(f"This picture appears once `{outcome.words}` is written.")
    path = as_numbers(outcome.value)
    if path is None or path.shape != (steps + 1, 5) or not np.isfinite(path).all():
        raise NotYet(
            "No picture yet: this training does not work. Try `check(circuit_forward)` and "
            "`check(circuit_backward)`."
        )
    figure, (data, losses) = panels(1, 2, 3.5, width_ratios=(1.3, 1))
    fine = np.linspace(x.min(), x.max(), 101)
    for k, style in zip(shown, ("--", "-.", "-"), strict=False):
        w, b, v, c, _ = path[k]
        curve = v * ask(sigma, w * fine + b, shape=fine.shape) + c
        data.plot(fine, curve, style, color=ORANGE, linewidth=2, label=f"after {k} steps")
        losses.plot(k, path[k, 4], "o", color=ORANGE, markersize=8, **OUTLINE)
    data.plot(x, t, "o", color=BLUE, label="measured", **OUTLINE)
    data.legend(frameon=False, fontsize=9, loc="upper left")
    data.set(xlabel="time x (three weeks each)", ylabel="height in metres")
    losses.plot(path[:, 4], color=BLUE, linewidth=2, zorder=1)
    losses.set(xlabel="step", ylabel="loss L", yscale="log")
    told = ", ".join(f"{in_digits(float(path[k, 4]))} after {k}" for k in shown)
    return figure, (
        f"Left, {len(x)} points along an S and the curve of the circuit after "
        f"{', '.join(map(str, shown))} steps. Right, the loss on a logarithmic scale: {told}."
    )
