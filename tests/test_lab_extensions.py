"""nbgrader's Validate and formgrader, in a JupyterLab that runs in the course folder."""

import re
import secrets
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from autograder.demo import write
from autograder.demo_students import Attempt, Student
from course.classroom.exercises import of_assignment
from tests import jupyter_server
from tests.jupyter_server import PATIENCE, Jupyter, chromium, wait_until  # noqa: F401 (a fixture)

ROOT = Path(__file__).parent.parent
NAME = "01-gradient-descent"
FILE = f"{NAME}/{NAME}.ipynb"


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A course folder as the repository has it, with one submission under another file name."""
    folder = tmp_path_factory.mktemp("course")
    for part in ("solutions", "notebooks"):
        shutil.copytree(ROOT / part, folder / part)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    ada = Student("ada", "all right")
    ben = Student("ben", "one mistake", {"slope": Attempt("def slope(w, x, y):\n    return 0")})
    hand_in(folder, ada, folder / "submitted" / "ada" / NAME / "mine.ipynb")
    hand_in(folder, ada, folder / "right.ipynb")
    hand_in(folder, ben, folder / "wrong.ipynb")
    return folder


def hand_in(folder: Path, student: Student, path: Path) -> None:
    nb = nbformat.read(folder / "notebooks" / FILE, as_version=4)
    write(nb.cells, nbformat.read(folder / "solutions" / FILE, as_version=4), student)
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, path)


@pytest.fixture(scope="module")
def server(course, tmp_path_factory):
    """A Jupyter server that was started in the course folder, as `jupyter lab` would be."""
    home = tmp_path_factory.mktemp("home")
    port, token = jupyter_server._free_port(), secrets.token_hex(16)
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            jupyter_server._command(port, course),
            env=jupyter_server._environment(home, token),
            cwd=course,
            stdout=log,
            stderr=log,
        )
    running = Jupyter(f"http://127.0.0.1:{port}", token, course)
    try:
        wait_until(lambda: jupyter_server._answers(running, process), f"{home / 'server.log'}")
        yield running
    finally:
        if process.poll() is None:
            running.ask("POST", "api/shutdown")
            process.wait(PATIENCE)


@pytest.mark.parametrize(
    ("notebook", "failed"), [("right.ipynb", []), ("wrong.ipynb", ["check(slope)"])]
)
def test_validate_names_the_checks_that_fail(server, notebook, failed):
    """Validate's endpoint runs the checks: none fails when all is right, else the one that does."""
    answer = server.ask("POST", "assignments/validate", {"path": notebook})
    assert answer["success"], answer["value"]
    assert [cell["source"] for cell in answer["value"].get("failed", [])] == failed


def test_the_validate_button_shows_the_result(server, chromium):  # noqa: F811
    """In JupyterLab the button above a notebook opens a dialogue with the result."""
    page = chromium.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.goto(f"{server.url}/lab/tree/right.ipynb?reset&token={server.token}")
    page.get_by_role("button", name="Validate").click()
    expect(page.get_by_role("dialog")).to_contain_text(
        re.compile("success", re.IGNORECASE), timeout=1000 * PATIENCE
    )
    page.close()


def test_the_formgrader_makes_grades_and_shows_them(server, course, chromium):  # noqa: F811
    """Its buttons' endpoints make the assignment and grade a renamed file; its page has the
    score, and the submission opens with the report."""
    made = server.ask("POST", f"formgrader/api/assignment/{NAME}/assign")
    assert made["success"], made
    graded = server.ask("POST", f"formgrader/api/submission/{NAME}/ada/autograde")
    assert graded["success"], graded
    submission = server.ask("GET", f"formgrader/api/submission/{NAME}/ada")
    points = sum(exercise.points for exercise in of_assignment(NAME).values())
    assert submission["autograded"] and submission["score"] == points
    page = chromium.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.goto(f"{server.url}/api/status?token={server.token}")  # a cookie, as at a login
    page.goto(f"{server.url}/formgrader/manage_submissions/{NAME}")
    row = page.get_by_role("row").filter(has_text="ada")
    expect(row).to_contain_text(f"{points}", timeout=30_000)
    (notebook,) = server.ask("GET", f"formgrader/api/submitted_notebooks/{NAME}/{NAME}")
    page.goto(f"{server.url}/formgrader/submissions/{notebook['id']}")
    expect(page.locator("body")).to_contain_text("The file is called mine.ipynb")
    expect(page.locator("body")).to_contain_text("slope: right")
    page.close()
