"""What holds for the repository as a whole: who may import whom, and what is listed twice."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from nbgrader.apps.api import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader

ROOT = Path(__file__).parent.parent
REFERENCE = {
    "activations", "losses", "chain", "circuit", "network", "descent", "training", "ensemble",
}  # fmt: skip


def imports(path):
    """The modules that a file names in import statements, at any depth."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def is_reference(module):
    """True for ``course.activations`` and the like."""
    return (
        module.split(".")[:1] == ["course"]
        and module.split(".")[1:2][0:1] != []
        and (module.split(".")[1] in REFERENCE)
    )


def test_dependencies_point_one_way():
    """What students get never imports the reference or the autograder; the reference imports
    neither the classroom nor the autograder."""
    for path in (ROOT / "course").rglob("*.py"):
        name, named = path.relative_to(ROOT / "course").as_posix(), imports(path)
        assert not [m for m in named if m.split(".")[0] == "autograder"], name
        if name.removesuffix(".py") in REFERENCE:
            assert not [m for m in named if m.startswith("course.classroom")], name
        else:
            assert not [m for m in named if is_reference(m)], name
    for path in (ROOT / "autograder" / "answers").glob("*.py"):
        others = [m for m in imports(path) if re.match(r"autograder\.(?!answers)", m)]
        assert not others, path


def test_the_rule_above_sees_what_it_forbids(tmp_path):
    """An import inside a function counts as well."""
    (tmp_path / "a.py").write_text("def f():\n    from course import network\n")
    assert any(is_reference(module) for module in imports(tmp_path / "a.py"))


def test_environment_yml_lists_what_pyproject_lists():
    """The conda environment and the package have the same dependencies."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    text = (ROOT / "environment.yml").read_text()
    listed = [line for line in re.findall(r"^ +- (.+)$", text, re.MULTILINE) if line != "pip:"]
    assert listed[0] == "conda-forge"
    assert listed[1] == f"python{project['requires-python']}"
    assert listed[2] == "pip"
    assert sorted(listed[3:]) == sorted(project["dependencies"])


def test_constraints_pin_every_dependency():
    """Each direct dependency has one exact version in constraints.txt."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = {re.sub(r"[-_.]+", "-", line.split("==")[0]).lower() for line in lines}
    for requirement in project["dependencies"] + project["optional-dependencies"]["test"]:
        assert re.split(r"[<>=\[]", requirement)[0].lower() in pinned


@pytest.mark.parametrize("package", ["course", "autograder"])
def test_help_and_version_load_nothing_heavy(package):
    """The commands answer at once: neither NumPy nor matplotlib, nbgrader or Jupyter is loaded."""
    code = f"""
import json, sys
from {package}.cli import main
main(["--help"], standalone_mode=False)
print(json.dumps(sorted(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "Example:" in done.stdout
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert not loaded & {
        "numpy",
        "matplotlib",
        "nbgrader",
        "nbformat",
        "IPython",
        "jupytext",
        "rich",
    }


def test_importing_the_classroom_loads_no_plotting():
    """``from course import check`` does not wait for matplotlib, jinja2 or widgets."""
    code = "import sys; from course import check; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert not set(done.stdout.split()) & {"matplotlib", "jinja2", "ipywidgets", "IPython"}


def test_every_command_says_how_it_is_used():
    """Each subcommand's help has an example."""
    from autograder.cli import main as autograder
    from course.cli import main as course

    for group in (autograder, course):
        for name, command in group.commands.items():
            assert "Example:" in command.help, name


def test_code_is_formatted():
    """ruff format and ruff check are clean."""
    for arguments in (["format", "--check"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, "."],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout


def test_the_exchange_of_a_fresh_clone_works():
    """Otherwise the formgrader opens with an error that nothing here explains."""
    course = NbGrader()
    course.initialize([], root=str(ROOT))
    api = NbGraderAPI(config=course.config, coursedir=course.coursedir)
    assert Path(api.exchange_root) == ROOT / "exchange"
    assert api.exchange_is_functional and not api.exchange_missing


@pytest.mark.parametrize("name", ["diagnosis", "grading", "report"])
def test_a_benchmark_starts_as_its_docstring_says(name, tmp_path):
    """From any folder, with nothing on the path that the command does not put there."""
    command = [sys.executable, str(ROOT / "benchmarks" / f"{name}.py"), "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
