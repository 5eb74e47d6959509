"""The ``course`` command, on notebooks as students leave them."""

import json
import shutil

import nbformat
import pytest
from click.testing import CliRunner

from course.cli import main
from tests.variants.gradient_descent import SOLUTIONS

NAME = "01-gradient-descent"


def write_notebook(folder, sources):
    """A notebook with one code cell per source, in its place below ``folder``."""
    path = folder / "notebooks" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_check_of_a_notebook_with_everything_right(tmp_path):
    """Exit code 0, a report for each exercise, and the file is not changed."""
    path = write_notebook(
        tmp_path, ["import numpy as np", *(sources[0] for sources in SOLUTIONS.values())]
    )
    before = path.read_bytes()
    done = run("check", path)
    assert done.exit_code == 0, done.output
    assert all(f"{name}: right" in done.output for name in SOLUTIONS)
    assert path.read_bytes() == before


def test_check_and_progress_of_a_notebook_half_done(tmp_path, monkeypatch):
    """Exit code 1; a cell that raises does not hide what comes after it; --json for scripts."""
    path = write_notebook(
        tmp_path,
        [
            "import numpy as np",
            "1 / 0",
            "def predict(x, w):\n    return x + w",
            SOLUTIONS["slope"][0],
        ],
    )
    done = run("check", path, "--json")
    assert done.exit_code == 1
    found = {e["name"]: e for e in json.loads(done.output)["exercises"]}
    assert found["predict"]["mistake"] == "added"
    assert found["slope"]["outcome"] == "right"
    assert found["descend"]["outcome"] == "not attempted"
    monkeypatch.chdir(tmp_path)
    done = run("progress")
    assert done.exit_code == 1
    assert f"{NAME}: 3 of " in done.output


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "There is no file"),
        ("", "is not a notebook"),
        ("{not json", "is not a notebook"),
        ("import os; os._exit(1)", "kernel died"),
        ("print = None; _print = 1; import builtins; del builtins.print", "did not say how far"),
    ],
)
def test_what_cannot_be_run_ends_with_a_sentence(tmp_path, content, words):
    """One sentence on stderr and exit code 2."""
    path = tmp_path / "a.ipynb"
    if content is not None and content.count(";"):
        shutil.copy(write_notebook(tmp_path, [content]), path)
    elif content is not None:
        path.write_text(content)
    done = run("check", path)
    assert done.exit_code == 2
    assert words in done.output
    assert "Traceback" not in done.output


def test_outside_a_course_folder_the_command_says_so(tmp_path, monkeypatch):
    """`progress` and `lab` need the notebooks."""
    monkeypatch.chdir(tmp_path)
    for command in ("progress", "lab"):
        done = run(command)
        assert done.exit_code == 2
        assert "no folder `notebooks`" in done.output
    (tmp_path / "notebooks").mkdir()
    assert "There is no notebook in" in run("progress").output
