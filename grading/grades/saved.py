"""The few statements that write a graded notebook, each built once."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    MissingEntry,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Connection, Table, bindparam, select, update

from grading.grades.database import INSERTS
from grading.grades.own_tables import ANSWERED, BASIS, HELD, MADE_FROM


class Entry(NamedTuple):
    """A submitted notebook in the gradebook, and all that says how late it is."""

    notebook: str
    submission: str
    student: str
    assignment: str
    timestamp: datetime | None
    duedate: datetime | None
    extension: timedelta | None
    penalty: float | None
    score: float

    @property
    def seconds_late(self) -> float:
        """Return by how much it missed its due date, extension included; 0 where nobody knows."""
        if self.timestamp is None or self.duedate is None:
            return 0.0
        due = self.duedate + (self.extension or timedelta(0))
        return max(0.0, (self.timestamp - due).total_seconds())


class Basis(NamedTuple):
    """The parts of what grades were made from: the fingerprints of rules and of files."""

    graded_by: str = ""
    submitted: str = ""


UNKNOWN = Basis()
NO_ANSWERS: Mapping[str, str] = MappingProxyType({})


class Earned(NamedTuple):
    """The score of a notebook, before what it loses by being late."""

    score: float


class Given(NamedTuple):
    """What is known of a grade before automatic points are written."""

    id: str
    cell: str
    manual_score: float | None
    extra_credit: float | None
    seen: str | None


class Planned(NamedTuple):
    """What is to be written into a grade, and what it counts then."""

    grade: str
    score: float | None
    waits: bool
    counts: float


ENTRIES = (
    select(
        SubmittedNotebook.id,
        SubmittedAssignment.id,
        SubmittedAssignment.student_id,
        Assignment.name,
        SubmittedAssignment.timestamp,
        Assignment.duedate,
        SubmittedAssignment.extension,
        SubmittedNotebook.late_submission_penalty,
        SubmittedNotebook.score,
    )
    .join(SubmittedNotebook.notebook)
    .join(SubmittedNotebook.assignment)
    .join(SubmittedAssignment.assignment)
    .where(Notebook.name == Assignment.name)
)
FIND = ENTRIES.where(
    Assignment.name == bindparam("assignment"),
    SubmittedAssignment.student_id == bindparam("student"),
)
GRADED_ENTRIES = ENTRIES.join(MADE_FROM, MADE_FROM.c.submission_id == SubmittedAssignment.id)
HELD_IDS = select(HELD.c.submission_id)
FOLLOWED_ENTRIES = GRADED_ENTRIES.where(SubmittedAssignment.id.not_in(HELD_IDS))
GRADES = (
    select(Grade.id, BaseCell.name, Grade.manual_score, Grade.extra_credit, ANSWERED.c.seen)
    .join(Grade.cell)
    .outerjoin(ANSWERED, ANSWERED.c.grade_id == Grade.id)
    .where(Grade.notebook_id == bindparam("notebook"))
    .order_by(Grade.id)
    .with_for_update(of=Grade)
)
"""On PostgreSQL, a person who gives points meanwhile waits for the end, or is waited for."""
COMMENTS = (
    select(Comment.id, BaseCell.name)
    .join(Comment.cell)
    .where(Comment.notebook_id == bindparam("notebook"))
)
SET_GRADE = (
    update(Grade.__table__)
    .where(Grade.__table__.c.id == bindparam("grade"))
    .values(auto_score=bindparam("score"), needs_manual_grade=bindparam("waits"))
)
SET_COMMENT = (
    update(Comment.__table__)
    .where(Comment.__table__.c.id == bindparam("comment"))
    .values(auto_comment=bindparam("text"))
)
SET_TIMESTAMP = (
    update(SubmittedAssignment.__table__)
    .where(SubmittedAssignment.__table__.c.id == bindparam("submission"))
    .values(timestamp=bindparam("moment"))
)
SET_PENALTY = (
    update(SubmittedNotebook.__table__)
    .where(SubmittedNotebook.__table__.c.id == bindparam("notebook"))
    .values(late_submission_penalty=bindparam("penalty"))
)


def find(connection: Connection, student: str, assignment: str) -> Entry:
    """Return a student's notebook of an assignment; raise `MissingEntry` where there is none."""
    found = connection.execute(FIND, {"student": student, "assignment": assignment}).one_or_none()
    if found is None:
        raise MissingEntry(f"The gradebook has no submission of {assignment} by {student}.")
    return Entry(*found)


def write_scores(
    connection: Connection,
    entry: Entry,
    scores: dict[str, float | None],
    proposed: Collection[str] = (),
    answers: Mapping[str, str] = NO_ANSWERS,
) -> Earned:
    """Write the automatic scores, and the fingerprints of the `answers` that they are given for.

    What has none or is only `proposed` waits for a person. What has points given by hand waits
    unless a person has seen this very answer.
    """
    grades = [Given(*found) for found in connection.execute(GRADES, {"notebook": entry.notebook})]
    plan = planned(grades, scores, proposed, answers)
    if plan:
        rows = [{"grade": one.grade, "score": one.score, "waits": one.waits} for one in plan]
        connection.execute(SET_GRADE, rows)
        answered = [
            {"grade_id": one.id, "answer": answers.get(one.cell), "seen": one.seen}
            for one in grades
        ]
        _replace(connection, ANSWERED, "grade_id", answered)
    return Earned(sum(one.counts for one in plan))


def planned(
    grades: Iterable[Given],
    scores: Mapping[str, float | None],
    proposed: Collection[str] = (),
    answers: Mapping[str, str] = NO_ANSWERS,
) -> list[Planned]:
    """Return what is to be written into each grade, as `write_scores` writes it."""
    plan = []
    for id, name, manual_score, extra_credit, seen in grades:
        score, answer = scores.get(name), answers.get(name)
        is_seen = answer is not None and answer == seen
        waits = not is_seen if manual_score is not None else score is None or name in proposed
        waits = waits or bool(extra_credit and not is_seen)
        counts = score if manual_score is None else manual_score
        total = 0.0 if counts is None else counts + (extra_credit or 0.0)
        plan.append(Planned(id, score, waits, total))
    return plan


def write_comments(connection: Connection, entry: Entry, comments: dict[str, str | None]) -> None:
    """Write the automatic comments, and take back those that hold no more."""
    found = connection.execute(COMMENTS, {"notebook": entry.notebook}).all()
    rows = [{"comment": id, "text": comments.get(name)} for id, name in found]
    if rows:
        connection.execute(SET_COMMENT, rows)


def graded_entries(connection: Connection, held: bool = False) -> list[Entry]:
    """Return every notebook whose grades hold: those that wait to be graded have no score yet.

    What a person brought back is left out, but where `held` wants it, too.
    """
    return [
        Entry(*found) for found in connection.execute(GRADED_ENTRIES if held else FOLLOWED_ENTRIES)
    ]


def write_timestamp(connection: Connection, entry: Entry, timestamp: datetime | None) -> None:
    """Write when a submission was made."""
    connection.execute(SET_TIMESTAMP, {"submission": entry.submission, "moment": timestamp})


def write_penalty(connection: Connection, entry: Entry, penalty: float | None) -> None:
    """Write what a notebook loses by being late."""
    connection.execute(SET_PENALTY, {"notebook": entry.notebook, "penalty": penalty})


def note(connection: Connection, entry: Entry, made_from: str, basis: Basis, lateness: str) -> None:
    """Note what the grades and the late penalty were made from, beside them."""
    row = {"submission_id": entry.submission, "made_from": made_from}
    _replace(connection, MADE_FROM, "submission_id", [row])
    row = {"submission_id": entry.submission, **basis._asdict(), "lateness": lateness}
    _replace(connection, BASIS, "submission_id", [row])


def note_lateness(connection: Connection, entry: Entry, lateness: str) -> None:
    """Note what the late penalty follows from."""
    row = {"submission_id": entry.submission, "lateness": lateness}
    _replace(connection, BASIS, "submission_id", [row])


def _replace(connection: Connection, table: Table, key: str, rows: list[dict[str, Any]]) -> None:
    """Write rows, each in the place of the one with the same key."""
    statement = INSERTS[connection.dialect.name](table)
    others = {name: statement.excluded[name] for name in rows[0] if name != key}
    statement = statement.on_conflict_do_update(index_elements=[key], set_=others)
    connection.execute(statement, rows)
