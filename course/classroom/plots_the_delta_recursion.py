"""The still pictures of assignment 05, each drawn by the student's own functions.

Each returns a Picture, or a Sentence while one of these functions is missing or does not work.
Networks are lists by layer with None at index 0: W[l] (n_l, n_(l−1)), b[l] (n_l, 1), the names of
the activations. Examples are columns.
"""
# ruff: noqa: E741  (l is the layer, as on the slides)

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from course.classroom.picture import ask, ask_parts, panels, picture, shade
from course.classroom.plots_networks import bare, draw_network, short
from course.classroom.style import BLUE, GREY, ORANGE, TARGETS
from course.gradcheck import compare

Layers = list[NDArray | None]
#: One network with its data: W, b, activations, X, T.
Network = tuple[Layers, Layers, list[str | None], NDArray, NDArray]

#: Inches between two blocks in a row.
GAP = 0.8
LOOKS = ((BLUE, "o", "-"), (ORANGE, "^", "--"), (GREY, "s", ":"))


def shapes_of(arrays: Layers) -> list[tuple[int, ...] | None]:
    """The shapes of arrays by layer."""
    return [None if array is None else array.shape for array in arrays]


def ask_forward(forward_pass, W: Layers, b: Layers, activations: list, X: NDArray) -> list[Layers]:
    """The student's Z and A."""
    shapes = [(len(W[l]), X.shape[1]) for l in range(1, len(W))]
    shapes = [[None, *shapes], [X.shape, *shapes]]
    return ask_parts(forward_pass, W, b, activations, X, shapes=shapes)


def ask_deltas(all_deltas, W: Layers, Z: Layers, A: Layers, T: NDArray, activations) -> Layers:
    """The student's δ of all layers."""
    return ask_parts(all_deltas, W, Z, A, T, activations, shapes=[None, *shapes_of(A[1:])])


# --- the recursion (SKKU, XJTLU) ------------------------------------------------------------


@picture
def network(
    forward_pass,
    all_deltas,
    W: Layers,
    b: Layers,
    activations: Sequence[str | None],
    x: NDArray,
    t: NDArray,
) -> tuple[Figure, str]:
    """A network at work on one example x (n_0, 1): its activations, and the δ of every layer."""
    Z, A = ask_forward(forward_pass, W, b, list(activations), x)
    delta = ask_deltas(all_deltas, W, Z, A, t, list(activations))
    names = ["input", *(f"{l}: {activations[l]}" for l in range(1, len(W)))]
    return draw_network(W, A, delta, names)


@picture
def delta_sizes(
    forward_pass,
    all_deltas,
    random_network: Callable,
    names: Sequence[str] = ("sigmoid", "tanh", "identity"),
    depth: int = 10,
    width: int = 8,
) -> tuple[Figure, str]:
    """How large the δ of each layer are on the average, in deep networks that differ in their
    activation alone."""
    rng = np.random.default_rng(5)
    W, b = random_network([width] * (depth + 1), rng)
    X, T = rng.standard_normal((2, width, 25))
    figure, (axes,) = panels(1, 1, 3.6, width=6.8)
    layers, told = np.arange(1, depth + 1), []
    for name, (colour, marker, line) in zip(names, LOOKS, strict=False):
        activations = [None] + [name] * depth
        Z, A = ask_forward(forward_pass, W, b, activations, X)
        delta = ask_deltas(all_deltas, W, Z, A, T, activations)
        sizes = np.array([np.mean(np.abs(d)) for d in delta[1:]])
        axes.plot(layers, sizes, line, marker=marker, color=colour, linewidth=2, label=name)
        told.append(f"{name} from {short(sizes[-1])} at the output to {short(sizes[0])} in layer 1")
    axes.set(xlabel="layer l (the output is on the right)", ylabel="mean size of δ")
    if any(np.any(line.get_ydata() > 0) for line in axes.lines):
        axes.set(yscale="log")
    axes.locator_params(axis="x", nbins=15, integer=True)
    axes.legend(frameon=False, title="activation of all layers")
    return figure, (
        f"Mean size of δ by layer, on a logarithmic scale, in networks of {depth} layers: "
        f"{'; '.join(told)}."
    )


# --- stages of blocks (Classical) -----------------------------------------------------------


@picture
def chain_of_blocks(
    block_backward, blocks: Sequence, values: Sequence[NDArray], dL_dy: NDArray
) -> tuple[Figure, str]:
    """Blocks in a row with the numbers between them for one example: the values on their way
    forward above, ∂L/∂(value) on its way back below."""
    N = len(blocks) - 1
    back, gradients = [None] * N + [dL_dy], [None] * (N + 1)
    for s in range(N, 0, -1):
        shapes = [values[s - 1].shape, None if isinstance(blocks[s], str) else blocks[s].shape]
        args = (blocks[s], values[s - 1], back[s])
        back[s - 1], gradients[s] = ask_parts(block_backward, *args, shapes=shapes)
    figure, (axes,) = panels(1, 1, 3.2)
    bare(axes, (8.0, 3.0))
    step = (8.0 - GAP) / N  # from one gap between blocks to the next, inches
    for s in range(N + 1):
        left = s * step + 0.04
        draw_arrow(axes, left, left + GAP - 0.08, 1.85, BLUE)
        draw_arrow(axes, left + GAP - 0.08, left, 1.45, ORANGE)
        middle = left + GAP / 2 - 0.04
        axes.text(middle, 1.95, stacked(values[s]), color=BLUE, ha="center", va="bottom")
        axes.text(middle, 1.33, stacked(back[s]), color=ORANGE, ha="center", va="top")
        if s:
            draw_block(axes, left - step + GAP, step - GAP - 0.08, blocks[s], gradients[s])
            axes.text(left - step / 2 + GAP / 2, 2.1, f"stage {s}", ha="center", color=GREY)
    axes.text(0.04, 2.8, "forward → the values", color=BLUE)
    axes.text(0.04, 0.2, "backward ← ∂L/∂(the value above)", color=ORANGE)
    row = " → ".join(block_name(block) for block in blocks[1:])
    return figure, (
        f"A row of {N} blocks: {row}. Above, the values between them go from left to right; below, "
        f"∂L/∂x of each goes from right to left, from {listed(back[-1])} at the output to "
        f"{listed(back[0])} at the input."
    )


def block_name(block: NDArray | str) -> str:
    """What stands on a block."""
    return block if isinstance(block, str) else f"W ({block.shape[0]}×{block.shape[1]})"


def listed(column: NDArray) -> str:
    """The numbers of one column in words."""
    return f"({', '.join(short(float(v)) for v in column[:, 0])})"


def stacked(column: NDArray) -> str:
    """The numbers of one column, one below the other."""
    return "\n".join(short(float(v)) for v in column[:, 0])


def draw_arrow(axes: Axes, start: float, end: float, y: float, colour: str) -> None:
    """A level arrow between two blocks."""
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.8, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", (end, y), (start, y), arrowprops=style)


def draw_block(
    axes: Axes, left: float, width: float, block: NDArray | str, gradient: NDArray | None
) -> None:
    """One box; below a matrix, which learns, the largest entry of its gradient."""
    style = {"facecolor": "#f1f2f4" if isinstance(block, str) else "#dfe9f6", "edgecolor": GREY}
    axes.add_patch(Rectangle((left, 1.3), width, 0.7, linewidth=1.2, **style))
    middle = left + width / 2
    axes.text(middle, 1.65, block_name(block), ha="center", va="center")
    if gradient is not None:
        largest = short(float(np.max(np.abs(gradient))))
        text = f"largest\n∂L/∂W: {largest}"
        axes.text(middle, 1.2, text, ha="center", va="top", color=GREY, fontsize=9)


# --- any network (XJTLU) --------------------------------------------------------------------


@picture
def gradients_agree(
    network_gradients, numeric_dW: Callable, networks: Sequence[Network]
) -> tuple[Figure, str]:
    """∂L/∂W by backpropagation against ∂L/∂W by shifting, one point per weight of each network.

    numeric_dW(l, W, b, activations, X, T) is the numeric ∂L/∂W[l].
    """
    figure, axes = panels(1, len(networks), 2.9)
    told = []
    for one, (W, b, activations, X, T) in zip(axes, networks, strict=True):
        args = (W, b, list(activations), X, T)
        dW, _ = ask_parts(network_gradients, *args, shapes=[shapes_of(W), shapes_of(b)])
        numeric = [
            ask(numeric_dW, l, W, b, list(activations), X, T, shape=W[l].shape)
            for l in range(1, len(W))
        ]
        yours, shifted = (np.concatenate([np.ravel(w) for w in one]) for one in (dW[1:], numeric))
        report = compare(yours, shifted, 1e-5)
        ends = np.array([min(yours.min(), shifted.min()), max(yours.max(), shifted.max())])
        one.plot(ends, ends, color=GREY, linewidth=1)
        one.plot(shifted, yours, "o", color=BLUE if report.agrees else ORANGE, markersize=4)
        layers = f"{len(W) - 1} layer{'s' * (len(W) > 2)}"
        verdict = "agree" if report.agrees else f"{report.disagreeing} disagree"
        one.set_title(f"{layers}\n{report.entries} weights\n{verdict}", fontsize=10)
        one.set(xlabel="by shifting")
        one.locator_params(nbins=4)
        told.append(f"{layers}, {report.entries} weights, {verdict}, error {report.error:.0e}")
    axes[0].set_ylabel("∂L/∂W, yours")
    return figure, (
        "One panel per network, one point per weight: the gradient by backpropagation against the "
        f"numeric one, with the diagonal. {'; '.join(told)}."
    )


@picture
def learning(
    take_steps,
    forward_pass,
    W: Layers,
    b: Layers,
    activations: Sequence[str | None],
    X: NDArray,
    T: NDArray,
    learning_rate: float,
    shown: Sequence[int] = (0, 30, 100, 600),
) -> tuple[Figure, str]:
    """What a network with two inputs and one output answers all over the plane, after some steps
    of training on X (2, N), T (1, N)."""
    activations = list(activations)
    shapes = [shapes_of(W), shapes_of(b)]
    across = np.linspace(*1.15 * np.array([X.min(), X.max()]), 61)
    plane = np.array(np.meshgrid(across, across)).reshape(2, -1)
    figure, axes = panels(1, len(shown), 2.9, sharex=True, sharey=True)
    told, done = [], 0
    for one, steps in zip(axes, shown, strict=True):
        if steps > done:
            args = (W, b, activations, X, T, learning_rate, steps - done)
            (W, b), done = ask_parts(take_steps, *args, shapes=shapes), steps
        y = ask_forward(forward_pass, W, b, activations, X)[1][-1]
        answers = ask_forward(forward_pass, W, b, activations, plane)[1][-1]
        area = shade(one, across, np.clip(answers, 0, 1).reshape(61, 61))
        for target, (colour, marker) in TARGETS.items():
            one.plot(*X[:, T[0] == target], marker, color=colour, markersize=3)
        right = int(np.sum((y > 0.5) == (T == 1)))
        loss = short(float(np.sum((y - T) ** 2) / 2))
        one.set_title(f"{steps} steps\nloss {loss}\n{right} of {T.size} right", fontsize=10)
        one.set(xlabel="x₁", aspect="equal")
        told.append(f"after {steps} steps loss {loss}, {right} of {T.size} points right")
    axes[0].set_ylabel("x₂")
    figure.colorbar(area, ax=axes, label="output y", ticks=[0, 0.5, 1], shrink=0.75)
    return figure, (
        "The plane coloured by the network's output, with the points to be told apart as circles "
        f"(target 0) and triangles (target 1): {'; '.join(told)}."
    )
