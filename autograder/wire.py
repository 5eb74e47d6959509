"""Frames between the grader and the cage: plain values only, with limits on everything.

A frame is four bytes of length, then JSON, then the bytes of its arrays. No pickle, no eval, no
object arrays. The reader trusts nothing: whatever is malformed, too large or too deep is a
WireError. This file runs on both sides, so it needs nothing but NumPy.
"""

import json
import os
import select
import socket
import struct
import time
from typing import Any

import numpy as np

#: Bytes of one frame, at most.
LARGEST_FRAME = 32 * 1024 * 1024
#: Of it, bytes of JSON where no other limit is given: an entry of a list takes many in memory.
LARGEST_JSON = 8 * 1024 * 1024
#: Bytes of JSON in what a call returns; arrays come on top.
MOST_RETURNED = 1024**2
DEEPEST = 24
#: Values of any kind in one frame, at most; an array is one.
MOST_VALUES = 200_000
#: Whole numbers as keys of a dict are smaller: larger ones can be chosen so that a dict takes
#: quadratic time to fill.
LARGEST_KEY = 2**53
#: Bytes of the room for a cell's outputs that each takes up at least.
EACH_OUTPUT = 4_000
#: Bits of a whole number, at most: Python writes out no more than 4,300 digits.
LARGEST_INT = 14_000
#: Types of array entries that may cross: whole numbers, floats and bools of up to 8 bytes.
DTYPES = frozenset("?" if k == "b" else f"{k}{n}" for k in "iuf" for n in (1, 2, 4, 8)) - {"f1"}
DTYPES |= {"b1"}


class WireError(Exception):
    """A frame that breaks the rules, or a connection that ended."""


class Late(WireError):
    """No complete frame came in time."""


# --- values ---------------------------------------------------------------------------------


def encode(value: Any, arrays: list[bytes], depth: int = 0) -> Any:
    """``value`` as JSON data; the bytes of its arrays are appended to ``arrays``.

    Raises WireError for what is not plain.
    """
    if depth > DEEPEST:
        raise WireError("too deep")
    kind = type(value)
    if value is None or kind in (bool, str):
        return value
    if kind is float:
        return value
    if kind is int:
        if value.bit_length() > LARGEST_INT:
            raise WireError("a whole number with too many digits")
        return value if abs(value) < 2**53 else {"i": hex(value)}
    if kind is np.ndarray:
        if value.dtype.str[1:] not in DTYPES or value.nbytes > LARGEST_FRAME:
            raise WireError("an array of this type or size does not cross")
        arrays.append(np.ascontiguousarray(value).tobytes())
        return {"a": [value.dtype.str, list(value.shape), len(arrays[-1])]}
    if kind in (list, tuple):
        return {"l" if kind is list else "t": [encode(v, arrays, depth + 1) for v in value]}
    if kind is dict:
        if not all(type(key) in (str, int) for key in value):
            raise WireError("a dict with other keys than text and whole numbers does not cross")
        if any(type(key) is int and abs(key) >= LARGEST_KEY for key in value):
            raise WireError("a dict with very large whole numbers as keys does not cross")
        return {"d": [[key, encode(entry, arrays, depth + 1)] for key, entry in value.items()]}
    if isinstance(value, Function):
        return {"f": value.number}
    raise WireError(f"a value of type {kind.__name__} does not cross")


class Function:
    """Stands for a function on the other side of the wire."""

    def __init__(self, number: int):
        self.number = number


def decode(data: Any, arrays: memoryview, depth: int = 0, deadline: float | None = None) -> Any:
    """The value that ``encode`` wrote; arrays are taken from the front of ``arrays`` in order.

    deadline: in time.monotonic() seconds; Late is raised after it.
    """
    return _Decoder(arrays, deadline).value(data, depth)


class _Decoder:
    """Walks through the data of one frame and takes array after array from its bytes."""

    def __init__(self, arrays: memoryview, deadline: float | None):
        self.arrays, self.offset, self.deadline, self.count = arrays, 0, deadline, 0

    def value(self, data: Any, depth: int = 0) -> Any:
        if depth > DEEPEST:
            raise WireError("too deep")
        self.count += 1
        if self.count > MOST_VALUES:
            raise WireError("too many values")
        if self.count % 1000 == 0 and self.deadline and time.monotonic() > self.deadline:
            raise Late("no answer in time")
        if data is None or type(data) in (bool, float):
            return data
        if type(data) is str:
            return data.encode("utf-8", "replace").decode()  # a lone surrogate fits no file
        if type(data) is int:
            if data.bit_length() > LARGEST_INT:
                raise WireError("a whole number with too many digits")
            return data
        if type(data) is not dict or len(data) != 1:
            raise WireError("malformed value")
        ((kind, content),) = data.items()
        match kind:
            case "i":
                return _whole_number(content)
            case "a":
                return self.array(content)
            case "l" | "t" if type(content) is list:
                entries = [self.value(entry, depth + 1) for entry in content]
                return entries if kind == "l" else tuple(entries)
            case "d" if type(content) is list:
                return {_key(k): self.value(v, depth + 1) for k, v in map(_pair, content)}
            case "f" if type(content) is int:
                return Function(content)
        raise WireError("malformed value")

    def array(self, content: Any) -> np.ndarray:
        if type(content) is not list or len(content) != 3:
            raise WireError("malformed array")
        dtype, shape, size = content
        if type(dtype) is not str or dtype[:1] not in "<>|=" or dtype[1:] not in DTYPES:
            raise WireError("malformed array")
        if type(shape) is not list or len(shape) > 8 or type(size) is not int:
            raise WireError("malformed array")
        if not all(type(n) is int and 0 <= n <= LARGEST_FRAME for n in shape):
            raise WireError("malformed array")
        entries = 1
        for n in shape:
            entries *= n
        if size != entries * np.dtype(dtype).itemsize or self.offset + size > len(self.arrays):
            raise WireError("malformed array")
        start, self.offset = self.offset, self.offset + size
        flat = np.frombuffer(self.arrays[start : self.offset], dtype=np.dtype(dtype))
        return flat.reshape(shape).copy()


def _whole_number(content: Any) -> int:
    if type(content) is not str or len(content) > LARGEST_INT // 4 + 4:
        raise WireError("malformed whole number")
    try:
        return int(content, 16)
    except ValueError:
        raise WireError("malformed whole number") from None


def _key(key: Any) -> str | int:
    if type(key) is int and abs(key) < LARGEST_KEY:
        return key
    if type(key) is str:
        return key.encode("utf-8", "replace").decode()
    raise WireError("malformed key")


def _pair(entry: Any) -> list:
    if type(entry) is not list or len(entry) != 2:
        raise WireError("malformed entry")
    return entry


# --- frames ---------------------------------------------------------------------------------


def send(
    connection: socket.socket, message: dict[str, Any], largest_json: int = LARGEST_JSON
) -> None:
    """Send one message, a dict of plain values."""
    arrays: list[bytes] = []
    header = json.dumps(encode(message, arrays)).encode("utf-8", "surrogatepass")
    body = b"".join([struct.pack("<I", len(header)), header, *arrays])
    if len(body) > LARGEST_FRAME or len(header) > largest_json:
        raise WireError("more than can be handed over")
    try:
        connection.sendall(struct.pack("<I", len(body)) + body)
    except TimeoutError:
        raise Late("the other side does not read") from None
    except OSError as error:
        raise WireError(f"the connection ended: {error}") from None


def receive(
    connection: socket.socket, deadline: float | None = None, largest_json: int = LARGEST_JSON
) -> dict[str, Any]:
    """The next message. deadline: in time.monotonic() seconds; Late is raised after it."""
    (length,) = struct.unpack("<I", _exactly(connection, 4, deadline))
    if not 4 <= length <= LARGEST_FRAME:
        raise WireError("a frame too large")
    body = memoryview(_exactly(connection, length, deadline))
    (header_length,) = struct.unpack("<I", body[:4])
    if header_length > min(length - 4, largest_json):
        raise WireError("malformed frame")
    try:
        data = json.loads(bytes(body[4 : 4 + header_length]))
        message = decode(data, body[4 + header_length :], deadline=deadline)
    except (ValueError, RecursionError, OverflowError) as error:
        raise WireError(f"malformed frame: {type(error).__name__}") from None
    if type(message) is not dict:
        raise WireError("malformed frame")
    return message


def _exactly(connection: socket.socket, size: int, deadline: float | None) -> bytearray:
    # Read no byte more than asked: a fork that inherits a read-ahead would answer twice.
    received = bytearray(size)
    view, got = memoryview(received), 0
    while got < size:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([connection], [], [], left)[0]:
                raise Late("no answer in time")
        try:
            n = connection.recv_into(view[got:])
        except OSError as error:
            raise WireError(f"the connection ended: {error}") from None
        if n == 0:
            raise WireError("the connection ended")
        got += n
    return received


def send_descriptor(connection: socket.socket, message: bytes, descriptor: int) -> None:
    """Send one byte together with an open file descriptor."""
    socket.send_fds(connection, [message], [descriptor])


def receive_descriptor(connection: socket.socket) -> tuple[bytes, socket.socket | None]:
    """One byte and the socket that came with it, if one did; b"" at the end."""
    message, descriptors, _, _ = socket.recv_fds(connection, 1, 1)
    for extra in descriptors[1:]:
        os.close(extra)
    return message, socket.socket(fileno=descriptors[0]) if descriptors else None
