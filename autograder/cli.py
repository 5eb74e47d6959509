"""The ``autograder`` command. Everything heavy is imported where it is used."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import click

import course
from course.cli import stop


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(course.__version__, prog_name="autograder")
def main() -> None:
    """Build the course and grade a class.

    Example: autograder demo
    """


def course_root(otherwise: Path | None = None) -> Path:
    """The course folder: the nearest one, upwards from here, that holds nbgrader_config.py.

    otherwise: the one to take where there is none.
    """
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "nbgrader_config.py").exists():
            return folder
    if otherwise:
        return otherwise
    raise stop("No nbgrader_config.py here or above. Change into the course folder first.")


def own_course() -> Path | None:
    """The course folder that this program was installed from, if that is still there."""
    folder = Path(__file__).resolve().parent.parent
    return folder if (folder / "nbgrader_config.py").exists() else None


@contextlib.contextmanager
def waiting(text: str) -> Iterator[Callable[[str], None]]:
    """On a terminal, ``text`` and what is at work are shown until the block ends."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda what: None
        return
    with console.status(f"{text} …") as status:
        yield lambda what: status.update(f"{text}: {what} …")


@contextlib.contextmanager
def bar(text: str) -> Iterator[Callable[[int, int, str], None]]:
    """On a terminal, a progress bar until the block ends: give done, total, what is at work."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    from autograder.foreign import in_a_row

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(text, total=None)

        def watch(done: int, total: int, what: str) -> None:
            shown = f"{text}: {escape(in_a_row(what))}"
            progress.update(task, completed=done, total=total, description=shown)

        yield watch


@main.command()
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if a file is out of date.")
def build(check: bool) -> None:
    """Build the notebooks, the recorded results and two lists in docs/ from solutions/.

    Exit code 2: there is an error in a text, or a file cannot be written.

    Example: autograder build --check
    """
    root = course_root()
    with waiting("Building") as watch:
        from autograder import build as building

        try:
            changed = building.build(root, check, watch)
        except building.BuildError as error:
            raise stop(str(error)) from None
    for name in changed:
        click.echo(f"{'out of date' if check else 'built'}: {name}")
    if not changed:
        click.echo("Everything is up to date.")
    elif check:
        click.echo("Run: autograder build", err=True)
        raise SystemExit(1)


@main.command()
def release() -> None:
    """Pack the student edition: dist/backprop-student-VERSION.zip.

    Exit code 2: there is an error in a text, or a file cannot be written.

    Example: autograder release
    """
    root = course_root()
    with waiting("Packing") as watch:
        from autograder import release as packing

        try:
            path = packing.release(root, watch)
        except packing.BuildError as error:
            raise stop(str(error)) from None
    click.echo(f"{path.relative_to(root)}: {path.stat().st_size / 1e6:.1f} MB")


@main.command()
@click.argument("assignment")
@click.argument("students", nargs=-1)
@click.option("--jobs", type=click.IntRange(1), help="Processes at work. [default: all cores]")
@click.option("--again", is_flag=True, help="Grade also what has not changed since the last time.")
@click.option(
    "--cluster", default="", metavar="ADDRESS", help="Use a Dask cluster, tcp://HOST:PORT."
)
@click.option("--feedback", is_flag=True, help="Write the students' pages as well.")
@click.option(
    "--isolation",
    type=click.Choice(["bubblewrap", "none"]),
    help="none: students' code runs with your rights. [default: as in nbgrader_config.py]",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of a table.")
def grade(
    assignment: str,
    students: tuple[str, ...],
    jobs: int | None,
    again: bool,
    cluster: str,
    feedback: bool,
    isolation: str | None,
    as_json: bool,
) -> None:
    """Grade the submissions of ASSIGNMENT: those of all STUDENTS, or of the ones named.

    Submissions are read from submitted/STUDENT/ASSIGNMENT. Scores go to the gradebook, all grades
    to grades.csv. Pages for the students are better written when answers in words are marked, by
    `--feedback` or `nbgrader generate_feedback`.

    Exit code 0: each submission has its score. 1: one of them could not be graded. 2: nothing was
    graded.

    Example: autograder grade 01-gradient-descent
    """
    root = course_root()
    with bar("Grading") as watch:
        from autograder import engine

        try:
            results = engine.grade(
                root, assignment, students, watch, jobs, again, cluster, feedback, isolation
            )
        except engine.CannotGrade as problem:
            raise stop(str(problem)) from None
        except KeyboardInterrupt:
            raise stop("Broken off. What is graded is kept: the same command goes on.") from None
    if as_json:
        click.echo(json.dumps([result.as_data() for result in results], indent=2))
    else:
        from autograder import records, reports

        reports.show(reports.table(results))
        click.echo(records.places(root, assignment, feedback))
    raise SystemExit(1 if any(result.failed for result in results) else 0)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def roster(file: Path) -> None:
    """Read who is in the class from FILE, the CSV that your learning-management system exports.

    Canvas's gradebook, Moodle's participants or grading worksheet, Blackboard's grade center,
    Gradescope's and ILIAS's lists are known by their titles. The people go to students.csv and to
    the gradebook. What stands in students.csv stays; a second list fills in what was empty.

    Exit code 0: done. 2: the list cannot be used.

    Example: autograder roster canvas-gradebook.csv
    """
    root = course_root()
    from autograder import engine
    from autograder import roster as people

    try:
        known = people.load(root).people
        merged, said = people.merge(known, people.read(file))
        people.write(root, merged)
        with waiting("Writing to the gradebook"):
            engine.load_records()
            people.into_gradebook(root, merged)
    except (people.CannotRead, engine.CannotGrade) as problem:
        raise stop(str(problem)) from None
    for line in said:
        click.echo(line)
    click.echo(f"students.csv: {len(merged)} students, {len(merged) - len(known)} of them new.")


@main.command()
@click.argument("assignment")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--who", multiple=True, metavar="NAME=ID", help="Whose a submission is.")
@click.option("--zone", metavar="ZONE", help="The system's time zone. [default: this machine's]")
@click.option("--newer", is_flag=True, help="Take these where the newer is not known.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def collect(
    assignment: str,
    files: tuple[Path, ...],
    who: tuple[str, ...],
    zone: str | None,
    newer: bool,
    as_json: bool,
) -> None:
    """Put what was handed in for ASSIGNMENT into submitted/: FILES as your system gives them.

    A zip of Moodle, Canvas, Blackboard, ILIAS, Gradescope or of a Google Drive folder, a folder,
    nbgrader's downloaded/ASSIGNMENT. People are found in students.csv (see `autograder roster`).
    Of several attempts the newest counts. Nothing is overwritten: an older attempt is moved to
    collected/.

    Exit code 0: all is placed. 1: something is not, and why is said. 2: nothing was done.

    Example: autograder collect 01-gradient-descent moodle.zip
    """
    root = course_root()
    from zoneinfo import ZoneInfo

    wrong = [entry for entry in who if not all(entry.rpartition("=")[::2])]
    if wrong:
        raise stop(f"--who {wrong[0]}: it is to be NAME=ID.")
    try:
        place = ZoneInfo(zone) if zone else None
    except (ValueError, OSError, KeyError):
        raise stop(f"There is no time zone {zone}; one is Europe/Berlin.") from None
    from autograder import engine

    with waiting("Collecting"), engine.only_one(root):
        from autograder import collect as collecting

        chosen = {name: id for name, _, id in (entry.rpartition("=") for entry in who)}
        try:
            result = collecting.collect(root, assignment, files, chosen, place, newer)
        except collecting.CannotCollect as problem:
            raise stop(str(problem)) from None
    if as_json:
        click.echo(json.dumps(result.as_data(), indent=2))
    else:
        click.echo("\n".join(collecting.in_words(result)))
    raise SystemExit(1 if result.unplaced else 0)


@main.command()
def doctor() -> None:
    """Say what this machine can do for grading, and what mends what it cannot.

    Exit code 0: a class can be graded here. 1: something has to be mended first.

    Example: autograder doctor
    """
    from autograder import doctor as examination

    findings = examination.examine(course_root())
    examination.show(findings)
    raise SystemExit(1 if any(finding.stops for finding in findings) else 0)


@main.command()
@click.option("--assignment", default="01-gradient-descent", help="Which one, or `all`.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where to. [default: demo]")
def demo(assignment: str, folder: Path | None) -> None:
    """Make a class with submissions of every kind and grade it.

    It needs no server and asks nothing. The folder is a course folder of its own; a second demo
    replaces it.

    Exit code 0: every student has the points that the key expects, for the reasons put in. 1: one
    has not. 2: nothing was graded.

    Example: autograder demo
    """
    root = course_root(own_course())
    folder = folder or (root if root in (Path.cwd(), *Path.cwd().parents) else Path.cwd()) / "demo"
    with bar("Grading") as watch:
        from autograder import demo as demonstration
        from autograder import engine, records, reports
        from autograder.demo_students import assignments

        if assignment not in ("all", *assignments()):
            raise stop(f"There is no demo of {assignment}. There are: {', '.join(assignments())}.")
        chosen = assignments() if assignment == "all" else [assignment]
        try:
            classes = demonstration.run(root, chosen, folder, watch)
        except engine.CannotGrade as problem:
            raise stop(str(problem)) from None
    good = True
    for name, results in classes.items():
        table, as_expected = demonstration.table(results, name)
        good = good and as_expected
        reports.show(table)
        click.echo(records.places(folder, name, pages=True))
    click.echo("All as the key says." if good else "Not all is as the key says.")
    raise SystemExit(0 if good else 1)
