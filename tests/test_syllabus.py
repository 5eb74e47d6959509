"""docs/syllabus.md: every idea of the lectures has its place."""

from pathlib import Path

import pytest

from autograder import build, syllabus
from course.classroom import exercises

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def texts():
    return build.read_texts(ROOT)


def test_no_idea_is_missing():
    """The ideas 1 to 38, each in one assignment, each with its lectures and words of its own."""
    rows = [row for rows in syllabus.ROWS.values() for row in rows]
    assert sorted(row.number for row in rows) == list(range(1, 39))
    assert len({row.idea for row in rows}) == 38
    known = {"NSYSU", "XJTLU", "SKKU", "Princeton", "Classical", "all"}
    assert all(set(row.lectures.split(", ")) <= known for row in rows)


def test_exercises_belong_to_the_assignment():
    """Each exercise that is named is one of the assignment; none of the assignment is left out."""
    assert list(syllabus.ROWS) == list(exercises.ASSIGNMENTS)
    for assignment, rows in syllabus.ROWS.items():
        named = {name for row in rows for name in row.exercises}
        assert named == set(exercises.of_assignment(assignment))
    without = [r.number for rows in syllabus.ROWS.values() for r in rows if not r.exercises]
    assert without == [19]  # taught in words


def test_each_notebook_says_what_is_learned_and_needed(texts):
    """Goals, time and what to know before are found in every text."""
    for cells in texts.values():
        opening = syllabus.opening(cells)
        assert opening["goals"].count("\n- ") >= 3 and opening["goals"].startswith("- ")
        assert "minutes" in opening["time"] and opening["needs"].endswith(".")


def test_the_document_holds_every_row(texts):
    """docs/syllabus.md, as it is built: a section for each assignment, a line for each row."""
    lines = build.plan(texts).decode().splitlines()
    assert [line[3:] for line in lines if line.startswith("## ")] == list(exercises.ASSIGNMENTS)
    numbers = [line.split(" ")[1] for line in lines if line.startswith("| ")]
    assert sorted(int(n) for n in numbers if n.isdigit()) == list(range(1, 39))
