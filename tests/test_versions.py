"""What a verdict depends on is found from the code: whatever judges, when edited, asks for new
marks, of that assignment and not of others."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course.classroom.exercises import ASSIGNMENTS

ROOT = Path(__file__).parent.parent

EDITS = """
import sys
from pathlib import Path
from autograder import versions

assert versions.ROOTS["course"] == Path("course").resolve()

def all_versions():
    versions.version.cache_clear()
    return {a: versions.version(a) for a in versions.exercises.ASSIGNMENTS}

before = all_versions()
for name in sys.stdin.read().split():
    path = Path(name)
    kept = path.read_bytes() if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_bytes((kept or b"") + b"\\n# edited\\n")
    after = all_versions()
    path.unlink() if kept is None else path.write_bytes(kept)
    print(name, *(a for a in before if before[a] != after[a]))
assert all_versions() == before
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the two packages, to be edited."""
    folder = tmp_path_factory.mktemp("copy")
    for package in ("autograder", "course"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("*.pyc"))
    return folder


def changed_by(copy: Path, names: list[str]) -> dict[str, set[str]]:
    """Edited file -> assignments whose version that changes."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", EDITS],
        cwd=copy,
        env={"PYTHONPATH": str(copy)},
        input="\n".join(names),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {name: set(rest) for name, *rest in map(str.split, done.stdout.splitlines())}


def modules_of(copy: Path, names: list[str]) -> set[str]:
    """Files of the two packages that are loaded once all of ``names`` is imported."""
    code = f"import sys, {', '.join(names)}\nfor m in list(sys.modules.values()):\n"
    code += "    print(getattr(m, '__file__', None) or '')"
    done = subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=copy,
        env={"PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=True,
    )
    return {
        Path(line).relative_to(copy).as_posix()
        for line in done.stdout.splitlines()
        if line.startswith(str(copy))
    }


def test_whatever_the_judging_loads_asks_for_new_marks(copy):
    """Python itself says what is loaded to judge an assignment: a change of any of it, of what
    runs in the cage, or of a report's template, changes that assignment's version."""
    for assignment in ("06-xor", "02-circuits-and-the-chain-rule"):
        module = ASSIGNMENTS[assignment]
        loads = ["autograder.verdicts", f"autograder.answers.{module}"]
        loads.append(f"course.classroom.exercises.{module}")
        files = modules_of(copy, loads)
        files |= {"autograder/kernel.py", "course/classroom/templates/report.html"}
        files |= {f"course/classroom/recorded/{assignment}.json", "course/data/digits.npz"}
        changed = changed_by(copy, sorted(files))
        assert len(files) > 20 and all(assignment in changed[name] for name in files)


def test_a_change_of_one_assignment_leaves_the_others_alone(copy):
    """Its exercises, answers, pictures and recorded results are its own; the reference counts for
    those whose answers are built on it; what only shows, records or builds counts for none."""
    own = {
        f"autograder/answers/{module}.py": {assignment}
        for assignment, module in ASSIGNMENTS.items()
    }
    own |= {
        name.replace("autograder/answers", "course/classroom/exercises"): own[name] for name in own
    }
    own |= {f"course/classroom/recorded/{a}.json": {a} for a in ASSIGNMENTS}
    own |= {"course/classroom/plots_xor.py": {"06-xor"}}
    own |= {
        f"autograder/{name}.py": set() for name in ("reports", "build", "cli", "demo", "records")
    }
    assert changed_by(copy, list(own)) == own
    (network,) = changed_by(copy, ["course/network.py"]).values()
    assert network >= {"04-two-layers", "05-the-delta-recursion", "06-xor"}
    assert "01-gradient-descent" not in network


def test_new_and_moved_files_are_found(copy):
    """A module that an answer begins to import counts, as does a folder named after its
    assignment; a file that nothing imports does not."""
    answer = copy / "autograder" / "answers" / "xor.py"
    answer.write_text("from course import moved_here\n" + answer.read_text())
    (copy / "course" / "moved_here.py").write_text("")
    rooms = ["autograder/answers/xor/more.py", "course/classroom/xor/pictures.py"]
    changed = changed_by(copy, ["course/moved_here.py", "course/nobody.py", *rooms])
    assert list(changed.values()) == [{"06-xor"}, set(), {"06-xor"}, {"06-xor"}]
