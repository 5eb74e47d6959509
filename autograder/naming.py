"""How learning-management systems name the files in "download all submissions".

Each pattern matches a file's path below the place where the archive's own folders end.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Place:
    """What a path says. who: the name or user name. number: the system's own number of the person.

    file: the student's file. time: digits of when it was handed in, by the system's clock, or "".
    order: of several attempts, a higher one is newer. late: the system calls it late.
    """

    scheme: str
    who: str
    file: str
    number: str = ""
    time: str = ""
    order: int = 0
    late: bool = False


@dataclass(frozen=True)
class Scheme:
    """A system's way of naming. exact: nothing else is called so."""

    name: str
    pattern: re.Pattern
    exact: bool = True


WORD = r"(?:attempt|Versuch|tentative|intento|poging|tentativo)"
SCHEMES = [
    Scheme(
        "Moodle",
        re.compile(
            r"(?P<who>[^/]+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?/?(?P<file>.+)"
        ),
    ),
    Scheme(
        "Blackboard",
        re.compile(
            rf"(?P<who>[^/]+)_{WORD}_(?P<time>\d{{4}}(?:-\d\d){{5}})(?:_(?P<file>.+)|\.txt)"
        ),
    ),
    Scheme("Gradescope", re.compile(r"submission_(?P<number>\d+)/(?P<file>.+)")),
    Scheme(
        "ILIAS",
        re.compile(
            r"(?:Team_\d+/)?(?P<last>[^_/]+)_(?P<first>[^_/]+)_(?P<who>[^/]+)_(?P<number>\d+)/"
            r"(?:(?P<time>\d{14})_)?(?P<file>.+)"
        ),
    ),
    Scheme(
        "Canvas",
        re.compile(
            r"(?P<who>[^_/]+)_(?:(?P<late>(?i:late))_)?(?P<number>\d+)_(?P<order>\d+)_(?P<file>[^/]+)"
        ),
    ),
    Scheme("Google Classroom", re.compile(r"(?P<file>(?P<who>[^/]+? - [^/]+))"), exact=False),
    Scheme("folders", re.compile(r"(?P<who>[^/]+)/(?P<file>.+)"), exact=False),
    Scheme("files", re.compile(r"(?P<file>(?P<who>[^/]+))"), exact=False),
]
#: Folders of an archive's own that may stand above the students' files.
MOST_ABOVE = 4


def places(paths: Sequence[str], assignment: str) -> tuple[str, dict[str, Place]]:
    """The scheme by which the paths are named, and what each says; those that do not fit are left.

    The scheme is the one that fits most; an exact one only has to fit a third of all.
    """
    own = re.compile(rf"(?P<who>[^/]+)/{re.escape(assignment)}/(?P<file>.+)")
    schemes = [*SCHEMES[:5], Scheme("nbgrader", own), *SCHEMES[5:]]
    best: tuple[str, dict[str, Place]] = ("", {})
    for scheme in schemes:
        for above in range(MOST_ABOVE):
            found = {
                path: place
                for path in paths
                if (place := fitting(scheme, "/".join(path.split("/")[above:])))
            }
            if scheme.exact and 3 * len(found) >= len(paths) and len(found) > len(best[1]):
                best = (scheme.name, found)
        if best[1]:
            return best
    return by_folders(paths)


def by_folders(paths: Sequence[str]) -> tuple[str, dict[str, Place]]:
    """What the paths say where no system's own way of naming fits."""
    shared = 0  # folders that all paths have in common are the archive's
    parts = [path.split("/") for path in paths]
    while len(paths) > 1 and all(
        len(p) > shared + 1 and p[shared] == parts[0][shared] for p in parts
    ):
        shared += 1
    below = {path: "/".join(p[shared:]) for path, p in zip(paths, parts, strict=True)}
    best: tuple[str, dict[str, Place]] = ("", {})
    for scheme in SCHEMES[5:]:
        found = {path: place for path, rest in below.items() if (place := fitting(scheme, rest))}
        if 2 * len(found) >= len(paths) and len(found) > len(best[1]):
            best = (scheme.name, found)
    return best


def fitting(scheme: Scheme, path: str) -> Place | None:
    """What a path says by a scheme; None if it does not fit."""
    match = path and scheme.pattern.fullmatch(path)
    if not match:
        return None
    found = defaultdict(str, {key: text for key, text in match.groupdict().items() if text})
    who = found["who"]
    if scheme.name == "ILIAS":
        who = f"{found['last']}/{found['first']}/{who}"
    return Place(
        scheme.name,
        who,
        found["file"],
        found["number"],
        re.sub(r"\D", "", found["time"]),
        int(found["order"][:18] or 0),
        bool(found["late"]),
    )


def clock(digits: str) -> datetime | None:
    """A time from its fourteen digits; None if they are no time."""
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S")
    except ValueError:
        return None


def without_number(file: str, stem: str) -> str:
    """A file's name without the "-1" of Canvas or the " (1)" of a browser."""
    return re.sub(rf"^({re.escape(stem)})(?:-\d+| ?\(\d+\))(\.\w+)$", r"\1\2", file)
