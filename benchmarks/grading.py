"""How long a class takes: nbgrader alone against `autograder grade`, on the same submissions.

    python benchmarks/grading.py [--students 30] [--assignment 01-gradient-descent]

Both sides grade the same folder of submissions on this machine, one after the other, and write
gradebook and autograded notebooks. nbgrader alone starts a kernel per submission and runs the check
cells in it. Scores are compared: a difference ends with exit code 1.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from tests.variants import SOLUTIONS

ROOT = Path(__file__).parent.parent
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


def timed(folder: Path, *command: str) -> float:
    """Run a command in the folder; its wall time in seconds."""
    before = time.perf_counter()
    program, *arguments = command
    done = subprocess.run(
        [Path(sys.executable).parent / program, *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return time.perf_counter() - before


def scores(folder: Path, assignment: str) -> dict[str, float]:
    """The score of each student in the gradebook."""
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        return {s.student.id: s.score for s in gradebook.assignment_submissions(assignment)}


def main() -> None:
    """Run both sides and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--assignment", default="01-gradient-descent")
    parser.add_argument("--only-ours", action="store_true", help="leave nbgrader alone out")
    chosen = parser.parse_args()
    assignment, n = chosen.assignment, chosen.students
    with tempfile.TemporaryDirectory() as temporary:
        ours, stock = Path(temporary, "ours"), Path(temporary, "stock")
        ours_settings = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
        make_course(ours, assignment, n, ours_settings)
        seconds = timed(ours, "autograder", "grade", assignment)
        again = timed(ours, "autograder", "grade", assignment)
        print(f"autograder grade, {n} submissions:   {seconds:8.1f} s  {seconds / n:6.3f} s each")
        print(f"the same again, nothing changed:  {again:8.1f} s  {again / n:6.3f} s each")
        verdicts = [json.loads(p.read_text()) for p in (ours / "verdicts").glob("*.json")]
        caged = sum(verdict["processor_seconds"] for verdict in verdicts)
        print(f"  of that, processor time in cages:  {caged:8.1f} s  {caged / n:6.3f} s each")
        if chosen.only_ours:
            return
        make_course(stock, assignment, n, STOCK)
        timed(stock, "nbgrader", "generate_assignment", assignment, "--force")
        alone = timed(stock, "nbgrader", "autograde", assignment)
        print(f"nbgrader autograde, {n} submissions: {alone:8.1f} s  {alone / n:6.3f} s each")
        print(f"ratio: {alone / seconds:.1f}")
        mine, theirs = scores(ours, assignment), scores(stock, assignment)
        differing = [student for student in theirs if mine.get(student) != theirs[student]]
        print(f"scores compared: {len(theirs)}, different: {len(differing)} {differing[:5]}")
        sys.exit(1 if differing or not theirs else 0)


if __name__ == "__main__":
    main()
