"""Record submissions in the gradebook, with all that waits to be graded in them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.utils import parse_utc
from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from grading.course.errors import NotReleased
from grading.grades.database import insert
from grading.grades.own_tables import ANSWERED, BASIS, HELD, MADE_FROM
from grading.grades.states import Cause, keep, read_states

GRADED = ("GradeCell", "TaskCell")
COMMENTED = ("SolutionCell", "TaskCell")


class Received(NamedTuple):
    """A submission, and when it was made (UTC) where that is known."""

    student: str
    assignment: str
    timestamp: datetime | None


def record(session: Session, received: list[Received], cause: Cause) -> None:
    """Enter what is missing of submissions and take back their automatic grades and penalties.

    What they were is kept. Raises `NotReleased` for an assignment that the gradebook does not know.
    """
    submissions = find_or_add(session, received)
    connection = session.connection()
    graded = select(MADE_FROM.c.submission_id).where(MADE_FROM.c.submission_id.in_(submissions))
    keep(connection, read_states(connection, session.scalars(graded).all()).values(), cause)
    enter(session, submissions)
    _take_back(session, list(submissions))


Submissions = dict[str, Received]
"""What was received, by the ids of submissions."""


def find_or_add(session: Session, received: list[Received]) -> Submissions:
    """Return the submissions that were received, adding those that are not there yet.

    What somebody else enters at the same moment is left as it is.
    """
    names = {one.assignment for one in received}
    known = select(Assignment.name, Assignment.id).where(Assignment.name.in_(names))
    assignments: dict[str, str] = dict(iter(session.execute(known)))
    for name in sorted(names - assignments.keys()):
        raise NotReleased(not_released(name))
    _add(
        session, Student, [{"id": student} for student in sorted({one.student for one in received})]
    )
    wanted = {(assignments[one.assignment], one.student): one for one in received}
    keys = ("assignment_id", "student_id")
    _add(session, SubmittedAssignment, [dict(zip(keys, pair, strict=True)) for pair in wanted])
    return {id: wanted[pair] for id, pair in _submissions(session, wanted).items()}


def enter(session: Session, submissions: Submissions) -> None:
    """Enter what is missing of submissions, when they were made, and what people have seen.

    They have seen all the answers that wait for nobody.
    """
    _enter_notebooks(session, submissions)
    session.execute(
        update(SubmittedAssignment),
        [{"id": id, "timestamp": parse_utc(one.timestamp)} for id, one in submissions.items()],
    )
    settled = select(Grade.id).where(
        Grade.notebook_id.in_(_notebooks(submissions)), Grade.needs_manual_grade.is_(False)
    )
    session.execute(
        update(ANSWERED)
        .where(ANSWERED.c.grade_id.in_(settled))
        .values(seen=ANSWERED.c.answer)
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(HELD).where(HELD.c.submission_id.in_(list(submissions))))


def not_released(assignment: str) -> str:
    """Return what to do about an assignment that the gradebook does not know."""
    return (
        f"The gradebook does not know {assignment}: run `make release A={assignment}`, or "
        f"`nbgrader generate_assignment {assignment} --force`."
    )


def _submissions(
    session: Session, wanted: dict[tuple[str, str], Received]
) -> dict[str, tuple[str, str]]:
    """Return the ids of submissions, with their assignments' and students'."""
    found = session.execute(
        select(
            SubmittedAssignment.id,
            SubmittedAssignment.assignment_id,
            SubmittedAssignment.student_id,
        ).where(
            SubmittedAssignment.assignment_id.in_({assignment for assignment, _ in wanted}),
            SubmittedAssignment.student_id.in_({student for _, student in wanted}),
        )
    )
    return {
        id: (assignment, student)
        for id, assignment, student in found
        if (assignment, student) in wanted
    }


def _enter_notebooks(session: Session, submissions: Submissions) -> None:
    """Enter each submission's notebooks, and a grade and a comment for each of their cells."""
    assignments = {one.assignment for one in submissions.values()}
    notebooks = list(
        session.execute(
            select(Notebook.id, Assignment.name)
            .join(Assignment, Assignment.id == Notebook.assignment_id)
            .where(Assignment.name.in_(assignments))
        )
    )
    _add(
        session,
        SubmittedNotebook,
        [
            {"assignment_id": id, "notebook_id": notebook}
            for id, one in submissions.items()
            for notebook, of in notebooks
            if of == one.assignment
        ],
    )
    cells = list(
        session.execute(
            select(BaseCell.id, BaseCell.notebook_id, BaseCell.type).where(
                BaseCell.notebook_id.in_([notebook for notebook, _ in notebooks])
            )
        )
    )
    entered = list(
        session.execute(
            select(SubmittedNotebook.id, SubmittedNotebook.notebook_id).where(
                SubmittedNotebook.assignment_id.in_(submissions)
            )
        )
    )
    for table, kinds in ((Grade, GRADED), (Comment, COMMENTED)):
        rows = [
            {"notebook_id": id, "cell_id": cell}
            for id, notebook in entered
            for cell, of, kind in cells
            if of == notebook and kind in kinds
        ]
        _add(session, table, rows)


def _notebooks(submissions: Collection[str]) -> Select[tuple[str]]:
    of = SubmittedNotebook.assignment_id
    return select(SubmittedNotebook.id).where(of.in_(list(submissions)))


def _take_back(session: Session, submissions: list[str]) -> None:
    session.execute(
        update(Grade)
        .where(Grade.notebook_id.in_(_notebooks(submissions)))
        .values(auto_score=None, needs_manual_grade=True)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(SubmittedNotebook)
        .where(SubmittedNotebook.assignment_id.in_(submissions))
        .values(late_submission_penalty=None)
        .execution_options(synchronize_session=False)
    )
    for table in (MADE_FROM, BASIS):
        session.execute(delete(table).where(table.c.submission_id.in_(submissions)))


def _add(session: Session, entity: Any, rows: list[dict[str, Any]]) -> None:
    """Add those rows that are not there yet."""
    if rows:
        session.execute(insert(session, entity.__table__).on_conflict_do_nothing(), rows)
