"""How the columns of the page's tables are called, and how their cells are written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

Write = Callable[[Any], str]


@dataclass(frozen=True)
class Column:
    """A column of a table: its name there, its title, and how a cell is written."""

    name: str
    title: str
    write: Write = str
    number: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell as it is shown; `order` is what it is sorted by."""

    text: str
    order: str = ""
    number: bool = False


def rows_of(table: pd.DataFrame, columns: Sequence[Column]) -> list[list[Cell]]:
    """Return the cells of a table's rows; what is missing is a dash."""
    series = [(column, table[column.name].tolist()) for column in columns]
    return [[_cell(column, values[at]) for column, values in series] for at in range(len(table))]


def _cell(column: Column, value: Any) -> Cell:
    if value is None or value != value:
        return Cell("—", "-1e99" if column.number else "", column.number)
    return Cell(column.write(value), repr(float(value)) if column.number else "", column.number)


def text(name: str, title: str) -> Column:
    """Return a column of texts."""
    return Column(name, title)


def whole(name: str, title: str) -> Column:
    """Return a column of whole numbers, in which 0 is faint to the eye."""
    return Column(name, title, lambda value: f"{value:.0f}", True)


def number(name: str, title: str, digits: int = 2) -> Column:
    """Return a column of numbers."""
    return Column(name, title, lambda value: f"{value:.{digits}f}", True)


def of_100(name: str, title: str) -> Column:
    """Return a column of percentages."""
    return Column(name, title, lambda value: f"{value:.0f} %", True)


def share(name: str, title: str) -> Column:
    """Return a column of shares from 0 to 1, written as percentages."""
    return Column(name, title, lambda value: f"{100 * value:.0f} %", True)


def shortest(name: str, title: str) -> Column:
    """Return a column of numbers with as many digits as they need, up to four."""
    return Column(name, title, lambda value: f"{value:.4g}", True)


def hours(name: str, title: str) -> Column:
    """Return a column of times in hours, written as hours or days."""
    return Column(name, title, duration, True)


def duration(value: float) -> str:
    """Return a time in hours as it is said: minutes, hours or days."""
    if value <= 0:
        return "—"
    if value < 1:
        return f"{max(1, round(60 * value))} min"
    return f"{value:.0f} h" if value < 48 else f"{value / 24:.1f} d"


def yes(name: str, title: str) -> Column:
    """Return a column that says yes or no."""
    return Column(name, title, lambda value: "yes" if value else "no")


PERSON = (text("student", "Student"), text("name", "Name"))
STUDENTS = (
    *PERSON,
    text("section", "Section"),
    text("status", "Standing"),
    text("why", "Why"),
    of_100("average", "Average"),
    whole("handed_in", "Handed in"),
    whole("missing", "Missing"),
    whole("late", "Late"),
    hours("late_hours", "Late by"),
    number("late_cost", "Points lost by it"),
    whole("extensions", "Extensions"),
)
ASSIGNMENTS = (
    text("assignment", "Assignment"),
    text("due", "Due (UTC)"),
    whole("handed_in", "Handed in"),
    whole("missing", "Missing"),
    whole("late", "Late"),
    whole("not_graded", "Not graded"),
    of_100("average", "Average"),
    of_100("lowest", "Lowest"),
    of_100("quarter", "¼ below"),
    of_100("median", "Median"),
    of_100("three_quarters", "¾ below"),
    of_100("highest", "Highest"),
)
CHECKS = (
    text("assignment", "Assignment"),
    text("check", "Check"),
    share("difficulty", "Pass"),
    whole("students", "Of"),
    number("discrimination", "Discrimination"),
    text("look_at", "Why look at it"),
    text("hint", "Most frequent hint"),
    whole("hinted", "Times"),
    whole("visible_passed_hidden_failed", "Visible passed, hidden failed"),
    whole("unreached", "Never got to it"),
    text("cell", "Cell"),
)
MEASURES = (
    text("assignment", "Assignment"),
    text("check", "Check"),
    text("kind", "What"),
    shortest("wanted", "Wanted"),
    whole("reached_it", "Reach it"),
    whole("measured", "Of"),
    shortest("lowest", "Lowest"),
    shortest("median", "Median"),
    shortest("highest", "Highest"),
    whole("not_kept", "Not kept"),
)
RUNS = (
    text("student", "Student"),
    text("assignment", "Assignment"),
    text("outcome", "Outcome"),
    text("ended", "Ended"),
    text("why", "Why"),
    text("at", "When (UTC)"),
)
WAITING = (
    text("student", "Student"),
    text("assignment", "Assignment"),
    text("why", "Waits because of"),
    text("cells", "Cells"),
)
