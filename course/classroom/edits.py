"""Small edits of a student's function: one operator, one name, one index, one line moved.

``planned`` lists them, ``edits`` makes each of them in the syntax tree, one after the other, and
takes it back again. What is likely comes first: something replaced by its like, then something
left out or put in.
"""

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.MatMult, ast.Pow, ast.FloorDiv, ast.Mod)
COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
#: Functions and methods that are taken for one another.
ALIKE = (
    ("sum", "mean", "max", "min", "prod", "std", "var", "median"),
    ("cumsum", "cumprod", "sum"),
    ("argmax", "argmin", "max", "min"),
    ("dot", "multiply", "matmul", "outer"),
    ("maximum", "minimum", "fmax"),
    ("exp", "log", "sqrt", "square", "abs", "tanh", "sign", "log2", "log10", "expm1", "log1p"),
    ("sin", "cos", "tan"),
    ("zeros", "ones", "empty"),
    ("zeros_like", "ones_like", "copy"),
    ("floor", "ceil", "round"),
    ("any", "all"),
    ("vstack", "hstack"),
    ("append", "extend"),
    ("uniform", "normal", "standard_normal"),
    ("len", "sum"),
)
REDUCTIONS = {"sum", "mean", "max", "min", "argmax", "argmin", "prod", "any", "all", "norm", "std"}
WRAPPERS = ("sum", "mean", "exp", "log", "sqrt", "abs", "square", "tanh", "sign")


@dataclass(frozen=True)
class Edit:
    """Where the tree differs from the student's at the moment: the line, and the kind of edit."""

    line: int
    kind: str


@dataclass(frozen=True)
class Scope:
    """The names that may stand in for one another: variables, functions, and NumPy's own name."""

    variables: tuple[str, ...]
    functions: tuple[str, ...] = ()
    numpy: str = ""


def scope_of(tree: ast.AST, functions: tuple[str, ...], numpy: str) -> Scope:
    """The Scope inside a function's tree."""
    names = {n.arg: None for n in ast.walk(tree) if isinstance(n, ast.arg)}
    stored = (n for n in ast.walk(tree) if isinstance(n, ast.Name) and _is_stored(n))
    return Scope(tuple(names | {n.id: None for n in stored}), functions, numpy)


#: Edits of rank 0 are the likeliest.
RANKS = range(4)


def planned(tree: ast.AST, scope: Scope) -> list[tuple]:
    """All small edits of ``tree``, for ``edits``."""
    return [*_expressions(tree, scope), *_statements(tree)]


def edits(plan: list[tuple], rank: int) -> Iterator[Edit]:
    """Make every edit of one rank in turn, in place.

    Between two steps the tree is as it was.
    """
    for edit_rank, kind, line, holder, field, new in plan:
        if edit_rank != rank:
            continue
        old = getattr(holder, field)
        _locate(new, line)
        setattr(holder, field, new)
        try:
            yield Edit(line, kind)
        finally:
            setattr(holder, field, old)


def _locate(new, line: int) -> None:
    """Give new nodes a place in the source: nothing compiles without."""
    for node in new if isinstance(new, list) else [new]:
        if isinstance(node, ast.AST):
            if "lineno" in node._attributes and not hasattr(node, "lineno"):
                node.lineno, node.col_offset = line, 0
                node.end_lineno, node.end_col_offset = line, 0
            ast.fix_missing_locations(node)


# --- expressions ----------------------------------------------------------------------------


def _expressions(tree: ast.AST, scope: Scope) -> Iterator[tuple]:
    """(rank, kind, line, holder, field, new value of the field) for edits of expressions."""
    skipped = set(_not_values(tree))
    for holder in ast.walk(tree):
        for field, value in ast.iter_fields(holder):
            if (id(holder), field) in skipped:
                continue
            if isinstance(value, ast.expr):
                for rank, kind, new in _variants(value, holder, field, scope):
                    yield rank, kind, value.lineno, holder, field, new
            elif isinstance(value, list):
                for i, item in enumerate(value):
                    if not isinstance(item, ast.expr):
                        continue
                    for rank, kind, new in _variants(item, holder, field, scope):
                        changed = [*value[:i], new, *value[i + 1 :]]
                        yield rank, kind, item.lineno, holder, field, changed


def _not_values(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Fields that are no values: annotations, decorators, docstrings, parts of f-strings."""
    for node in ast.walk(tree):
        for field in ("annotation", "returns", "decorator_list", "format_spec", "type_params"):
            yield id(node), field
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node), "value"
        if isinstance(node, ast.JoinedStr):
            yield id(node), "values"


def _variants(node: ast.expr, holder: ast.AST, field: str, scope: Scope) -> Iterator[tuple]:
    """(rank, kind, what may stand in the place of ``node``)."""
    if _is_stored(node):
        return
    called = isinstance(holder, ast.Call) and field == "func"
    match node:
        case ast.BinOp():
            yield from _of_operation(node)
        case ast.UnaryOp():
            kind = "condition" if isinstance(node.op, ast.Not) else "sign"
            yield 0, kind, node.operand
        case ast.Constant():
            yield from _of_constant(
                node, "index" if isinstance(holder, ast.Subscript) else "number"
            )
        case ast.Compare():
            yield from _of_comparison(node)
        case ast.BoolOp():
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield 0, "condition", ast.BoolOp(other, node.values)
            for i in range(len(node.values)):
                rest = node.values[:i] + node.values[i + 1 :]
                yield 1, "condition", rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
        case ast.IfExp():
            yield 0, "condition", ast.IfExp(node.test, node.orelse, node.body)
            yield 1, "condition", node.body
            yield 1, "condition", node.orelse
        case ast.Name():
            others = scope.functions if called else scope.variables
            if not called and node.id in scope.functions:
                others = scope.functions
            for name in others:
                if name != node.id:
                    yield 0, "name", _name(name)
            group = next((g for g in ALIKE if node.id in g), ())
            yield from ((0, "function", _name(n)) for n in group if called and n != node.id)
        case ast.Attribute():
            yield from _of_attribute(node)
        case ast.Call():
            yield from _of_call(node, scope)
        case ast.Subscript():
            yield from _of_subscript(node)
        case ast.Tuple() | ast.List() if not isinstance(holder, ast.Subscript):
            yield from _of_sequence(node)
    if isinstance(holder, ast.For | ast.comprehension) and field == "iter":
        yield from _of_iteration(node)
    in_slice = isinstance(holder, ast.Subscript) and field == "slice"
    if in_slice or isinstance(holder, ast.Slice):
        yield from _of_index(node)
    elif not called and not _is_module(node, holder) and _may_be_number(node):
        yield from _around(node, holder, scope)


def _of_operation(node: ast.BinOp) -> Iterator[tuple]:
    powers = any(isinstance(n, ast.Pow) for n in ast.walk(node) if n is not node.op)
    for operator in OPERATORS:
        if not isinstance(node.op, operator) and not (operator is ast.Pow and powers):
            yield 0, "operator", ast.BinOp(node.left, operator(), node.right)
    if not isinstance(node.op, ast.Add | ast.Mult):
        yield 0, "order", ast.BinOp(node.right, node.op, node.left)
    yield 1, "too much", node.left
    minus = isinstance(node.op, ast.Sub)
    yield 1, "too much", ast.UnaryOp(ast.USub(), node.right) if minus else node.right
    if isinstance(node.op, ast.Div):  # one divided by what is there
        yield 1, "too much", ast.BinOp(ast.Constant(1), ast.Div(), node.right)
    if isinstance(node.right, ast.BinOp):
        first = ast.BinOp(node.left, node.op, node.right.left)
        yield 1, "parentheses", ast.BinOp(first, node.right.op, node.right.right)
    if isinstance(node.left, ast.BinOp):
        second = ast.BinOp(node.left.right, node.op, node.right)
        yield 1, "parentheses", ast.BinOp(node.left.left, node.left.op, second)
        yield (
            1,
            "order",
            ast.BinOp(
                ast.BinOp(node.left.left, node.left.op, node.right), node.op, node.left.right
            ),
        )
    if isinstance(node.left, ast.UnaryOp) and isinstance(node.left.op, ast.USub):
        yield (
            1,
            "parentheses",
            ast.UnaryOp(ast.USub(), ast.BinOp(node.left.operand, node.op, node.right)),
        )


def _of_constant(node: ast.Constant, kind: str) -> Iterator[tuple]:
    value = node.value
    if isinstance(value, bool):
        yield 0, "condition", ast.Constant(not value)
    elif isinstance(value, int | float):
        others = [value + 1, value - 1, -value, 0, 1, 2, 3, 0.5, 2 * value, value / 2, 0.25]
        others += [-1, 10 * value, value / 10]
        others += [1 / value, value**0.5] if value > 0 and value < 1e9 else []
        for other in dict.fromkeys(others):
            if other != value:
                yield 0, kind, ast.Constant(other)
    elif value is None:
        yield 1, "number", ast.Constant(0)


def _of_comparison(node: ast.Compare) -> Iterator[tuple]:
    if len(node.ops) == 1:
        for other in COMPARISONS:
            if not isinstance(node.ops[0], other):
                yield 0, "comparison", ast.Compare(node.left, [other()], node.comparators)
        yield 1, "condition", ast.UnaryOp(ast.Not(), node)
    else:
        for i, operator in enumerate(node.ops):
            for other in COMPARISONS:
                if not isinstance(operator, other):
                    ops = [*node.ops[:i], other(), *node.ops[i + 1 :]]
                    yield 0, "comparison", ast.Compare(node.left, ops, node.comparators)


def _of_attribute(node: ast.Attribute) -> Iterator[tuple]:
    if node.attr == "T":
        yield 0, "transpose", node.value
    for group in ALIKE:
        if node.attr in group:
            for other in group:
                if other != node.attr:
                    yield 0, "function", ast.Attribute(node.value, other, ast.Load())
    if node.attr == "size":
        yield 1, "function", ast.Call(_name("len"), [node.value], [])


def _of_call(node: ast.Call, scope: Scope) -> Iterator[tuple]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    for i, j in itertools.combinations(range(len(node.args)), 2):
        args = list(node.args)
        args[i], args[j] = args[j], args[i]
        yield 0, "order", ast.Call(node.func, args, node.keywords)
    for i in range(len(node.keywords)):
        fewer = node.keywords[:i] + node.keywords[i + 1 :]
        yield 0, "axis", ast.Call(node.func, node.args, fewer)
    if name in REDUCTIONS:
        kept = [k for k in node.keywords if k.arg not in ("axis", "keepdims")]
        for axis, keep in itertools.product((0, 1, -1, None), (False, True)):
            new = [ast.keyword("axis", ast.Constant(axis))] if axis is not None else []
            new += [ast.keyword("keepdims", ast.Constant(True))] if keep else []
            yield 0, "axis", ast.Call(node.func, node.args, kept + new)
    for arg in node.args:
        yield 1, "too much", arg
    for i in range(len(node.args)):
        if len(node.args) > 1:
            fewer = node.args[:i] + node.args[i + 1 :]
            yield 1, "too much", ast.Call(node.func, fewer, node.keywords)
    owner = getattr(node.func, "value", None)
    if owner is not None and getattr(owner, "id", "") != scope.numpy:
        yield 1, "too much", owner
    if name in ("dot", "matmul", "outer", "multiply") and len(node.args) == 2:
        for operator in (ast.MatMult, ast.Mult):
            yield 0, "operator", ast.BinOp(node.args[0], operator(), node.args[1])
        for a, b in ((True, False), (False, True), (True, True)):
            left, right = (
                _transposed(n) if t else n for n, t in zip(node.args, (a, b), strict=True)
            )
            yield 1, "transpose", ast.Call(node.func, [left, right], node.keywords)
    if isinstance(node.func, ast.Name) and node.func.id in ("reversed", "list", "sorted", "int"):
        yield 0, "too much", node.args[0] if node.args else node
    if isinstance(node.func, ast.Name) and node.func.id == "range" and not node.keywords:
        yield from ((0, "range", new) for new in _ranges(node))


def _ranges(node: ast.Call) -> Iterator[ast.expr]:
    """Other ends of a ``range``, and the way back."""

    def shifted(arg: ast.expr, by: int) -> ast.expr:
        return ast.BinOp(arg, ast.Add() if by > 0 else ast.Sub(), ast.Constant(abs(by)))

    def ranged(*args: ast.expr) -> ast.Call:
        return ast.Call(node.func, list(args), [])

    match node.args:
        case [end]:
            starts, rest = [], []
            yield ranged(ast.Constant(1), end)
            yield ranged(ast.Constant(1), shifted(end, 1))
            yield ranged(shifted(end, 1))
            yield ranged(shifted(end, -1))
            yield ranged(shifted(end, -1), ast.Constant(-1), ast.Constant(-1))
        case [start, end, *rest]:
            for by in (1, -1):
                starts = [shifted(start, by)]
                yield ranged(start, shifted(end, by), *rest)
                yield ranged(*starts, end, *rest)
                yield ranged(*starts, shifted(end, by), *rest)
            if not rest:
                yield ranged(end)
    yield ast.Call(_name("reversed"), [node], [])


def _of_iteration(node: ast.expr) -> Iterator[tuple]:
    yield 1, "range", ast.Call(_name("reversed"), [node], [])
    for ends in ((1, None), (None, -1)):
        bounds = [None if e is None else ast.Constant(e) for e in ends]
        part = ast.Slice(*bounds)
        as_list = ast.Call(_name("list"), [node], [])
        yield 1, "range", ast.Subscript(as_list, part, ast.Load())


def _of_subscript(node: ast.Subscript) -> Iterator[tuple]:
    yield 1, "index", node.value
    if isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2:
        turned = ast.Tuple(node.slice.elts[::-1], ast.Load())
        yield 0, "index", ast.Subscript(node.value, turned, ast.Load())
        for kept in node.slice.elts:
            yield 1, "index", ast.Subscript(node.value, kept, ast.Load())
    elif not isinstance(node.slice, ast.Slice):
        column = ast.Tuple([ast.Slice(), node.slice], ast.Load())
        yield 1, "index", ast.Subscript(node.value, column, ast.Load())
    if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
        yield 1, "index", ast.Attribute(node.value.value, "size", ast.Load())


def _of_index(node: ast.expr) -> Iterator[tuple]:
    """What may stand between square brackets in the place of ``node``."""
    if isinstance(node, ast.Slice):
        for low, high in itertools.product((None, 1), (None, -1)):
            bounds = [None if e is None else ast.Constant(e) for e in (low, high)]
            yield 1, "index", ast.Slice(*bounds, node.step)
        if node.step is None:
            yield 1, "index", ast.Slice(node.lower, node.upper, ast.Constant(-1))
            if node.lower and not node.upper:
                yield 1, "index", ast.Slice(None, node.lower)
            if node.upper and not node.lower:
                yield 1, "index", ast.Slice(node.upper, None)
        else:
            yield 0, "index", ast.Slice(node.lower, node.upper)
    elif not isinstance(node, ast.Tuple | ast.Constant):
        for operator in (ast.Add, ast.Sub):
            yield 0, "index", ast.BinOp(node, operator(), ast.Constant(1))


def _of_sequence(node: ast.Tuple | ast.List) -> Iterator[tuple]:
    count = len(node.elts)
    for i, j in itertools.combinations(range(min(count, 6)), 2):
        elts = list(node.elts)
        elts[i], elts[j] = elts[j], elts[i]
        yield 0, "order", type(node)(elts, ast.Load())
    if count > 1:
        yield 1, "too much", node.elts[0]
        for i in range(count):
            rest = node.elts[:i] + node.elts[i + 1 :]
            yield 1, "too much", type(node)(rest, ast.Load())
    if count == 1 and not isinstance(node.elts[0], ast.Starred):
        yield 0, "too much", node.elts[0]


def _around(node: ast.expr, holder: ast.AST, scope: Scope) -> Iterator[tuple]:
    """Something put in beside ``node``: a sign, a transpose, a call, a term, a factor."""
    simple = isinstance(node, ast.Name | ast.Attribute | ast.Subscript)
    yield (0 if simple else 1), "transpose", _transposed(node)
    negated = isinstance(holder, ast.UnaryOp)
    if not negated and not isinstance(node, ast.Constant):
        yield 1, "sign", ast.UnaryOp(ast.USub(), node)
    if isinstance(node, ast.Constant):
        return
    yield 1, "missing", ast.BinOp(node, ast.Pow(), ast.Constant(2))
    for factor in (2, 0.5):
        yield 1, "missing", ast.BinOp(node, ast.Mult(), ast.Constant(factor))
    if simple:
        copied = ast.Call(ast.Attribute(node, "copy", ast.Load()), [], [])
        yield 1, "copy", copied
        for index in (0, -1, 1):
            yield 2, "index", ast.Subscript(node, _number(index), ast.Load())
    if scope.numpy:
        for name in WRAPPERS:
            yield 2, "missing", ast.Call(_of_numpy(scope, name), [node], [])
        for axis, keep in itertools.product((0, 1), (False, True)):
            keywords = [ast.keyword("axis", ast.Constant(axis))]
            keywords += [ast.keyword("keepdims", ast.Constant(True))] if keep else []
            for name in ("sum", "mean"):
                yield 3, "missing", ast.Call(_of_numpy(scope, name), [node], keywords)
    for name in scope.functions:
        yield 2, "missing", ast.Call(_name(name), [node], [])
    if not isinstance(holder, ast.Subscript | ast.keyword):
        for name in scope.variables:
            one_less = ast.BinOp(ast.Constant(1), ast.Sub(), _name(name))
            for operator in (ast.Mult, ast.Div, ast.Add, ast.Sub):
                yield 2, "missing", ast.BinOp(node, operator(), _name(name))
            yield 3, "missing", ast.BinOp(_name(name), ast.Sub(), node)
            yield 3, "missing", ast.BinOp(_name(name), ast.MatMult(), node)
            yield 3, "missing", ast.BinOp(node, ast.Mult(), one_less)
            yield (
                3,
                "missing",
                ast.BinOp(node, ast.Mult(), ast.BinOp(_name(name), ast.Mult(), one_less)),
            )
            for count in (ast.Call(_name("len"), [_name(name)], []), _width(name)):
                yield 3, "missing", ast.BinOp(node, ast.Div(), count)
        for operator in (ast.Add, ast.Sub):
            yield 2, "missing", ast.BinOp(node, operator(), ast.Constant(1))
        yield 2, "missing", ast.BinOp(ast.Constant(1), ast.Sub(), node)
        yield 2, "missing", ast.BinOp(ast.Constant(1), ast.Div(), node)


# --- statements -----------------------------------------------------------------------------


def _statements(tree: ast.AST) -> Iterator[tuple]:
    """(rank, kind, line, holder, field, new value of the field) for edits of whole lines."""
    for holder in ast.walk(tree):
        for field in ("body", "orelse"):
            body = getattr(holder, field, None)
            if not isinstance(body, list) or not body:
                continue
            for rank, kind, line, new in _bodies(body):
                yield rank, kind, line, holder, field, new


def _bodies(body: list[ast.stmt]) -> Iterator[tuple]:
    """(rank, kind, line, another list of statements in the place of ``body``)."""
    for i, statement in enumerate(body):
        before, after, line = body[:i], body[i + 1 :], statement.lineno
        for rank, kind, new in _statement(statement):
            yield rank, kind, line, [*before, *new, *after]
        if before or after:
            yield 1, "needed", line, [*before, *after]
        if after:
            yield 1, "place", line, [*before, after[0], statement, *after[1:]]
        if isinstance(statement, ast.For | ast.While | ast.If):
            inner = statement.body
            for k in range(1, len(inner)):  # the end of the block moved out of it
                shorter = _with_body(statement, inner[:k])
                yield 1, "place", inner[k].lineno, [*before, shorter, *inner[k:], *after]
                shorter = _with_body(statement, inner[k:])
                yield 2, "place", inner[0].lineno, [*before, *inner[:k], shorter, *after]
            if after:
                longer = _with_body(statement, [*inner, after[0]])
                yield 1, "place", after[0].lineno, [*before, longer, *after[1:]]
            if before and isinstance(statement, ast.For | ast.While):
                longer = _with_body(statement, [before[-1], *inner])
                yield 1, "place", before[-1].lineno, [*before[:-1], longer, *after]


def _statement(node: ast.stmt) -> Iterator[tuple]:
    """(rank, kind, statements in the place of ``node``)."""
    match node:
        case ast.Assign(targets=[target], value=value) if not isinstance(target, ast.Tuple):
            for operator in (ast.Add, ast.Sub, ast.Mult):
                yield 0, "assignment", [ast.AugAssign(target, operator(), value)]
        case ast.AugAssign(target=target, op=operator, value=value):
            yield 0, "assignment", [ast.Assign([target], value)]
            for other in OPERATORS[:4]:
                if not isinstance(operator, other):
                    yield 0, "operator", [ast.AugAssign(target, other(), value)]
            loaded = _loaded(target)
            yield 0, "copy", [ast.Assign([target], ast.BinOp(loaded, operator, value))]
        case ast.If(test=test, body=body, orelse=orelse):
            yield 0, "condition", [ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)]
            yield 1, "condition", body
        case ast.Break():
            yield 1, "needed", [ast.Continue()]
        case ast.Continue():
            yield 1, "needed", [ast.Break()]
        case ast.Expr(value=value) if not isinstance(value, ast.Constant):
            yield 1, "return", [ast.Return(value)]


def _with_body(block: ast.For | ast.While | ast.If, body: list[ast.stmt]) -> ast.stmt:
    fields = {name: getattr(block, name, None) for name in block._fields} | {"body": body}
    return ast.copy_location(type(block)(**fields), block)


# --- nodes ----------------------------------------------------------------------------------


def _is_stored(node: ast.AST) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)


def _is_module(node: ast.expr, holder: ast.AST) -> bool:
    """True for what stands before a dot."""
    return isinstance(holder, ast.Attribute)


def _may_be_number(node: ast.expr) -> bool:
    kinds = (ast.BinOp, ast.Name, ast.Call, ast.Subscript, ast.Attribute, ast.Constant)
    text = isinstance(node, ast.Constant) and not isinstance(node.value, int | float)
    return isinstance(node, kinds) and not text


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _number(value: int) -> ast.expr:
    return ast.Constant(value)


def _loaded(target: ast.expr) -> ast.expr:
    """What is assigned to, as a value."""
    if isinstance(target, ast.Name):
        return _name(target.id)
    if isinstance(target, ast.Subscript):
        return ast.Subscript(target.value, target.slice, ast.Load())
    return ast.Attribute(target.value, target.attr, ast.Load())


def _transposed(node: ast.expr) -> ast.Attribute:
    return ast.Attribute(node, "T", ast.Load())


def _width(name: str) -> ast.expr:
    """How many columns an array has."""
    shape = ast.Attribute(_name(name), "shape", ast.Load())
    return ast.Subscript(shape, ast.Constant(1), ast.Load())


def _of_numpy(scope: Scope, name: str) -> ast.Attribute:
    return ast.Attribute(_name(scope.numpy), name, ast.Load())
