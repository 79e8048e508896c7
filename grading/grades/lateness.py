"""Let penalties follow due dates, extensions, the course's policy and the time of handing in."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from nbgrader.utils import parse_utc
from sqlalchemy import Connection
from traitlets.config import Config

from grading.grades.attempts import follow_attempts
from grading.grades.enter_policies import enter_policies
from grading.grades.gradebook import RunGradebook
from grading.grades.penalties import late_penalty, lateness_text
from grading.grades.saved import (
    Entry,
    graded_entries,
    note_lateness,
    write_penalty,
    write_timestamp,
)
from grading.grades.states import keep, read_states

Whose = tuple[str, str]
"""A student and an assignment."""
Chosen = Callable[[Whose], bool]
Times = Mapping[Whose, datetime | None]
AS_RECORDED: Times = MappingProxyType({})


def follow_lateness(
    gradebook: RunGradebook, config: Config, chosen: Chosen, times: Times = AS_RECORDED
) -> list[str]:
    """Take from graded submissions what they lose by being late, as it is known today.

    `chosen` says whose are meant; `times`, when a submission was made, where that may be other than
    what is recorded. Nothing is graded. Return a line for each whose penalty cannot be worked out:
    it keeps the one it has. What it was is kept, and what a person brought back stays. Where the
    best attempt counts, those before the last are as late as they are known to be today, too.
    """
    enter_policies(gradebook, config)
    with gradebook.reading() as session:
        changes, failures = late_changes(session.connection(), config, chosen, times)
    if changes:
        with gradebook.writing() as session:  # looked at again: a person may have given points
            connection = session.connection()
            changes, failures = late_changes(connection, config, chosen, times)
            states = read_states(connection, {entry.submission for entry in changes})
            keep(connection, states.values(), gradebook.cause)
            for entry in changes:
                write_timestamp(connection, entry, entry.timestamp)
                write_penalty(connection, entry, entry.penalty)
                note_lateness(connection, entry, lateness_text(entry, config))
    return failures + follow_attempts(gradebook, config)


def late_changes(
    connection: Connection,
    config: Config,
    chosen: Chosen,
    times: Times = AS_RECORDED,
    held: bool = False,
) -> tuple[list[Entry], list[str]]:
    """Return the entries that are to be others, as they are to be; of what is `held`, if wanted."""
    changes, failures = [], []
    for entry in graded_entries(connection, held):
        whose = entry.student, entry.assignment
        if not chosen(whose):
            continue
        moment = parse_utc(times[whose]) if whose in times else entry.timestamp
        today = entry._replace(timestamp=moment)
        try:
            penalty = late_penalty(entry.student, today, today.seconds_late, config)
        except Exception as error:  # the policy is the course's own code
            failures.append(f"{' '.join(whose)}: no penalty: {type(error).__name__}: {error}")
            continue
        today = today._replace(penalty=penalty)
        if today != entry:
            changes.append(today)
    return changes, failures
