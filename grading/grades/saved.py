"""The few statements that write a graded notebook, each built once."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

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
from sqlalchemy import Connection, bindparam, select, update

from grading.grades.database import INSERTS
from grading.grades.tables import MADE_FROM


class Entry(NamedTuple):
    """A submitted notebook in the gradebook, and all that says how late it is."""

    notebook: str
    submission: str
    timestamp: datetime | None
    duedate: datetime | None
    extension: timedelta | None

    @property
    def seconds_late(self) -> float:
        """Return by how much it missed its due date, extension included; 0 where nobody knows."""
        if self.timestamp is None or self.duedate is None:
            return 0.0
        due = self.duedate + (self.extension or timedelta(0))
        return max(0.0, (self.timestamp - due).total_seconds())


class Earned(NamedTuple):
    """The score of a notebook, before what it loses by being late."""

    score: float


FIND = (
    select(
        SubmittedNotebook.id,
        SubmittedAssignment.id,
        SubmittedAssignment.timestamp,
        Assignment.duedate,
        SubmittedAssignment.extension,
    )
    .join(SubmittedNotebook.notebook)
    .join(SubmittedNotebook.assignment)
    .join(SubmittedAssignment.assignment)
    .where(
        Assignment.name == bindparam("assignment"),
        Notebook.name == bindparam("assignment"),
        SubmittedAssignment.student_id == bindparam("student"),
    )
)
GRADES = (
    select(Grade.id, BaseCell.name, Grade.manual_score)
    .join(Grade.cell)
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
SCORE = select(SubmittedNotebook.score).where(SubmittedNotebook.id == bindparam("notebook"))
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
) -> Earned:
    """Write the automatic scores.

    What has none, is only `proposed`, or has points given by hand, waits for a person.
    """
    grades = connection.execute(GRADES, {"notebook": entry.notebook}).all()
    rows = []
    for id, name, manual_score in grades:
        score = scores.get(name)
        waits = score is None or name in proposed or manual_score is not None
        rows.append({"grade": id, "score": score, "waits": waits})
    if rows:
        connection.execute(SET_GRADE, rows)
    return Earned(float(connection.scalar(SCORE, {"notebook": entry.notebook}) or 0.0))


def write_comments(connection: Connection, entry: Entry, comments: dict[str, str | None]) -> None:
    """Write the automatic comments, and take back those that hold no more."""
    found = connection.execute(COMMENTS, {"notebook": entry.notebook}).all()
    rows = [{"comment": id, "text": comments.get(name)} for id, name in found]
    if rows:
        connection.execute(SET_COMMENT, rows)


def write_penalty(connection: Connection, entry: Entry, penalty: float | None) -> None:
    """Write what a notebook loses by being late."""
    connection.execute(SET_PENALTY, {"notebook": entry.notebook, "penalty": penalty})


def note(connection: Connection, entry: Entry, made_from: str) -> None:
    """Note what the grades were made from, beside them."""
    row = {"submission_id": entry.submission, "made_from": made_from}
    statement = INSERTS[connection.dialect.name](MADE_FROM)
    statement = statement.on_conflict_do_update(index_elements=["submission_id"], set_=row)
    connection.execute(statement, row)
