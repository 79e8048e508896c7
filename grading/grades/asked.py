"""What students ask about their grades: kept in the gradebook, bounded, each answered once."""

import unicodedata
import uuid
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, NamedTuple

from nbgrader.api import Assignment, BaseCell, Grade, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import Select, func, insert, select, text, update
from sqlalchemy.orm import Session
from traitlets import Bool, Integer
from traitlets.config import Configurable

from grading.course.errors import CourseError
from grading.grades.database import ONE_AT_A_TIME
from grading.grades.gradebook import RunGradebook
from grading.grades.own_tables import ASKED

LONGEST = 1_000
LONGEST_ANSWER = 4_000
TURNS_TEXT_AROUND = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
NOT_YOURS = "There is no grade of yours to ask about there."


class Questions(Configurable):
    """What students may ask about grades; set it in `nbgrader_config.py` as `c.Questions.…`."""

    allowed = Bool(True, help="Whether students may ask about a grade on the course's page.").tag(
        config=True
    )
    waiting = Integer(3, help="How many questions of a student may wait for an answer.").tag(
        config=True
    )
    each = Integer(10, help="How often a student may ask about one assignment in all.").tag(
        config=True
    )


class Asked(NamedTuple):
    """A question and its answer, which is empty while it waits; times are UTC."""

    id: str
    student: str
    assignment: str
    cell: str
    check: str
    at: str
    text: str
    answer: str
    who: str
    answered_at: str


class MayNotAsk(CourseError):
    """A question is not taken; the message says why, to the student."""


class AnsweredMeanwhile(CourseError):
    """Somebody else has answered a question, or changed the answer, since it was read."""

    def __init__(self, now: Asked) -> None:
        super().__init__(f"{now.who} has answered this since you opened it: nothing was saved.")
        self.now = now


def ask(
    gradebook: RunGradebook,
    policy: Questions,
    student: str,
    about: tuple[str, str, str],
    checks: Collection[tuple[str, str]],
    question: str,
) -> Asked:
    """Put a student's question into the queue.

    `about` names assignment, cell and check, which may be empty: then it is about the whole cell.
    `checks` are the cell and name of each check of their graded notebook. Raises `MayNotAsk`.
    """
    assignment, cell, check = about
    if not policy.allowed:
        raise MayNotAsk("This course takes no questions here.")
    said = cleaned(question)
    if not said:
        raise MayNotAsk("Write what you want to ask.")
    if len(said) > LONGEST:
        raise MayNotAsk(f"A question may have {LONGEST:,} characters; yours has {len(said):,}.")
    if check and (cell, check) not in checks:
        raise MayNotAsk(NOT_YOURS)
    row: dict[str, Any] = {
        "id": uuid.uuid4().hex,
        "student_id": student,
        "assignment": assignment,
        "cell": cell,
    }
    row |= {"check_name": check, "at": _now(), "text": said}
    with gradebook.writing() as session:
        _one_at_a_time(session)
        if session.scalar(_graded(student, assignment, cell)) is None:
            raise MayNotAsk(NOT_YOURS)
        _refuse_too_many(session, policy, student, assignment)
        session.execute(insert(ASKED).values(**row))
        return _read(session, row["id"])


def asked_by(gradebook: RunGradebook, student: str) -> list[Asked]:
    """Return a student's own questions, the newest first."""
    query = select(ASKED).where(ASKED.c.student_id == student)
    with gradebook.reading() as session:
        return [_asked(row) for row in session.execute(query.order_by(ASKED.c.at.desc()))]


def queue(gradebook: RunGradebook, answered: int = 50) -> tuple[list[Asked], list[Asked]]:
    """Return all questions that wait, the oldest first, and the last that were answered."""
    waits = select(ASKED).where(ASKED.c.answer.is_(None)).order_by(ASKED.c.at, ASKED.c.id)
    done = select(ASKED).where(ASKED.c.answer.is_not(None)).order_by(ASKED.c.answered_at.desc())
    with gradebook.reading() as session:
        rows = (session.execute(query) for query in (waits, done.limit(answered)))
        waiting, before = ([_asked(row) for row in found] for found in rows)
    return waiting, before


def answer(
    gradebook: RunGradebook, question: str, said: str, who: str, read: str = ""
) -> Asked | None:
    """Answer a question whose answer was `read` as it is; return it, or None for no such question.

    Raises `MayNotAsk` for an answer that cannot be saved, and `AnsweredMeanwhile` where another one
    stands there; then nothing is written.
    """
    text_of_it = cleaned(said)
    if not text_of_it or len(text_of_it) > LONGEST_ANSWER:
        raise MayNotAsk(f"Write an answer of at most {LONGEST_ANSWER:,} characters.")
    with gradebook.writing() as session:
        _one_at_a_time(session)
        row = session.execute(select(ASKED).where(ASKED.c.id == question)).first()
        if row is None:
            return None
        if (row.answer or "") != read:
            raise AnsweredMeanwhile(_asked(row))
        given = {"answer": text_of_it, "who": who[:128], "answered_at": _now()}
        session.execute(update(ASKED).where(ASKED.c.id == question).values(**given))
        return _read(session, question)


def cleaned(text_of_it: str) -> str:
    """Return a text without what hides or turns around what is read; its lines stay."""
    lines = text_of_it.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = ("".join(char for char in line if _is_shown(char)).rstrip() for line in lines)
    return "\n".join(kept).strip()


def _is_shown(char: str) -> bool:
    odd = char in TURNS_TEXT_AROUND or unicodedata.category(char) in ("Cc", "Cs", "Cn", "Co")
    return char == "\t" or not odd


def _one_at_a_time(session: Session) -> None:
    """Let nobody else write between counting and writing; SQLite's transactions do so anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))


def _graded(student: str, assignment: str, cell: str) -> Select[Any]:
    """Return a query of a student's grade of a cell, once it has any score."""
    has_score = Grade.auto_score.is_not(None) | Grade.manual_score.is_not(None)
    return (
        select(Grade.id)
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(BaseCell.__table__, BaseCell.__table__.c.id == Grade.cell_id)
        .where(
            SubmittedAssignment.student_id == student,
            Assignment.name == assignment,
            BaseCell.__table__.c.name == cell,
            has_score,
        )
        .limit(1)
    )


def _refuse_too_many(session: Session, policy: Questions, student: str, assignment: str) -> None:
    mine = select(func.count()).select_from(ASKED).where(ASKED.c.student_id == student)
    if (session.scalar(mine.where(ASKED.c.answer.is_(None))) or 0) >= policy.waiting:
        raise MayNotAsk(
            f"{policy.waiting} questions of yours wait for an answer: ask again when one has it."
        )
    if (session.scalar(mine.where(ASKED.c.assignment == assignment)) or 0) >= policy.each:
        raise MayNotAsk(f"You have asked {policy.each} times about this assignment: see a TA.")


def _read(session: Session, question: str) -> Asked:
    return _asked(session.execute(select(ASKED).where(ASKED.c.id == question)).one())


def _asked(row: Any) -> Asked:
    return Asked(
        *(row.id, row.student_id, row.assignment, row.cell, row.check_name, _shown(row.at)),
        *(row.text, row.answer or "", row.who or "", _shown(row.answered_at)),
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _shown(at: datetime | None) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else ""
