"""Repairs a damaged submission, so that every exercise in it can be graded.

A submission is compared with the released cells, cell by cell. What the student wrote is never
changed; what the release wrote is put back.
"""

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode, reader
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

NEW_CELL = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}


class Unreadable(Exception):
    """A file that is not a notebook; the message says why, for the student."""


# --- reading --------------------------------------------------------------------------------


def read(path: Path) -> NotebookNode:
    """The notebook in ``path``: its cells with their text and nbgrader's metadata, nothing else.

    Whatever else a file may hold (outputs, ids, tags, widget states) is left behind.
    Raises Unreadable.
    """
    data = path.read_bytes()
    if not data.strip():
        raise Unreadable(f"{path.name} is empty.")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise Unreadable(f"{path.name} is damaged: it is not valid JSON.") from None
    try:
        if content.get("nbformat", 4) < 4:  # a very old notebook, brought to the present form
            content = nbformat.convert(reader.reads(json.dumps(content)), 4)
        cells = [cell for cell in content["cells"] if isinstance(cell, dict)]
    except Exception:
        raise Unreadable(f"{path.name} is JSON, but not a notebook.") from None
    return new_notebook(cells=[_bare(cell, i) for i, cell in enumerate(cells)])


def _bare(cell: dict, number: int) -> NotebookNode:
    source = cell.get("source") or ""
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    kind = cell.get("cell_type") if cell.get("cell_type") in NEW_CELL else "raw"
    metadata = cell.get("metadata")
    mark = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    bare = NEW_CELL[kind](text.replace("\r\n", "\n"), id=f"cell-{number}")
    if isinstance(mark, dict):
        bare.metadata["nbgrader"] = nbformat.from_dict(mark)
    if kind == "markdown" and isinstance(cell.get("attachments"), dict):
        bare["attachments"] = nbformat.from_dict(cell["attachments"])
    return bare


def find(expected: Path, released: "list[Released]") -> tuple[Path | None, list[Path]]:
    """The file that stands for the notebook ``expected``, and the notebooks beside it.

    That is the file of this name; or else the one with the most cells of the release.
    """
    if not expected.parent.is_dir():
        return None, []
    files = sorted(p for p in expected.parent.iterdir() if p.suffix.lower() == ".ipynb")
    chosen = (
        expected
        if expected in files
        else max(files, key=lambda path: _known_cells(path, released), default=None)
    )
    return chosen, [path for path in files if path != chosen]


def _known_cells(path: Path, released: "list[Released]") -> int:
    try:
        cells = read(path).cells
    except Unreadable:
        return -1
    return len(match(cells, released))


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
        return f"the check cell `{self.source.strip()}`"

    @property
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
    for wanted in sorted(released, key=lambda cell: cell.locked):
        free = [(i, cell) for i, cell in enumerate(cells) if i not in taken]
        candidates = [(i, cell) for i, cell in free if _defines(cell, wanted)]
        candidates = candidates or [(i, c) for i, c in free if _is_called(c, wanted, released)]
        candidates = candidates or [(i, c) for i, c in free if _reads_like(c, wanted)]
        if candidates:
            i, found[wanted.name] = max(
                candidates,
                key=lambda c: (
                    (edited(c[1], wanted), grade_id(c[1]) == wanted.name, c[0])
                    if wanted.solution
                    else c[0]
                ),
            )
            taken.add(i)
    return found


def grade_id(cell: NotebookNode) -> str | None:
    """The name that nbgrader's metadata gives the cell."""
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    return name if isinstance(name, str) else None


def edited(cell: NotebookNode, released: Released) -> bool:
    """True if the text is not the released one."""
    return cell.source.strip() != released.source.strip()


def _names(source: str) -> set[str]:
    """Names bound at the top level of a cell, also of one with a syntax error or magics in it."""
    pattern = r"^(?:async +)?(?:def|class) +(\w+)|^(\w+)(?: *:[^=\n]*)? *=(?!=)"
    return {a or b for a, b in re.findall(pattern, source, re.MULTILINE)}


def _defines(cell: NotebookNode, released: Released) -> bool:
    wanted = released.solution and released.cell_type == "code" and _names(released.source)
    return bool(wanted) and wanted <= _names(cell.source)


def _is_called(cell: NotebookNode, wanted: Released, released: list[Released]) -> bool:
    """The metadata name it, and it is not the text of another released cell."""
    others = (other for other in released if other is not wanted and other.locked)
    return grade_id(cell) == wanted.name and all(edited(cell, other) for other in others)


def _reads_like(cell: NotebookNode, released: Released) -> bool:
    """The same text; for a question to be answered, the same first line."""
    if released.solution and released.cell_type == "code":
        return False
    if grade_id(cell) is not None or cell.cell_type != released.cell_type:
        return False
    if released.solution:
        return cell.source.strip().split("\n")[0] == released.source.strip().split("\n")[0]
    return not edited(cell, released)


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
    for wanted in released:
        if wanted.name in found:
            for change in changes(found[wanted.name], wanted, nb.cells):
                done[change].append(wanted.kind)
    put_in_order(nb, released, found, done)
    for cell in nb.cells:
        cell.metadata = NotebookNode()
    for wanted in released:
        if wanted.name in found:
            _become(found[wanted.name], wanted)
    return [SENTENCES[change].format(_listed(kinds)) for change, kinds in done.items()]


def changes(cell: NotebookNode, wanted: Released, cells: list[NotebookNode]) -> list[str]:
    """What is wrong with a released cell as it was submitted: keys of SENTENCES."""
    mark = cell.metadata.get("nbgrader", {})
    wrong = {
        "copied": sum(grade_id(other) == wanted.name for other in cells) > 1,
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
    for wanted in released:
        checks = work is not None and wanted.locked and wanted.points is not None
        cell = found.get(wanted.name)
        if cell is None:
            cell = next((other for other in nb.cells if _defines(other, wanted)), None)
        if cell is None:
            cell = NEW_CELL[wanted.cell_type](wanted.source, id=f"released-{len(nb.cells)}")
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
