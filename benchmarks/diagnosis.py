"""What `check` makes of mistakes that nobody foresaw: solutions damaged in one place or two.

    python benchmarks/diagnosis.py [--single 400] [--pairs 100] [--seed 1]

Prints how many are caught, named, located in the right line, named falsely, located falsely. A
name is false if, on inputs that were not shown, the mistake does not make what the program makes
(in the part that it is said of). A line is false if the damage is elsewhere.
"""

import ast
import contextlib
import linecache
import random
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

import click
import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from autograder import answers
from course.classroom import check as classroom
from course.classroom import exercises, line, recorded
from course.classroom.calling import call
from course.classroom.marking import mark, returned_by
from tests.variants import SOLUTIONS

#: A damaged solution has so many seconds for one call.
SECONDS = 1.0


# --- damage ---------------------------------------------------------------------------------

SWAPS = {
    "sum": "mean", "mean": "sum", "max": "min", "min": "max", "exp": "log", "log": "exp",
    "argmax": "argmin", "argmin": "argmax", "dot": "outer", "zeros": "ones", "sqrt": "square",
    "maximum": "minimum", "tanh": "sin", "abs": "square", "append": "extend",
}  # fmt: skip


def damages(tree: ast.AST) -> list[tuple[str, ast.AST, object]]:
    """(kind, node, damage to the node in place) for everything that can be damaged."""
    found = []
    names = sorted(
        {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
        | {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and stored(n)}
    )

    def add(kind, node, **fields):
        found.append((kind, node, fields))

    for node in ast.walk(tree):
        match node:
            case ast.BinOp(op=op):
                for other in (ast.Add, ast.Sub, ast.Mult, ast.Div):
                    if not isinstance(op, other | ast.Pow):
                        add("operator", node, op=other())
                add("order of operands", node, left=node.right, right=node.left)
                add("left term only", node, op=ast.Mult(), right=ast.Constant(1))
                add("right term only", node, op=ast.Mult(), left=ast.Constant(1))
                if isinstance(op, ast.Pow):
                    add("power", node, right=ast.Constant(3))
                    add("power left out", node, right=ast.Constant(1))
            case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
                for other in (node.value + 1, node.value - 1, -node.value):
                    if other != node.value:
                        add("constant", node, value=other)
            case ast.Constant(value=bool()):
                add("keepdims or flag", node, value=not node.value)
            case ast.Compare(ops=[op]):
                for other in (ast.Lt, ast.LtE, ast.Gt, ast.GtE):
                    if not isinstance(op, other):
                        add("comparison", node, ops=[other()])
            case ast.Attribute(attr="T"):
                add("transpose left out", node, attr="real")
            case ast.Attribute(attr=attr) if attr in SWAPS:
                add("function", node, attr=SWAPS[attr])
            case ast.Name(id=name) if not stored(node) and name in names:
                for other in names:
                    if other != name:
                        add("name", node, id=other)
            case ast.UnaryOp(op=ast.USub()):
                add("sign left out", node, op=ast.UAdd())
            case ast.AugAssign(op=op):
                other = ast.Add if isinstance(op, ast.Sub) else ast.Sub
                add("sign of an update", node, op=other())
            case ast.Call(keywords=[_, *_]):
                for i in range(len(node.keywords)):
                    rest = node.keywords[:i] + node.keywords[i + 1 :]
                    add(f"{node.keywords[i].arg} left out", node, keywords=rest)
            case ast.Call(func=ast.Name(id="range"), args=[*args]):
                i = len(args) > 1
                for by in (1, -1):
                    end = ast.BinOp(args[i], ast.Add(), ast.Constant(by))
                    add("end of a range", node, args=[*args[:i], end, *args[i + 1 :]])
            case ast.Subscript(slice=ast.Name() | ast.BinOp()) if not stored(node):
                for by in (1, -1):
                    shifted = ast.BinOp(node.slice, ast.Add(), ast.Constant(by))
                    add("index", node, slice=shifted)
            case ast.Return(value=ast.Tuple(elts=[first, second, *rest])):
                turned = ast.Tuple([second, first, *rest], ast.Load())
                add("order of results", node, value=turned)
            case ast.Return(value=value) if value is not None:
                add("sign", node, value=ast.BinOp(ast.Constant(-1), ast.Mult(), value))
                add("factor put in", node, value=ast.BinOp(ast.Constant(2), ast.Mult(), value))
            case ast.Assign(value=ast.BinOp() as value):
                add("sign", node, value=ast.UnaryOp(ast.USub(), value))
                for name in names:
                    more = ast.BinOp(value, ast.Add(), ast.Name(name, ast.Load()))
                    add("term put in", node, value=more)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and len(body) > 1:
            for i, statement in enumerate(body):
                if not isinstance(statement, ast.Return | ast.FunctionDef):
                    found.append(("line left out", statement, (node, i)))
        if isinstance(node, ast.For) and isinstance(tree_parent(tree, node), list):
            after = tree_parent(tree, node)
            place = after.index(node)
            if isinstance(after[-1], ast.Return) and place == len(after) - 2:
                found.append(("return inside the loop", after[-1], (node, None)))
        if isinstance(node, ast.AugAssign):
            found.append(("= for +=", node, None))
    return found


def tree_parent(tree, statement):
    """The list of statements that holds one."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and any(s is statement for s in body):
            return body
    return None


def stored(node):
    return isinstance(getattr(node, "ctx", None), ast.Store)


def do(tree, kind, node, change):
    """Damage the tree; the node whose line is damaged. The line of a line left out is nowhere."""
    if kind == "line left out":
        holder, i = change
        del holder.body[i]
        return None
    if kind == "return inside the loop":
        loop, _ = change
        tree_parent(tree, node).remove(node)
        loop.body.append(node)
        return node
    if kind == "= for +=":
        body = tree_parent(tree, node)
        if body is None:
            return None
        new = ast.copy_location(ast.Assign([node.target], node.value), node)
        body[body.index(node)] = new
        return new
    for field, value in change.items():
        setattr(node, field, value)
    return node


def damaged(source, rng, count):
    """(source, kinds, numbers of the damaged lines) of a solution damaged in ``count`` places."""
    tree = ast.parse(source)
    kinds, nodes = [], []
    for _ in range(count):
        options = damages(tree)
        by_kind = {}
        for option in options:
            by_kind.setdefault(option[0], []).append(option)
        kind, node, change = rng.choice(by_kind[rng.choice(sorted(by_kind))])
        nodes.append(do(tree, kind, node, change))
        kinds.append(kind)
        ast.fix_missing_locations(tree)
    for number, node in enumerate(nodes):
        if node is not None:
            node.damage = number
    written = ast.unparse(tree)
    lines = lines_of(tree, written)
    return written, kinds, lines


class Unfolded(ast.NodeTransformer):
    """Writes a negative constant as Python reads it: a sign and a number."""

    def visit_Constant(self, node):
        if type(node.value) in (int, float) and node.value < 0:
            inner = ast.Constant(-node.value)
            if hasattr(node, "damage"):
                inner.damage = node.damage
            return ast.UnaryOp(ast.USub(), inner)
        return node


def lines_of(tree, written):
    """The lines of ``written`` in which the damaged nodes stand, found by walking both trees."""
    again = ast.parse(written)
    lines = set()
    for node, copy in zip(ast.walk(Unfolded().visit(tree)), ast.walk(again), strict=False):
        if hasattr(copy, "lineno") and hasattr(node, "damage"):
            lines |= set(range(copy.lineno, (copy.end_lineno or copy.lineno) + 1))
    return lines


# --- what check makes of it -----------------------------------------------------------------


def notebook(source, number):
    name = f"<damaged-{number}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    namespace = {"np": np}
    exec(compile(source, name, "exec"), namespace)
    return namespace


def functions_for(exercise, function):
    every = {e.name: answers.answer(e).reference for e in exercises.every().values()}
    return every | {exercise.name: function}


def false_name(exercise, function, report):
    """True if the mistake does not make what the function makes of inputs that were not shown."""
    functions = functions_for(exercise, function)
    named = [m for n, m in answers.answer(exercise).mistakes.items() if n == report.mistake_name]
    part = next((a.name for a in exercise.aspects if f"“{a.says}”" in report.mistake), None)
    for trial in (recorded.trial(exercise), answers.hidden_trial(exercise, 977)):
        for made in trial.calls:
            if part is not None and made.aspect != part:
                continue
            own, mistaken = call(function, made.args, SECONDS), call(named[0].code, made.args)
            alike = own.kind == mistaken.kind and (
                own.kind != "returned" or classroom.line.agree(own.value, mistaken.value)
            )
            if not alike and report.mistake_name != "never stops early":
                return True
    return not functions


def study(exercise, source, lines, kinds, number, patience):
    """What came of one damaged solution: a dict of what it counts for, or None."""
    try:
        namespace = notebook(source, number)
    except Exception:
        return None
    function = namespace.get(exercise.name)
    trial = recorded.trial(exercise)
    functions = functions_for(exercise, function)
    outcomes = [call(function, made.args, SECONDS) for made in trial.calls]
    caller = iter(outcomes)
    report = mark(
        exercise,
        lambda name, args: (
            next(caller) if name == exercise.name else call(functions[name], args, SECONDS)
        ),
        [trial],
    )
    if any(o.kind not in ("returned", "unusable") for o in outcomes):
        return {"crashed or did not end": 1}
    if report.outcome == "right":
        hidden = answers.hidden_trial(exercise, 977)
        report = mark(exercise, lambda name, args: call(functions[name], args, SECONDS), [hidden])
        return {"no mistake": 1} if report.outcome == "right" else {"only hidden inputs show it": 1}
    found = {"wrong": 1, "caught": 1}
    if report.mistake:
        found["named"] = 1
        if false_name(exercise, function, report):
            found["named falsely"] = 1
            click.echo(f"FALSE NAME {exercise.name} {kinds} {report.mistake}\n{source}\n")
        return found
    calls = [(c.args, e) for c, e in zip(trial.calls, trial.expected, strict=True)]
    before = time.perf_counter()
    known = returned_by(trial.mistakes)
    places = line.find(exercise, namespace, calls, outcomes, patience, known)
    found["seconds"] = time.perf_counter() - before
    whole = any(not place.gain for place in places)
    if report.two and not whole:
        found["two named"] = 1
        return found
    if places:
        hit = {p.number for p in places} & lines
        part = "located" if whole else "both located" if places[0].gain == line.BOTH else "in part"
        found[part if hit else f"{part}, elsewhere"] = 1
        if not hit and lines:
            click.echo(f"ELSEWHERE {exercise.name} {kinds} {sorted(lines)} {places}\n{source}\n")
    else:
        found["neither"] = 1
        found["kinds of neither"] = kinds
    return found


@click.command()
@click.option("--single", default=400, help="Solutions damaged in one place.")
@click.option("--pairs", default=100, help="Solutions damaged in two places.")
@click.option("--seed", default=1, help="Another seed, other damage.")
@click.option("--seconds", default=line.SECONDS, help="For each search: more on a busy machine.")
def main(single: int, pairs: int, seed: int, seconds: float) -> None:
    """Damage solutions, check them, print a table."""
    everything = [(name, source) for name, sources in SOLUTIONS.items() for source in sources]
    for count, wanted in ((1, single), (2, pairs)):
        rng = random.Random(f"diagnosis {seed} {count}")
        total, missed, took, number, kinds_seen = Counter(), Counter(), [], 0, Counter()
        while total["wrong"] < wanted:
            number += 1
            name, source = rng.choice(everything)
            with contextlib.suppress(SyntaxError, ValueError, KeyError):
                changed, kinds, lines = damaged(source, rng, count)
                found = study(
                    exercises.every()[name], changed, lines, kinds, (seed, count, number), seconds
                )
                if found is None:
                    continue
                missed.update(found.pop("kinds of neither", []))
                took += [found.pop("seconds")] if "seconds" in found else []
                total.update(found)
                if "wrong" in found:
                    kinds_seen.update(kinds)
        click.echo(f"\n{count} change(s) each, {len(kinds_seen)} kinds, seed {seed}")
        for what, how_many in total.items():
            click.echo(f"{what:28} {how_many:5} {100 * how_many / total['wrong']:6.1f} %")
        if took:
            click.echo(f"seconds for the line: median {statistics.median(took):.2f}")
        click.echo(f"neither named nor located: {dict(missed.most_common())}")


if __name__ == "__main__":
    main()
