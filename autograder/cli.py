"""The ``autograder`` command. Everything heavy is imported where it is used."""

from pathlib import Path

import click

import course

EXAMPLES = {"formatter_class": None}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(course.__version__, prog_name="autograder")
def main() -> None:
    """Build the course and grade a class.

    Example: autograder demo
    """


def course_root() -> Path:
    """The course folder: the nearest one, upwards from here, that holds nbgrader_config.py."""
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "nbgrader_config.py").exists():
            return folder
    raise stop("No nbgrader_config.py here or above. Change into the course folder first.")


def stop(sentence: str) -> click.ClickException:
    """An error that ends the command with one sentence and exit code 2."""
    problem = click.ClickException(sentence)
    problem.exit_code = 2
    return problem
