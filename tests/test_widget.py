"""The live picture of gradient descent without a browser: what Python computes and sends."""

import base64
import json
import math
import subprocess
import sys
import threading
import time
import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from traitlets import TraitError

from course.classroom.widgets import descent

NUMBERS = st.floats(-5, 5).map(lambda x: round(x, 3))


def bowl(steepness: float = 1.0, lowest: float = 1.5):
    """½ · steepness · (w − lowest)² and its gradient: it diverges above η = 2 / steepness."""
    return (
        lambda w: 0.5 * steepness * (w - lowest) ** 2,
        lambda w: steepness * (w - lowest),
    )


def press(picture, button: str) -> None:
    """What the front end sends when a button is pressed."""
    picture._handle_custom_msg({"do": button}, [])


def play(picture, most: int = 1000) -> None:
    """What Play does: steps, as long as the picture says that the run goes on."""
    for _ in range(most):
        if not picture.frame["going"]:
            break
        press(picture, "step")


@given(NUMBERS, NUMBERS, st.floats(0.01, 0.9))
def test_steps_follow_the_update_rule(start, lowest, learning_rate):
    """Each step is w ← w − η · gradient(w), and every frame shows the loss, slope and next w."""
    loss, gradient = bowl(2.0, lowest)
    picture = descent(loss, gradient, start=start, learning_rate=learning_rate, epsilon=0)
    w = start
    for k in range(5):
        frame = picture.frame
        assert (frame["step"], frame["w"][-1], frame["loss"][-1]) == (k, w, loss(w))
        w -= learning_rate * gradient(w)
        assert frame["next"] == [w, loss(w)]
        press(picture, "step")


def test_learning_rate_acts_while_the_run_goes_on():
    """The slider's value is used from the next step on; the way so far stays."""
    picture = descent(*bowl(), start=0, learning_rate=0.1)
    press(picture, "step")
    way = picture.frame["w"]
    picture.set_state({"learning_rate": 0.5})
    assert picture.frame["w"] == way
    assert picture.frame["next"][0] == way[-1] - 0.5 * (way[-1] - 1.5)
    press(picture, "step")
    assert picture.frame["w"][:-1] == way
    assert picture.frame["step"] == 2


def test_start_and_reset():
    """A new start begins a new run; Reset goes back to it and keeps the learning rate."""
    picture = descent(*bowl(), start=0)
    press(picture, "step")
    picture.set_state({"start": -3.0})
    assert (picture.frame["step"], picture.frame["w"]) == (0, [-3.0])
    picture.set_state({"learning_rate": 0.3})
    press(picture, "step")
    press(picture, "reset")
    assert (picture.frame["w"], picture.learning_rate) == ([-3.0], 0.3)


def test_a_frame_is_one_message():
    """A step sends all that changed at once, and then the answer that Play waits for."""
    picture, sent = descent(*bowl(), start=0, learning_rate=2.5, between=(0, 3)), []
    picture._send = lambda message, buffers=None: sent.append(message)
    press(picture, "step")
    assert [message["method"] for message in sent] == ["update", "custom"]
    assert {"frame", "curve"} <= sent[0]["state"].keys(), "the step leaves the curve as drawn"


@settings(max_examples=40)
@given(st.floats(0.2, 5), NUMBERS, NUMBERS, st.floats(0.05, 4))
def test_divergence_is_found_and_only_then(steepness, lowest, start, factor):
    """On a bowl, Play ends as diverged exactly where the learning rate exceeds 2 / steepness."""
    if abs(start - lowest) < 0.1 or abs(factor - 2) < 0.05:
        return
    learning_rate = factor / steepness
    picture = descent(*bowl(steepness, lowest), start=start, learning_rate=learning_rate)
    play(picture)
    assert picture.frame["kind"] == ("diverged" if factor > 2 else "settled")
    assert (picture.frame["cross"] is not None) == (factor > 2)
    low, high = picture.curve["span"]
    assert all(low <= w <= high for w in picture.frame["w"])


def test_words_for_divergence():
    """The words say what was seen: jumping from side to side, or uphill by a wrong sign."""
    picture = descent(*bowl(), start=0, learning_rate=2.5)
    play(picture)
    assert "learning rate is too large" in picture.frame["sentence"]
    shown = picture.frame
    press(picture, "step")
    assert picture.frame == shown, "a run that has diverged makes no step"
    picture.set_state({"learning_rate": 0.5})
    press(picture, "reset")
    assert picture.frame["going"]

    loss, gradient = bowl()
    picture = descent(loss, lambda w: -gradient(w), start=0, learning_rate=0.5)
    play(picture)
    assert picture.frame["title"] == "Diverged"
    assert "uphill" in picture.frame["sentence"]
    assert "sign of the gradient" in picture.frame["sentence"]


def test_overflow_and_nan_are_no_crash():
    """Python's OverflowError is divergence; nan ends the run as such, without a warning."""
    picture = descent(lambda w: math.exp(w), lambda w: -math.exp(w), start=1.0, learning_rate=9)
    play(picture)
    assert picture.frame["kind"] == "diverged"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = descent(lambda w: w - np.log(w), lambda w: 1 - 1 / w, start=3, learning_rate=5)
        play(picture)
    assert (picture.frame["kind"], picture.frame["step"]) == ("nan", 1)
    assert "the loss is nan" in picture.frame["sentence"]
    assert None in picture.curve["loss"], "the curve has a gap where there is no loss"


def test_rules_for_stopping():
    """A short step or max_iteration ends the run; only after the first can it go on."""
    picture = descent(*bowl(), start=0, learning_rate=0.5, epsilon=0.1)
    play(picture)
    assert (picture.frame["kind"], picture.frame["step"]) == ("settled", 4)
    press(picture, "step")
    assert picture.frame["step"] == 5
    picture = descent(*bowl(), start=0, learning_rate=0.01, max_iteration=7)
    play(picture)
    assert (picture.frame["kind"], picture.frame["can_step"]) == ("limit", False)
    assert picture.frame["step"] == 7


WILD = [1.0, -2.5, math.inf, -math.inf, math.nan, 1e99, 1e200, -1e308, None, "x", np.ones(3), 1j]


@settings(max_examples=60)
@given(st.data())
def test_whatever_the_functions_return_can_be_drawn(data):
    """inf, nan, huge numbers, no numbers: a frame is strict JSON, and its ranges are ranges."""
    wild = st.one_of(st.sampled_from(WILD), st.floats(), st.just(ZeroDivisionError))

    def function(w):
        value = data.draw(wild)
        if value is ZeroDivisionError:
            raise ZeroDivisionError
        return value

    losses = st.sampled_from([function, bowl()[0], math.sqrt, lambda w: 1 / w, lambda w: w**99])
    picture = descent(data.draw(losses), function, start=1.0)
    for button in ("step", "step", "reset", "step"):
        press(picture, button)
        for shown in (picture.curve, picture.frame):
            json.dumps(shown, allow_nan=False)
        for low, high in (picture.curve["span"], picture.curve["loss_span"]):
            assert low < high
        assert picture.frame["title"] or picture.frame["next"]


@pytest.mark.parametrize(
    ("gradient", "words"),
    [
        (lambda w: None, "gradient(0) returned None. Did you forget a return?"),
        (lambda w: np.ones(4), "gradient(0) returned an array of shape (4,). One number"),
        (lambda w: "5", "gradient(0) returned a str. One number"),
        (lambda w: [1], None),
        (lambda w: np.float32(2), None),
        (lambda w: np.array(2), None),
    ],
)
def test_what_counts_as_a_number(gradient, words):
    """One number in any dress is taken; for anything else the sentence says what came instead."""
    frame = descent(bowl()[0], gradient, start=0).frame
    if words is None:
        assert frame["going"]
    else:
        assert words in frame["sentence"]


@pytest.fixture
def shell():
    """A notebook's shell, for what happens when a cell is run again."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def run_cell(shell, text: str) -> None:
    assert shell.run_cell(text).success


def test_a_failure_is_told_and_mended(shell, capsys):
    """A stub, then a crash with the student's own line; each cell that is run moves the picture."""
    run_cell(shell, "from course.classroom.widgets import descent\ndef loss(w): return w ** 2")
    run_cell(shell, "def gradient(w):\n    raise NotImplementedError('gradient: …')")
    run_cell(shell, "picture = descent(loss, lambda w: gradient(w), start=1, learning_rate=0.1)")
    picture = shell.user_ns["picture"]
    assert picture.frame["kind"] == "unwritten"
    assert picture.frame["title"] == "gradient is not written yet"
    assert picture.frame["w"] == [1.0], "the curve and the point are there all the same"

    run_cell(shell, "def gradient(w):\n    print('here')\n    return 2 * w * factor")
    assert picture.frame["title"] == "gradient crashed"
    assert picture.frame["line"] == "return 2 * w * factor"
    assert "line 3" in picture.frame["sentence"]
    assert "name 'factor' is not defined" in picture.frame["sentence"]

    run_cell(shell, "factor = 1")
    assert picture.frame["next"][0] == pytest.approx(0.8)
    press(picture, "step")
    run_cell(shell, "nothing_to_do_with_it = 1")
    assert picture.frame["step"] == 1, "other cells leave the run alone"
    run_cell(shell, "def loss(w): return w ** 4")
    assert picture.frame["step"] == 0, "another loss, another run"
    assert capsys.readouterr() == ("", ""), "no print, no traceback"


def test_still_picture():
    """The bundle has a PNG and words for the first steps of the run, which itself stays put."""
    picture = descent(*bowl(), start=0, learning_rate=0.1)
    data, metadata = picture._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert "Step 20: w = 1.318" in data["text/plain"]
    assert metadata["image/png"]["alt"] == data["text/plain"]
    assert picture.frame["step"] == 0
    for function in (lambda w: None, lambda w: math.nan, lambda w: 1 / 0, math.sqrt):
        picture = descent(function, function, start=-1)
        words = picture._repr_mimebundle_()[0]["text/plain"]
        assert picture.frame["title"] in words


def test_slider_and_cell_at_the_same_time():
    """Steps from two threads never mix: each one starts where the last one ended."""
    loss, slope = bowl()

    def gradient(w):
        time.sleep(0.0005)
        return slope(w)

    picture = descent(loss, gradient, start=0, learning_rate=0.01)
    threads = [
        threading.Thread(target=lambda: [press(picture, "step") for _ in range(20)])
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    way = picture.frame["w"]
    assert len(way) == 41
    assert all(after == w - 0.01 * slope(w) for w, after in pairwise(way))


def test_arguments():
    """What descent cannot work with is refused, in words."""
    loss, gradient = bowl()
    with pytest.raises(TypeError, match="pass the function itself: loss, not loss"):
        descent(loss(3), gradient)
    with pytest.raises(TraitError, match="learning_rate is 0"):
        descent(loss, gradient, learning_rate=0)
    with pytest.raises(TraitError, match="start is nan"):
        descent(loss, gradient, start=math.nan)
    with pytest.raises(ValueError, match="lower end first"):
        descent(loss, gradient, between=(3, 1))
    assert descent(loss, gradient, learning_rate=50).learning_rates == (0.0001, 50)


def test_needs_no_reference_and_no_pyplot():
    """The picture and its still form load no answer, and nothing that cells share with it."""
    code = """
import sys
from course.classroom.widgets import descent
descent(lambda w: w * w, lambda w: 2 * w, start=1)._repr_mimebundle_()
answers = "activations losses chain circuit network descent training".split()
banned = [f"course.{name}" for name in answers] + ["autograder", "matplotlib.pyplot"]
print([name for name in banned if name in sys.modules])
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.stdout.strip(), result.returncode) == ("[]", 0), result.stderr
