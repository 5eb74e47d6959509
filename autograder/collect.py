"""Puts what a learning-management system gives, a zip or a folder, into ``submitted/``.

Who handed in is never guessed: a file goes to the one person that it can belong to, or stays where
it is and is told. Nothing is overwritten.
"""

import csv
import hashlib
import os
import shutil
import stat
import tempfile
import unicodedata
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import IO, Any

from autograder import naming, roster
from autograder.foreign import for_spreadsheet, in_a_row
from autograder.intake import NOT_HANDED_IN, STAMP, time_stamp
from autograder.naming import Place
from autograder.repair import LARGEST, files_below
from autograder.roster import Person, Roster

#: Files of one archive.
MOST_ENTRIES = 200_000
#: Bytes of all files of one submission, unpacked.
LARGEST_SUBMISSION = 2 * LARGEST
#: Above so many bytes, a file that was packed to less than a hundredth is no work of a student's.
LARGE, PACKED = 32 * 1024**2, 100
#: What systems and file managers add.
RUBBISH = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", "__pycache__")
#: Encodings in which zips without a mark for UTF-8 have names; the first is tried first.
ENCODINGS = ("utf-8", "cp437", "cp1252", "cp1250", "cp866", "cp1251", "gbk", "shift_jis", "euc_kr")
ARCHIVES = (".zip",)


class CannotCollect(Exception):
    """Why nothing can be collected, in one sentence."""


@dataclass(frozen=True)
class Entry:
    """A file in an archive or a folder. names: its path, and other ways to read it.

    packed: bytes it takes in the archive.
    """

    names: tuple[str, ...]
    size: int
    packed: int
    open: Callable[[], IO[bytes]]


@dataclass
class Attempt:
    """What one person handed in at one time. files: name -> where it is. said: what is odd."""

    source: str
    place: Place
    who: tuple[str, ...]
    files: dict[str, Entry] = field(default_factory=dict)
    submitted: datetime | None = None
    said: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """How the system called it, to be shown."""
        number = f"_{self.place.number}" if self.place.number else ""
        return in_a_row(f"{self.who[0]}{number}")


@dataclass
class Collected:
    """What came of collecting. sources: file -> how it was named and how many people it holds.

    placed, there, replaced: students. unplaced: what has no place -> why. notes: what else to know.
    """

    sources: list[tuple[str, str, int]] = field(default_factory=list)
    placed: list[str] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unplaced: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """JSON data."""
        return {
            "sources": [
                dict(zip(("file", "named", "people"), s, strict=True)) for s in self.sources
            ],
            "placed": self.placed,
            "there": self.there,
            "replaced": self.replaced,
            "unplaced": [{"what": what, "why": why} for what, why in self.unplaced],
            "notes": self.notes,
        }


def collect(
    root: Path,
    assignment: str,
    files: Sequence[Path],
    chosen: Mapping[str, str] | None = None,
    zone: tzinfo | None = None,
    newer: bool = False,
) -> Collected:
    """Put the submissions in ``files`` into ``root``/submitted/STUDENT/``assignment``.

    files: zips, folders, notebooks; a CSV is a list that says more of the people (Moodle's grading
    worksheet). chosen: how a submission is called -> the student's id, where that is not clear.
    zone: the system's time zone, by default this machine's. newer: where it is not known which of
    two submissions is newer, take the one in ``files``. Raises CannotCollect.
    """
    if not (root / "solutions" / assignment).is_dir():
        there = sorted(p.parent.name for p in (root / "solutions").glob("*/*.ipynb"))
        raise CannotCollect(
            f"There is no assignment {in_a_row(assignment)} in solutions. "
            f"There are: {', '.join(there)}."
        )
    try:
        people = roster.load(root)
        sheets = [path for path in files if path.suffix.lower() == ".csv"]
        worksheet = {k: row for path in sheets for k, row in participants(path).items()}
    except roster.CannotRead as problem:
        raise CannotCollect(str(problem)) from None
    unknown = [id for id in (chosen or {}).values() if people.people and not people.called(id)]
    if unknown:
        raise CannotCollect(f"--who: nobody in {roster.FILE} is {in_a_row(unknown[0])}.")
    result = Collected()
    finding = Finding(people, worksheet, dict(chosen or {}), zone)
    attempts: list[Attempt] = []
    opened: list[zipfile.ZipFile] = []
    try:
        for source in sources([path for path in files if path not in sheets]):
            attempts += attempts_in(source, assignment, result, finding, opened)
        if not attempts and not result.unplaced:
            raise CannotCollect(f"There is no submission in {listed(files)}.")
        put_all(root, assignment, attempts, finding, result, newer)
    except OSError as problem:
        raise CannotCollect(f"Broken off: {in_a_row(problem)}. What is placed is kept.") from None
    finally:
        for archive in opened:
            archive.close()
    for name in sorted(set(finding.chosen) - finding.used):
        result.notes.append(f"Nothing is called {in_a_row(name)}, as --who says.")
    return result


def listed(files: Sequence[Path]) -> str:
    """Names of files in a row."""
    return ", ".join(in_a_row(path.name) for path in files)


# --- what is there --------------------------------------------------------------------------


def sources(files: Sequence[Path]) -> Iterator[Path]:
    """The archives and folders to look into: of a folder that holds archives, each of them."""
    for path in files:
        if not path.exists():
            raise CannotCollect(f"There is no {in_a_row(path)}.")
        if not path.is_dir():
            yield path
            continue
        folder = path / "archive" if (path / "archive").is_dir() else path
        inside = sorted(p for p in folder.iterdir() if p.suffix.lower() in ARCHIVES)
        named = {p for p in inside if naming.places([p.name], "")[0] not in ("files", "")}
        archives = [p for p in inside if p not in named and zipfile.is_zipfile(p)]
        yield from archives
        if any(p not in archives and not p.name.startswith(".") for p in folder.iterdir()):
            yield folder


def entries(source: Path, result: Collected, opened: list[zipfile.ZipFile]) -> list[Entry]:
    """The files of an archive or folder; those that cannot be taken are told."""
    if source.is_dir():
        return list(entries_of_folder(source, result))
    if source.suffix.lower() not in ARCHIVES and not zipfile.is_zipfile(source):
        if source.is_symlink() or not source.is_file():
            raise CannotCollect(f"{in_a_row(source.name)} is not a file.")
        size = source.stat().st_size
        return [Entry((source.name,), size, size, lambda: source.open("rb"))]
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as problem:
        raise CannotCollect(f"{in_a_row(source.name)} is no zip: {in_a_row(problem)}.") from None
    opened.append(archive)
    if len(archive.filelist) > MOST_ENTRIES:
        raise CannotCollect(f"{in_a_row(source.name)} holds {len(archive.filelist)} files.")
    return list(entries_of_zip(archive, source.name, result))


def entries_of_folder(folder: Path, result: Collected) -> Iterator[Entry]:
    """The files below a folder; links are left out."""
    inside = folder.resolve()
    for at, _, names in os.walk(inside, followlinks=False):
        for name in sorted(names):
            path = Path(at, name)
            shown = path.relative_to(inside).as_posix()
            if is_rubbish(shown):
                continue
            if path.is_symlink() or not path.is_file():
                result.unplaced.append((in_a_row(shown), "a link, or no file"))
                continue
            size = path.stat().st_size
            shown = shown.encode(errors="surrogateescape").decode(errors="replace")
            yield Entry((nfc(shown),), size, size, lambda path=path: path.open("rb"))


def entries_of_zip(archive: zipfile.ZipFile, source: str, result: Collected) -> Iterator[Entry]:
    """The files of a zip whose path leads nowhere else; links and what is locked are left out."""
    for info in archive.filelist:
        names = tuple(nfc(name.replace("\\", "/")) for name in readings(info))
        if info.is_dir() or names[0].endswith("/") or is_rubbish(names[0]):
            continue
        shown = in_a_row(f"{source}: {names[0]}")
        if any(leads_out(name) for name in names):
            result.unplaced.append((shown, "its path leads out of the archive"))
        elif stat.S_ISLNK(info.external_attr >> 16):
            result.unplaced.append((shown, "a link, not a file"))
        elif info.flag_bits & 1:
            result.unplaced.append((shown, "locked by a password"))
        else:
            yield Entry(
                names,
                info.file_size,
                info.compress_size,
                lambda info=info: archive.open(info),
            )


def readings(info: zipfile.ZipInfo) -> list[str]:
    """The ways to read an entry's name; several where the zip does not say how it is written."""
    if info.flag_bits & 0x800 or info.orig_filename.isascii():
        return [info.orig_filename]
    try:
        raw = info.orig_filename.encode("cp437")  # as zipfile read it
    except UnicodeEncodeError:
        return [info.orig_filename]
    ways = []
    for encoding in ENCODINGS:
        try:
            ways.append(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8":  # hardly anything else is valid UTF-8
            break
    return list(dict.fromkeys(ways))


def nfc(name: str) -> str:
    """A name with its accents in the letters, as macOS does not write it."""
    return unicodedata.normalize("NFC", name)


def leads_out(name: str) -> bool:
    """True for a path that is absolute, has a drive, or goes up."""
    parts = name.split("/")
    return name.startswith("/") or ".." in parts or "\0" in name or parts[0].endswith(":")


def is_rubbish(name: str) -> bool:
    """True for what no student handed in."""
    parts = name.split("/")
    return any(part in RUBBISH or part.startswith("._") for part in parts) or ".ipynb_ch" in name


# --- who and when ---------------------------------------------------------------------------


def participants(path: Path) -> dict[str, dict[str, str]]:
    """Moodle's grading worksheet: number of a participant -> what it says. Raises CannotRead."""
    found = {}
    for row in roster.rows(path):
        number = "".join(c for c in row.get("identifier", "") if c.isdigit())
        if number:
            found[number] = row
    if not found:
        raise roster.CannotRead(
            f"{in_a_row(path.name)} is not Moodle's grading worksheet: it has no column Identifier."
            f" For a list of students there is `autograder roster {in_a_row(path.name)}`."
        )
    return found


def attempts_in(
    source: Path,
    assignment: str,
    result: Collected,
    finding: "Finding",
    opened: list[zipfile.ZipFile],
) -> list[Attempt]:
    """What was handed in, by person and time."""
    there = {entry.names[0]: entry for entry in entries(source, result, opened)}
    about = metadata(there)
    there = {name: entry for name, entry in there.items() if entry is not about.get("entry")}
    scheme, found = naming.places(sorted(there), assignment)
    shown = in_a_row(source.name)
    attempts: dict[tuple, Attempt] = {}
    for name, entry in there.items():
        place = found.get(name)
        if place is None:
            why = "not named as the other files are" if scheme else "no way of naming that is known"
            result.unplaced.append((in_a_row(f"{source.name}: {name}"), why))
            continue
        ways = [found.get(n) or naming.places([n], assignment)[1].get(n) for n in entry.names]
        who = tuple(dict.fromkeys(way.who for way in ways if way))
        one = (place.who.casefold(), place.number, place.time)
        attempt = attempts.setdefault(one, Attempt(shown, place, who))
        keep(attempt, place, entry, assignment, scheme)
    held = [a for a in attempts.values() if a.files]
    if scheme == "Blackboard":
        held = with_titles_off(held)
    if scheme == "Gradescope":
        held = [one for a in held for one in by_submitter(a, about.get("people", {}))]
    for attempt in held:
        attempt.submitted = attempt.submitted or finding.time(attempt, source)
    result.sources.append((shown, scheme or "not recognised", len({a.who for a in held})))
    if held and not any(a.submitted for a in held):
        result.notes.append(
            f"{shown} does not say when anything was handed in, so nothing counts as late."
            + (
                " Moodle's grading worksheet (a CSV) says it: name it as well."
                if scheme == "Moodle"
                else ""
            )
        )
    late = [a.label for a in held if a.place.late and a.submitted is None]
    if late:
        result.notes.append(f"{shown}: called late by {scheme}: {', '.join(late)}.")
    return held


def keep(attempt: Attempt, place: Place, entry: Entry, assignment: str, scheme: str) -> None:
    """Put a file into an attempt; of two of one name the newer."""
    if not place.file:  # Blackboard's own note beside the files
        return
    parts = [part for part in place.file.split("/") if part not in ("", ".")]
    if scheme in ("Canvas", "files"):
        parts[-1] = naming.without_number(parts[-1], assignment)
    name = "/".join(map(file_name, parts))
    if name in NOT_HANDED_IN and scheme != "nbgrader":
        return
    older = name in attempt.files and place.order < attempt.place.order
    if not older:
        attempt.files[name] = entry
    if place.order > attempt.place.order:
        attempt.place = replace(attempt.place, order=place.order)


def file_name(name: str) -> str:
    """A name that every file system takes."""
    name = "".join(c if c.isprintable() else "?" for c in name).encode(errors="replace").decode()
    while len(name.encode()) > 200:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[:-1]}.{ending}" if dot and len(ending) < 20 else name[:-1]
    return name


def with_titles_off(attempts: list[Attempt]) -> list[Attempt]:
    """Blackboard's names begin with the title of the task: each way to take it off, best first."""
    names = [attempt.who[0] for attempt in attempts]
    shared = os.path.commonprefix(names) if len(set(names)) > 1 else ""  # noqa: RUF071
    shared = shared[: shared.rfind("_") + 1]
    for attempt in attempts:
        parts = attempt.who[0].split("_")
        ways = ["_".join(parts[i:]) for i in range(1, len(parts))] or parts
        own = attempt.who[0].removeprefix(shared) if shared else parts[-1]
        attempt.who = tuple(dict.fromkeys([own, *ways]))
    return attempts


def metadata(there: Mapping[str, Entry]) -> dict[str, Any]:
    """Gradescope's file about the submissions: number -> who and when."""
    name = next((n for n in there if n.split("/")[-1] == "submission_metadata.yml"), None)
    if name is None or name.count("/") > 1 or there[name].size > LARGEST:
        return {}
    import yaml

    try:
        with there[name].open() as file:
            content = yaml.load(file.read(LARGEST), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        people = {str(key).removeprefix("submission_"): about for key, about in content.items()}
    except (yaml.YAMLError, AttributeError, ValueError, RecursionError, *BROKEN):
        people = {}
    return {"entry": there[name], "people": people}


def by_submitter(attempt: Attempt, people: Mapping[str, Any]) -> Iterator[Attempt]:
    """A group's submission, once for each who handed it in, found by number or e-mail."""
    about = people.get(attempt.place.number)
    about = about if isinstance(about, dict) else {}
    when, submitters = about.get(":created_at"), about.get(":submitters")
    if isinstance(when, str):
        when = time_of(when)
    when = when if isinstance(when, datetime) else None
    if when is not None and when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    people_there = (
        [s for s in submitters if isinstance(s, dict)] if type(submitters) is list else []
    )
    if not people_there:
        attempt.who = (f"submission_{attempt.place.number}",)
        yield attempt
    for person in people_there:
        keys = [str(person.get(key) or "") for key in (":sid", ":email", ":name")]
        yield replace(attempt, who=tuple(filter(None, keys)) or attempt.who, submitted=when)


def time_of(text: str) -> datetime | None:
    """A time in words; None where it cannot be read."""
    from dateutil import parser

    try:
        return parser.parse(text[:100])
    except (ValueError, OverflowError, TypeError):
        return None


@dataclass
class Finding:
    """What is known about people: the class, Moodle's worksheet, what the instructor said."""

    people: Roster
    worksheet: Mapping[str, Mapping[str, str]]
    chosen: dict[str, str]
    zone: tzinfo | None
    used: set[str] = field(default_factory=set)

    def time(self, attempt: Attempt, source: Path) -> datetime | None:
        """When it was handed in, in UTC; None if nothing says it."""
        if attempt.place.scheme == "nbgrader" and source.is_dir():
            entry = attempt.files.pop(STAMP, None)
            if entry is not None and entry.size <= 100:
                with tempfile.TemporaryDirectory() as folder:
                    with entry.open() as file:
                        Path(folder, STAMP).write_bytes(file.read(100))
                    when = time_stamp(None, folder)
                return when.replace(tzinfo=UTC) if when else None
        when = naming.clock(attempt.place.time)
        row = self.worksheet.get(attempt.place.number, {})
        if attempt.place.scheme == "Moodle" and row.get("submitted", "").strip("- "):
            when = time_of(row["submitted"])
        if when is None:
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=self.zone) if self.zone else when.astimezone()
        return when.astimezone(UTC)

    def person(self, attempt: Attempt, alone: bool) -> tuple[str, str]:
        """The student's id, or "" and why there is none.

        alone: nobody else in the archive is called so.
        """
        for name in (attempt.label, *attempt.who, attempt.place.number):
            if name and name in self.chosen:
                self.used.add(name)
                id = self.chosen[name]
                return next((p.id for p in self.people.called(id)), roster.safe(id)), ""
        place = attempt.place
        row = self.worksheet.get(place.number, {}) if place.scheme == "Moodle" else {}
        if not self.people.people:
            return self.without_list(attempt, row, alone)
        found = self.by_row(row) or self.by_number(place) or self.by_name(attempt)
        by_name_only = not row and not self.by_number(place)
        if len(found) == 1 and not alone and by_name_only:
            return "", f"two are called {attempt.who[0]} here, and one in {roster.FILE}"
        if len(found) == 1:
            return found[0].id, ""
        if found:
            ids = ", ".join(p.id for p in found)
            return "", f"could be {ids}: say which with --who '{attempt.label}={found[0].id}'"
        if place.scheme == "Moodle" and attempt.who[0] == "Participant":
            return f"participant-{place.number}", ""
        return (
            "",
            f"nobody in {roster.FILE} is called so: --who '{attempt.label}=ID' says who it is",
        )

    def by_row(self, row: Mapping[str, str]) -> list[Person]:
        """Who the line of Moodle's worksheet speaks of."""
        keys = [row.get("email", ""), row.get("number", ""), row.get("login", "")]
        return next((found for key in keys if key and (found := self.people.called(key))), [])

    def by_number(self, place: Place) -> list[Person]:
        """Who has the number that Canvas put into the name."""
        return self.people.number(place.number) if place.scheme == "Canvas" else []

    def by_name(self, attempt: Attempt) -> list[Person]:
        """Who has a name or user name that the file's name can be read as."""
        for who in attempt.who:
            for name in spellings(who, attempt.place.scheme):
                found = self.people.called(name) or self.people.named(name)
                if found:
                    return found
        return []

    def without_list(
        self, attempt: Attempt, row: Mapping[str, str], alone: bool
    ) -> tuple[str, str]:
        """The id where there is no list of students: as the system calls the person."""
        if row:
            person = roster.person_of(row)
            if person:
                return person.id, ""
        if attempt.place.scheme == "Gradescope":
            name = attempt.who[0].split("@")[0]
        elif attempt.place.scheme in ("Moodle", "Canvas") and not alone:
            return "", f"two are called {attempt.who[0]}: a list of students tells them apart"
        elif attempt.place.scheme == "Moodle" and attempt.who[0] == "Participant":
            name = f"participant-{attempt.place.number}"
        elif attempt.place.scheme in ("files", "Google Classroom"):
            return "", "only a list of students says whose it is: `autograder roster LIST`"
        elif attempt.place.scheme == "nbgrader":
            name = attempt.who[0]
        else:
            name = spellings(attempt.who[0], attempt.place.scheme)[0].lower()
        safe = roster.safe(name)
        return safe, "" if safe else "its name holds no letter"


def spellings(who: str, scheme: str) -> list[str]:
    """The names that may be meant by what stands in a file's name."""
    if scheme == "ILIAS":
        last, first, login = who.split("/")
        return [login, f"{first} {last}"]
    if scheme == "Google Classroom":
        stem = who.rsplit(".", 1)[0]
        left, right = stem.split(" - ", 1)[0], stem.rsplit(" - ", 1)[-1]
        return [left.strip(), right.strip()]
    if scheme == "files":
        stem = who.rsplit(".", 1)[0]
        return [stem, stem.split("_", 1)[0], stem.rsplit("_", 1)[-1]]
    if scheme == "Moodle" and "-" in who:  # a group's name may stand in front
        parts = who.split("-")
        return [who, *("-".join(parts[i:]) for i in range(1, len(parts)))]
    return [who, who.replace("_", " ")]


# --- putting it there -----------------------------------------------------------------------

#: What reading a damaged archive raises.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


class Refused(Exception):
    """Why a submission is not taken, in a few words."""


def put_all(
    root: Path,
    assignment: str,
    attempts: list[Attempt],
    finding: Finding,
    result: Collected,
    newer: bool,
) -> None:
    """Put the newest attempt of each person where grading looks for it."""
    numbers = Counter(
        (source, who) for source, who, _ in {(a.source, a.who[0], a.place.number) for a in attempts}
    )
    by_student: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        student, why = finding.person(attempt, numbers[attempt.source, attempt.who[0]] == 1)
        if student:
            by_student[student].append(attempt)
        else:
            result.unplaced.append((f"{attempt.source}: {attempt.label}", in_a_row(why)))
    taken = []
    for student, theirs in sorted(by_student.items()):
        for attempt in in_order(theirs, student, result):
            try:
                put(root, assignment, student, attempt, result, newer)
            except Refused as problem:
                shown = f"{attempt.source}: {attempt.label}"
                result.unplaced.append((shown, in_a_row(problem)))
            else:
                taken.append((student, attempt))
            break
    note(root, assignment, taken)


def in_order(attempts: list[Attempt], student: str, result: Collected) -> list[Attempt]:
    """The attempts of one person, newest first; tells where that cannot be known."""
    if len(attempts) == 1:
        return attempts
    if all(a.submitted for a in attempts):
        return sorted(attempts, key=lambda a: a.submitted, reverse=True)
    if len({a.place.order for a in attempts}) == len(attempts) and all(
        a.place.order for a in attempts
    ):
        return sorted(attempts, key=lambda a: a.place.order, reverse=True)
    for other in attempts[:-1]:
        why = f"{student} has another one, named later, and neither says when it was handed in"
        result.unplaced.append((f"{other.source}: {other.label}", why))
    return attempts[-1:]


def put(
    root: Path, assignment: str, student: str, attempt: Attempt, result: Collected, newer: bool
) -> None:
    """Write one submission: there whole or not at all. Raises Refused."""
    final = root / "submitted" / student / assignment
    if final.is_symlink() or final.parent.is_symlink():
        raise Refused("there is a link in its place")
    (root / "submitted").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root / "submitted", prefix=".collecting-") as folder:
        made = Path(folder, "submission")
        made.mkdir()
        unpack(attempt, made)
        if attempt.submitted:
            (made / STAMP).write_text(f"{attempt.submitted:%Y-%m-%d %H:%M:%S.%f} UTC")
        made.chmod(0o755)
        if os.path.lexists(final):
            if contents(final) == contents(made):
                if attempt.submitted and time_stamp(None, final) is None:
                    shutil.copy(made / STAMP, final / STAMP)
                result.there.append(student)
                return
            set_aside(root, assignment, student, final, attempt, newer)
            result.replaced.append(student)
        final.parent.mkdir(exist_ok=True)
        os.rename(made, final)
    result.placed.append(student)


def unpack(attempt: Attempt, folder: Path) -> None:
    """Write an attempt's files. What they really hold is counted, not what the archive says."""
    left = LARGEST_SUBMISSION
    for name, entry in attempt.files.items():
        path = folder / name
        if entry.size > LARGE and entry.size > PACKED * entry.packed:
            raise Refused(f"{in_a_row(name)} would unpack to {entry.size // 1024**2} MB of nothing")
        most = min(left, LARGEST)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with entry.open() as file, path.open("xb") as out:
                written = 0
                while block := file.read(1024**2):
                    written += len(block)
                    large = written > LARGE and written > PACKED * max(1, entry.packed)
                    if written > most or large:
                        raise Refused(f"{in_a_row(name)} unpacks to more than is taken")
                    out.write(block)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise Refused(f"{in_a_row(name)} is there twice, as file and as folder") from None
        except BROKEN as problem:
            if isinstance(problem, OSError) and problem.errno:
                raise
            raise Refused(f"{in_a_row(name)} is damaged in the archive") from None
        left -= written


def contents(folder: Path) -> dict[str, str]:
    """The files of a submission and what is in them, without what graders put beside them."""
    return {
        name: digest(path)
        for path in files_below(folder)
        if (name := path.relative_to(folder).as_posix()) not in NOT_HANDED_IN
        and not path.is_symlink()
    }


def digest(path: Path) -> str:
    """What tells one file's content from another's; the file is read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def set_aside(
    root: Path, assignment: str, student: str, there: Path, attempt: Attempt, newer: bool
) -> None:
    """Move what was handed in before to collected/, if the attempt is newer. Raises Refused."""
    before, now = time_stamp(None, there), attempt.submitted
    if before and now:
        if before.replace(tzinfo=UTC) > now:
            raise Refused(f"{student} has a newer one in submitted")
    elif not newer:
        raise Refused(
            f"{student} has another one in submitted, and which is newer is not known: "
            "--newer takes this one and keeps the other in collected"
        )
    place = root / "collected" / assignment / student
    place.mkdir(parents=True, exist_ok=True)
    number = 1
    while os.path.lexists(place / str(number)):
        number += 1
    os.rename(there, place / str(number))


NOTED = ["student", "system", "name", "number", "submitted", "source", "files", "late"]


def note(root: Path, assignment: str, taken: list[tuple[str, Attempt]]) -> None:
    """Add what was taken to collected/ASSIGNMENT.csv: grades go back under the same numbers."""
    if not taken:
        return
    path = root / "collected" / f"{assignment}.csv"
    path.parent.mkdir(exist_ok=True)
    fresh = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if fresh:
            writer.writerow(NOTED)
        for student, a in taken:
            when = f"{a.submitted:%Y-%m-%d %H:%M:%S} UTC" if a.submitted else ""
            names, late = "; ".join(a.files), "late" if a.place.late else ""
            row = (student, a.place.scheme, a.who[0], a.place.number, when, a.source, names, late)
            writer.writerow(map(for_spreadsheet, row))


# --- in words -------------------------------------------------------------------------------


def in_words(result: Collected) -> Iterator[str]:
    """What came of it, line by line."""
    for name, scheme, people in result.sources:
        yield f"{name}: {scheme}, {people} {'submission' if people == 1 else 'submissions'}."
    replaced = f" ({len(result.replaced)} newer than before)" if result.replaced else ""
    yield f"Placed in submitted: {len(result.placed)}{replaced}."
    if result.there:
        yield f"There already: {len(result.there)}."
    yield from result.notes
    if result.unplaced:
        yield f"Not placed: {len(result.unplaced)}."
        for what, why in result.unplaced:
            yield f"  {what}: {why}"
