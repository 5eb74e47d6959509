"""The ``course`` command. Everything heavy is imported where it is used."""

import json
import sys
from pathlib import Path

import click

import course


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(course.__version__, prog_name="course")
def main() -> None:
    """Work through the notebooks of the course on backpropagation.

    Example: course check notebooks/01-gradient-descent/01-gradient-descent.ipynb
    """


@main.command()
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(arguments: tuple[str, ...]) -> None:
    """Open JupyterLab on the notebooks. Further ARGUMENTS go to JupyterLab.

    Example: course lab -- --port 9999
    """
    from jupyterlab.labapp import main as jupyterlab

    sys.exit(jupyterlab([f"--ServerApp.root_dir={notebooks_folder()}", *arguments]))


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
