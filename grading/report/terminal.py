"""Print the table of grades."""

from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text


def print_grades(grades: pd.DataFrame, unsealed: set[tuple[str, str]], console: Console) -> None:
    """Print a row a student and a column an assignment, with marks that a legend explains.

    Eleven assignments fit into 80 columns.
    """
    assignments = sorted(grades["assignment"].unique())
    many = len(assignments) > MANY
    dense: dict[str, Any] = {"box": None, "padding": (0, 1, 0, 0), "pad_edge": False}
    table = Table(title="Grades", **(dense if many else {}))
    table.add_column("student", no_wrap=True)
    has_sections = "section" in grades
    if has_sections:
        table.add_column("section")
    for assignment in assignments:
        most = grades.loc[grades["assignment"] == assignment, "max_score"].max()
        number = assignment.partition("_")[0] if many else assignment
        table.add_column(f"{number}\nof {most:g}", justify="right", no_wrap=True)
    marks: set[str] = set()
    for student, rows in grades.groupby("student"):
        by_name = {row.assignment: row for row in rows.itertuples()}
        cells = [
            _cell(by_name.get(name), unsealed, marks, 1 if many else 2) for name in assignments
        ]
        section = [Text(str(rows["section"].iloc[0]))] if has_sections else []
        table.add_row(Text(str(student)), *section, *cells)
    console.print(table)
    for mark, meaning in LEGEND.items():
        if mark in marks:
            console.print(f"  {mark} {meaning}")


MANY = 4
LEGEND = {
    "…": "not graded yet: there is no score for anything in it",
    "✎": "waits for a person (Formgrader); what is not graded yet is not counted",
    "?": "what was submitted could not be put together with certainty; the points are proposed",
    "†": "submitted after the due date",
    "↻": "graded by other tests than today's: `make regrade` shows what would change",
    "!": "graded WITHOUT a sandbox: do not trust this grade",
}


def _cell(row: Any, unsealed: set[tuple[str, str]], marks: set[str], digits: int) -> str:
    if row is None or getattr(row, "missing", False):
        return "-"
    flags = [
        mark
        for mark, applies in (
            ("✎", row.needs_manual_grade),
            ("?", getattr(row, "to_confirm", False)),
            ("†", row.late_seconds > 0),
            ("↻", getattr(row, "stale", False)),
            ("!", (row.student, row.assignment) in unsealed),
        )
        if applies
    ]
    marks.update(flags)
    if pd.isna(row.score):
        marks.add("…")
        return f"…{''.join(flags)}"
    return f"{row.score:.{digits}f}{''.join(flags)}"
