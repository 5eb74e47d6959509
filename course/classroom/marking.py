"""Marks one exercise: calls the functions, compares, names the mistake if there is one match.

The functions may live here, in a notebook, or in a cage: the marking only sees Outcomes.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from course.classroom import plain, two_mistakes
from course.classroom.calling import Outcome
from course.classroom.exercises import Aspect, Call, Exercise
from course.classroom.observing import relation
from course.classroom.report import Finding, Report, Table, show
from course.gradcheck import numeric_gradient

#: name of a function, its arguments -> what came of the call
Caller = Callable[[str, tuple], Outcome]

#: So many numbers must coincide with a mistake, and differ from what is right, to name it.
EVIDENCE = 3


@dataclass(frozen=True)
class Mistake:
    """A known mistake: its message, and what it makes of each call."""

    name: str
    message: str
    outcomes: list[Outcome]


@dataclass(frozen=True)
class Trial:
    """One set of calls with what is expected of them. If not public, reports hide the values.

    find_mistakes: what each known mistake makes of the calls; asked once something is wrong.
    """

    calls: list[Call]
    expected: list
    find_mistakes: Callable[[], list[Mistake]]
    public: bool = True

    @cached_property
    def mistakes(self) -> list[Mistake]:
        """The known mistakes."""
        return self.find_mistakes()


@dataclass(frozen=True)
class Seen:
    """One call, what is expected, and what came of it."""

    call: Call
    expected: object
    outcome: Outcome
    public: bool

    @cached_property
    def right(self) -> bool:
        """True if the outcome is what is expected, up to rounding."""
        tolerance = plain.TOLERANCE if self.public else plain.HIDDEN_ROOM * plain.TOLERANCE
        returned = self.outcome.kind == "returned"
        return returned and plain.agree(self.outcome.value, self.expected, tolerance)


def mark(
    exercise: Exercise, call: Caller, trials: list[Trial], right: Collection[str] = ()
) -> Report:
    """The Report for ``exercise``, from calling its function on the calls of all trials.

    right: exercises that are known to be right; a wrong slope is not their own slope.
    """
    seen = observe(exercise, call, trials)
    findings = tuple(judge(exercise, aspect, seen, call, right) for aspect in exercise.aspects)
    known = {} if all(finding.right for finding in findings) else known_in(trials)
    mistake = name_mistake(exercise, findings, seen, known)
    return Report(
        exercise.name,
        outcome_of(findings),
        exercise.asks,
        findings,
        mistake.message if mistake else "",
        mistake.name if mistake else "",
        notes(seen),
        two="" if mistake else name_two(exercise, seen, known),
    )


def not_attempted(exercise: Exercise) -> Report:
    """The Report for an exercise whose function is still the stub, or is not there."""
    findings = tuple(Finding(a.says, 0, a.points) for a in exercise.aspects)
    return Report(exercise.name, "not attempted", exercise.asks, findings)


def outcome_of(findings: tuple[Finding, ...]) -> str:
    """Right, partly right or wrong, by the points of the findings."""
    points = sum(finding.points for finding in findings)
    if points == 0:
        return "wrong"
    return "right" if all(finding.right for finding in findings) else "partly right"


def observe(exercise: Exercise, call: Caller, trials: list[Trial]) -> list[Seen]:
    """Make all calls. After one that had to be interrupted, no further call is made."""
    seen, interrupted = [], None
    for trial in trials:
        for made, expected in zip(trial.calls, trial.expected, strict=True):
            outcome = interrupted or call(exercise.name, made.args)
            interrupted = outcome if outcome.kind == "interrupted" else None
            seen.append(Seen(made, expected, outcome, trial.public))
    return seen


# --- judging an aspect ----------------------------------------------------------------------


def judge(
    exercise: Exercise, aspect: Aspect, seen: list[Seen], call: Caller, right: Collection[str] = ()
) -> Finding:
    """The Finding for one aspect."""
    own = [s for s in seen if s.call.aspect == aspect.name]
    match aspect.judge:
        case "untouched":
            return judge_untouched(exercise, aspect, seen)
        case "formula":
            ordinary = [s for s in seen if s.call.aspect == exercise.aspects[0].name]
            return judge_formula(exercise, aspect, own, ordinary)
        case "own slope" if aspect.of not in right and not all(s.right for s in own):
            if all(agrees_with_own(s, aspect.of, call) for s in own) and varied(own):
                return Finding(aspect.says, aspect.points, aspect.points)
    return judge_values(exercise, aspect, own)


def judge_values(exercise: Exercise, aspect: Aspect, own: list[Seen]) -> Finding:
    """Full points if every call is right; otherwise what was observed at the first that is not."""
    wrong = next((s for s in own if not s.right), None)
    if wrong is None:
        return Finding(aspect.says, aspect.points, aspect.points)
    table = None
    if wrong.public:
        arguments = ", ".join(
            f"{name} = {show(arg)}"
            for name, arg in zip(exercise.parameters, wrong.call.args, strict=True)
        )
        returned_something = wrong.outcome.kind == "returned"
        where, yours, expected = first_difference(wrong.outcome.value, wrong.expected)
        table = Table(arguments, yours, expected, returned_something, where)
    if not wrong.public:
        observed = HIDDEN.get(wrong.outcome.kind, HIDDEN["unusable"])
    else:
        none_is_right = any(s.expected is None for s in own)
        observed = observed_ratio(own) or observation(wrong, exercise.name, none_is_right)
    return Finding(aspect.says, 0, aspect.points, observed, table)


#: What is said of inputs that are not shown. No words of the student's code: they could hold them.
HIDDEN = {
    "interrupted": "Right on the inputs shown to you; on others like them it takes too long.",
    "raised": "Right on the inputs shown to you; on others like them it fails with an error.",
    "unusable": "Right on the inputs shown to you; wrong on others like them.",
}


def judge_untouched(exercise: Exercise, aspect: Aspect, seen: list[Seen]) -> Finding:
    """Full points if no argument changed and most results are right."""
    changed = sorted({exercise.parameters[i] for s in seen for i in s.outcome.changed})
    if changed:
        names = " and ".join(f"`{name}`" for name in changed)
        plural = "s" * (len(changed) > 1)
        words = f"It changed its argument{plural} {names}. Work on a copy, or make a new array."
        return Finding(aspect.says, 0, aspect.points, words)
    ordinary = [s for s in seen if s.call.aspect == exercise.aspects[0].name]
    if not all(s.right for s in ordinary) and 2 * sum(s.right for s in seen) <= len(seen):
        words = "This counts once most results are right."
        return Finding(aspect.says, 0, aspect.points, words)
    return Finding(aspect.says, aspect.points, aspect.points)


def judge_formula(
    exercise: Exercise, aspect: Aspect, own: list[Seen], ordinary: list[Seen]
) -> Finding:
    """Full points if these calls, on which finite differences fail, are right like the others."""
    if not all(s.right for s in ordinary):
        return Finding(aspect.says, 0, aspect.points, "This counts once the values are right.")
    if all(paired(s) is not None for s in own) and not all(
        s.right and no_entry_lost(s) for s in own
    ):
        words = (
            "Right on ordinary inputs; wrong where two nearby losses agree in all their digits. "
            "Finite differences fail there, the derivative's formula does not."
        )
        return Finding(aspect.says, 0, aspect.points, words)
    return judge_values(exercise, aspect, own)


def no_entry_lost(seen: Seen) -> bool:
    """True if each entry is nearly right by itself, however small it is beside the others."""
    return all(
        np.max(plain.differences(yours, expected, floor=1e-12), initial=0.0) < 0.05
        for yours, expected in paired(seen) or ()
    )


def paired(seen: Seen) -> list[tuple[np.ndarray, np.ndarray]] | None:
    """The arrays returned, each with the expected one; None if they do not pair off."""
    if seen.outcome.kind != "returned":
        return None
    yours, expected = plain.leaves(seen.outcome.value), plain.leaves(seen.expected)
    if yours.keys() != expected.keys():
        # a list of lists may stand for an array
        whole = plain.as_numbers(seen.outcome.value), plain.as_numbers(seen.expected)
        if any(w is None for w in whole):
            return None
        yours, expected = {"": whole[0]}, {"": whole[1]}
    pairs = []
    for path, target in expected.items():
        if not isinstance(target, np.ndarray):
            continue
        if not isinstance(yours[path], np.ndarray) or yours[path].shape != target.shape:
            return None
        pairs.append((yours[path], target))
    return pairs


def agrees_with_own(seen: Seen, forward: str, call: Caller) -> bool:
    """True if the result is the numeric gradient of the student's own function ``forward``."""
    value = plain.as_numbers(seen.outcome.value)
    theta, *rest = seen.call.args
    if seen.outcome.kind != "returned" or value is None or value.shape != np.shape(theta):
        return False

    def own_loss(theta):
        at = call(forward, (float(theta) if np.ndim(theta) == 0 else theta, *rest))
        number = plain.as_numbers(at.value) if at.kind == "returned" else None
        return float(number) if number is not None and number.ndim == 0 else np.nan

    with np.errstate(all="ignore"):
        numeric = numeric_gradient(own_loss, np.asarray(theta, dtype=float))
    return bool(np.all(numeric)) and plain.agree(value, np.asarray(numeric), 1e-5)


def varied(own: list[Seen]) -> bool:
    """True if no two results are alike: a constant agrees with itself and proves nothing."""
    values = [plain.as_numbers(s.outcome.value) for s in own]
    return all(not plain.agree(a, b) for i, a in enumerate(values) for b in values[:i])


# --- what was observed ----------------------------------------------------------------------


def observation(seen: Seen, name: str, none_is_right: bool = False) -> str:
    """What was observed at one call that is not right, without naming a cause.

    name: of the exercise. none_is_right: None is the answer to other calls, so it is no sign of a
    missing return.
    """
    outcome = seen.outcome
    if outcome.kind == "unwritten":
        if outcome.words == name:
            return "It comes to a line `raise NotImplementedError`. Take that line out."
        return f"It calls `{outcome.words}`, which is not written yet."
    if outcome.kind != "returned":
        return outcome.words if outcome.words.endswith((".", "?")) else f"{outcome.words}."
    if outcome.value is None and seen.expected is not None:
        if none_is_right:
            return f"It returned None where {kind_of(seen.expected)} is asked."
        printed = " It printed something instead." if outcome.printed else ""
        return f"It returned None.{printed} Did you forget a `return`?"
    return observed_difference(outcome.value, seen.expected)


def observed_difference(value: object, expected: object) -> str:
    """In words, how a value differs from what is expected: its kind, its shape, its numbers."""
    path, yours, target = first_difference(value, expected)
    where = f"`result{path}`" if path else "The result"
    numbers, wanted = plain.as_numbers(yours), plain.as_numbers(target)
    if is_number(yours, numbers) and is_number(target, wanted) and numbers.shape == wanted.shape:
        return observed_numbers(numbers.astype(float), wanted.astype(float), where)
    if kind_of(yours) == kind_of(target):
        return f"{where} is not the expected one."
    return f"{where} is {kind_of(yours)}; {kind_of(target)} is asked."


def is_number(value: object, numbers: np.ndarray | None) -> bool:
    """True for a number or an array of numbers, as opposed to a list that holds arrays."""
    structured = isinstance(value, list | tuple) and plain.is_structured(value)
    return numbers is not None and not structured


def first_difference(value: object, expected: object, path: str = "") -> tuple[str, object, object]:
    """Where in a nested result the first difference is, and the two values there."""
    rows = isinstance(value, list | tuple) and isinstance(expected, list | tuple)
    nested = rows and (plain.as_numbers(expected) is None or plain.is_structured(expected))
    if nested and len(value) == len(expected):
        pairs = {f"{path}[{i}]": pair for i, pair in enumerate(zip(value, expected, strict=True))}
    elif isinstance(value, dict) and isinstance(expected, dict) and value.keys() == expected.keys():
        pairs = {f"{path}[{key!r}]": (value[key], expected[key]) for key in expected}
    else:
        return path, value, expected
    for where, (yours, target) in pairs.items():
        if not plain.agree(yours, target):
            return first_difference(yours, target, where)
    return path, value, expected


def observed_ratio(own: list[Seen]) -> str:
    """In words, the one factor by which all results of an aspect differ, or ""."""
    pairs = [paired(s) for s in own]
    if any(not pair for pair in pairs):
        return ""
    yours, expected = (
        np.concatenate([np.ravel(arrays[i]) for pair in pairs for arrays in pair]) for i in (0, 1)
    )
    r = plain.ratio(yours, expected)
    if r is None or len(yours) < 3 or np.isclose(r, 1):
        return ""
    if np.isclose(r, -1):
        return "Every number has the right size and the opposite sign."
    return f"Every number is {r:.4g} times the expected one."


def observed_numbers(yours: np.ndarray, expected: np.ndarray, where: str) -> str:
    """What two arrays of one shape show: nan, infinity, how many entries differ."""
    for found, name in ((np.isnan, "nan"), (np.isinf, "infinity")):
        if found(yours).any() and not found(expected).any():
            return f"{where} {'holds' if yours.ndim else 'is'} {name}."
    if not yours.ndim:
        return f"{where} is not the expected number."
    related = relation(yours, expected)
    if related:
        return f"{where}: {related}"
    count = int(np.sum(plain.differences(yours, expected) > plain.TOLERANCE))
    return f"{where} differs in {count} of {yours.size} entries."


def kind_of(value: object) -> str:
    """A value's kind in words: "a number", "an array of shape (3,)", "text", …"""
    if value is None:
        return "None"
    if isinstance(value, str):
        return "text"
    if isinstance(value, dict):
        keys = [repr(key)[:40] for key in list(value)[:12]] + ["…"] * (len(value) > 12)
        return f"a dict with the keys {', '.join(keys) or '(none)'}"
    if isinstance(value, int | float):  # the largest whole numbers fit no array
        return "a number"
    numbers = plain.as_numbers(value)
    if not is_number(value, numbers) or (isinstance(value, list | tuple) and not value):
        entries = "1 entry" if len(value) == 1 else f"{len(value)} entries"
        return f"a {type(value).__name__} of {entries}"
    if numbers.ndim == 0:
        return "a number"
    return f"an array of shape {numbers.shape}"


def notes(seen: list[Seen]) -> tuple[str, ...]:
    """What else was seen: warnings and prints cost nothing, but are told."""
    warned = sorted({text for s in seen if s.public for text in s.outcome.warned})
    found = [f"It warned: {text}" for text in warned[:3]]
    if is_constant([s for s in seen if s.public]):
        found.append(
            "It returns the same for every call, whatever its arguments are. "
            "Which of them should the result depend on?"
        )
    if any(s.outcome.printed for s in seen) and all(s.right for s in seen):
        found.append("It also prints something; that does no harm.")
    return tuple(found)


def is_constant(seen: list[Seen]) -> bool:
    """True if all calls returned the same, and should not."""
    if len(seen) < 2 or any(s.outcome.kind != "returned" or s.outcome.value is None for s in seen):
        return False
    first, *others = seen
    same = all(plain.agree(s.outcome.value, first.outcome.value) for s in others)
    return same and not all(plain.agree(s.expected, first.expected) for s in others)


# --- naming the mistake ---------------------------------------------------------------------


def known_in(trials: list[Trial]) -> dict[str, Mistake]:
    """The known mistakes by name, each with what it makes of the calls of all trials."""
    known: dict[str, Mistake] = {}
    for trial in trials:
        for mistake in trial.mistakes:
            above = known[mistake.name].outcomes if mistake.name in known else []
            known[mistake.name] = replace(mistake, outcomes=above + mistake.outcomes)
    return known


def name_two(exercise: Exercise, seen: list[Seen], known: dict[str, Mistake]) -> str:
    """What is said of the only two causes that together make all numbers, or ""."""
    if not known or any(s.outcome.kind != "returned" for s in seen):
        return ""
    return two_mistakes.find(
        exercise.parameters,
        [s.call.args for s in seen],
        [s.outcome.value for s in seen],
        [s.expected for s in seen],
        returned_by(known.values()),
    )


def returned_by(mistakes: Iterable[Mistake]) -> dict[str, tuple[str, list]]:
    """Name -> (message, what it returns for each call) of those that return something always."""
    return {
        mistake.name: (mistake.message, [outcome.value for outcome in mistake.outcomes])
        for mistake in mistakes
        if all(outcome.kind == "returned" for outcome in mistake.outcomes)
    }


def name_mistake(
    exercise: Exercise, findings: tuple[Finding, ...], seen: list[Seen], known: dict[str, Mistake]
) -> Mistake | None:
    """The one known mistake that makes the same numbers as the student, or None.

    Looked for over all calls first. Then over the calls of each aspect that is not right: what is
    named there is said of that aspect only, and it takes a call that is no special case.
    A mistake is named only if no other known one matches there too.
    """
    everything = range(len(seen))
    found = only_match(known, seen, everything)
    if found or len(exercise.aspects) == 1:
        return found
    telling = [i for i in everything if not is_special(i, seen)]
    failed = [a for a, f in zip(exercise.aspects, findings, strict=True) if not f.right]
    for aspect in failed:
        group = [i for i in everything if seen[i].call.aspect == aspect.name]
        if len(group) < len(seen) and set(group) & set(telling):
            found = only_match(known, seen, group)
            if found:
                where = f"This is so in one part, “{aspect.says}”. "
                return replace(found, message=where + found.message)
    return None


def only_match(known: dict[str, Mistake], seen: list[Seen], group: Sequence[int]) -> Mistake | None:
    """The one mistake that matches on the calls ``group``, or None.

    With the same changed arguments first; then without, for one that was made on a copy.
    """
    for changes in (True, False):
        found = [m for m in known.values() if matches(m, seen, group, changes)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def is_special(number: int, seen: list[Seen]) -> bool:
    """True for a call with one example or one unit, or a number, where others have several.

    There, a sum is a mean, and a row is a column: nothing that such a call shows tells them apart.
    """
    mine = sizes(seen[number].call.args)
    others = [sizes(s.call.args) for s in seen]
    return any(
        small < large
        for other in others
        if len(other) == len(mine)
        for a, b in zip(mine, other, strict=True)
        for small, large in (zip(a, b, strict=True) if len(a) == len(b) else [(len(a), len(b))])
        if small <= 1
    )


def sizes(args: object) -> list[tuple[int, ...]]:
    """The shapes of the arrays of numbers among the arguments, nested ones included."""
    if isinstance(args, list | tuple):
        return [shape for arg in args for shape in sizes(arg)]
    return [np.shape(args)] if isinstance(args, int | float | np.ndarray) else []


def matches(mistake: Mistake, seen: list[Seen], group: Sequence[int], changes: bool) -> bool:
    """True if the mistake makes of every call what the student makes of it, on enough numbers.

    group: which of the calls in ``seen`` are looked at. changes: whether changed arguments are
    part of it; if not, the same mistake may have been made on a copy.
    """
    return all(alike(seen[i].outcome, mistake.outcomes[i], changes) for i in group) and (
        sum(evidence(seen[i], changes) for i in group) >= EVIDENCE
    )


def alike(outcome: Outcome, mistaken: Outcome, changes: bool) -> bool:
    """True if both returned the same (and changed the same arguments), or both raised the same."""
    if outcome.kind != mistaken.kind:
        return False
    if outcome.kind == "returned":
        same_changes = not changes or outcome.changed == mistaken.changed
        return same_changes and plain.agree(outcome.value, mistaken.value, plain.SAME)
    return outcome.kind == "raised" and outcome.error == mistaken.error


def evidence(seen: Seen, changes: bool) -> int:
    """How many numbers of this result tell it from the right one; 0, 1 and −1 count for nothing.

    A missing part, or a changed argument if ``changes``, is enough by itself: it was seen, not
    inferred.
    """
    enough = EVIDENCE if changes and seen.outcome.changed else 0
    if seen.outcome.kind != "returned" or seen.right:
        return enough
    yours, expected = plain.leaves(seen.outcome.value), plain.leaves(seen.expected)
    missing = expected.keys() - yours.keys()  # as when the last batch is dropped
    found = EVIDENCE if missing else enough
    for path, leaf in yours.items():
        target = expected.get(path)
        if not isinstance(leaf, np.ndarray):
            found += not plain.agree(leaf, target)  # huge whole numbers, texts
            continue
        telling = ~np.isin(leaf, (0, 1, -1))
        if isinstance(target, np.ndarray) and leaf.shape == target.shape:
            telling &= plain.differences(leaf, target) > plain.TOLERANCE
        found += int(telling.sum())
    return found
