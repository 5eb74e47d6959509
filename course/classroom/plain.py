"""Plain values: numbers, strings, None, arrays, lists, tuples and dicts.

Only these cross between a student's function and the marking. This module brings a value into
plain form, compares two of them, and writes them as JSON.
"""

import enum
from collections.abc import Iterable
from numbers import Real
from typing import Any

import numpy as np

#: Relative tolerance for a result on inputs that a student sees. Formulas that are equal on paper
#: agree far better; this leaves room for single precision on the way, and for a small number
#: added inside a logarithm or a denominator, or a clip.
TOLERANCE = 5e-5
#: Entries smaller than this part of the largest are measured against it: they may be what is left
#: of larger numbers that cancel.
FLOOR = 0.01
#: So much wider it is on inputs that nobody sees: what is right at the desk costs nothing later.
HIDDEN_ROOM = 10
#: So much wider it is for results that come as float32 or float16.
SINGLE_ROOM = 20
#: So far two wrong results may be apart and still be made by the same mistake.
SAME = 1e-5
#: Entries in one result, at most.
LARGEST = 1_000_000


class Unusable(Exception):
    """A value that is not plain; the message says what it is, in words for the student."""


def plain(value: Any, depth: int = 0) -> Any:
    """A copy of ``value`` made of plain values only: new arrays, Python numbers.

    Raises Unusable, with words for the student, for anything else.
    """
    if depth > 20:
        raise Unusable("lists inside lists, more than 20 deep")
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, enum.Enum):
        return plain(value.value, depth + 1)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, np.ndarray | np.generic):
        return _plain_array(np.asarray(value))
    if isinstance(value, list | tuple | dict) and len(value) > LARGEST:
        raise Unusable(f"a {type(value).__name__} with {len(value):,} entries")
    if isinstance(value, list):
        return [plain(entry, depth + 1) for entry in value]
    if isinstance(value, tuple):
        return tuple(plain(entry, depth + 1) for entry in value)
    if isinstance(value, dict):
        return {_plain_key(key): plain(entry, depth + 1) for key, entry in value.items()}
    if callable(value):
        raise Unusable("a function. Did you forget its parentheses?")
    if isinstance(value, Real):  # a Fraction, for one
        return float(value)
    if isinstance(value, set | frozenset):
        raise Unusable(f"a {type(value).__name__}, which keeps no order. Make it a list")
    if isinstance(value, Iterable):
        name = type(value).__name__
        raise Unusable(f"an object of type {name}, not a list: put `list(…)` around it")
    raise Unusable(f"an object of type {type(value).__name__}")


def _plain_key(key: Any) -> str | int:
    if isinstance(key, np.integer):
        return int(key)
    return key if type(key) in (str, int) else str(key)


def _plain_array(array: np.ndarray) -> Any:
    if array.size > LARGEST:
        raise Unusable(f"an array with {array.size:,} entries")
    if array.dtype.kind == "U" and array.ndim == 0:
        return array.item()
    if array.dtype.kind not in "biuf":
        kind = {"O": "an array of objects", "c": "an array of complex numbers"}
        raise Unusable(kind.get(array.dtype.kind, f"an array of {array.dtype.name}"))
    if array.ndim == 0 and array.dtype in (np.float64, np.int64, np.bool_):
        return array.item()
    return np.array(array)


# --- comparing ------------------------------------------------------------------------------


def as_numbers(value: Any) -> np.ndarray | None:
    """``value`` as one array of numbers, or None where it is not one (text, None, ragged lists)."""
    if value is None or isinstance(value, str | dict) or _holds_text(value):
        return None
    try:
        array = np.asarray(value)
    except ValueError:  # ragged
        return None
    return array if array.dtype.kind in "biuf" else None


def _holds_text(value: Any) -> bool:
    """True for a list with text in it: NumPy would give each entry the room of the longest."""
    if isinstance(value, list | tuple):
        return any(isinstance(entry, str) or _holds_text(entry) for entry in value)
    return False


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    """The arrays of numbers inside ``value``, and whatever else it holds, by where they stand.

    A number or an array is one leaf, with the path ""; the second entry of a list has "[1]".
    """
    numbers = as_numbers(value)
    if numbers is not None and not (isinstance(value, list | tuple) and is_structured(value)):
        return {path: numbers}
    if isinstance(value, list | tuple):
        entries = {f"{path}[{i}]": entry for i, entry in enumerate(value)}
    elif isinstance(value, dict):
        entries = {f"{path}[{key!r}]": entry for key, entry in value.items()}
    else:
        return {path: value}
    return {p: leaf for where, entry in entries.items() for p, leaf in leaves(entry, where).items()}


def is_structured(value: list | tuple) -> bool:
    """True for a list of arrays or of dicts, as opposed to numbers in nested lists."""
    return any(isinstance(entry, np.ndarray | dict) for entry in value)


def agree(value: Any, expected: Any, tolerance: float = TOLERANCE) -> bool:
    """True if ``value`` is ``expected`` up to rounding: same shape, each entry within tolerance.

    A list may stand for an array or a tuple, an array of numbers for a tuple. The tolerance is
    relative to the larger of the entry and a hundredth of the largest entry of its array;
    results in single precision have more room.
    Whole numbers must be met exactly by whole numbers, and to 1e-6 by others.
    """
    if isinstance(expected, dict):
        return (
            isinstance(value, dict)
            and value.keys() == expected.keys()
            and all(agree(value[key], expected[key], tolerance) for key in expected)
        )
    if expected is None or isinstance(expected, str):
        return type(value) is type(expected) and value == expected
    if type(expected) is int and type(value) is int:
        return value == expected
    target = as_numbers(expected)
    if target is None or isinstance(expected, tuple):  # a tuple holds quantities of several sizes
        return (
            isinstance(value, list | tuple | np.ndarray)
            and isinstance(expected, list | tuple)
            and getattr(value, "ndim", 1) > 0
            and len(value) == len(expected)
            and all(agree(v, e, tolerance) for v, e in zip(value, expected, strict=True))
        )
    entries = as_numbers(value)
    if entries is None or entries.shape != target.shape:
        return False
    if is_single(entries):
        tolerance *= SINGLE_ROOM
    elif target.dtype.kind in "biu":
        tolerance = min(tolerance, 1e-6)
    return relative_difference(entries, target) <= tolerance


def is_single(numbers: np.ndarray) -> bool:
    """True for arrays of 32 or 16 bit floats."""
    return numbers.dtype.kind == "f" and numbers.dtype.itemsize < 8


def relative_difference(numbers: np.ndarray, target: np.ndarray) -> float:
    """The largest relative difference of two arrays of one shape; inf where nan meets a number."""
    return float(np.max(differences(numbers, target), initial=0.0))


def differences(numbers: np.ndarray, target: np.ndarray, floor: float = FLOOR) -> np.ndarray:
    """Entry by entry, |numbers - target| / max(|target|, floor · max|target|)."""
    numbers, target = np.asarray(numbers, dtype=float), np.asarray(target, dtype=float)
    same = (numbers == target) | (np.isnan(numbers) & np.isnan(target))
    finite = np.isfinite(numbers) & np.isfinite(target)
    largest = np.max(np.abs(target), initial=0.0, where=np.isfinite(target))
    scale = np.maximum(np.abs(target), floor * largest)
    with np.errstate(all="ignore"):
        relative = np.abs(numbers - target) / np.where(scale > 0, scale, 1.0)
    return np.where(same, 0.0, np.where(finite, relative, np.inf))


def ratio(numbers: np.ndarray, target: np.ndarray) -> float | None:
    """r with numbers = r * target in every entry, or None: -1 is a sign, N sum against mean."""
    if not (np.all(np.isfinite(numbers)) and np.all(np.isfinite(target))):
        return None
    length = float(np.sum(np.square(target, dtype=float)))
    if length == 0:
        return None
    r = float(np.sum(np.multiply(numbers, target, dtype=float))) / length
    return r if r and agree(np.asarray(numbers, dtype=float), r * target, 1e-6) else None


# --- writing as JSON ------------------------------------------------------------------------


def to_json(value: Any) -> Any:
    """``value`` (plain) as JSON data, numbers kept to 12 digits so that every machine agrees."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else {"int": str(value)}
    if isinstance(value, float):
        rounded = float(f"{value:.12g}")
        return rounded if np.isfinite(rounded) else {"float": str(rounded)}
    if isinstance(value, np.ndarray):
        return {"array": to_json(_quiet(value).tolist()), "dtype": value.dtype.str}
    if isinstance(value, tuple):
        return {"tuple": [to_json(entry) for entry in value]}
    if isinstance(value, dict):
        return {"dict": [[key, to_json(entry)] for key, entry in value.items()]}
    return [to_json(entry) for entry in value]


def _quiet(array: np.ndarray) -> np.ndarray:
    """Rounding noise beside large entries becomes 0: it differs from machine to machine."""
    if array.dtype.kind != "f":
        return array
    largest = np.max(np.abs(array), initial=0.0, where=np.isfinite(array))
    return np.where(np.abs(array) < 1e-13 * largest, 0.0, array)


def from_json(data: Any) -> Any:
    """The plain value that ``to_json`` wrote."""
    if isinstance(data, list):
        return [from_json(entry) for entry in data]
    if not isinstance(data, dict):
        return data
    ((kind, content),) = ((key, data[key]) for key in data if key != "dtype")
    match kind:
        case "int":
            return int(content)
        case "float":
            return float(content)
        case "array":
            return np.array(from_json(content), dtype=data["dtype"])
        case "tuple":
            return tuple(from_json(entry) for entry in content)
        case _:
            return {key: from_json(entry) for key, entry in content}
