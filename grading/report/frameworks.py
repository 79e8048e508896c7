"""Tables of what students' own frameworks reach."""

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grading.checks.milestones import LEAST, Framework


def table_of(frameworks: list[Framework]) -> pd.DataFrame:
    """Return one row a framework: the share of right answers by milestone, and a remark."""
    rows = [
        {"student": one.student, **{name: one.reached.get(name) for name in LEAST}}
        | {"carries_all": all(map(one.carries, LEAST)), "remark": one.remark}
        for one in frameworks
    ]
    return pd.DataFrame(rows)


def print_table(frameworks: list[Framework], console: Console) -> None:
    """Print what each framework reaches."""
    table = Table("framework of", title="Milestones on the students' own frameworks")
    for name, least in LEAST.items():
        table.add_column(f"{name}\nat least {least:.0%}", justify="right")
    table.add_column("remark")
    for one in frameworks:
        marks = [_mark(one, name) for name in LEAST]
        table.add_row(Text(one.student), *marks, Text(one.remark))
    console.print(table)


def _mark(framework: Framework, milestone: str) -> str:
    if milestone not in framework.reached:
        return "-"
    mark = "✓" if framework.carries(milestone) else "✗"
    return f"{framework.reached[milestone]:.1%} {mark}"
