"""A course as it is run: handed out, handed in, marked and given back through nbgrader's exchange,
by commands alone, between an instructor and two ordinary users of the machine."""

import csv
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from tests.test_grading import ALL, NAME, ROOT, SLOPE, cell_of, hand_in, make_course

pytestmark = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0 or not shutil.which("useradd"),
    reason="only root can make the two users that hand in here",
)

TEXT = "Why not try all?\n\n"
WRONG = "def slope(w, x, y):\n    return 0.0"
RIGHT = "def slope(w, x, y):\n    return np.sum(2 * (x * w - y) * x)"


@dataclass
class Person:
    """Somebody at a terminal, in a folder of theirs."""

    name: str
    home: Path

    def run(self, *words: str, fails: bool = False) -> subprocess.CompletedProcess:
        """A command of nbgrader or of ours (its first word), as it is typed; it has to succeed."""
        program = [sys.executable, "-m", "nbgrader"]
        if words[0] == "autograder":
            program, words = [str(Path(sys.executable).with_name("autograder"))], words[1:]
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        done = subprocess.run(
            [*as_user(self.name), *program, *words],
            cwd=self.home,
            env={"HOME": str(self.home), "PATH": path, "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done

    def works(self, **sources: str) -> None:
        """Write into cells of the notebook, as its owner."""
        path = self.home / NAME / f"{NAME}.ipynb"
        nb = nbformat.read(path, as_version=4)
        for name, source in sources.items():
            cell_of(nb, name).source = source
        nbformat.write(nb, path)

    def pages(self) -> list[str]:
        """The pages that were fetched, the newest submission's last."""
        found = sorted((self.home / NAME / "feedback").glob(f"*/{NAME}.html"))
        return [path.read_text() for path in found]


def as_user(name: str) -> list[str]:
    """What starts a command with the rights of a user."""
    if name == "root":
        return []
    rights = [
        "setpriv",
        f"--reuid={name}",
        f"--regid={pwd.getpwnam(name).pw_gid}",
        "--clear-groups",
    ]
    seen = [*rights, sys.executable, "-c", "import nbgrader"]
    if subprocess.run(seen, cwd="/", capture_output=True, check=False).returncode:
        # This checkout is in a folder of root's alone: they may read it, and write nothing there.
        rights += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    return rights


@pytest.fixture
def people():
    """The instructor with a course folder and an exchange, and two students who have homes."""
    place = Path(tempfile.mkdtemp(prefix="whole-course-"))
    place.chmod(0o755)
    names = [f"student-{os.getpid()}-{i}" for i in range(2)]
    course = place / "course"
    solved = make_course(course)
    shared = f"\nc.Exchange.root = {str(place / 'exchange')!r}\n"
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(shared)
    try:
        for name in names:
            home = place / name
            add = ["useradd", "--create-home", "--home-dir", str(home), "--no-user-group", name]
            subprocess.run(add, check=True, capture_output=True)
            home.chmod(0o700)
            own = f"c = get_config()\nc.CourseDirectory.course_id = 'backpropagation'{shared}"
            (home / "nbgrader_config.py").write_text(own)
        yield Person("root", course), *(Person(name, place / name) for name in names), solved
    finally:
        for name in names:
            subprocess.run(["userdel", name], check=False, capture_output=True)
        shutil.rmtree(place)


def graded(instructor: Person, *options: str) -> dict[str, dict]:
    """What `autograder grade` says of each student."""
    said = instructor.run("autograder", "grade", NAME, "--json", *options).stdout
    return {result["student"]: result for result in json.loads(said)}


def mark(instructor: Person, student: str, points: float) -> None:
    """Mark the answer in words, as the formgrader does."""
    with Gradebook(f"sqlite:///{instructor.home}/gradebook.db") as gradebook:
        grade = gradebook.find_grade("why", NAME, NAME, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.find_comment("why", NAME, NAME, student).manual_comment = f"Well said, {student}."
        gradebook.db.commit()


def hands_in(student: Person, instructor: Person) -> None:
    """Submit, and have it collected."""
    student.run("submit", NAME)
    instructor.run("collect", NAME, "--update")


def test_a_whole_course(people):
    """Release, fetch, submit, collect, grade, mark by hand, due date and extension, resubmission,
    feedback both ways, export: every file and every mark is where it belongs."""
    instructor, ann, ben, solved = people
    instructor.run("generate_assignment", NAME)
    instructor.run("release_assignment", NAME)
    answers = {n: cell_of(solved, n).source for n in ("predict", "sum_of_squares", "slope")}
    for student, slope in ((ann, RIGHT), (ben, WRONG)):
        student.run("fetch_assignment", NAME)
        student.works(**answers | {"slope": slope, "why": TEXT + "There are too many."})
        student.run("submit", NAME)
    instructor.run("collect", NAME)
    hand_in(instructor.home, "by-mail", solved)  # and no time stamp, no secret

    results = graded(instructor)
    assert {name: r["points"] for name, r in results.items()} == {
        ann.name: ALL,
        ben.name: ALL - SLOPE,
        "by-mail": ALL,
    }
    assert all(result["by_hand"] == 2 and not result["late"] for result in results.values())

    # Marked by hand, then a due date that is past, with more time for one of them.
    for student, points in ((ann.name, 2), (ben.name, 1.5), ("by-mail", 1)):
        mark(instructor, student, points)
    with Gradebook(f"sqlite:///{instructor.home}/gradebook.db") as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2026-01-01 12:00:00 UTC")
        gradebook.grant_extension(NAME, ann.name, weeks=10_000)
    results = graded(instructor)
    assert {name: (r["points"], r["by_hand"]) for name, r in results.items()} == {
        ann.name: (ALL + 2, 0),
        ben.name: (ALL - SLOPE + 1.5, 0),
        "by-mail": (ALL + 1, 0),
    }
    late = {name for name, result in results.items() if "late by" in result["words"]}
    assert late == {ben.name}

    # Better code, the same answer in words: its mark stays. Another answer: it is to be confirmed.
    ben.works(slope=RIGHT)
    hands_in(ben, instructor)
    assert (graded(instructor)[ben.name]["points"], ALL + 1.5) == (ALL + 1.5, ALL + 1.5)
    assert graded(instructor)[ben.name]["by_hand"] == 0
    ben.works(why=TEXT + "A grid of a hundred values each is beyond every computer.")
    hands_in(ben, instructor)
    for _ in range(2):  # asked for until it is done
        assert graded(instructor, "--again")[ben.name]["by_hand"] == 2
    mark(instructor, ben.name, 2)

    # Pages, to each their own.
    assert graded(instructor, "--feedback")[ben.name]["points"] == ALL + 2
    instructor.run("release_feedback", NAME)
    for student, other in ((ann, ben), (ben, ann)):
        student.run("fetch_feedback", NAME)
        assert f"Well said, {student.name}." in student.pages()[-1]
        assert not any(f"Well said, {other.name}." in page for page in student.pages())
    assert len(ann.pages()) == 1 and "late by" not in ann.pages()[0]
    assert "late by" in ben.pages()[-1]
    assert (instructor.home / "feedback" / "by-mail" / NAME / f"{NAME}.html").exists()

    # The same work handed in again: nothing is run, its page is found all the same.
    before = len(list((instructor.home / "verdicts").glob("*.json")))
    hands_in(ann, instructor)
    graded(instructor, "--feedback")
    assert len(list((instructor.home / "verdicts").glob("*.json"))) == before
    instructor.run("release_feedback", NAME)
    ann.run("fetch_feedback", NAME)
    assert len(ann.pages()) == 2

    instructor.run("export")
    with (instructor.home / "grades.csv").open(newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {name: float(row["score"]) for name, row in rows.items()} == {
        ann.name: ALL + 2,
        ben.name: ALL + 2,
        "by-mail": ALL + 1,
    }
    assert "late by" in rows[ben.name]["reason"] and "late" not in rows[ann.name]["reason"]


def test_generating_anew_with_submissions_there_loses_nothing(tmp_path):
    """nbgrader refuses new cells then: the release stays, and the way that works is said."""
    solved = make_course(tmp_path)
    instructor = Person("root", tmp_path)
    instructor.run("generate_assignment", NAME)
    hand_in(tmp_path, "ann", solved)
    graded(instructor)
    release = tmp_path / "notebooks" / NAME / f"{NAME}.ipynb"
    before = release.read_bytes()
    path = tmp_path / "solutions" / NAME / f"{NAME}.ipynb"
    nb = nbformat.read(path, as_version=4)
    text = next(cell for cell in nb.cells if cell.metadata.nbgrader.grade_id.startswith("text-"))
    text.metadata.nbgrader.grade_id += "-mended"
    nbformat.write(nb, path)
    said = instructor.run("generate_assignment", NAME, "--force", fails=True).stderr
    assert "`autograder build`, then `nbgrader release_assignment" in said
    assert release.read_bytes() == before
    path.write_text("{")
    instructor.run("generate_assignment", NAME, "--force", fails=True)
    assert release.read_bytes() == before
    assert ROOT not in release.parents
