"""The Report of one check: as a number, in words, and as HTML."""

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import markupsafe


@dataclass(frozen=True)
class Table:
    """Yours, expected and difference of one result, with the arguments that led to it.

    returned: False if the call returned nothing that could be shown. where: of a nested result,
    the entry that is shown, for example "[0][1]".
    """

    call: str
    yours: Any
    expected: Any
    returned: bool = True
    where: str = ""


@dataclass(frozen=True)
class Finding:
    """What came of one aspect: its points, and what was observed if it is not right."""

    says: str
    points: float
    out_of: int
    observed: str = ""
    table: Table | None = None

    @property
    def right(self) -> bool:
        """True if the aspect has all its points."""
        return self.points == self.out_of


@dataclass(frozen=True)
class Report:
    """What ``check`` found out about one function.

    outcome: "right", "partly right", "wrong", "not attempted", or "not marked" when what was
    checked is not an exercise. mistake: the named mistake's message, or "". line: where nothing is
    named, which of the student's lines to look at, or "". two: where only two causes
    together make the numbers, what is said of both. notes: what else was
    seen (warnings, prints, parts that are not right yet).
    """

    name: str
    outcome: str
    asks: str = ""
    findings: tuple[Finding, ...] = ()
    mistake: str = ""
    mistake_name: str = ""
    notes: tuple[str, ...] = ()
    line: str = ""
    two: str = ""

    @property
    def points(self) -> float:
        """The points reached."""
        return sum(finding.points for finding in self.findings)

    @property
    def out_of(self) -> int:
        """The points there are."""
        return sum(finding.out_of for finding in self.findings)

    @property
    def reason(self) -> str:
        """The outcome in a few words, for a table of many students."""
        if self.outcome in ("right", "not attempted"):
            return self.outcome
        observed = [finding.observed for finding in self.findings if finding.observed]
        return (
            self.mistake
            or self.two
            or next(iter(observed), "")
            or next(iter(self.notes), self.outcome)
        )

    def as_data(self) -> dict[str, Any]:
        """What scripts need of it, as JSON data."""
        return {
            "name": self.name,
            "outcome": self.outcome,
            "points": self.points,
            "out_of": self.out_of,
            "mistake": self.mistake_name,
            "reason": self.reason,
            "text": str(self),
        }

    def with_notes(self, *notes: str) -> "Report":
        """The same Report with further notes in front."""
        return replace(self, notes=(*notes, *self.notes))

    def __repr__(self) -> str:
        # nbgrader reads partial credit from text/plain: the number of points and nothing else.
        return f"{self.points:g}"

    def __str__(self) -> str:
        return _template("report.txt").render(report=self).strip()

    def _repr_html_(self) -> str:
        return _template("report.html").render(report=self)

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        # No further form of the output: its metadata carry what graders read.
        return {}, {"report": self.as_data()}


@dataclass(frozen=True)
class Hint:
    """One hint: its number (1 to 3; 0 if there is none) and its text."""

    number: int
    text: str

    def __repr__(self) -> str:
        return f"Hint {self.number} of 3: {self.text}" if self.number else self.text

    def _repr_html_(self) -> str:
        return _template("hint.html").render(hint=self)


@dataclass(frozen=True)
class Progress:
    """What is right so far in one assignment."""

    assignment: str
    reports: tuple[Report, ...]

    @property
    def points(self) -> float:
        """The points reached."""
        return sum(report.points for report in self.reports)

    @property
    def out_of(self) -> int:
        """The points there are."""
        return sum(report.out_of for report in self.reports)

    def as_data(self) -> dict[str, Any]:
        """What scripts need of it, as JSON data."""
        return {
            "assignment": self.assignment,
            "points": self.points,
            "out_of": self.out_of,
            "exercises": [report.as_data() for report in self.reports],
            "text": repr(self),
        }

    def __repr__(self) -> str:
        return _template("progress.txt").render(progress=self).strip()

    def _repr_html_(self) -> str:
        return _template("progress.html").render(progress=self)


# --- values as text -------------------------------------------------------------------------


def show(value: Any, room: int = 600) -> str:
    """A value in few characters: numbers to 6 digits, long arrays and long texts cut short."""
    text = _show(value)
    return text if len(text) <= room else f"{text[: room - 1]}…"


def _show(value: Any) -> str:
    if callable(value):
        return value.__doc__ or value.__name__
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, np.ndarray):
        return np.array2string(value, precision=6, separator=", ", threshold=12, edgeitems=3)
    if isinstance(value, list):
        return f"[{', '.join(map(_show, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_show, value))}{',' * (len(value) == 1)})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_show(entry)}' for key, entry in value.items())}}}"
    return repr(value)


def rows(table: Table) -> list[dict[str, Any]]:
    """The table entry by entry: index, yours, expected, difference, differs. Empty if the two
    are not numbers of one shape."""
    from course.classroom.plain import TOLERANCE, differences, leaves

    yours, expected = leaves(table.yours), leaves(table.expected)
    shapes = [{path: np.shape(leaf) for path, leaf in side.items()} for side in (yours, expected)]
    if shapes[0] != shapes[1] or sum(map(np.size, expected.values())) < 2:
        return []
    if not all(isinstance(leaf, np.ndarray) for leaf in [*yours.values(), *expected.values()]):
        return []
    return [
        {
            "index": f"{path}[{', '.join(map(str, index))}]" if index else path,
            "yours": f"{yours[path][index]:.6g}",
            "expected": f"{target[index]:.6g}",
            "difference": f"{float(yours[path][index]) - float(target[index]):.3g}"
            if differs[index]
            else "0",
            "differs": bool(differs[index]),
        }
        for path, target in expected.items()
        for differs in [differences(yours[path], target) > TOLERANCE]
        for index in np.ndindex(target.shape)
    ][:200]


def code(text: str) -> "markupsafe.Markup":
    """Text as HTML, with what stands between backticks as code."""
    import markupsafe

    return markupsafe.Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(markupsafe.escape(text))))


@cache
def _template(name: str):
    import jinja2  # only where a report is shown: it would slow the import of course.classroom

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("course.classroom"),
        autoescape=lambda name: name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(show=show, rows=rows, code=code)
    environment.globals.update(MARKS=MARKS)
    return environment.get_template(name)


#: Outcome -> (sign, colour); the sign and the word carry the meaning, the colour only helps.
MARKS = {
    "right": ("✓", "#0b7a75"),
    "partly right": ("◐", "#b35c00"),
    "wrong": ("✗", "#b3261e"),
    "not attempted": ("○", "#6b7280"),
    "not marked": ("?", "#6b7280"),
}
