"""Edits of correct solutions: every place of a program, changed in the ways people get it wrong.

An edit changes one place: an operator, a comparison, a number, a name for another one in scope,
a call for its neighbour (``sum`` for ``mean``, the largest entry for the norm), the ends of a loop
or of a slice, the order of two statements; or it leaves out a term, a branch, a condition, a
statement; or a statement is done in some rounds of its loop only.
"""

import ast
import copy
from collections.abc import Callable, Iterator

#: Calls and what is taken for them; ``x`` stands for the first argument.
NEIGHBOURS = {
    "norm": (
        "np.max(np.abs(x))",
        "np.min(np.abs(x))",
        "np.sum(np.abs(x))",
        "np.mean(np.abs(x))",
        "np.abs(np.sum(x))",
        "np.abs(np.ravel(x)[0])",
        "np.abs(np.ravel(x)[-1])",
        "np.sqrt(np.mean(np.square(x)))",
        "np.sum(np.square(x))",
        "np.std(x)",
        "np.max(x)",
        "np.sum(x)",
    ),
    "sum": ("np.mean(x)", "np.max(x)", "np.prod(x)", "np.median(x)", "np.sum(np.abs(x))", "x[0]"),
    "mean": ("np.sum(x)", "np.median(x)", "np.max(x)", "np.mean(np.abs(x))", "x[0]"),
    "max": ("np.min(x)", "np.mean(x)", "np.max(np.abs(x))", "x[0]", "x[-1]"),
    "min": ("np.max(x)", "np.mean(x)", "np.min(np.abs(x))", "x[0]", "x[-1]"),
    "any": ("np.all(x)", "np.ravel(x)[0]", "np.ravel(x)[-1]"),
    "all": ("np.any(x)", "np.ravel(x)[0]", "np.ravel(x)[-1]"),
    "sqrt": ("np.square(x)", "np.abs(x)"),
    "abs": ("np.square(x)", "np.maximum(x, 0)"),
    "exp": ("np.exp(-x)", "np.exp2(x)", "np.abs(x)"),
    "log": ("np.log2(x)", "np.log10(x)", "np.log1p(x)"),
    "sorted": ("list(x)", "sorted(x, reverse=True)", "sorted(set(x))"),
    "len": ("len(x) - 1", "len(x) + 1", "len(set(x))"),
    "tanh": ("np.arctan(x)", "np.sinh(x)"),
    "copy": ("x",),
    "list": ("x",),
    "dict": ("x",),
}
#: One function, with all its arguments, for another.
SWAPS = {
    "argmax": ("argmin",),
    "argmin": ("argmax",),
    "maximum": ("minimum", "fmax", "add"),
    "minimum": ("maximum",),
    "ones_like": ("zeros_like",),
    "zeros_like": ("ones_like", "empty_like"),
    "append": ("extend",),
    "outer": ("inner",),
    "dot": ("multiply",),
    "uniform": ("normal",),
    "normal": ("uniform",),
    "index": ("count",),
    "solve": ("dot",),
}
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.MatMult, ast.Pow, ast.FloorDiv)
COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
#: What an expression is taken for.
WRAPPERS = (
    "-x",
    "abs(x)",
    "np.maximum(x, 0)",
    "max(x, 0)",
    "np.minimum(x, 1)",
    "np.maximum(x, 1)",
    "np.round(x, 2)",
    "np.square(x)",
    "np.sign(x)",
    "x.T",
    "int(x)",
)
#: What a loop is taken over in place of its list.
LOOPS = (
    "x[1:]",
    "x[:-1]",
    "x[:2]",
    "x[:3]",
    "x[-2:]",
    "x[::2]",
    "x[::-1]",
    "list(x)[1:]",
    "list(x)[:-1]",
    "list(x)[:2]",
    "list(x)[:3]",
    "list(x)[::-1]",
    "list(dict.fromkeys(x))",
    "set(x)",
    "sorted(x)",
    "sorted(set(x))",
)
#: In which rounds of its loop a statement is done; the count begins with 1.
ROUNDS = ("once == 1", "once > 1", "once > 2", "once <= 2", "once % 2", "once % 2 == 0")


def edits(source: str, chosen: Callable[[], bool] = lambda: True) -> Iterator[str]:
    """Every program that differs from ``source`` by one edit; each of them once.

    chosen: asked for each edit in turn whether it is wanted, so that a sample costs little.
    """
    tree = ast.parse(source)
    seen = {ast.unparse(tree)}
    for changed in _changes(tree):
        if not chosen():
            continue
        try:
            text = ast.unparse(ast.fix_missing_locations(changed))
            compile(text, "<edit>", "exec")
        except (ValueError, SyntaxError, RecursionError, TypeError, AttributeError):
            continue  # not a program
        if text not in seen:
            seen.add(text)
            yield text


def count_edits(source: str) -> int:
    """How many edits there are, those included that are no program or come twice."""
    return sum(1 for _ in _changes(ast.parse(source)))


def _changes(tree: ast.Module) -> Iterator[ast.Module]:
    """The tree with one change at a time; it is put back before the next one."""
    for function in _functions(tree):
        names = _names(function)
        strings = _strings(function)
        for parent in list(ast.walk(function)):
            for field, value in list(ast.iter_fields(parent)):
                if isinstance(value, list):
                    yield from _in_list(tree, parent, field, value, names, strings)
                elif isinstance(value, ast.expr):
                    for new in _expressions(value, parent, field, names, strings):
                        setattr(parent, field, new)
                        yield tree
                    setattr(parent, field, value)
                elif isinstance(value, ast.operator):
                    for operator in OPERATORS:
                        setattr(parent, field, operator())
                        yield tree
                    setattr(parent, field, value)
            yield from _in_place(tree, parent)


def _functions(tree):
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def _names(function):
    """The names that hold values inside the function, apart from what it is given by Python."""
    found = [
        a.arg for node in ast.walk(function) if isinstance(node, ast.arguments) for a in node.args
    ]
    found += [
        n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    ]
    return list(dict.fromkeys(found))


def _strings(function):
    constants = (n.value for n in ast.walk(function) if isinstance(n, ast.Constant))
    return list(dict.fromkeys(c for c in constants if isinstance(c, str) and len(c) < 12))


def _in_list(tree, parent, field, value, names, strings):
    """Entries of a list of the tree left out, exchanged, or changed by themselves."""
    whole = list(value)
    if whole and isinstance(whole[0], ast.stmt):
        for i, statement in enumerate(whole):
            for new in _statements(statement, parent, whole, i):
                value[:] = new
                yield tree
            value[:] = whole
        return
    removable = isinstance(parent, ast.BoolOp | ast.comprehension | ast.Call | ast.List | ast.Tuple)
    for i, child in enumerate(whole):
        if not isinstance(child, ast.expr | ast.keyword):
            continue
        if removable and (len(whole) > 1 or field in ("ifs", "keywords")):
            value[:] = whole[:i] + whole[i + 1 :]
            yield tree
        if i + 1 < len(whole) and field in ("args", "elts"):
            value[:] = [*whole[:i], whole[i + 1], child, *whole[i + 2 :]]
            yield tree
        value[:] = whole
        if isinstance(child, ast.expr):
            for new in _expressions(child, parent, field, names, strings):
                value[i] = new
                yield tree
            value[i] = child
    for i in range(len(whole)):
        if isinstance(parent, ast.Compare) and field == "ops":
            for comparison in COMPARISONS:
                value[i] = comparison()
                yield tree
            if isinstance(whole[i], ast.In | ast.NotIn):
                value[i] = ast.NotIn() if isinstance(whole[i], ast.In) else ast.In()
                yield tree
            value[i] = whole[i]


def _in_place(tree, node):
    """Changes of a node that has no expression of its own for them."""
    if isinstance(node, ast.BoolOp):
        before, node.op = node.op, ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield tree
        node.op = before
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        before = node.func.attr
        for name in SWAPS.get(before, ()):
            node.func.attr = name
            yield tree
        node.func.attr = before


def _filled(template: str, x: ast.expr) -> ast.expr:
    """The template's expression with ``x`` filled in."""

    class Fill(ast.NodeTransformer):
        def visit_Name(self, node):
            return copy.deepcopy(x) if node.id == "x" else node

    return Fill().visit(ast.parse(template, mode="eval").body)


def _expressions(node, parent, field, names, strings):
    """What may stand in place of an expression."""
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) or field == "func":
        return
    if isinstance(node, ast.Constant):
        yield from _constants(node, strings)
        return
    if isinstance(node, ast.Slice):
        yield from _slices(node)
        return
    yield from _parts(node)
    if isinstance(node, ast.Name):
        yield from (ast.Name(name, ast.Load()) for name in names if name != node.id)
    if field == "iter":
        yield from (_filled(template, node) for template in LOOPS)
    if field == "test" or isinstance(node, ast.Compare):
        yield ast.UnaryOp(ast.Not(), node)
        yield from (ast.Constant(truth) for truth in (True, False))
        return
    if isinstance(node, ast.Call):
        yield from _calls(node)
    if isinstance(node, ast.Name | ast.BinOp | ast.Call | ast.Subscript | ast.Attribute):
        yield from (_filled(template, node) for template in WRAPPERS)
        if isinstance(parent, ast.Call):
            yield from (_filled(t, node) for t in ("set(x)", "x[1:]", "x[:-1]", "x[0]", "x[-1]"))
        if field == "slice" or isinstance(parent, ast.Compare):
            yield from (
                _filled(template, node) for template in ("x + 1", "x - 1", "x / 2", "2 * x")
            )


def _constants(node, strings):
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        others = [0, 1, 2, 3, -1, value + 1, value - 1, 100, 0.5, 2 * value, value / 2, -value]
        if value and abs(value) < 0.01:
            others += [10 * value, 1e-3, 1e-4]
        yield from (ast.Constant(n) for n in dict.fromkeys(others) if n != value)
        if isinstance(value, int):
            yield ast.Constant(None)
    elif isinstance(value, str) and value == "inf":
        yield from (ast.Constant(n) for n in ("-inf", "100", "10", "1", "0", "1000"))
    elif isinstance(value, str):
        yield from (ast.Constant(s) for s in strings if s != value)
    elif value is None:
        yield from (ast.Constant(n) for n in (0, 1, 100))


def _slices(node):
    for end in ("lower", "upper", "step"):
        part = getattr(node, end)
        if part is None:
            continue
        for new in (
            None,
            ast.BinOp(part, ast.Add(), ast.Constant(1)),
            ast.BinOp(part, ast.Sub(), ast.Constant(1)),
        ):
            changed = copy.copy(node)
            setattr(changed, end, new)
            yield changed


def _parts(node):
    """A part of an expression in place of the whole."""
    match node:
        case ast.BinOp(left, operator, right):
            yield from (left, right, ast.BinOp(right, operator, left))
        case ast.UnaryOp(_, operand):
            yield operand
        case ast.IfExp(_, body, orelse):
            yield from (body, orelse)
        case ast.Subscript(value, _):
            yield value
        case ast.Attribute(value, _):
            yield value
        case ast.Call(_, [first, *_]):
            yield first
        case ast.Call(ast.Attribute(value, _), _):
            yield value
        case ast.ListComp(_, [ast.comprehension(_, sequence, _, _)]):
            yield sequence


def _calls(node):
    called = (
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    )
    if node.args:
        for template in NEIGHBOURS.get(called, ()):
            yield _filled(template, node.args[0])
    elif isinstance(node.func, ast.Attribute):  # x.sum()
        for template in NEIGHBOURS.get(called, ()):
            yield _filled(template, node.func.value)
    if called == "range":
        text = ast.unparse(node)
        for template in ("x[1:]", "x[:-1]", "x[::-1]", "x[:2]", "x[:3]", "x[2:]", "x[::2]"):
            yield _filled(template, ast.parse(text, mode="eval").body)
        if len(node.args) == 1:
            n = ast.unparse(node.args[0])
            for new in (f"range({n} + 1)", f"range(1, {n} + 1)", f"range(-1, {n})"):
                yield ast.parse(new, mode="eval").body
    for keyword in node.keywords:
        if keyword.arg == "axis":
            for axis in (0, 1, -1, None):
                changed = copy.deepcopy(node)
                next(k for k in changed.keywords if k.arg == "axis").value = ast.Constant(axis)
                yield changed


def _statements(statement, parent, body, i):
    """What may stand in place of a block of statements, of which ``statement`` has number i."""
    before, after = body[:i], body[i + 1 :]
    if isinstance(statement, ast.FunctionDef):
        return
    yield before + (after or [ast.Pass()])
    yield [*before, statement, copy.deepcopy(statement), *after]
    if after and not isinstance(after[0], ast.FunctionDef):
        yield [*before, after[0], statement, *after[1:]]
    if len(after) > 1:
        yield [*before, *after[:-1], statement, after[-1]]
        yield [*before, *after, statement]
    match statement:
        case ast.AugAssign(target, operator, value):
            load = copy.deepcopy(target)
            load.ctx = ast.Load()
            yield [*before, ast.Assign([target], value), *after]
            yield [*before, ast.Assign([target], ast.BinOp(load, operator, value)), *after]
        case ast.Assign([ast.Name() | ast.Subscript() as target], value):
            yield [*before, ast.AugAssign(target, ast.Add(), value), *after]
            if isinstance(value, ast.BinOp):
                yield [*before, ast.AugAssign(target, value.op, value.right), *after]
        case ast.If(_, inner, orelse):
            yield [*before, *inner, *after]
            yield [*before, *orelse, *after] if orelse else before + (after or [ast.Pass()])
            if orelse:
                yield [*before, *inner, *orelse, *after]
        case ast.Break():
            yield [*before, ast.Continue(), *after]
        case ast.Continue():
            yield [*before, ast.Break(), *after]
        case ast.For(_, _, inner) | ast.While(_, inner):
            for n in range(1, len(inner)):
                for rounds in ROUNDS:
                    yield [*before, *_only_in(statement, n, n, rounds), *after]
            for n in range(len(inner)):
                for rounds in ROUNDS:
                    yield [*before, *_only_in(statement, n, len(inner), rounds), *after]
                    yield [*before, *_only_in(statement, n, n + 1, rounds), *after]
            if len(inner) > 1:  # one statement out of the loop
                for n in range(len(inner)):
                    alone = copy.copy(statement)
                    alone.body = inner[:n] + inner[n + 1 :]
                    yield [*before, inner[n], alone, *after]
                    yield [*before, alone, inner[n], *after]
            yield [*before, *inner, *after]
            last = copy.copy(statement)
            last.body = [*inner, ast.Break()]
            yield [*before, last, *after]
        case ast.Return(ast.Tuple(entries)):
            yield from ([*before, ast.Return(entry), *after] for entry in entries)


def _only_in(loop, first, last, rounds):
    """The loop, with some of its statements done in some of its rounds only."""
    loop = copy.deepcopy(loop)
    inner = loop.body
    chosen = inner[first:last]
    if not chosen or any(isinstance(s, ast.FunctionDef) for s in chosen):
        return [loop]
    count = ast.parse("once = 0").body
    body = [
        *ast.parse("once += 1").body,
        *inner[:first],
        ast.If(ast.parse(rounds, mode="eval").body, chosen, []),
        *inner[last:],
    ]
    loop.body = body
    return [*count, loop]
