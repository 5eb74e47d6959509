"""Who is in the class: students.csv, from the list that a learning-management system exports.

The file has nbgrader's columns, so `nbgrader db student import students.csv` reads it as well.
"""

import contextlib
import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from autograder.foreign import FORMULA, for_spreadsheet, in_a_row
from autograder.verdicts import write_whole

FILE = "students.csv"
#: Bytes of a list of students. Beyond, it is not read.
LARGEST = 64 * 1024**2


class CannotRead(Exception):
    """Why a list of students cannot be used, in one sentence."""


@dataclass(frozen=True)
class Person:
    """One student. id: the name in the gradebook and of the folder. lms_user_id: Canvas's number.

    login: the user name. number: the student number (SID, matriculation number).
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""
    login: str = ""
    number: str = ""

    @property
    def name(self) -> str:
        """First and last name; the id of somebody without one."""
        return f"{self.first_name} {self.last_name}".strip() or self.id


COLUMNS = [field.name for field in fields(Person)]

#: A column's title, only its letters and in lower case -> what it holds.
TITLES = {
    "first_name": "firstname givenname forename vorname prénom prenom nombre nome voornaam",
    "last_name": "lastname surname familyname nachname familienname nom nomdefamille apellidos "
    "apellido cognome achternaam",
    "full_name": "student name fullname studentname studentsname vollständigername nomcomplet "
    "nombrecompleto",
    "email": "email emailaddress mail emailadresse adressedecourriel direccióndecorreo correo",
    "login": "username sisloginid login loginid anmeldename benutzername netid nomdutilisateur "
    "nombredeusuario kennung",
    "number": "sid studentid idnumber sisuserid matrikelnummer matriculationnumber numérodétudiant",
    "lms_user_id": "lmsuserid userid canvasuserid",
    "identifier": "identifier kennzeichnung",
    "submitted": "lastmodifiedsubmission zuletztgeändertabgabe",
    "id": "id",
}
MEANING = {title: field for field, titles in TITLES.items() for title in titles.split()}


# --- reading --------------------------------------------------------------------------------


def rows(path: Path) -> list[dict[str, str]]:
    """The lines of an exported list: what each column holds -> text. Raises CannotRead."""
    shown = in_a_row(path.name)
    try:
        if path.stat().st_size > LARGEST:
            raise CannotRead(f"{shown} is too large for a list of students.")
        data = path.read_bytes()
    except OSError as problem:
        raise CannotRead(f"{shown} cannot be read: {problem.strerror}.") from None
    if data.startswith(b"PK"):
        raise CannotRead(f"{shown} is a workbook or a zip: save it as CSV.")
    lines = decoded(data).splitlines()
    head = next((i for i, line in enumerate(lines[:20]) if len(titles(line)) > 1), None)
    if head is None:
        raise CannotRead(
            f"{shown} has no line of titles that is known, such as First name, Last name, Email."
        )
    try:
        table = list(csv.reader(io.StringIO("\n".join(lines[head:])), delimiter=comma(lines[head])))
    except csv.Error as problem:
        raise CannotRead(f"{shown} is not a CSV: {problem}.") from None
    meanings = titles(lines[head])
    found = []
    for line in table[1:]:
        row: dict[str, str] = {}
        for at, field in meanings.items():
            if at < len(line) and not row.get(field):
                row[field] = plain(line[at])
        if any(row.values()):
            found.append(row)
    return found


def decoded(data: bytes) -> str:
    """The text of a file that a spreadsheet may have written."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    with contextlib.suppress(UnicodeDecodeError):
        return data.decode("utf-8-sig")
    return data.decode("cp1252", errors="replace")


def comma(line: str) -> str:
    """What stands between the columns: the most frequent of tab, semicolon and comma."""
    return max("\t;,", key=line.count)


def titles(line: str) -> dict[int, str]:
    """Column -> what it holds, for the columns whose titles are known."""
    names = next(csv.reader([line], delimiter=comma(line)), [])
    letters = ["".join(c for c in name.lower() if c.isalpha()) for name in names]
    known = {at: MEANING[name] for at, name in enumerate(letters) if name in MEANING}
    if "student" in letters and "full_name" in known.values():  # Canvas: ID is its own number
        known = {at: "lms_user_id" if f == "id" else f for at, f in known.items()}
    return known


def plain(cell: str) -> str:
    """A cell's text in one line, without the sign that keeps a spreadsheet from running it."""
    text = in_a_row(unicodedata.normalize("NFC", cell.strip().strip("\ufeff")))
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def read(path: Path) -> list[Person]:
    """The people in an exported list, in its order. Raises CannotRead."""
    people, lines = [], {}
    for number, row in enumerate(rows(path), start=2):
        person = person_of(row)
        if person is None:
            continue
        if person.id in lines and person != people[lines[person.id][1]]:
            raise CannotRead(
                f"{in_a_row(path.name)}: entries {lines[person.id][0]} and {number} are two people "
                f"that would both be {person.id}: add a column with user names or e-mail addresses."
            )
        if person.id not in lines:
            lines[person.id] = (number, len(people))
            people.append(person)
    if not people:
        raise CannotRead(f"{in_a_row(path.name)} names nobody.")
    return people


#: Lines of an export that are no student's.
NOBODY = ("points possible", "student, test", "test student")


def person_of(row: dict[str, str]) -> Person | None:
    """The student in one line; None if it is nobody's."""
    full = row.get("full_name", "")
    if full.lower().startswith(NOBODY):
        return None
    first, last = row.get("first_name", ""), row.get("last_name", "")
    if full and not (first and last):
        first, last = in_two(full)
    known = {f: row.get(f, "") for f in ("email", "lms_user_id", "login", "number")}
    id = identity(row.get("id", ""), first, last, **known)
    return Person(id, first, last, **known) if id else None


def in_two(full: str) -> tuple[str, str]:
    """First and last name of "Last, First" or "First Last"."""
    if "," in full:
        last, first = full.split(",", 1)
        return first.strip(), last.strip()
    first, _, last = full.rpartition(" ")
    return first.strip(), last.strip()


def identity(id: str, first: str, last: str, email: str, lms_user_id: str, login: str, number: str):
    """The name in the gradebook: the first there is of id, user name, number, e-mail, name."""
    name = f"{first} {last}".strip().lower()
    choices = (id, login, number, email.split("@")[0], name, lms_user_id)
    return next(filter(None, map(safe, choices)), "")


def safe(name: str) -> str:
    """A text as it can name a folder and stand in an address: letters, digits and . _ - @."""
    name = unicodedata.normalize("NFC", name)
    return re.sub(r"[^\w.@-]+", "-", name).strip(".-")[:100]


# --- matching -------------------------------------------------------------------------------


def squashed(text: str, marks: bool = True) -> str:
    """The letters and digits of a name in lower case; marks: accents stay."""
    text = unicodedata.normalize("NFC" if marks else "NFKD", text.casefold())
    if not marks:
        text = text.replace("ø", "o").replace("ł", "l").replace("đ", "d").replace("ı", "i")
    return "".join(c for c in text if c.isalnum())


class Roster:
    """The people of a class, to be found by what a file's name says of them."""

    def __init__(self, people: Iterable[Person] = ()):
        self.people = list(people)
        self.by_id: dict[str, set[Person]] = defaultdict(set)
        self.by_name: list[dict[str, set[Person]]] = [defaultdict(set) for _ in range(3)]
        for person in self.people:
            addresses = {person.email, person.email.split("@")[0]}
            for key in {person.id, person.login, person.number, *addresses} - {""}:
                self.by_id[key.casefold()].add(person)
            for name in self.ways(person):
                for table, key in zip(self.by_name, self.keys(name), strict=True):
                    table[key].add(person)

    @staticmethod
    def ways(person: Person) -> set[str]:
        """How systems write the name."""
        first, last = person.first_name, person.last_name
        return {f"{first} {last}", f"{last} {first}"} if first or last else set()

    @staticmethod
    def keys(name: str) -> tuple[str, str, str]:
        """A name from exact to rough: two people may be one only in the last."""
        words = " ".join(name.replace(",", " ").casefold().split())
        return unicodedata.normalize("NFC", words), squashed(name), squashed(name, marks=False)

    def number(self, lms_user_id: str) -> list[Person]:
        """Who has this number in the learning-management system."""
        return [p for p in self.people if lms_user_id and p.lms_user_id == lms_user_id]

    def called(self, id: str) -> list[Person]:
        """Who has this id, user name, student number or e-mail address."""
        return sorted(self.by_id.get(id.casefold(), ()), key=lambda p: p.id)

    def named(self, name: str) -> list[Person]:
        """Who has this name: by the most exact way in which anybody has it."""
        for table, key in zip(self.by_name, self.keys(name), strict=True):
            if key and table.get(key):
                return sorted(table[key], key=lambda p: p.id)
        return []


# --- students.csv ---------------------------------------------------------------------------


def load(root: Path) -> Roster:
    """The class of a course folder: empty without students.csv. Raises CannotRead."""
    path = root / FILE
    return Roster(read(path) if path.exists() else ())


def merge(known: list[Person], new: list[Person]) -> tuple[list[Person], list[str]]:
    """The people of both lists, each once, and what they do not agree about, in sentences.

    What is known stays; what was empty is filled in. One who has another id in the new list is
    found by the e-mail address, the user name or the numbers.
    """
    people, said = {person.id: person for person in known}, []
    for person in new:
        before = people.get(person.id) or same(list(people.values()), person)
        if before is None:
            people[person.id] = person
            continue
        for field in COLUMNS[1:]:
            old, fresh = getattr(before, field), getattr(person, field)
            if old and fresh and old != fresh:
                said.append(f"{before.id}: {field} stays {old}; the new list says {fresh}.")
        filled = {f: getattr(before, f) or getattr(person, f) for f in COLUMNS[1:]}
        people[before.id] = replace(before, **filled)
    return list(people.values()), said


def same(people: list[Person], person: Person) -> Person | None:
    """The one of ``people`` who is this person, by a number or an address that only one has.

    A name alone says so only where the two have nothing else to compare.
    """
    for field in ("email", "login", "number", "lms_user_id"):
        value = getattr(person, field).casefold()
        found = [p for p in people if value and getattr(p, field).casefold() == value]
        if len(found) == 1:
            return found[0]
    alike = Roster(people).named(person.name)
    if len(alike) != 1:
        return None
    shared = [f for f in COLUMNS[3:] if getattr(alike[0], f) and getattr(person, f)]
    return None if shared else alike[0]


def write(root: Path, people: list[Person]) -> Path:
    """Write students.csv: there whole or not at all. Raises CannotRead where that fails."""
    path, text = root / FILE, io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    for person in sorted(people, key=lambda p: p.id):
        writer.writerow({f: for_spreadsheet(v) for f, v in asdict(person).items()})
    try:
        write_whole(path, text.getvalue().encode())
    except OSError as problem:
        raise CannotRead(f"{path} cannot be written: {problem.strerror}.") from None
    return path


def into_gradebook(root: Path, people: list[Person]) -> None:
    """Let nbgrader's gradebook know the people. Raises engine.CannotGrade."""
    from autograder import records

    course = records.Course(root)
    with (
        records.one_connection(course),
        course.gradebook as gradebook,
        records.at_once(course),
    ):
        for p in people:
            about = {"first_name": p.first_name, "last_name": p.last_name, "email": p.email}
            about = {field: text or None for field, text in about.items()}
            gradebook.update_or_create_student(p.id, lms_user_id=p.lms_user_id or None, **about)
