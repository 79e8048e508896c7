"""All grades of a class, in as many statements however large it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session

from grading.grades.attempts import Earlier, earlier_attempts
from grading.grades.gradebook import RunGradebook

GRADED, TASKS, CELLS = GradeCell.__table__, TaskCell.__table__, BaseCell.__table__
POINTS = func.coalesce(GRADED.c.max_score, TASKS.c.max_score, 0.0)
NO_SCORE = and_(Grade.auto_score.is_(None), Grade.manual_score.is_(None))
PROPOSED = and_(
    Grade.needs_manual_grade, Grade.auto_score.is_not(None), Grade.manual_score.is_(None)
)


@dataclass(frozen=True)
class Work:
    """An assignment as the gradebook knows it; times are UTC."""

    name: str
    due: datetime | None
    max_score: float


@dataclass(frozen=True)
class Submission:
    """What a student has for an assignment; the score is None where nothing of it is graded.

    The late penalty is subtracted from it. `waiting` cells want a person, `not_graded` points have
    no score yet; `to_confirm` says that points of tests are only proposed. `attempt` says which
    attempt this is of, where an earlier one counts and not the last.
    """

    student: str
    assignment: str
    handed_in: datetime | None
    extension: timedelta
    late_seconds: float
    late_penalty: float
    score: float | None
    max_score: float
    waiting: int = 0
    to_confirm: bool = False
    not_graded: float = 0.0
    attempt: str = ""


@dataclass(frozen=True)
class WaitingCell:
    """A cell that waits for a person, and why."""

    student: str
    assignment: str
    cell: str
    why: str


@dataclass(frozen=True)
class ClassGrades:
    """A class in the gradebook: `students` are names by id."""

    students: dict[str, str]
    assignments: list[Work]
    submissions: list[Submission]
    waiting: list[WaitingCell]


def class_grades(db_url: str) -> ClassGrades:
    """Return all grades of a class, by student and assignment."""
    with RunGradebook(db_url) as gradebook, gradebook.reading() as session:
        names = session.execute(select(Student.id, Student.first_name, Student.last_name))
        people = {key: " ".join(filter(None, parts)) for key, *parts in names}
        waiting = sorted(_waiting(session), key=lambda one: (one.student, one.assignment, one.cell))
        return ClassGrades(people, _assignments(session), _submissions(session), waiting)


def _assignments(session: Session) -> list[Work]:
    points = (
        select(Notebook.assignment_id, func.sum(POINTS))
        .join(CELLS, CELLS.c.notebook_id == Notebook.id)
        .outerjoin(GRADED, GRADED.c.id == CELLS.c.id)
        .outerjoin(TASKS, TASKS.c.id == CELLS.c.id)
        .group_by(Notebook.assignment_id)
    )
    most = _by_first(session.execute(points))
    found = session.execute(select(Assignment.id, Assignment.name, Assignment.duedate))
    works = [Work(name, due, float(most.get(key, (0.0,))[0] or 0.0)) for key, name, due in found]
    return sorted(works, key=lambda one: one.name)


def _submissions(session: Session) -> list[Submission]:
    penalties = _by_first(session.execute(_penalties()))
    marks = _by_first(session.execute(_marks()))
    earlier = earlier_attempts(session)
    found = session.execute(
        select(
            SubmittedAssignment.id,
            SubmittedAssignment.student_id,
            Assignment.name,
            SubmittedAssignment.timestamp,
            SubmittedAssignment.extension,
            Assignment.duedate,
        ).join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
    )
    rows = [
        _submission(
            *row,
            penalty=penalties.get(key, (0.0,))[0],
            marks=marks.get(key),
            earlier=earlier.get(key),
        )
        for key, *row in found
    ]
    return sorted(rows, key=lambda one: (one.student, one.assignment))


def _submission(
    student: str,
    assignment: str,
    handed_in: datetime | None,
    extension: timedelta | None,
    due: datetime | None,
    *,
    penalty: float | None,
    marks: tuple[Any, ...] | None,
    earlier: Earlier | None,
) -> Submission:
    extension, penalty, attempt = extension or timedelta(0), float(penalty or 0.0), ""
    total, most, grades, ungraded, not_graded, waiting, proposed = marks or (0,) * 7
    nothing = grades and ungraded == grades
    score = None if nothing else round(float(total) - penalty, 4)
    if earlier and score is not None and earlier.counts_before(score, bool(waiting)):
        score, penalty, handed_in = earlier.score, earlier.penalty, earlier.handed_in
        attempt = f"{earlier.number} of {earlier.of}"
    late = (handed_in - due - extension).total_seconds() if handed_in and due else 0.0
    return Submission(
        *(student, assignment, handed_in, extension, max(0.0, late), penalty),
        *(score, float(most), int(waiting), bool(proposed), float(not_graded), attempt),
    )


def _penalties() -> Select[Any]:
    return select(
        SubmittedNotebook.assignment_id, func.sum(SubmittedNotebook.late_submission_penalty)
    ).group_by(SubmittedNotebook.assignment_id)


def _marks() -> Select[Any]:
    """Return of each submission what its grades add up to."""
    return (
        select(
            SubmittedNotebook.assignment_id,
            func.sum(Grade.score),
            func.sum(POINTS),
            func.count(Grade.id),
            func.sum(case((NO_SCORE, 1), else_=0)),
            func.sum(case((NO_SCORE, POINTS), else_=0.0)),
            func.sum(case((Grade.needs_manual_grade, 1), else_=0)),
            func.sum(case((PROPOSED, 1), else_=0)),
        )
        .select_from(Grade)
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .outerjoin(GRADED, GRADED.c.id == Grade.cell_id)
        .outerjoin(TASKS, TASKS.c.id == Grade.cell_id)
        .group_by(SubmittedNotebook.assignment_id)
    )


def _waiting(session: Session) -> Iterable[WaitingCell]:
    found = session.execute(
        select(
            SubmittedAssignment.student_id,
            Assignment.name,
            CELLS.c.name,
            GRADED.c.cell_type,
            Grade.auto_score,
            Grade.manual_score,
            Grade.extra_credit,
        )
        .select_from(Grade)
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(CELLS, CELLS.c.id == Grade.cell_id)
        .outerjoin(GRADED, GRADED.c.id == Grade.cell_id)
        .where(Grade.needs_manual_grade)
    )
    for student, assignment, cell, kind, auto, manual, extra in found:
        yield WaitingCell(student, assignment, cell, _why(kind, auto, manual, extra))


def _why(kind: str | None, auto: float | None, manual: float | None, extra: float | None) -> str:
    if manual is not None or extra:
        return "the answer has changed since a person gave points"
    if auto is not None:
        return "the points are proposed: it could not be put together with certainty"
    return "a test that was not run" if kind == "code" else "a written answer"


def _by_first(rows: Iterable[Any]) -> dict[str, tuple[Any, ...]]:
    return {key: tuple(rest) for key, *rest in rows}
