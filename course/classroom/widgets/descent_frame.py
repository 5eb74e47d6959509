"""What the picture of a run shows, as plain data that JavaScript and Matplotlib draw alike."""

import math
import time

from course.classroom.style import in_digits
from course.classroom.widgets.descent_run import HUGE, Ending, Function, Point, Run, begin, next_w
from course.classroom.widgets.student import PATIENCE, FunctionFailed

#: Points from which a curve is drawn.
SAMPLES = 161


# --- the curve ------------------------------------------------------------------------------


def sample(loss: Function, low: float, high: float, n: int = SAMPLES) -> dict[str, list]:
    """The curve from low to high: {"w": n numbers, "loss": n numbers or None where it has none}."""
    w = [low + (high - low) * i / (n - 1) for i in range(n)]
    end = time.monotonic() + PATIENCE  # a function that comes to no end is not tried n times
    known = [_known_loss(loss, x) if time.monotonic() < end else None for x in w]
    return {"w": w, "loss": known}


def _known_loss(loss: Function, w: float) -> float | None:
    try:
        value = loss(w)
    except FunctionFailed:  # a curve may have gaps; only where the run stands is it an error
        return None
    return value if _is_known(value) else None


def first_span(loss: Function, start: float) -> tuple[float, float]:
    """A range of w around the lowest point near the start, with the start well inside."""
    reach = max(4.0, 2 * abs(start))
    curve = sample(loss, start - reach, start + reach)
    known = [(value, w) for w, value in zip(*curve.values(), strict=True) if value is not None]
    lowest = min(known, default=(0.0, start))[1]
    half = 1.4 * max(abs(lowest - start), 1.0)
    return lowest - half, lowest + half


def widened(span: tuple[float, float], w: float) -> tuple[float, float]:
    """The span, doubled about its middle as often as it takes to hold w."""
    low, high = span
    while not low <= w <= high:
        low, high = low - (high - low) / 2, high + (high - low) / 2
    return low, high


def loss_span(curve: list[float | None], visited: list[float]) -> tuple[float, float]:
    """The range of losses to show: all of the run, and as much of the curve as keeps it in sight.

    A curve that shoots up at its ends is cut off, or everything else would look flat.
    """
    known = sorted([value for value in curve if value is not None] + visited)
    if not known:
        return 0.0, 1.0
    low, high, middle = known[0], known[-1], known[len(known) // 2]
    of_run = max(visited, default=low) - low
    height = min(high - low, max(2.5 * of_run, 4 * (middle - low))) or 1.0
    return low - 0.06 * height, low + 1.04 * height


def seen(run: Run) -> list[Point]:
    """The points that have a place on the curve: all but one that is lost or has no loss."""
    points = run.points[:-1] if run.ending and run.ending.kind == "diverged" else run.points
    return [point for point in points if _is_known(point.loss)]


def _is_known(value: float | None) -> bool:
    return value is not None and abs(value) < HUGE


def cross(run: Run, span: list[float], loss_span: list[float]) -> list[float] | None:
    """Where to mark that the run broke off: the last point, or the edge behind which it lies."""
    broken = run.ending and run.ending.kind in ("diverged", "nan", "failed")
    numbers = [p.loss for p in run.points[-2:] if p.loss is not None and not math.isnan(p.loss)]
    if not broken or not numbers:
        return None
    return [clipped(run.points[-1].w, span), clipped(numbers[-1], loss_span)]


def clipped(x: float, span: list[float]) -> float:
    """x, or the end of the span that is nearer to it."""
    return min(max(x, span[0]), span[1])


def draw_curve(run: Run, span: tuple[float, float], drawn: dict | None = None) -> dict:
    """The curve as plain data, over the span widened so that the run is in it.

    ``drawn`` is the last one; its samples are used again if the span is the same.
    """
    for point in seen(run):
        span = widened(span, point.w)
    same = drawn and drawn["span"] == list(span)
    curve = drawn if same else sample(run.loss, *span)
    heights = loss_span(curve["loss"], [point.loss for point in seen(run)])
    return {**curve, "span": list(span), "loss_span": list(heights)}


def changed(run: Run, curve: dict) -> bool:
    """True if the functions answer otherwise than they did when the run and curve were made."""
    for point in (run.points[0], run.points[-1]):
        again = begin(run.loss, run.gradient, point.w)
        if repr(again.points[0]) != repr(point):  # repr: nan is not equal to itself
            return True
    if run.awaits_function and again.ending != run.ending:
        return True
    known = list(zip(curve["w"], curve["loss"], strict=True))[:: SAMPLES // 4]
    return any(_known_loss(run.loss, w) != loss for w, loss in known)


# --- the frame ------------------------------------------------------------------------------


def draw_frame(run: Run, curve: dict, learning_rate: float) -> dict:
    """All of one picture but its curve, as plain data: None stands for what there is not."""
    points, ahead = seen(run), next_w(run, learning_rate)
    span, heights = curve["span"], curve["loss_span"]
    ending = run.ending or Ending("", "", "")
    return {
        "step": run.steps,
        "learning_rate": learning_rate,
        "w": [point.w for point in points],
        "loss": [point.loss for point in points],
        "slope": points[-1].slope if points and _is_known(points[-1].slope) else None,
        "next": [ahead, _known_loss(run.loss, ahead)] if run.can_step else None,
        "cross": cross(run, span, heights),
        "update": update(run, learning_rate),
        "can_step": run.can_step or run.awaits_function,
        "going": run.ending is None,
        **ending._asdict(),
        "news": news(run, learning_rate),
        "curve_in_words": curve_in_words(run, curve, learning_rate),
        "losses_in_words": losses_in_words(run),
    }


# --- words ----------------------------------------------------------------------------------


def standing(run: Run) -> str:
    """Where the run stands: "Step 3: w = 1.2, loss 4.1, slope −2.3."."""
    w, loss, slope = run.points[-1]
    known = [f"w = {in_digits(w)}"]
    known += [f"loss {in_digits(loss)}"] if loss is not None else []
    known += [f"slope {in_digits(slope)}"] if slope is not None else []
    return f"Step {run.steps}: {', '.join(known)}."


def news(run: Run, learning_rate: float) -> str:
    """Where the run stands and what comes next, for those who hear it."""
    return f"{standing(run)} {outlook(run, learning_rate)}"


def outlook(run: Run, learning_rate: float) -> str:
    """What comes next: why it ended, or which way the slope sends w."""
    if run.ending:
        return f"{run.ending.title}. {run.ending.sentence}"
    slope, ahead = run.points[-1].slope, next_w(run, learning_rate)
    if slope == 0:
        return "The slope is 0, so w stays where it is."
    sign, verb = ("negative", "increases") if slope < 0 else ("positive", "decreases")
    size = in_digits(learning_rate * abs(slope))
    return f"The slope is {sign}, so the next step {verb} w by {size}, to {in_digits(ahead)}."


def update(run: Run, learning_rate: float) -> str:
    """The update rule with its numbers, or "" where there is no next step."""
    ahead = next_w(run, learning_rate)
    if ahead is None:
        return ""
    w, _, slope = run.points[-1]
    slope = f"({in_digits(slope)})" if slope < 0 else in_digits(slope)
    return f"{in_digits(w)} − {in_digits(learning_rate)} · {slope} = {in_digits(ahead)}"


def curve_in_words(run: Run, curve: dict, learning_rate: float) -> str:
    """What the left panel shows now."""
    low, high = (in_digits(end) for end in curve["span"])
    what = f"Loss curve L(w) for w from {low} to {high}."
    if not any(value is not None for value in curve["loss"]):
        what = "No loss curve: the function gives no numbers."
    return f"{what} {news(run, learning_rate)}"


def losses_in_words(run: Run) -> str:
    """What the right panel shows now."""
    points = seen(run)
    if not points:
        return "Loss against step: nothing yet."
    ends = f"{in_digits(points[0].loss)} at step 0"
    if len(points) > 1:
        ends += f", {in_digits(points[-1].loss)} at step {len(points) - 1}"
    lost = ", then out of the picture" if run.ending and run.ending.kind == "diverged" else ""
    return f"Loss against step: {ends}{lost}."
