"""Record submissions in the gradebook, with all that waits to be graded in them."""

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
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from grading.course.errors import NotReleased
from grading.grades.database import insert
from grading.grades.tables import ANSWERED, MADE_FROM

GRADED = ("GradeCell", "TaskCell")
COMMENTED = ("SolutionCell", "TaskCell")


class Received(NamedTuple):
    """A submission, and when it was made (UTC) where that is known."""

    student: str
    assignment: str
    timestamp: datetime | None


def record(session: Session, received: list[Received]) -> None:
    """Enter what is missing of submissions and take back their automatic grades and penalties.

    Which answers a person has seen is noted first: all of those that wait for nobody. What somebody
    else enters at the same moment is left as it is. Raises `NotReleased` for an assignment that the
    gradebook does not know.
    """
    names = {one.assignment for one in received}
    known = select(Assignment.name, Assignment.id).where(Assignment.name.in_(names))
    assignments: dict[str, str] = dict(iter(session.execute(known)))
    for name in sorted(names - assignments.keys()):
        raise NotReleased(not_released(name))
    _add(
        session, Student, [{"id": student} for student in sorted({one.student for one in received})]
    )
    wanted = {(assignments[one.assignment], one.student): one.timestamp for one in received}
    keys = ("assignment_id", "student_id")
    _add(session, SubmittedAssignment, [dict(zip(keys, pair, strict=True)) for pair in wanted])
    submissions = _submissions(session, wanted)
    _enter_notebooks(session, submissions)
    session.execute(
        update(SubmittedAssignment),
        [{"id": id, "timestamp": parse_utc(wanted[pair])} for id, pair in submissions.items()],
    )
    _take_back(session, list(submissions))


def not_released(assignment: str) -> str:
    """Return what to do about an assignment that the gradebook does not know."""
    return (
        f"The gradebook does not know {assignment}: run `make release A={assignment}`, or "
        f"`nbgrader generate_assignment {assignment} --force`."
    )


def _submissions(
    session: Session, wanted: dict[tuple[str, str], datetime | None]
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


def _enter_notebooks(session: Session, submissions: dict[str, tuple[str, str]]) -> None:
    """Enter each submission's notebooks, and a grade and a comment for each of their cells."""
    assignments = {assignment for assignment, _ in submissions.values()}
    notebooks = list(
        session.execute(
            select(Notebook.id, Notebook.assignment_id).where(
                Notebook.assignment_id.in_(assignments)
            )
        )
    )
    _add(
        session,
        SubmittedNotebook,
        [
            {"assignment_id": id, "notebook_id": notebook}
            for id, (assignment, _) in submissions.items()
            for notebook, of in notebooks
            if of == assignment
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


def _take_back(session: Session, submissions: list[str]) -> None:
    notebooks = select(SubmittedNotebook.id).where(SubmittedNotebook.assignment_id.in_(submissions))
    settled = select(Grade.id).where(
        Grade.notebook_id.in_(notebooks), Grade.needs_manual_grade.is_(False)
    )
    session.execute(
        update(ANSWERED)
        .where(ANSWERED.c.grade_id.in_(settled))
        .values(seen=ANSWERED.c.answer)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Grade)
        .where(Grade.notebook_id.in_(notebooks))
        .values(auto_score=None, needs_manual_grade=True)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(SubmittedNotebook)
        .where(SubmittedNotebook.assignment_id.in_(submissions))
        .values(late_submission_penalty=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(MADE_FROM).where(MADE_FROM.c.submission_id.in_(submissions)))


def _add(session: Session, entity: Any, rows: list[dict[str, Any]]) -> None:
    """Add those rows that are not there yet."""
    if rows:
        session.execute(insert(session, entity.__table__).on_conflict_do_nothing(), rows)
