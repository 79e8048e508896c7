"""Enter what `policies.toml` says of due dates and extensions into the gradebook."""

from datetime import datetime, timedelta
from typing import Any

from nbgrader.api import Assignment, SubmittedAssignment
from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session
from traitlets.config import Config

from grading.course.policies import Policies
from grading.grades.course_policy import policies_of
from grading.grades.gradebook import RunGradebook
from grading.grades.received import Received, find_or_add

Moments = dict[str, datetime]
Extensions = dict[str, timedelta | None]
"""Due dates by assignments' ids, and extensions by submissions'."""


def enter_policies(gradebook: RunGradebook, config: Config) -> None:
    """Enter the due dates and extensions of the file into the gradebook, where they are others.

    An assignment of which it says nothing is due as Formgrader says; where it has a table of
    extensions, there are no others.
    """
    policies = policies_of(config)
    if not policies.due and policies.extensions is None:
        return
    with gradebook.reading() as session:
        is_entered = not any(
            (_due(session, policies), _extensions(session, policies), _missing(session, policies))
        )
    if is_entered:
        return
    with gradebook.writing() as session:
        for id, moment in _due(session, policies).items():
            session.execute(update(Assignment).where(Assignment.id == id).values(duedate=moment))
        find_or_add(session, _missing(session, policies))
        for id, longer in _extensions(session, policies).items():
            session.execute(
                update(SubmittedAssignment)
                .where(SubmittedAssignment.id == id)
                .values(extension=longer)
            )


def _due(session: Session, policies: Policies) -> Moments:
    known = session.execute(select(Assignment.id, Assignment.name, Assignment.duedate))
    return {
        id: policies.due[name]
        for id, name, moment in known
        if name in policies.due and policies.due[name] != moment
    }


def _extensions(session: Session, policies: Policies) -> Extensions:
    if policies.extensions is None:
        return {}
    others: Extensions = {}
    for id, student, name, extension in session.execute(_entered()):
        longer = policies.extensions.get(student, {}).get(name, timedelta(0))
        if (extension or timedelta(0)) != longer:
            others[id] = longer or None
    return others


def _missing(session: Session, policies: Policies) -> list[Received]:
    """Return who has longer and has handed in nothing yet: nbgrader adds them for it, too."""
    names = set(session.scalars(select(Assignment.name)))
    there = {(student, name) for _, student, name, _ in session.execute(_entered())}
    return [
        Received(student, name, None)
        for student, theirs in (policies.extensions or {}).items()
        for name in theirs
        if name in names and (student, name) not in there
    ]


def _entered() -> Select[Any]:
    return select(
        SubmittedAssignment.id,
        SubmittedAssignment.student_id,
        Assignment.name,
        SubmittedAssignment.extension,
    ).join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
