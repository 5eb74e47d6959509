"""What is said of wrong numbers is so."""

import linecache

import numpy as np
import pytest

from course import check
from course.classroom.observing import relation

EXPECTED = np.array([[1.5, -2.25, 3.125], [4.0625, 0.5, -6.7]])
ROW = EXPECTED.ravel()


@pytest.mark.parametrize(
    ("yours", "expected", "words"),
    [
        (0 * EXPECTED, EXPECTED, "every entry is 0"),
        (0 * EXPECTED + 2, EXPECTED, "all its entries are equal"),
        (-EXPECTED, EXPECTED, "opposite sign"),
        (2.5 * EXPECTED, EXPECTED, "every entry is 2.5 times"),
        (np.abs(EXPECTED), EXPECTED, "the sign is wrong in 2 of 6"),
        (EXPECTED[:, :2].T, EXPECTED[:, :2], "rows and columns are exchanged"),
        (ROW[::-1], ROW, "in the opposite order"),
        (np.roll(ROW, 2), ROW, "in other places"),
        (EXPECTED + 0.3, EXPECTED, "by the same number, 0.3"),
        (np.round(EXPECTED, 1), EXPECTED, "rounded to 1 digits"),
        (np.round(EXPECTED), EXPECTED, "rounded to whole ones"),
        (ROW + np.array([0, 0, 0, 0, 0, 1]), ROW, "only its last entry is wrong"),
        (ROW + np.array([0, 0, 0, 1, 2, 1]), ROW, "right up to entry number 2"),
        (ROW + np.array([0, 1, 3, 1, 2, 1]), ROW, "only its first entry is right"),
        (ROW + np.array([1, 0, 0, 0, 0, 0]), ROW, "only its first entry is wrong"),
        (EXPECTED + np.array([[1, 2, 4], [0, 0, 0]]), EXPECTED, "row number 0 is wrong"),
        (EXPECTED + np.array([[1, 0, 4], [3, 0, 1]]), EXPECTED, "columns 0, 2 are wrong"),
        (EXPECTED + np.array([[1, 0, 4], [0, 3, 1]]), EXPECTED, ""),
        (EXPECTED + np.nan, EXPECTED, ""),
    ],
)
def test_relations_are_told_where_they_hold(yours, expected, words):
    """And nothing where none does."""
    told = relation(yours, expected)
    assert words in told and bool(words) == bool(told)


def test_a_constant_result_is_told():
    """Whatever the code: the arguments change nothing."""
    source = "def slope(w, x, y):\n    return 7.0\n"
    linecache.cache["<constant>"] = (len(source), None, source.splitlines(True), "<constant>")
    namespace = {"np": np}
    exec(compile(source, "<constant>", "exec"), namespace)
    assert "the same for every call" in str(check(namespace["slope"]))
