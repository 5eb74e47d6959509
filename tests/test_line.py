"""The line to look at: found where one edit mends the code, and told without the edit."""

import linecache
import textwrap
import time

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from course import check, hint
from course.classroom import check as classroom
from course.classroom import exercises, line, recorded
from course.classroom.calling import call


def notebook(*cells):
    """The namespace of a notebook that ran these cells; the lines of each can be shown."""
    namespace = {"np": np}
    for number, cell in enumerate(cells):
        source, name = textwrap.dedent(cell).strip() + "\n", f"<cell-{number}>"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        exec(compile(source, name, "exec"), namespace)
    return namespace


def found(name, *cells, seconds=8.0):
    """The places found for the exercise ``name``."""
    namespace, exercise = notebook(*cells), exercises.every()[name]
    trial = recorded.trial(exercise)
    outcomes = [call(namespace[name], made.args) for made in trial.calls]
    calls = [(c.args, e) for c, e in zip(trial.calls, trial.expected, strict=True)]
    return line.find(exercise, namespace, calls, outcomes, seconds)


FORWARD = """
def xor_forward(theta, X):
    W1, b1, W2, b2 = theta
    H = 1 / (1 + np.exp(-(W1 @ X {sign} b1)))
    Y = 1 / (1 + np.exp(-(W2 @ H + b2)))
    return H, Y
"""
GRADIENTS = """
def xor_gradients(theta, X, T):
    W1, b1, W2, b2 = theta
    H, Y = xor_forward(theta, X)
    delta2 = (Y - T) * Y * (1 - Y)
    delta1 = (W2.T @ delta2) * H * (1 - H)
    dW2, db2 = delta2 @ H.T, np.sum(delta2, axis=1, keepdims=True)
    dW1, db1 = delta1 @ X.T, np.sum(delta1, axis=1, keepdims=True)
    return dW1, db1, dW2, db2
"""


@pytest.mark.parametrize(
    ("right", "wrong", "kind"),
    [
        ("(1 - H)", "(2 - H)", "number"),
        ("(1 - H)", "(H - 1)", None),
        ("delta1 @ X.T", "delta1 @ X.T * 2.5", None),
        ("* Y * (1 - Y)", "* Y + (1 - Y)", None),
    ],
)
def test_the_line_of_an_unforeseen_mistake_is_found(right, wrong, kind):
    """The damaged line, and no other."""
    code = GRADIENTS.replace(right, wrong, 1)
    places = found("xor_gradients", FORWARD.format(sign="+"), code)
    number = next(i for i, text in enumerate(code.strip().splitlines(), 1) if wrong in text)
    assert [place.number for place in places] == [number]
    assert kind is None or places[0].kind == kind


def test_helpers_in_other_cells_are_part_of_the_code():
    """The line may be in another cell, and is told with it."""
    places = found("xor_gradients", FORWARD.format(sign="-"), GRADIENTS)
    assert [(p.function, p.number) for p in places] == [("xor_forward", 3)]
    assert "line 3 of the cell of `xor_forward`, `H = 1" in line.words(places, "xor_gradients")


def test_words_never_hold_what_to_write():
    """Whatever the kind: no operator, number or name that is not in the student's own line."""
    for kind, look in line.LOOK.items():
        assert not set(look) & set("+*/@<>=-_()[]0123456789`"), kind
        place = line.Place("slope", 3, "return x", kind)
        assert line.words([place], "slope").count("`") == 2


def test_where_different_lines_would_do_both_are_named_or_none():
    """A wrong sign can be mended in either of two lines."""
    code = """
    def slope(w, x, y):
        error = y - x * w
        total = np.sum(error * x)
        return 2 * total
    """
    places = found("slope", code)
    assert len(places) != 1
    assert all(p.text in line.words(places, "slope") for p in places)


def test_a_crash_a_stub_and_a_loop_without_end_are_not_searched():
    """A crash is shown by its line already."""
    for body in ("return 1 / 0", "raise NotImplementedError", "return missing"):
        assert found("slope", f"def slope(w, x, y):\n    {body}") == []


@pytest.mark.parametrize("body", ["open('kept', 'a').write('x')", "import os", "eval('1')"])
def test_what_reaches_beyond_the_notebook_is_not_tried(body, tmp_path, monkeypatch):
    """No edited version of it is run."""
    monkeypatch.chdir(tmp_path)
    code = f"def slope(w, x, y):\n    {body}\n    return np.sum((x * w + y) * 2 * x)"
    assert found("slope", code) == []
    assert not (tmp_path / "kept").exists() or (tmp_path / "kept").stat().st_size < 10


def test_the_notebook_is_as_it_was():
    """Counters and lists of the notebook's names keep their values; functions are not replaced."""
    namespace = notebook(
        "calls = 0",
        """
        def slope(w, x, y):
            global calls
            calls = calls + 1
            return np.sum((x * w + y) * 2 * x) + 1.5
        """,
    )
    function = namespace["slope"]
    before = dict(namespace)
    exercise = exercises.every()["slope"]
    trial = recorded.trial(exercise)
    outcomes = [call(function, made.args) for made in trial.calls]
    counted = namespace["calls"]
    calls = [(c.args, e) for c, e in zip(trial.calls, trial.expected, strict=True)]
    line.find(exercise, namespace, calls, outcomes, 2.0)
    assert namespace["calls"] == counted and namespace["slope"] is function
    assert set(namespace) == set(before)


def test_candidates_without_end_are_stopped():
    """An edit may turn a loop into one that never ends; the time for all of them is kept."""
    code = """
    def slope(w, x, y):
        total, i = 0.0, 0
        while i < len(x):
            total = total + 2 * (x[i] * w - y[i]) * x[i] + 0.3
            i = i + 1
        return total
    """
    begun = time.perf_counter()
    places = found("slope", code, seconds=3.0)
    assert time.perf_counter() - begun < 60
    assert [p.number for p in places] in ([4], [])


def test_check_shows_the_line():
    """In the report, as text and as HTML, where nothing is named."""
    code = """
    def sum_of_squares(w, x, y):
        error = x * w - y
        return np.sum(error ** 4)
    """
    namespace = notebook(code)
    report = check(namespace["sum_of_squares"])
    assert "`return np.sum(error ** 4)`" in report.line and "line 3" in report.line
    assert report.line in str(report)
    assert "return np.sum(error ** 4)" in report._repr_html_()


# --- whatever is bound to the exercise's name ------------------------------------------------

BOUND = {
    "a cached function": "@lru_cache\ndef predict(x, w):\n    return x * w",
    "a lambda": "predict = lambda x, w: x * w",
    "an alias": "def mine(x, w):\n    return x * w\npredict = mine",
    "a partial": "def mine(k, x, w):\n    return k * x * w\npredict = partial(mine, 1)",
    "np.vectorize": "@np.vectorize\ndef predict(x, w):\n    return x * w",
    "an object": "class P:\n    def __call__(self, x, w):\n        return x * w\npredict = P()",
    "a wrapper": "def loud(f):\n    def wrapper(*a):\n        return f(*a)\n    return wrapper\n"
    "@loud\ndef predict(x, w):\n    return x * w",
    "NumPy's own": "predict = np.multiply",
}


@pytest.mark.parametrize("code", BOUND.values(), ids=BOUND)
def test_any_callable_under_the_exercises_name_is_marked(code):
    """Not only a plain `def`."""
    cell = "from functools import lru_cache, partial\nfrom course import check\n" + code
    if "lru_cache" in code:  # arrays cannot be keys: the report says so
        code = cell + "\nreport = check(predict)"
        told = notebook(code)["report"]
        assert told.name == "predict" and told.outcome != "not marked"
    else:
        assert notebook(cell + "\nreport = check(predict)")["report"].outcome == "right"


def test_hints_come_for_a_name_as_well():
    """Before the function exists, there is only its name."""
    assert "of 3" in repr(hint("slope"))
    assert "Did you mean `slope`" in repr(hint("slopes")) or "quotes" in repr(hint("slopes"))


def test_a_cell_that_did_not_run_is_told():
    """The older version is still bound: nobody takes its mark for that of the newer."""
    shell = InteractiveShell()
    shell.events.register("post_run_cell", classroom.remember_cell)
    shell.run_cell("from course import check")
    shell.run_cell("def predict(x, w):\n    return x * w")
    shell.run_cell("def predict(x, w):\n    return x * * w")
    shell.run_cell("report = check(predict)")
    told = str(shell.user_ns["report"])
    assert "did not run (SyntaxError in line 2)" in told and "version before it" in told
    shell.run_cell("def predict(x, w):\n    return x * w")
    shell.run_cell("report = check(predict)")
    assert "did not run" not in str(shell.user_ns["report"])
