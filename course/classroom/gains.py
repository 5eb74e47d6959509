"""What an edit makes right when it does not make all right: parts of the result, and aspects."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from course.classroom.exercises import Exercise
from course.classroom.plain import SAME, agree, as_numbers, is_structured, leaves

#: What is taken for the value of a call that failed.
FAILED = object()
#: So many numbers must become right; 0 and ±1 do not count.
EVIDENCE = 3
#: An array of one axis has a name for each entry up to this length.
MOST_ENTRIES = 8
#: Stands for what becomes right where a known mistake is left.
LEFT = "a known mistake is left"


class Gains:
    """Compares what an edited function returns with what the student's returned (``before``)."""

    def __init__(
        self,
        exercise: Exercise,
        goals: Sequence[Any],
        known: Mapping[str, tuple[str, Sequence[Any]]],
    ):
        self.known = list(known.values())
        self._sums: dict[int, np.ndarray] = {}
        self.exercise, self.goals = exercise, goals
        self.before: list[Any] = []
        self.aspects = aspects_of(exercise, [goal.args for goal in goals])
        lengths = {np.shape(g.expected) for g in goals if isinstance(g.expected, np.ndarray)}
        self.by_entry = len(lengths) == 1 and 2 <= max(max(lengths), default=0) <= MOST_ENTRIES
        self._right: dict[int, frozenset[str]] = {}

    def right_before(self, i: int) -> frozenset[str]:
        """The parts that the student's function makes right in call ``i``."""
        if i not in self._right:
            self._right[i] = self.right_parts(self.before[i], self.goals[i].expected)
        return self._right[i]

    def right_parts(self, value: Any, expected: Any) -> frozenset[str]:
        """The parts of a value that are right: "[0]" of a pair, "[0][1]" of a list in it."""
        return frozenset(p for p, v, e in self.parts(value, expected) if agree(v, e))

    def parts(self, value: Any, expected: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
        """(path, part of the value, part that is expected), as deep as both have the same form."""
        if isinstance(expected, tuple | list) and (
            isinstance(expected, tuple) or is_structured(expected)
        ):
            if isinstance(value, tuple | list) and len(value) == len(expected):
                for k, (v, e) in enumerate(zip(value, expected, strict=True)):
                    yield from self.parts(v, e, f"{path}[{k}]")
            return
        if isinstance(expected, dict):
            if isinstance(value, dict) and value.keys() == expected.keys():
                for key, e in expected.items():
                    yield from self.parts(value[key], e, f"{path}[{key!r}]")
            return
        if not path and self.by_entry and np.ndim(expected) == 1:
            numbers = as_numbers(value)
            if numbers is not None and numbers.shape == np.shape(expected):
                for k, e in enumerate(expected.tolist()):
                    yield f"[{k}]", numbers[k].item(), e
            return
        yield path, value, expected

    def promises(self, i: int, value: Any) -> bool:
        """True if call ``i``, the first that is looked at, is right, or in more parts than before
        and in no other less."""
        if value is FAILED:
            return False
        before, after = self.right_before(i), self.right_parts(value, self.goals[i].expected)
        return (
            before < after
            or agree(value, self.goals[i].expected)
            or bool(self.known_alike(i, value))
        )

    def known_alike(self, i: int, value: Any) -> list[int]:
        """Which known mistakes return this value for call ``i``, where the student does not."""
        if i not in self._sums:
            self._sums[i] = np.array([total(values[i]) for _, values in self.known])
        with np.errstate(all="ignore"):
            own = total(value)
            close = np.abs(self._sums[i] - own) <= 1e-4 * abs(own)
        return [
            n
            for n in np.flatnonzero(close).tolist()
            if agree(value, self.known[n][1][i], SAME) and not agree(self.before[i], value)
        ]

    def left(self, values: Mapping[int, Any]) -> str:
        """``LEFT`` if these are the numbers of one known mistake.

        That is a step on the way to a second edit and never told: an edit that takes much away
        makes any function look like some known mistake.
        """
        found = None
        for i in range(len(self.goals)):
            alike = {n for n, (_, made) in enumerate(self.known) if agree(values[i], made[i], SAME)}
            found = alike if found is None else found & alike
            if not found:
                return ""
        shown = sum(
            telling(goal.expected)
            for i, goal in enumerate(self.goals)
            if not agree(values[i], goal.expected) and not agree(self.before[i], values[i])
        )
        return LEFT if len(found) == 1 and shown >= EVIDENCE else ""

    def words(self, values: Mapping[int, Any]) -> str:
        """What becomes right in every call, in words; "" for nothing, or if anything is lost."""
        calls = range(len(self.goals))
        after = {i: self.right_parts(values[i], self.goals[i].expected) for i in calls}
        if any(not self.right_before(i) <= after[i] for i in calls):
            return self.left(values)
        parts = {
            i: {
                path: e for path, _, e in self.parts(self.goals[i].expected, self.goals[i].expected)
            }
            for i in calls
        }
        everywhere = [
            path
            for path in dict.fromkeys(path for i in calls for path in parts[i])
            if all(path in after[i] for i in calls if path in parts[i])
        ]
        numbers = {
            path: sum(
                telling(parts[i][path])
                for i in calls
                if path in parts[i] and path not in self.right_before(i)
            )
            for path in everywhere
        }
        gained = [path for path in everywhere if numbers[path]]
        if "" not in gained and sum(numbers[path] for path in gained) >= EVIDENCE:
            shown = " and ".join(f"`result{path}`" for path in gained[:4])
            return f"{shown} {'becomes' if len(gained) == 1 else 'become'}"
        return self.aspect_words(values) or self.left(values)

    def aspect_words(self, values: Mapping[int, Any]) -> str:
        """Which aspect's calls become right, all of them."""
        right = {i for i, goal in enumerate(self.goals) if agree(values[i], goal.expected)}
        was = {i for i, goal in enumerate(self.goals) if agree(self.before[i], goal.expected)}
        for aspect in self.exercise.aspects:
            own = {i for i, name in enumerate(self.aspects) if name == aspect.name}
            gained = sum(telling(self.goals[i].expected) for i in own - was)
            if own and own <= right and was <= right and gained >= EVIDENCE:
                return f"One part, “{aspect.says}”, becomes"
        return ""


def aspects_of(exercise: Exercise, arguments: Sequence[tuple]) -> list[str]:
    """The aspect of each public call; [] if they are not the public calls."""
    from course.classroom.recorded import public_calls

    calls = public_calls(exercise)
    return [made.aspect for made in calls] if len(calls) == len(arguments) else []


def telling(expected: Any) -> int:
    """How many numbers there are, those left out that may come from anywhere."""
    if isinstance(expected, dict):
        return sum(map(telling, expected.values()))
    numbers = as_numbers(expected)
    if numbers is None:
        return sum(map(telling, expected)) if isinstance(expected, list | tuple) else 0
    return int(np.sum(~np.isin(numbers, (0, 1, -1))))


def total(value: Any) -> float:
    """The sum of all numbers in a value: what differs here need not be compared."""
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError:
            return np.inf
    with np.errstate(all="ignore"):
        return float(
            sum(np.sum(a, dtype=float) for a in leaves(value).values() if isinstance(a, np.ndarray))
        )
