"""The still pictures of assignment 03, each drawn by the student's own functions.

Each returns a Picture, or a Sentence while one of these functions is missing or does not work.
"""

from collections.abc import Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course.classroom.picture import BLUE_TO_ORANGE, ask, ask_parts, panels, picture
from course.classroom.style import BLUE, GREY, ORANGE, OUTLINE, TARGETS, in_digits
from course.datasets import logic_gate

# --- from a line to a yes or no (XJTLU: logistic regression) --------------------------------


@picture
def squashed(
    sigmoid, x: NDArray, t: NDArray, w: float, b: float, xlabel: str = "hours of practice x"
) -> tuple[Figure, str]:
    """Points with targets 0 and 1: the straight line wx + b beside σ(wx + b)."""
    along = np.linspace(0, 1.08 * x.max(), 100)
    figure, axes = panels(1, 2, 3.1, sharex=True)
    lines = w * along + b, ask(sigmoid, w * along + b, shape=along.shape)
    for one, line, name in zip(axes, lines, ("z = wx + b", "y = σ(wx + b)"), strict=True):
        one.plot(along, line, color=ORANGE, linewidth=2)
        draw_targets(one, x, t, t)
        one.set(title=name, xlabel=xlabel)
    axes[0].set_ylabel("z, and targets t")
    axes[1].set_ylabel("y, and targets t")
    axes[1].set_ylim(-0.08, 1.08)
    middle = float(ask(sigmoid, float(w * x.mean() + b)))
    return figure, (
        f"{len(x)} points with target 0 or 1. Left, the straight line z, from "
        f"{in_digits(lines[0][0])} to {in_digits(lines[0][-1])}. Right, the same line through the "
        f"sigmoid: from {in_digits(lines[1][0])} to {in_digits(lines[1][-1])}, and "
        f"{in_digits(middle)} at the mean of x."
    )


def draw_targets(axes: Axes, x: NDArray, y: NDArray, t: NDArray) -> None:
    """Points (x, y), by their targets."""
    for target, (colour, marker) in TARGETS.items():
        chosen = t == target
        axes.plot(x[chosen], y[chosen], marker, color=colour, markersize=9, **OUTLINE)


# --- activations and their slopes (XJTLU, SKKU, Classical) ----------------------------------


@picture
def activations(sigmoid, sigmoid_prime, activation_and_slope) -> tuple[Figure, str]:
    """Sigmoid, tanh and ReLU, each with its slope."""
    z = np.linspace(-5, 5, 200)  # 0 itself is not among them: ReLU has a corner there
    curves = {
        "sigmoid": (ask(sigmoid, z, shape=z.shape), ask(sigmoid_prime, z, shape=z.shape)),
        "tanh": ask_parts(activation_and_slope, "tanh", z, shapes=[z.shape] * 2),
        "ReLU": ask_parts(activation_and_slope, "relu", z, shapes=[z.shape] * 2),
    }
    figure, axes = panels(1, 3, 3.1)
    told = []
    for one, (name, (a, slope)) in zip(axes, curves.items(), strict=True):
        one.plot(z, a, color=BLUE, linewidth=2, label="value a")
        one.plot(z, slope, "--", color=ORANGE, linewidth=2, label="slope da/dz")
        one.set(title=name, xlabel="z", ylabel="a, and da/dz")
        told.append(
            f"{name} runs from {in_digits(a[0])} to {in_digits(a[-1])}, its largest slope is "
            f"{in_digits(slope.max())}"
        )
    axes[2].set_ylim(-0.25, 3)
    axes[0].legend(frameon=False, fontsize=9)
    return figure, f"Three curves with their slopes for z from −5 to 5: {'; '.join(told)}."


# --- one neuron, forward and backward (XJTLU) -----------------------------------------------

SEVEN = [()] * 7  # z, y, L, ȳ, z̄, ∂L/∂w, ∂L/∂b


@picture
def neuron_chain(sigmoid_neuron, w: float, b: float, x: float, t: float) -> tuple[Figure, str]:
    """The chain w, b → z → y → L with its values above and its error signals below."""
    parts = ask_parts(sigmoid_neuron, w, b, x, t, shapes=SEVEN)
    z, y, loss, y_bar, z_bar, dw, db = (in_digits(float(part)) for part in parts)
    figure, (axes,) = panels(1, 1, 3.3)
    axes.set(xlim=(-0.9, 9.3), ylim=(-1.45, 1.75))
    for hidden in (axes.xaxis, axes.yaxis):
        hidden.set_visible(False)
    axes.spines[:].set_visible(False)
    places = {"w": (0, 1), "b": (0, -0.6), "z": (3.2, 0.2), "y": (6, 0.2), "L": (8.6, 0.2)}
    for start, end in (("w", "z"), ("b", "z"), ("z", "y"), ("y", "L")):
        arrow = {"arrowstyle": "-|>", "color": GREY, "linewidth": 1.5, "shrinkA": 17, "shrinkB": 17}
        axes.annotate("", places[end], places[start], arrowprops=arrow)
    words = {"size": 10, "ha": "center", "va": "center"}
    for name, place in places.items():
        axes.plot(*place, "o", markersize=30, markerfacecolor="white", markeredgecolor=GREY)
        axes.annotate(name, place, size=13, ha="center", va="center")
    w, b, x, t = (in_digits(given) for given in (w, b, x, t))
    above = {"w": f"w = {w}", "b": f"b = {b}", "z": z, "y": y, "L": loss}
    below = {"w": f"∂L/∂w = {dw}", "b": f"∂L/∂b = {db}", "z": f"z̄ = {z_bar}", "y": f"ȳ = {y_bar}"}
    for name, (across, up) in places.items():
        axes.text(across, up + 0.47, above[name], color=BLUE, weight="bold", **words)
        if name in below:
            axes.text(across, up - 0.47, below[name], color=ORANGE, **words)
    for across, text in ((1.75, f"x = {x}"), (4.6, "σ"), (7.3, f"t = {t}")):
        axes.text(across, 1.0 if across < 2 else 0.42, text, color=GREY, **words)
    axes.text(4.2, 1.6, "forward →", color=BLUE, **words)
    axes.text(4.2, -1.3, "← backward", color=ORANGE, **words)
    return figure, (
        f"From w = {w} and b = {b} arrows lead to z = {z}, on to y = {y} and to the loss "
        f"{loss}. Backward below them: ȳ = {y_bar}, z̄ = {z_bar}, ∂L/∂w = {dw}, ∂L/∂b = {db}."
    )


@picture
def stuck(
    sigmoid_neuron, starts: Sequence[float] = (0.5, 3.0, 8.0), steps: int = 60
) -> tuple[Figure, str]:
    """One example with x = 1, t = 0, squared loss: how y falls from several starts, η = 1."""
    figure, (left, right) = panels(1, 2, 3.3)
    told = []
    for start, style in zip(starts, cycle(("-", "--", ":", "-.")), strict=False):
        seen = np.array(neuron_walk(sigmoid_neuron, start, steps))
        for axes, values in ((left, seen[:, 1]), (right, np.abs(seen[:, 4]))):
            colour = BLUE if axes is left else ORANGE
            axes.plot(values, style, linewidth=2, color=colour, label=f"from z = {start:g}")
            axes.legend(frameon=False, fontsize=9, loc="center right")
        told.append(
            f"from z = {start:g}, y goes from {in_digits(seen[0, 1])} to {in_digits(seen[-1, 1])}"
        )
    left.set(title="the answer; 0 would be right", xlabel="step", ylabel="y", ylim=(0, 1.05))
    right.set(title="how hard the example pulls", xlabel="step", ylabel="|z̄|")
    right.set_ylim(bottom=-0.003)
    return figure, f"{steps} steps with target 0: {'; '.join(told)}. Beside it the size of z̄."


def neuron_walk(sigmoid_neuron, start: float, steps: int) -> list[list[float]]:
    """The seven numbers at each step of gradient descent on w and b, from w = 0, b = start."""
    w, b, seen = 0.0, start, []
    for _ in range(steps + 1):
        seen.append([float(p) for p in ask_parts(sigmoid_neuron, w, b, 1.0, 0.0, shapes=SEVEN)])
        w, b = w - seen[-1][5], b - seen[-1][6]
    return seen


# --- squared loss and cross-entropy side by side (XJTLU) ------------------------------------


@picture
def two_losses(sigmoid, sigmoid_prime, sigmoid_neuron, binary_cross_entropy) -> tuple[Figure, str]:
    """Both losses and both error signals dL/dz against z, for an example with target 0."""
    z = np.linspace(-8, 8, 65)
    squared = np.array(
        [ask_parts(sigmoid_neuron, 1.0, 0.0, float(x), 0.0, shapes=SEVEN) for x in z]
    )
    y, slope = ask(sigmoid, z, shape=z.shape), ask(sigmoid_prime, z, shape=z.shape)
    one_by_one = [
        ask_parts(binary_cross_entropy, y[i : i + 1], np.zeros(1), shapes=[(), (1,)])
        for i in range(len(z))
    ]
    losses = np.array([float(J) for J, _ in one_by_one])
    signals = np.array([float(grad[0]) for _, grad in one_by_one]) * slope
    figure, (left, right) = panels(1, 2, 3.4)
    left.plot(z, squared[:, 2], "--", color=ORANGE, linewidth=2, label="squared, ½(y − t)²")
    left.plot(z, losses, color=BLUE, linewidth=2, label="cross-entropy")
    left.set(title="the loss of a wrong answer", xlabel="z (target 0)", ylabel="loss")
    left.legend(frameon=False, fontsize=9)
    right.plot(z, squared[:, 4], "--", color=ORANGE, linewidth=2, label="squared")
    right.plot(z, signals, color=BLUE, linewidth=2, label="cross-entropy")
    right.set(title="its error signal", xlabel="z (target 0)", ylabel="dL/dz")
    right.legend(frameon=False, fontsize=9)
    return figure, (
        "Two losses against z for target 0. At z = 8 the squared loss is "
        f"{in_digits(squared[-1, 2])} with error signal {in_digits(squared[-1, 4])}; the "
        f"cross-entropy is {in_digits(losses[-1])} with error signal {in_digits(signals[-1])}."
    )


# --- logistic regression: it works for a single perceptron (XJTLU) ---------------------------


@picture
def learned_curve(
    sigmoid,
    logistic_regression,
    x: NDArray,
    t: NDArray,
    learning_rate: float = 0.05,
    shown: Sequence[int] = (0, 10, 100, 3000),
    xlabel: str = "hours of practice x",
) -> tuple[Figure, str]:
    """A neuron with one input learns points with targets 0 and 1: its curve at some epochs."""
    figure, (left, right) = panels(1, 2, 3.3, width_ratios=(1.5, 1))
    along = np.linspace(0, 1.08 * x.max(), 100)
    told = []
    for i, epochs in enumerate(shown):
        w, b, losses = ask_parts(
            logistic_regression,
            *(x[np.newaxis], t, np.zeros(1), 0.0, learning_rate, epochs),
            shapes=[(1,), (), (epochs + 1,)],
        )
        curve = ask(sigmoid, w * along + b, shape=along.shape)
        dashes = "-" if epochs == shown[-1] else (":", "-.", "--")[i % 3]
        left.plot(along, curve, dashes, color=ORANGE, linewidth=2, label=f"epoch {epochs}")
        told.append(f"epoch {epochs}, w = {in_digits(w[0])}, b = {in_digits(float(b))}")
    draw_targets(left, x, t, t)
    left.set(title="the curve at some epochs", xlabel=xlabel, ylabel="y, and targets t")
    left.legend(frameon=False, fontsize=9, loc="lower right", bbox_to_anchor=(1, 0.08))
    left.set_ylim(-0.08, 1.08)
    right.plot(losses, color=BLUE, linewidth=2)
    right.set(title="the loss", xlabel="epoch", ylabel="loss L")
    right.set_ylim(bottom=0)
    return figure, f"The curve y = σ(wx + b) turns towards the targets: {'; '.join(told)}."


# --- AND, OR, XOR (XJTLU: it works for a single perceptron) ---------------------------------


@picture
def gates(
    sigmoid,
    logistic_regression,
    names: Sequence[str] = ("and", "or", "xor"),
    learning_rate: float = 0.5,
    epochs: int = 500,
) -> tuple[Figure, str]:
    """What one neuron learns of each gate: its answers with the decision line, and its losses."""
    figure, axes = panels(2, len(names), 5.6, height_ratios=(1.5, 1), sharey="row")
    told = []
    for column, name in enumerate(names):
        X, T = logic_gate(name)
        w, b, losses = ask_parts(
            logistic_regression,
            *(X, T[0], np.array([0.6, -0.4]), 0.2, learning_rate, epochs),
            shapes=[(2,), (), (epochs + 1,)],
        )
        y = ask(sigmoid, w @ X + b, shape=(4,))
        draw_decision(axes[column], sigmoid, w, float(b), X, T[0], y)
        learned = int(np.sum(np.abs(y - T[0]) < 0.4))  # 0.5 is no answer at all
        axes[column].set_title(f"{name.upper()}: {learned} of 4 learned")
        below = axes[column + len(names)]
        below.plot(losses, color=BLUE, linewidth=2)
        below.set(xlabel="epoch")
        below.set_ylim(bottom=0)
        below.annotate(
            f"loss {losses[-1]:.2f}", (epochs, losses[-1]), (0, 6), ha="right",
            textcoords="offset points", fontsize=9,
        )  # fmt: skip
        told.append(f"{name.upper()} {', '.join(f'{one:.2f}' for one in y)}")
    axes[0].set_ylabel("x₂")
    axes[len(names)].set_ylabel("loss L")
    return figure, (
        f"What one neuron answers for the inputs 00, 01, 10, 11 after {epochs} epochs: "
        f"{'; '.join(told)}. A line parts the answers above 0.5 from those below; below, the "
        "losses."
    )


def draw_decision(
    axes: Axes, sigmoid, w: NDArray, b: float, X: NDArray, t: NDArray, y: NDArray
) -> None:
    """The answers over the plane, the line where y = 0.5, and the four points with theirs."""
    ends = np.array([-0.5, 1.5])
    grid = np.linspace(*ends, 41)
    across, up = np.meshgrid(grid, grid)
    answers = ask(sigmoid, (w[0] * across + w[1] * up + b).ravel(), shape=(grid.size**2,))
    extent = (*ends, *ends)
    smooth = {"vmin": 0, "vmax": 1, "interpolation": "bilinear", "origin": "lower"}
    axes.imshow(answers.reshape(across.shape), cmap=BLUE_TO_ORANGE, extent=extent, **smooth)
    if np.hypot(*w) > 0.02:  # no direction is left otherwise
        axes.contour(across, up, w[0] * across + w[1] * up + b, [0.0], colors=[GREY])
    draw_targets(axes, X[0], X[1], t)
    for place, one in zip(X.T, y, strict=True):
        axes.annotate(
            f"{one:.2f}", place, (0, 9), textcoords="offset points", ha="center", fontsize=9
        )
    axes.grid(visible=False)
    axes.set(xlabel="x₁", xlim=ends, ylim=ends, xticks=[0, 1], yticks=[0, 1])


# --- softmax (XJTLU) ------------------------------------------------------------------------


@picture
def shares(softmax, scores: NDArray) -> tuple[Figure, str]:
    """Scores (n, N), one example per column, above; the shares that softmax makes of them below."""
    y = ask(softmax, scores, shape=scores.shape)
    n, N = scores.shape
    figure, axes = panels(2, N, 4.2, sharey="row")
    low, high = min(0.0, float(scores.min())), max(0.0, float(scores.max()))
    span = max(high - low, 1.0)
    for column in range(N):
        for axes_, values, colour in (
            (axes[column], scores[:, column], GREY),
            (axes[column + N], y[:, column], BLUE),
        ):
            axes_.bar(range(n), values, color=colour, width=0.6)
            for k, value in enumerate(values):
                text = f"{value:g}" if colour == GREY else f"{value:.2f}"
                axes_.annotate(
                    text.replace("-", "−"), (k, max(value, 0)), (0, 2), ha="center",
                    textcoords="offset points", fontsize=9,
                )  # fmt: skip
            axes_.axhline(0, color=GREY, linewidth=0.8)
            axes_.set_xticks(range(n))
        axes[column].set_ylim(low - 0.05 * span, high + 0.2 * span)
        axes[column + N].set_xlabel("class k")
        axes[column].set_xlabel("class k")
    axes[N].set_ylim(0, 1.15)
    axes[0].set_ylabel("score z")
    axes[N].set_ylabel("share y")
    told = "; ".join(
        f"{', '.join(in_digits(s) for s in scores[:, c])} become "
        f"{', '.join(f'{s:.2f}' for s in y[:, c])}"
        for c in range(N)
    )
    return figure, f"Bars for the scores of {N} examples and their shares: {told}."


@picture
def dependence(softmax_backward, y: NDArray) -> tuple[Figure, str]:
    """How each output changes with each score, ∂y_k/∂z_p, as a table of numbers."""
    n = len(y)
    table = np.array([ask(softmax_backward, y, row, shape=(n,)) for row in np.eye(n)])
    figure, (axes,) = panels(1, 1, 3.2, width=4.6)
    largest = max(np.abs(table).max(), 1e-12)
    axes.imshow(table, cmap=BLUE_TO_ORANGE.reversed(), vmin=-largest, vmax=largest)
    for k, p in np.ndindex(n, n):
        axes.text(p, k, f"{table[k, p]:+.3f}".replace("-", "−"), ha="center", va="center")
    axes.grid(visible=False)
    axes.set(xticks=range(n), yticks=range(n))
    axes.set(xlabel="p, the score that grows", ylabel="k, the output", title="∂yₖ / ∂zₚ")
    own = ", ".join(f"{table[k, k]:+.3f}" for k in range(n))
    others = table[~np.eye(n, dtype=bool)]
    alt = (
        f"A table of {n} times {n} numbers, how each output changes with each score. Each output "
        f"with its own score: {own}; with the others between {others.min():+.3f} and "
        f"{others.max():+.3f}."
    )
    return figure, alt.replace("-", "−")


@picture
def competition(
    softmax,
    softmax_cross_entropy,
    z: NDArray,
    right: int,
    learning_rate: float = 0.5,
    steps: int = 30,
) -> tuple[Figure, str]:
    """The scores z (n,) of one example descend, z ← z − ηδ: scores and shares at each step."""
    t = np.eye(len(z))[:, [right]]
    scores = [z[:, np.newaxis]]
    for _ in range(steps):
        shapes = [(), t.shape]
        _, delta = ask_parts(softmax_cross_entropy, scores[-1], t, shapes=shapes)
        scores.append(scores[-1] - learning_rate * delta)
    walk = np.hstack(scores)
    y = ask(softmax, walk, shape=walk.shape)
    figure, axes = panels(1, 2, 3.3)
    for one, values, name in zip(axes, (walk, y), ("score z", "share y"), strict=True):
        for k in range(len(z)):
            style = {"color": BLUE, "linewidth": 2.5} if k == right else {"color": ORANGE}
            dashes = "-" if k == right else ("--", ":", "-.")[k % 3]
            one.plot(values[k], dashes, label=f"class {k}", **style)
        one.set(xlabel="step", ylabel=name)
    axes[1].set_ylim(-0.05, 1.05)
    axes[1].legend(frameon=False, fontsize=9, loc="center right")
    axes[0].set_title(f"right is class {right}")
    axes[1].set_title("their shares")
    ends = ", ".join(f"class {k} from {y[k, 0]:.2f} to {y[k, -1]:.2f}" for k in range(len(z)))
    return figure, f"{steps} steps along −δ, class {right} being right. Shares: {ends}."
