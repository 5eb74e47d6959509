"""The still pictures of assignment 07, each drawn by the student's own functions.

Each returns a Picture, or a Sentence while one of these functions is missing or does not work.
Examples are columns: ``X`` (n_0, N), ``T`` (n_L, N); ``theta`` holds all weights in one array.
"""

import time
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course.classroom.calling import call, undisturbed
from course.classroom.marking import kind_of
from course.classroom.picture import ask, no_picture, panels, picture
from course.classroom.plain import as_numbers
from course.classroom.plots import PALE_BLUES, draw_arrow
from course.classroom.style import BLUE, GREY, ORANGE, OUTLINE, in_digits

#: Colour, line and marker of up to four curves: told apart in black and white too.
CURVES = ((BLUE, "-", "o"), (ORANGE, "--", "s"), (GREY, "-.", "^"), ("#111111", ":", "D"))

# --- handwritten digits ---------------------------------------------------------------------


@picture
def digit_images(X: NDArray, labels: NDArray, count: int = 20) -> tuple[Figure, str]:
    """The first digits of X (64, N) with their labels."""
    figure, axes = images(-(-count // 10))
    for one, pixels, label in zip(axes, X.T, labels[:count], strict=False):
        draw_image(one, pixels, f"{label:.0f}")
    return figure, (
        f"{count} handwritten digits of 8 by 8 grey pixels, each with its label: "
        f"{', '.join(f'{label:.0f}' for label in labels[:count])}."
    )


def images(rows: int, columns: int = 10) -> tuple[Figure, list[Axes]]:
    """Places for small pictures, ten in a row, without axes."""
    figure, axes = panels(rows, columns, 1.15 * rows)
    for one in axes:
        one.axis("off")
    return figure, axes


def draw_image(axes: Axes, pixels: NDArray, title: str, colour: str = "black", **colours) -> None:
    """64 numbers as a picture of 8 by 8; by default 0 is white and 1 is black."""
    colours = colours or {"cmap": "Greys", "vmin": 0, "vmax": 1}
    axes.imshow(pixels.reshape(8, 8), **colours)
    axes.set_title(title, fontsize=11, color=colour)


@picture
def guesses(X: NDArray, labels: NDArray, Y: NDArray) -> tuple[Figure, str]:
    """Digits with what a network takes them for: above some that are right, below wrong ones.

    X (64, N), labels (N,), Y (10, N): the network's outputs, which sum to 1 in each column.
    """
    guess, sure = Y.argmax(axis=0), Y.max(axis=0)
    right, wrong = np.flatnonzero(guess == labels), np.flatnonzero(guess != labels)
    shown = [*right[:10], *wrong[:20]]
    rows = (len(right) > 0) + -(-min(len(wrong), 20) // 10)
    figure, axes = panels(max(rows, 1), 10, 1.45 * max(rows, 1))
    for one in axes:
        one.axis("off")
    places = [*range(len(right[:10])), *range(10 * (len(right) > 0), 10 * len(axes))]
    for place, n in zip(places, shown, strict=False):
        is_right = guess[n] == labels[n]
        title = f"{guess[n]}" if is_right else f"{guess[n]}, not {labels[n]:.0f}"
        colour = BLUE if is_right else ORANGE
        draw_image(axes[place], X[:, n], f"{title}\n{100 * sure[n]:.0f} %", colour)
    mistaken = ", ".join(f"{labels[n]:.0f} as {guess[n]}" for n in wrong[:6]) or "none"
    return figure, (
        f"Digits with the network's guess and how sure it is. Above, {len(right[:10])} that are "
        f"right. Below, {min(len(wrong), 20)} of the {len(wrong)} wrong ones among "
        f"{len(labels)}; read wrongly are, for example, {mistaken}."
    )


# --- one at a time, and mini-batches (Princeton) --------------------------------------------


@picture
def well_one_by_one(
    sgd_epoch,
    gradient: Callable,
    loss: Callable,
    houses: NDArray,
    people: NDArray,
    start: NDArray,
    learning_rate: float,
    order: Sequence[int],
) -> tuple[Figure, str]:
    """The well's walk through the village, one house at a time, and the loss on the way."""

    def after(theta, n):
        arguments = theta, houses, people, learning_rate, np.array([n])
        return ask(sgd_epoch, gradient, *arguments, shape=(2,))

    path = [start]
    for n in order:
        path.append(after(path[-1], n))
    heights = [loss(theta, houses, people) / houses.shape[1] for theta in path]
    figure, (village, axes) = panels(1, 2, 3.9, width_ratios=(1.15, 1))
    draw_village(village, houses, people, np.array(path))
    village.set_title("one step per house")
    axes.plot(heights, ".-", color=ORANGE, linewidth=1.2, label="where the well is")
    lowest = loss(best_place(houses, people), houses, people) / houses.shape[1]
    axes.axhline(lowest, color=BLUE, label="at the best place")
    axes.legend(frameon=False)
    axes.set(xlabel="houses visited", ylabel="loss, mean over all houses")
    rises = int(np.sum(np.diff(heights) > 0))
    return figure, (
        f"A map of {houses.shape[1]} houses. The well starts in a corner and jumps towards one "
        f"house after the other; the best place is marked by a star. The loss over all houses "
        f"goes from {in_digits(heights[0])} to {in_digits(heights[-1])} in {len(order)} steps and "
        f"rises in {rises} of them."
    )


@picture
def well_in_batches(
    minibatch_epoch,
    gradient: Callable,
    step: Callable,
    houses: NDArray,
    people: NDArray,
    start: NDArray,
    batch_sizes: Sequence[int],
    steps: int,
    seed: int,
) -> tuple[Figure, str]:
    """The well's walk with batches of several sizes; the same number of steps in each."""
    figure, axes = panels(1, len(batch_sizes), 3.1, sharey=True)
    N = houses.shape[1]
    words = []
    for one, b in zip(axes, batch_sizes, strict=True):
        rng, path = np.random.default_rng(seed), [start]
        while len(path) <= steps:
            order = rng.permutation(N)
            for k in range(0, N, b):
                arguments = path[-1], houses, people, b, order[k : k + b]
                path.append(ask(minibatch_epoch, gradient, step, *arguments, shape=(2,)))
        draw_village(one, houses, people, np.array(path[: steps + 1]))
        one.set_title("b = 1" if b == 1 else f"b = {b}" if b < N else f"b = {b}, all")
        jitter = np.std(np.array(path[steps // 2 : steps + 1]), axis=0).max()
        words.append(f"with b = {b} by about {in_digits(float(jitter))}")
    for one in axes[1:]:
        one.set_ylabel("")
    return figure, (
        f"Three maps of the same village with {steps} steps of the well, for batches of "
        f"{', '.join(map(str, batch_sizes))} houses. In the second half of the walk it still "
        f"moves about, {', '.join(words)}."
    )


def best_place(houses: NDArray, people: NDArray) -> NDArray:
    """Where the sum of people × distance² is lowest."""
    return (houses * people).sum(axis=1) / people.sum()


def draw_village(axes: Axes, houses: NDArray, people: NDArray, path: NDArray) -> None:
    """Houses, larger where more people live, the best place, and a walk."""
    axes.scatter(*houses, s=16 * people.ravel(), color="#9dbbe0", edgecolor=BLUE, zorder=1)
    axes.plot(*path.T, ".-", color=ORANGE, linewidth=1, markersize=4, zorder=2)
    axes.plot(*path[0], "s", color=GREY, markersize=8, **OUTLINE)
    axes.plot(*path[-1], "o", color=ORANGE, markersize=8, **OUTLINE)
    axes.plot(*best_place(houses, people), "*", color="black", markersize=13, **OUTLINE)
    axes.set(xlabel="metres east", ylabel="metres north", aspect="equal")


@picture
def batch_sizes(
    minibatch_epoch,
    gradient: Callable,
    loss: Callable,
    step: Callable,
    theta: NDArray,
    X: NDArray,
    T: NDArray,
    sizes: Sequence[int],
    epochs: int,
    seed: int,
) -> tuple[Figure, str]:
    """The mean loss of the digits by epochs and by steps, for several batch sizes."""
    figure, (by_epoch, by_step) = panels(1, 2, 3.6, sharey=True)
    N, told = X.shape[1], []
    for (colour, line, marker), b in zip(CURVES, sizes, strict=False):
        heights = course_of_training(
            minibatch_epoch, gradient, loss, step, theta, X, T, b, epochs, seed
        )
        look = {"color": colour, "linestyle": line, "marker": marker, "markersize": 4}
        by_epoch.semilogy(heights, **look, label=f"b = {b}")
        steps = -(-N // b) * np.arange(epochs + 1)
        by_step.loglog(steps[1:], heights[1:], **look)
        told.append(f"b = {b}: {in_digits(heights[-1])} after {steps[-1]:,} steps")
    by_epoch.legend(frameon=False)
    by_epoch.set(xlabel="epochs", ylabel="mean loss", title="what one pass through the data buys")
    by_step.set(xlabel="steps", ylabel="mean loss", title="what one step buys")
    return figure, (
        f"The mean loss over {epochs} epochs for several batch sizes, left against the epochs, "
        f"right against the steps, on logarithmic scales. At the end: {'; '.join(told)}."
    )


def course_of_training(
    minibatch_epoch,
    gradient: Callable,
    loss: Callable,
    step: Callable,
    theta: NDArray,
    X: NDArray,
    T: NDArray,
    batch_size: int,
    epochs: int,
    seed: int,
) -> list[float]:
    """The mean loss before the first epoch and after each."""
    rng, N = np.random.default_rng(seed), X.shape[1]
    heights = [float(loss(theta, X, T)) / N]
    for _ in range(epochs):
        arguments = theta, X, T, batch_size, rng.permutation(N)
        theta = ask(minibatch_epoch, gradient, step, *arguments, shape=theta.shape)
        heights.append(float(loss(theta, X, T)) / N)
    return heights


@picture
def epoch_times(
    minibatch_epoch,
    gradient: Callable,
    step: Callable,
    theta: NDArray,
    X: NDArray,
    T: NDArray,
    sizes: Sequence[int],
) -> tuple[Figure, str]:
    """How long one epoch takes on this machine, for several batch sizes."""
    order, times = np.arange(X.shape[1]), []
    for b in sizes:
        arguments = gradient, step, theta, X, T, b, order
        ask(minibatch_epoch, *arguments, shape=theta.shape)
        times.append(1000 * seconds(minibatch_epoch, arguments))
    figure, (axes,) = panels(1, 1, 2.2, width=6.4)
    bars = axes.barh([f"b = {b}" for b in sizes], times, color=BLUE)
    axes.bar_label(bars, [f"{t:.2g} ms" if t < 100 else f"{t:.0f} ms" for t in times], padding=4)
    axes.invert_yaxis()
    axes.set(xlabel="milliseconds for one epoch", ylabel="batch size", xlim=(0, 1.2 * max(times)))
    told = "; ".join(
        f"b = {b}: {in_digits(float(f'{t:.2g}'))}" for b, t in zip(sizes, times, strict=True)
    )
    return figure, f"Bars: the milliseconds that one epoch takes, by batch size. {told}."


def seconds(function: Callable, arguments: tuple) -> float:
    """How long a call takes, the best of three; what it prints is not shown."""
    best = np.inf
    with undisturbed():
        for _ in range(3):
            began = time.perf_counter()
            function(*arguments)
            best = min(best, time.perf_counter() - began)
    return best


def times_in_rounds(function: Callable, several: Sequence[tuple], enough: float = 0.5) -> NDArray:
    """The shortest time of a call for each of several arguments, in up to five rounds.

    In rounds, so that what disturbs the machine for a while does not hit one of them alone.
    After ``enough`` seconds no further round begins.
    """
    began, best = time.perf_counter(), np.full(len(several), np.inf)
    for _ in range(5):
        best = np.minimum(best, [seconds(function, arguments) for arguments in several])
        if time.perf_counter() - began > enough:
            break
    return best


# --- better steps (Classical) ---------------------------------------------------------------

#: A long narrow valley, ½ (θ₁² + 20 θ₂²), and where the walks through it begin.
STEEPNESS = np.array([1.0, 20.0])
VALLEY_START = np.array([-4.0, 1.1])


def draw_valley(axes: Axes, path: NDArray, colour: str = ORANGE, marker: str = "o") -> None:
    """The contours of the valley and a walk through it."""
    across, up = np.linspace(-4.7, 3.2, 90), np.linspace(-1.7, 1.7, 60)
    heights = (across**2 + STEEPNESS[1] * up[:, np.newaxis] ** 2) / 2
    levels = [0, 0.1, 0.5, 1, 2, 4, 8, 16, 32, 64]
    axes.contourf(across, up, heights, levels, colors=PALE_BLUES(np.linspace(0, 1, len(levels))))
    axes.contour(across, up, heights, levels, colors=GREY, linewidths=0.4)
    axes.plot(*path.T, marker=marker, color=colour, linewidth=1.3, markersize=4, **OUTLINE)
    axes.plot(*path[0], "s", color=GREY, markersize=8, **OUTLINE)
    axes.plot(0, 0, "*", color="black", markersize=12, **OUTLINE)
    axes.set(xlabel="θ₁", ylabel="θ₂", xlim=(-4.7, 3.2), ylim=(-1.7, 1.7))
    axes.grid(visible=False)


def height_in_valley(theta: NDArray) -> float:
    """The loss of the valley."""
    return float(STEEPNESS @ theta**2 / 2)


def valley_walk(step: Callable, state: NDArray, steps: int) -> NDArray:
    """The places visited; step(theta, state, g) returns the next theta and state."""
    path = [VALLEY_START]
    for _ in range(steps):
        theta, state = step(path[-1], state, STEEPNESS * path[-1])
        path.append(theta)
    return np.array(path)


@picture
def momentum_in_a_valley(
    momentum_step, learning_rate: float, decays: Sequence[float], steps: int
) -> tuple[Figure, str]:
    """Walks down a long narrow valley with different decays."""
    figure, axes = panels(1, len(decays), 2.8, sharey=True)
    words = []
    for one, decay in zip(axes, decays, strict=True):

        def step(theta, velocity, g, decay=decay):
            return ask(momentum_step, theta, velocity, g, learning_rate, decay, shape=(2, 2))

        path = valley_walk(step, np.zeros(2), steps)
        draw_valley(one, path)
        left = in_digits(height_in_valley(path[-1]))
        one.set_title(f"decay {decay:g}: loss {left}")
        words.append(f"with decay {decay:g} to {left}")
    for one in axes[1:]:
        one.set_ylabel("")
    return figure, (
        f"Contours of a long narrow valley and walks of {steps} steps from the same place, the "
        f"lowest place marked by a star. From {in_digits(height_in_valley(VALLEY_START))} the "
        f"loss falls {', '.join(words)}."
    )


@picture
def update_rules(
    momentum_step,
    rmsprop_step,
    minibatch_epoch,
    gradient: Callable,
    loss: Callable,
    theta: NDArray,
    X: NDArray,
    T: NDArray,
    rates: dict[str, float],
    batch_size: int,
    epochs: int,
    seed: int,
) -> tuple[Figure, str]:
    """Learning curves of three rules on the digits.

    ``rates``: the learning rates for "plain", "momentum" and "RMSprop".
    """
    ways = {
        "plain": lambda *args: momentum_step(*args, rates["plain"], 0.0),
        "momentum": lambda *args: momentum_step(*args, rates["momentum"], 0.9),
        "RMSprop": lambda theta, state, g: rmsprop_step(
            theta, state, g, rates["RMSprop"], 0.9, 1e-8
        ),
    }
    probe = VALLEY_START, np.zeros(2), STEEPNESS * VALLEY_START
    ask(momentum_step, *probe, 0.1, 0.9, shape=(2, 2))  # if one fails, the sentence should name it
    ask(rmsprop_step, *probe, 0.1, 0.9, 1e-8, shape=(2, 2))
    figure, (axes,) = panels(1, 1, 3.9, width=6.4)
    told = []
    for (colour, line, marker), (name, way) in zip(CURVES, ways.items(), strict=False):
        heights = course_of_training(
            minibatch_epoch, gradient, loss, remembering(way), theta, X, T, batch_size, epochs, seed
        )
        look = {"color": colour, "linestyle": line, "marker": marker, "markersize": 4}
        axes.semilogy(heights, **look, label=f"{name}, η = {rates[name]:g}")
        told.append(f"{name} {in_digits(heights[-1])}")
    axes.legend(frameon=False)
    axes.set(xlabel="epochs", ylabel="mean loss", title=f"digits, batches of {batch_size}")
    return figure, (
        f"Learning curves of three update rules on the digits, mean loss against epochs on a "
        f"logarithmic scale. After {epochs} epochs: {', '.join(told)}."
    )


def remembering(way: Callable) -> Callable:
    """step(theta, g) that keeps the rule's second array from one call to the next."""
    state = None

    def step(theta, g):
        nonlocal state
        theta, state = way(theta, np.zeros_like(theta) if state is None else state, g)
        return np.asarray(theta)

    return step


@picture
def newton_walks(newton_step) -> tuple[Figure, str]:
    """Newton's step in the valley, and on a surface with a saddle."""
    figure, (bowl, saddle) = panels(1, 2, 3.6)
    arguments = VALLEY_START, STEEPNESS * VALLEY_START, np.diag(STEEPNESS)
    path = np.array([VALLEY_START, ask(newton_step, *arguments, shape=(2,))])
    draw_valley(bowl, path)
    bowl.set_title("a valley: one step")
    walk = [np.array([1.3, 0.35])]
    for _ in range(5):
        x, y = walk[-1]
        first, second = np.array([x, y**3 - y]), np.diag([1.0, 3 * y**2 - 1])
        walk.append(ask(newton_step, walk[-1], first, second, shape=(2,)))
    draw_saddle(saddle, np.array(walk))
    end = ", ".join(in_digits(float(entry)) for entry in path[-1])
    last = ", ".join(in_digits(float(np.round(entry, 3))) for entry in walk[-1])
    return figure, (
        f"Left, the long narrow valley: one Newton step leads to ({end}); the lowest place is "
        f"(0, 0). Right, a surface with two valleys, at (0, 1) and (0, −1), and a saddle between "
        f"them at (0, 0): five Newton steps lead to ({last}). An arrow at the start shows the "
        "way downhill, towards (0, 1)."
    )


def draw_saddle(axes: Axes, walk: NDArray) -> None:
    """The surface x²/2 − y²/2 + y⁴/4 and a walk on it."""
    across, up = np.linspace(-1.2, 1.8, 90), np.linspace(-1.5, 1.5, 90)[:, np.newaxis]
    heights = across**2 / 2 - up**2 / 2 + up**4 / 4
    levels = np.array([-0.25, -0.2, -0.1, 0.0001, 0.1, 0.25, 0.5, 0.8, 1.2, 2.0])
    shades = PALE_BLUES(np.linspace(0, 1, len(levels) - 1))
    axes.contourf(across, up.ravel(), heights, levels, colors=shades, extend="both")
    lines = {"colors": GREY, "linewidths": 0.5, "linestyles": "solid"}
    axes.contour(across, up.ravel(), heights, levels, **lines)
    for y in (-1, 1):
        axes.plot(0, y, "*", color="black", markersize=12, **OUTLINE)
    x, y = walk[0]
    downhill = -np.array([x, y**3 - y])
    draw_arrow(axes, walk[0], walk[0] + 0.75 * downhill / np.hypot(*downhill), GREY, 2)
    axes.annotate("downhill", walk[0], (-34, 14), textcoords="offset points", color=GREY)
    axes.plot(*walk.T, "o-", color=ORANGE, linewidth=1.3, markersize=5, **OUTLINE)
    axes.plot(*walk[0], "s", color=GREY, markersize=8, **OUTLINE)
    axes.annotate("saddle", (0, 0), (-38, 8), textcoords="offset points", color=ORANGE)
    axes.set(xlabel="θ₁", ylabel="θ₂", title="a saddle: attracted to it")
    axes.set(xlim=(-1.2, 1.8), ylim=(-1.5, 1.5))
    axes.grid(visible=False)


@picture
def newton_price(newton_step, weights: int) -> tuple[Figure, str]:
    """The time of one Newton step on this machine against the number of weights.

    It is measured for up to 200 weights and continued by n³; ``weights`` is marked.
    """
    sizes, rng, systems = np.array([25, 50, 75, 100, 150, 200]), np.random.default_rng(0), []
    for n in sizes:
        hessian = np.eye(n) + rng.standard_normal((n, n)) / n
        systems.append((np.ones(n), rng.standard_normal(n), hessian + hessian.T))
        ask(newton_step, *systems[-1], shape=(n,))
    times = times_in_rounds(newton_step, systems)
    # Whatever disturbs a measurement makes it longer: the size that is quickest for its n³ counts.
    quickest = np.argmin(times / sizes**3)
    pace = times[quickest] / sizes[quickest] ** 3
    onward = np.array([sizes[quickest], 1e6])
    cubes, ours = pace * onward**3, pace * weights**3
    figure, (axes,) = panels(1, 1, 3.6, width=6.4)
    axes.loglog(sizes, times, "o", color=BLUE, label="measured")
    axes.loglog(onward, cubes, "--", color=ORANGE, label="continued: n × 10, time × 1000")
    for height, name in ((1, "1 second"), (3600, "1 hour"), (3.15e7, "1 year")):
        axes.axhline(height, color=GREY, linewidth=1)
        place = {"textcoords": "offset points", "color": GREY}
        axes.annotate(name, (22, height), (0, 3), **place)
    axes.plot(weights, ours, "D", color=ORANGE, markersize=9, **OUTLINE)
    axes.annotate(f"n = {weights}", (weights, ours), (9, -9), textcoords="offset points")
    axes.legend(frameon=False, loc="lower right")
    axes.set(xlabel="number of weights n", ylabel="seconds for one step", xlim=(20, 1.5e6))
    return figure, (
        "The time of one Newton step against the number of weights, on logarithmic scales, "
        f"measured up to 200 and continued by the cube. At {weights} weights it comes to "
        f"{ours:.2g} seconds, at a million to {cubes[-1] / 3.15e7:.2g} years."
    )


# --- where to start, and deep networks (Classical) ------------------------------------------

ACTIVATIONS = {
    "sigmoid": lambda z: (1 + np.tanh(z / 2)) / 2,
    "tanh": np.tanh,
    "ReLU": lambda z: np.maximum(z, 0),
}


def ask_weights(initial_network, sizes: list[int], scheme: str, seed: int) -> list:
    """The student's start weights [None, W[1], …]; raises NotYet where they do not fit."""
    outcome = call(initial_network, (sizes, scheme, seed))
    if outcome.kind != "returned" or not isinstance(outcome.value, list | tuple):
        ask(initial_network, sizes, scheme, seed)  # finds the words
    W, shapes = outcome.value, [(n_out, n_in) for n_in, n_out in pairwise(sizes)]
    if not isinstance(W, list | tuple) or len(W) != len(sizes):
        observed = f"It returned {kind_of(W)}, not a list of {len(sizes)} entries"
        raise no_picture("initial_network", observed)
    for layer, (matrix, shape) in enumerate(zip(W[1:], shapes, strict=True), 1):
        numbers = as_numbers(matrix)
        if numbers is None or numbers.shape != shape or not np.isfinite(numbers).all():
            observed = f"Entry [{layer}] is {kind_of(matrix)}, not {kind_of(np.zeros(shape))}"
            raise no_picture("initial_network", observed)
    return [None, *(np.asarray(matrix) for matrix in W[1:])]


@picture
def first_activations(initial_network, X: NDArray, seed: int) -> tuple[Figure, str]:
    """How the activations spread in a network of ten layers, for several starts."""
    starts = (
        ("a tenth of Glorot, tanh", "glorot", 0.1, "tanh"),
        ("uniform in −1..1, tanh", "uniform", 1.0, "tanh"),
        ("Glorot, tanh", "glorot", 1.0, "tanh"),
        ("He, ReLU", "he", 1.0, "ReLU"),
    )
    shown, sizes = (1, 3, 6, 10), [len(X), *(100,) * 10]
    figure, axes = panels(len(starts), len(shown), 6.6)
    words = []
    for row, (title, scheme, factor, name) in enumerate(starts):
        W = ask_weights(initial_network, sizes, scheme, seed)
        A, last = forward(W, ACTIVATIONS[name], X, factor)[1], 4.0 if name == "ReLU" else 1.0
        for column, layer in enumerate(shown):
            one = axes[row * len(shown) + column]
            low = 0.0 if name == "ReLU" else -1.0
            bins = np.linspace(low, last, 31)
            share = np.full(A[layer].size, 1 / A[layer].size)
            one.hist(np.clip(A[layer].ravel(), low, last), bins, weights=share.ravel(), color=BLUE)
            spread = in_digits(float(f"{np.std(A[layer]):.2g}"))
            corner = {"transform": one.transAxes, "ha": "right", "va": "top", "fontsize": 9}
            one.text(0.97, 0.93, f"spread {spread}", **corner)
            one.set(ylim=(0, 1), xlim=(low - 0.1, last + 0.1), yticks=[0, 0.5, 1])
            if row == 0:
                one.set_title(f"layer {layer}")
            if column == 0:
                one.set_ylabel(title.replace(", ", ",\n"), fontsize=9)
            else:
                one.set_yticklabels([])
            if row == len(starts) - 1:
                one.set_xlabel("activation a")
        words.append(f"{title}: {spread}")
    figure.supylabel("share of the activations")
    return figure, (
        "Histograms of the activations in layers 1, 3, 6 and 10, one row per start. The spread "
        f"(standard deviation) in layer 10 is, for {'; for '.join(words)}."
    )


def forward(W: list, activation: Callable, X: NDArray, factor: float = 1.0) -> tuple[list, list]:
    """Z and A of a network without biases, whose weights are ``factor`` times W."""
    Z, A = [None], [X]
    for matrix in W[1:]:
        Z.append(factor * matrix @ A[-1])
        A.append(activation(Z[-1]))
    return Z, A


@picture
def vanishing(
    delta_sizes, initial_network, X: NDArray, depth: int, depths: Sequence[int], seed: int
) -> tuple[Figure, str]:
    """How long the deltas are, layer by layer in a deep network, and in layer 1 by depth."""
    starts = (("sigmoid", "glorot"), ("tanh", "glorot"), ("ReLU", "he"), ("tanh", "uniform"))
    figure, (by_layer, by_depth) = panels(1, 2, 3.9, sharey=True)
    told = []
    for (colour, line, marker), (name, scheme) in zip(CURVES, starts, strict=True):
        look = {"color": colour, "linestyle": line, "marker": marker, "markersize": 4}
        sizes = relative_sizes(delta_sizes, initial_network, name, scheme, X, depth, seed)
        by_layer.semilogy(np.arange(1, depth + 1), sizes, **look, label=f"{name}, {scheme}")
        firsts = [
            relative_sizes(delta_sizes, initial_network, name, scheme, X, n, seed)[0]
            for n in depths
        ]
        by_depth.semilogy(depths, firsts, **look)
        told.append(f"{name} with {scheme} {sizes[0]:.1e}")
    by_layer.legend(frameon=False, fontsize=9)
    by_layer.set(xlabel="layer l", ylabel="‖δ[l]‖, last layer = 1", title=f"{depth} layers")
    by_depth.set(xlabel="number of layers", ylabel="‖δ[1]‖, last layer = 1", title="layer 1")
    return figure, (
        f"Lengths of the deltas relative to the last layer's, on a logarithmic scale: left in "
        f"each layer of a network with {depth} layers, right in layer 1 for networks of up to "
        f"{max(depths)} layers. In layer 1 of {depth}: {', '.join(told)}."
    )


def relative_sizes(
    delta_sizes, initial_network, name: str, scheme: str, X: NDArray, depth: int, seed: int
) -> NDArray:
    """‖δ[l]‖ / ‖δ[L]‖ for l = 1 … L in a network of ``depth`` layers of 30 units."""
    W = ask_weights(initial_network, [len(X), *(30,) * depth], scheme, seed)
    activation = ACTIVATIONS[name]
    Z, _ = forward(W, activation, X)
    slopes = [None, *(slope_of(activation, z) for z in Z[1:])]
    delta = np.random.default_rng(seed).standard_normal(Z[-1].shape)
    sizes = ask(delta_sizes, W, slopes, delta, shape=(depth,))
    if sizes[-1] <= 0:
        raise no_picture("delta_sizes", "The length of the last layer's delta is not above 0")
    return sizes / sizes[-1]


def slope_of(activation: Callable, z: NDArray) -> NDArray:
    """How steep an activation is at each z, by central differences."""
    h = 1e-5
    return (activation(z + h) - activation(z - h)) / (2 * h)


@picture
def twins(
    minibatch_epoch,
    gradient: Callable,
    step: Callable,
    starts: dict[str, NDArray],
    X: NDArray,
    T: NDArray,
    epochs: int,
    seed: int,
) -> tuple[Figure, str]:
    """What the first hidden units have learned, from each start.

    ``starts``: title -> theta, whose first entries are W[1], 64 for each hidden unit.
    """
    figure, axes = panels(len(starts), 8, 1.25 * len(starts))
    told = []
    for row, (title, theta) in enumerate(starts.items()):
        rng = np.random.default_rng(seed)
        for _ in range(epochs):
            arguments = theta, X, T, 128, rng.permutation(X.shape[1])
            theta = ask(minibatch_epoch, gradient, step, *arguments, shape=theta.shape)
        units = theta[: 8 * 64].reshape(8, 64)
        largest = float(np.abs(units).max()) or 1.0
        for k, one in enumerate(axes[8 * row : 8 * row + 8]):
            one.axis("off")
            draw_image(
                one,
                units[k],
                "" if row else f"unit {k + 1}",
                cmap="PuOr",
                vmin=-largest,
                vmax=largest,
            )
        apart = float(np.abs(units - units[0]).max())
        told.append(f"{title}: they differ by up to {in_digits(apart)}")
        axes[8 * row].text(-1.5, 3.5, title, rotation=90, ha="right", va="center")
    return figure, (
        f"The weights into the first eight hidden units after {epochs} epochs, as pictures of 8 "
        f"by 8. {'; '.join(told)}."
    )


# --- when to stop (Classical) ---------------------------------------------------------------


@picture
def training_curves(losses: Sequence[float], watched: Sequence[float]) -> tuple[Figure, str]:
    """The mean loss of the digits trained on and of others, by epoch; the lowest is marked."""
    lowest = int(np.argmin(watched))
    figure, (axes,) = panels(1, 1, 3.4, width=6.4)
    axes.semilogy(losses, color=BLUE, linewidth=2, label="trained on")
    axes.semilogy(watched, "--", color=ORANGE, linewidth=2, label="watched")
    axes.plot(lowest, watched[lowest], "o", color=ORANGE, markersize=9, **OUTLINE)
    axes.annotate(
        f"lowest at epoch {lowest}",
        (lowest, watched[lowest]),
        (0, 12),
        textcoords="offset points",
        ha="center",
        color=ORANGE,
    )
    axes.legend(frameon=False)
    axes.set(xlabel="epoch", ylabel="mean loss")
    return figure, (
        f"The mean loss against the epochs. On the digits trained on it falls to "
        f"{in_digits(float(losses[-1]))}; on the watched ones it is lowest, "
        f"{in_digits(float(watched[lowest]))}, at epoch {lowest} and ends at "
        f"{in_digits(float(watched[-1]))}."
    )
