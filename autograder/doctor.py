"""What this machine can do for grading; for each thing that is missing, what mends it."""

import ctypes
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder import seccomp
from autograder.foreign import in_a_row
from autograder.sandbox import Cage, CannotCage, find_bubblewrap

#: Bytes that a class's notebooks, pages and gradebook need at least.
ROOM = 500 * 1024**2
LANDLOCK_CREATE_RULESET = 444

APPARMOR = """Allow namespaces for bwrap alone. As root, write these lines into
/etc/apparmor.d/bwrap and run `systemctl reload apparmor`:
abi <abi/4.0>,
include <tunables/global>
profile bwrap {path} flags=(unconfined) {{
  userns,
}}"""
SYSCTL = "As root: sysctl -w {name}={value} (in a file in /etc/sysctl.d to keep it)."
DOCKER = """Start the container with
docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined \\
    --security-opt systempaths=unconfined --cap-add SYS_ADMIN …
(podman: --security-opt seccomp=unconfined --security-opt unmask=ALL --cap-add SYS_ADMIN).
Use a container for grading alone."""
POD = """In a JupyterHub or Kubernetes pod for grading: hostUsers: false, and in securityContext
allowPrivilegeEscalation: true, capabilities: {add: [SYS_ADMIN]}, seccompProfile and appArmorProfile
with type: Unconfined, procMount: Unmasked (in KubeSpawner: extra_pod_config and
container_security_context). Or grade on another machine."""
CONTAINER = "Grade in a Linux container or a virtual machine: docs/deploy.md says how."


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. stops: without it there is no grading. mend: what mends it."""

    what: str
    found: str
    fine: bool = True
    stops: bool = False
    mend: str = ""


def examine(root: Path) -> list[Finding]:
    """All findings on this machine, for the course folder ``root``."""
    findings = [system()]
    if findings[0].fine:
        findings += [bubblewrap(), cage(), filter_of_calls(), landlock(), memory()]
    return [*findings, disk(root), *nbgrader(root)]


def system() -> Finding:
    """The operating system."""
    found = f"{platform.system()} {platform.release()}, {platform.machine()}"
    fine = sys.platform == "linux"
    return Finding("system", found, fine, not fine, "" if fine else CONTAINER)


def bubblewrap() -> Finding:
    """The program that makes the cage."""
    try:
        path = find_bubblewrap()
        asked = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20)
    except (CannotCage, OSError, subprocess.SubprocessError) as problem:
        mend = "apt-get install bubblewrap (or dnf, pacman, zypper: the same name)"
        return Finding("bubblewrap", str(problem), False, True, mend)
    whose = "" if path == shutil.which("bwrap") else ", the build that pip installs"
    return Finding("bubblewrap", f"{asked.stdout.strip()}: {path}{whose}")


def cage() -> Finding:
    """Whether a cage starts, and shows nothing that it should not."""
    try:
        opened = Cage()
        try:
            from autograder.sandbox import Limits

            with opened.submission(Limits()):
                pass
        finally:
            opened.close()
    except (CannotCage, OSError) as problem:
        return Finding("cage", in_a_row(problem), False, True, remedy(str(problem)))
    return Finding("cage", "starts: namespaces, mounts and the filter of system calls work")


def remedy(said: str) -> str:
    """What mends a cage that does not start, from what was said and what this machine is."""
    if "one could see" in said:
        return "Move the course folder, or make the virtual environment elsewhere."
    if setting("kernel/apparmor_restrict_unprivileged_userns") == "1" and not in_container():
        return APPARMOR.format(path=shutil.which("bwrap") or "/usr/bin/bwrap")
    if setting("kernel/unprivileged_userns_clone") == "0":
        return SYSCTL.format(name="kernel.unprivileged_userns_clone", value=1)
    if setting("user/max_user_namespaces") == "0":
        return SYSCTL.format(name="user.max_user_namespaces", value=15000)
    container = in_container()
    if container == "kubernetes":
        return POD
    if container:
        return DOCKER
    if "uid map" in said:
        return APPARMOR.format(path=shutil.which("bwrap") or "/usr/bin/bwrap")
    return (
        "docs/deploy.md lists what may forbid namespaces; the message above says which call failed."
    )


def setting(name: str) -> str:
    """A setting of the kernel; "" if it has none of this name."""
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return ""


def in_container() -> str:
    """Which kind of container this is: "kubernetes", "docker", "podman", or ""."""
    if "KUBERNETES_SERVICE_HOST" in os.environ:
        return "kubernetes"
    if Path("/run/.containerenv").exists():
        return "podman"
    return "docker" if Path("/.dockerenv").exists() else ""


def filter_of_calls() -> Finding:
    """Whether there is a filter of system calls for this kind of machine."""
    try:
        length = len(seccomp.program(platform.machine())) // 8
    except seccomp.NoFilter as problem:
        mend = f"Grade on one of: {', '.join(seccomp.MACHINES)}."
        return Finding("system calls", str(problem), False, True, mend)
    return Finding("system calls", f"a filter of {length} steps for {platform.machine()}")


def landlock() -> Finding:
    """Landlock: of use in the future; nothing depends on it."""
    version = ctypes.CDLL(None, use_errno=True).syscall(LANDLOCK_CREATE_RULESET, None, 0, 1)
    found = f"version {version}" if version > 0 else "not in this kernel"
    return Finding("Landlock", f"{found} (not used: the cage has its own mounts)")


def memory() -> Finding:
    """What limits the memory of all processes of a submission."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    if children.exists():
        return Finding("memory", "added up over all processes of a submission, from outside")
    found = "the kernel does not tell a process's children: the limit holds for each process only"
    return Finding("memory", found, False, False, "A kernel with CONFIG_PROC_CHILDREN.")


def disk(root: Path) -> Finding:
    """Room where the results go."""
    try:
        free = shutil.disk_usage(root).free
    except OSError as problem:
        return Finding("disk", in_a_row(problem), False, True, f"Make {root} readable.")
    fine = free > ROOM and os.access(root, os.W_OK)
    found = f"{free / 1e9:.1f} GB free in {in_a_row(root)}"
    if not os.access(root, os.W_OK):
        return Finding("disk", f"{found}, which cannot be written", False, True, "chown, chmod")
    return Finding("disk", found, fine, False, "" if fine else "Free some room there.")


def nbgrader(root: Path) -> Iterator[Finding]:
    """The course's settings, its gradebook, and nbgrader's exchange."""
    from autograder import records
    from autograder.engine import CannotGrade
    from autograder.preprocessors import Run, exchange_root

    try:
        course = records.Course(root)
        isolation = Run(parent=course).isolation
    except Exception as problem:  # whatever is wrong with the settings
        mend = "Mend that line. Until then use none of nbgrader's own commands."
        yield Finding("nbgrader_config.py", in_a_row(problem), False, True, mend)
        return
    caged = isolation != "none"
    mend = "" if caged else 'Take out c.Run.isolation = "none", unless all submissions are yours.'
    yield Finding("nbgrader_config.py", f"can be read; isolation: {isolation}", caged, False, mend)
    try:
        import sqlalchemy

        address = sqlalchemy.make_url(course.coursedir.db_url)
        if address.database and not Path(address.database).exists():
            yield Finding("gradebook", "not there yet; grading makes it")
        else:
            records.check_gradebook(sqlalchemy.create_engine(address))
            yield Finding("gradebook", in_a_row(address.database))
    except CannotGrade as problem:
        yield Finding("gradebook", in_a_row(problem), False, True, "See the sentence beside it.")
    exchange = Path(exchange_root(course.coursedir))
    found = (
        str(exchange)
        if exchange.exists()
        else f"{exchange} is not there (needed by nbgrader's lists only)"
    )
    yield Finding("exchange", in_a_row(found))


def show(findings: list[Finding]) -> None:
    """Print the findings as a table, and what mends them below it."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    console = console if console.is_terminal else Console(width=120)
    table = Table("What", "", "Found")
    for finding in findings:
        mark = "ok" if finding.fine else "missing" if finding.stops else "note"
        table.add_row(finding.what, mark, escape(finding.found))
    console.print(table)
    for finding in findings:
        if finding.mend:
            console.print(f"\n{finding.what}: {finding.mend}", markup=False, highlight=False)
    ready = not any(finding.stops for finding in findings)
    console.print("\nA class can be graded here." if ready else "\nNothing is graded until then.")
