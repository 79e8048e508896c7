"""Keep what submissions' grades were before they change, and bring it back, row by row."""

import json
import os
import pwd
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from nbgrader.api import BaseCell, Comment, Grade, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import Connection, Select, Table, bindparam, delete, func, insert, select, update

from grading.course.stamp import fingerprint
from grading.grades.own_tables import ANSWERED, ATTEMPT, BASIS, HELD, MADE_FROM, STATE

GRADES, COMMENTS = Grade.__table__, Comment.__table__
NOTEBOOKS, SUBMISSIONS = SubmittedNotebook.__table__, SubmittedAssignment.__table__
CELLS = BaseCell.__table__
AT_ONCE = 500
BY_HAND = ("manual_score", "extra_credit", "manual_comment")
"""What only people give: it is kept to be seen, and never brought back over what stands there."""


@dataclass(frozen=True)
class Cause:
    """Which run changes grades, who started it, and why."""

    run: str
    who: str
    why: str

    @classmethod
    def of(cls, why: str, run: str = "", who: str = "") -> "Cause":
        """Return the cause of a run that begins, or goes on, now."""
        return cls(run or uuid.uuid4().hex, who or account_name(), why)


class State(NamedTuple):
    """The grades of one submission: rows of nbgrader's tables and of ours, as plain data."""

    submission: str
    contents: dict[str, Any]

    @property
    def text(self) -> str:
        """Return the contents as JSON."""
        return json.dumps(self.contents, sort_keys=True)

    @property
    def fingerprint(self) -> str:
        """Return a hash of the contents."""
        return fingerprint(self.text)

    @property
    def is_graded(self) -> bool:
        """Return whether grades hold: those that wait to be graded hold nothing."""
        return self.contents["made_from"] is not None

    @property
    def score(self) -> float:
        """Return the score, the late penalty subtracted."""
        total = sum(score_of(row) for row in self.contents["grades"].values())
        return round(total - sum(one or 0.0 for one in self.contents["penalties"].values()), 4)


def account_name() -> str:
    """Return the name of the account that this process runs for: the hub's, or the system's."""
    on_hub = os.environ.get("JUPYTERHUB_USER")
    if on_hub:
        return on_hub[:128]
    try:
        return pwd.getpwuid(os.getuid()).pw_name[:128]
    except KeyError:
        return str(os.getuid())


def score_of(row: Mapping[str, Any]) -> float:
    """Return what a grade counts: points by hand before automatic ones, and extra credit."""
    score = row["auto_score"] if row["manual_score"] is None else row["manual_score"]
    return 0.0 if score is None else float(score) + float(row["extra_credit"] or 0.0)


def read_states(connection: Connection, submissions: Collection[str]) -> dict[str, State]:
    """Return what the grades of submissions are now, by the submissions' ids."""
    wanted, found = sorted(submissions), {}
    for start in range(0, len(wanted), AT_ONCE):
        for state in _read(connection, wanted[start : start + AT_ONCE]):
            found[state.submission] = state
    return found


def keep(connection: Connection, states: Iterable[State], cause: Cause) -> None:
    """Keep those of the states in which grades hold, before they are changed."""
    kept = [state for state in states if state.is_graded]
    if not kept:
        return
    numbered = select(STATE.c.submission_id, func.max(STATE.c.number)).group_by(
        STATE.c.submission_id
    )
    numbers: dict[str, int] = {}
    for start in range(0, len(kept), AT_ONCE):
        ids = [state.submission for state in kept[start : start + AT_ONCE]]
        rows = connection.execute(numbered.where(STATE.c.submission_id.in_(ids)))
        numbers |= dict(iter(rows))
    now = datetime.now(UTC).replace(tzinfo=None)
    connection.execute(
        insert(STATE),
        [
            {
                "id": uuid.uuid4().hex,
                "number": numbers.get(state.submission, 0) + 1,
                "submission_id": state.submission,
                "run": cause.run,
                "at": now,
                "who": cause.who,
                "why": cause.why,
                "score": state.score,
                "contents": state.text,
            }
            for state in kept
        ],
    )


def bring_back(connection: Connection, wanted: State, cause: Cause) -> None:
    """Let a submission's grades be what they were, and keep what they are.

    What people have given stays, and so does what they have looked at since. The submission is
    held: no run changes it until it is regraded by name, or its student hands in other files.
    """
    now = read_states(connection, [wanted.submission])[wanted.submission]
    keep(connection, [now], cause)
    _bring_back_rows(connection, now, wanted, GRADES, "grades")
    _bring_back_rows(connection, now, wanted, COMMENTS, "comments")
    _bring_back_answers(connection, now, wanted)
    for notebook, penalty in wanted.contents["penalties"].items():
        connection.execute(
            update(NOTEBOOKS)
            .where(NOTEBOOKS.c.id == notebook)
            .values(late_submission_penalty=penalty)
        )
    connection.execute(
        update(SUBMISSIONS)
        .where(SUBMISSIONS.c.id == wanted.submission)
        .values(timestamp=_moment(wanted.contents["timestamp"]))
    )
    for table, name in ((MADE_FROM, "made_from"), (BASIS, "basis")):
        row = wanted.contents[name]
        row = {"made_from": row} if isinstance(row, str) else row
        _replace(connection, table, "submission_id", wanted.submission, row)
    held = {"submitted": (now.contents["basis"] or {}).get("submitted")}
    _replace(connection, HELD, "submission_id", wanted.submission, held)
    connection.execute(delete(ATTEMPT).where(ATTEMPT.c.submission_id == wanted.submission))


def _read(connection: Connection, ids: list[str]) -> list[State]:
    contents: dict[str, dict[str, Any]] = {}
    for id, moment, made_from in connection.execute(
        select(SUBMISSIONS.c.id, SUBMISSIONS.c.timestamp, MADE_FROM.c.made_from)
        .outerjoin(MADE_FROM, MADE_FROM.c.submission_id == SUBMISSIONS.c.id)
        .where(SUBMISSIONS.c.id.in_(ids))
    ):
        contents[id] = {
            "timestamp": moment and moment.isoformat(),
            "made_from": made_from,
            "basis": None,
            **{name: {} for name in ("grades", "comments", "penalties")},
        }
    for row in connection.execute(select(BASIS).where(BASIS.c.submission_id.in_(ids))).mappings():
        contents[row["submission_id"]]["basis"] = {
            name: value for name, value in row.items() if name != "submission_id"
        }
    of = NOTEBOOKS.c.assignment_id
    notebooks = select(of, NOTEBOOKS.c.id, NOTEBOOKS.c.late_submission_penalty)
    for submission, notebook, penalty in connection.execute(notebooks.where(of.in_(ids))):
        contents[submission]["penalties"][notebook] = penalty
    for row in connection.execute(_grades().where(of.in_(ids))).mappings():
        fields = ("cell", "auto_score", "needs_manual_grade", "manual_score", "extra_credit")
        answered = [row["answer"], row["seen"]] if row["noted"] else None
        contents[row["submission"]]["grades"][row["id"]] = {
            **{name: row[name] for name in fields},
            "answered": answered,
        }
    for row in connection.execute(_comments().where(of.in_(ids))).mappings():
        contents[row["submission"]]["comments"][row["id"]] = {
            name: row[name] for name in ("cell", "auto_comment", "manual_comment")
        }
    return [State(id, content) for id, content in contents.items()]


def _grades() -> Select[Any]:
    return (
        select(
            NOTEBOOKS.c.assignment_id.label("submission"),
            GRADES.c.id,
            CELLS.c.name.label("cell"),
            *(GRADES.c[name] for name in ("auto_score", "manual_score", "extra_credit")),
            GRADES.c.needs_manual_grade,
            ANSWERED.c.grade_id.label("noted"),
            ANSWERED.c.answer,
            ANSWERED.c.seen,
        )
        .select_from(GRADES)
        .join(NOTEBOOKS, NOTEBOOKS.c.id == GRADES.c.notebook_id)
        .join(CELLS, CELLS.c.id == GRADES.c.cell_id)
        .outerjoin(ANSWERED, ANSWERED.c.grade_id == GRADES.c.id)
    )


def _comments() -> Select[Any]:
    return (
        select(
            NOTEBOOKS.c.assignment_id.label("submission"),
            COMMENTS.c.id,
            CELLS.c.name.label("cell"),
            COMMENTS.c.auto_comment,
            COMMENTS.c.manual_comment,
        )
        .select_from(COMMENTS)
        .join(NOTEBOOKS, NOTEBOOKS.c.id == COMMENTS.c.notebook_id)
        .join(CELLS, CELLS.c.id == COMMENTS.c.cell_id)
    )


def _bring_back_rows(
    connection: Connection, now: State, wanted: State, table: Table, name: str
) -> None:
    """Write the automatic part of rows; remove rows that were not there and hold nothing by hand.

    A grade that a person has touched since waits as it does now.
    """
    before, today = wanted.contents[name], now.contents[name]
    automatic = "auto_score" if name == "grades" else "auto_comment"
    rows = []
    for id, row in before.items():
        if id not in today:
            continue
        values = {automatic: row[automatic]}
        if name == "grades":
            given = today[id] if _touched(row, today[id]) else row
            values["needs_manual_grade"] = given["needs_manual_grade"]
        rows.append({"row": id, **values})
    if rows:
        columns: dict[str, Any] = {
            column: bindparam(column) for column in rows[0] if column != "row"
        }
        statement = update(table).where(table.c.id == bindparam("row")).values(columns)
        connection.execute(statement, rows)
    added = [
        id
        for id, row in today.items()
        if id not in before and not any(row.get(field) for field in BY_HAND)
    ]
    if added:
        connection.execute(delete(table).where(table.c.id.in_(added)))


def _bring_back_answers(connection: Connection, now: State, wanted: State) -> None:
    before, today = wanted.contents["grades"], now.contents["grades"]
    for id in today:
        row = before.get(id, {}).get("answered")
        if row is not None and _touched(before[id], today[id]):
            row = [row[0], (today[id]["answered"] or row)[1]]
        values = None if row is None else {"answer": row[0], "seen": row[1]}
        _replace(connection, ANSWERED, "grade_id", id, values)


def _touched(before: Mapping[str, Any], today: Mapping[str, Any]) -> bool:
    return any(before.get(field) != today.get(field) for field in BY_HAND)


def _replace(
    connection: Connection, table: Table, key: str, id: str, row: Mapping[str, Any] | None
) -> None:
    connection.execute(delete(table).where(table.c[key] == id))
    if row is not None:
        connection.execute(insert(table), [{key: id, **row}])


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
