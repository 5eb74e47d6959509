"""What is right at the desk is right in the grade: hidden inputs are no harsher than shown ones.

Correct solutions in every style are written in the habits that move a result a little: a small
number added inside a logarithm or a denominator, a clip, single precision in all its mixtures,
rounding. Whatever of it passes the shown inputs must pass hidden ones, whichever seed they have.
"""

import ast
import contextlib

import numpy as np
import pytest

from autograder import answers
from course.classroom import exercises, recorded
from course.classroom.calling import call
from course.classroom.marking import mark
from tests.variants import SOLUTIONS

#: With range(100) all of this takes some minutes.
SEEDS = range(5)
SMALL = (1e-6, 1e-7, 1e-8, 1e-10, 1e-15)


class Guarded(ast.NodeTransformer):
    """Adds a small number inside each logarithm and denominator, or clips what goes into them."""

    def __init__(self, small, clip):
        self.small, self.clip, self.changed = small, clip, False

    def guarded(self, node):
        self.changed = True
        if self.clip:
            return ast.parse(
                f"np.clip({ast.unparse(node)}, {self.small}, 1 - {self.small})", mode="eval"
            ).body
        return ast.BinOp(node, ast.Add(), ast.Constant(self.small))

    def visit_Call(self, node):
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "log":
            node.args[0] = self.guarded(node.args[0])
        return node

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.Div) and not self.clip:
            node.right = self.guarded(node.right)
        return node


def single(value):
    """``value`` with every float in single precision."""
    if isinstance(value, dict):
        return {key: single(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(single, value))
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.astype(np.float32)
    return np.float32(value) if isinstance(value, float) else value


def double(value):
    """``value`` with every float in double precision."""
    if isinstance(value, dict):
        return {key: double(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(double, value))
    if isinstance(value, np.ndarray | np.floating) and np.asarray(value).dtype.kind == "f":
        return np.asarray(value, dtype=float) if np.ndim(value) else float(value)
    return value


def rounded(value, digits):
    """``value`` with every float rounded."""
    if isinstance(value, dict):
        return {key: rounded(part, digits) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(rounded(part, digits) for part in value)
    if isinstance(value, float | np.floating | np.ndarray) and np.asarray(value).dtype.kind == "f":
        return np.round(value, digits)
    return value


def defined(source, name):
    """The function ``name`` that ``source`` defines."""
    namespace = {"np": np}
    exec(source, namespace)
    return namespace[name]


def habits(name, source):
    """The solution in each habit: (what was done, function)."""
    plainly = defined(source, name)
    for small in SMALL:
        for clip in (False, True):
            tree = Guarded(small, clip)
            changed = ast.fix_missing_locations(tree.visit(ast.parse(source)))
            if tree.changed:
                with contextlib.suppress(SyntaxError):
                    yield f"{small} {clip}", defined(ast.unparse(changed), name)
    yield "single", lambda *args: plainly(*single(args))
    yield "first single", lambda first, *args: plainly(single(first), *args)
    yield "last single", lambda *args: plainly(*args[:-1], single(args[-1]))
    yield "single, as float", lambda *args: double(plainly(*single(args)))
    yield "result single", lambda *args: single(plainly(*args))
    for digits in (8, 12):
        yield f"rounded to {digits}", lambda *args, d=digits: rounded(plainly(*args), d)


@pytest.mark.parametrize("name", SOLUTIONS)
def test_what_is_right_at_the_desk_is_right_in_the_grade(name):
    """All habits, all variants, on hidden inputs of every seed."""
    exercise = exercises.every()[name]
    references = {e: answers.answer(exercises.every()[e]).reference for e in SOLUTIONS}
    shown = recorded.trial(exercise)
    hidden = [answers.hidden_trial(exercise, seed) for seed in SEEDS]
    right = 0
    for source in SOLUTIONS[name]:
        for habit, function in habits(name, source):

            def caller(called, args, function=function):
                return call(function if called == name else references[called], args)

            with np.errstate(all="ignore"):
                if mark(exercise, caller, [shown]).outcome != "right":
                    continue
                right += 1
                for seed, trial in zip(SEEDS, hidden, strict=True):
                    report = mark(exercise, caller, [trial])
                    assert report.outcome == "right", (habit, seed, source, str(report))
    assert right >= 10
