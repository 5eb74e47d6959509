"""Crashes of beginners, in words that are true and lead to the fix."""

import linecache
import textwrap

import numpy as np
import pytest

from course.classroom.calling import call

X = np.arange(15.0).reshape(3, 5)
W = np.arange(12.0).reshape(4, 3)
#: (body of a function of x, w, X, W1, values; words that its crash has to be told in)
CRASHES = [
    ("return (x * w - 1.5) ^ 2", "`^` does not raise to a power"),
    ("g = []\n    g = g.append(w)\n    return g.append(w)", "`g` is None here"),
    ("return 2(x * w)", "Is a `*` missing"),
    ("return (x * w)(x + w)", "Is a `*` missing"),
    ("return np.sum * 2", "its parentheses are missing"),
    ("return np.exp - w", "`np.exp` is a function that is not called"),
    ("def f():\n        pass\n    return f() * 2", "`f()` is None here"),
    ("def f():\n        return 1\n    return f * 2", "`f` is a function that is not called"),
    ("import math\n    return math.exp(x)", "The functions of `math` take one number"),
    ("return np.array([(x, w), w])", "a function that returns a pair"),
    ("return np.array([[1, 2], [3]])", "parts of different shapes"),
    ("return W1 * X", "As a matrix product, `@`, they would fit"),
    ("return X * W1", "`X` has shape (3, 5) and `W1` has shape (4, 3)"),
    ("return X.T @ W1", "`X.T` has shape (5, 3) and `W1` has shape (4, 3)"),
    ("return X @ W1", "as many columns as the right one has rows"),
    ("return np.dot(X, W1)", "do not fit together in a matrix product"),
    ("return W1 @ w", "None or a number"),
    ("return X @ None", "None or a number"),
    ("t = (x, w)\n    return t * 0.5", "Make an array of it"),
    ("return [1.0, 2.0] * w", "Make an array of it"),
    ("return [1.0, 2.0] - [1.0, 1.0]", "is a list. Only arrays"),
    ("return (1.0, 2.0) / 2", "is a tuple. Only arrays"),
    ("return -[1.0]", "A sign stands before a list"),
    ("return Values", "Did you mean `values`?"),
    ("return leraning_rate", "Nothing is called `leraning_rate` here"),
    ("learning_rate = 0.1\n    return learnig_rate", "Did you mean `learning_rate`?"),
    ("return math.exp(1.0)", "Has the cell that imports it been run?"),
    ("total += w\n    return total", "`total` is used before it has a value"),
    ("return values.T", "Make an array of it first"),
    ("return w.T", "`w` is a number here"),
    ("return w[0]", "`w` is a number here"),
    ("return np.sum[x]", "it is called with round parentheses"),
    ("return x(0)", "An entry is taken with square brackets"),
    ("sum = 0\n    return sum(values)", "`sum` is a number here"),
    ("for i in len(values):\n        pass", "runs over a `range`"),
    ("for i in range(len(values) / 2):\n        pass", "`/` always gives a float"),
    ("return np.zeros(3.0)", "A whole number is needed here"),
    ("a, b = w\n    return a", "A single number stands where"),
    ("a, b = values\n    return a", "More values come than the 2 names"),
    ("a, b, c, d = values\n    return a", "4 names stand on the left, and 3 come"),
    ("return values[3]", "`values` has 3 entries, and the first has number 0"),
    ("return values[w]", "The index is a number"),
    ("return values[0, 1]", "A list is indexed with a row and a column"),
    ("return x[4]", "Entry number 4 is asked for along axis 0, which has 3"),
    ("return x[0, 1]", "2 indices for an array that has 1 of them"),
    ("return x[0.5]", "The index is no whole number"),
    ("return x[0][1]", "One number stands there, not an array"),
    ("return np.sum(x, axis=1)", "There is no axis 1"),
    ("if x > 0:\n        return x", "A condition stands on a whole array"),
    ("return x.append(w)", "There is a function `np.append`"),
    ("return np.summ(x)", "Did you mean `sum`?"),
    ("return x.reshape(2, 2)", "cannot be given the shape (2,2)"),
    ("x[:] = X\n    return x", "Changing an array in place keeps its shape"),
    ("n = 0\n    return 1 / n", "`n` is 0 here"),
    ("import math\n    return math.log(-1)", "for which it is not defined"),
    ("import math\n    return math.exp(1000)", "larger than Python can hold"),
    ("return max([])", "the list is empty here"),
    ("return {'loss': 1}['los']", "no key 'los'"),
    ("return np.exp(None)", "something that is no number"),
    ("k = np.arange(3)\n    k -= 0.5 * x\n    return k", "an array of whole numbers"),
    ("t = (1, 2)\n    t[0] = 3\n    return t", "Make a list of it first"),
    ("return np.linalg.inv(np.ones((2, 2)))", "has no inverse"),
    ("return 'w' + w", "is text"),
    ("return w + 'w'", "is text"),
    ("return values + w", "make arrays first"),
    ("return len(w)", "`len` counts entries"),
    ("return np.argmax < w", "parentheses of a call missing"),
    ("def f(a):\n        return a\n    return f(1, 2)", "wrong number of arguments"),
    ("return float(x)", "One number is needed here"),
]  # fmt: skip


def crashed(body, number):
    """What is said of a function with this body."""
    source = f"def f(x, w, X, W1, values):\n    {textwrap.dedent(body)}\n"
    name = f"<crash-{number}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    namespace = {"np": np}
    exec(compile(source, name, "exec"), namespace)
    outcome = call(namespace["f"], (np.array([1.0, 2.0, 3.0]), 0.7, X, W, [1.0, 2.0, 3.0]))
    assert outcome.kind == "raised", outcome
    return outcome.words


@pytest.mark.parametrize(("number", "body", "words"), [(i, *c) for i, c in enumerate(CRASHES)])
def test_a_crash_has_a_sentence_that_leads_to_the_fix(number, body, words):
    """In words of the course, with the student's own line and what Python says behind it."""
    told = crashed(body, number)
    assert words in told
    assert "It crashed at line" in told and "(Python says: " in told


def test_what_no_rule_knows_is_told_as_python_says_it():
    """Nothing is guessed."""
    told = crashed("raise ValueError('of my own')", "own")
    assert told.endswith("ValueError: of my own")


def test_a_sentence_never_fails_for_what_is_in_the_frame():
    """Objects that raise when they are looked at do no harm."""
    odd = "class Odd:\n        def __getattr__(self, n):\n            raise RuntimeError(n)"
    told = crashed(
        odd + "\n        __len__ = None\n    values = Odd()\n    return values[7]", "odd"
    )
    assert "TypeError" in told
