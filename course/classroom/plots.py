"""The still pictures of assignment 01, each drawn by the student's own functions.

Each returns a Picture, or a Sentence while one of these functions is missing or does not work.
``x``, ``y`` and ``t`` are arrays of shape (N,).
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from course.classroom.picture import ask, panels, picture
from course.classroom.style import BLUE, GREY, ORANGE, OUTLINE, in_digits

MINUTES = "minutes x"
#: From white on; dark enough at its end to see the steps, light enough to draw on.
PALE_BLUES = LinearSegmentedColormap.from_list("pale blues", ["white", "#9dbbe0"])

# --- one weight: h(x) = x w (NSYSU) ---------------------------------------------------------


@picture
def guesses(predict, x: NDArray, y: NDArray, weights: Sequence[float]) -> tuple[Figure, str]:
    """The points, and one line h(x) = x w per weight with its errors, side by side."""
    figure, axes = panels(1, len(weights), 2.9, sharey=True)
    for one, w in zip(axes, weights, strict=True):
        draw_fit(one, predict, w, x, y)
        one.set_title(f"w = {w:g}")
    axes[0].set_ylabel("litres y")
    lines = ", ".join(f"{w:g}" for w in weights)
    return figure, (
        f"{len(weights)} panels with the same {len(x)} points and a line through the origin of "
        f"weight {lines}. A dotted bar joins each point with the line: the error."
    )


def draw_fit(axes: Axes, predict, w: float, x: NDArray, y: NDArray) -> None:
    """Points, line and errors for one weight."""
    ends = np.array([0.0, 1.1 * x.max()])
    axes.vlines(x, y, ask(predict, x, w, shape=x.shape), color=GREY, linestyle=":", linewidth=2)
    axes.plot(ends, ask(predict, ends, w, shape=(2,)), color=ORANGE, linewidth=2)
    axes.plot(x, y, "o", color=BLUE, **OUTLINE)
    axes.set(xlabel=MINUTES)


@picture
def loss_of_each_point(sum_of_squares, x: NDArray, y: NDArray) -> tuple[Figure, str]:
    """L(w) of each point alone, and of all of them together."""
    figure, (axes,) = panels(1, 1, 3.6, width=6.4)
    weights = np.linspace(-0.3, 3.3, 73)
    for i in range(len(x)):
        one = losses(sum_of_squares, weights, x[i : i + 1], y[i : i + 1])
        axes.plot(weights, one, color=GREY, linewidth=1.2)
        axes.annotate(
            f"x = {x[i]:g}", (weights[-1], one[-1]), (4, 0), textcoords="offset points", va="center"
        )
    together = losses(sum_of_squares, weights, x, y)
    axes.plot(weights, together, color=BLUE, linewidth=2.5)
    axes.annotate(
        "all together", (weights[-1], together[-1]), (4, 0), textcoords="offset points", color=BLUE
    )
    axes.set(xlabel="weight w", ylabel="loss L(w)")
    lowest = weights[np.argmin(together)]
    return figure, (
        f"Loss against weight: {len(x)} thin curves, one per point, the steeper the larger x, and "
        f"a thick one, their sum. All are valleys; the sum is lowest near w = {lowest:.2g}."
    )


def losses(sum_of_squares, weights: ArrayLike, x: NDArray, y: NDArray) -> NDArray:
    """The student's loss at each of the weights."""
    return np.array([ask(sum_of_squares, float(w), x, y) for w in weights])


def draw_curve(axes: Axes, sum_of_squares, x: NDArray, y: NDArray, low: float, high: float) -> None:
    """The loss curve L(w) from low to high."""
    weights = np.linspace(low, high, 73)
    axes.plot(weights, losses(sum_of_squares, weights, x, y), color=BLUE, linewidth=2)
    axes.set(xlabel="weight w")


# --- trying candidates (NSYSU) --------------------------------------------------------------


@picture
def candidates(
    best_candidate, sum_of_squares, x: NDArray, y: NDArray, tried: Sequence[float]
) -> tuple[Figure, str]:
    """The loss at each candidate, and which one ``best_candidate`` names."""
    heights = losses(sum_of_squares, tried, x, y)
    best = float(ask(best_candidate, list(tried), lambda w: sum_of_squares(w, x, y)))
    figure, (axes,) = panels(1, 1, 3.3, width=6.4)
    axes.plot(tried, heights, "o", color=BLUE, **OUTLINE)
    (lowest,) = losses(sum_of_squares, [best], x, y)
    axes.plot(best, lowest, "o", markersize=15, fillstyle="none", color=ORANGE, markeredgewidth=2)
    axes.annotate(
        f"w = {best:g}\nloss {in_digits(float(lowest))}",
        (best, lowest),
        (0, 16),
        textcoords="offset points",
        ha="center",
        color=ORANGE,
    )
    axes.set(xlabel="candidate w", ylabel="loss L(w)")
    return figure, (
        f"The loss at {len(tried)} candidates between {min(tried):g} and {max(tried):g}. A ring "
        f"marks the one that was returned, w = {best:g} with loss {in_digits(float(lowest))}."
    )


@picture
def growth(count_candidates) -> tuple[Figure, str]:
    """Ten values per weight: the candidates for one weight, for two, and for up to 100."""
    figure, (one, two, many) = panels(1, 3, 3.3, width_ratios=(1, 1, 2))
    values = np.arange(10)
    one.plot(values, np.zeros(10), "o", markersize=4, color=BLUE)
    one.set(title=f"1 weight: {counted(count_candidates, 1)}", xlabel="w")
    one.set(ylim=(-1.5, 1.5), xticks=[], aspect="equal")
    one.yaxis.set_visible(False)
    one.spines["left"].set_visible(False)
    two.plot(*np.meshgrid(values, values), "o", markersize=4, color=BLUE)
    two.set(title=f"2 weights: {counted(count_candidates, 2)}", xlabel="w₁", ylabel="w₂")
    two.set(xticks=[], yticks=[], aspect="equal")
    weights = np.arange(1, 101)
    counts = np.array([ask(count_candidates, 10, int(n)) for n in weights])
    many.semilogy(weights, counts, color=BLUE, linewidth=2)
    label = {"textcoords": "offset points", "color": ORANGE, "fontsize": 9}
    for height in (4e26, 1e80):
        many.axhline(height, color=ORANGE, linestyle="--", linewidth=1)
    many.annotate(
        "a billion a second, since the Big Bang", (101, 4e26), (0, -11), ha="right", **label
    )
    many.annotate("atoms in the visible universe", (1, 1e80), (0, 4), **label)
    many.set(title="up to 100 weights", xlabel="number of weights", ylabel="candidates")
    many.set(ylim=(1, 1e104), yticks=[10.0**n for n in range(0, 101, 20)])
    return figure, (
        "Ten dots in a row for one weight, a square of 100 dots for two. On the right the number "
        "of candidates against the number of weights, on a logarithmic scale: "
        f"{in_digits(float(counts[-1]))} at 100 weights. A computer that tries a billion each "
        "second would have passed 4e26 since the Big Bang; the visible universe has 1e80 atoms."
    )


def counted(count_candidates, weights: int) -> str:
    """The student's count for ten values per weight, as text."""
    return f"{float(ask(count_candidates, 10, weights)):g}"


# --- the slope and the walk (NSYSU) ---------------------------------------------------------


@picture
def slopes(
    slope, sum_of_squares, x: NDArray, y: NDArray, at: Sequence[float]
) -> tuple[Figure, str]:
    """The loss curve with its tangent at some weights, and which way is down."""
    figure, (axes,) = panels(1, 1, 3.9, width=6.4)
    draw_curve(axes, sum_of_squares, x, y, -0.2, 3.2)
    words = []
    for w in at:
        (loss,), m = losses(sum_of_squares, [w], x, y), float(ask(slope, w, x, y))
        reach = np.array([-0.28, 0.28])
        axes.plot(w + reach, loss + m * reach, color=ORANGE, linewidth=2)
        axes.plot(w, loss, "o", color=ORANGE, markersize=8, **OUTLINE)
        move = -0.55 * np.sign(m)
        if m:
            arrow = {"arrowstyle": "-|>", "color": GREY, "linewidth": 2}
            axes.annotate("", (w + move, loss), (w, loss), arrowprops=arrow)
        kind, advice = SENSE[float(np.sign(m))]
        middle = w - 0.35 * np.sign(move) if m else w
        axes.annotate(
            f"slope {in_digits(m)}\n{advice}",
            (middle, loss),
            (0, 12),
            textcoords="offset points",
            ha="right" if move > 0 else "left",
        )
        words.append(f"At w = {w:g} the slope is {kind} ({in_digits(m)}): {advice}.")
    axes.set(ylabel="loss L(w)", xlim=(-1.05, 4.05))
    return figure, f"The valley of the loss with tangents. {' '.join(words)}"


#: sign of the slope -> its name, and what it asks for
SENSE = {
    -1.0: ("negative", "increase w"),
    1.0: ("positive", "decrease w"),
    0.0: ("zero", "stay"),
}


def walk_one_weight(
    descend, slope, x: NDArray, y: NDArray, start: float, learning_rate: float, steps: int
) -> NDArray:
    """The student's walk, (steps + 1,)."""
    ask(slope, start, x, y)  # if it fails, the sentence should name it and not descend

    def gradient(w):
        return slope(w, x, y)

    return ask(descend, gradient, start, learning_rate, steps, 0.0, shape=(steps + 1,))


@picture
def epochs(
    predict,
    sum_of_squares,
    slope,
    descend,
    x: NDArray,
    y: NDArray,
    learning_rate: float = 0.001,
    shown: Sequence[int] = (0, 10, 100),
) -> tuple[Figure, str]:
    """NSYSU's pictures: the fit above, the loss curve below, at some epochs, from w = 0."""
    ask(predict, x, 0.0, shape=x.shape)
    path = walk_one_weight(descend, slope, x, y, 0.0, learning_rate, max(shown))
    heights = losses(sum_of_squares, path, x, y)
    figure, axes = panels(2, len(shown), 5.2, sharey="row")
    for column, epoch in enumerate(shown):
        above, below = axes[column], axes[column + len(shown)]
        w, loss = float(path[epoch]), float(heights[epoch])
        draw_fit(above, predict, w, x, y)
        above.set_title(f"epoch {epoch}\nw = {w:.3f}")
        draw_curve(below, sum_of_squares, x, y, -0.2, 3.2)
        below.plot(path[: epoch + 1], heights[: epoch + 1], ".", color=ORANGE, markersize=4)
        below.plot(w, loss, "o", color=ORANGE, markersize=9, **OUTLINE)
        below.set_title(f"loss {in_digits(loss)}", fontsize=10)
    axes[0].set_ylabel("litres y")
    axes[len(shown)].set_ylabel("loss L(w)")
    told = "; ".join(
        f"epoch {e}, w = {path[e]:.3f}, loss {in_digits(float(heights[e]))}" for e in shown
    )
    return figure, (
        "Above, the line turns towards the points; below, the dot comes down the loss curve: "
        f"{told}."
    )


@picture
def learning_rates(
    sum_of_squares,
    slope,
    descend,
    x: NDArray,
    y: NDArray,
    rates: Sequence[float],
    start: float = 0.0,
    steps: int = 10,
) -> tuple[Figure, str]:
    """The same number of steps with several learning rates, each on its loss curve."""
    rows = -(-len(rates) // 2)
    figure, axes = panels(rows, 2, 2.9 * rows)
    told = []
    for one, rate in zip(axes, rates, strict=False):
        path = walk_one_weight(descend, slope, x, y, start, rate, steps)
        heights = losses(sum_of_squares, path, x, y)
        draw_curve(one, sum_of_squares, x, y, min(-0.2, path.min()), max(3.2, path.max()))
        one.plot(path, heights, "o-", color=ORANGE, linewidth=1, markersize=5, **OUTLINE)
        one.plot(path[0], heights[0], "s", color=GREY, markersize=9, **OUTLINE)
        one.set(title=f"η = {rate:g}: {course_of(path, heights)}", ylabel="loss L(w)")
        told.append(
            f"with {rate:g} it {course_of(path, heights)}, loss {in_digits(float(heights[-1]))}"
        )
    axes[0].annotate("start", (start, heights[0]), (9, 4), textcoords="offset points")
    for empty in axes[len(rates) :]:
        empty.remove()
    return figure, f"{steps} steps down the same loss curve: {'; '.join(told)}."


def course_of(path: NDArray, heights: NDArray) -> str:
    """What became of a walk, in a word or two."""
    steps = np.diff(path)
    if heights[-1] > heights[0]:
        return "diverges"
    if np.any(steps[1:] * steps[:-1] < 0):
        return "swings from side to side"
    return "arrives" if heights[-1] < 0.01 * heights[0] else "creeps"


# --- a line with two parameters: θ = [w, b] (XJTLU, Princeton) ------------------------------


@picture
def points(x: NDArray, t: NDArray) -> tuple[Figure, str]:
    """The measured points, nothing else."""
    figure, (axes,) = panels(1, 1, 3.2, width=5.6)
    axes.plot(x, t, "o", color=BLUE, **OUTLINE)
    axes.set(xlabel=MINUTES, ylabel="litres t")
    return figure, (
        f"{len(x)} points, x between {x.min():.2g} and {x.max():.2g}. They rise from left to "
        "right, scattered about a line that one would draw by eye."
    )


@picture
def small_steps(
    predicted_change,
    line_gradient,
    mean_squared_error,
    x: NDArray,
    t: NDArray,
    theta: NDArray,
    v: NDArray,
) -> tuple[Figure, str]:
    """The change of the loss along θ + εv: as it is, and as the gradient predicts it."""
    gradient = ask(line_gradient, theta, x, t, shape=(2,))
    here = ask(mean_squared_error, theta, x, t)
    steps = np.linspace(-1, 1, 41)
    real = [ask(mean_squared_error, theta + e * v, x, t) - here for e in steps]
    straight = [ask(predicted_change, gradient, v, float(e)) for e in steps]
    figure, (axes,) = panels(1, 1, 3.6, width=6.4)
    axes.plot(steps, real, color=BLUE, linewidth=2, label="the real change")
    axes.plot(steps, straight, "--", color=ORANGE, linewidth=2, label="ε v·∇L, predicted")
    axes.plot(0, 0, "o", color=GREY, **OUTLINE)
    axes.legend(frameon=False)
    axes.set(xlabel="size of the step, ε", ylabel="change of the loss")
    return figure, (
        "The change of the loss against the step size ε: a curve for the real one and a dashed "
        "straight line for the predicted one. "
        f"At ε = 1 they are {in_digits(float(real[-1]))} and {in_digits(float(straight[-1]))}; "
        f"at ε = 0.05 {in_digits(float(real[21]))} and {in_digits(float(straight[21]))}."
    )


@picture
def directions(
    steepest_direction,
    line_gradient,
    mean_squared_error,
    x: NDArray,
    t: NDArray,
    theta: NDArray,
    epsilon: float = 0.05,
) -> tuple[Figure, str]:
    """Steps of one length in all directions: where each leads, and by how much the loss changes."""
    best = ask(steepest_direction, ask(line_gradient, theta, x, t, shape=(2,)), shape=(2,))
    here = ask(mean_squared_error, theta, x, t)
    angles = np.linspace(-180, 180, 73)
    around = np.array([np.cos(np.radians(angles)), np.sin(np.radians(angles))]).T
    change = np.array(
        [ask(mean_squared_error, theta + epsilon * v, x, t) - here for v in around], dtype=float
    )
    figure, (compass, axes) = panels(1, 2, 3.7, width_ratios=(1, 1.5))
    near = (theta[0] - 1.3, theta[0] + 1.3), (theta[1] - 1.3, theta[1] + 1.3)
    draw_contours(compass, mean_squared_error, x, t, *near)
    for v in around[:-1:6]:
        draw_arrow(compass, theta, theta + v, GREY, 1)
    draw_arrow(compass, theta, theta + best, ORANGE, 3)
    compass.set_aspect("equal")
    compass.set_title("twelve directions, and yours")
    angle = float(np.degrees(np.arctan2(best[1], best[0])))
    axes.plot(angles, change, color=BLUE, linewidth=2)
    axes.axhline(0, color=GREY, linewidth=1)
    axes.axvline(angle, color=ORANGE, linestyle="--", linewidth=2)
    axes.annotate(
        "your direction",
        (angle, change.max()),
        (5 if angle < 60 else -5, 0),
        textcoords="offset points",
        ha="left" if angle < 60 else "right",
        color=ORANGE,
    )
    axes.set(xlabel="angle of v in degrees (0: w grows, 90: b grows)")
    axes.set(ylabel=f"change of the loss, ε = {epsilon:g}", xticks=range(-180, 181, 90))
    axes.set_title("one small step in each direction")
    lowest, highest = np.argmin(change), np.argmax(change)
    return figure, (
        "Left, twelve arrows of one length around a point on the loss surface, and the chosen "
        "direction as a thick one. Right, the change of the loss for a step in each direction, "
        f"from {in_digits(change[lowest])} at {in_digits(angles[lowest])} degrees to "
        f"{in_digits(change[highest])} at {in_digits(angles[highest])} degrees. The chosen "
        f"direction is at {in_digits(angle)} degrees."
    )


def draw_arrow(axes: Axes, start: NDArray, end: NDArray, colour: str, width: float) -> None:
    """An arrow between two points of the (w, b) plane."""
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": width, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", end, start, arrowprops=style)


def draw_contours(
    axes: Axes,
    mean_squared_error,
    x: NDArray,
    t: NDArray,
    w: tuple[float, float],
    b: tuple[float, float],
):
    """The loss over a part of the (w, b) plane, darker where higher. Returns the filled areas."""
    across, up = np.linspace(*w, 33), np.linspace(*b, 33)
    heights = [[float(ask(mean_squared_error, np.array([i, j]), x, t)) for i in across] for j in up]
    levels = round_levels(np.min(heights), np.max(heights))
    shades = PALE_BLUES(np.linspace(0, 1, len(levels) - 1))
    axes.contour(across, up, heights, levels, colors=GREY, linewidths=0.6)
    axes.set(xlabel="weight w", ylabel="bias b", xlim=w, ylim=b)
    axes.grid(visible=False)
    return axes.contourf(across, up, heights, levels, colors=shades)


def round_levels(low: float, high: float) -> list[float]:
    """Levels 1, 2, 5, 10, … that span low to high: close together where the valley is flat."""
    series = [m * 10.0**n for n in range(-3, 300) for m in (1, 2, 5)]
    below = [level for level in series if level <= low][-1:] or [min(low, 0.0) - 1e-9]
    above = [level for level in series if level >= high][:1] or [high + 1e-9]
    # More could not be told apart; what lies below the last sixteen stays white.
    return (below + [level for level in series if low < level < high] + above)[-16:]


@picture
def surface(
    fit_line,
    mean_squared_error,
    x: NDArray,
    t: NDArray,
    theta: NDArray,
    learning_rate: float,
    epochs: int,
) -> tuple[Figure, str]:
    """The loss over (w, b) with the walk θ⁰ → θ¹ → θ² → …, and the lines on the way."""
    path = ask(fit_line, x, t, theta, learning_rate, epochs, shape=(epochs + 1, 2))
    figure, (plane, data) = panels(1, 2, 3.9, width_ratios=(1.2, 1))
    (w_low, b_low), (w_high, b_high) = path.min(axis=0) - 0.7, path.max(axis=0) + 0.7
    areas = draw_contours(plane, mean_squared_error, x, t, (w_low, w_high), (b_low, b_high))
    figure.colorbar(areas, ax=plane, label="loss L(θ)", format="%g")
    plane.plot(*path.T, ".-", color=ORANGE, linewidth=1.2, markersize=6)
    data.plot(x, t, "o", color=BLUE, **OUTLINE)
    ends = np.array([0.0, 1.0])
    marked = sorted({0, min(1, epochs), min(2, epochs), epochs})
    for shade, epoch in zip(np.linspace(0.35, 1, len(marked)), marked, strict=True):
        (w, b), name = path[epoch], f"θ{str(epoch).translate(SUPERSCRIPTS)}"
        side = {"ha": "right"} if epoch < epochs else {}
        offset = (-7, 4) if side else (9, 5)
        plane.annotate(name, (w, b), offset, textcoords="offset points", size=12, **side)
        data.plot(ends, w * ends + b, color=ORANGE, alpha=shade, linewidth=2)
        data.annotate(name, (1, w + b), (4, 0), textcoords="offset points", va="center")
    plane.plot(*path[-1], "*", color=ORANGE, markersize=15, **OUTLINE)
    plane.set_title("the walk on the loss surface")
    data.set(title="the line on the way", xlabel=MINUTES, ylabel="litres t", xlim=(-0.05, 1.15))
    (w, b), (w_end, b_end) = path[0], path[-1]
    return figure, (
        f"Left, the loss over weight and bias, a long narrow valley, with the walk of {epochs} "
        f"steps from ({in_digits(w)}, {in_digits(b)}) to ({in_digits(w_end)}, "
        f"{in_digits(b_end)}). Right, the points with the lines of epochs "
        f"{', '.join(map(str, marked))}."
    )


SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
