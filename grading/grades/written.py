"""Written answers by question: which there are, how each stands, and who graded it when."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session

from grading.course.stamp import fingerprint
from grading.grades.gradebook import RunGradebook
from grading.grades.own_tables import ANSWERED, GIVEN

GRADES, COMMENTS, CELLS = Grade.__table__, Comment.__table__, BaseCell.__table__
GRADED, SOLUTIONS = GradeCell.__table__, SolutionCell.__table__
THEIRS = CELLS.alias("solution_of_it")
"""The other row that nbgrader has of the same cell: comments belong to that one."""


class Question(NamedTuple):
    """A cell that people grade, with how many answers there are and how many wait."""

    assignment: str
    notebook: str
    cell: str
    points: float
    answers: int
    left: int


class Written(NamedTuple):
    """One student's answer as it stands; `version` changes when anything of it does.

    `who` gave the points and the comment that stand there, and when; both are empty where these
    come from elsewhere, such as from Formgrader's own page.
    """

    id: str
    student: str
    score: float | None
    comment: str
    waits: bool
    who: str
    at: str
    version: str


class Place(NamedTuple):
    """Where an answer is."""

    student: str
    assignment: str
    notebook: str
    cell: str


def questions(gradebook: RunGradebook, assignment: str | None = None) -> list[Question]:
    """Return the questions of an assignment, or of all, by name; only those with answers."""
    query = (
        _of_answers(
            Assignment.name,
            Notebook.name,
            CELLS.c.name,
            GRADED.c.max_score,
            func.count(GRADES.c.id),
            func.sum(case((GRADES.c.needs_manual_grade, 1), else_=0)),
        )
        .group_by(Assignment.name, Notebook.name, CELLS.c.name, GRADED.c.max_score)
        .order_by(Assignment.name, Notebook.name, CELLS.c.name)
    )
    if assignment is not None:
        query = query.where(Assignment.name == assignment)
    with gradebook.reading() as session:
        return [Question(*row) for row in session.execute(query)]


def written_answers(gradebook: RunGradebook, question: "Question | Place") -> list[Written]:
    """Return all answers to a question, in an order that tells nothing of who wrote them."""
    query = states().where(
        Assignment.name == question.assignment,
        Notebook.name == question.notebook,
        CELLS.c.name == question.cell,
    )
    with gradebook.reading() as session:
        rows = session.execute(query.order_by(GRADES.c.id)).all()
        last = _last_given(session, question)
        return [written_of(row, last.get(row.id)) for row in rows]


def used_comments(gradebook: RunGradebook, question: "Question | Place") -> list[str]:
    """Return the comments that stand at answers to a question, the most frequent first."""
    query = (
        _of_answers(COMMENTS.c.manual_comment)
        .where(
            Assignment.name == question.assignment,
            Notebook.name == question.notebook,
            CELLS.c.name == question.cell,
            COMMENTS.c.manual_comment != "",
        )
        .group_by(COMMENTS.c.manual_comment)
        .order_by(func.count().desc(), COMMENTS.c.manual_comment)
    )
    with gradebook.reading() as session:
        return list(session.scalars(query))


def place_of(gradebook: RunGradebook, grade: str) -> Place | None:
    """Return where the answer lies that a grade is given for, or None where there is none."""
    columns = (Student.id, Assignment.name, Notebook.name, CELLS.c.name)
    with gradebook.reading() as session:
        found = session.execute(_of_answers(*columns).where(GRADES.c.id == grade)).first()
        return None if found is None else Place(*found)


def _of_answers(*columns: Any) -> Select[Any]:
    """Return a query of columns of answers that people grade: cells of points and a solution."""
    return (
        select(*columns)
        .select_from(GRADES)
        .join(CELLS, CELLS.c.id == GRADES.c.cell_id)
        .join(GRADED, GRADED.c.id == CELLS.c.id)
        .join(
            THEIRS,
            and_(
                THEIRS.c.name == CELLS.c.name,
                THEIRS.c.notebook_id == CELLS.c.notebook_id,
                THEIRS.c.id != CELLS.c.id,
            ),
        )
        .join(SOLUTIONS, SOLUTIONS.c.id == THEIRS.c.id)
        .join(SubmittedNotebook, SubmittedNotebook.id == GRADES.c.notebook_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(Student, Student.id == SubmittedAssignment.student_id)
        .outerjoin(
            COMMENTS,
            and_(COMMENTS.c.notebook_id == SubmittedNotebook.id, COMMENTS.c.cell_id == THEIRS.c.id),
        )
    )


def states(*more: Any) -> Select[Any]:
    """Return a query of how answers stand, with more columns."""
    fields = ("id", "auto_score", "manual_score", "extra_credit", "needs_manual_grade")
    columns = (*(GRADES.c[name] for name in fields), GRADED.c.max_score, ANSWERED.c.answer)
    return _of_answers(
        *columns, Student.id.label("student"), COMMENTS.c.manual_comment, *more
    ).outerjoin(ANSWERED, ANSWERED.c.grade_id == GRADES.c.id)


def last_of(session: Session, grade: str) -> Any:
    """Return what was last given here for an answer, or None."""
    query = select(GIVEN).where(GIVEN.c.grade_id == grade)
    return session.execute(query.order_by(GIVEN.c.at.desc(), GIVEN.c.id).limit(1)).first()


def _last_given(session: Session, question: "Question | Place") -> dict[str, Any]:
    query = (
        select(GIVEN)
        .join(GRADES, GRADES.c.id == GIVEN.c.grade_id)
        .join(CELLS, CELLS.c.id == GRADES.c.cell_id)
        .where(CELLS.c.name == question.cell)
        .order_by(GIVEN.c.at, GIVEN.c.id.desc())
    )
    return {row.grade_id: row for row in session.execute(query)}


def written_of(row: Any, given: Any) -> Written:
    """Return how an answer stands, from its row and what was last given for it."""
    parts: Iterable[Any] = (
        *(row.auto_score, row.manual_score, row.extra_credit, bool(row.needs_manual_grade)),
        *(row.manual_comment or "", row.answer, given and given.id),
    )
    theirs = given is not None and (row.manual_score, row.manual_comment or "") == (
        given.score,
        given.comment,
    )
    return Written(
        row.id,
        row.student,
        row.auto_score if row.manual_score is None else row.manual_score,
        row.manual_comment or "",
        bool(row.needs_manual_grade),
        given.who if theirs else "",
        f"{given.at:%Y-%m-%d %H:%M} UTC" if theirs else "",
        fingerprint(json.dumps([*parts])),
    )
