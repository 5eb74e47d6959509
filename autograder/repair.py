"""Repairs a damaged submission, so that every exercise in it can be graded.

A submission is compared with the released cells, cell by cell. What the student wrote is never
changed; what the release wrote is put back.
"""

import base64
import binascii
import contextlib
import json
import os
import re
import resource
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from autograder.foreign import JPEG, PNG, moves, points
from autograder.sandbox import limit_memory


def _new_cell(kind: str, source: str, id: str) -> NotebookNode:
    # As nbformat makes it, but not held against the schema: that is done for the whole notebook.
    ran = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return NotebookNode(id=id, cell_type=kind, metadata=NotebookNode(), source=source, **ran)


NEW_CELL = {kind: partial(_new_cell, kind) for kind in ("code", "markdown", "raw")}

#: Bytes of a notebook, with its outputs. Beyond, it is not read.
LARGEST = 512 * 1024**2
MOST_CELLS = 2_000
#: Characters in all cells together.
MOST_TEXT = 16 * 1024**2
#: Bytes of memory that reading a notebook may take.
MOST_MEMORY = 2 * 1024**3
#: Notebooks of one submission that are looked into for the one that is meant.
MOST_NOTEBOOKS = 20
#: Bytes of one attached picture, in base64.
LARGEST_PICTURE = 8 * 1024**2
#: Of all attached pictures of a notebook; and points of one and of all, which a small file can
#: have very many of.
LARGEST_PICTURES = 24 * 1024**2
MOST_POINTS, MOST_POINTS_IN_ALL = 64_000_000, 256_000_000
PICTURES = {"image/png": PNG, "image/jpeg": JPEG}


class Unreadable(Exception):
    """A file that is not a notebook; the message says why, for the student."""


# --- reading --------------------------------------------------------------------------------


def read(path: Path) -> NotebookNode:
    """The notebook in ``path``: its cells with their text and nbgrader's metadata, nothing else.

    Whatever else a file may hold (outputs, ids, tags, widget states) is left behind. Of
    attachments, PNG and JPEG pictures are kept. Raises Unreadable.
    """
    name = plain(path.name)
    if path.is_symlink():
        raise Unreadable(f"{name} is a link, not a file.")
    try:
        if not path.is_file():
            raise Unreadable(f"{name} is not a file.")
        if path.stat().st_size > LARGEST:
            size, most = path.stat().st_size // 1024**2, LARGEST // 1024**2
            raise Unreadable(f"{name} is too large: {size} MB, and at most {most} are read.")
        text = _text(path)
    except OSError as problem:
        raise Unreadable(f"{name} cannot be read: {problem.strerror}.") from None
    if not text or text.isspace():
        raise Unreadable(f"{name} is empty.")
    try:
        with memory_for(MOST_MEMORY):
            # Numbers as floats: there is no limit to the digits that a file may hold.
            content = json.loads(text, object_hook=_without_outputs, parse_int=float)
    except MemoryError:
        raise Unreadable(f"{name} holds more than can be read.") from None
    except RecursionError:
        raise Unreadable(f"{name} is damaged: it is nested too deeply.") from None
    except ValueError:
        raise Unreadable(f"{name} is damaged: it is not valid JSON.") from None
    cells = _cells(content)
    if cells is None:
        raise Unreadable(f"{name} is JSON, but not a notebook.")
    if len(cells) > MOST_CELLS:
        raise Unreadable(f"{name} has {len(cells)} cells, and at most {MOST_CELLS} are read.")
    if sum(map(_length, cells)) > MOST_TEXT:
        raise Unreadable(f"{name} holds more text than is read: over {MOST_TEXT // 1024**2} MB.")
    nb = new_notebook(cells=[_bare(cell, i) for i, cell in enumerate(cells)])
    _limit_pictures(nb)
    return nb


@contextlib.contextmanager
def memory_for(more: int) -> Iterator[None]:
    """Let this process take ``more`` bytes of memory in the block; then a MemoryError is raised."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit_memory(more)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _text(path: Path) -> str:
    """The text of a file in any encoding of Unicode; bytes that are none become question marks."""
    with path.open("rb") as file:
        encoding = json.detect_encoding(file.read(4))
    return path.read_text(encoding, errors="replace")


def _without_outputs(found: dict) -> dict:
    """Forget outputs as soon as they are parsed: they may be larger than all else together."""
    found.pop("outputs", None)
    return found


def _cells(content: Any) -> list[dict] | None:
    """The cells of a notebook of any format: up to nbformat 3, they are in worksheets."""
    if not isinstance(content, dict):
        return None
    sheets = [content] if isinstance(content.get("cells"), list) else content.get("worksheets")
    if not isinstance(sheets, list):
        return None
    found = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
    return [c for cells in found if isinstance(cells, list) for c in cells if isinstance(c, dict)]


def _length(cell: dict) -> int:
    """Characters of a cell, each line of a list counted as ten at least."""
    source = cell.get("source", cell.get("input"))
    if type(source) is list:
        return sum(max(10, len(line)) for line in source if type(line) is str)
    return len(source) if type(source) is str else 0


def _bare(cell: dict, number: int) -> NotebookNode:
    kind, source = cell.get("cell_type"), cell.get("source", cell.get("input"))
    text = "".join(s for s in source if type(s) is str) if type(source) is list else source
    # Half of a surrogate pair can stand in JSON, but in no file that is written from here on.
    text = text.encode(errors="replace").decode() if type(text) is str else ""
    if kind == "heading":  # in nbformat 3
        kind, text = "markdown", f"# {text}"
    kind = kind if type(kind) is str and kind in NEW_CELL else "raw"
    bare = NEW_CELL[kind](text.replace("\r\n", "\n"), id=f"cell-{number}")
    metadata = cell.get("metadata")
    mark = metadata.get("nbgrader") if type(metadata) is dict else None
    if type(mark) is dict:
        marks = {key: mark[key] for key in DECISIVE if type(mark.get(key)) in (str, float, bool)}
        bare.metadata["nbgrader"] = nbformat.from_dict(marks)
    if kind == "markdown" and cell.get("attachments"):
        bare["attachments"] = _pictures(cell["attachments"])
    return bare


def _pictures(attachments: Any) -> NotebookNode:
    """The PNG and JPEG pictures among a cell's attachments, by name and type."""
    kept = NotebookNode()
    for name, bundle in attachments.items() if type(attachments) is dict else ():
        if type(bundle) is dict:
            kept[plain(name)] = NotebookNode({t: bundle[t] for t in PICTURES if _is(bundle, t)})
    return NotebookNode({name: bundle for name, bundle in kept.items() if bundle})


def _limit_pictures(nb: NotebookNode) -> None:
    """Leave out attached pictures beyond what can be shown in all."""
    size = many = 0
    for cell in nb.cells:
        for name, bundle in list(cell.get("attachments", {}).items()):
            size += sum(map(len, bundle.values()))
            many += sum(points(base64.b64decode(text)) for text in bundle.values())
            if size > LARGEST_PICTURES or many > MOST_POINTS_IN_ALL:
                del cell.attachments[name]


def _is(bundle: dict, kind: str) -> bool:
    text = bundle.get(kind)
    if type(text) is not str or len(text) > LARGEST_PICTURE:
        return False
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    known = content.startswith(PICTURES[kind]) and 0 < points(content) <= MOST_POINTS
    return known and not (kind == "image/png" and moves(content))


def plain(name: str, room: int = 80) -> str:
    """A file's name as it can stand in any sentence: no line breaks, no HTML, not too long."""
    name = "".join(c if c.isprintable() and c not in "<>&`$*\\[]|" else "?" for c in name)
    return name if len(name) <= room else f"{name[: room - 1]}…"


# --- finding --------------------------------------------------------------------------------


def find(expected: Path, released: "list[Released]") -> tuple[Path | None, list[Path]]:
    """The file that stands for the notebook ``expected``, and the notebooks beside it.

    That is the file of this name; or else, or where it cannot be read, the one with the most
    cells of the release. Below the folder it is looked for only where there is none in it.
    """
    folder = expected.parent
    if folder.is_symlink():
        raise Unreadable(f"{plain(folder.name)} is a link, not a folder.")
    there = [path for path in files_below(folder) if path.suffix.lower() == ".ipynb"]
    if expected not in there and os.path.isfile(expected):  # beside very many others
        there.append(expected)
    files = sorted(path for path in there if path.parent == folder) or sorted(there)
    files.sort(key=lambda path: path != expected)
    if len(files) < 2:
        return (files[0] if files else None), []
    known = {path: _known_cells(path, released) for path in files[:MOST_NOTEBOOKS]}
    chosen = max(known, key=known.get)
    if known.get(expected, -1) >= 0:
        chosen = expected
    return chosen, [path for path in files if path != chosen]


def _known_cells(path: Path, released: "list[Released]") -> int:
    try:
        cells = read(path).cells
    except Unreadable:
        return -1
    return len(match(cells, released))


#: Files and folders of a submission that are looked at.
MOST_FILES = 5_000


def files_below(folder: Path) -> Iterator[Path]:
    """The files in a folder and below, links to files too; nothing hidden, no caches.

    Folders that are links are not entered. Those deep below come last, and only so many come.
    """
    return (path for path, is_folder in islice(_below(folder), MOST_FILES) if not is_folder)


def holds_too_much(folder: Path) -> bool:
    """True if there is more in a folder than ``files_below`` looks at."""
    return next(islice(_below(folder), MOST_FILES, None), None) is not None


def _below(folder: Path) -> Iterator[tuple[Path, bool]]:
    waiting = [folder]
    for place in waiting:
        try:
            some = islice(os.scandir(place), 2 * MOST_FILES)
            entries = sorted(some, key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if entry.name.startswith(".") or entry.name == "__pycache__":
                continue
            is_folder = entry.is_dir(follow_symlinks=False)
            if is_folder:
                waiting.append(Path(entry))
            yield Path(entry), is_folder


# --- the release ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Released:
    """A cell as it was handed out. points: None where nothing is graded."""

    name: str
    cell_type: str
    source: str
    checksum: str | None
    locked: bool
    solution: bool
    task: bool
    points: float | None

    @property
    def kind(self) -> str:
        """What the cell is, in words for the student."""
        if self.solution or self.task:
            return f"the cell of `{self.name}`"
        if self.points is None:
            return "a read-only cell"
        text = self.source.strip()
        return f"the check cell `{text}`" if "\n" not in text else f"the test `{self.name}`"

    @cached_property
    def metadata(self) -> NotebookNode:
        """nbgrader's metadata of this cell."""
        mark = {
            "schema_version": 3,
            "grade_id": self.name,
            "grade": self.points is not None and not self.task,
            "solution": self.solution,
            "locked": self.locked,
            "task": self.task,
            "cell_type": self.cell_type,
            "checksum": self.checksum,
        }
        if self.points is not None:
            mark["points"] = self.points
        return nbformat.from_dict(mark)


def released_cells(gradebook, notebook: str, assignment: str) -> list[Released]:
    """The cells of a released notebook, from nbgrader's gradebook, in their order."""
    record = gradebook.find_notebook(notebook, assignment)
    points = {cell.name: cell.max_score for cell in (*record.grade_cells, *record.task_cells)}
    solutions = {cell.name for cell in record.solution_cells}
    tasks = {cell.name for cell in record.task_cells}
    return [
        Released(
            cell.name,
            cell.cell_type,
            cell.source,
            cell.checksum,
            cell.locked,
            cell.name in solutions,
            cell.name in tasks,
            points.get(cell.name),
        )
        for cell in record.source_cells
    ]


# --- matching -------------------------------------------------------------------------------


def match(cells: list[NotebookNode], released: list[Released]) -> dict[str, NotebookNode]:
    """Released cell's name -> the submitted cell that is it. Missing ones are left out.

    Cells for the student come first: they hold work. A code cell is recognised by what it
    defines, before its metadata; others by metadata, before their text.
    """
    found: dict[str, NotebookNode] = {}
    taken: set[int] = set()
    places = Places(cells, released)
    for wanted in sorted(released, key=lambda cell: cell.locked):
        ways = (places.defining(wanted), places.called(wanted), places.reading_like(wanted))
        free = ([i for i in way if i not in taken] for way in ways)
        candidates = next(filter(None, free), None)
        if candidates:
            i = max(
                candidates,
                key=lambda i: (
                    (edited(cells[i], wanted), grade_id(cells[i]) == wanted.name, i)
                    if wanted.solution
                    else i
                ),
            )
            found[wanted.name] = cells[i]
            taken.add(i)
    return found


class Places:
    """Where in a submission the cells are that could be a released one."""

    def __init__(self, cells: list[NotebookNode], released: list[Released]):
        self.cells = cells
        self.released = {cell.name for cell in released}
        self.locked = Counter(_stripped(cell) for cell in released if cell.locked)
        self.names = [_names(cell.source) for cell in cells]
        self.by_name = _places(cells, grade_id)
        self.by_text = _places(cells, _stripped)
        self.by_first_line = _places(cells, _first_line)

    def defining(self, wanted: Released) -> list[int]:
        """They define what the released code cell defines."""
        if not wanted.solution or wanted.cell_type != "code":
            return []
        bound = _names(wanted.source)
        return [i for i, names in enumerate(self.names) if bound and bound <= names]

    def called(self, wanted: Released) -> list[int]:
        """The metadata name it, and they are not the text of another released cell."""
        own = Counter([_stripped(wanted)] if wanted.locked else [])
        named = self.by_name[wanted.name]
        return [i for i in named if self.locked[(text := _stripped(self.cells[i]))] <= own[text]]

    def reading_like(self, wanted: Released) -> list[int]:
        """The same text; for a question to be answered, the same first line."""
        if wanted.solution and wanted.cell_type == "code":
            return []
        by_line = self.by_first_line[_first_line(wanted)]
        alike = by_line if wanted.solution else self.by_text[_stripped(wanted)]
        return [
            i
            for i in alike
            if self.cells[i].cell_type == wanted.cell_type
            and grade_id(self.cells[i]) not in self.released
        ]


def _places(cells: list[NotebookNode], key: Callable) -> dict[str | None, list[int]]:
    places: dict[str | None, list[int]] = defaultdict(list)
    for i, cell in enumerate(cells):
        places[key(cell)].append(i)
    return places


BEGIN, END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"


def without_hidden_tests(text: str) -> str:
    """A cell's text without the lines that nbgrader takes out before it is handed out."""
    kept, at = [], 0
    while (begin := text.find(BEGIN, at)) >= 0 and (end := text.find(END, begin)) >= 0:
        kept.append(text[at : max(at, text.rfind("\n", 0, begin) + 1)])
        line_end = text.find("\n", end)
        at = len(text) if line_end < 0 else line_end
    return "".join([*kept, text[at:]])


def _stripped(cell: NotebookNode | Released) -> str:
    return without_hidden_tests(cell.source).strip()


def _first_line(cell: NotebookNode | Released) -> str:
    return _stripped(cell).split("\n")[0]


def grade_id(cell: NotebookNode) -> str | None:
    """The name that nbgrader's metadata gives the cell."""
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    return name if isinstance(name, str) else None


def edited(cell: NotebookNode, released: Released) -> bool:
    """True if the text is not the released one."""
    return _stripped(cell) != _stripped(released)


@lru_cache(512)
def _names(source: str) -> set[str]:
    """Names bound at the top level of a cell, also of one with a syntax error or magics in it."""
    pattern = r"^(?:async +)?(?:def|class) +(\w+)|^(\w+)(?: *:[^=\n]*| *)=(?!=)"
    return {a or b for a, b in re.findall(pattern, source, re.MULTILINE)}


# --- repairing ------------------------------------------------------------------------------

SENTENCES = {
    "missing": "Missing, put back as released: {}.",
    "copied": "There more than once, and only one counts: {}.",
    "metadata": "With lost or changed marks for the grader, set right: {}.",
    "type": "Turned into another type of cell, turned back: {}.",
    "text": "With changed text, where the released text counts: {}.",
    "moved": "Above the function that it checks, moved below it: {}.",
}

#: What nbgrader decides by. (It ignores the points in a submission.)
DECISIVE = ("schema_version", "grade_id", "grade", "solution", "locked")


def repair(nb: NotebookNode, released: list[Released]) -> list[str]:
    """Make ``nb`` hold every released cell once and in order; say what was done, in sentences."""
    found = match(nb.cells, released)
    done: dict[str, list[str]] = defaultdict(list)
    names = Counter(map(grade_id, nb.cells))
    for wanted in released:
        if wanted.name in found:
            for change in changes(found[wanted.name], wanted, names[wanted.name]):
                done[change].append(wanted.kind)
    put_in_order(nb, released, found, done)
    for cell in nb.cells:
        cell.metadata = NotebookNode()
    for wanted in released:
        if wanted.name in found:
            _become(found[wanted.name], wanted)
    return [SENTENCES[change].format(_listed(kinds)) for change, kinds in done.items()]


def changes(cell: NotebookNode, wanted: Released, count: int) -> list[str]:
    """What is wrong with a released cell as it was submitted: keys of SENTENCES.

    count: how many cells have its name.
    """
    mark = cell.metadata.get("nbgrader", {})
    wrong = {
        "copied": count > 1,
        "metadata": any(mark.get(key) != wanted.metadata[key] for key in DECISIVE),
        "type": cell.cell_type != wanted.cell_type,
        "text": wanted.locked and edited(cell, wanted),
    }
    return [change for change in wrong if wrong[change]]


def put_in_order(
    nb: NotebookNode,
    released: list[Released],
    found: dict[str, NotebookNode],
    done: dict[str, list[str]],
) -> None:
    """Put missing cells back after their predecessors, and no check above what it checks."""
    before = work = None
    names = {id(cell): _names(cell.source) for cell in nb.cells}
    for wanted in released:
        checks = work is not None and wanted.locked and wanted.points is not None
        cell = found.get(wanted.name)
        if cell is None:
            bound = wanted.solution and wanted.cell_type == "code" and _names(wanted.source)
            defining = (other for other in nb.cells if bound and bound <= names[id(other)])
            cell = next(defining, None)
        if cell is None:
            cell = NEW_CELL[wanted.cell_type](wanted.source, id=f"released-{len(nb.cells)}")
            names[id(cell)] = _names(cell.source)
            nb.cells.insert(_place(nb, work if checks else before) + 1, cell)
            found[wanted.name] = cell
            done["missing"].append(wanted.kind)
        elif checks and _place(nb, cell) < _place(nb, work):
            del nb.cells[_place(nb, cell)]
            nb.cells.insert(_place(nb, work) + 1, cell)
            done["moved"].append(wanted.kind)
        before = cell
        if wanted.solution:
            work = cell


def _place(nb: NotebookNode, cell: NotebookNode | None) -> int:
    """The cell's index, -1 for None; cells of equal text are told apart."""
    return next((i for i, other in enumerate(nb.cells) if other is cell), -1)


def _become(cell: NotebookNode, wanted: Released) -> None:
    """Make a cell what it was when it was handed out, but for what a student may write."""
    if wanted.locked:
        cell.source = wanted.source
    if cell.cell_type != wanted.cell_type:
        turned = NEW_CELL[wanted.cell_type](cell.source, id=cell.id)
        cell.clear()
        cell.update(turned)
    cell.metadata = nbformat.from_dict({"nbgrader": wanted.metadata})


def _listed(kinds: list[str]) -> str:
    """The kinds of cells in a row, equal ones counted: "the cell of `slope`, 3 read-only cells"."""
    if len(set(kinds)) > 6:
        return f"{len(kinds)} cells"
    return ", ".join(
        kind if kinds.count(kind) == 1 else f"{kinds.count(kind)} {kind.removeprefix('a ')}s"
        for kind in dict.fromkeys(kinds)
    )
