"""What numbers show, whatever the code: how a wrong array is related to the right one."""

import numpy as np

from course.classroom.plain import TOLERANCE, agree, differences, ratio


def relation(yours: np.ndarray, expected: np.ndarray) -> str:
    """In a sentence, how ``yours`` is related to ``expected``, an array of the same shape.

    The most telling relation that holds for every entry; "" if none does.
    """
    if yours.size < 2 or not (np.all(np.isfinite(yours)) and np.all(np.isfinite(expected))):
        return ""
    wrong = differences(yours, expected) > TOLERANCE
    for found in (_constant, _factor, _places, _difference, _rounded):
        words = found(yours, expected)
        if words:
            return words
    return _where(wrong)


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and agree(a, b, 1e-6)


def _constant(yours: np.ndarray, expected: np.ndarray) -> str:
    if np.ptp(yours) or not np.ptp(expected):
        return ""
    if not yours.flat[0]:
        return "every entry is 0. Is it ever filled?"
    return "all its entries are equal; they should differ."


def _factor(yours: np.ndarray, expected: np.ndarray) -> str:
    r = ratio(yours, expected)
    if r is not None and np.count_nonzero(expected) > 1:
        if np.isclose(r, -1):
            return "every entry has the right size and the opposite sign."
        return f"every entry is {r:.4g} times the expected one."
    if _same(np.abs(yours), np.abs(expected)):
        count = int(np.sum(np.sign(yours) != np.sign(expected)))
        return f"all sizes are right, and the sign is wrong in {count} of {yours.size} entries."
    return ""


def _places(yours: np.ndarray, expected: np.ndarray) -> str:
    if yours.ndim == 2 and yours.shape[0] == yours.shape[1] and _same(yours.T, expected):
        return "rows and columns are exchanged."
    if _same(yours[::-1], expected):
        return "the right numbers come in the opposite order."
    if _same(np.sort(yours, axis=None), np.sort(expected, axis=None)):
        return "the right numbers are there, in other places."
    return ""


def _difference(yours: np.ndarray, expected: np.ndarray) -> str:
    apart = yours - expected
    if np.all(np.abs(apart - apart.flat[0]) <= 1e-6 * np.abs(apart.flat[0])):
        return f"every entry differs from the expected one by the same number, {apart.flat[0]:.4g}."
    return ""


def _rounded(yours: np.ndarray, expected: np.ndarray) -> str:
    for digits in range(5):
        if np.array_equal(yours, np.round(expected, digits)):
            if digits:
                return f"the right numbers are rounded to {digits} digits. Leave them as they are."
            return "the right numbers are rounded to whole ones. Are they kept as whole numbers?"
    return ""


def _where(wrong: np.ndarray) -> str:
    """In words, where the wrong entries stand, if they stand together."""
    if wrong.all():
        return ""
    if wrong.ndim == 1:
        first, count = int(np.argmax(wrong)), int(wrong.sum())
        if wrong[first:].all():
            if count == 1:
                return "only its last entry is wrong."
            if first == 1:
                return "only its first entry is right."
            return f"right up to entry number {first - 1}, wrong from there on."
        if wrong[:count].all():
            until = "only its first entry is wrong." if count == 1 else ""
            return until or f"its first {count} entries are wrong, the others are right."
        return ""
    for axis, name in ((1, "row"), (0, "column")):
        if wrong.ndim == 2 and (wrong.all(axis=axis) == wrong.any(axis=axis)).all():
            numbers = np.flatnonzero(wrong.any(axis=axis))
            if len(numbers) == 1:
                return f"its {name} number {numbers[0]} is wrong, the other {name}s are right."
            listed = ", ".join(map(str, numbers[:6]))
            return f"its {name}s {listed} are wrong, the other {name}s are right."
    return ""
