"""The student edition: complete, and without any answer, whatever name an answer may go by."""

import ast
import importlib.metadata
import io
import json
import os
import re
import subprocess
import sys
import textwrap
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import nbformat
import pytest

import course
from autograder import STUDENT_MODULES, source
from autograder.release import contents, packed, release
from course.classroom import exercises

ROOT = Path(__file__).parent.parent
REFERENCE = sorted(p for p in (ROOT / "course").glob("*.py") if p.stem not in STUDENT_MODULES)
ANSWERS = sorted((ROOT / "autograder/answers").glob("[a-z]*.py"))


@pytest.fixture(scope="module")
def edition():
    """The files of the student edition by path."""
    return contents(ROOT)


# --- what is in it --------------------------------------------------------------------------


def test_the_edition_holds_what_a_student_needs_and_no_reference(edition):
    """By file name: notebooks, the classroom, data, how to install; nothing from the reference,
    the grader, the solutions or the tests."""
    for name in ("README.md", "LICENSE", "pyproject.toml", "environment.yml", "constraints.txt"):
        assert edition[name]
    for assignment, module in exercises.ASSIGNMENTS.items():
        assert f"notebooks/{assignment}/{assignment}.ipynb" in edition
        assert f"course/classroom/recorded/{assignment}.json" in edition
        assert f"course/classroom/exercises/{module}.py" in edition
    for path in (ROOT / "course/classroom").rglob("*"):
        if path.suffix in (".py", ".html", ".js", ".css"):
            assert path.relative_to(ROOT).as_posix() in edition
    assert len(REFERENCE) >= 7
    assert not edition.keys() & {path.relative_to(ROOT).as_posix() for path in REFERENCE}
    assert {name.split("/")[0] for name in edition if "/" in name} == {"course", "notebooks"}
    assert not [name for name in edition if "__pycache__" in name or "/." in name]


def test_an_installed_edition_has_all_its_files(edition):
    """setuptools finds every package, and package-data covers every file that is not Python."""
    project = tomllib.loads(edition["pyproject.toml"].decode())
    patterns = project["tool"]["setuptools"]["package-data"]["course"]
    for name in edition:
        inside = Path(name)
        if inside.parts[0] == "course" and inside.suffix == ".py":
            assert (inside.parent / "__init__.py").as_posix() in edition
        elif inside.parts[0] == "course":
            within = inside.relative_to("course")
            assert any(within.match(pattern) for pattern in patterns), name
    assert project["project"]["scripts"] == {"course": "course.cli:main"}


def test_everything_imported_comes_with_a_listed_dependency(edition):
    """No module of the edition, and no notebook, needs a package that only instructors install,
    or a module of the course that is not there."""
    listed = tomllib.loads(edition["pyproject.toml"].decode())["project"]["dependencies"]
    installed = with_all_they_need(re.match(r"[\w-]+", entry)[0] for entry in listed)
    assert "nbgrader" not in installed
    owners = importlib.metadata.packages_distributions()
    for where, text in python_in(edition):
        for module in imported(ast.parse(text)) if not where.endswith(".md") else ():
            package = module.split(".")[0]
            if package == "course":
                path = module.replace(".", "/")
                assert {f"{path}.py", f"{path}/__init__.py"} & edition.keys(), (where, module)
            elif package not in sys.stdlib_module_names:
                owned_by = {canonical(owner) for owner in owners.get(package, ())}
                assert owned_by & installed, (where, module)
    conda = edition["environment.yml"].decode()
    assert all(f"  - {entry}\n" in conda for entry in listed)


def with_all_they_need(names) -> set[str]:
    """The packages ``names`` and all that they require, as installed here."""
    found, waiting = set(), list(names)
    while waiting:
        name = canonical(waiting.pop())
        if name not in found:
            found.add(name)
            try:
                required = importlib.metadata.requires(name) or []
            except importlib.metadata.PackageNotFoundError:  # for another system
                continue
            waiting += [re.match(r"[\w.-]+", r)[0] for r in required if "extra ==" not in r]
    return found


def canonical(name: str) -> str:
    """A package's name as indexes write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules that are imported anywhere in a program."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def test_packing_is_repeatable(edition, tmp_path):
    """The same files give the same bytes, in one folder, sorted, with fixed times."""
    once, twice = packed("folder", edition), packed("folder", contents(ROOT))
    assert once == twice
    archive = zipfile.ZipFile(io.BytesIO(once))
    names = archive.namelist()
    assert names == [f"folder/{name}" for name in sorted(edition)]
    (day,) = {entry.date_time[:3] for entry in archive.infolist()}
    assert day == tuple(map(int, course.__date__.split("-")))


def test_versions_are_pinned_without_an_address(edition):
    """Lines `name==version` and nothing else: no option, no address of an index."""
    pins = edition["constraints.txt"].decode().splitlines()
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)


# --- no answer in it ------------------------------------------------------------------------


def nodes_in(nodes: list[ast.AST | None]) -> int:
    """How large a piece of program is."""
    return sum(1 for node in nodes if node for _ in ast.walk(node))


def written_out(nodes: list[ast.AST], renamed: bool) -> str:
    """A piece of program as text; where ``renamed``, with its variables numbered, so that
    programs that differ in names alone become equal."""
    text = "\n".join(ast.dump(node) for node in nodes)
    if renamed:
        numbers: dict[str, int] = {}
        text = re.sub(
            r"(id|arg)='(\w+)'",
            lambda m: f"{m[1]}={numbers.setdefault(m[2], len(numbers))}",
            text,
        )
    return text


def forms(nodes: list[ast.AST]) -> Iterator[str]:
    """How a piece of program is looked for: small ones as they are, since `return a * b` is no
    secret, larger ones under any names as well, the smallest not at all."""
    size = nodes_in(nodes)
    if size >= 7:
        yield written_out(nodes, renamed=False)
    if size >= 20:
        yield written_out(nodes, renamed=True)


def pieces(body: list[ast.stmt]) -> Iterator[list[ast.AST]]:
    """What must not be seen of a function: its body, and the value that it ends with."""
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]  # the docstring
    if body:
        yield body
        if isinstance(body[-1], ast.Return) and nodes_in([body[-1].value]) >= 10:
            yield [body[-1].value]


@cache
def secrets() -> dict[str, str]:
    """Every solution, answer and function of the reference, in all forms -> where it stands."""
    found = {}
    for path in [*REFERENCE, *ANSWERS]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for piece in pieces(node.body):
                    found |= dict.fromkeys(forms(piece), f"{path.name}: {node.name}")
    for where, solution in solutions():
        for piece in pieces(ast.parse(solution).body):
            found |= dict.fromkeys(forms(piece), where)
    return found


def solutions() -> Iterator[tuple[str, str]]:
    """The solution of each exercise cell."""
    for cell in cells_with_solutions("exercise"):
        yield f"solution of {cell.name}", between_markers(cell)


def cells_with_solutions(kind: str) -> Iterator[source.Cell]:
    """The cells of one kind in all texts."""
    for assignment in exercises.ASSIGNMENTS:
        for cell in source.read(ROOT / f"solutions/{assignment}.md", assignment):
            if cell.kind == kind:
                yield cell


def between_markers(cell: source.Cell) -> str:
    """The lines between the markers of a cell."""
    lines = cell.source.splitlines()
    begin, end = (
        next(i for i, line in enumerate(lines) if marker in line)
        for marker in (source.BEGIN, source.END)
    )
    return textwrap.dedent("\n".join(lines[begin + 1 : end]))


def every_piece(tree: ast.AST, lengths: set[int]) -> Iterator[list[ast.AST]]:
    """Every expression in a program, and every run of statements of one of the lengths."""
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            yield [node]
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            if isinstance(body, list):
                for length in lengths:
                    yield from (body[i : i + length] for i in range(len(body) - length + 1))


def python_in(files: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Every Python program in the files: modules, code cells, code in Markdown."""
    for name, text in texts_in(files):
        if name.endswith(".py"):
            yield name, text
        elif name.endswith("[code]"):
            yield name, re.sub(r"(?m)^(\s*)[%!].*", r"\1pass", text)
        else:
            for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
                yield name, block


def texts_in(files: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Every text in the files; notebooks cell by cell, of JSON its strings."""
    for name, content in files.items():
        if name.endswith(".ipynb"):
            for cell in nbformat.reads(content.decode(), 4).cells:
                yield f"{name}[{cell.cell_type}]", cell.source
        elif name.endswith(".json"):
            yield name, "\n".join(strings_in(json.loads(content)))
        elif not name.endswith(".npz"):
            yield name, content.decode()


def strings_in(data) -> Iterator[str]:
    """Every string in JSON data, keys included."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for entry in [*data, *data.values()] if isinstance(data, dict) else data:
            yield from strings_in(entry)


def leaks(files: dict[str, bytes]) -> list[str]:
    """Where a file holds a secret, as a program under any names or as text in any layout."""
    known, found = secrets(), []
    sizes = {len(pieces) for pieces in map(str.splitlines, known)}
    for where, text in python_in(files):
        for piece in every_piece(ast.parse(text), sizes):
            found += [f"{where} holds {known[form]}" for form in forms(piece) if form in known]
    hidden = {squeezed(text): where for where, text in solutions()}
    for cell in cells_with_solutions("written"):
        hidden |= {squeezed(s): cell.name for s in re.split(r"\. |\n", between_markers(cell))}
    hidden = {text: where for text, where in hidden.items() if len(text) >= 24}
    for where, text in texts_in(files):
        plain = squeezed(text)
        found += [f"{where} holds {hidden[secret]}" for secret in hidden if secret in plain]
    return found


def squeezed(text: str) -> str:
    """A text without comments and white space."""
    return re.sub(r"\s+", "", re.sub(r"(?m)#.*$", "", text))


#: What is given on purpose, or says nothing: conversions, helpers of mistakes, code that a later
#: notebook gives although an earlier one asked for it (a notebook starts from its own stubs).
NOTEBOOKS = "notebooks/{0}/{0}.ipynb[code] holds "
CIRCUITS = NOTEBOOKS.format("02-circuits-and-the-chain-rule") + "circuits_and_the_chain_rule.py: "
HARMLESS = {
    "course/gradcheck.py holds activations.py: floating",
    "course/classroom/plain.py holds xor.py: step",
    "course/classroom/plots_the_delta_recursion.py holds losses.py: squared_error_value",
    "course/classroom/plots_training_in_practice.py holds circuits_and_the_chain_rule.py: "
    "difference_all_at_once",
    f"{CIRCUITS}net",
    f"{CIRCUITS}notebook_sigma",
    NOTEBOOKS.format("05-the-delta-recursion") + "solution of sigmoid",
}


def test_no_file_holds_an_answer(edition):
    """No solution, no answer, no function of the reference, under whatever names of variables."""
    assert len(secrets()) > 50
    assert set(leaks(edition)) - HARMLESS == set()
    assert not [name for name, text in texts_in(edition) if "SOLUTION" in text]


PLANTED = {
    "a renamed solution": (
        "course/more.py",
        "def f(a, b, c):\n    return np.sum(2 * (predict(b, a) - c) * b)\n",
    ),
    "a nested value": (
        "course/more.py",
        "class A:\n    def f(self, w, x, y):\n        if w:\n"
        "            k = np.sum(2 * (predict(x, w) - y) * x)\n",
    ),
    "code in Markdown": (
        "notes.md",
        "Like this:\n```python\ndef better(x, w):\n    return x*w\n```\n",
    ),
    "words": ("notes.md", "Hint: return per_weight ** weights\n"),
    "a string in JSON": (
        "course/classroom/recorded/x.json",
        '{"code": "w, b = theta\\n    return np.mean((w * x + b - t) ** 2)"}',
    ),
}


@pytest.mark.parametrize("case", PLANTED)
def test_a_planted_answer_is_found(case):
    """The search above finds what it is there to find: renamed, nested, in text and in JSON."""
    name, planted = PLANTED[case]
    assert leaks({name: planted.encode()})


def test_a_planted_function_of_the_reference_is_found():
    """Any function of the reference with all its variables renamed."""
    descent = ast.parse((ROOT / "course/descent.py").read_text(encoding="utf-8"))
    function = next(n for n in descent.body if getattr(n, "name", "") == "gradient_descent")
    names = {arg.arg for arg in function.args.args}
    for node in ast.walk(function):
        if isinstance(node, ast.arg) and node.arg in names:
            node.arg += "_2"
        if isinstance(node, ast.Name) and node.id in names:
            node.id += "_2"
    found = leaks({"course/more.py": ast.unparse(function).encode()})
    assert "course/more.py holds descent.py: gradient_descent" in found


def test_recorded_files_hold_results_only(edition):
    """Names and messages of mistakes, fingerprints, numbers: no other key, no other text."""
    for assignment in exercises.ASSIGNMENTS:
        records = json.loads(edition[f"course/classroom/recorded/{assignment}.json"])
        assert records.keys() == exercises.of_assignment(assignment).keys()
        for record in records.values():
            assert record.keys() == {"inputs", "expected", "mistakes"}
            assert re.fullmatch(r"[0-9a-f]{16}", record["inputs"])
            assert all(is_result(value) for value in record["expected"])
            for mistake in record["mistakes"]:
                assert mistake.keys() == {"name", "message", "outcomes"}
                for outcome in mistake["outcomes"]:
                    fields = dict(outcome["dict"])
                    assert fields.keys() <= {"kind", "value", "error", "changed"}
                    assert is_result(fields.get("value"))


def is_result(value) -> bool:
    """True for numbers, names, nothing, and arrays of them, as JSON."""
    if isinstance(value, dict):
        if value.keys() == {"dict"}:
            return all(is_result(key) and is_result(entry) for key, entry in value["dict"])
        return value.keys() <= {"array", "dtype", "tuple", "int", "float"} and all(
            (isinstance(v, str) and re.fullmatch(r"[<>|=]?\w{1,4}|-?\d+", v)) or is_result(v)
            for v in value.values()
        )
    if isinstance(value, list):
        return all(is_result(entry) for entry in value)
    if isinstance(value, str):  # a node, its operation, a reason to stop, -inf
        return bool(re.fullmatch(r"[\w +*-]{0,24}", value))
    return value is None or isinstance(value, int | float)


# --- it works -------------------------------------------------------------------------------

AT_A_DESK = """
import importlib.util, json, sys
import nbformat
from nbclient import NotebookClient
from course import check, progress

reference, paths = json.loads(sys.argv[1])
for name in ["autograder", *reference]:
    assert importlib.util.find_spec(name) is None, name

def predict(x, w):
    return w * x

def count_candidates(per_weight, weights):
    return per_weight * weights

def descent_step(w, gradient, learning_rate):
    raise NotImplementedError("descent_step: replace this line")

right, wrong, untouched = map(check, (predict, count_candidates, descent_step))
assert right.outcome == "right" and right.points == 2, str(right)
assert wrong.mistake.startswith("You multiplied"), str(wrong)
assert untouched.outcome == "not attempted", str(untouched)

for path in paths:
    notebook = nbformat.read(path, 4)
    NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    for cell in notebook.cells:
        if cell.metadata.nbgrader.grade_id.startswith("check-"):
            (output,) = cell.outputs
            assert output.data["text/plain"] == "0", output
            assert "not attempted" in output.data["text/html"], output
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", output
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A machine with the student edition: (its folder, a function that runs Python there).

    An environment of its own that has the packages installed here, this course excepted.
    """
    place = tmp_path_factory.mktemp("desk")
    with zipfile.ZipFile(io.BytesIO(packed("edition", contents(ROOT)))) as archive:
        archive.extractall(place)
    (place / "libraries").mkdir()
    for path in map(Path, sys.path):
        if path.name in ("site-packages", "dist-packages"):
            for entry in path.iterdir():
                ours = re.match(r"(course|autograder|backprop|__editable__)", entry.name)
                link = place / "libraries" / entry.name
                if not ours and entry.suffix != ".pth" and not link.exists():
                    link.symlink_to(entry)
    venv.create(place / "venv", symlinks=True)
    (packages,) = (place / "venv").glob("lib/python*/site-packages")
    (packages / "edition.pth").write_text(f"{place / 'edition'}\n{place / 'libraries'}\n")

    def run(*arguments):
        environment = {
            "PATH": f"{place / 'venv/bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(place),
            "LANG": "C.UTF-8",
        }
        command = [str(place / "venv/bin/python"), *arguments]
        return subprocess.run(
            command, cwd=place / "edition", env=environment, capture_output=True, text=True
        )

    return place / "edition", run


def test_the_unpacked_edition_works_without_reference_or_grader(desk):
    """check() tells right from wrong, and the notebooks run from top to bottom, untouched."""
    folder, run = desk
    reference = [f"course.{path.stem}" for path in REFERENCE]
    notebooks = [str(path) for path in sorted(folder.glob("notebooks/*/*.ipynb"))]
    done = run("-W", "error::SyntaxWarning", "-c", AT_A_DESK, json.dumps([reference, notebooks]))
    assert done.returncode == 0, done.stderr


def test_course_check_answers_in_the_unpacked_edition(desk):
    """The command of its README: a report for every exercise, exit code 1 as none is right."""
    _, run = desk
    course = "from course.cli import main; main(prog_name='course')"
    for assignment in exercises.ASSIGNMENTS:
        done = run("-c", course, "check", f"notebooks/{assignment}/{assignment}.ipynb")
        assert done.returncode == 1, done.stderr
        assert all(name in done.stdout for name in exercises.of_assignment(assignment))
        assert "not attempted" in done.stdout


def test_release_writes_the_archive(tmp_path):
    """dist/backprop-student-VERSION.zip, of a course folder with everything in it."""
    for name in (
        "course",
        "solutions",
        "LICENSE",
        "pyproject.toml",
        "constraints.txt",
        "nbgrader_config.py",
    ):
        (tmp_path / name).symlink_to(ROOT / name)
    path = release(tmp_path)
    assert re.fullmatch(r"backprop-student-[\d.]+\.zip", path.name)
    assert zipfile.ZipFile(path).testzip() is None
