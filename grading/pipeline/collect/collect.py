"""Collect the zip of a class: whose is what, which is newest, what waits for a person."""

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil import parser as dates
from nbgrader.api import Assignment
from nbgrader.utils import parse_utc
from sqlalchemy import select
from traitlets.config import Config

from grading.course.layout import Course
from grading.course.roster import FILE, Roster, read_roster
from grading.engine.lock import only_grader
from grading.engine.options import Options
from grading.grades.database import is_there
from grading.grades.gradebook import RunGradebook
from grading.pipeline.collect.arrival import are_of_handing_in, arrival
from grading.pipeline.collect.entries import (
    CannotCollect,
    Entry,
    likeliest,
    newest,
    read_entries,
    refuse_another,
)
from grading.pipeline.collect.kept import Kept, Version, write_files
from grading.pipeline.collect.names import LmsNames
from grading.pipeline.collect.whose import Owners, Whose
from grading.report.lms_table import LmsTable, read_table
from grading.submission.handed_in import HandedIn, Places, Sent, holds_a_notebook, lay_out
from grading.submission.zip_settings import Zips
from grading.submission.zips import MB, Archive, BadZip, Packed, opened

Key = tuple[str, str, str]


@dataclass
class Collected:
    """What became of a zip: how many submissions were put where, and what a person must look at."""

    assignment: str
    outcomes: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)


def collect(
    course: Course, config: Config, file: Path, assignment: str | None, table: Path | None = None
) -> Collected:
    """Take a zip of an LMS into `submitted/`; raise `CourseError` where none of it can be taken.

    `table` is what the LMS has exported: it says who the numbers in the zip are.
    """
    limits, names = Zips(config=config), LmsNames.quiet(config)
    roster = read_roster(course.root / FILE)
    exported = read_table(table) if table else None
    if file.is_dir():
        raise CannotCollect(f"{file} is a folder: pack it, and give that zip.")
    if not file.is_file():
        raise CannotCollect(f"There is no file {file}: ZIP=… names the zip that the LMS gave you.")
    if assignment is not None:
        course.assignment(assignment)
    try:
        zone = ZoneInfo(names.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise CannotCollect(f"LmsNames.timezone: there is no {names.timezone}.") from None
    try:
        with opened(file, limits, zone) as archive, only_grader(course) as scratch:
            entries, strange = read_entries(archive, names)
            if not entries:
                raise CannotCollect(
                    f"{file.name}: none of its files is named as Canvas or Moodle name them. For "
                    "another LMS set c.LmsNames.named_regexp. Nothing was taken."
                )
            chosen = assignment or likeliest(course, file, entries)
            refuse_another(course, file, entries, chosen)
            due = due_date(config, chosen)
            run = _Run(archive, Kept(course, chosen, scratch), roster, limits, due, zone)
            return run.all(file, entries, strange, exported)
    except BadZip as error:
        raise CannotCollect(f"{file.name}: {error}. Nothing was taken.") from None


def due_date(config: Config, assignment: str) -> datetime | None:
    """Return when an assignment is due (UTC), or None where the gradebook does not say."""
    url = Options.of(config).db_url
    if not is_there(url):
        return None
    with RunGradebook(url) as gradebook, gradebook.reading() as session:
        due = session.scalar(select(Assignment.duedate).where(Assignment.name == assignment))
    return due


class _Run:
    """One zip on its way into `submitted/`."""

    def __init__(
        self,
        archive: Archive,
        kept: Kept,
        roster: Roster,
        limits: Zips,
        due: datetime | None,
        zone: ZoneInfo,
    ) -> None:
        self.archive, self.kept, self.roster, self.limits = archive, kept, roster, limits
        self.due, self.zone = due, zone
        self.left = limits.class_mb * MB
        self.done = Collected(kept.assignment)

    def all(
        self, file: Path, entries: list[Entry], strange: list[Packed], table: LmsTable | None
    ) -> Collected:
        name = self.kept.keep_archive(file)
        for path, why in sorted(self.archive.refused.items()):
            self.done.waiting.append(f"{path}: {why}")
        whose = Whose(self.roster, [entry.named for entry in entries], table)
        owners = whose.of_all([entry.named for entry in entries])
        submitted = _submitted(table, self.roster, self.zone)
        by_key: dict[Key, list[Entry]] = defaultdict(list)
        for entry in entries:
            by_key[entry.named.key].append(entry)
        real = are_of_handing_in([t for t in map(newest, by_key.values()) if t])
        nobodys: list[Packed] = []
        for key, theirs in by_key.items():
            if owners[key].members:
                self._one(owners[key], theirs, real, submitted)
            else:
                nobodys += [entry.file for entry in theirs]
                who = " ".join(part for part in (theirs[0].named.name, key[2]) if part)
                self.done.waiting.append(f"{who}: {owners[key].why}")
        self.done.waiting += [f"{one.path}: not a name that an LMS gives" for one in strange]
        self._keep_unknown(self.kept.unknown_of(name), [*nobodys, *strange])
        self.kept.write_record()
        return self.done

    def _keep_unknown(self, folder: Path, files: list[Packed]) -> None:
        """Keep what nobody owns, one file after the other; what has an owner now is not kept."""
        places = Places()
        planned = [(places.take(one.path), one) for one in files]
        wanted = {folder / place for place, _ in planned}
        if {path for path in folder.rglob("*") if path.is_file()} - wanted:
            shutil.rmtree(folder)
        for place, one in planned:
            for content in self._unpacked(one):
                write_files(folder, {place: content})

    def _one(
        self, owners: Owners, entries: list[Entry], real: bool, submitted: dict[str, datetime]
    ) -> None:
        """Put in what one student, or one group, has handed in."""
        sent = []
        left = self.limits.student_mb * MB
        for entry in sorted(entries, key=lambda one: one.named.attachment, reverse=True):
            if (left := left - entry.file.info.file_size) < 0:
                most = f"the student has more than {self.limits.student_mb} MB"
                self.done.waiting.append(f"{entry.file.path}: {most}")
                break
            for content in self._unpacked(entry.file):
                sent.append(Sent(entry.named.file, content, entry.named.attachment))
        numbers = any(entry.named.lms == "canvas" for entry in entries)
        laid = lay_out(sent, self.kept.assignment, self.limits, numbers)
        for member in owners.members:
            try:
                self._put(member.id, laid, entries, real, submitted.get(member.id))
            except OSError as error:
                self.done.waiting.append(f"{member.id}: could not be written: {error}")

    def _put(
        self,
        student: str,
        laid: HandedIn,
        entries: list[Entry],
        real: bool,
        told: datetime | None,
    ) -> None:
        self.done.waiting += [f"{student}: {problem}" for problem in laid.problems]
        self.kept.keep_refused(student, laid.refused)
        self.kept.keep_versions(student, laid.earlier)
        if not laid.files:
            self.done.waiting.append(f"{student}: nothing of it could be taken")
            return
        time = newest(entries)
        late = _late(entries)
        sure = real or told is not None or any(entry.named.timestamp for entry in entries)
        arrived, remark = arrival(told or time, late, self.due, sure)
        written = f"{arrived:%Y-%m-%d %H:%M:%S} UTC\n" if arrived else ""
        upload = max(entry.named.attachment for entry in entries)
        version = Version(
            laid.fingerprint(), upload, time.isoformat() if time else "", written, sure
        )
        outcome = self.kept.put(student, laid.files, version)
        self.done.outcomes[outcome] += 1
        if outcome == "no notebook":
            self.done.waiting.append(f"{student}: no notebook in it; the one before stays")
        elif not holds_a_notebook(self.kept.place_of(student), self.kept.assignment):
            self.done.waiting.append(f"{student}: no notebook in it")
        if remark and outcome in ("new", "replaced", "same"):
            self.done.remarks.append(f"{student}: {remark}")

    def _unpacked(self, one: Packed) -> Iterator[bytes]:
        """Yield what a file of the zip of the class holds; say why where it cannot be unpacked."""
        if one.info.file_size > self.left:
            most = f"the class has more than {self.limits.class_mb} MB"
            self.done.waiting.append(f"{one.path}: {most}")
            return
        try:
            content = self.archive.read(one)
        except BadZip as error:
            self.done.waiting.append(f"{one.path}: {error}")
            return
        self.left -= len(content)
        yield content


def _late(entries: list[Entry]) -> bool | None:
    """Return whether an LMS says that any of these came late; None where it says nothing."""
    said = {entry.named.late for entry in entries}
    return True if True in said else next(iter(said))


def _submitted(table: LmsTable | None, roster: Roster, zone: ZoneInfo) -> dict[str, datetime]:
    """Return by student when the LMS's own table says that something was handed in."""
    if table is None:
        return {}
    matched, _ = table.matched(roster)
    times: dict[str, datetime] = {}
    for person in table.people():
        with suppress(ValueError, OverflowError):
            if person.row in matched and person.submitted:
                local = dates.parse(person.submitted)
                times[matched[person.row].id] = parse_utc(
                    local if local.tzinfo else local.replace(tzinfo=zone)
                )
    return times
