"""A crash in a beginner's words: what Python's message usually means, with the shapes involved.

``sentence`` reads the exception and the student's own frame; it runs none of the student's code.
"""

import ast
import difflib
import linecache
import re
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

import numpy as np

#: A sentence, or "" where the rule does not fit after all.
Rule = Callable[["Crash", re.Match], str]


class Crash:
    """An exception with what is known of the place where it was raised.

    text: the exception's own. source: the expression that failed, or its line. left, right: its
    two sides, as source, where it is an operation.
    """

    def __init__(self, error: BaseException, trace: TracebackType | None, text: str):
        self.error, self.text = error, text
        self.names: Mapping[str, Any] = {}
        self.line = self.source = self.left = self.right = ""
        if trace is None:
            return
        frame = trace.tb_frame
        self.names = {**frame.f_globals, **frame.f_locals}
        self.line = linecache.getline(frame.f_code.co_filename, trace.tb_lineno, frame.f_globals)
        self.source = self._expression(trace) or self.line.strip()
        node = _parsed(self.source)
        if isinstance(node, ast.AugAssign):
            self.left, self.right = ast.unparse(node.target), ast.unparse(node.value)
        elif isinstance(node, ast.BinOp):
            self.left, self.right = ast.unparse(node.left), ast.unparse(node.right)
        elif isinstance(node, ast.Call) and len(node.args) == 2:
            self.left, self.right = map(ast.unparse, node.args)

    def _expression(self, trace: TracebackType) -> str:
        """The source of what failed, where it stands in one line."""
        places = list(trace.tb_frame.f_code.co_positions())
        number = trace.tb_lasti // 2
        first, last, start, end = places[number] if number < len(places) else (None,) * 4
        if first is None or first != last or first != trace.tb_lineno or start is None:
            return ""
        return self.line.encode()[start:end].decode(errors="replace")

    def value(self, source: str) -> Any:
        """What a name, or a name with ``.T``, stands for; raises LookupError for anything else."""
        node = _parsed(source)
        if isinstance(node, ast.Name):
            return self.names[node.id]
        if isinstance(node, ast.Attribute) and node.attr == "T":
            value = self.value(ast.unparse(node.value))
            if type(value) is np.ndarray:
                return value.T
        raise LookupError(source)

    def kind(self, source: str) -> str:
        """ "`W1` has shape (4, 3)", or "" where it is not known."""
        try:
            value = self.value(source)
        except LookupError:
            return ""
        if type(value) is np.ndarray:
            return f"`{source}` has shape {value.shape}"
        return f"`{source}` is {_type(type(value).__name__)}"

    def sides(self) -> str:
        """What is known of both sides, as a sentence, or ""."""
        known = [k for k in (self.kind(self.left), self.kind(self.right)) if self.left and k]
        return f" {' and '.join(known)}." if known else ""

    def near(self, name: str, names: Any = None) -> str:
        """A question for the name that is meant, or ""."""
        names = [n for n in (self.names if names is None else names) if not n.startswith("_")]
        same = [n for n in names if n.lower() == name.lower() and n != name]
        close = same or difflib.get_close_matches(name, names, n=1)
        return f" Did you mean `{close[0]}`?" if close else ""


def _parsed(source: str) -> ast.AST | None:
    for text in (source, f"({source})"):
        try:
            (statement,) = ast.parse(text.strip()).body
        except (SyntaxError, ValueError):
            continue
        return statement.value if isinstance(statement, ast.Expr) else statement
    return None


#: Names of types -> words.
TYPES = {
    "NoneType": "None",
    "function": "a function",
    "builtin_function_or_method": "a function",
    "method": "a function",
    "ufunc": "a function",
    "numpy.ufunc": "a function",
    "_ArrayFunctionDispatcher": "a function",
    "type": "a type",
    "list": "a list",
    "tuple": "a tuple",
    "dict": "a dict",
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "True or False",
    "range": "a range",
    "generator": "a generator",
    "module": "a module",
    "numpy.ndarray": "an array",
    "ndarray": "an array",
}


def _type(name: str) -> str:
    name = name.removeprefix("numpy.")
    if re.match(r"(float|int)\d+$", name):
        return "a number"
    return TYPES.get(name, f"of type {name}")


def sentence(error: BaseException, trace: TracebackType | None, text: str) -> str:
    """What the exception usually means, in one to three sentences; "" if no rule knows it.

    trace: the entry of the student's own code that is deepest. text: the exception's message.
    """
    crash = Crash(error, trace, text)
    for kinds, pattern, rule in RULES:
        if not any(base.__name__ in kinds for base in type(error).__mro__):
            continue
        found = re.search(pattern, text)
        words = found and (rule(crash, found) if callable(rule) else rule.format(*found.groups()))
        if words:
            return words
    return ""


# --- names and attributes -------------------------------------------------------------------


def _no_name(crash: Crash, found: re.Match) -> str:
    name = found[1]
    if name in ("np", "numpy", "math"):
        return f"`{name}` is not known here. Has the cell that imports it been run?"
    near = crash.near(name)
    ask = near or " Has the cell that makes it been run, and is it spelt as there?"
    return f"Nothing is called `{name}` here.{ask}"


def _no_attribute(crash: Crash, found: re.Match) -> str:
    kind, name = found[1], found[2]
    before = crash.source.rsplit(".", 1)[0] if "." in crash.source else "what stands before the dot"
    if kind == "NoneType":
        cause = "A function without `return` gives None, and so does a method that changes a list"
        return f"`{before}` is None here, and None has no `.{name}`. {cause}, as `append` does."
    if kind in ("list", "tuple") and hasattr(np.ndarray, name):
        return f"`{before}` is a {kind}; `.{name}` belongs to arrays. Make an array of it first."
    if kind in ("float", "int") or re.match(r"numpy\.(float|int)", kind):
        return f"`{before}` is a number here, not an array: it has no `.{name}`."
    if "function" in kind or kind == "method":
        return f"`{before}` is a function. Is it meant to be called, with parentheses after it?"
    if kind == "numpy.ndarray":
        near = crash.near(name, dir(np.ndarray))
        also = f" There is a function `np.{name}`." if hasattr(np, name) else ""
        return f"An array has no `.{name}`.{near or also}"
    return f"`{before}` is {_type(kind)} and has no `.{name}`."


def _not_in_module(crash: Crash, found: re.Match) -> str:
    module = crash.names.get(crash.source.split(".")[0])
    return f"`{found[1]}` has no `{found[2]}`.{crash.near(found[2], dir(module) if module else ())}"


# --- types ----------------------------------------------------------------------------------


def _power(crash: Crash, found: re.Match) -> str:
    if "^" not in crash.line:
        return ""
    return "In Python `^` does not raise to a power: it combines bits. A power is written `**`."


def _operands(crash: Crash, found: re.Match) -> str:
    operator, kinds = found[1], [found[2], found[3]]
    if operator.startswith("^"):
        return _power(crash, found)
    words = [_type(kind) for kind in kinds]
    sides = [crash.left, crash.right]
    for kind, word, side in zip(kinds, words, sides, strict=True):
        named = f"`{side}`" if side else "one of the two sides"
        if word == "a function":
            return f"{named} is a function that is not called: its parentheses are missing."
        if word == "None":
            return f"{named} is None here. Does a function lack its `return`, or was `append` kept?"
        if kind == "str":
            return f"{named} is text, the other side is not. Text is not calculated with."
    for word, side in zip(words, sides, strict=True):
        named = f"`{side}`" if side else "one of the two sides"
        if word in ("a list", "a tuple", "a dict"):
            return f"{named} is {word}. Only arrays are calculated with entry by entry."
    return f"`{operator}` does not work between {words[0]} and {words[1]}."


def _not_callable(crash: Crash, found: re.Match) -> str:
    callee = crash.source.split("(")[0].strip() if "(" in crash.source else ""
    word = _type(found[1])
    if callee.isidentifier():
        also = (
            " It is the name of a function of Python's too." if callee in dir(__builtins__) else ""
        )
        brackets = " An entry is taken with square brackets." if word in ENTRIES else ""
        return f"`{callee}` is {word} here, and parentheses after it call it.{brackets}{also}"
    return (
        f"Parentheses after {word} are taken for a call. Is a `*` missing between the two, or a "
        "comma?"
    )


ENTRIES = ("an array", "a list", "a tuple", "a dict")


def _no_entries(crash: Crash, found: re.Match) -> str:
    what = crash.source.split("[")[0].strip() or "what stands before the square brackets"
    word = _type(found[1])
    if word == "a function":
        return f"`{what}` is a function: it is called with round parentheses."
    return f"`{what}` is {word} here: it has no entries that square brackets could take."


def _not_a_sequence(crash: Crash, found: re.Match) -> str:
    word = _type(found[1])
    if word == "a number":
        return (
            "A single number stands where several values are gone through or taken apart. "
            "A loop over 0, 1, 2, … runs over a `range`."
        )
    return (
        f"{word[0].upper()}{word[1:]} stands where several values are gone through or taken apart."
    )


def _one_number(crash: Crash, found: re.Match) -> str:
    if "math." in crash.line:
        return "The functions of `math` take one number; an array came. Those of `np` take arrays."
    return "One number is needed here, and an array with several came."


def _of_sequence(crash: Crash, found: re.Match) -> str:
    return (
        "A list or a tuple is multiplied by a number: that repeats it, it does not multiply its "
        "entries. Make an array of it, or go through its entries."
    )


def _unary(crash: Crash, found: re.Match) -> str:
    word = _type(found[1])
    more = " Are its parentheses missing?" if word == "a function" else ""
    more = more or (" Make an array of it first." if word in ("a list", "a tuple") else "")
    return f"A sign stands before {word}.{more}"


# --- shapes ---------------------------------------------------------------------------------


def _product(crash: Crash, found: re.Match) -> str:
    return (
        f"The shapes do not fit together in a matrix product ({found[0]}).{crash.sides()} The "
        "left one needs as many columns as the right one has rows."
    )


def _no_matrix(crash: Crash, found: re.Match) -> str:
    return (
        f"A matrix product needs two arrays, and one of the two is None or a number.{crash.sides()}"
    )


def _not_together(crash: Crash, found: re.Match) -> str:
    shapes = re.findall(r"\(([\d,]+)\)", crash.text)
    sizes = [tuple(int(n) for n in shape.split(",") if n) for shape in shapes[:2]]
    product = ""
    if len(sizes) == 2 and len(sizes[0]) == 2 and sizes[0][1] == sizes[1][0]:
        product = " As a matrix product, `@`, they would fit."
    shown = crash.sides() or f" They have the shapes {' and '.join(map(str, sizes))}."
    return f"The two sides do not fit together entry by entry.{shown}{product}"


def _kept_shape(crash: Crash, found: re.Match) -> str:
    return (
        f"What is written does not fit into the place it goes to ({crash.text.split(': ')[-1]}). "
        "Changing an array in place keeps its shape."
    )


def _ragged(crash: Crash, found: re.Match) -> str:
    return (
        "An array is made of parts of different shapes. Does one of them come from a function "
        "that returns a pair, or are rows of different lengths put together?"
    )


def _position(crash: Crash, found: re.Match) -> str:
    what = crash.source.split("[")[0].strip()
    try:
        count = len(crash.value(what))
    except (LookupError, TypeError):
        return "An entry is asked for that the list does not have. Its entries begin with number 0."
    return (
        f"`{what}` has {count} entries, and the first has number 0. One beyond them is asked for."
    )


def _key(crash: Crash, found: re.Match) -> str:
    what = crash.source.split("[")[0].strip()
    try:
        keys = [repr(key)[:30] for key in list(crash.value(what))[:8]]
    except (LookupError, TypeError):
        return f"The dict has no key {found[0]}."
    return f"`{what}` has no key {found[0]}; it has {', '.join(keys) or 'none'}."


def _zero(crash: Crash, found: re.Match) -> str:
    what = f"`{crash.right}` is 0 here" if crash.right else "What it divides by is 0 here"
    return f"{what}, and nothing can be divided by it."


def _arguments(crash: Crash, found: re.Match) -> str:
    return f"`{found[1]}` is called with the wrong number of arguments: it {found[2]}."


#: (types of exceptions, pattern of the message, sentence), the first that fits counts.
RULES: list[tuple[tuple[str, ...], str, str | Rule]] = [
    (("UnboundLocalError",), r"local variable '?(\w+)'?", "`{0}` is used before it has a value: "
     "inside a function, a name that is assigned there is its own. Give it a value first."),
    (("NameError",), r"name '(\w+)' is not defined", _no_name),
    (("AttributeError",), r"module '(\w+)' has no attribute '(\w+)'", _not_in_module),
    (("AttributeError",), r"'([\w.]+)' object has no attribute '(\w+)'", _no_attribute),
    (("TypeError",), r"bitwise_xor", _power),
    (("TypeError",), r"unsupported operand type\(s\) for (.+?): '(.+?)' and '(.+?)'", _operands),
    (("TypeError",), r"can only concatenate str",
     "One of the two sides is text, the other is not. Text is not calculated with."),
    (("TypeError",), r"can only concatenate (\w+) \(not \"(.+?)\"\)",
     "`+` puts a {0} and another {0} end to end; the other side is something else. For numbers "
     "that are added entry by entry, make arrays first."),
    (("TypeError",), r"'(.+?)' object is not callable", _not_callable),
    (("TypeError",), r"'(.+?)' object is not subscriptable", _no_entries),
    (("IndexError",), r"invalid index to scalar variable()",
     "One number stands there, not an array: it has no entries that square brackets could take."),
    (("TypeError",), r"cannot unpack non-iterable (\S+) object", _not_a_sequence),
    (("TypeError",), r"'(.+?)' object is not iterable", _not_a_sequence),
    (("TypeError",), r"iteration over a 0-d array()", "A single number stands where several "
     "values are gone through."),
    (("TypeError",), r"object of type '(.+?)' has no len", lambda c, m:
     f"`len` counts entries, and {_type(m[1])} came. Numbers have none."),
    (("TypeError",), r"len\(\) of unsized object", "`len` counts entries, and a number came."),
    (("TypeError",), r"can't multiply sequence by non-int", _of_sequence),
    (("TypeError",), r"(length-1|size-1|0-dimensional) arrays can be converted", _one_number),
    (("TypeError",), r"must be real number, not (\S+)", lambda c, m:
     f"A number is needed here, and {_type(m[1])} came."),
    (("TypeError",), r"bad operand type for unary \S+ '(.+?)'", _unary),
    (("TypeError",), r"cannot be interpreted as an integer|sequence of integers",
     "A whole number is needed here, as in `range` or a shape. `/` always gives "
     "a float, `//` a whole number of whole numbers."),
    (("TypeError",), r"list indices must be integers or slices, not tuple", "A list is indexed "
     "with a row and a column. Only an array is: make one of it, or index twice."),
    (("TypeError",), r"indices must be integers or slices, not (\w+)", lambda c, m:
     f"The index is {_type(m[1])}; entries are numbered with whole numbers."),
    (("TypeError",), r"'(.+?)' object does not support item assignment", lambda c, m:
     f"{_type(m[1]).capitalize()} has no entries that could be given a new value."
     + (" Make a list of it first." if m[1] == "tuple" else "")),
    (("TypeError",), r"'(\S+)' not supported between instances of '(.+?)' and '(.+?)'",
     lambda c, m: f"`{m[1]}` cannot compare {_type(m[2])} with {_type(m[3])}."
     + " Are the parentheses of a call missing?"
     * ("a function" in (_type(m[2]), _type(m[3])))),
    (("TypeError",), r"(\w+)\(\) (takes .+)", _arguments),
    (("TypeError",), r"(\w+)\(\) (missing .+)", _arguments),
    (("TypeError",), r"(\w+)\(\) got an unexpected keyword argument '(\w+)'",
     "`{0}` knows no argument called `{1}`."),
    (("TypeError",), r"ufunc '(\w+)' not supported|loop of ufunc does not support", lambda c, m:
     "A function of NumPy got something that is no number: None, text, or a function that is not "
     f"called.{c.sides()}"),
    (("UFuncTypeError", "TypeError"), r"Cannot cast ufunc|Cannot cast (.+) from", "Numbers with a "
     "fraction are put into an array of whole numbers, in place. Make a new array instead, or one "
     "of floats."),
    (("TypeError",), r"unhashable type: '(.+?)'", lambda c, m:
     f"{_type(m[1]).capitalize()} cannot be a key of a dict or an entry of a set."),
    (("ValueError",), r"size \d+ is different from \d+", _product),
    (("ValueError",), r"shapes .+ not aligned", _product),
    (("ValueError",), r"does not have enough dimensions", _no_matrix),
    (("TypeError", "ValueError"), r"gufunc|matmul", _no_matrix),
    (("ValueError",), r"could not be broadcast together", _not_together),
    (("ValueError",), r"could not broadcast input array|non-broadcastable output", _kept_shape),
    (("ValueError",), r"truth value of an array", "A condition stands on a whole array: it holds "
     "for some entries and not for others. Look at one entry at a time, or use `np.where`."),
    (("ValueError",), r"inhomogeneous shape", _ragged),
    (("ValueError",), r"setting an array element with a sequence", "One entry of an array is given "
     "several numbers at once."),
    (("ValueError",), r"too many values to unpack \(expected (\d+)", "More values "
     "come than the {0} names on the left take."),
    (("ValueError",), r"not enough values to unpack \(expected (\d+), got (\d+)", "{0} names stand "
     "on the left, and {1} come. How many does the right side return?"),
    (("ValueError", "IndexError"), r"axis (-?\d+) is out of bounds for array of dimension (\d+)",
     "There is no axis {0}: the array has {1} of them, and the first has number 0."),
    (("ValueError",), r"cannot reshape array of size (\d+) into shape (\(.+?\))", "An array of {0} "
     "entries cannot be given the shape {1}: it has another number of entries."),
    (("ValueError",), r"math domain error|expected a (positive|nonnegative) input", "A function of "
     "`math` got a number for which it is not defined: the log or the root of a negative one, or "
     "log(0)."),
    (("ValueError",), r"empty (sequence|iterable)|zero-size array", "The largest or the "
     "smallest of nothing is asked for: the list is empty here."),
    (("ValueError",), r"(.+) is not in list", "{0} is looked for in a list that does not hold it."),
    (("ValueError",), r"could not convert string to float: (.+)", "The text {0} is no number."),
    (("IndexError",), r"(list|tuple) (assignment )?index out of range", _position),
    (("IndexError",), r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)", "Entry "
     "number {0} is asked for along axis {1}, which has {2}. The first has number 0."),
    (("IndexError",), r"too many indices.*is (\d+)-dimensional, but (\d+)", "{1} indices for an "
     "array that has {0} of them (shape of {0}). Is it an array of another shape than you expect?"),
    (("IndexError",), r"only integers, slices|must be of integer", "The index is no whole number."),
    (("IndexError",), r"pop from empty list", "An entry is taken out of a list that is empty."),
    (("KeyError",), r".+", _key),
    (("ZeroDivisionError",), r"", _zero),
    (("OverflowError",), r"", "A number became larger than Python can hold. Is a large one put "
     "into `exp`, or do the numbers grow from step to step?"),
    (("ModuleNotFoundError",), r"No module named '(.+?)'", "The package `{0}` is not installed. "
     "The exercises need none but NumPy."),
    (("LinAlgError",), r"Singular", "A matrix that has no inverse is to be inverted."),
    (("LinAlgError",), r"(\d)-dimensional array given", "A matrix is needed; the array has {0} "
     "dimensions."),
    (("StdinNotImplementedError", "EOFError"), r"", "It asks for something with `input`. Nobody "
     "is there to answer: everything that it needs is in its arguments."),
    (("AssertionError",), r"", "An `assert` of yours does not hold here."),
    (("StopIteration",), r"", "`next` asks for more than there is."),
]  # fmt: skip
