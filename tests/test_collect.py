"""What learning-management systems give, put where it belongs: archives made by their ways of
naming, people of all kinds of names, and files that would do harm."""

import json
import random
import shutil
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.cli import main

ROOT = Path(__file__).parent.parent
NAME = "01-gradient-descent"
FIRST = [
    "Ann",
    "Zoë",
    "José María",
    "Li",
    "Jean-Luc",
    "Ólafur",
    "Siân",
    "D'Arcy",
    "Anna Lena",
    "Bo",
]
LAST = [
    "Smith",
    "van der Berg",
    "O'Neill",
    "Müller",
    "Nguyễn",
    "García López",
    "Wu",
    "Żak",
    "Ek",
    "1st",
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A course folder with one assignment."""
    folder = tmp_path / "course"
    (folder / "solutions" / NAME).mkdir(parents=True)
    (folder / "solutions" / NAME / f"{NAME}.ipynb").write_text("{}")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    monkeypatch.chdir(folder)
    return folder


def run(*arguments):
    """The result of ``autograder ARGUMENTS``."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


def people(seed: int, count: int = 12) -> list[dict[str, str]]:
    """Students of different names, and their numbers."""
    rng = random.Random(seed)
    names = rng.sample([(f, n) for f in FIRST for n in LAST], count)
    return [
        {"id": f"s{seed}{i:03d}", "first": first, "last": last, "number": str(70_000 + i)}
        for i, (first, last) in enumerate(names)
    ]


def class_list(folder: Path, students: list[dict[str, str]]) -> None:
    """students.csv as nbgrader has it, with Canvas's numbers."""
    lines = ["id,first_name,last_name,email,lms_user_id,login,number"]
    lines += [
        f"{s['id']},{s['first']},{s['last']},{s['id']}@uni.example,{s['number']},{s['id']},"
        for s in students
    ]
    (folder / "students.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def packed(path: Path, files: dict[str, str | bytes]) -> Path:
    """A zip archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def squashed(text: str) -> str:
    """As Canvas writes a name."""
    return "".join(c for c in text.lower() if c.isalnum())


def path_in(system: str, s: dict[str, str], attempt: int) -> str:
    """How a system names the notebook of a student."""
    stamp = f"2026-03-0{attempt}-10-00-00"
    return {
        "Moodle": f"{s['first']} {s['last']}_{s['number']}_assignsubmission_file/{NAME}.ipynb",
        "Canvas": f"{squashed(s['last'] + s['first'])}_{s['number']}_{attempt}_{NAME}-1.ipynb",
        "Blackboard": f"{NAME}_{s['id']}_attempt_{stamp}_{NAME}.ipynb",
        "ILIAS": f"{s['last']}_{s['first']}_{s['id']}_{s['number']}/"
        f"{stamp.replace('-', '')}_{NAME}.ipynb",
        "nbgrader": f"{s['id']}/{NAME}/{NAME}.ipynb",
    }[system]


def handed_in(folder: Path) -> dict[str, str]:
    """Student -> the notebook's text."""
    found = folder.glob(f"submitted/*/{NAME}/{NAME}.ipynb")
    return {path.parts[-3]: path.read_text(encoding="utf-8") for path in found}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("system", ["Moodle", "Canvas", "Blackboard", "ILIAS", "nbgrader"])
def test_each_system_names_files_in_its_way(system, seed, folder, tmp_path):
    """Everybody's notebook comes to their folder; of two attempts the newer counts; again changes
    nothing; folders unpacked by hand serve as well as the zip."""
    students = people(seed)
    class_list(folder, students)
    several = system in ("Canvas", "Blackboard", "ILIAS")
    files = {}
    for attempt in (1, 2) if several else (1,):
        files |= {path_in(system, s, attempt): f"{s['id']} {attempt}" for s in students}
    archive = packed(tmp_path / "all.zip", files)
    result = run("collect", NAME, archive)
    assert result.exit_code == 0, result.output
    wanted = {s["id"]: f"{s['id']} {2 if several else 1}" for s in students}
    assert handed_in(folder) == wanted
    assert system in result.output
    before = {p: p.stat().st_mtime_ns for p in folder.glob("submitted/*/*/*")}
    with zipfile.ZipFile(archive) as unpacked:
        unpacked.extractall(tmp_path / "unpacked")
    assert run("collect", NAME, archive).exit_code == 0
    assert {p: p.stat().st_mtime_ns for p in folder.glob("submitted/*/*/*")} == before
    shutil.rmtree(folder / "submitted")
    assert run("collect", NAME, tmp_path / "unpacked").exit_code == 0
    assert handed_in(folder) == wanted


def test_nobody_is_guessed(folder, tmp_path):
    """Two people of one name, and one whom nobody knows, are told and left; --who settles it."""
    students = people(5, 3)
    students[1] |= {"first": students[0]["first"], "last": students[0]["last"]}
    class_list(folder, students)
    stranger = {"first": "Nobody", "last": "Known", "number": "1", "id": "x"}
    twin = {**students[0], "number": "31"}  # Moodle's number of a participant is in no list
    files = {path_in("Moodle", s, 1): s["id"] for s in (twin, students[2], stranger)}
    archive = packed(tmp_path / "all.zip", files)
    result = run("collect", NAME, archive)
    assert result.exit_code == 1
    assert handed_in(folder) == {students[2]["id"]: students[2]["id"]}
    assert "Nobody Known" in result.output and students[0]["last"] in result.output
    label = f"{twin['first']} {twin['last']}_31"
    assert run("collect", NAME, archive, "--who", f"{label}={students[1]['id']}").exit_code == 1
    assert handed_in(folder)[students[1]["id"]] == twin["id"]
    mistyped = run("collect", NAME, archive, "--who", f"{label}=nobody")
    assert mistyped.exit_code == 2 and "nobody in students.csv is nobody" in mistyped.output


def test_what_would_do_harm_stays_out(folder, tmp_path):
    """Paths that lead out, links, what unpacks to a thousand times its size: told, and the rest is
    collected. Names that a terminal or a spreadsheet would run are shown as text."""
    students = people(7, 4)
    class_list(folder, students)
    good = students[0]
    at = [f"{s['first']} {s['last']}_{s['number']}_assignsubmission_file" for s in students]
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{at[0]}/{NAME}.ipynb", "good")
        archive.writestr(f"{at[0]}/../../../../outside.txt", "out")
        archive.writestr("/absolute.txt", "out")
        archive.writestr("C:\\windows.txt", "out")
        archive.writestr(f"{at[1]}/{NAME}.ipynb", b"\0" * 80_000_000)
        archive.writestr(f"{at[2]}/\x1b[2J=1+1.ipynb", "odd")
        info = zipfile.ZipInfo(f"{at[3]}/{NAME}.ipynb")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    result = run("collect", NAME, path)
    assert result.exit_code == 1
    assert handed_in(folder) == {good["id"]: "good"}
    assert "\x1b" not in result.output
    assert not [p for p in tmp_path.rglob("*") if p.name in ("outside.txt", "absolute.txt")]
    assert not [p for p in folder.rglob("*") if p.is_symlink() or p.stat().st_size > 70_000_000]
    said = json.loads(run("collect", NAME, path, "--json").stdout)
    assert len(said["unplaced"]) >= 5, said


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"\0" * 5000, b"text"])
def test_what_is_no_archive(content, folder, tmp_path):
    """One sentence and exit code 2 or 1, and nothing placed."""
    class_list(folder, people(1, 2))
    (tmp_path / "all.zip").write_bytes(content)
    result = run("collect", NAME, tmp_path / "all.zip")
    assert result.exit_code in (1, 2) and result.output.strip()
    assert run("collect", NAME, tmp_path / "missing.zip").exit_code == 2
    assert run("collect", "no-such", tmp_path / "all.zip").exit_code == 2
    assert not handed_in(folder)


LISTS = {
    "Canvas": 'Student,ID,SIS User ID,SIS Login ID,Section\n"Smith, Ann",41,u1,ann1,A\n'
    '"Müller, Zoë",42,u2,zoe2,A\n',
    "Moodle": "First name,Last name,ID number,Email address\nAnn,Smith,u1,ann@uni.example\n"
    "Zoë,Müller,u2,zoe@uni.example\n",
    "Blackboard": '"Last Name"\t"First Name"\t"Username"\t"Student ID"\n"Smith"\t"Ann"\t"u1"\t"1"\n'
    '"Müller"\t"Zoë"\t"u2"\t"2"\n',
    "Gradescope": "First Name,Last Name,SID,Email\nAnn,Smith,u1,ann@uni.example\n"
    "Zoë,Müller,u2,zoe@uni.example\n",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("system", LISTS)
def test_lists_of_students(system, encoding, folder, tmp_path):
    """Each system's export gives the same two people, also twice; they stand in the gradebook."""
    from nbgrader.api import Gradebook

    path = tmp_path / "list.csv"
    path.write_bytes(LISTS[system].encode(encoding))
    result = run("roster", path)
    assert result.exit_code == 0, result.output
    text = (folder / "students.csv").read_text(encoding="utf-8")
    assert "Ann,Smith" in text and "Zoë,Müller" in text
    assert run("roster", path).exit_code == 0
    assert (folder / "students.csv").read_text(encoding="utf-8") == text
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        assert {s.last_name for s in gradebook.students} == {"Smith", "Müller"}


def test_a_list_that_is_none(folder, tmp_path):
    """One sentence, exit code 2."""
    for content in (b"", b"a,b\n1,2\n", b"\x89PNG\r\n\x1a\n\0\0"):
        (tmp_path / "list.csv").write_bytes(content)
        result = run("roster", tmp_path / "list.csv")
        assert result.exit_code == 2 and result.output.count("\n") <= 3, result.output
    assert not (folder / "students.csv").exists()
