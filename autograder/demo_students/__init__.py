"""The students of ``autograder demo``: what each hands in, and what that must give.

One module per assignment. What is not said here is right: the solution of the course.
"""

import importlib
import pkgutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.repair import grade_id
from course.classroom import exercises


@dataclass(frozen=True)
class Attempt:
    """A student's code for one exercise.

    mistake: the name of the known mistake that it makes. says: for other mistakes, a part of what
    the report must say. kept: the aspects that are right all the same. Neither: all is right.
    edit: where there is no code, a passage of the course's solution and what stands in its place.
    """

    code: str = ""
    mistake: str = ""
    says: str = ""
    kept: tuple[str, ...] = ()
    edit: tuple[str, str] = ("", "")

    def written(self, solution: str) -> str:
        """What the student writes, where the course writes ``solution``."""
        if self.code:
            return self.code.strip()
        old, new = self.edit
        if old not in solution:
            raise ValueError(f"No “{old}” in the solution that a student of the demo edits.")
        return solution.replace(old, new).strip()


def edited(old: str, new: str, mistake: str = "", says: str = "", kept: str = "") -> Attempt:
    """The course's solution with another passage; ``kept``: the names of aspects, with commas."""
    return Attempt("", mistake, says, tuple(filter(None, kept.split(", "))), (old, new))


def right(codes: dict[str, str]) -> dict[str, Attempt]:
    """Attempts that are all right."""
    return {name: Attempt(code) for name, code in codes.items()}


@dataclass(frozen=True)
class Student:
    """One submission. about: what is in it, in a few words.

    attempts: by exercise. stops_before: from this exercise on, nothing is written. damage: what
    happens to the file at last. repaired: a part of what the grader must say about the notebook.
    """

    name: str
    about: str
    attempts: dict[str, Attempt] = field(default_factory=dict)
    stops_before: str | None = None
    damage: Callable[[Path], None] | None = None
    repaired: str = ""
    readable: bool = True


def assignments() -> list[str]:
    """The assignments that there is a demo of."""
    modules = {module.name for module in pkgutil.iter_modules(__path__)}
    return [name for name, module in exercises.ASSIGNMENTS.items() if module in modules]


@cache
def of_assignment(assignment: str) -> tuple[Student, ...]:
    """The students of one assignment."""
    return importlib.import_module(f"{__name__}.{exercises.ASSIGNMENTS[assignment]}").STUDENTS


# --- what happens to files ------------------------------------------------------------------


def change_cells(path: Path, change: Callable[[list[NotebookNode]], None]) -> None:
    """Change the list of cells of the notebook in ``path``."""
    nb = nbformat.read(path, as_version=4)
    change(nb.cells)
    nbformat.write(nb, path)


def cell_index(cells: list[NotebookNode], name: str) -> int:
    """The place of the cell that nbgrader knows as ``name``."""
    return [grade_id(cell) for cell in cells].index(name)


def without_cell(name: str) -> Callable[[Path], None]:
    """The cell is deleted."""
    return lambda path: change_cells(path, lambda cells: cells.pop(cell_index(cells, name)))


def with_copy_of(*names: str) -> Callable[[Path], None]:
    """The cells are copied and pasted, one by one, with all their metadata."""

    def copy(cells: list[NotebookNode]) -> None:
        for name in names:
            i = cell_index(cells, name)
            cells.insert(i, deepcopy(cells[i]))
            cells[i].id = f"{cells[i].id}-copy"

    return lambda path: change_cells(path, copy)


def renamed(name: str) -> Callable[[Path], None]:
    """The file has another name."""
    return lambda path: path.rename(path.with_name(name))


def cut_short(path: Path) -> None:
    """Only the first half of the file arrived."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
