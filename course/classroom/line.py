"""Finds the line to look at: the one whose change makes every public call right.

Small edits of the student's own functions are tried on copies of them. Told are the line and the
kind of edit, never what to write. Where edits of many lines would do, no line is told.
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
from dataclasses import dataclass
from typing import Any

import numpy as np

from course.classroom.calling import Outcome, call, interrupted_after, undisturbed
from course.classroom.edits import RANKS, edits, planned, scope_of
from course.classroom.exercises import Exercise
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

    kind: a key of ``LOOK``.
    """

    function: str
    number: int
    text: str
    kind: str


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
) -> list[Place]:
    """The lines of which one edit makes every call right: none, one, or two.

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
        search = Search(exercise, function.__globals__, sources, goals, seconds)
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


class Search:
    """The search for one function; everything that is run lives in a namespace of its own."""

    def __init__(
        self,
        exercise: Exercise,
        space: Mapping[str, Any],
        sources: list[Source],
        goals: list[Goal],
        seconds: float,
    ):
        self.exercise, self.sources, self.goals = exercise, sources, goals
        self.deadline = time.perf_counter() + seconds
        self.original, self.space = dict(space), dict(space)
        self.limits: list[float] = []

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
            if outcome.kind != outcomes[i].kind or not agree_or_none(outcome, outcomes[i]):
                return []
            if not goal.reached(outcome):
                wrong.append(i)
        rest = [i for i in range(len(self.goals)) if i not in wrong]
        wrong.sort(key=lambda i: self.limits[i])
        return self.told(self.found([*wrong, *rest])) if wrong else []

    def found(self, order: list[int]) -> dict[Place, types.CodeType]:
        """Place -> the code of an edit that makes all calls right, as far as time allows."""
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
            if self.reaches_all(code, order):
                found[key] = (source.place(edit.line, edit.kind), code)
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

    def reaches_all(self, code: types.CodeType, order: list[int]) -> bool:
        """True if every call is right with this code in the place of the student's."""
        self.space.clear()
        self.space.update(self.original)
        try:
            exec(code, self.space)
        except Exception:  # a default value that cannot be made
            return False
        for i in order:
            left = self.deadline - time.perf_counter()
            if left <= 0:
                return False
            if not self.soon_right(self.goals[i], min(self.limits[i], left)):
                return False
        return not self.goals[0].untouched or all(
            goal.reached(self.called(goal, limit))
            for goal, limit in zip(self.goals, self.limits, strict=True)
        )

    def soon_right(self, goal: Goal, seconds: float) -> bool:
        """True if the call returns what is expected: ``called`` with less care, and faster."""
        function = self.space.get(self.exercise.name)
        try:
            with interrupted_after(seconds):
                value = plain(function(*copy.deepcopy(goal.args)))
        except BaseException:  # whatever an edited function raises, its time being over included
            return False
        return agree(value, goal.expected)

    def called(self, goal: Goal, seconds: float) -> Outcome:
        """What comes of one call of the function as it is at the moment."""
        return call(self.space.get(self.exercise.name), goal.args, max(seconds, 1e-3))

    def told(self, found: dict[Place, types.CodeType]) -> list[Place]:
        """One line; or two, if their edits make the same of other inputs as well."""
        if len(found) > 2 or not found:
            return []
        others = self.others()
        made = [[self.outcome_of(code, args) for args in others] for code in found.values()]
        if any(o.kind not in ("returned", "interrupted") for outcomes in made for o in outcomes):
            return []
        if len(made) == 2 and not all(
            a.kind == b.kind and agree_or_none(a, b) for a, b in zip(*made, strict=True)
        ):
            return []
        return list(found)

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
