"""Finds the line to look at: the one whose change makes every public call right.

Small edits of the student's own functions are tried on copies of them. Told are the line and the
kind of edit, never what to write. Where edits of many lines would do, no line is told. Where no
edit makes all right, two that do together are told, or one that makes a whole part right, of that
part (``gains``).
"""

import ast
import copy
import inspect
import signal
import textwrap
import threading
import time
import types
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from course.classroom.calling import Outcome, call, interrupted_after, undisturbed
from course.classroom.edits import RANKS, edits, planned, scope_of
from course.classroom.exercises import Exercise
from course.classroom.gains import FAILED, LEFT, Gains
from course.classroom.plain import agree, plain

#: The search ends after so many seconds.
SECONDS = 1.0
#: A candidate has so many times as long for a call as the student's function took, and no less
#: than the seconds below it.
PATIENCE = 5
LEAST_SECONDS = 0.02
#: Functions of the student's that are searched, at most.
MOST_FUNCTIONS = 8
#: What reaches beyond the notebook is not run in other versions than the student's own.
FAR_REACHING = {
    "open", "input", "exec", "eval", "compile", "__import__", "globals", "os", "sys", "io",
    "subprocess", "shutil", "pathlib", "Path", "socket", "requests", "urllib", "ctypes",
    "save", "savez", "savetxt", "tofile", "dump", "memmap", "get_ipython", "threading",
    "multiprocessing",
}  # fmt: skip

#: The gain of two lines that both have to change.
BOTH = "both"
#: Edits that make something right and not all: so many are tried together with a second one.
MOST_FIRST = 12

#: Kind of edit -> what to look at.
LOOK = {
    "operator": "Look at what it calculates: is every sign of arithmetic the one you mean?",
    "order": "Look at the order: what comes first, and what second?",
    "parentheses": "Look at the parentheses: what is calculated first?",
    "number": "Look at the numbers written in it.",
    "name": "Look at the names: which of your names belongs where?",
    "comparison": "Look at the comparison: which way round is it, and what holds at its edge?",
    "condition": "Look at the condition: when should it hold?",
    "transpose": "Look at rows and columns: which way round should each array be?",
    "sign": "Look at the sign.",
    "function": "Look at the function that is called: does it do what you mean?",
    "axis": "Look at the sum or mean: over what is it taken, and which shape should remain?",
    "index": "Look at the index: which entries are meant?",
    "range": "Look at the loop: where does it begin, where does it end?",
    "assignment": "Look at how the value is kept: does it replace what was there, or add to it?",
    "copy": "Look at what is changed here: a new array, or one that others use as well?",
    "too much": "Something in it is too much.",
    "missing": "Something is missing in it.",
    "needed": "Is this line needed?",
    "place": "Look at where it stands: before or after its neighbours, inside the loop or outside?",
    "return": "Should this value be returned?",
}


@dataclass(frozen=True)
class Place:
    """A line of the student's: the function it is in, its number in its cell, its text.

    kind: a key of ``LOOK``. gain: what becomes right by it, if that is not all; ``BOTH`` where it
    takes this line and the other one.
    """

    function: str
    number: int
    text: str
    kind: str
    gain: str = ""


@dataclass(frozen=True)
class Goal:
    """A call, what it should return, and whether its arguments have to stay as they are."""

    args: tuple
    expected: Any
    untouched: bool

    def reached(self, outcome: Outcome) -> bool:
        """True if this is what is asked."""
        returned = outcome.kind == "returned" and agree(outcome.value, self.expected)
        return returned and not (self.untouched and outcome.changed)


@dataclass
class Source:
    """One of the student's functions: its tree, its lines, where they begin in the cell."""

    name: str
    tree: ast.Module
    lines: list[str]
    first: int

    def place(self, line: int, kind: str) -> Place:
        """The Place of a line of the tree."""
        return Place(self.name, self.first + line - 1, self.lines[line - 1].strip(), kind)


def words(places: Sequence[Place], exercise: str) -> str:
    """What the report says of the places: "" without any, or with more than two."""
    if not places or len(places) > 2:
        return ""
    if places[0].gain == BOTH:
        shown = " and ".join(f"line {p.number}{_of(p, exercise)}, `{p.text}`" for p in places)
        where = "in each of two lines" if len(places) == 2 else "in one line"
        return f"All numbers become right when two things change, {where}: {shown}."
    if places[0].gain:
        shown = " or ".join(f"line {p.number}{_of(p, exercise)}, `{p.text}`" for p in places)
        look = f" {LOOK[places[0].kind]}" if len(places) == 1 else ""
        return f"{places[0].gain} right when one thing changes in {shown}; more is wrong.{look}"
    shown = " or ".join(f"line {p.number}{_of(p, exercise)}, `{p.text}`" for p in places)
    if len(places) == 2:
        return f"All numbers become right when one thing changes in one of two lines: {shown}."
    return f"All numbers become right when one thing changes in {shown}. {LOOK[places[0].kind]}"


def _of(place: Place, exercise: str) -> str:
    return "" if place.function == exercise else f" of the cell of `{place.function}`"


def find(
    exercise: Exercise,
    namespace: Mapping[str, Any],
    calls: Sequence[tuple[tuple, Any]],
    outcomes: Sequence[Outcome],
    seconds: float = SECONDS,
    known: Mapping[str, tuple[str, Sequence[Any]]] | None = None,
) -> list[Place]:
    """The lines of which one edit makes every call right: none, one, or two.

    If there are none, lines with a ``gain``. known: name -> (message, what the known mistake
    returns for each call), to find the first of two edits.

    calls: (arguments, expected result) of the public calls. outcomes: what came of them.
    Nothing is tried where a call crashed or did not end: that is shown by its line.
    """
    function = namespace.get(exercise.name)
    if any(o.kind not in ("returned", "unusable") for o in outcomes):
        return []
    sources = own_sources(function) if inspect.isfunction(function) else []
    if not sources or not may_be_run(sources):
        return []
    untouched = any(aspect.judge == "untouched" for aspect in exercise.aspects)
    goals = [Goal(args, expected, untouched) for args, expected in calls]
    with undisturbed():
        warnings.simplefilter("ignore")
        search = Search(exercise, function.__globals__, sources, goals, seconds, known or {})
        return search.places(outcomes)


def own_sources(function: Callable) -> list[Source]:
    """The function and those of the same notebook that it calls; [] if one cannot be read."""
    names, found = [function.__name__], {}
    space = function.__globals__
    while names and len(found) < MOST_FUNCTIONS:
        name = names.pop(0)
        own = function if not found else space.get(name)
        if name in found or not inspect.isfunction(own) or own.__globals__ is not space:
            continue
        source = read(name, own)
        if source is None:
            if own is function:
                return []
            continue
        found[name] = source
        names += sorted(_names_in(own.__code__))
    return list(found.values())


def read(name: str, function: Callable) -> Source | None:
    """The Source of a function that was defined on its own in a cell, or None."""
    if function.__closure__ or hasattr(function, "__wrapped__"):
        return None
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    if len(tree.body) != 1:
        return None
    match tree.body[0]:
        case ast.FunctionDef(name=defined, decorator_list=[]) if defined == name:
            pass
        case ast.Assign(targets=[ast.Name(id=bound)], value=ast.Lambda()) if bound == name:
            pass
        case _:
            return None
    return Source(name, tree, [line.rstrip("\n") for line in lines], first)


def _names_in(code: types.CodeType) -> set[str]:
    inner = (c for c in code.co_consts if isinstance(c, types.CodeType))
    return set(code.co_names).union(*map(_names_in, inner))


def may_be_run(sources: list[Source]) -> bool:
    """True if edited versions can do no harm that a call of the original could not, and end."""
    nodes = [node for source in sources for node in ast.walk(source.tree)]
    named = {getattr(n, "id", None) for n in nodes} | {getattr(n, "attr", None) for n in nodes}
    if named & FAR_REACHING:
        return False
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom | ast.ExceptHandler):
            names = {a.name for a in getattr(node, "names", [])}
            if not (isinstance(node, ast.Import) and names <= {"numpy", "math"}):
                return False
        if isinstance(node, ast.While) and not can_be_stopped():
            return False
    return True


def can_be_stopped() -> bool:
    """True where a timer can interrupt a loop."""
    main = threading.current_thread() is threading.main_thread()
    return main and hasattr(signal, "setitimer")


@dataclass(frozen=True)
class First:
    """An edit that makes a part right: its place, the edited function and its tree, its code."""

    place: Place
    name: str
    tree: ast.Module
    code: types.CodeType


class Search:
    """The search for one function; everything that is run lives in a namespace of its own."""

    def __init__(
        self,
        exercise: Exercise,
        space: Mapping[str, Any],
        sources: list[Source],
        goals: list[Goal],
        seconds: float,
        known: Mapping[str, tuple[str, Sequence[Any]]],
    ):
        self.exercise, self.sources, self.goals = exercise, sources, goals
        self.deadline = time.perf_counter() + seconds
        self.original, self.space = dict(space), dict(space)
        self.limits: list[float] = []
        self.gains = Gains(exercise, goals, known)

    def places(self, outcomes: Sequence[Outcome]) -> list[Place]:
        """The lines found; [] also if the copies do not do what the originals did."""
        for source in self.sources:
            exec(compile(source.tree, "<copy>", "exec"), self.space)
        self.original = dict(self.space)
        wrong = []
        for i, goal in enumerate(self.goals):
            begun = time.perf_counter()
            outcome = self.called(goal, self.deadline - begun)
            took = time.perf_counter() - begun
            self.limits.append(max(PATIENCE * took, LEAST_SECONDS))
            self.gains.before.append(outcome.value)
            if outcome.kind != outcomes[i].kind or not agree_or_none(outcome, outcomes[i]):
                return []
            if not goal.reached(outcome):
                wrong.append(i)
        rest = [i for i in range(len(self.goals)) if i not in wrong]
        wrong.sort(key=lambda i: self.limits[i])
        if not wrong:
            return []
        order, first = [*wrong, *rest], list[First]()
        found = self.found(order, first)
        if found:
            return self.told(found)
        parts = [edit for edit in first if edit.place.gain != LEFT]
        first.sort(key=lambda edit: edit.place.gain == LEFT)
        return self.told_of_both(order, first) or self.told_of_parts(parts)

    def found(
        self, order: list[int], first: "list[First] | None" = None
    ) -> dict[Place, types.CodeType]:
        """Place -> the code of an edit that makes all calls right, as far as time allows.

        first: takes the edits that make a part right.
        """
        found: dict[tuple[str, int], tuple[Place, types.CodeType]] = {}
        for source, edit in self.candidates():
            if time.perf_counter() > self.deadline:
                break
            key = (source.name, edit.line)
            if len(found) > 2:
                break
            if key in found:
                continue
            try:
                code = compile(source.tree, "<edit>", "exec")
            except (SyntaxError, ValueError, TypeError):
                continue
            gain = self.gain_of(code, order)
            if gain == "all":
                found[key] = (source.place(edit.line, edit.kind), code)
            elif gain and first is not None:
                place = replace(source.place(edit.line, edit.kind), gain=gain)
                first.append(First(place, source.name, copy.deepcopy(source.tree), code))
        return dict(found.values())

    def candidates(self) -> Iterator[tuple[Source, Any]]:
        """Every edit of every function, the likely ones of all functions first."""
        functions = tuple(source.name for source in self.sources)
        modules = (n for n, v in self.original.items() if v is np)
        numpy = next(modules, "")
        own = {
            n
            for n, v in self.original.items()
            if inspect.isfunction(v) and v.__globals__ is self.space
        }
        plans = []
        for source in self.sources:
            others = tuple(f for f in functions if f != source.name and f in own)
            plans.append((source, planned(source.tree, scope_of(source.tree, others, numpy))))
        for rank in RANKS:
            for source, plan in plans:
                for edit in edits(plan, rank):
                    yield source, edit

    def gain_of(self, code: types.CodeType, order: list[int]) -> str:
        """What this code in the place of the student's makes right: "all", or in words, or ""."""
        self.space.clear()
        self.space.update(self.original)
        try:
            exec(code, self.space)
        except Exception:  # a default value that cannot be made
            return ""
        values: dict[int, Any] = {}
        for n, i in enumerate(order):
            left = self.deadline - time.perf_counter()
            if left <= 0:
                return ""
            values[i] = self.value(self.goals[i], min(self.limits[i], left))
            if n == 0 and not self.gains.promises(i, values[i]):
                return ""
            if values[i] is FAILED:
                return ""
        if not all(agree(values[i], goal.expected) for i, goal in enumerate(self.goals)):
            return self.gains.words(values)
        untouched = not self.goals[0].untouched or all(
            goal.reached(self.called(goal, limit))
            for goal, limit in zip(self.goals, self.limits, strict=True)
        )
        return "all" if untouched else ""

    def value(self, goal: Goal, seconds: float) -> Any:
        """What the call returns, or FAILED: ``called`` with less care, and faster."""
        function = self.space.get(self.exercise.name)
        try:
            with interrupted_after(seconds):
                return plain(function(*copy.deepcopy(goal.args)))
        except BaseException:  # whatever an edited function raises, its time being over included
            return FAILED

    def called(self, goal: Goal, seconds: float) -> Outcome:
        """What comes of one call of the function as it is at the moment."""
        return call(self.space.get(self.exercise.name), goal.args, max(seconds, 1e-3))

    def told(self, found: dict[Place, types.CodeType], alike: bool = True) -> list[Place]:
        """One line; or two, if their edits make the same of other inputs as well.

        alike: False where that is not asked.
        """
        if len(found) > 2 or not found:
            return []
        others = self.others()
        made = [[self.outcome_of(code, args) for args in others] for code in found.values()]
        if any(o.kind not in ("returned", "interrupted") for outcomes in made for o in outcomes):
            return []
        if (
            alike
            and len(made) == 2
            and not all(
                a.kind == b.kind and agree_or_none(a, b) for a, b in zip(*made, strict=True)
            )
        ):
            return []
        return list(found)

    def told_of_parts(self, first: "list[First]") -> list[Place]:
        """The line, or the two, whose edits make most right; none if more lines do the same."""
        by_gain: dict[str, dict[tuple[str, int], First]] = {}
        for edit in first:
            lines = by_gain.setdefault(edit.place.gain, {})
            lines.setdefault((edit.place.function, edit.place.number), edit)
        for lines in sorted(by_gain.values(), key=len):
            if len(lines) <= 2:
                places = self.told({edit.place: edit.code for edit in lines.values()}, alike=False)
                if places:
                    return places
        return []

    def told_of_both(self, order: list[int], first: "list[First]") -> list[Place]:
        """The lines of the first edit and of a second that together make all right."""
        originals, sources = dict(self.original), self.sources
        lines: dict[tuple, list[Place]] = {}
        for edit in first[:MOST_FIRST]:
            if time.perf_counter() > self.deadline:
                break
            self.sources = [
                replace(source, tree=copy.deepcopy(edit.tree)) if source.name == edit.name
                else source
                for source in sources
            ]  # fmt: skip
            self.space.clear()
            self.space.update(originals)
            exec(edit.code, self.space)
            self.original = dict(self.space)
            for place in self.found(order):
                both = {(p.function, p.number): replace(p, gain=BOTH) for p in (edit.place, place)}
                lines.setdefault(tuple(sorted(both)), list(both.values()))
            self.original, self.sources = originals, sources
        self.space.clear()
        self.space.update(originals)
        return next(iter(lines.values())) if len(lines) == 1 else []

    def others(self) -> list[tuple]:
        """Arguments of the same kind that nobody has seen."""
        rng = np.random.default_rng([len(self.goals), *self.exercise.name.encode()])
        return [made.args for made in self.exercise.calls(rng)]

    def outcome_of(self, code: types.CodeType, args: tuple) -> Outcome:
        self.space.clear()
        self.space.update(self.original)
        exec(code, self.space)
        return call(self.space.get(self.exercise.name), args, max(self.limits))


def agree_or_none(a: Outcome, b: Outcome) -> bool:
    """True if both returned the same, or both nothing that can be compared."""
    return a.kind != "returned" or agree(a.value, b.value)
