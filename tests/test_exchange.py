"""What a student can put into the exchange's inbound folder: nothing of it is followed, taken for
another's, or keeps the others from being collected."""

import os
import shutil
from pathlib import Path

import pytest

from tests.test_grading import NAME
from tests.test_whole_course import Person, people, pytestmark  # noqa: F401

STAMP = "2026-01-02 10:00:00 UTC"
LATER = "2027-01-02 10:00:00 UTC"


def put(inbound: Path, owner: str, name: str, **files: str) -> Path:
    """A folder that a student made in the exchange by hand."""
    folder = inbound / name
    folder.mkdir()
    for file, text in files.items():
        (folder / file).write_text(text)
    for path in [folder, *folder.iterdir()]:
        shutil.chown(path, owner)
    return folder


@pytest.fixture
def inbound(people):  # noqa: F811
    """An exchange with the assignment, and a submission of both students."""
    instructor, ann, ben, _ = people
    instructor.run("generate_assignment", NAME)
    instructor.run("release_assignment", NAME)
    folder = instructor.home.parent / "exchange" / "backpropagation" / "inbound"
    for student in (ann, ben):
        handed_in = f"{student.name}+{NAME}+{STAMP}+1"
        put(folder, student.name, handed_in, notebook=student.name, **{"timestamp.txt": STAMP})
    return folder


def collected(instructor: Person) -> dict[str, str]:
    """Student -> text of the notebook that was collected."""
    found = instructor.home.glob(f"submitted/*/{NAME}/notebook")
    return {path.parts[-3]: path.read_text() for path in found}


def test_what_is_no_submission_is_told_and_the_others_are_collected(people, inbound):  # noqa: F811
    """Links, files, forged names and times, in place of a folder: none is taken,
    and what else its owner, or the one it was meant to harm, handed in is collected. (A name that
    begins with a dot is hidden, and not looked at.)"""
    instructor, ann, ben, _ = people
    secret = instructor.home / "secret"
    secret.mkdir()
    (secret / "notebook").write_text("the instructor's")
    handed_in = f"+{NAME}+{LATER}+2"
    (inbound / f"{ann.name}{handed_in}").symlink_to(secret)
    os.lchown(inbound / f"{ann.name}{handed_in}", secret.stat().st_uid, -1)
    (inbound / f"{ann.name}+{NAME}+{LATER}+3").write_text("a file")
    os.mkfifo(inbound / f"{ann.name}+{NAME}+{LATER}+4")
    put(inbound, ann.name, f"{ben.name}{handed_in}", notebook="not Ben's")
    for name in (f"{ann.name}+{NAME}+soon+5", f"..{handed_in}", f"\x1b[2J{handed_in}"):
        put(inbound, ann.name, name, notebook="forged")
    put(inbound, ann.name, f"{ann.name}+{NAME}+{LATER}+6+7", notebook="forged")
    said = instructor.run("collect", NAME).stderr
    assert collected(instructor) == {ann.name: ann.name, ben.name: ben.name}
    assert said.count("Not collected: inbound/") == 7 and "\x1b[2J" not in said
    assert "is a link, which is not followed, not a folder" in said
    assert f"is handed in as {ben.name} and belongs to {ann.name}" in said
    assert not list(instructor.home.glob(".collect-*"))
    # Where ".." would lead; nbgrader looks at no such name.
    assert not (instructor.home / NAME).exists()


def test_what_cannot_be_read_costs_nobody_anything(people, inbound):  # noqa: F811
    """Inside a submission links and pipes are left out; one too large is refused, and what was
    collected of its owner before stays; the others' come in."""
    instructor, ann, ben, _ = people
    instructor.run("collect", NAME)
    secret = instructor.home / "secret.txt"
    secret.write_text("the instructor's")
    mine = put(inbound, ann.name, f"{ann.name}+{NAME}+{LATER}+2", notebook="Ann's second")
    (mine / "link.txt").symlink_to(secret)
    (mine / "folder").symlink_to(instructor.home)
    (mine / "inside").mkdir()
    (mine / "inside" / "link.txt").symlink_to(secret)
    (mine / "inside" / "data.txt").write_text("1 2 3")
    os.mkfifo(mine / "pipe")
    large = put(inbound, ben.name, f"{ben.name}+{NAME}+{LATER}+2", notebook="Ben's second")
    with (large / "large").open("wb") as file:
        file.truncate(99_000_000)  # below nbgrader's limit for a file
    with (large / "more").open("wb") as file:
        file.truncate(99_000_000)
    said = instructor.run("collect", NAME, "--update").stderr
    assert collected(instructor) == {ann.name: "Ann's second", ben.name: ben.name}
    assert "is larger than" in said and said.count("Left out of inbound/") == 4
    place = instructor.home / "submitted" / ann.name / NAME
    assert {p.relative_to(place).as_posix() for p in place.rglob("*")} == {
        *("notebook", "inside", "inside/data.txt")
    }
    shutil.rmtree(large)
    put(inbound, ben.name, f"{ben.name}+{NAME}+{LATER}+3", notebook="Ben's third")
    instructor.run("collect", NAME, "--update")
    assert collected(instructor) == {ann.name: "Ann's second", ben.name: "Ben's third"}


def test_names_that_are_no_users_of_the_machine(people, inbound):  # noqa: F811
    """Where students have one account together, as on many hubs, one setting takes their word."""
    instructor, ann, _, _ = people
    put(inbound, ann.name, f"carla+{NAME}+{STAMP}+1", notebook="Carla's")
    assert "c.ExchangeCollect.check_owner = False" in instructor.run("collect", NAME).stderr
    with (instructor.home / "nbgrader_config.py").open("a") as config:
        config.write("c.ExchangeCollect.check_owner = False\n")
    instructor.run("collect", NAME)
    assert collected(instructor)["carla"] == "Carla's"
