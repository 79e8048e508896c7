"""The states that submissions' grades had: listed, found, and brought back all or none."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from nbgrader.api import Assignment, SubmittedAssignment
from sqlalchemy import Select, select

from grading.course.errors import CourseError
from grading.grades.gradebook import RunGradebook
from grading.grades.own_tables import STATE
from grading.grades.states import State, bring_back

SHORT = 8
"""Digits of a state's id that people say."""


class NoSuchState(CourseError):
    """A state that was asked for is not kept, or cannot be told from another."""


class Kept(NamedTuple):
    """A state that is kept: what grades were until a run changed them, whose, when and why."""

    id: str
    number: int
    run: str
    at: datetime
    who: str
    why: str
    score: float
    student: str
    assignment: str


class Run(NamedTuple):
    """A run that changed grades: who began it, when and why, and the states that it replaced."""

    id: str
    at: datetime
    who: str
    why: str
    before: list[Kept]


def history(
    gradebook: RunGradebook,
    students: Collection[str] | None = None,
    assignment: str | None = None,
) -> list[Kept]:
    """Return what is kept of students and an assignment, or of all, the newest last."""
    query = _kept()
    if students is not None:
        query = query.where(SubmittedAssignment.student_id.in_(students))
    if assignment is not None:
        query = query.where(Assignment.name == assignment)
    with gradebook.reading() as session:
        order = (STATE.c.at, SubmittedAssignment.student_id, STATE.c.number)
        return [Kept(*row) for row in session.execute(query.order_by(*order))]


def runs(kept: Iterable[Kept]) -> list[Run]:
    """Return the runs that changed what is kept, the newest first.

    Of a submission that a run changed twice only the state before is given: to it undoing leads.
    """
    first: dict[tuple[str, str, str], Kept] = {}
    for one in kept:
        first.setdefault((one.run, one.student, one.assignment), one)
    found: dict[str, Run] = {}
    for one in first.values():
        run = found.setdefault(one.run, Run(one.run, one.at, one.who, one.why, []))
        run.before.append(one)
    return [*reversed(found.values())]


def before_last_run(
    gradebook: RunGradebook,
    students: Collection[str] | None = None,
    assignment: str | None = None,
) -> list[str]:
    """Return the states to which undoing leads: those before the last run that changed anything.

    With students, the last run is each one's own. Raises `NoSuchState` where there is none.
    """
    found = history(gradebook, students, assignment)
    if not found:
        raise NoSuchState("Nothing is kept that could be brought back.")
    if students is None:
        last = dict.fromkeys({one.student for one in found}, found[-1].run)
    else:
        last = {one.student: one.run for one in found}
        if without := set(students) - last.keys():
            raise NoSuchState(f"Nothing is kept of {', '.join(sorted(without))}.")
    first: dict[tuple[str, str], Kept] = {}
    for one in found:
        if one.run == last[one.student]:
            first.setdefault((one.student, one.assignment), one)
    return [one.id for one in first.values()]


def named_states(gradebook: RunGradebook, names: Collection[str]) -> list[str]:
    """Return the states whose ids begin so; raise `NoSuchState` for none, or several."""
    found = history(gradebook)
    states = []
    for name in names:
        ids = [one.id for one in found if name and one.id.startswith(name.lower())]
        if len(ids) != 1:
            raise NoSuchState(
                f"{len(ids) or 'No'} states are called {name!r}: `make regrade HISTORY=all` lists "
                "them all."
            )
        states += ids
    return states


def bring_back_states(gradebook: RunGradebook, states: Collection[str]) -> set[tuple[str, str]]:
    """Bring states back in one transaction, all or none; return whose they are."""
    with gradebook.writing() as session:
        rows = list(
            session.execute(
                _kept()
                .add_columns(STATE.c.submission_id, STATE.c.contents)
                .where(STATE.c.id.in_(states))
            )
        )
        submissions = [row.submission_id for row in rows]
        if twice := {one for one in submissions if submissions.count(one) > 1}:
            raise NoSuchState(f"{len(twice)} submissions cannot be two of their states at once.")
        for row in rows:
            state = State(row.submission_id, json.loads(row.contents))
            bring_back(session.connection(), state, gradebook.cause)
    return {(row.student_id, row.name) for row in rows}


def _kept() -> Select[Any]:
    columns = (STATE.c[name] for name in ("id", "number", "run", "at", "who", "why", "score"))
    return (
        select(*columns, SubmittedAssignment.student_id, Assignment.name)
        .select_from(STATE)
        .join(SubmittedAssignment, SubmittedAssignment.id == STATE.c.submission_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
    )
