"""The ``course`` command, on notebooks as students leave them."""

import io
import json
import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from click.testing import CliRunner

from course.classroom import installation
from course.cli import last_worked_on, main, take_any_letter, without_news
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


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp932"])
def test_a_report_goes_into_a_file_under_any_encoding(encoding):
    """As Windows redirects: Greek letters and signs arrive, as UTF-8."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    take_any_letter(stream)
    stream.write("δ = ∂L/∂z ✓ ─")
    stream.flush()
    assert raw.getvalue().decode("utf-8") == "δ = ∂L/∂z ✓ ─"


def test_a_terminal_keeps_its_encoding():
    """What it lacks becomes a question mark; nothing raises."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="cp1252")
    stream.isatty = lambda: True
    take_any_letter(stream)
    stream.write("δ × 2")
    stream.flush()
    assert raw.getvalue() == "? × 2".encode("cp1252")


def test_lab_opens_the_notebook_that_was_saved_last(tmp_path):
    """The first one as long as none was worked on, in whatever order they were unpacked."""
    paths = []
    for number, name in enumerate(("01-a", "02-b", "03-c")):
        path = tmp_path / name / f"{name}.ipynb"
        path.parent.mkdir()
        path.write_text("{}")
        os.utime(path, (1e9 + number, 1e9 + number))
        paths.append(path)
    assert last_worked_on(tmp_path) == paths[0]
    os.utime(paths[1], (1e9 + 3600, 1e9 + 3600))
    assert last_worked_on(tmp_path) == paths[1]
    assert last_worked_on(tmp_path / "01-a") is None


def test_jupyterlab_reads_that_no_news_is_asked_for(tmp_path, monkeypatch):
    """In its own way of putting settings together; other paths are kept."""
    from jupyterlab_server.config import get_page_config

    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/elsewhere")
    without_news(tmp_path)
    assert os.environ["JUPYTER_CONFIG_PATH"].endswith(f"{os.pathsep}/elsewhere")
    disabled = get_page_config([str(tmp_path)], str(tmp_path / "none"))["disabledExtensions"]
    assert "@jupyterlab/apputils-extension:announcements" in disabled


def test_the_doctor_finds_nothing_wrong_here():
    """Run as a program of its own, into a pipe."""
    done = subprocess.run(
        [sys.executable, "-c", "from course.cli import main; main()", "doctor"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def test_the_doctor_names_what_is_missing_and_what_does_not_fit(monkeypatch):
    """A package that is missing, one that is too old, and a part that cannot be looked at."""
    monkeypatch.setattr(installation, "_requirements", lambda: ["numpy>=99", "no-such-package>=1"])
    monkeypatch.delattr(installation.signal, "setitimer", raising=False)
    found = installation.findings()
    (wrong,) = [sentence for mark, sentence in found if mark == "wrong"]
    assert "numpy>=99 (here: " in wrong and "no-such-package>=1 (here: missing)" in wrong
    assert any(mark == "note" and "does not end" in sentence for mark, sentence in found)
    monkeypatch.setattr(installation, "_requirements", lambda: 1 / 0)
    assert run("doctor").exit_code == 1
    assert "ZeroDivisionError" in run("doctor").output
