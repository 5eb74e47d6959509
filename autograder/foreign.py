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
JPEG = b"\xff\xd8\xff"
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
    return content.startswith(PNG) and 0 < points(content) <= MOST_POINTS and not moves(content)


def points(content: bytes) -> int:
    """Points of a PNG or JPEG picture, as its header has it; 0 for anything else.

    Read here and not by a library for pictures: that would take apart a stranger's file.
    """
    if content.startswith(PNG) and content[12:16] == b"IHDR":
        width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
        return width * height
    at = 2
    while content.startswith(JPEG) and at + 9 <= len(content) and content[at] == 0xFF:
        kind, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = (int.from_bytes(content[i : i + 2], "big") for i in (at + 5, at + 7))
            return width * height
        at += 1 if kind == 0xFF else 2 + max(length, 2)
    return 0


def moves(content: bytes) -> bool:
    """True for a PNG with many pictures in it, each as large as the first."""
    at = len(PNG)
    while at + 8 <= len(content):
        if content[at + 4 : at + 8] == b"acTL":
            return True
        at += 12 + int.from_bytes(content[at : at + 4], "big")
    return False
