"""Collect what is known of a class, each thing from where it is kept."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.course.policies import FILE as POLICIES
from grading.course.policies import BadPolicies, read_policies
from grading.course.roster import FILE as ROSTER
from grading.course.roster import BadRoster, Roster, read_roster
from grading.grades.class_grades import ClassGrades, Submission, WaitingCell, class_grades
from grading.grades.kept_outcomes import Kept, kept_outcomes
from grading.report.class_page.log import Run, bad_runs

CHECK_COLUMNS = (
    *("student", "assignment", "cell", "check", "passed", "hint"),
    *("reached", "wanted", "visible", "seconds", "parameters"),
)


@dataclass(frozen=True)
class Person:
    """A student; `known` says whether the roster, where there is one, names the student."""

    id: str
    name: str = ""
    section: str = ""
    known: bool = True


@dataclass(frozen=True)
class Work:
    """An assignment; its due date is in UTC. Nobody needs to hand in an `optional` one."""

    name: str
    title: str
    due: datetime | None
    max_score: float
    optional: bool = False


REFERENCE = "(reference)"
"""Whose framework in the table of frameworks is ours."""
Whose = tuple[str, str]
"""A student and an assignment."""


@dataclass(frozen=True)
class Facts:
    """A class at a moment (UTC)."""

    now: datetime
    people: list[Person]
    works: list[Work]
    submissions: dict[Whose, Submission] = field(default_factory=dict)
    handed_in: set[Whose] = field(default_factory=set)
    waiting: list[WaitingCell] = field(default_factory=list)
    checks: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=[*CHECK_COLUMNS]))
    unsealed: set[Whose] = field(default_factory=set)
    stale: set[Whose] = field(default_factory=set)
    notes: list[tuple[str, str, str]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    frameworks: pd.DataFrame | None = None
    remarks: list[str] = field(default_factory=list)
    hidden: bool = False
    drop_lowest: int = 0


def read_facts(
    course: Course,
    db_url: str,
    excluded: frozenset[str] = frozenset(),
    now: datetime | None = None,
    stale: Collection[Whose] = (),
) -> Facts:
    """Return what is known of a class today, but for `excluded` students.

    `stale` are those whose grades are of other tests than today's.
    """
    grades, remarks = class_grades(db_url), list[str]()
    roster = _roster(course, remarks)
    if roster is not None and roster.dropped:
        excluded |= roster.dropped
        remarks.append(f"Not counted, for they have dropped: {', '.join(sorted(roster.dropped))}.")
    works = _works(course, grades, remarks)
    known = {work.name for work in works}
    folders = {one for one in _submitted(course.root) if one[0] not in excluded and one[1] in known}
    rows = [one for one in grades.submissions if one.student not in excluded]
    people = [one for one in _people(roster, grades, folders) if one.id not in excluded]
    recorded = {(one.student, one.assignment): one for one in rows}
    graded = {key for key, one in recorded.items() if one.handed_in or one.score is not None}
    handed_in = folders | graded  # others have an extension and nothing else
    submissions = {
        key: one if key in handed_in else replace(one, waiting=0) for key, one in recorded.items()
    }
    kept = {key: found for key in sorted(handed_in) if (found := kept_outcomes(course, *key))}
    return Facts(
        now or datetime.now(UTC).replace(tzinfo=None),
        people,
        works,
        submissions,
        handed_in,
        [one for one in grades.waiting if (one.student, one.assignment) in handed_in],
        _checks(kept),
        {key for key, one in kept.items() if one.sealed is False},
        {key for key in stale if key in handed_in},
        [(*key, note) for key, one in kept.items() for note in one.notes],
        [run for run in bad_runs(course.root) if run.student not in excluded],
        _frameworks(course.root, excluded),
        remarks,
        drop_lowest=_drop_lowest(course, remarks),
    )


def _works(course: Course, grades: ClassGrades, remarks: list[str]) -> list[Work]:
    """Return the assignments in the course's order, then those that only the gradebook knows."""
    try:
        known = {one.name: one for one in course.read_assignments()}
    except CourseError as error:
        remarks.append(f"The assignments stand by name: {error}")
        known = {}
    recorded = {one.name: one for one in grades.assignments}
    names = [name for name in known if name in recorded]
    others = [name for name in recorded if name not in known]
    titles = {name: known[name].title for name in names} | {name: name for name in others}
    return [
        Work(
            name,
            title,
            recorded[name].due,
            recorded[name].max_score,
            name in known and known[name].optional,
        )
        for name, title in titles.items()
    ]


def _submitted(root: Path) -> Iterator[Whose]:
    for folder in root.glob("submitted/*/*"):
        yield folder.parent.name, folder.name


def _roster(course: Course, remarks: list[str]) -> Roster | None:
    file = course.root / ROSTER
    try:
        return read_roster(file) if file.is_file() else None
    except BadRoster as error:
        remarks.append(f"The students are those of the gradebook, for {error}")
        return None


def _drop_lowest(course: Course, remarks: list[str]) -> int:
    try:
        return read_policies(course.root / POLICIES).drop_lowest
    except BadPolicies as error:
        remarks.append(str(error))
        return 0


def _people(roster: Roster | None, grades: ClassGrades, folders: set[Whose]) -> list[Person]:
    """Return who is in the roster, and who is not but has anything in the course."""
    people = {one.id: Person(one.id, one.name, one.section) for one in roster or ()}
    others = {**dict.fromkeys((student for student, _ in folders), ""), **grades.students}
    for student, name in others.items():
        people.setdefault(student, Person(student, name, known=roster is None))
    return sorted(people.values(), key=lambda one: one.id)


def _checks(kept: dict[Whose, Kept]) -> pd.DataFrame:
    rows = [
        (*key, *((vars(one) | {"check": one.name})[column] for column in CHECK_COLUMNS[2:]))
        for key, found in kept.items()
        for one in found.checks
    ]
    return pd.DataFrame(rows, columns=[*CHECK_COLUMNS])


def _frameworks(root: Path, excluded: frozenset[str]) -> pd.DataFrame | None:
    """Return what `make frameworks` has written, or None where it has not."""
    file = root / "reports" / "frameworks.csv"
    try:
        found = pd.read_csv(file, dtype={"student": str}, keep_default_na=True)
    except (OSError, ValueError):
        return None
    if "student" not in found:
        return None
    return found[~found["student"].isin({*excluded, REFERENCE})]
