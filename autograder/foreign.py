"""Text and pictures that somebody else made, before they reach a terminal, a table or a page."""

import re
import unicodedata
from typing import Any

#: What terminals take for commands: colours and the like, titles, the clipboard.
COMMANDS = re.compile(
    r"\x1b\[[0-?]{0,40}[ -/]{0,8}[@-~]|\x1b[\]PX^_][^\x07\x1b\x9c]{0,500}(?:\x07|\x1b\\|\x9c)"
)
#: Characters that say nothing to see: controls, marks of direction, halves of pairs.
UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
#: They join letters and pictures in several scripts.
JOINERS = "\u200c\u200d"
#: What spreadsheets take for a formula when a cell begins with it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: Points of a picture that is kept, in all.
MOST_POINTS = 16_000_000
PNG = b"\x89PNG\r\n\x1a\n"


def printable(text: Any, lines: bool = True) -> str:
    """Any text as it can be shown anywhere: without commands to a terminal, all characters seen.

    lines: line breaks and tabs stay; else they are seen as \ufffd as well.
    """
    text = str(text)
    if text.isascii() and text.isprintable():
        return text
    kept = JOINERS + ("\n\t" if lines else "")
    text = COMMANDS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(
        c if c in kept or unicodedata.category(c) not in UNSEEN else "\ufffd" for c in text
    )


def in_a_row(text: Any) -> str:
    """Any text as it can stand in one line of a table, or on a terminal."""
    return printable(text, lines=False)


def for_spreadsheet(text: Any) -> Any:
    """A text that no spreadsheet takes for a formula; what is no text stays as it is."""
    if not isinstance(text, str):
        return text
    text = in_a_row(text)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


def has_png_header(content: bytes) -> bool:
    """True for a PNG of a size that can be shown: a small file can hold gigabytes of one colour."""
    if not content.startswith(PNG) or content[12:16] != b"IHDR":
        return False
    width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
    return 0 < width * height <= MOST_POINTS
