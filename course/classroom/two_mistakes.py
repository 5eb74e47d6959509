"""Two mistakes at once: which two together make the numbers that neither makes alone.

A cause is a known mistake or a factor (of the whole result or of one part of it: −1, 2, ½, the
number of examples, the learning rate, and their inverses). Two causes are told only if together
they make every number of every call, and no other two do.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course.classroom import plain

#: So many numbers must show each of the two causes.
EVIDENCE = 3
#: Factors that are tried, and how they are told.
FACTORS = {
    -1.0: "has the opposite sign",
    2.0: "is twice as large",
    0.5: "is half as large",
}
#: Smaller numbers are 0.
TINY = 1e-12
TOGETHER = "Your numbers are what two things make together."


@dataclass(frozen=True)
class Cause:
    """A known mistake (with its message) or a factor (with a phrase), and the numbers it makes."""

    words: str
    known: bool
    numbers: np.ndarray


@dataclass(frozen=True)
class Results:
    """All results of one function as one row of numbers, and which entries are of which part.

    parts: where in the result a number stands ("" or "[0]"), as a number per entry.
    """

    numbers: np.ndarray
    parts: np.ndarray
    names: tuple[str, ...]
    calls: np.ndarray


def find(
    parameters: Sequence[str],
    arguments: Sequence[tuple],
    values: Sequence[Any],
    expected: Sequence[Any],
    known: Mapping[str, tuple[str, Sequence[Any]]],
) -> str:
    """What is said of the two causes that together make ``values``, or "".

    arguments, values, expected: of each call. known: name -> (message, what it returns for each
    call). Values that are not made of the expected arrays fit nothing but one more turn or shape.
    """
    target = laid_out(expected, expected)
    if target is None or not np.all(np.isfinite(target.numbers)):
        return ""
    shaped, phrase = in_shape(values, expected)
    yours = laid_out(shaped, expected)
    if yours is None or not np.all(np.isfinite(yours.numbers)):
        return ""
    mistakes = list(known_causes(known, expected))
    causes = [*mistakes, *factors(parameters, arguments, target, mistakes)]
    alone = [c for c in causes if near(c.numbers, yours.numbers).all()]
    if phrase:
        ways = [c for c in alone if differing(c.numbers, target.numbers) >= EVIDENCE]
        return with_shape(phrase, ways[0]) if len(ways) == 1 and ways[0].known else ""
    if alone or near(yours.numbers, target.numbers).all():
        return ""
    return told(pairs(causes, yours, target))


def told(found: list[tuple[Cause, Cause]]) -> str:
    """The words for the one pair that was found; "" if there are others."""
    if len(found) != 1:
        return ""
    first, second = sorted(found[0], key=lambda cause: cause.known)
    if not first.known and not second.known:
        return f"{TOGETHER} {capital(first.words)}, and {second.words}."
    if not first.known:
        return f"{TOGETHER} {capital(first.words)}, {alone(second)}"
    return (
        f"{TOGETHER} The first alone would be told like this: "
        f"“{first.words}” The second alone: “{second.words}”"
    )


def with_shape(phrase: str, cause: Cause) -> str:
    """The words for a shape that is not the one asked for, and a cause behind it."""
    return f"{TOGETHER} {capital(phrase)}, {alone(cause)}"


def alone(cause: Cause) -> str:
    return (
        "compared with what a known mistake makes. "
        f"That mistake alone would be told like this: “{cause.words}”"
    )


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- results as one row of numbers ----------------------------------------------------------


def laid_out(values: Sequence[Any], expected: Sequence[Any]) -> Results | None:
    """All numbers in a row; None where a value is not made of the same arrays as expected."""
    numbers, parts, calls = [], [], []
    for i, (value, target) in enumerate(zip(values, expected, strict=True)):
        own, wanted = plain.leaves(value), plain.leaves(target)
        if own.keys() != wanted.keys():
            return None
        for path, leaf in wanted.items():
            if not isinstance(leaf, np.ndarray):
                if not (leaf is None and own[path] is None):
                    return None
                continue
            if not isinstance(own[path], np.ndarray) or own[path].shape != leaf.shape:
                return None
            numbers.append(np.ravel(own[path]).astype(float))
            parts += [part_of(path, target)] * leaf.size
            calls += [i] * leaf.size
    if not numbers or not parts:
        return None
    names = tuple(dict.fromkeys(parts))
    index = np.array([names.index(part) for part in parts])
    return Results(np.concatenate(numbers), index, names, np.array(calls))


def part_of(path: str, whole: Any) -> str:
    """The part of a pair, a triple, … that a path leads into: "[0]"; "" if it is all one."""
    return path[: path.index("]") + 1] if isinstance(whole, tuple) and path else ""


def in_shape(values: Sequence[Any], expected: Sequence[Any]) -> tuple[list[Any], str]:
    """Values with one array turned or its shape made the expected one, and what was done to it."""
    shaped, phrases = [], set()
    for value, target in zip(values, expected, strict=True):
        entries = isinstance(target, tuple) and isinstance(value, tuple | list)
        if entries and len(value) == len(target):
            pairs = [
                (f"`result[{i}]`", v, t) for i, (v, t) in enumerate(zip(value, target, strict=True))
            ]
        else:
            pairs = [("the result", value, target)]
        new = []
        for where, v, t in pairs:
            own, wanted = plain.as_numbers(v), plain.as_numbers(t)
            if own is None or wanted is None or own.shape == wanted.shape:
                new.append(v)
            elif own.shape == wanted.T.shape:
                new.append(own.T)
                phrases.add(f"rows and columns of {where} are exchanged")
            elif own.size == wanted.size and np.squeeze(own).shape == np.squeeze(wanted).shape:
                new.append(own.reshape(wanted.shape))
                phrases.add(f"{where} has {own.ndim} axes where {wanted.ndim} are asked")
            else:
                new.append(v)
        shaped.append(tuple(new) if entries and len(value) == len(target) else new[0])
    return (shaped, phrases.pop()) if len(phrases) == 1 else (list(values), "")


# --- causes ---------------------------------------------------------------------------------


def known_causes(
    known: Mapping[str, tuple[str, Sequence[Any]]], expected: Sequence[Any]
) -> Iterator[Cause]:
    """The known mistakes that return what can be compared number by number."""
    for message, values in known.values():
        made = laid_out(values, expected)
        if made is not None and np.all(np.isfinite(made.numbers)):
            yield Cause(message, True, made.numbers)


def factors(
    parameters: Sequence[str],
    arguments: Sequence[tuple],
    target: Results,
    mistakes: Sequence[Cause],
) -> Iterator[Cause]:
    """The factors, of all numbers and of each part; not those that are known mistakes anyhow."""
    told: list[np.ndarray] = [cause.numbers for cause in mistakes]
    for phrase, by_call in factors_of_calls(parameters, arguments):
        for part in ("", *target.names) if len(target.names) > 1 else ("",):
            here = target.parts == target.names.index(part) if part else True
            numbers = np.where(here, by_call[target.calls], 1.0) * target.numbers
            if not any(near(numbers, other).all() for other in told):
                told.append(numbers)
                what = f"every number of `result{part}`" if part else "every number"
                yield Cause(f"{what} {phrase}", False, numbers)


def factors_of_calls(
    parameters: Sequence[str], arguments: Sequence[tuple]
) -> Iterator[tuple[str, np.ndarray]]:
    """(how it is told, the factor in each call)."""
    for factor, phrase in FACTORS.items():
        yield phrase, np.full(len(arguments), factor)
    for i, name in enumerate(parameters):
        given = [args[i] for args in arguments]
        if name == "learning_rate" and all(isinstance(rate, float) and rate for rate in given):
            yield f"is multiplied by `{name}`", np.array(given)
            yield f"is divided by `{name}`", 1 / np.array(given)
        if all(isinstance(array, np.ndarray) and array.ndim in (1, 2) for array in given):
            lengths = np.array([float(array.shape[-1]) for array in given])
            what = "columns" if given[0].ndim == 2 else "entries"
            if lengths.max() > 1 and lengths.min() > 0 and len({a.ndim for a in given}) == 1:
                yield f"is multiplied by the number of {what} of `{name}`", lengths
                yield f"is divided by the number of {what} of `{name}`", 1 / lengths


# --- two of them ----------------------------------------------------------------------------


def pairs(causes: Sequence[Cause], yours: Results, target: Results) -> list[tuple[Cause, Cause]]:
    """The pairs that together make all numbers, each shown by enough of them.

    Where only one of the two changes a number, it is as that one makes it. Where both do, their
    changes are added or multiplied.
    """
    y, right = yours.numbers, target.numbers
    changed = [~near(cause.numbers, right) for cause in causes]
    shows = [differing(y, cause.numbers) >= EVIDENCE for cause in causes]
    found = []
    for i, j in promising(causes, y, right):
        first, second = causes[i], causes[j]
        if not (shows[i] and shows[j]):
            continue
        if not first.known and not second.known and not apart(changed[i], changed[j], target):
            continue
        if any(fits.all() for fits in made_together(first.numbers, second.numbers, y, right)):
            found.append((first, second))
    return found


def promising(
    causes: Sequence[Cause], y: np.ndarray, right: np.ndarray
) -> Iterator[tuple[int, int]]:
    """The pairs that make the first of the wrong numbers: to compare all of them takes long."""
    if not causes:
        return
    some = np.flatnonzero(~near(y, right))[:6]
    numbers = np.array([cause.numbers[some] for cause in causes])
    ways = made_together(numbers[:, None], numbers[None, :], y[some], right[some])
    fits = np.any([way.all(axis=-1) for way in ways], axis=0)
    for i, j in np.argwhere(fits):
        if i > j:
            yield int(i), int(j)


def made_together(
    first: np.ndarray, second: np.ndarray, y: np.ndarray, right: np.ndarray
) -> Iterator[np.ndarray]:
    """Whether ``y`` is made by both together: changes added, and changes multiplied."""
    yield near(first + second - right, y)
    with np.errstate(all="ignore"):
        yield near(first * second, y * right) & ((np.abs(right) > TINY) | near(first + second, y))


def apart(a: np.ndarray, b: np.ndarray, target: Results) -> bool:
    """True if no part is changed by both."""
    return not set(target.parts[a]) & set(target.parts[b])


def near(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Entry by entry, whether numbers coincide as closely as those of one mistake do."""
    with np.errstate(all="ignore"):
        scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), TINY)
        return np.abs(a - b) <= plain.SAME * scale


def differing(a: np.ndarray, b: np.ndarray) -> int:
    """How many numbers differ, 0 and ±1 not counted: they may come from anywhere."""
    with np.errstate(all="ignore"):
        apart = np.abs(a - b) > plain.TOLERANCE * np.maximum(np.abs(a), np.abs(b))
    return int(np.sum(apart & ~np.isin(a, (0, 1, -1))))
