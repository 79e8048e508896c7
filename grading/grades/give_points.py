"""Save points that people give for written answers, never over what somebody else has saved.

Of what is given here, who gave it and when is kept, the newest last.
"""

import re
import uuid
from datetime import UTC, datetime
from typing import Any

from nbgrader.api import SubmittedNotebook
from sqlalchemy import and_, insert, select, update
from sqlalchemy.orm import Session

from grading.course.errors import CourseError
from grading.grades.gradebook import RunGradebook
from grading.grades.own_tables import GIVEN
from grading.grades.written import (
    COMMENTS,
    GRADES,
    THEIRS,
    Written,
    last_of,
    states,
    written_of,
)

NUMBER = re.compile(r"\d{1,9}(\.\d{0,9})?|\.\d{1,9}", re.ASCII)
LONGEST_COMMENT = 10_000


class Refused(CourseError):
    """Points or a comment cannot be saved as they were written."""


class Stale(CourseError):
    """An answer was graded, or handed in anew, since the page was made; `now` is how it stands."""

    def __init__(self, now: "Written") -> None:
        super().__init__(
            "This answer was changed since you opened it"
            + (f" (last graded here by {now.who}, {now.at})" if now.who else "")
            + ": nothing of yours was saved yet."
        )
        self.now = now


def save_answer(
    gradebook: RunGradebook, grade: str, version: str, score: str, comment: str, who: str
) -> Written | None:
    """Give points and a comment to the answer whose `version` was read; return how it stands then.

    Return None where there is no such answer. Raises `Refused` with a sentence for points that it
    cannot have, and `Stale` where it is no longer what was read; then nothing is written.
    """
    with gradebook.writing() as session:
        session.execute(select(GRADES.c.id).where(GRADES.c.id == grade).with_for_update())
        query = states(SubmittedNotebook.id.label("notebook"), THEIRS.c.id.label("solution"))
        row = session.execute(query.where(GRADES.c.id == grade)).first()
        if row is None:
            return None
        points, text = points_of(score, row.max_score), _text_of(comment)
        now = written_of(row, last_of(session, grade))
        if now.version != version:
            raise Stale(now)
        session.execute(
            update(GRADES)
            .where(GRADES.c.id == grade)
            .values(manual_score=points, needs_manual_grade=False)
        )
        _write_comment(session, row, text)
        given = {"id": uuid.uuid4().hex, "grade_id": grade, "who": who[:128], "score": points}
        at = datetime.now(UTC).replace(tzinfo=None)
        session.execute(insert(GIVEN).values(**given, at=at, comment=text))
        return written_of(
            session.execute(states().where(GRADES.c.id == grade)).one(), last_of(session, grade)
        )


def points_of(text: str, most: float) -> float:
    """Return points as a number; raise `Refused` for none, and for less than 0 or more than most.

    Nothing is turned into what it is not: 7 of 3 points are refused.
    """
    greatest = f"{most:g}"
    if not NUMBER.fullmatch(text.strip()):
        raise Refused(
            f"{text.strip()[:40]!r} is no number of points: write one from 0 to {greatest}, "
            "such as 1 or 1.5."
        )
    points = float(text)
    if points > most:
        whole = f"{greatest} point{'' if most == 1 else 's'}"
        raise Refused(f"{points:g} of {whole} cannot be given: at most {greatest}.")
    return points


def _text_of(comment: str) -> str:
    if len(comment) > LONGEST_COMMENT:
        raise Refused(f"A comment may have {LONGEST_COMMENT:,} characters: shorten this one.")
    return comment.strip()


def _write_comment(session: Session, row: Any, text: str) -> None:
    here = and_(COMMENTS.c.notebook_id == row.notebook, COMMENTS.c.cell_id == row.solution)
    written = session.execute(update(COMMENTS).where(here).values(manual_comment=text or None))
    if text and not written.rowcount:  # type: ignore[attr-defined]
        new = {"id": uuid.uuid4().hex, "notebook_id": row.notebook, "cell_id": row.solution}
        session.execute(insert(COMMENTS).values(**new, manual_comment=text))
