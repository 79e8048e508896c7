"""Read the zip of a class: the files whose names are an LMS's, and of which assignment they are."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from nbgrader.utils import parse_utc

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.pipeline.collect.names import LmsNames, Named
from grading.submission.files import is_junk
from grading.submission.find import is_like
from grading.submission.zips import Archive, Packed


class CannotCollect(CourseError):
    """Nothing of a zip was taken; the message says why."""


@dataclass(frozen=True)
class Entry:
    """A file of the zip of a class, and what its name says."""

    file: Packed
    named: Named


def read_entries(archive: Archive, names: LmsNames) -> tuple[list[Entry], list[Packed]]:
    """Return the files that have an LMS's names, and the others.

    A folder around everything, as people make it who pack a zip anew, does not count.
    """
    around = {one.path.parts[0] for one in archive.files}
    for skip in (0, 1) if len(around) == 1 else (0,):
        found: list[Entry] = []
        strange: list[Packed] = []
        for one in archive.files:
            path = str(PurePosixPath(*one.path.parts[skip:]))
            named = names.read(path)
            if named is None:
                strange.append(one)
            elif not is_junk(Path(named.file)):
                found.append(Entry(one, named))
        if found:
            break
    return found, strange


def likeliest(course: Course, file: Path, entries: list[Entry]) -> str:
    """Return the assignment whose name most files have, notebooks and zips.

    Raises `CannotCollect` where that is unclear.
    """
    best = _counts(course, entries, file.stem).most_common(2)
    if not best or not best[0][1] or (len(best) > 1 and best[1][1] * 2 > best[0][1]):
        raise CannotCollect(f"{file.name}: say which assignment it is, A=… Nothing was taken.")
    return best[0][0]


def refuse_another(course: Course, file: Path, entries: list[Entry], assignment: str) -> None:
    """Raise `CannotCollect` for the zip of another assignment than the one that was said."""
    counts = _counts(course, entries)
    ((other, most),) = counts.most_common(1)
    if not counts[assignment] and most * 2 > len(entries):
        raise CannotCollect(
            f"{file.name}: it is said to be {assignment}, but its files are {other}'s. Nothing was "
            "taken."
        )


def _counts(course: Course, entries: list[Entry], *more: str) -> Counter[str]:
    """Return how many files are named like each assignment, whatever their ending."""
    stems = [*(entry.named.file.stem for entry in entries), *more]
    return Counter(
        {one: sum(is_like(f"{stem}.ipynb", one) for stem in stems) for one in course.assignments()}
    )


def newest(entries: list[Entry]) -> datetime | None:
    """Return the last time of a student's files (UTC): what their names say, else the zip."""
    said = []
    for entry in entries:
        with suppress(ValueError, OverflowError):
            if entry.named.timestamp:
                said.append(parse_utc(entry.named.timestamp))
    return max(said or [entry.file.time for entry in entries if entry.file.time], default=None)
