"""Read and write the tables of an LMS: what it exports, and what it takes back."""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from grading.course.csv_table import read_csv
from grading.course.errors import CourseError
from grading.course.roster import Member, Roster, plain

Kind = Literal["canvas", "worksheet", "moodle"]
CANVAS_PERSON = (
    *("Student", "LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID"),
    *("Integration ID", "Root Account", "Section"),
)
"""Canvas's columns about a person; those of assignments stand behind `Section`."""
WORKSHEET = ("Identifier", "Grade", "Last modified (grade)")
"""Columns without which Moodle takes no grading worksheet."""
IDENTIFYING = {
    "canvas": ("ID", "SIS User ID", "SIS Login ID"),
    "worksheet": ("Email address", "ID number", "Username"),
    "moodle": ("Email address", "ID number", "Username"),
}
NAMES = {
    "canvas": (("Student",), ("FirstName", "LastName")),
    "worksheet": (("Full name",),),
    "moodle": (("Full name",), ("First name", "Surname"), ("First name", "Last name")),
}
NO_PERSON = re.compile(r"\s*(muted|manual posting.*)?\s*", re.IGNORECASE)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell begins that a spreadsheet takes for a formula, also in signs of full width."""
BY_STAFF = "feedback"


class BadTable(CourseError):
    """A table of an LMS cannot be used; the message says why."""


@dataclass(frozen=True)
class Person:
    """Someone in an LMS's table: the row, the LMS's own number, other ids, and the name."""

    row: int
    number: str
    keys: tuple[str, ...]
    name: str
    submitted: str = ""

    @property
    def shown(self) -> str:
        """Return what staff call the person."""
        return self.name or next((key for key in self.keys if key), self.number) or "somebody"


@dataclass(frozen=True)
class LmsTable:
    """A table as an LMS has exported it, cell by cell."""

    kind: Kind
    header: list[str]
    rows: list[list[str]]
    delimiter: str = ","
    marked: bool = False

    def column(self, name: str) -> int | None:
        """Return the place of a column, whatever its case."""
        wanted = name.casefold()
        return next((at for at, one in enumerate(self.header) if one.casefold() == wanted), None)

    def cell(self, row: int, name: str) -> str:
        """Return a cell, empty where there is no such column."""
        at = self.column(name)
        return self.rows[row][at].strip() if at is not None else ""

    def people(self) -> Iterator[Person]:
        """Yield the rows that are people's."""
        for row, cells in enumerate(self.rows):
            if "Points Possible" in cells[0] or all(NO_PERSON.fullmatch(one) for one in cells):
                continue
            keys = tuple(self.cell(row, name) for name in IDENTIFYING[self.kind])
            forms = NAMES[self.kind]
            parts = next((one for one in forms if None not in map(self.column, one)), ())
            name = " ".join(self.cell(row, part) for part in parts).strip()
            number = self.cell(row, "ID") if self.kind == "canvas" else ""
            if self.kind == "worksheet":
                found = re.search(r"\d+$", self.cell(row, "Identifier"))
                number = found[0] if found else ""
            yield Person(row, number, keys, name, self.cell(row, "Last modified (submission)"))

    def matched(self, roster: Roster) -> tuple[dict[int, Member], list[str]]:
        """Return the students by their rows, and what is said of rows that are nobody's.

        An id, login or address decides; a name only where no other has it, and no id speaks against
        it.
        """
        people = list(self.people())
        named = Counter(plain(one.name) for one in people)
        found: dict[int, Member] = {}
        remarks = []
        for one in people:
            known = roster.known(*one.keys, *([] if self.kind == "moodle" else [one.number]))
            if self.kind == "worksheet" and (by_id := roster.known(*one.keys)):
                known = by_id  # Moodle's numbers of participants are others in each assignment
            if not known and named[plain(one.name)] == 1:
                known = [
                    m for m in roster.named(one.name) if not _speaks_against(self.kind, one, m)
                ]
            if len(known) == 1:
                found[one.row] = known[0]
            elif known:
                several = " or ".join(member.id for member in known)
                remarks.append(f"{one.shown}: could be {several}; left as it was")
            else:
                remarks.append(f"{one.shown}: not in the roster; left as it was")
        often = Counter(member.id for member in found.values())
        for row, member in list(found.items()):
            if often[member.id] > 1:
                del found[row]
                remarks.append(f"{member.id}: several rows could be theirs; left as they were")
        return found, list(dict.fromkeys(remarks))

    def text(self) -> str:
        """Return the table as its LMS reads it, with no formula in it."""
        lines = io.StringIO()
        writer = csv.writer(lines, delimiter=self.delimiter, lineterminator="\r\n")
        writer.writerow(self.header)
        staff = [BY_STAFF in name.casefold() for name in self.header]
        for cells in self.rows:
            pairs = zip(cells, staff, strict=True)
            writer.writerow([cell if ours else harmless(cell) for cell, ours in pairs])
        return lines.getvalue()

    def write(self, file: Path) -> None:
        """Write the table, marked as UTF-8 where it was."""
        file.parent.mkdir(parents=True, exist_ok=True)
        encoding = "utf-8-sig" if self.marked else "utf-8"
        file.write_text(self.text(), encoding=encoding, newline="")

    def with_rows(self, rows: list[list[str]]) -> "LmsTable":
        """Return the table with other rows."""
        return replace(self, rows=rows)


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: with an apostrophe before it."""
    begins = unicodedata.normalize("NFKC", cell.lstrip(" ")[:1])
    if not begins.startswith(FORMULA) or _is_number(cell):
        return cell
    return f"'{cell}"


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"\s*[-+]?\d+([.,]\d+)?%?\s*", cell) is not None or cell.strip() == "-"


def read_table(file: Path) -> LmsTable:
    """Read a table that an LMS has exported; raise `BadTable` where it is none of those known."""
    if not file.is_file():
        raise BadTable(f"There is no file {file}.")
    read = read_csv(file, BadTable)
    rows = read.rows
    if not rows:
        raise BadTable(f"{file.name} is empty.")
    header = [name.strip() for name in rows[0][1]]
    for line, cells in rows[1:]:
        if len(cells) > len(header):
            raise BadTable(
                f"{file.name}, line {line}: {len(cells)} cells under {len(header)} columns."
            )
    filled = [cells + [""] * (len(header) - len(cells)) for _, cells in rows[1:]]
    kind = _kind(file, header)
    return LmsTable(kind, header, filled, read.delimiter, read.has_byte_mark)


def _kind(file: Path, header: list[str]) -> Kind:
    names = {name.casefold() for name in header}
    if names & {"student", "lastname"} and {"id", "section"} <= names:
        return "canvas"
    if "identifier" in names:
        if missing := [name for name in WORKSHEET if name.casefold() not in names]:
            raise BadTable(
                f"{file.name} has no column {', '.join(missing)}: download the grading worksheet "
                "anew, with Moodle in English."
            )
        return "worksheet"
    if names & {"email address", "id number", "username"}:
        return "moodle"
    raise BadTable(
        f"{file.name} is neither Canvas's gradebook (Student, ID, …, Section), nor Moodle's "
        "(Email address, ID number, …) nor a grading worksheet of Moodle's (Identifier, …, Grade)."
    )


def _speaks_against(kind: Kind, person: Person, member: Member) -> bool:
    """Return whether an id or address shows that a student only has the same name."""
    if kind == "canvas":
        return bool(person.number) and any(key.isdigit() for key in member.lms_ids)
    return bool(member.email) and any("@" in key for key in person.keys)
