"""The still pictures of assignment 06, and the training of many networks side by side.

Each picture is drawn by the student's own functions; it is a Sentence while one of these is missing
or does not work. θ is the tuple (W1, b1, W2, b2) of a network with two inputs, two hidden units and
one output; ``X`` has shape (2, N), ``T`` (1, N).
"""

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from course.classroom.calling import call
from course.classroom.picture import NotYet, ask, ask_parts, no_picture, panels, picture, shade
from course.classroom.plain import as_numbers
from course.classroom.style import BLUE, GREY, ORANGE, OUTLINE, TARGETS, in_digits
from course.datasets import logic_gate

Theta = tuple[NDArray, NDArray, NDArray, NDArray]
#: Iteration or name -> θ.
Networks = Mapping[int | str, Theta]

PALE = ["#c4d8f0", "#f7d3b5"]
#: Shapes of W1, b1, W2, b2.
SHAPES = ((2, 2), (2, 1), (1, 2), (1, 1))


def whole(theta: object) -> Theta:
    """The four arrays of a θ; NotYet if it is anything else."""
    if theta is None:
        raise NotYet("This picture waits for the weights of a training above.")
    parts = [as_numbers(part) for part in theta] if isinstance(theta, list | tuple) else []
    if tuple(part.shape for part in parts if part is not None) != SHAPES:
        raise NotYet("No picture: these are not the weights (W1, b1, W2, b2) of a 2–2–1 network.")
    if not all(np.isfinite(part).all() for part in parts):
        raise NotYet("No picture: among these weights is nan or infinity.")
    return tuple(parts)


def layers(xor_forward, theta: Theta, X: NDArray) -> list[NDArray]:
    """The student's H (2, N) and Y (1, N)."""
    N = X.shape[1]
    return ask_parts(xor_forward, theta, X, shapes=[(2, N), (1, N)])


# --- points and planes ----------------------------------------------------------------------


def draw_points(axes: Axes, where: NDArray, X: NDArray, T: NDArray, named: bool = True) -> None:
    """The examples at the places ``where`` (2, N); the four corners with their names."""
    corners = X.shape[1] == 4
    for target, (colour, marker) in TARGETS.items():
        chosen = where[:, T[0] == target]
        size = 9 if corners else 4.5
        axes.plot(
            *chosen, marker, color=colour, markersize=size, label=f"t = {target:g}", **OUTLINE
        )
    for at, name in groups(where, X) if corners and named else ():
        left = at[0] < 0.55  # the name stands where there is more room
        axes.annotate(
            name,
            at,
            (8 if left else -8, 0),
            textcoords="offset points",
            ha="left" if left else "right",
            va="center",
            fontsize=9,
            path_effects=[withStroke(linewidth=2.5, foreground="white")],
        )


def groups(where: NDArray, X: NDArray) -> list[tuple[NDArray, str]]:
    """Places with the names of the examples there; those close to each other share one."""
    found: list[tuple[NDArray, str]] = []
    for at, (a, b) in zip(where.T, X.T, strict=True):
        name = f"{a:.0f}{b:.0f}"
        for k, (place, names) in enumerate(found):
            if np.linalg.norm(at - place) < 0.12:
                found[k] = place, f"{names}, {name}"
                break
        else:
            found.append((at, name))
    return found


def draw_plane(
    axes: Axes, low: float, high: float, value: Callable[[NDArray], NDArray], border: float = 0.5
) -> None:
    """A value over a square as shades, from 0 to 1 or about ``border``, and the line there."""
    across = np.linspace(low, high, 61)
    heights = value(np.array(np.meshgrid(across, across)).reshape(2, -1)).reshape(61, 61)
    if border == 0.5:
        shade(axes, across, heights)
    else:
        far = np.max(np.abs(heights)) + 1.0
        axes.contourf(across, across, heights, [-far, border, far], colors=PALE)
        if heights.min() < border < heights.max():
            axes.contour(across, across, heights, [border], colors=GREY, linewidths=2)
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    axes.set(xlabel="x₁", xticks=[0, 1], yticks=[0, 1])
    axes.grid(visible=False)


def draw_hidden_plane(axes: Axes, theta: Theta, H: NDArray, X: NDArray, T: NDArray) -> None:
    """The examples at their hidden activations, and the output unit's border: a straight line."""
    _, _, W2, b2 = theta
    draw_plane(axes, -0.1, 1.1, lambda h: W2 @ h + b2, border=0.0)
    draw_points(axes, H, X, T)
    axes.set(xlabel="h₁")


def legend(figure: Figure, axes: Axes) -> None:
    """What the markers mean, below the panels."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncol=2, frameon=False)


def listed(values: NDArray) -> str:
    """Numbers in words, to two decimals."""
    return ", ".join(f"{value:.2f}" for value in np.ravel(values))


# --- one line is not enough -----------------------------------------------------------------


@picture
def gates() -> tuple[Figure, str]:
    """OR and AND with the one line that each needs, XOR with both."""
    figure, axes = panels(1, 3, 3.2, sharey=True)
    ends = np.array([-0.4, 1.4])
    for one, (name, sums) in zip(axes, GATES.items(), strict=True):
        for total in sums:
            one.plot(ends, total - ends, color=GREY, linewidth=2)
        draw_points(one, *2 * [logic_gate(name)[0]], logic_gate(name)[1])
        one.set(xlim=ends, ylim=ends, aspect="equal", title=name.upper(), xlabel="x₁")
    axes[0].set_ylabel("x₂")
    legend(figure, axes[0])
    return figure, (
        "The four corners of the unit square, three times. For OR, a line parts 00 from the other "
        "three; for AND, a line parts 11 from the others. For XOR both lines are needed: 01 and "
        "10 lie between them, 00 and 11 outside."
    )


#: gate -> x1 + x2 on the lines drawn
GATES = {"or": (0.5,), "and": (1.5,), "xor": (0.5, 1.5)}


@picture
def hidden_space(xor_forward, theta: Theta, X: NDArray, T: NDArray) -> tuple[Figure, str]:
    """What each hidden unit answers over the inputs, and the examples as the output sees them."""
    theta = whole(theta)
    H, Y = layers(xor_forward, theta, X)
    figure, axes = panels(1, 3, 3.4)
    for j, one in enumerate(axes[:2]):
        draw_plane(one, -0.4, 1.4, lambda plane, j=j: layers(xor_forward, theta, plane)[0][j])
        draw_points(one, X, X, T)
        one.set(title=f"hidden unit {j + 1}", ylabel="x₂")
    draw_hidden_plane(axes[2], theta, H, X, T)
    axes[2].set(title="hidden space", ylabel="h₂")
    legend(figure, axes[0])
    where = "; ".join(
        f"{a:.0f}{b:.0f} at ({listed(h)})" for (a, b), h in zip(X.T, H.T, strict=True)
    )
    return figure, (
        "Left and middle, the activation of each hidden unit over the input plane, with the line "
        f"where it is ½. Right, the examples at (h₁, h₂): {where}; a straight line is the border "
        f"of the output, which is {listed(Y)}."
    )


@picture
def learning(
    xor_forward,
    networks: Networks,
    X: NDArray,
    T: NDArray,
    shown: Sequence[int | str] | None = None,
) -> tuple[Figure, str]:
    """One column per network (of those ``shown``): its output over the inputs above, the hidden
    space below."""
    if not isinstance(networks, Mapping) or not networks.keys() >= set(shown or ()):
        raise NotYet("This picture waits for the weights of the training above.")
    names = list(networks if shown is None else shown)
    if not names:
        raise NotYet("This picture waits for the networks of the cell above.")
    figure, axes = panels(2, len(names), 4.9, width=max(2.05 * len(names), 2.6))
    told = []
    for column, name in enumerate(names):
        theta, (above, below) = whole(networks[name]), axes[column :: len(names)]
        title = name if isinstance(name, str) else f"iteration {name:,}"
        H, Y = layers(xor_forward, theta, X)
        draw_plane(
            above, -0.4, 1.4, lambda plane, theta=theta: layers(xor_forward, theta, plane)[1]
        )
        draw_points(above, X, X, T, named=column == 0)
        draw_hidden_plane(below, theta, H, X, T)
        above.set_title(title, fontsize=10)
        if column == 0:
            above.set_ylabel("x₂")
            below.set_ylabel("h₂")
        told.append(f"{title}, {described(Y, T)}")
    legend(figure, axes[0])
    return figure, (
        "Above, the output over the input plane with the line where it is ½; below, the examples "
        f"in the hidden space with the output unit's straight border. {'; '.join(told)}."
    )


def described(Y: NDArray, T: NDArray) -> str:
    """Outputs in words: one by one, or how many are on the right side."""
    if T.size <= 4:
        return f"outputs {listed(Y)}"
    right = int(np.sum(np.abs(Y - T) < 0.5))
    return f"{right} of {T.size} points on their side"


# --- the loss -------------------------------------------------------------------------------


@picture
def loss_curve(losses: Sequence[float], marked: Sequence[int] = ()) -> tuple[Figure, str]:
    """The loss against the iteration, with dots at some of them."""
    heights = as_numbers(losses)
    if heights is None or heights.ndim != 1 or len(heights) <= max(marked, default=0):
        raise NotYet("This picture waits for the losses of the training above.")
    if not np.isfinite(heights).all():
        raise NotYet("No picture: among the losses is nan or infinity.")
    figure, (axes,) = panels(1, 1, 3.4, width=6.8)
    axes.plot(heights, color=BLUE, linewidth=2)
    axes.plot(marked, heights[list(marked)], "o", color=ORANGE, markersize=8, **OUTLINE)
    axes.set(xlabel="iteration", ylabel="loss ½ Σ (y − t)²")
    axes.set(ylim=(-0.04 * heights.max(), None))
    axes.xaxis.set_major_formatter(lambda k, _: f"{k:,.0f}")
    told = ", ".join(f"{in_digits(float(heights[k]))} at {k:,}" for k in marked)
    return figure, f"The loss against the iteration, with dots at some of them: {told}."


@picture
def between(xor_loss, theta: Theta, X: NDArray, T: NDArray) -> tuple[Figure, str]:
    """The loss on the straight way from θ to the same network with its hidden units swapped."""
    W1, b1, W2, b2 = theta = whole(theta)
    swapped = W1[::-1], b1[::-1], W2[:, ::-1], b2
    way = np.linspace(0, 1, 61)
    pairs = list(zip(theta, swapped, strict=True))
    heights = [
        float(ask(xor_loss, tuple((1 - s) * p + s * q for p, q in pairs), X, T)) for s in way
    ]
    figure, (axes,) = panels(1, 1, 3.4, width=6.8)
    axes.plot(way, heights, color=BLUE, linewidth=2, label="the loss on the way")
    ends = [heights[0], heights[-1]]
    axes.plot([0, 1], ends, "--", color=ORANGE, linewidth=2, label="the chord")
    axes.plot([0, 1], ends, "o", color=ORANGE, markersize=9, **OUTLINE)
    axes.set(xlabel="share of the way from θ to its swapped twin", ylabel="loss ½ Σ (y − t)²")
    axes.set(ylim=(-0.04 * max(heights), 1.1 * max(heights)))
    axes.legend(frameon=False)
    return figure, (
        f"The loss along a straight line between two networks: {in_digits(ends[0])} and "
        f"{in_digits(ends[1])} at the ends, {in_digits(heights[30])} in the middle. The dashed "
        "chord joins the two ends."
    )


@picture
def final_losses(
    stuck_starts, losses: Sequence[float], outputs: NDArray, T: NDArray
) -> tuple[Figure, str]:
    """The final losses of many starts in ascending order; the stuck ones have their own marks."""
    heights, outputs = as_numbers(losses), as_numbers(outputs)
    if heights is None or outputs is None or heights.shape != (len(np.atleast_1d(outputs)),):
        raise NotYet("This picture waits for the trained networks of the cell above.")
    if not np.isfinite(heights).all():
        raise NotYet("No picture: among the losses is nan or infinity.")
    stuck = rows_of(stuck_starts, outputs, T)
    order = np.argsort(heights, kind="stable")
    figure, (axes,) = panels(1, 1, 3.4, width=6.8)
    places, is_stuck = np.arange(1, len(order) + 1), np.isin(order, stuck)
    kinds = (~is_stuck, "solved"), (is_stuck, "stuck")
    for (which, name), (colour, marker) in zip(kinds, TARGETS.values(), strict=True):
        count = int(which.sum())
        axes.plot(
            places[which],
            heights[order][which],
            marker,
            color=colour,
            markersize=6,
            label=f"{name}: {count}",
            **OUTLINE,
        )
    axes.set(xlabel="starts, in the order of their final loss", ylabel="final loss ½ Σ (y − t)²")
    axes.set(ylim=(-0.02, max(0.4, 1.1 * heights.max())))
    axes.legend(frameon=False, loc="upper left")
    told = "none is stuck"
    if len(stuck):
        low, high = heights[stuck].min(), heights[stuck].max()
        told = f"{len(stuck)} are stuck, at losses from {low:.2f} to {high:.2f}"
    return figure, f"The final losses of {len(heights)} starts in ascending order: {told}."


def rows_of(stuck_starts, outputs: NDArray, T: NDArray) -> NDArray:
    """The row numbers that the student's function returns, as many as there are."""
    numbers = as_numbers(call(stuck_starts, (outputs, T)).value)
    length = len(numbers) if numbers is not None and numbers.ndim == 1 else 0
    found = ask(stuck_starts, outputs, T, shape=(length,))
    if not np.isin(found, np.arange(len(outputs))).all():
        name = getattr(stuck_starts, "__name__", "the function")
        raise no_picture(name, "Among the numbers it returned are some that are no rows")
    return found.astype(int)


@picture
def batch_losses(losses: Sequence[float], threshold: float) -> tuple[Figure, str]:
    """The loss of each round's batch on a logarithmic scale, and the threshold."""
    heights = as_numbers(losses)
    if heights is None or heights.ndim != 1 or not heights.size:
        raise NotYet("This picture waits for the losses of the loop above.")
    if not (np.isfinite(heights).all() and heights.min() > 0):
        raise NotYet("No picture: among the losses is nan, infinity or a number below 0.")
    figure, (axes,) = panels(1, 1, 3.4, width=6.8)
    axes.semilogy(heights, ".", color=BLUE, markersize=3)
    axes.axhline(threshold, color=ORANGE, linestyle="--", linewidth=2)
    label = {"textcoords": "offset points", "color": ORANGE}
    axes.annotate(f"threshold {threshold:g}", (0, threshold), (2, 5), **label)
    axes.plot(len(heights) - 1, heights[-1], "o", color=ORANGE, markersize=8, **OUTLINE)
    axes.set(xlabel="round", ylabel="loss of the round's batch")
    axes.xaxis.set_major_formatter(lambda k, _: f"{k:,.0f}")
    return figure, (
        f"The loss of {len(heights):,} rounds, each of its own batch, scattered from "
        f"{in_digits(float(heights.max()))} to {in_digits(float(heights.min()))} on a logarithmic "
        f"scale. The last is {in_digits(float(heights[-1]))}, the threshold {threshold:g}."
    )


# --- many networks side by side -------------------------------------------------------------


def side_by_side(
    xor_forward,
    xor_gradients,
    xor_step,
    starts: Sequence[Theta],
    X: NDArray,
    T: NDArray,
    learning_rate: float,
    steps: int,
    seconds: float = 20.0,
) -> tuple[NDArray, list[Theta]]:
    """Train many networks at once: their outputs (starts, N) and their weights, after ``steps``.

    All of them are parts of one large network, in which the weights between different parts are
    and stay 0. The student's functions train it as they train a small one. If they are so slow
    that it would take more than ``seconds``, only the first few starts are trained.
    """
    while len(starts) > 1:
        begun = time.perf_counter()
        train_parts(xor_gradients, xor_step, starts, X, T, learning_rate, steps=10)
        if (time.perf_counter() - begun) * steps / 10 < seconds:
            break
        starts = starts[: len(starts) // 2]
    theta = train_parts(xor_gradients, xor_step, starts, X, T, learning_rate, steps)
    return np.asarray(xor_forward(theta, X)[1]), apart(theta, len(starts))


def train_parts(
    xor_gradients,
    xor_step,
    starts: Sequence[Theta],
    X: NDArray,
    T: NDArray,
    learning_rate: float,
    steps: int,
) -> Theta:
    """θ of the large network after some steps of gradient descent."""
    theta, edges = joined(starts)
    targets = np.repeat(T, len(starts), axis=0)
    for _ in range(steps):
        dW1, db1, dW2, db2 = xor_gradients(theta, X, targets)
        theta = xor_step(theta, (dW1, db1, dW2 * edges, db2), learning_rate)
    return theta


def joined(starts: Sequence[Theta]) -> tuple[Theta, NDArray]:
    """θ of the large network, and a table that is 1 where one of its W2 has an edge."""
    W1, b1, W2, b2 = zip(*starts, strict=True)
    edges = np.kron(np.eye(len(starts)), np.ones_like(W2[0]))
    return (np.vstack(W1), np.vstack(b1), edges * np.hstack(W2), np.vstack(b2)), edges


def apart(theta: Theta, parts: int) -> list[Theta]:
    """The θ of each part of the large network."""
    W1, b1, W2, b2 = theta
    rows = np.split(np.arange(len(W1)), parts)
    return [(W1[own], b1[own], W2[i : i + 1, own], b2[i : i + 1]) for i, own in enumerate(rows)]
