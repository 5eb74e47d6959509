"""The still pictures of assignment 04, each drawn by the student's own functions.

Each returns a Picture, or a Sentence while one of these functions is missing or does not work.
Networks have one hidden layer: W1 (p, d), b1 (p, 1), W2 (m, p), b2 (m, 1); ``x`` (d, 1) and ``t``
(m, 1) are one example, ``X`` (d, N) and ``T`` (m, N) several. ``sigmoid`` is the notebook's own.
"""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from numpy.typing import NDArray

from course.classroom.picture import ask, ask_parts, panels, picture, shade
from course.classroom.plots_networks import (
    RADIUS,
    bare,
    draw_edges,
    draw_network,
    draw_unit,
    listed,
    short,
)
from course.classroom.style import GREY, TARGETS

LAYERS = ["sensors x", "hidden h", "answers o"]

#: Inches from an amplifier's middle to its base.
BASE = 0.3

Network = tuple[NDArray, NDArray, NDArray, NDArray]


def run(weighted_sums: Callable, sigmoid: Callable, network: Network, X: NDArray) -> list[NDArray]:
    """Z1, A1, Z2, A2 of a forward pass with the student's weighted sums."""
    W1, b1, W2, b2 = network
    Z1 = ask(weighted_sums, W1, b1, X, shape=(len(W1), X.shape[1]))
    A1 = sigmoid(Z1)
    Z2 = ask(weighted_sums, W2, b2, A1, shape=(len(W2), X.shape[1]))
    return [Z1, A1, Z2, sigmoid(Z2)]


# --- one example, forward and backward ------------------------------------------------------


@picture
def forward_pass(weighted_sums, sigmoid, network: Network, x: NDArray) -> tuple[Figure, str]:
    """The network with its weights and, in the units, what one example makes of them."""
    W1, _, W2, _ = network
    _, A1, _, A2 = run(weighted_sums, sigmoid, network, x)
    return draw_network([None, W1, W2], [x, A1, A2], names=LAYERS)


@picture
def forward_and_backward(
    weighted_sums,
    output_sensitivity,
    hidden_sensitivity,
    sigmoid,
    network: Network,
    x: NDArray,
    t: NDArray,
) -> tuple[Figure, str]:
    """The forward pass, and beside it the sensitivities that come back (XJTLU)."""
    W1, _, W2, _ = network
    Z1, A1, Z2, A2 = run(weighted_sums, sigmoid, network, x)
    delta2 = ask(output_sensitivity, Z2, t, shape=Z2.shape)
    delta1 = ask(hidden_sensitivity, W2, delta2, Z1, shape=Z1.shape)
    return draw_network([None, W1, W2], [x, A1, A2], [None, delta1, delta2], LAYERS)


@picture
def classical(
    weighted_sums,
    classical_backward,
    sigmoid,
    W: NDArray,
    w: NDArray,
    x: NDArray,
    GT: float,
) -> tuple[Figure, str]:
    """The 3 → 4 → 1 network of the lecture: y and P forward, ∂L/∂z and ∂L/∂O backward."""
    network = W, np.zeros((len(W), 1)), w[np.newaxis], np.zeros((1, 1))
    _, y, _, P = run(weighted_sums, sigmoid, network, x[:, np.newaxis])
    by = ask_parts(classical_backward, W, w, x, GT, shapes={"dO": (), "dz": w.shape})
    delta = [None, by["dz"], by["dO"].reshape(1)]
    return draw_network([None, W, w[np.newaxis]], [x, y, P], delta, ["x", "y", "P"])


# --- the backward pass is a network too (NSYSU) ---------------------------------------------


@picture
def backward_network(
    weighted_sums, backward_neuron, sigmoid, network: Network, x: NDArray, t: NDArray
) -> tuple[Figure, str]:
    """From right to left: o − t, the outputs' amplifiers, the weights, the hidden amplifiers."""
    _, _, W2, _ = network
    _, h, _, o = run(weighted_sums, sigmoid, network, x)
    start, gains2, gains1 = (v[:, 0] for v in (o - t, o * (1 - o), h * (1 - h)))
    outputs = [
        float(ask(backward_neuron, float(gain), np.ones(1), np.array([s])))
        for gain, s in zip(gains2, start, strict=True)
    ]
    hidden = [
        float(ask(backward_neuron, float(gain), W2[:, j].copy(), np.array(outputs)))
        for j, gain in enumerate(gains1)
    ]
    figure, (axes,) = panels(1, 1, 1.0 * max(W2.shape) + 0.6)
    size = 8.0, 1.0 * max(W2.shape) + 0.3
    bare(axes, size)
    heights = [size[1] / 2 - 0.15 + ((n - 1) / 2 - np.arange(n)) for n in W2.shape]
    result, amplifier1, wires, amplifier2, source = (
        [np.column_stack([np.full(len(y), at), y]) for y in heights]
        for at in (0.75, 2.0, 5.0, 6.2, 7.4)
    )
    draw_edges(axes, W2, amplifier1[1] + [BASE - RADIUS, 0.0], wires[0], "←")
    for k, gain in enumerate(gains2):
        join(axes, source[0][k], amplifier2[0][k] + [BASE, 0.0])
        join(axes, amplifier2[0][k], wires[0][k] + [RADIUS, 0.0])
        draw_amplifier(axes, *amplifier2[0][k], gain)
        draw_unit(axes, *source[0][k], start[k])
        draw_unit(axes, *wires[0][k], outputs[k])
    for j, gain in enumerate(gains1):
        join(axes, amplifier1[1][j], result[1][j] + [RADIUS, 0.0])
        draw_amplifier(axes, *amplifier1[1][j], gain)
        draw_unit(axes, *result[1][j], hidden[j])
    heads = ("∂L/∂z, hidden", "gain σ′(z)", "weights w", "∂L/∂z, output", "gain σ′(z)", "∂L/∂o")
    for at, head in zip((0.75, 2.0, 3.5, 5.0, 6.2, 7.4), heads, strict=True):
        axes.text(at, size[1] - 0.12, head, ha="center", color=GREY, fontsize=9)
    return figure, (
        "The backward network, read from right to left. In come ∂L/∂o = "
        f"{listed(start)}; amplifiers with gains {listed(gains2)} make of them ∂L/∂z = "
        f"{listed(np.array(outputs))} of the outputs. Along the weights they reach the hidden "
        f"amplifiers, gains {listed(gains1)}. Out come ∂L/∂z = {listed(np.array(hidden))}."
    )


def draw_amplifier(axes: Axes, x: float, y: float, gain: float) -> None:
    """A triangle that points to the left, with its gain in it."""
    corners = [(x - 0.42, y), (x + BASE, y + 0.34), (x + BASE, y - 0.34)]
    axes.add_patch(Polygon(corners, facecolor="#eef0f3", edgecolor=GREY, linewidth=1.5, zorder=3))
    axes.text(x + 0.05, y, f"×{short(gain)}", ha="center", va="center", fontsize=8, zorder=4)


def join(axes: Axes, start: NDArray, end: NDArray) -> None:
    """A wire with no weight on it."""
    style = {"arrowstyle": "-|>", "color": GREY, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", end, start, arrowprops=style, zorder=1)


# --- the network learns ---------------------------------------------------------------------


@picture
def learning(
    weighted_sums,
    gradient_step,
    sigmoid,
    network: Network,
    X: NDArray,
    T: NDArray,
    learning_rate: float,
    shown: Sequence[int],
) -> tuple[Figure, str]:
    """Points of two classes in the plane, and what the network says of every place, at some
    steps of the student's gradient descent."""
    shapes = [part.shape for part in network]
    figure, axes = panels(1, len(shown), 2.75, sharey=True)
    across = np.linspace(-1.5, 1.5, 61)
    plane = np.array([v.ravel() for v in np.meshgrid(across, across)])
    told, step = [], 0
    for one, wanted in zip(axes, shown, strict=True):
        for _ in range(step, wanted):
            network = tuple(ask_parts(gradient_step, *network, X, T, learning_rate, shapes=shapes))
        step = wanted
        *_, answers = run(weighted_sums, sigmoid, network, plane)
        *_, at_points = run(weighted_sums, sigmoid, network, X)
        right = float(np.mean((at_points > 0.5) == (T > 0.5)))
        shade(one, across, answers.reshape(len(across), -1))
        for value, (colour, marker) in TARGETS.items():
            chosen = X[:, T[0] == value]
            one.plot(*chosen, marker, color=colour, markersize=3.5, label=f"t = {value}")
        one.set(title=f"step {step}\n{100 * right:.0f} % right", xlabel="x₁", aspect="equal")
        told.append(f"{100 * right:.0f} % at step {step}")
    axes[0].set_ylabel("x₂")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right center", frameon=False)
    return figure, (
        f"{X.shape[1]} points of two classes in the plane. The shading shows the network's "
        "answer at every place, a line where it is ½. Points on the right side of it: "
        f"{', '.join(told)}."
    )
