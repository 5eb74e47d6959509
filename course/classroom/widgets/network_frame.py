"""What the picture of a network shows, as plain data that JavaScript and Matplotlib draw alike."""

import math

import numpy as np
from numpy.typing import NDArray

from course.classroom.style import in_digits
from course.classroom.widgets.network_run import Network
from course.classroom.widgets.student import FunctionFailed

#: Points along each side of the square that the network's answers colour.
GRID = 36
#: Losses that the curve shows at most; longer ones are thinned out.
MOST_LOSSES = 300
#: Rows of the table of outputs at most.
ROWS = 8


def plane(network: Network) -> tuple[list[float], NDArray]:
    """The span of both axes, and the points of a grid over it, (2, GRID²), top row first."""
    low, high = float(network.X.min()), float(network.X.max())
    margin = 0.25 * (high - low)
    across = np.linspace(low - margin, high + margin, GRID)
    x, y = np.meshgrid(across, across[::-1])
    return [low - margin, high + margin], np.array([x.ravel(), y.ravel()])


def draw_frame(network: Network, learning_rate: float) -> tuple[dict, bytes]:
    """One picture as plain data, None for what there is not, and the plane's colours, 0 to 255."""
    span, points = plane(network)
    failure, answers, shading, a = network.failure, None, b"", None
    deltas, missing = [None] * len(network.sizes), None
    try:
        every = network.activations(np.hstack([network.X, points]))
        n = network.X.shape[1]
        answers, a = every[-1][0, :n], [layer[:, network.example] for layer in every]
        colours = np.nan_to_num(every[-1][0, n:], nan=0.5).clip(0, 1)
        shading = (255 * colours).astype(np.uint8).tobytes()
        hidden = every[-2][:, :n]
        deltas, missing = network.deltas()
    except FunctionFailed as reason:
        failure, hidden = failure or reason, None
    shown = [d if layer >= len(deltas) - network.known else None for layer, d in enumerate(deltas)]
    waits = network.known and any(d is None for d in shown[len(shown) - network.known :])
    failure = failure or (missing if waits else None)
    failure = failure or _not_a_number(network)
    frame = {
        "epoch": network.epoch,
        "sizes": network.sizes,
        "example": network.example,
        "known": network.known,
        "x": network.X.tolist(),
        "t": network.T[0].tolist(),
        "span": span,
        "W": [_plain(W) for W in network.parameters[::2]],
        "a": a and [_plain(layer) for layer in a],
        "delta": [None if d is None else _plain(d) for d in shown],
        "answers": None if answers is None else _plain(answers),
        "hidden": _hidden_space(network, hidden),
        "losses": _thinned(network.losses),
        "kind": failure.kind if failure else "",
        "title": failure.title if failure else "",
        "sentence": failure.sentence if failure else "",
        "line": failure.line if failure else "",
        "going": failure is None,
        "wrong": _wrong(network, answers),
        "next": _next(network),
    }
    frame["words"] = words(frame)
    return frame, shading


def _plain(numbers: NDArray) -> list:
    """As lists; what is nan or infinite is None."""
    if numbers.ndim > 1:
        return [_plain(row) for row in numbers]
    return [float(f"{x:.4g}") if math.isfinite(x) else None for x in numbers.tolist()]


def _not_a_number(network: Network) -> FunctionFailed | None:
    if all(np.isfinite(p).all() for p in network.parameters):
        return None
    what = "A weight is nan or infinite: the steps were too long, or a formula divides by 0."
    advice = "Reset, and try a smaller learning rate."
    return FunctionFailed("nan", "Not a number", f"{what} {advice}")


def _hidden_space(network: Network, hidden: NDArray | None) -> dict | None:
    """Where two hidden units before the output put the examples, and where the output says ½."""
    if hidden is None or network.sizes[-2] != 2 or len(network.sizes) < 3:
        return None
    (w_1, w_2), c = network.parameters[-2][0].tolist(), float(network.parameters[-1][0, 0])
    if not all(map(math.isfinite, (w_1, w_2, c))):
        return None
    return {"h": _plain(hidden), "line": [w_1, w_2, c]}


def _thinned(losses: list[float]) -> list:
    """At most MOST_LOSSES pairs [index, loss], the last one among them."""
    every = max(1, math.ceil(len(losses) / MOST_LOSSES))
    chosen = sorted({*range(0, len(losses), every), len(losses) - 1} if losses else ())
    return [[k, losses[k]] for k in chosen if math.isfinite(losses[k])]


def _wrong(network: Network, answers: NDArray | None) -> int | None:
    """How many examples have their answer on the wrong side of ½, or exactly on it."""
    if answers is None:
        return None
    return int(np.sum(~(np.abs(answers - network.T[0]) < 0.5)))


# --- words ----------------------------------------------------------------------------------


def _next(network: Network) -> str:
    """What "One layer back" will do."""
    last = len(network.sizes) - 1
    if network.known == 0:
        return f"the error at the output becomes δ of layer {last}"
    if network.known < last:
        layer = last - network.known
        return (
            f"δ of layer {layer + 1} goes back through the weights and becomes δ of layer {layer}"
        )
    return "every weight moves by −η · δ at its end · activation at its beginning"


def words(frame: dict) -> dict[str, str]:
    """What each panel shows now, in a sentence."""
    arrows, names = " → ".join(map(str, frame["sizes"])), range(1, len(frame["sizes"]))
    x = ", ".join(in_digits(value[frame["example"]]) for value in frame["x"])
    target = in_digits(frame["t"][frame["example"]])
    of = f"Network {arrows}, example {frame['example'] + 1} with x = ({x}) and target {target}"
    outputs = "no answer yet"
    if frame["a"]:
        outputs = f"its answer is {_listed(frame['a'][-1])}"
    shown = [f"layer {k}: {_listed(frame['delta'][k])}" for k in names if frame["delta"][k]]
    backward = "; ".join(reversed(shown)) or "no δ shown yet"
    loss = f"loss {in_digits(frame['losses'][-1][1])}" if frame["losses"] else "no loss yet"
    wrong = (
        "" if frame["wrong"] is None else f", {frame['wrong']} of {len(frame['t'])} answers wrong"
    )
    standing = f"Epoch {frame['epoch']}: {loss}{wrong}."
    trouble = f" {frame['title']}. {frame['sentence']}" if frame["title"] else ""
    return {
        "news": f"{standing}{trouble}",
        "forward": f"{of}: {outputs}.",
        "backward": f"The way back of δ. {backward}. Next: {frame['next']}.",
        "plane": f"Answers all over the plane, and {len(frame['t'])} examples. {standing}",
        "losses": f"Loss against update. {standing}",
        "hidden": "The examples as the output unit sees them, at (h1, h2).",
    }


def _listed(numbers: list) -> str:
    return ", ".join("nan" if x is None else in_digits(x) for x in numbers)
