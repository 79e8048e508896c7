"""The class board: what networks reach, in how many seconds and parameters, and not whose they are.

Rows are in the order of what is reached, seconds and parameters are rounded, and nothing else of a
submission stands there: no id, no pseudonym, no time, no grade.
"""

import html
from pathlib import Path

import pandas as pd
from traitlets import Bool, Int
from traitlets.config import Configurable

from grading.course.files import write_whole
from grading.course.layout import Course
from grading.report.class_page.facts import Facts

COLUMNS = {
    "accuracy": "Accuracy",
    "seconds": "CPU seconds",
    "parameters": "Parameters",
    "per_second": "Accuracy per second",
    "per_1000_parameters": "Accuracy per 1,000 parameters",
}
NAME = "board"
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Class board</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto;
  padding: 0 1rem; }}
div {{ overflow-x: auto; }}
table {{ border-collapse: collapse; }}
th, td {{ padding: .3rem .8rem; text-align: right; border-bottom: 1px solid #ccc; }}
</style>
</head>
<body>
<h1>Class board</h1>
<p>Accuracy on digits that nobody has seen, trained within the seconds that there are. A row is a
submission; nobody is named. Parameters are as the notebook counts them.</p>
{boards}
</body>
</html>
"""


class ClassBoard(Configurable):
    """Whether the class gets to see what its networks reach."""

    shown = Bool(
        False, help="Whether `make report` writes `reports/board.html`, a page that names nobody."
    ).tag(config=True)
    fewest = Int(
        3,
        min=2,
        help="With fewer submissions an assignment has no board: one could tell whose they are.",
    ).tag(config=True)


def board_table(facts: Facts) -> pd.DataFrame:
    """Return one row a submission that was trained in time, the most accurate first."""
    checks = facts.checks[facts.checks["parameters"].notna()]
    best = checks.drop_duplicates(["student", "assignment"])
    table = pd.DataFrame(
        {
            "assignment": best["assignment"].astype(str),
            "accuracy": best["reached"].astype(float).round(3),
            "seconds": best["seconds"].astype(float).clip(lower=0.1).round(1),
            "parameters": best["parameters"].astype(int),
        }
    )
    table["per_second"] = (table["accuracy"] / table["seconds"]).round(3)
    table["per_1000_parameters"] = (1000 * table["accuracy"] / table["parameters"]).round(3)
    order = ["assignment", "accuracy", "seconds", "parameters"]
    return table.sort_values(order, ascending=[True, False, True, True], ignore_index=True)


def write_board(course: Course, table: pd.DataFrame, settings: ClassBoard) -> Path | None:
    """Write `reports/board.html` and `board.csv`, and return the page.

    Where the board is off, or nobody may be on it, earlier ones are removed and None is returned.
    """
    page, csv = (course.root / "reports" / f"{NAME}.{ending}" for ending in ("html", "csv"))
    sizes = table["assignment"].value_counts()
    table = table[table["assignment"].map(sizes) >= settings.fewest]
    if not settings.shown or table.empty:
        page.unlink(missing_ok=True)
        csv.unlink(missing_ok=True)
        return None
    write_whole(csv, table.to_csv(index=False))
    boards = "\n".join(_board(str(name), its) for name, its in table.groupby("assignment"))
    write_whole(page, PAGE.format(boards=boards))
    return page


def _board(assignment: str, table: pd.DataFrame) -> str:
    head = "".join(f'<th scope="col">{title}</th>' for title in COLUMNS.values())
    rows = "\n".join(
        f"<tr><td>{row.accuracy:.1%}</td><td>{row.seconds:.1f}</td><td>{row.parameters:,}</td>"
        f"<td>{row.per_second:.1%}</td><td>{row.per_1000_parameters:.1%}</td></tr>"
        for row in table.itertuples()
    )
    return (
        f'<h2>{html.escape(assignment)}</h2>\n<div tabindex="0" role="region" '
        f'aria-label="{html.escape(assignment)}"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody>\n</table></div>"
    )
