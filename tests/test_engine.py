"""What goes wrong around the grading (killed processes, a full disk, a locked gradebook) costs no
submission its score: the same command, run again, ends with the scores of an undisturbed run."""

import contextlib
import csv
import errno
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder import engine, records, reports, verdicts, workers
from autograder.engine import CannotGrade
from tests import deadly
from tests.test_grading import ALL, NAME, ROOT, SLOPE, cell_of, hand_in, invoke, make_course

COMMAND = "from autograder.cli import main; main()"
WRONG = "def slope(w, x, y):\n    return 0.0  # {}"


@pytest.fixture(scope="module")
def registered(tmp_path_factory):
    """A class of six in a course folder whose gradebook is made, with nothing graded."""
    folder = tmp_path_factory.mktemp("class")
    solved = make_course(folder)
    for number in range(6):
        nb = deepcopy(solved)
        cell_of(nb, "slope").source += f"\n# {number}"
        if number % 2:
            cell_of(nb, "slope").source = WRONG.format(number)
        hand_in(folder, f"student-{number}", nb)
    course = records.Course(folder)
    (folder / "verdicts").mkdir()
    with records.one_connection(course):
        records.register(course, NAME)
    return folder


EXPECTED = {f"student-{n}": ALL - SLOPE if n % 2 else ALL for n in range(6)}


@pytest.fixture
def folder(registered, tmp_path):
    """A copy of that course folder."""
    return shutil.copytree(registered, tmp_path / "course")


def scores(folder: Path) -> dict[str, float]:
    """The scores in the gradebook; each student has one, and its notebook is whole."""
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        found = [(s.student.id, s.score) for s in gradebook.assignment_submissions(NAME)]
    assert len(found) == len(dict(found))
    for student, _ in found:
        json.loads((folder / "autograded" / student / NAME / f"{NAME}.ipynb").read_bytes())
    return dict(found)


def forget(folder: Path) -> None:
    """Let all submissions be judged anew."""
    for path in (folder / "verdicts").glob("*.json"):
        path.unlink()
    shutil.rmtree(folder / "autograded", ignore_errors=True)


# --- kill -9 --------------------------------------------------------------------------------

GRADES_ON_DEMAND = f"""
import os, sys
from pathlib import Path
from autograder import engine
engine.load_records()
for line in sys.stdin:
    main = os.fork()
    if main == 0:
        engine.grade(Path(sys.argv[1]), {NAME!r}, jobs=2)
        os._exit(0)
    print(main, flush=True)
    print(os.waitpid(main, 0)[1], flush=True)
"""


@contextlib.contextmanager
def grader(folder: Path) -> Iterator[subprocess.Popen]:
    """A process that has nbgrader loaded, and forks one that grades for each line it gets."""
    command = [sys.executable, "-c", GRADES_ON_DEMAND, str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.stdin.close()


def start(grader: subprocess.Popen) -> int:
    grader.stdin.write("\n")
    grader.stdin.flush()
    return int(grader.stdout.readline())


def status(grader: subprocess.Popen) -> int:
    return int(grader.stdout.readline())


def kill(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def test_the_main_process_is_killed_at_random_moments(folder):
    """After each of 25 kills every verdict is whole; each run that comes to its end has all scores;
    no process of the last killed run is left."""
    chance, kills = random.Random(1), 0
    with grader(folder) as process:
        before = time.monotonic()
        start(process)
        assert status(process) == 0 and scores(folder) == EXPECTED
        lasts = time.monotonic() - before
        forget(folder)
        while kills < 25:
            main = start(process)
            moment = time.monotonic() + chance.uniform(0, lasts)
            while time.monotonic() < moment and deadly.command(main) != [""]:
                time.sleep(0.01)
            below = [pid for _, pid in deadly.descendants(main)]
            kill(main)
            if status(process) == signal.SIGKILL:
                kills += 1
            else:
                assert scores(folder) == EXPECTED
                forget(folder)
            for verdict in (folder / "verdicts").glob("*.json"):
                assert json.loads(verdict.read_bytes())["reports"]
        start(process)
        assert status(process) == 0
    assert scores(folder) == EXPECTED
    until = time.monotonic() + 20
    while any(deadly.parent(pid) for pid in below) and time.monotonic() < until:
        time.sleep(0.1)
    assert not [deadly.command(pid) for pid in below if deadly.parent(pid)]


def test_workers_and_warm_processes_are_killed_at_random_moments(folder):
    """30 kills while runs go on. A run goes on after each, or ends with a sentence if no process
    of its lives for long; the run after them has all scores."""
    chance, kills = random.Random(2), 0
    with grader(folder) as process:
        while kills < 30:
            forget(folder)
            main = start(process)
            while deadly.command(main) != [""]:  # until it has ended
                time.sleep(chance.uniform(0.1, 1.5))
                cages = deadly.warm_processes(main)
                if cages:
                    kills += kill(chance.choice(chance.choice(cages)))
            if status(process) == 0:
                assert set(scores(folder)) == set(EXPECTED)
        start(process)
        assert status(process) == 0
    assert scores(folder) == EXPECTED


def test_a_submission_whose_process_always_ends_has_a_reason(folder, monkeypatch):
    """It is tried three times alone and gets 0 points in words; all others have their scores; the
    next run, with nothing wrong, judges it again."""
    monkeypatch.setattr(workers, "judge", deadly.judge_or_die)
    for student, word in (("student-2", "DEADLY"), ("student-4", "ODD")):
        path = folder / "submitted" / student / NAME / f"{NAME}.ipynb"
        path.write_text(path.read_text().replace("# 2", f"# {word}").replace("# 4", f"# {word}"))
    results = {r.student: r for r in engine.grade(folder, NAME)}
    assert scores(folder) == EXPECTED | {"student-2": 0, "student-4": 0}
    assert "the process that ran it ended 3 times" in results["student-2"].words
    assert "judging it failed (ZeroDivisionError) 3 times" in results["student-4"].words
    monkeypatch.undo()
    engine.grade(folder, NAME)
    assert scores(folder) == EXPECTED


def test_a_cage_that_ends_is_replaced(folder, monkeypatch):
    """The warm process is killed in the middle of each submission: none loses a point."""
    monkeypatch.setattr(workers, "judge", deadly.judge_with_a_dying_cage)
    engine.grade(folder, NAME, ["student-0", "student-1"])
    assert scores(folder) == {name: EXPECTED[name] for name in ("student-0", "student-1")}


def test_processes_that_never_start_are_no_fault_of_the_submissions(folder, monkeypatch):
    """Nobody gets 0 points: the run ends with a sentence."""
    monkeypatch.setattr(workers, "open_cage", deadly.die)
    monkeypatch.setattr(workers, "judge", deadly.die)
    with pytest.raises(CannotGrade, match="end as soon as they are started"):
        engine.grade(folder, NAME)
    assert scores(folder) == {}


def test_a_cage_that_cannot_be_used_is_no_fault_of_the_submissions(folder):
    """Where no namespaces with scratch space can be made, nobody gets 0 points: a sentence."""
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write("\nc.Run.scratch_bytes = -1\n")
    with pytest.raises(CannotGrade, match="The cage cannot be used: OSError"):
        engine.grade(folder, NAME)
    assert scores(folder) == {}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("c.Run.call_seconds = two", "nbgrader_config.py: line .*NameError: name 'two'"),
        ("c.Run.call_seconds =", "nbgrader_config.py: line .*invalid syntax"),
        ("c.Run.cell_seconds = -1", "nbgrader_config.py: .*cell_seconds"),
        ("c.Run.isolation = 'docker'", "nbgrader_config.py: .*isolation"),
    ],
)
def test_settings_that_make_no_sense_are_told(folder, line, said):
    """nbgrader would go on with its own settings, without a cage; here nothing is graded."""
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write(f"\n{line}\n")
    with pytest.raises(CannotGrade, match=said):
        engine.grade(folder, NAME)
    assert scores(folder) == {}


def test_what_is_off_for_being_late_follows_the_due_date(folder):
    """It is in the reasons, and gone with a later due date, though the submission is the same."""
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    stamp = folder / "submitted" / "student-0" / NAME / "timestamp.txt"
    stamp.write_text("2026-01-12 12:00:00 UTC")
    for day, points_off in (("10", ALL), ("20", 0)):
        with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
            gradebook.update_or_create_assignment(NAME, duedate=f"2026-01-{day} 12:00:00 UTC")
        (result,) = engine.grade(folder, NAME, ["student-0"], feedback=True)
        assert (result.penalty, result.points, result.net) == (points_off, ALL, ALL - points_off)
        assert (": 7 points off" in result.words) == bool(points_off)
        # What counts is said alike in the table, in grades.csv and in the student's page.
        table = reports.table([result])
        assert [*table.columns[1].cells] == [f"{ALL - points_off:g}"]
        with (folder / "grades.csv").open(encoding="utf-8") as file:
            (row,) = (row for row in csv.DictReader(file) if row["student_id"] == "student-0")
        assert float(row["score"]) == ALL - points_off
        page = (folder / "feedback" / "student-0" / NAME / f"{NAME}.html").read_text()
        assert f"(Score: {ALL - points_off:.1f} /" in page
        assert ("late by 2 d: 7 points off" in page) == bool(points_off)


def test_names_and_places_that_cannot_be_graded_are_told(folder, capsys):
    """A name that nbgrader does not keep, and a notebook in the wrong folder, stop nobody else."""
    shutil.copytree(folder / "submitted" / "student-0", folder / "submitted" / "blank ")
    stray = folder / "submitted" / "hugo"
    stray.mkdir()
    shutil.copy(folder / "submitted" / "student-1" / NAME / f"{NAME}.ipynb", stray)
    results = {result.student: result for result in engine.grade(folder, NAME)}
    assert "no student of this name" in results["blank "].words
    assert {name: results[name].points for name in EXPECTED} == EXPECTED
    assert f"Not looked at: {stray}" in capsys.readouterr().err


def test_an_older_release_is_told(folder, capsys):
    """Once handed in, the cells in the gradebook stay: marks follow them, and a line says so."""
    engine.grade(folder, NAME)
    assert "has changed since" not in capsys.readouterr().err
    path = folder / "solutions" / NAME / f"{NAME}.ipynb"
    nb = nbformat.read(path, as_version=4)
    text = next(cell for cell in nb.cells if cell.metadata.nbgrader.grade_id.startswith("text-"))
    text.metadata.nbgrader.grade_id += "-mended"
    nbformat.write(nb, path)
    engine.grade(folder, NAME)
    assert "has changed since it was handed in" in capsys.readouterr().err
    assert scores(folder) == EXPECTED


# --- disk, gradebook, clock, Ctrl-C ----------------------------------------------------------


def test_a_full_disk_is_told_and_nothing_is_half_written(folder, monkeypatch):
    """The third verdict finds no space: one sentence; two are kept whole; the next run goes on."""
    calls = []

    def full_at_third(descriptor):
        calls.append(descriptor)
        if len(calls) > 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    (folder / "verdicts" / "seed").write_text("1")
    monkeypatch.setattr(verdicts.os, "fsync", full_at_third)
    run = invoke(folder, "grade", NAME)
    assert run.exit_code == 2 and run.stderr.count("\n") == 1
    assert "No space left on device" in run.stderr
    kept = list((folder / "verdicts").glob("*.json"))
    assert len(kept) == 2 and all(json.loads(path.read_bytes()) for path in kept)
    assert not list((folder / "verdicts").glob(".new-*"))
    monkeypatch.undo()
    judged = jobs_of(monkeypatch)
    engine.grade(folder, NAME)
    assert len(judged) == 4 and scores(folder) == EXPECTED


class OtherProgram:
    """Keeps the gradebook locked until it lets go, at the latest after some seconds."""

    def __init__(self, folder: Path, seconds: float):
        self.gradebook = folder / "gradebook.db"
        self.has_it, self.may_go = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.keep, args=(seconds,))
        self.thread.start()
        assert self.has_it.wait(10)

    def keep(self, seconds: float) -> None:
        with contextlib.closing(sqlite3.connect(self.gradebook, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            self.has_it.set()
            self.may_go.wait(seconds)
            other.execute("COMMIT")

    def let_go(self) -> None:
        self.may_go.set()
        self.thread.join()


def test_a_locked_gradebook_is_waited_for(folder):
    """The scores are there after another program let go of the gradebook."""
    other = OtherProgram(folder, 3)
    engine.grade(folder, NAME)
    other.let_go()
    assert scores(folder) == EXPECTED


def test_a_gradebook_that_stays_locked_is_told(folder, monkeypatch):
    """One sentence and exit code 2, at the start and in the middle; then the next run goes on."""
    monkeypatch.setattr(records, "PATIENCE", 0.2)
    others = [OtherProgram(folder, 60)]
    run = invoke(folder, "grade", NAME)
    assert run.exit_code == 2 and run.stderr.count("\n") == 1 and "locked" in run.stderr
    others[0].let_go()

    def lock_once(done, total, student):
        if done == 3 and len(others) == 1:
            others.append(OtherProgram(folder, 60))

    with pytest.raises(CannotGrade, match=r"locked.*What is graded is kept"):
        engine.grade(folder, NAME, watch=lock_once)
    others[1].let_go()
    engine.grade(folder, NAME)
    assert scores(folder) == EXPECTED


def test_two_commands_at_once(folder):
    """Both end well, one after the other, and each student has one score."""
    command = [sys.executable, "-c", COMMAND, "grade", NAME, "--jobs", "1"]
    where = {"cwd": folder, "env": os.environ | {"PYTHONPATH": str(ROOT)}}
    both = [subprocess.Popen(command, stdout=subprocess.DEVNULL, **where) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert scores(folder) == EXPECTED


def test_a_clock_that_jumps_changes_nothing(folder, monkeypatch):
    """Nothing in the engine asks for the time of day; with one that jumps, all scores are there."""
    for name in ("engine", "workers", "verdicts", "records", "remote", "sandbox", "wire", "kernel"):
        text = (ROOT / "autograder" / f"{name}.py").read_text()
        assert "time.time(" not in text and "datetime" not in text
    chance, now = random.Random(3), time.time
    monkeypatch.setattr(time, "time", lambda: now() + chance.uniform(-1e8, 1e8))
    engine.grade(folder, NAME)
    assert scores(folder) == EXPECTED


def test_ctrl_c_says_one_sentence_and_keeps_what_is_done(folder):
    """Every process of the terminal gets the signal. The verdicts that are there stay."""
    # A shell that runs the tests in the background lets all that they start ignore the signal.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    command = [sys.executable, "-c", heard + COMMAND, "grade", NAME, "--jobs", "1"]
    where = {"cwd": folder, "env": os.environ | {"PYTHONPATH": str(ROOT)}}
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, start_new_session=True, **where
    )
    while not list((folder / "verdicts").glob("*.json")):
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate()[1]
    assert process.returncode == 2, said
    assert said.count("\n") == 1 and "What is graded is kept" in said
    assert list((folder / "verdicts").glob("*.json"))
    engine.grade(folder, NAME)
    assert scores(folder) == EXPECTED


# --- nothing is run twice --------------------------------------------------------------------


def jobs_of(monkeypatch) -> list[str]:
    """The keys of the jobs that are judged from now on."""
    keys, really = [], workers.Workers.verdicts

    def noted(self, jobs):
        for job, verdict in really(self, jobs):
            keys.append(job.key)
            yield job, verdict

    monkeypatch.setattr(workers.Workers, "verdicts", noted)
    return keys


def test_only_what_changed_is_run(folder, monkeypatch):
    """Identical submissions run once, unchanged ones not at all; `again` runs everything; so does
    a new version of what judges."""
    judged = jobs_of(monkeypatch)
    shutil.copytree(folder / "submitted" / "student-1", folder / "submitted" / "twin")
    engine.grade(folder, NAME)
    assert len(judged) == len(set(judged)) == 6
    assert scores(folder) == EXPECTED | {"twin": ALL - SLOPE}
    engine.grade(folder, NAME)
    assert len(judged) == 6
    path = folder / "submitted" / "student-3" / NAME / f"{NAME}.ipynb"
    path.write_text(path.read_text().replace("# 3", "# three"))
    engine.grade(folder, NAME)
    assert len(judged) == 7
    engine.grade(folder, NAME, ["student-1", "twin"], again=True)
    assert len(judged) == 8
    monkeypatch.setattr(records, "version", lambda assignment: "another")
    engine.grade(folder, NAME, ["student-1", "student-2"])
    assert len(judged) == 10
