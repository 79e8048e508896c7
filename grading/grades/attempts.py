"""Which attempt counts where the best one does: an earlier one that earned more than the last.

Grades in nbgrader's tables are always those of the last attempt. What the best of the earlier ones
earned stands in a table of ours, made anew from the states that are kept; whoever tells of scores
compares the two.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from nbgrader.api import Assignment, BaseCell, GradeCell, Notebook, TaskCell
from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.orm import Session
from traitlets.config import Config

from grading.course.policies import BEST
from grading.grades.course_policy import policies_of
from grading.grades.gradebook import RunGradebook
from grading.grades.own_tables import ATTEMPT, HELD, STATE
from grading.grades.penalties import late_penalty, lateness_text
from grading.grades.saved import Earned, Entry, graded_entries
from grading.grades.states import AT_ONCE, State, read_states, score_of

Points = Mapping[str, float]
"""Points by cell."""
UNREAD = "Nobody had looked at this when the next attempt came, so it has no points."


class Earlier(NamedTuple):
    """The best attempt before the last: which of how many, when it came, and what it earned."""

    submission: str
    number: int
    of: int
    handed_in: datetime | None
    penalty: float
    lateness: str
    made_from: str
    parts: str

    @property
    def points(self) -> dict[str, float]:
        """Return what each cell earned."""
        return dict(json.loads(self.parts)["points"])

    @property
    def comments(self) -> dict[str, str | None]:
        """Return what was said of cells."""
        return dict(json.loads(self.parts)["comments"])

    @property
    def score(self) -> float:
        """Return the score, the late penalty subtracted."""
        return round(sum(self.points.values()) - self.penalty, 4)

    def counts_before(self, last: float, waits: bool) -> bool:
        """Return whether this counts and not the last attempt, which has such a score.

        It does not while anything of the last attempt waits for a person.
        """
        return not waits and self.score > round(last, 4)


def earlier_attempts(session: Session) -> dict[str, Earlier]:
    """Return by submission the best of the earlier attempts, where the best attempt counts."""
    return {row.submission_id: Earlier(*row) for row in session.execute(select(ATTEMPT))}


def follow_attempts(gradebook: RunGradebook, config: Config) -> list[str]:
    """Note the best of the earlier attempts of each submission, as the policies are today.

    Each loses what its own time of handing in costs. Return a line for each submission of which
    that cannot be worked out: its last attempt counts.
    """
    with gradebook.reading() as session:
        noted = earlier_attempts(session)
        found, failures = _best_of_all(session.connection(), config)
    if found != noted:
        with gradebook.writing() as session:
            found, failures = _best_of_all(session.connection(), config)
            session.execute(delete(ATTEMPT))
            if found:
                rows = [dict(zip(ATTEMPT.c.keys(), one, strict=True)) for one in found.values()]
                session.execute(insert(ATTEMPT), rows)
    return failures


def _best_of_all(connection: Connection, config: Config) -> tuple[dict[str, Earlier], list[str]]:
    policies = policies_of(config)
    if BEST not in (policies.attempt, *policies.attempts.values()):
        return {}, []
    wanted = {
        entry.submission: entry
        for entry in graded_entries(connection, held=True)
        if policies.attempt_of(entry.assignment) == BEST
    }
    kept = _kept(connection, wanted)
    if not kept:
        return {}, []
    found: dict[str, Earlier] = {}
    failures, most = list[str](), _most(connection)
    held = dict(iter(connection.execute(select(HELD.c.submission_id, HELD.c.submitted))))
    for id, today in read_states(connection, kept).items():
        entry, submitted = wanted[id], _submitted(today)
        if id in held and held[id] != submitted:
            continue  # a person brought back another attempt than the last one: that one counts
        earlier = _by_attempt(kept[id], submitted) if submitted else {}
        try:
            best = _best(entry, earlier.values(), today, most[entry.assignment], config)
        except Exception as error:  # the late policy is the course's own code
            whose = f"{entry.student} {entry.assignment}"
            failures.append(f"{whose}: the last attempt counts: {type(error).__name__}: {error}")
        else:
            found |= {id: best} if best else {}
    return found, failures


def _by_attempt(states: Iterable[State], last: str) -> dict[str, State]:
    """Return the newest state of each attempt but the last, the first attempt first."""
    found: dict[str, State] = {}
    for state in states:
        if _submitted(state) not in ("", last):
            found[_submitted(state)] = state
    return found


def _best(
    entry: Entry, earlier: Iterable[State], today: State, most: Points, config: Config
) -> Earlier | None:
    """Return the best of some attempts, of equal ones the later."""
    attempts = list[Earlier]()
    states = list(earlier)
    for number, state in enumerate(states, 1):
        points, comments = _parts(state, today, most)
        moment = state.contents["timestamp"]
        then = entry._replace(timestamp=moment and datetime.fromisoformat(moment))
        earned = Earned(sum(points.values()))
        penalty = late_penalty(entry.student, earned, then.seconds_late, config) or 0.0
        parts = json.dumps({"points": points, "comments": comments}, sort_keys=True)
        told = lateness_text(then, config), state.contents["made_from"], parts
        one = Earlier(entry.submission, number, len(states) + 1, then.timestamp, penalty, *told)
        attempts.append(one)
    return max(attempts, key=lambda one: (one.score, one.number), default=None)


def _parts(
    state: State, today: State, most: Points
) -> tuple[dict[str, float], dict[str, str | None]]:
    """Return points and comments of an attempt in the cells of today, at most what those give.

    An answer that nobody had read then has those of the same answer in the last attempt.
    """
    before, said, says = _by_cell(state, "grades"), _comments(state), _comments(today)
    points, comments = {}, dict(said)
    for cell, now in _by_cell(today, "grades").items():
        row = before.get(cell)
        if row is not None and row["needs_manual_grade"]:
            is_read = _is_same_answer(row, now) and not now["needs_manual_grade"]
            row = now if is_read else None
            comments[cell] = says.get(cell) if is_read else UNREAD
        points[cell] = 0.0 if row is None else _earned(row, most.get(cell, 0.0))
    return points, comments


def _earned(row: Mapping[str, Any], most: float) -> float:
    extra = float(row["extra_credit"] or 0.0)
    return round(min(score_of(row) - extra, most) + extra, 4)


def _comments(state: State) -> dict[str, str | None]:
    return {
        cell: row["auto_comment"] if row["manual_comment"] is None else row["manual_comment"]
        for cell, row in _by_cell(state, "comments").items()
    }


def _by_cell(state: State, what: str) -> dict[str, dict[str, Any]]:
    return {row["cell"]: row for row in state.contents[what].values()}


def _is_same_answer(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    then, today = (row["answered"] and row["answered"][0] for row in (before, now))
    return then is not None and then == today


def _submitted(state: State) -> str:
    """Return the fingerprint of the files of a state, or nothing where nobody knows."""
    return (state.contents["basis"] or {}).get("submitted") or ""


def _kept(connection: Connection, submissions: Iterable[str]) -> dict[str, list[State]]:
    """Return the states that are kept of submissions, the oldest first."""
    ids, found = sorted(submissions), defaultdict[str, list[State]](list)
    query = select(STATE.c.submission_id, STATE.c.contents).order_by(STATE.c.number)
    for start in range(0, len(ids), AT_ONCE):
        chosen = STATE.c.submission_id.in_(ids[start : start + AT_ONCE])
        for id, contents in connection.execute(query.where(chosen)):
            found[id].append(State(id, json.loads(contents)))
    return found


def _most(connection: Connection) -> dict[str, dict[str, float]]:
    """Return by assignment what each cell gives at most."""
    cells, graded, tasks = BaseCell.__table__, GradeCell.__table__, TaskCell.__table__
    points = func.coalesce(graded.c.max_score, tasks.c.max_score)
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for assignment, cell, most in connection.execute(
        select(Assignment.name, cells.c.name, points)
        .select_from(cells)
        .join(Notebook, Notebook.id == cells.c.notebook_id)
        .join(Assignment, Assignment.id == Notebook.assignment_id)
        .outerjoin(graded, graded.c.id == cells.c.id)
        .outerjoin(tasks, tasks.c.id == cells.c.id)
        .where(points.is_not(None))  # an answer that earns points has a second cell of its name
    ):
        found[assignment][cell] = float(most)
    return found
