"""Put grades into the tables that Canvas and Moodle import."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

import pandas as pd
from traitlets import Bool, Dict, Unicode
from traitlets.config import Configurable

from grading.course.assignment import Assignment
from grading.course.errors import CourseError
from grading.course.roster import Member, Roster, plain
from grading.report.lms_table import CANVAS_PERSON, IDENTIFYING, NAMES, LmsTable
from grading.submission.find import is_like

POINTS = "    Points Possible"
ITEM = re.compile(r"(?:[^:()]{1,40}: )?(?P<title>.*?)(?: \((?:\d+|Real)\))?", re.DOTALL)
"""A column of an LMS: Canvas writes `Tensor (4711)`, Moodle `Assignment: Tensor (Real)`."""
TOTAL = re.compile(r"\b(?:current|final|override) (?:score|points|grade|status)\b", re.IGNORECASE)
EXCUSED = ("EX", "N/A")
"""What Canvas writes where there is no grade to give: it stays."""


class LmsGrades(Configurable):
    """Hold how grades go into an LMS; set it as `c.LmsGrades.…`."""

    columns = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="The columns of the LMS's table by assignment, where their names do not say it, as in "
        "{'02_tensor': 'Homework 2 (4711)'}.",
    ).tag(config=True)
    scale = Bool(
        True,
        help="Whether points are scaled to the maximum that the LMS's table gives an assignment, "
        "where that is another one.",
    ).tag(config=True)


class NoColumn(CourseError):
    """A table has no place for the grades of an assignment."""


@dataclass
class Scores:
    """The grades of one assignment: those that are final, and who waits for a person's."""

    most: float
    given: dict[str, float] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)


def scores_of(
    grades: pd.DataFrame, never_graded: Collection[tuple[str, str]] = ()
) -> dict[str, Scores]:
    """Return from the table of grades what may go out: nothing that waits, or nobody has graded."""
    scores: dict[str, Scores] = {}
    for row in grades.to_dict("records"):
        of = scores.setdefault(row["assignment"], Scores(row["max_score"]))
        if row["needs_manual_grade"] or (row["student"], row["assignment"]) in never_graded:
            of.waiting.add(row["student"])
        else:
            of.given[row["student"]] = max(row["score"], 0.0)
    return scores


def strangers(scores: dict[str, Scores], roster: Roster) -> list[str]:
    """Return whom the gradebook has and the roster has not."""
    known = {member.id for member in roster}
    graded = {student for one in scores.values() for student in (*one.given, *one.waiting)}
    return [
        f"{student}: not in the roster; no grade goes out" for student in sorted(graded - known)
    ]


def canvas_table(roster: Roster, scores: dict[str, Scores]) -> LmsTable:
    """Return a table for Canvas where there is none of its own: it knows people by their ids."""
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *scores]
    points = [POINTS, "", "", "", "", *(_shown(one.most) for one in scores.values())]
    rows = [
        [one.name or one.id, *_canvas_ids(one), one.section, *_cells(one, scores)] for one in roster
    ]
    return LmsTable("canvas", header, [points, *rows])


def moodle_table(roster: Roster, scores: dict[str, Scores]) -> LmsTable:
    """Return a table for Moodle's import of grades, which asks what identifies people."""
    header = ["Full name", "Email address", "ID number", *scores]
    rows = [
        [one.name or one.id, one.email, _more(one, "id number") or one.id, *_cells(one, scores)]
        for one in roster
    ]
    return LmsTable("moodle", header, rows)


def filled(
    table: LmsTable,
    roster: Roster,
    scores: dict[str, Scores],
    assignments: list[Assignment],
    settings: LmsGrades,
) -> tuple[LmsTable, list[str]]:
    """Return an LMS's own table with our grades, and remarks; what we have none for stays.

    Of Canvas's and Moodle's gradebooks only people and our columns are left, so that an import
    changes nothing else. Of several assignments those that have no column are left out. Raises
    `NoColumn` where none has one.
    """
    people, remarks = table.matched(roster)
    rows = [list(cells) for cells in table.rows]
    columns: list[int] = []
    for one in assignments:
        try:
            column = _column(table, one, settings.columns.get(one.name, ""))
        except NoColumn as error:
            if one is assignments[-1] and not columns:
                raise
            remarks.append(f"left out: {error}")
            continue
        columns.append(column)
        remarks += _fill(table, rows, column, people, scores[one.name], settings.scale)
        rowless = scores[one.name].given.keys() - {member.id for member in people.values()}
        remarks += [
            f"{member.id}: has a grade, but no row in the table"
            for member in roster
            if member.id in rowless
        ]
    result = table.with_rows(rows)
    return (result if table.kind == "worksheet" else _only(result, columns)), remarks


def _fill(
    table: LmsTable,
    rows: list[list[str]],
    column: int,
    people: dict[int, Member],
    scores: Scores,
    scale: bool,
) -> list[str]:
    remarks = []
    name = table.header[column]
    for row, member in people.items():
        cell = rows[row][column].strip()
        score = scores.given.get(member.id)
        if score is None:
            continue
        if cell.upper() in EXCUSED:
            remarks.append(f"{member.id}: {name} is {cell} there, and stays so")
            continue
        if table.cell(row, "Grade can be changed").casefold() == "no":
            remarks.append(f"{member.id}: Moodle lets nobody change this grade")
            continue
        most = _most(table, row, column)
        if scale and most and abs(most - scores.most) > 1e-9 and scores.most:
            score = score * most / scores.most
            remarks.append(f"{name}: scaled from {_shown(scores.most)} to {_shown(most)} points")
        if table.kind == "worksheet" and most and score > most:
            score = most  # Moodle takes no more
            remarks.append(f"{member.id}: has more points than Moodle takes; it gets them all")
        rows[row][column] = _shown(score)
    return list(dict.fromkeys(remarks))


def _most(table: LmsTable, row: int, column: int) -> float | None:
    """Return the points that an LMS gives an assignment, where its table says so."""
    if table.kind == "worksheet":
        return _number(table.cell(row, "Maximum Grade"))
    points = next((cells for cells in table.rows if "Points Possible" in cells[0]), None)
    return _number(points[column]) if points else None


def _number(cell: str) -> float | None:
    try:
        return float(cell.strip().replace(",", "."))
    except ValueError:
        return None


def _column(table: LmsTable, assignment: Assignment, named: str) -> int:
    """Return the place of an assignment's column; raise `NoColumn` where it is not certain."""
    if table.kind == "worksheet":
        return [name.casefold() for name in table.header].index("grade")
    items = [at for at, name in enumerate(table.header) if _is_item(table, name)]
    if named:
        if named not in table.header:
            raise NoColumn(f"There is no column {named}, which LmsGrades.columns names.")
        return table.header.index(named)
    titles = {at: _title(table.header[at]) for at in items}
    wanted, title = plain(assignment.name), plain(assignment.title)
    for found in (
        [at for at, one in titles.items() if plain(one) == wanted],
        [at for at, one in titles.items() if plain(one) == title],
        [at for at, one in titles.items() if is_like(f"{one}.ipynb", assignment.name)],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            break
    known = ", ".join(table.header[at] for at in items) or "none"
    raise NoColumn(
        f"Which column is {assignment.name}? Say it: c.LmsGrades.columns = {{'{assignment.name}': "
        f"'…'}} in nbgrader_config.py. There are: {known}."
    )


def _is_item(table: LmsTable, name: str) -> bool:
    if table.kind == "canvas":
        return name not in CANVAS_PERSON and not TOTAL.search(name)
    return name not in _person_columns(table)


def _title(name: str) -> str:
    found = ITEM.fullmatch(name)
    return found["title"] if found else name


def _person_columns(table: LmsTable) -> set[str]:
    if table.kind == "canvas":
        return set(CANVAS_PERSON)
    parts = {part for parts in NAMES[table.kind] for part in parts}
    known = {name.casefold() for name in (*IDENTIFYING[table.kind], *parts)}
    return {name for name in table.header if name.casefold() in known}


def _only(table: LmsTable, columns: list[int]) -> LmsTable:
    """Return a table of people and some columns."""
    people = _person_columns(table)
    places = [at for at, name in enumerate(table.header) if name in people or at in columns]
    rows = [[cells[at] for at in places] for cells in table.rows]
    header = [table.header[at] for at in places]
    return LmsTable(table.kind, header, rows, table.delimiter, table.marked)


def _canvas_ids(member: Member) -> tuple[str, str, str]:
    """Return the user id, SIS id and login of a student, as far as the roster says."""
    numbers = [one for one in member.lms_ids if one.isdigit()]
    others = [one for one in member.lms_ids if not one.isdigit()]
    login = _more(member, "sis login id") or next(iter(others), member.id)
    return next(iter(numbers), ""), _more(member, "sis user id"), login


def _more(member: Member, column: str) -> str:
    return next((cell for name, cell in member.more.items() if plain(name) == plain(column)), "")


def _cells(member: Member, scores: dict[str, Scores]) -> list[str]:
    return [_shown(one.given.get(member.id)) for one in scores.values()]


def _shown(score: float | None) -> str:
    """Return a number as both read it; nothing where there is no grade."""
    return "" if score is None else f"{score:.2f}"
