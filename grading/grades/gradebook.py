"""Write what notebooks earned into nbgrader's gradebook, each all or nothing, and read it back."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, Self

from nbgrader.api import (
    Assignment,
    Student,
    SubmittedAssignment,
)
from sqlalchemy import Connection, delete, select
from sqlalchemy.orm import Session
from traitlets.config import Config

from grading.grades.database import connect, for_writing, in_a_sentence, insert
from grading.grades.own_tables import BASIS, HELD, MADE_FROM, RULES
from grading.grades.penalties import late_penalty, lateness_text
from grading.grades.received import Received, enter, find_or_add, record
from grading.grades.saved import (
    GRADES,
    UNKNOWN,
    Basis,
    find,
    note,
    note_lateness,
    write_comments,
    write_penalty,
    write_scores,
    write_timestamp,
)
from grading.grades.states import Cause, keep, read_states
from grading.grades.tables import make_ready

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

    def __init__(
        self, db_url: str, course_id: str = "default_course", cause: Cause | None = None
    ) -> None:
        make_ready(db_url, course_id)
        self.db_url, self.course_id = db_url, course_id
        self.cause = cause or Cause.of("autograde")
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
                record(session, waiting[start : start + AT_ONCE], self.cause)

    def save_grades(
        self,
        student: str,
        assignment: str,
        graded: Earned,
        config: Config,
        made_from: str,
        basis: Basis = UNKNOWN,
    ) -> float:
        """Write scores, comments and late penalty of a notebook, and what they were made from.

        Return the notebook's score after the penalty.
        """
        with self.writing() as session:
            return _write(
                session.connection(), student, assignment, graded, config, made_from, basis
            )

    def replace_grades(
        self,
        received: Received,
        graded: Earned,
        config: Config,
        made_from: str,
        basis: Basis,
        before: str,
    ) -> bool:
        """Write a notebook's grades in the place of others, which are kept; all in one transaction.

        Nothing is written, and the answer is no, where those are not as `before` says, the
        fingerprint of a state: somebody has given points meanwhile, say.
        """
        with self.writing() as session:
            connection = session.connection()
            if not self._keep(connection, received, before):
                return False
            enter(session, find_or_add(session, [received]))
            _write(connection, *received[:2], graded, config, made_from, basis)
        return True

    def replace_penalty(self, received: Received, config: Config, before: str) -> bool:
        """Let a notebook be as late as is known today, as `replace_grades` does with grades."""
        with self.writing() as session:
            connection = session.connection()
            if not self._keep(connection, received, before):
                return False
            entry = find(connection, *received[:2])._replace(timestamp=received.timestamp)
            write_timestamp(connection, entry, entry.timestamp)
            penalty = late_penalty(entry.student, entry, entry.seconds_late, config)
            write_penalty(connection, entry, penalty)
            note_lateness(connection, entry, lateness_text(entry, config))
            connection.execute(delete(HELD).where(HELD.c.submission_id == entry.submission))
        return True

    def _keep(self, connection: Connection, received: Received, before: str) -> bool:
        """Keep a submission's state if it is as it was; until the end, nobody else changes it."""
        entry = find(connection, *received[:2])
        connection.execute(GRADES, {"notebook": entry.notebook})
        state = read_states(connection, [entry.submission])[entry.submission]
        if state.fingerprint != before:
            return False
        keep(connection, [state], self.cause)
        return True

    def keep_rules(self, graded_by: str, rules: str) -> None:
        """Keep what an assignment is graded by."""
        with self.writing() as session:
            rows = [{"graded_by": graded_by, "rules": rules}]
            session.execute(insert(session, RULES).on_conflict_do_nothing(), rows)

    def rules(self) -> dict[str, str]:
        """Return all that assignments were ever graded by, by its fingerprint."""
        with self.reading() as session:
            return dict(iter(session.execute(select(RULES.c.graded_by, RULES.c.rules))))

    def made_from(self) -> dict[tuple[str, str], str]:
        """Return by student and assignment what the grades in this gradebook were made from."""
        with self.reading() as session:
            found = session.execute(
                select(SubmittedAssignment.student_id, Assignment.name, MADE_FROM.c.made_from)
                .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
                .join(MADE_FROM, MADE_FROM.c.submission_id == SubmittedAssignment.id)
            )
            return {(student, assignment): made_from for student, assignment, made_from in found}

    def basis(self) -> dict[tuple[str, str], tuple[Basis, str]]:
        """Return by student and assignment the parts of what grades were made from.

        Beside them stands, as JSON, what the late penalty follows from.
        """
        columns = (BASIS.c.graded_by, BASIS.c.submitted, BASIS.c.lateness)
        with self.reading() as session:
            found = session.execute(
                select(SubmittedAssignment.student_id, Assignment.name, *columns)
                .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
                .join(BASIS, BASIS.c.submission_id == SubmittedAssignment.id)
            )
            return {
                (student, assignment): (Basis(graded_by or "", submitted or ""), lateness or "")
                for student, assignment, graded_by, submitted, lateness in found
            }

    def held(self) -> dict[tuple[str, str], str | None]:
        """Return by student and assignment which files were there when grades were brought back."""
        with self.reading() as session:
            found = session.execute(
                select(SubmittedAssignment.student_id, Assignment.name, HELD.c.submitted)
                .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
                .join(HELD, HELD.c.submission_id == SubmittedAssignment.id)
            )
            return {(student, assignment): submitted for student, assignment, submitted in found}

    def unknown_students(self, students: Iterable[str]) -> set[str]:
        """Return those who are not in the gradebook."""
        with self.reading() as session:
            return set(students) - set(session.scalars(select(Student.id)))


def _write(
    connection: Connection,
    student: str,
    assignment: str,
    graded: Earned,
    config: Config,
    made_from: str,
    basis: Basis,
) -> float:
    entry = find(connection, student, assignment)
    write_comments(connection, entry, graded.comments)
    earned = write_scores(connection, entry, graded.scores, graded.waits, graded.answers)
    penalty = late_penalty(student, earned, entry.seconds_late, config)
    write_penalty(connection, entry, penalty)
    note(connection, entry, made_from, basis, lateness_text(entry, config))
    return earned.score - (penalty or 0.0)
