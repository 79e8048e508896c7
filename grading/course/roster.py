"""Read the roster: who is in the class, and what an LMS calls them."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grading.course.csv_table import read_csv
from grading.course.errors import CourseError

FILE = "roster.csv"
COLUMNS = ("id", "name", "email", "section", "lms_id")
EXAMPLE = "docs/roster-example.csv"
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,99}")
EMAIL = re.compile(r"[A-Za-z0-9_][^\s@,;\"]*@[^\s@,;\"]+")
MOST_SAID = 10  # mistakes of a roster that are told at once


class BadRoster(CourseError):
    """A roster cannot be used; the message names lines."""


@dataclass(frozen=True)
class Member:
    """One student of the roster; `more` holds the columns that are not ours, as they stand."""

    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    lms_ids: tuple[str, ...] = ()
    more: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def group(self) -> str:
        """Return the group that the student hands in with, or nothing."""
        return self.more.get("group", "")

    @property
    def has_dropped(self) -> bool:
        """Return whether the student has left the class: the column `dropped` says anything."""
        return self.more.get("dropped", "").casefold() not in ("", "no")

    @property
    def keys(self) -> tuple[str, ...]:
        """Return all by which an LMS may know the student, but the name."""
        return tuple(key_of(one) for one in (self.id, self.email, *self.lms_ids) if one)


class Roster:
    """The students of a class, found by what an LMS says of them."""

    def __init__(self, members: Iterable[Member]) -> None:
        self.members = list(members)
        self._known = {key: one for one in self.members for key in one.keys}
        self._lms = {key_of(key): one for one in self.members for key in one.lms_ids}
        self._named: dict[str, list[Member]] = defaultdict(list)
        for one in self.members:
            for form in sorted(forms_of(one.name)):
                self._named[form].append(one)

    def __iter__(self) -> Iterator[Member]:
        return iter(self.members)

    def known(self, *keys: str) -> list[Member]:
        """Return the students whom any of the ids, logins or addresses names, each once."""
        found = [self._known[key_of(key)] for key in keys if key_of(key) in self._known]
        return list({one.id: one for one in found}.values())

    def with_lms_id(self, lms_id: str) -> Member | None:
        """Return the student whom an LMS knows by an id of its own."""
        return self._lms.get(key_of(lms_id))

    @property
    def dropped(self) -> frozenset[str]:
        """Return the ids of those who have left the class."""
        return frozenset(one.id for one in self.members if one.has_dropped)

    def without_dropped(self) -> "Roster":
        """Return the roster of those who are still in the class."""
        return Roster(one for one in self.members if not one.has_dropped)

    @property
    def has_numbers(self) -> bool:
        """Return whether any student's id in an LMS is a number, as Canvas's are."""
        return any(key.isdigit() for key in self._lms)

    def named(self, name: str) -> list[Member]:
        """Return the students of a name, in whatever order its parts stand."""
        return list(self._named.get(plain(name), ())) if plain(name) else []

    def in_group(self, name: str) -> list[Member]:
        """Return the students who hand in together under a name."""
        wanted = plain(name)
        return [one for one in self.members if wanted and plain(one.group) == wanted]


def key_of(text: str) -> str:
    """Return an id, login or address as it is compared: without case and outer blanks."""
    return unicodedata.normalize("NFC", text).strip().casefold()


def plain(name: str) -> str:
    """Return the letters and digits of a name, without case: all that an LMS leaves of it."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def forms_of(name: str) -> set[str]:
    """Return a name as an LMS may write it: last name first, first name first."""
    words = [word for word in map(plain, name.replace(",", " ").split()) if word]
    return {"".join(words[at:] + words[:at]) for at in range(len(words))}


def read_roster(file: Path) -> Roster:
    """Read a roster; raise `BadRoster` with the lines that must be put right."""
    if not file.is_file():
        raise BadRoster(
            f"There is no {file.name} beside nbgrader_config.py. Write one like {EXAMPLE}: "
            f"columns {', '.join(COLUMNS)}, a line for each student."
        )
    rows = read_csv(file, BadRoster).rows
    header = [name.strip().casefold() for name in rows[0][1]] if rows else []
    missing = [name for name in COLUMNS if name not in header]
    twice = ", ".join(sorted({name for name in header if name and header.count(name) > 1}))
    if missing or twice:
        wrong = f"has no column {', '.join(missing)}" if missing else f"has {twice} twice"
        raise BadRoster(f"{file.name}, line {rows[0][0] if rows else 1}: the first line {wrong}.")
    wrongs: list[str] = []
    members: list[Member] = []
    seen: dict[str, tuple[int, str]] = {}
    for line, cells in rows[1:]:
        found = _member(header, cells)
        problems = [found] if isinstance(found, str) else _problems(found, line, seen)
        wrongs += [f"line {line}: {problem}" for problem in problems]
        if isinstance(found, Member) and not problems:
            members.append(found)
    if wrongs:
        more = f"\n… and {len(wrongs) - MOST_SAID} more" if len(wrongs) > MOST_SAID else ""
        raise BadRoster(f"{file.name} cannot be used:\n" + "\n".join(wrongs[:MOST_SAID]) + more)
    return Roster(members)


def _member(header: list[str], cells: list[str]) -> Member | str:
    """Return the student of a row, or what is wrong with it."""
    if len(cells) != len(header):
        return f"{len(cells)} cells under {len(header)} columns"
    said = dict(zip(header, (cell.strip() for cell in cells), strict=True))
    if odd := [name for name, cell in said.items() if not cell.isprintable()]:
        return f"{', '.join(odd)}: characters that cannot be printed"
    id, name, email, section, lms_ids = (said.pop(column) for column in COLUMNS)
    if not ID.fullmatch(id):
        told = "there is no id" if not id else f"the id {id!r}"
        return f"{told}: it has letters, digits and . _ - @, and begins with a letter or digit"
    if email and not EMAIL.fullmatch(email):
        return f"{email!r} is no address"
    said.pop("", None)  # columns without a name, as spreadsheets add them
    return Member(id, name, email, section, tuple(lms_ids.split()), said)


def _problems(member: Member, line: int, seen: dict[str, tuple[int, str]]) -> list[str]:
    """Return what a student shares with another, which would make one of them the other."""
    shared = []
    for key in dict.fromkeys(member.keys):
        before, of = seen.setdefault(key, (line, member.id))
        if before != line:
            shared.append(f"{key} stands in line {before} already, for {of}")
    return shared
