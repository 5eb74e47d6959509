"""The live picture of a network without a browser: what the student's functions make of it."""

import base64
import json
import math
import re
import time

import numpy as np
import pytest
from traitlets import TraitError

from course.classroom.widgets import network, student
from tests.test_widget import press, run_cell, shell  # noqa: F401 (a fixture)


def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


def forward(parameters, X):
    A = [X]
    for W, b in zip(parameters[::2], parameters[1::2], strict=True):
        A.append(sigmoid(W @ A[-1] + b))
    return A[1:]


def backward(parameters, X, T):
    A, W = [X, *forward(parameters, X)], [None, *parameters[::2]]
    delta = (A[-1] - T) * A[-1] * (1 - A[-1])
    yield delta
    for layer in range(len(W) - 2, 0, -1):
        delta = (W[layer + 1].T @ delta) * A[layer] * (1 - A[layer])
        yield delta


def step(parameters, X, T, learning_rate):
    A, deltas = [X, *forward(parameters, X)], list(backward(parameters, X, T))[::-1]
    new = []
    for k, delta in enumerate(deltas):
        W, b = parameters[2 * k : 2 * k + 2]
        new.append(W - learning_rate * delta @ A[k].T)
        new.append(b - learning_rate * delta.sum(axis=1, keepdims=True))
    return tuple(new)


def loss(parameters, X, T):
    return 0.5 * np.sum((forward(parameters, X)[-1] - T) ** 2)


RIGHT = {"forward": forward, "backward": backward, "step": step, "loss": loss}


def picture(**other):
    settings = {name: other.pop(name) for name in list(other) if name not in RIGHT}
    return network(**{**RIGHT, **other}, **settings)


def test_an_epoch_is_the_students_own_step():
    """Weights, activations and losses of the frame are those of the four functions."""
    live = picture(hidden=(3,), seed=5, learning_rate=0.7)
    parameters, (X, T) = live._network.parameters, (live._network.X, live._network.T)
    expected = [loss(parameters, X, T)]
    for _ in range(3):
        parameters = step(parameters, X, T, 0.7)
        expected.append(loss(parameters, X, T))
        press(live, "step")
    assert [value for _, value in live.frame["losses"]] == pytest.approx(expected)
    np.testing.assert_allclose(live.frame["W"][0], parameters[0], rtol=1e-3)
    np.testing.assert_allclose(live.frame["answers"], forward(parameters, X)[-1][0], rtol=1e-3)
    assert live.frame["epoch"] == 3


def test_one_layer_back_shows_delta_layer_by_layer_and_then_moves_the_weights():
    """Each press shows δ of one layer more, the last layer first; then the example's own step."""
    live = picture(hidden=(3, 2), seed=1)
    before, x, t = live._network.parameters, live._network.X[:, [0]], live._network.T[:, [0]]
    deltas = list(backward(before, x, t))
    for known in range(4):
        shown = live.frame["delta"]
        assert [d is not None for d in shown] == [False] + [k > 3 - known for k in (1, 2, 3)]
        for k in range(known):
            np.testing.assert_allclose(shown[3 - k], deltas[k][:, 0], rtol=1e-3)
        assert all(a is b for a, b in zip(before, live._network.parameters, strict=True))
        press(live, "step_back")
    for new, expected in zip(live._network.parameters, step(before, x, t, 0.5), strict=True):
        np.testing.assert_array_equal(new, expected)
    assert (live.frame["example"], live.frame["known"]) == (1, 0)


def test_settings_act_through_the_front_end():
    """The learning rate keeps the run; data, units, seed and start begin another one."""
    live = picture(seed=1)
    press(live, "step")
    live.set_state({"learning_rate": 3.0})
    assert live.frame["epoch"] == 1
    for change in ({"hidden": 4}, {"data": "rings"}, {"seed": 2}, {"start": "all equal"}):
        press(live, "step")
        live.set_state(change)
        assert live.frame["epoch"] == 0, change
    assert (live.frame["sizes"], len(live.frame["t"])) == ([2, 4, 1], 100)
    live.set_state({"example": 7})
    assert live.frame["example"] == 7
    for _ in range(5):
        press(live, "step")
    W = np.array(live.frame["W"][0])
    assert (W[0] == W).all(), "units that start as twins stay twins"
    with pytest.raises(TraitError, match="learning_rate"):
        picture(learning_rate=0)
    with pytest.raises(TypeError, match="loss is a float; pass the function itself"):
        picture(loss=3.0)
    with pytest.raises(TraitError, match="take one of"):
        picture(data="nand?")


def test_it_learns_xor_and_a_frame_is_one_message():
    """In time no answer is wrong, and each press sends one update and one answer."""
    live, sent = picture(seed=6, learning_rate=2.0, epochs_per_step=1000), []
    live._send = lambda message, buffers=None: sent.append(message)
    for _ in range(5):
        press(live, "step")
    assert live.frame["wrong"] == 0
    assert [message["method"] for message in sent] == ["update", "custom"] * 5
    assert len(live.frame["losses"]) <= 302
    assert min(live.shading) < 30 and max(live.shading) > 225, "the plane is parted"


BAD = {
    "a stub": (NotImplementedError("…"), "is not written yet"),
    "a crash": (ZeroDivisionError("by 0"), "crashed"),
    "None": (None, "Did you forget a return?"),
    "a text": ("x", "returned a str"),
    "a wrong shape": ([np.ones((7, 3))] * 4, "An array of shape|One number|It needs"),
    "nan": (math.nan, ""),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("role", RIGHT)
def test_a_function_that_does_not_work_is_told_in_its_place(role, kind):
    """Whatever one function does, the rest of the picture stands, in strict JSON, with a reason."""
    answer, words = BAD[kind]

    def bad(*args):
        if isinstance(answer, Exception):
            raise answer
        if answer is not answer:  # nan
            right = RIGHT[role](*args)
            return right * math.nan if role == "loss" else [a * math.nan for a in right]
        return answer

    live = picture(**{role: bad})
    for button in ("step", "step_back", "step_example", "step_back", "reset", "step_back"):
        press(live, button)
        json.dumps(live.frame, allow_nan=False)
    press(live, "step" if role == "step" else "step_back")
    if kind != "nan" and role != "loss":
        told = f"{live.frame['title']} {live.frame['sentence']}"
        assert re.search(words, told), told
        assert role in told or "bad" in told
        assert not live.frame["going"]
    assert live.frame["x"] and live.frame["W"]
    data, _ = live._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")


def test_half_a_backward_pass_shows_half_of_the_deltas():
    """Where the hidden layer's function is a stub, δ of the output is there all the same."""

    def half(parameters, X, T):
        yield next(backward(parameters, X, T))
        raise NotImplementedError

    live = picture(backward=half)
    press(live, "step_back")
    assert (live.frame["title"], live.frame["delta"][2] is None) == ("", False)
    press(live, "step_back")
    assert live.frame["title"] == "half is not written yet" or "backward" in live.frame["title"]
    assert live.frame["delta"][2] is not None and live.frame["delta"][1] is None


def test_a_wrong_delta_is_shown_as_it_is():
    """Right by name and wrong in its numbers: the picture shows what the function says."""
    live = picture(backward=lambda *args: [-d for d in backward(*args)])
    press(live, "step_back")
    right = next(
        backward(live._network.parameters, live._network.X[:, [0]], live._network.T[:, [0]])
    )
    assert live.frame["delta"][2] == pytest.approx([-right[0, 0]], rel=1e-3)


def test_a_loop_without_end_is_given_up(monkeypatch):
    """A function that comes to no end is stopped, on whichever thread it runs, and named."""
    monkeypatch.setattr(student, "PATIENCE", 0.5)

    def endless(parameters, X):
        while True:
            pass

    live = picture(forward=endless)
    assert "came to no end" in live.frame["title"]
    time.sleep(0.7)  # nothing comes too late
    assert student._deadlines == {}


def test_comes_alive_when_the_cell_is_run_again(shell, capsys):  # noqa: F811
    """A stub is waited for by name; the cell that defines it begins the run; others do nothing."""
    shell.user_ns.update(RIGHT, network=network)
    run_cell(shell, "def activate(z):\n    raise NotImplementedError")
    run_cell(
        shell,
        "def mine(parameters, X):\n"
        "    W1, b1, W2, b2 = parameters\n"
        "    H = activate(W1 @ X + b1)\n"
        "    return H, activate(W2 @ H + b2)\n"
        "live = network(mine, backward, step, loss)",
    )
    live = shell.user_ns["live"]
    assert live.frame["title"] == "activate is not written yet"
    run_cell(shell, "import math, numpy as np\ndef activate(z):\n    return 1 / (1 + np.exp(-z))")
    assert live.frame["title"] == "" and live.frame["going"]
    press(live, "step")
    run_cell(shell, "other = 1")
    assert live.frame["epoch"] == 1
    run_cell(shell, "def activate(z):\n    return np.tanh(z)")
    assert live.frame["epoch"] == 0
    assert capsys.readouterr() == ("", "")


def test_a_cell_that_is_run_again_lets_its_picture_go(shell, monkeypatch):  # noqa: F811
    """Ten runs of a cell leave one picture that listens; another cell's picture stays."""
    request = {"header": {}, "metadata": {}}
    monkeypatch.setattr(type(shell), "get_parent", lambda self: request, raising=False)
    shell.user_ns["make"] = lambda: picture()
    before = len(shell.events.callbacks["post_run_cell"])
    for number, cell in enumerate(["other", *["again"] * 10]):
        request.update(header={"msg_id": str(number)}, metadata={"cellId": cell})
        run_cell(shell, "make()")
    assert len(shell.events.callbacks["post_run_cell"]) == before + 2
    request.update(header={"msg_id": "x"}, metadata={"cellId": "z", "deletedCells": ["again"]})
    run_cell(shell, "1")
    assert len(shell.events.callbacks["post_run_cell"]) == before + 1
