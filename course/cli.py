"""The ``course`` command. Everything heavy is imported where it is used."""

import json
import os
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

import click

import course


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(course.__version__, prog_name="course")
def main() -> None:
    """Work through the notebooks of the course on backpropagation.

    Example: course check notebooks/01-gradient-descent/01-gradient-descent.ipynb
    """
    for stream in (sys.stdout, sys.stderr):
        take_any_letter(stream)


@main.command()
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(arguments: tuple[str, ...]) -> None:
    """Open JupyterLab on the notebook that was last worked on. ARGUMENTS go to JupyterLab.

    Example: course lab -- --port 9999
    """
    from jupyterlab.labapp import main as jupyterlab

    folder = notebooks_folder()
    options = [f"--ServerApp.root_dir={folder}"]
    notebook = last_worked_on(folder)
    if notebook:
        page = quote(notebook.relative_to(folder).as_posix())
        options.append(f"--LabApp.default_url=/lab/tree/{page}")
    click.echo(
        "JupyterLab starts; Ctrl+C ends it. If no browser opens: copy the address below that "
        "begins with http://127.0.0.1 and holds `token=` into the address line of one.",
        err=True,
    )
    with tempfile.TemporaryDirectory() as settings:
        without_news(Path(settings))
        sys.exit(jupyterlab([*options, *arguments]))


@main.command()
def doctor() -> None:
    """Say what is wrong with this installation. Exit code 1 if something is.

    Example: course doctor
    """
    from course.classroom.installation import findings

    found = findings()
    for mark, sentence in found:
        click.echo(f"{mark:>5}  {sentence}")
    sys.exit(any(mark == "wrong" for mark, _ in found))


@main.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of words.")
def check(notebook: Path, as_json: bool) -> None:
    """Run NOTEBOOK and print the report of each exercise.

    Exit code 0: all is right. 1: something is not right yet. 2: the notebook cannot be run.

    Example: course check notebooks/01-gradient-descent/01-gradient-descent.ipynb
    """
    progress = run(notebook)
    if as_json:
        click.echo(json.dumps(progress, indent=2))
    else:
        click.echo("\n\n".join(report["text"] for report in progress["exercises"]))
        click.echo(f"\n{progress['text']}")
    sys.exit(0 if progress["points"] == progress["out_of"] else 1)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of bars.")
def progress(as_json: bool) -> None:
    """Run all notebooks and show what is right so far.

    Example: course progress
    """
    from rich.progress import track

    found = sorted(notebooks_folder().glob("[0-9][0-9]-*/[0-9][0-9]-*.ipynb"))
    if not found:
        raise stop(f"There is no notebook in {notebooks_folder()}.")
    shown = track(found, "Running the notebooks", transient=True, disable=not sys.stderr.isatty())
    all_progress = [run(path) for path in shown]
    if as_json:
        click.echo(json.dumps(all_progress, indent=2))
    else:
        click.echo("\n\n".join(one["text"] for one in all_progress))
    sys.exit(0 if all(one["points"] == one["out_of"] for one in all_progress) else 1)


def run(path: Path) -> dict:
    """The progress of the notebook at ``path``; ends the command if it cannot be run."""
    from course.classroom.running import CannotRun, progress_of_notebook

    try:
        return progress_of_notebook(path)
    except CannotRun as problem:
        raise stop(str(problem)) from None


def take_any_letter(stream) -> None:
    """Make ``stream`` take δ and ∂ whatever its encoding: a file becomes UTF-8, a terminal keeps
    its encoding and shows a question mark for what it lacks."""
    if not hasattr(stream, "reconfigure") or stream.encoding.lower().startswith("utf"):
        return
    if stream.isatty() or os.environ.get("PYTHONIOENCODING"):
        stream.reconfigure(errors="replace")
    else:
        stream.reconfigure(encoding="utf-8")


def last_worked_on(folder: Path) -> Path | None:
    """The notebook in ``folder`` saved last; the first, if all are as they were unpacked."""
    found = sorted(folder.glob("[0-9][0-9]-*/[0-9][0-9]-*.ipynb"))
    saved = {path: path.stat().st_mtime for path in found}
    if not found or max(saved.values()) - min(saved.values()) < 60:  # unpacking takes seconds
        return found[0] if found else None
    return max(found, key=saved.get)


def without_news(settings: Path) -> None:
    """Let JupyterLab read ``settings``, where its question about news is turned off."""
    (settings / "labconfig").mkdir()
    off = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (settings / "labconfig/page_config.json").write_text(json.dumps(off), encoding="utf-8")
    known = [os.environ["JUPYTER_CONFIG_PATH"]] if "JUPYTER_CONFIG_PATH" in os.environ else []
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join([str(settings), *known])


def notebooks_folder() -> Path:
    """The nearest folder ``notebooks``, upwards from here."""
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "notebooks").is_dir():
            return folder / "notebooks"
    raise stop("There is no folder `notebooks` here or above. Change into the course folder.")


def stop(sentence: str) -> click.ClickException:
    """An error that ends the command with one sentence and exit code 2."""
    problem = click.ClickException(sentence)
    problem.exit_code = 2
    return problem
