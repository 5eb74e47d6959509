"""How long a class takes: nbgrader alone against `autograder grade`, on the same submissions.

    .venv/bin/python benchmarks/grading.py [--students 30] [--repeat 1] [--only-ours]

Both sides grade the same folder of submissions on this machine, one after the other, and write
gradebook and autograded notebooks; `nbgrader generate_assignment` ran before on both. nbgrader
alone starts a kernel per submission and runs the check cells in it. Like is compared with like:
first neither side draws pictures (as `autograder grade` does it), then both do. Scores are
compared: a difference ends with exit code 1. Then: where the processor time of one submission goes.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import nbformat
from nbgrader.api import Gradebook

from autograder import engine, remote
from autograder.sandbox import Cage
from autograder.verdicts import Store
from tests.variants import SOLUTIONS

STOCK = """
c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
"""
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "PYTHONPATH": str(ROOT),
}


def make_course(folder: Path, assignment: str, students: int, settings: str) -> None:
    """A course folder with the submissions of a class; every student's code differs."""
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text(settings, encoding="utf-8")
    shutil.copytree(ROOT / "solutions" / assignment, folder / "solutions" / assignment)
    released = ROOT / "notebooks" / assignment / f"{assignment}.ipynb"
    for number in range(students):
        nb = nbformat.read(released, as_version=4)
        for cell in nb.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if name in SOLUTIONS:
                styles = SOLUTIONS[name]
                cell.source = f"# student {number}\n{styles[number % len(styles)].strip()}"
        place = folder / "submitted" / f"student-{number:04}" / assignment
        place.mkdir(parents=True)
        nbformat.write(nb, place / f"{assignment}.ipynb")


def code_that_draws(folder: Path) -> Path:
    """A copy of the code whose cage draws pictures; the rest is as it is."""
    for package in ("course", "autograder"):
        shutil.copytree(ROOT / package, folder / package)
    kernel = folder / "autograder" / "kernel.py"
    text = kernel.read_text(encoding="utf-8")
    line = "course.classroom.picture.drawing = False"
    if text.count(line) != 1:
        sys.exit(f"autograder/kernel.py does not hold `{line}` once; this benchmark needs it")
    kernel.write_text(text.replace(line, line.replace("False", "True")), encoding="utf-8")
    return folder


def kernels_that_do_not_draw(folder: Path) -> Path:
    """A folder for IPython whose kernels start with pictures switched off."""
    startup = folder / "profile_default" / "startup"
    startup.mkdir(parents=True)
    lines = "import course.classroom.picture\ncourse.classroom.picture.drawing = False\n"
    lines += "del course\n"
    (startup / "no-pictures.py").write_text(lines, encoding="utf-8")
    return folder


def timed(folder: Path, *command: str, **environment: str) -> tuple[float, float]:
    """Run a command in the folder: wall time in seconds, and MB of its largest process.

    ``environment`` holds further variables. Ends the benchmark if the command fails.
    """
    program, *arguments = command
    with tempfile.TemporaryFile("w+") as said:
        before = time.perf_counter()
        process = subprocess.Popen(
            [Path(sys.executable).parent / program, *arguments],
            cwd=folder,
            env=ENVIRONMENT | environment,
            stdout=said,
            stderr=said,
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - before
        if status != 0:
            said.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{said.read()[-4000:]}")
    return seconds, used.ru_maxrss / 1024


def scores(folder: Path, assignment: str) -> dict[str, float]:
    """The score of each student in the gradebook."""
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        return {s.student.id: s.score for s in gradebook.assignment_submissions(assignment)}


# --- where the time goes --------------------------------------------------------------------


@contextlib.contextmanager
def adding(spent: dict[str, float], what: str) -> Iterator[None]:
    """Add the processor time of the block, in this process."""
    before = time.process_time()
    yield
    spent[what] = spent.get(what, 0.0) + time.process_time() - before


def where_time_goes(folder: Path, assignment: str, students: list[str]) -> None:
    """Print the processor time of one submission, part by part, and of an untouched one."""
    records = engine.load_records()
    course, store = records.Course(folder), Store(folder / "verdicts")
    released = nbformat.read(folder / "notebooks" / assignment / f"{assignment}.ipynb", 4)
    (folder / "submitted" / "untouched" / assignment).mkdir(parents=True)
    nbformat.write(
        released, folder / "submitted" / "untouched" / assignment / f"{assignment}.ipynb"
    )
    cage, spent, untouched = Cage(), {}, {}
    with records.one_connection(course):
        cells = records.register(course, assignment)

        def one(student: str, parts: dict[str, float]) -> None:
            with adding(parts, "read and repair"):
                job = records.job(course, assignment, student, cells, store.seed())
            with adding(parts, "mark, from outside"):
                run = remote.run_notebook(cage, job.cells, job.files, job.limits, job.seed)
            caged = "run in the cage: the student's own computing, forks"
            parts[caged] = parts.get(caged, 0.0) + run.processor_seconds
            with adding(parts, "nbgrader's bookkeeping"):
                records.grade_one(course, assignment, student)

        one(students[0], {})  # whatever is done once
        for student in students:
            one(student, spent)
            one("untouched", untouched)
    cage.close()
    print("\nprocessor time of one submission, ms:     solved  untouched")
    for part in spent:
        print(f"  {part:52s} {spent[part] / len(students) * 1000:6.0f}", end="")
        print(f"  {untouched[part] / len(students) * 1000:6.0f}")


def main() -> None:
    """Run both sides and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--assignment", default="01-gradient-descent")
    parser.add_argument("--repeat", type=int, default=1, help="how often both sides run")
    parser.add_argument("--only-ours", action="store_true", help="leave nbgrader alone out")
    chosen = parser.parse_args()
    good = True
    for _ in range(chosen.repeat):
        with tempfile.TemporaryDirectory() as temporary:
            good = compare(Path(temporary), chosen) and good
    sys.exit(0 if good else 1)


def compare(temporary: Path, chosen: argparse.Namespace) -> bool:
    """Grade one class on both sides, without pictures and with; False if a score differs."""
    assignment, n = chosen.assignment, chosen.students
    good, settings = True, (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    drawing = str(code_that_draws(temporary / "code"))
    silent = str(kernels_that_do_not_draw(temporary / "ipython"))
    sides = {
        "without pictures": ({}, {"IPYTHONDIR": silent}),
        "with pictures": ({"PYTHONPATH": drawing}, {}),
    }
    for name, (our_variables, their_variables) in sides.items():
        ours = temporary / name / "ours"
        ours.parent.mkdir()
        make_course(ours, assignment, n, settings)
        timed(ours, "nbgrader", "generate_assignment", assignment, "--force")
        seconds, memory = timed(ours, "autograder", "grade", assignment, **our_variables)
        print(f"\n{name}, {assignment}, {n} submissions, {os.cpu_count()} cores")
        print(f"  autograder grade:           {seconds:8.1f} s  {seconds / n:6.3f} s each")
        print(f"  submissions a minute:       {60 * n / seconds:8.0f}")
        print(f"  its largest process:        {memory:8.0f} MB")
        mine = scores(ours, assignment)
        good = good and len(mine) == n
        if name == "without pictures":
            again, _ = timed(ours, "autograder", "grade", assignment)
            print(f"  again, nothing changed:     {again:8.1f} s  {again / n:6.3f} s each")
        if chosen.only_ours:
            continue
        stock = temporary / name / "stock"
        make_course(stock, assignment, n, STOCK)
        timed(stock, "nbgrader", "generate_assignment", assignment, "--force")
        alone, _ = timed(stock, "nbgrader", "autograde", assignment, **their_variables)
        theirs = scores(stock, assignment)
        differing = [student for student in theirs if mine.get(student) != theirs[student]]
        print(f"  nbgrader autograde:         {alone:8.1f} s  {alone / n:6.3f} s each")
        print(f"  ratio {name}: {alone / seconds:.1f}")
        print(f"  scores compared: {len(theirs)}, different: {len(differing)} {differing[:5]}")
        good = good and not differing
    where_time_goes(temporary / "without pictures" / "ours", assignment, sorted(mine)[:20])
    return good


if __name__ == "__main__":
    main()
