"""What is wrong with this installation, in sentences, for ``course doctor``."""

import importlib.metadata
import signal
import sys
from collections.abc import Callable
from pathlib import Path

#: The names under which the course may be installed: the student edition, the whole.
EDITIONS = ("backprop-student", "backprop-course")


def findings() -> list[tuple[str, str]]:
    """(mark, sentence) pairs; the mark is "ok", "note" (works, with a limit) or "wrong"."""
    looked_at = {
        "The packages": _packages,
        "The recorded results": _recorded_results,
        "The kernel": _kernel,
        "The timer": _endless_loops,
    }
    return [("ok", f"Python {sys.version.split()[0]} at {sys.executable}")] + [
        _guarded(what, look) for what, look in looked_at.items()
    ]


def _guarded(what: str, look: Callable[[], tuple[str, str]]) -> tuple[str, str]:
    try:
        return look()
    except Exception as error:  # a broken package may raise anything
        said = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        return "wrong", f"{what} could not be looked at ({said}). Install again."


def _packages() -> tuple[str, str]:
    """Each package that the edition requires, in a version that fits."""
    from packaging.requirements import Requirement

    wanted = [Requirement(text) for text in _requirements()]
    found = {w.name: _version(w.name) for w in wanted if not w.marker or w.marker.evaluate()}
    bad = [
        f"{w} (here: {found[w.name] or 'missing'})"
        for w in wanted
        if w.name in found and not (found[w.name] and w.specifier.contains(found[w.name], True))
    ]
    if bad:
        return "wrong", f"Packages that do not fit: {', '.join(bad)}. Install again, see README.md."
    return "ok", f"All {len(found)} packages are there."


def _requirements() -> list[str]:
    for name in EDITIONS:
        if _version(name):
            return [r for r in importlib.metadata.requires(name) or [] if "extra ==" not in r]
    raise LookupError("the course itself is not installed in this Python")


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _recorded_results() -> tuple[str, str]:
    """What `check` compares with belongs to the inputs that are drawn here."""
    from course.classroom import exercises, recorded

    for assignment in exercises.ASSIGNMENTS:
        for exercise in exercises.of_assignment(assignment).values():
            recorded.trial(exercise)
    return "ok", "The recorded results fit this NumPy: `check` can compare."


def _kernel() -> tuple[str, str]:
    """Notebooks run in the Python that has the course."""
    from jupyter_client.kernelspec import KernelSpecManager

    command = KernelSpecManager().get_kernel_spec("python3").argv[0]
    own = Path(sys.executable)
    if Path(command).is_absolute() and Path(command).resolve() != own.resolve():
        return "note", f"Notebooks run in another Python ({command}): is the course there too?"
    return "ok", "Notebooks run in this Python."


def _endless_loops() -> tuple[str, str]:
    """A call that does not end can be stopped."""
    if hasattr(signal, "setitimer"):
        return "ok", "A function that does not end is stopped after five seconds."
    return "note", (
        "This system has no timer: where a `check` does not come to an end, a loop in the function "
        "does not end. Press the square in the toolbar, then mend the loop."
    )
