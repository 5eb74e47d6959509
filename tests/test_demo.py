"""autograder demo: students of every kind, graded as their key says."""

import csv
import html
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from autograder import answers, demo
from autograder.cli import main
from autograder.demo_students import Attempt, of_assignment
from autograder.engine import CannotGrade
from autograder.reports import Part, Result
from course.classroom import exercises
from course.classroom.calling import call
from course.classroom.marking import mark

ROOT = Path(__file__).parent.parent
NAME = "01-gradient-descent"
STUDENTS = of_assignment(NAME)


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory):
    """The command for all assignments, with another folder: folder and what it printed."""
    folder = tmp_path_factory.mktemp("class") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        run = CliRunner().invoke(main, ["demo", "--assignment", "all", "--folder", str(folder)])
    return folder, run


def test_all_are_graded_as_the_key_says(demonstration):
    """Exit code 0, a class for each assignment, the kinds of trouble named in it."""
    _, run = demonstration
    assert run.exit_code == 0, run.output
    text = re.sub(r"[\s│]+", " ", run.output)
    classes = [of_assignment(assignment) for assignment in exercises.ASSIGNMENTS]
    assert [len(students) for students in classes] == [12, 6, 6, 6, 6, 6, 6]
    for name, times in Counter(
        student.name for students in classes for student in students
    ).items():
        assert text.count(f" {name} ") >= times
    for words in ("wrong sign", "never", "JSON", "It crashed at", "Missing"):
        assert words in text
    assert "NOT AS THE KEY SAYS" not in text and "All as the key says." in text


@pytest.mark.parametrize("assignment", exercises.ASSIGNMENTS)
def test_a_class_holds_students_of_every_kind(assignment):
    """All right in two ways, stopped half way, known mistakes, nothing done or unreadable, and
    notebooks that were damaged; the mistakes are known, the aspects exist."""
    students, known = of_assignment(assignment), answers.of_assignment(assignment)
    whole = [s for s in students if s.readable and not s.stops_before]
    right = [s for s in whole if not any(a.mistake or a.says for a in s.attempts.values())]
    assert len(right) >= 2 and any(student.attempts for student in right)
    assert any(student.stops_before for student in students)
    assert any(student.damage and student.repaired for student in students)
    untouched = next(iter(known))
    assert any(student.stops_before == untouched or not student.readable for student in students)
    attempts = [item for student in students for item in student.attempts.items()]
    assert sum(bool(attempt.mistake) for _, attempt in attempts) >= 5
    for name, attempt in attempts:
        assert attempt.mistake in ("", *known[name].mistakes)
        aspects = {aspect.name for aspect in exercises.every()[name].aspects}
        assert aspects >= set(attempt.kept)


def test_an_edit_that_finds_nothing_is_refused():
    """A student's edit of the solution must change something, or the key would be wrong."""
    assert Attempt(edit=("a - b", "a + b")).written("return a - b") == "return a + b"
    assert Attempt().written("return a - b") == "return a - b"
    with pytest.raises(ValueError, match="No “a / b”"):
        Attempt(edit=("a / b", "a")).written("return a - b")


def test_gradebook_csv_and_pages_hold_the_same(demonstration):
    """SQLite gradebook, grades.csv with reasons, one page for each student with the reports."""
    folder, _ = demonstration
    with (folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file) if row["assignment"] == NAME}
    assert set(rows) == {student.name for student in STUDENTS}
    for student in STUDENTS:
        key = demo.expected(student, NAME)
        assert float(rows[student.name]["score"]) == sum(points for points, _ in key.values())
        page = folder / "feedback" / student.name / NAME / f"{NAME}.html"
        text = page.read_text(encoding="utf-8")
        known = answers.of_assignment(NAME)
        for name, (_, attempt) in key.items():
            assert f"{name}: " in text
            if attempt and attempt.mistake:
                message = known[name].mistakes[attempt.mistake].message.replace("`", "")
                assert message[:30] in html.unescape(re.sub("<[^>]+>", "", text))
                assert attempt.mistake in rows[student.name]["reason"]
        assert student.repaired in rows[student.name]["reason"]
    with sqlite3.connect(folder / "gradebook.db") as gradebook:
        count = gradebook.execute("SELECT count(*) FROM submitted_assignment").fetchone()
    assert count == (sum(len(of_assignment(name)) for name in exercises.ASSIGNMENTS),)


def test_another_demo_replaces_the_first_and_nothing_else(tmp_path):
    """What a demo made is replaced; a folder with anything else in it is refused, untouched."""
    demo.start_afresh(ROOT, tmp_path)
    (tmp_path / "gradebook.db").write_text("old")
    demo.start_afresh(ROOT, tmp_path)
    assert not (tmp_path / "gradebook.db").exists()
    (tmp_path / "README.txt").unlink()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(CannotGrade, match="name another folder"):
        demo.start_afresh(ROOT, tmp_path)
    assert sorted(tmp_path.iterdir()) == before


def test_without_a_built_course_the_demo_says_what_to_do(tmp_path, monkeypatch):
    """Exit code 2 and one sentence where the notebooks are missing or the assignment unknown."""
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    monkeypatch.chdir(tmp_path)
    for arguments, words in (([], "autograder build"), (["--assignment", "02"], "no demo of 02")):
        run = CliRunner().invoke(main, ["demo", *arguments])
        assert run.exit_code == 2 and words in run.output


REAL = """
c = get_config()
c.CourseDirectory.root = {real!r}
c.CourseDirectory.db_url = "sqlite:///" + {real!r} + "/gradebook.db"
c.Exchange.root = c.ExchangeCollect.root = c.ExchangeReleaseFeedback.root = {real!r} + "/exchange"
"""


def test_a_demo_is_a_course_of_its_own(tmp_path):
    """Outside every course, and whatever the user's own settings name: nothing else is written to,
    and nbgrader's commands in the demo's folder use its gradebook and its exchange."""
    real, home, place = (tmp_path / name for name in ("real", "home", "elsewhere"))
    for folder in (real / "exchange", home / ".jupyter", place):
        folder.mkdir(parents=True)
    (home / ".jupyter" / "nbgrader_config.py").write_text(REAL.format(real=str(real)))
    (real / "gradebook.db").write_bytes(b"the class")
    environment = os.environ | {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / ".jupyter")}
    program = str(Path(sys.executable).with_name("autograder"))

    def run(*words, folder):
        return subprocess.run(
            words, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )

    done = run(program, "demo", folder=place)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All as the key says." in done.stdout
    assert (place / "demo" / "gradebook.db").stat().st_size > 10_000
    for command in ("generate_assignment", "release_assignment", "release_feedback"):
        said = run(sys.executable, "-m", "nbgrader", command, NAME, folder=place / "demo")
        assert said.returncode == 0, said.stderr
    left = {path.relative_to(real).as_posix() for path in real.rglob("*")}
    assert left == {"exchange", "gradebook.db"}
    assert (real / "gradebook.db").read_bytes() == b"the class"
    assert list((place / "demo" / "exchange").rglob(f"{NAME}.ipynb"))


@pytest.mark.parametrize("student", STUDENTS, ids=lambda student: student.name)
def test_the_key_is_what_the_marking_says_of_each_attempt(student):
    """Each attempt, marked by itself against the reference: points, and its own mistake's name."""
    for name, attempt in student.attempts.items():
        if "never ends" in student.about:
            continue
        exercise = exercises.every()[name]
        namespace = {"np": np}
        for other, known in answers.of_assignment(NAME).items():
            namespace[other] = known.reference
        for own in student.attempts.values():
            exec(own.code, namespace)
        report = mark(
            exercise,
            lambda n, args, namespace=namespace: call(namespace[n], args),
            [answers.public_trial(exercise)],
        )
        assert report.points == demo.points(exercise, attempt)
        assert report.mistake_name == attempt.mistake


def test_a_result_that_is_not_in_the_key_is_found():
    """Wrong points, a wrong name and an unexpected repair are each said."""
    student = next(student for student in STUDENTS if student.attempts and not student.damage)
    parts = []
    for name, (points, attempt) in demo.expected(student, NAME).items():
        mistake = attempt.mistake if attempt else ""
        parts.append(Part(name, points, 9, "wrong" if mistake else "right", mistake))
    right = Result(student.name, NAME, 0, 0, tuple(parts))
    assert list(demo.differences(student, right)) == []
    first, *rest = parts
    for changed in (
        replace(right, parts=(replace(first, points=first.points - 1), *rest)),
        replace(right, parts=(replace(first, mistake="another"), *rest)),
        replace(right, parts=tuple(rest)),
        replace(right, repaired=("Something.",)),
    ):
        assert len(list(demo.differences(student, changed))) == 1
