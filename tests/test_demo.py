"""autograder demo: twelve students of every kind, graded as their key says."""

import csv
import re
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from autograder import answers, demo
from autograder.cli import main
from autograder.demo_students import of_assignment
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
    """The command, run in the repository with another folder: folder and what it printed."""
    folder = tmp_path_factory.mktemp("class") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        run = CliRunner().invoke(main, ["demo", "--folder", str(folder)])
    return folder, run


def test_all_twelve_are_graded_as_the_key_says(demonstration):
    """Exit code 0, a line for each student, the kinds of trouble named in it."""
    _, run = demonstration
    assert run.exit_code == 0, run.output
    assert len(STUDENTS) == 12
    text = re.sub(r"[\s│]+", " ", run.output)
    for student in STUDENTS:
        assert f" {student.name} " in text
    for words in ("wrong sign", "never", "JSON", "IndexError", "Missing"):
        assert words in text
    assert "NOT AS THE KEY SAYS" not in text and "All as the key says." in text


def test_gradebook_csv_and_pages_hold_the_same(demonstration):
    """SQLite gradebook, grades.csv with reasons, one page for each student with the reports."""
    folder, _ = demonstration
    with (folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
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
                assert known[name].mistakes[attempt.mistake].message[:30] in text
                assert attempt.mistake in rows[student.name]["reason"]
        assert student.repaired in rows[student.name]["reason"]
    with sqlite3.connect(folder / "gradebook.db") as gradebook:
        assert gradebook.execute("SELECT count(*) FROM submitted_assignment").fetchone() == (12,)


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
