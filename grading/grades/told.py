"""All that the gradebook tells a student of a graded notebook."""

import json
from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Query, Session

from grading.course.policies import in_words
from grading.grades.attempts import Earlier, earlier_attempts
from grading.grades.gradebook import RunGradebook
from grading.grades.own_tables import ASKED, BASIS

_HAS_SCORE = or_(Grade.auto_score.is_not(None), Grade.manual_score.is_not(None))


@dataclass(frozen=True)
class CellTold:
    """What is told of one cell: points, or None where it has none yet, and a comment."""

    score: float | None = None
    points: float | None = None
    waits: bool = False
    comment: str | None = None


@dataclass(frozen=True)
class QuestionTold:
    """A student's question about a grade that was answered."""

    cell: str
    check: str
    text: str
    answer: str


@dataclass(frozen=True)
class Told:
    """What is told of one notebook: by grade id, and as a whole, the late penalty subtracted.

    Where an earlier attempt counts, it is told of that one, `attempt` says so, and `made_from` is
    what its grades were made from.
    """

    cells: dict[str, CellTold]
    score: float
    max_score: float
    late_penalty: float
    handed_in: str = ""
    due: str = ""
    late_rule: str = ""
    questions: tuple[QuestionTold, ...] = ()
    attempt: str = ""
    made_from: str = ""

    @property
    def not_graded(self) -> float:
        """Return how many points wait for a person before there is any score for them."""
        cells = self.cells.values()
        return sum(cell.points or 0.0 for cell in cells if cell.waits and cell.score is None)

    def text(self) -> str:
        """Return it as one text, equal for what is equal."""
        said = asdict(self)
        for name in ("questions", "attempt", "made_from"):
            if not said[name]:
                del said[name]
        return json.dumps(said, sort_keys=True)

    @classmethod
    def read(cls, told: dict[str, Any]) -> "Told":
        """Return what `dataclasses.asdict` has made of it."""
        cells = {name: CellTold(**cell) for name, cell in told["cells"].items()}
        questions = tuple(QuestionTold(**one) for one in told.get("questions", ()))
        return cls(**told | {"cells": cells, "questions": questions})


def told_of_all(gradebook: RunGradebook, assignment: str) -> dict[str, Told]:
    """Return what is told of an assignment to each student who has handed it in."""
    with gradebook.reading() as session:
        grades = _grades(session, assignment)
        comments = _comments(session, assignment)
        submissions = _submissions(session, assignment)
        questions = _questions(session, assignment)
        earlier = earlier_attempts(session)
    found = {}
    for submission, student, penalty, *times in submissions:
        told = _told(grades[student], comments[student], penalty or 0.0, *times)
        waits = any(cell.waits for cell in told.cells.values())
        before = earlier.get(submission)
        if before is not None and before.counts_before(told.score, waits):
            told = _told_instead(told, before, *times[1:3])
        found[student] = replace(told, questions=tuple(questions[student]))
    return found


def _told(
    grades: dict[str, CellTold],
    comments: dict[str, str | None],
    penalty: float,
    handed_in: datetime | None,
    due: datetime | None,
    extension: timedelta | None,
    lateness: str | None,
) -> Told:
    cells = {
        name: CellTold(**asdict(grades.get(name, CellTold())) | {"comment": comments.get(name)})
        for name in {**grades, **comments}
    }
    score = sum(cell.score or 0.0 for cell in grades.values())
    most = sum(cell.points or 0.0 for cell in grades.values())
    due = due and due + (extension or timedelta(0))
    rule = _late_rule(handed_in, due, lateness)
    return Told(cells, score - penalty, most, penalty, _moment(handed_in), _moment(due), rule)


def _told_instead(
    last: Told, before: Earlier, due: datetime | None, extension: timedelta | None
) -> Told:
    """Return what is told of an earlier attempt that counts."""
    points, graded = before.points, last.cells.items()
    grades = {
        name: replace(cell, score=points.get(name))
        for name, cell in graded
        if cell.points is not None
    }
    times = before.handed_in, due, extension, before.lateness
    told = _told(grades, before.comments, before.penalty, *times)
    better = "The better of two attempts" if before.of == 2 else f"The best of {before.of} attempts"
    which = f"that of {told.handed_in}" if told.handed_in else f"number {before.number}"
    return replace(told, attempt=f"{better} counts: {which}.", made_from=before.made_from)


def _late_rule(handed_in: datetime | None, due: datetime | None, lateness: str | None) -> str:
    """Return by how much a submission is late, and the rule that was applied to it."""
    rule = json.loads(lateness or "{}").get("rule")
    if not rule or handed_in is None or due is None or handed_in <= due:
        return ""
    return f"{in_words(handed_in - due)} late: {rule}"


def _moment(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC" if time else ""


def _grades(db: Session, assignment: str) -> dict[str, dict[str, CellTold]]:
    points = func.coalesce(GradeCell.__table__.c.max_score, TaskCell.__table__.c.max_score)
    query = (
        _of_assignment(
            db, assignment, Grade, Grade.score, _HAS_SCORE, Grade.needs_manual_grade, points
        )
        .outerjoin(GradeCell.__table__, GradeCell.__table__.c.id == BaseCell.id)
        .outerjoin(TaskCell.__table__, TaskCell.__table__.c.id == BaseCell.id)
    )
    grades: dict[str, dict[str, CellTold]] = defaultdict(dict)
    for student, name, score, has_score, waits, most in query:
        told = float(score) if has_score else None
        grades[student][name] = CellTold(told, float(most), bool(waits))
    return grades


def _comments(db: Session, assignment: str) -> dict[str, dict[str, str | None]]:
    comments: dict[str, dict[str, str | None]] = defaultdict(dict)
    for student, name, text in _of_assignment(db, assignment, Comment, Comment.comment):
        comments[student][name] = text
    return comments


def _questions(db: Session, assignment: str) -> dict[str, list[QuestionTold]]:
    """Return the questions of each student that were answered, the oldest first."""
    columns = (ASKED.c.cell, ASKED.c.check_name, ASKED.c.text, ASKED.c.answer)
    query = (
        select(ASKED.c.student_id, *columns)
        .where(ASKED.c.assignment == assignment, ASKED.c.answer.is_not(None))
        .order_by(ASKED.c.at, ASKED.c.id)
    )
    questions: dict[str, list[QuestionTold]] = defaultdict(list)
    for student, *question in db.execute(query):
        questions[student].append(QuestionTold(*question))
    return questions


def _submissions(db: Session, assignment: str) -> list[Any]:
    """Return submissions, their students and penalties, and the times that those follow from."""
    query = (
        db.query(
            SubmittedAssignment.id,
            SubmittedAssignment.student_id,
            SubmittedNotebook.late_submission_penalty,
            SubmittedAssignment.timestamp,
            Assignment.duedate,
            SubmittedAssignment.extension,
            BASIS.c.lateness,
        )
        .select_from(SubmittedNotebook)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .outerjoin(BASIS, BASIS.c.submission_id == SubmittedAssignment.id)
        .filter(Assignment.name == assignment)
    )
    return list(query)


def _of_assignment(db: Session, assignment: str, what: Any, *columns: Any) -> Query[Any]:
    """Query grades or comments of an assignment, each with its student and cell."""
    return (
        db.query(SubmittedAssignment.student_id, BaseCell.__table__.c.name, *columns)
        .select_from(what)
        .join(SubmittedNotebook, what.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .join(BaseCell.__table__, BaseCell.__table__.c.id == what.cell_id)
        .filter(Assignment.name == assignment)
    )
