"""Write what notebooks earned into nbgrader's gradebook, each all or nothing, and read it back."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, Self

from nbgrader.api import (
    Assignment,
    Student,
    SubmittedAssignment,
)
from sqlalchemy import select
from sqlalchemy.orm import Session
from traitlets.config import Config

from grading.grades.database import connect, for_writing, in_a_sentence
from grading.grades.penalties import late_penalty
from grading.grades.received import Received, record
from grading.grades.saved import find, note, write_comments, write_penalty, write_scores
from grading.grades.tables import MADE_FROM, make_ready

AT_ONCE = 50
"""Submissions recorded in one transaction: nobody waits long for it."""


class Earned(Protocol):
    """What a notebook earned, by grade id.

    A score of None waits for a person, and so do those that `waits` names. `answers` are the
    fingerprints of what the scores are given for.
    """

    scores: dict[str, float | None]
    comments: dict[str, str | None]
    waits: set[str]
    answers: dict[str, str]


class RunGradebook:
    """The gradebook, opened once for a whole run. Every method is one short transaction.

    Whatever the database complains of is raised as a `GradebookError` that says what to do, and
    then nothing of that transaction was written.
    """

    def __init__(self, db_url: str, course_id: str = "default_course") -> None:
        make_ready(db_url, course_id)
        self.db_url, self.course_id = db_url, course_id
        self._engine = connect(db_url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session that reads; what it has loaded goes with it."""
        with in_a_sentence(self.db_url), Session(self._engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Yield a session whose changes are kept at its end, all or none."""
        engine = for_writing(self._engine)
        with in_a_sentence(self.db_url), Session(engine) as session, session.begin():
            yield session

    def mark_pending(self, submissions: Iterable[Received]) -> None:
        """Record submissions and take back their automatic scores until they are graded again."""
        waiting = list(submissions)
        for start in range(0, len(waiting), AT_ONCE):
            with self.writing() as session:
                record(session, waiting[start : start + AT_ONCE])

    def save_grades(
        self,
        student: str,
        assignment: str,
        graded: Earned,
        config: Config,
        made_from: str,
    ) -> float:
        """Write scores, comments and late penalty of a notebook, and what they were made from.

        Return the notebook's score after the penalty.
        """
        with self.writing() as session:
            connection = session.connection()
            entry = find(connection, student, assignment)
            write_comments(connection, entry, graded.comments)
            earned = write_scores(connection, entry, graded.scores, graded.waits, graded.answers)
            penalty = late_penalty(student, earned, entry.seconds_late, config)
            write_penalty(connection, entry, penalty)
            note(connection, entry, made_from)
        return earned.score - (penalty or 0.0)

    def made_from(self) -> dict[tuple[str, str], str]:
        """Return by student and assignment what the grades in this gradebook were made from."""
        with self.reading() as session:
            found = session.execute(
                select(SubmittedAssignment.student_id, Assignment.name, MADE_FROM.c.made_from)
                .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
                .join(MADE_FROM, MADE_FROM.c.submission_id == SubmittedAssignment.id)
            )
            return {(student, assignment): made_from for student, assignment, made_from in found}

    def unknown_students(self, students: Iterable[str]) -> set[str]:
        """Return those who are not in the gradebook."""
        with self.reading() as session:
            return set(students) - set(session.scalars(select(Student.id)))
