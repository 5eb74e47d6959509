"""Which code a verdict depends on, found from the code itself: a change of it asks for new marks.

That is what the cage holds (the classroom, as students have it) and whatever the judging imports.
A file named after an assignment counts for that assignment alone, unless another one's file imports
it. No list of files is kept here, so none can be forgotten.
"""

import ast
import hashlib
import platform
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

import autograder
import course
from autograder import STUDENT_FOLDERS, STUDENT_MODULES
from course.classroom import exercises

#: The two packages' folders, each beside the other.
ROOTS = {"autograder": Path(autograder.__file__).parent, "course": Path(course.__file__).parent}
#: Where the judging begins.
JUDGE = "autograder.verdicts"


@cache
def version(assignment: str) -> str:
    """A digest of the code that judges one assignment, and of the Python and NumPy that run it."""
    python = ".".join(platform.python_version_tuple()[:2])
    digest = hashlib.sha256(f"Python {python}, NumPy {np.__version__}".encode())
    for name, path in sorted((name_of(path), path) for path in depends_on(assignment)):
        digest.update(f"\n{name}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def depends_on(assignment: str) -> set[Path]:
    """The files of this project that a verdict on the assignment depends on."""
    students = ROOTS["course"]
    waiting = [*files_of(JUDGE), *(students / f"{name}.py" for name in STUDENT_MODULES)]
    waiting += (p for name in STUDENT_FOLDERS for p in (students / name).rglob("*") if is_ours(p))
    found, asked_for = set(), set()
    while waiting:
        path = waiting.pop()
        whose = owners(path)
        if path in found or (whose and assignment not in whose and path not in asked_for):
            continue
        found.add(path)
        if whose:  # what its own file imports counts, whatever that is called
            asked_for |= imported(path)
        waiting += [*imported(path), *of_package(path, assignment)]
    return found


def of_package(path: Path, assignment: str) -> set[Path]:
    """The assignment's own modules in the package of a module: they are loaded by name."""
    if path.parent in ROOTS.values():
        return set()
    return {other for other in path.parent.rglob("*.py") if assignment in owners(other)}


def is_ours(path: Path) -> bool:
    """False for what Python or an editor left behind."""
    parts = path.parts[len(ROOTS["course"].parts) :]
    hidden = any(part.startswith((".", "__pycache__")) for part in parts)
    return path.is_file() and not hidden and path.suffix != ".pyc"


def owners(path: Path) -> set[str]:
    """The assignments after which a file, or a folder that it is in, is named."""
    words = {word for part in Path(name_of(path)).parts for word in (part, Path(part).stem)}
    return {
        assignment
        for assignment, module in exercises.ASSIGNMENTS.items()
        if any(word in (assignment, module) or word.endswith(f"_{module}") for word in words)
    }


def name_of(path: Path) -> str:
    """A file's place below the folder of the two packages; the same on every machine."""
    (package,) = (name for name, root in ROOTS.items() if path.is_relative_to(root))
    return f"{package}/{path.relative_to(ROOTS[package]).as_posix()}"


@cache
def imported(path: Path) -> frozenset[Path]:
    """The files of this project that a module imports anywhere in it, or starts as a program."""
    if path.suffix != ".py":
        return frozenset()
    package = name_of(path).removesuffix(".py").split("/")[:-1]
    found: set[Path] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        for name in names_in(node, package):
            found |= set(files_of(name))
        if isinstance(node, ast.Constant) and str(node.value).endswith(".py"):
            found |= {path.parent / str(node.value)} if "/" not in str(node.value) else set()
    return frozenset(other for other in found if other.is_file())


def names_in(node: ast.AST, package: list[str]) -> Iterator[str]:
    """The dotted names that one node of a module in ``package`` imports."""
    if isinstance(node, ast.Import):
        for alias in node.names:  # the cage starts its program beside its modules
            yield from (alias.name, ".".join([*package, alias.name]))
    elif isinstance(node, ast.ImportFrom):
        above = package[: len(package) + 1 - node.level] if node.level else []
        module = ".".join([*above, *([node.module] if node.module else [])])
        yield from (module, *(f"{module}.{alias.name}" for alias in node.names))


def files_of(name: str) -> Iterator[Path]:
    """The file of a module and those of the packages that it is in; none if it is not of ours."""
    first, *rest = name.split(".")
    if first not in ROOTS:
        return
    folder = ROOTS[first]
    for part in ["", *rest]:
        folder = folder / part
        yield from (p for p in (folder / "__init__.py", folder.with_suffix(".py")) if p.is_file())
