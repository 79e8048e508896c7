"""Put the class page together: one HTML file that needs nothing else, and CSV beside it."""

import base64
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from grading.checks.milestones import LEAST
from grading.course.files import write_whole
from grading.course.layout import Course
from grading.report.class_page import columns, first_screen, items, standing, tables
from grading.report.class_page.board import board_table
from grading.report.class_page.facts import Facts, Whose, read_facts
from grading.report.class_page.grid import grid
from grading.report.class_page.names import hidden
from grading.report.templates import template

HERE = Path(__file__).parent
OPEN_ROWS = 25
"""Checks that the page shows before the others are unfolded."""


@dataclass(frozen=True)
class ClassPage:
    """The page, the tables of which it shows the numbers, by name, and the class board's."""

    html: str
    tables: dict[str, pd.DataFrame]
    board: pd.DataFrame


def class_page(
    course: Course,
    db_url: str,
    excluded: frozenset[str] = frozenset(),
    hide_names: bool = False,
    live: bool = False,
    stale: Collection[Whose] = (),
) -> ClassPage:
    """Return the class page of a course as it is now; a `live` one links to Formgrader's pages.

    `stale` are those whose grades are of other tests than today's.
    """
    facts = read_facts(course, db_url, excluded, stale=stale)
    return page_of(hidden(facts, course.salt) if hide_names else facts, live)


def write_class_page(course: Course, page: ClassPage, hide_names: bool = False) -> Path:
    """Write page and tables to `reports/`; return the page's file.

    Without names they have a place of their own, so that no later run puts names into it.
    """
    name = "class-hidden" if hide_names else "class"
    tables.write_tables(course.root / "reports" / name, page.tables)
    file = course.root / "reports" / f"{name}.html"
    write_whole(file, page.html)
    return file


def page_of(facts: Facts, live: bool = False) -> ClassPage:
    """Return the page of a class of which these facts are known."""
    from grading.report.class_page import charts  # takes seconds to import: only for a page

    found, checks = standing.standings(facts), items.items(facts.checks)
    submissions = tables.submissions_table(facts, found)
    every = {
        "students": tables.students_table(facts, found),
        "submissions": submissions,
        "assignments": tables.assignments_table(facts, submissions),
        "checks": tables.checks_table(checks),
        "measures": tables.measures_table(facts),
        "runs": tables.runs_table(facts),
        "waiting": tables.waiting_table(facts),
        "frameworks": tables.frameworks_table(facts),
    }
    odd = first_screen.odd_checks(checks)
    html = template(HERE / "class.html.j2").render(
        facts=facts,
        live=live,
        tiles=first_screen.tiles(facts, found),
        groups=first_screen.groups(facts, found),
        odd=odd,
        shown_checks=odd[: first_screen.MOST_CHECKS],
        grid=list(grid(facts, found)),
        rules=standing.rules(facts.drop_lowest, any(work.optional for work in facts.works)),
        check_rules=items.RULES,
        tables=every,
        columns=_columns(facts, every["checks"]),
        rows_of=columns.rows_of,
        distribution=charts.distribution_chart(every["assignments"], submissions, len(found)),
        scatter=charts.checks_chart(checks),
        has_frameworks=facts.frameworks is not None,
        least=LEAST,
        open_rows=OPEN_ROWS,
        folder="class-hidden" if facts.hidden else "class",
        style=(HERE / "class.css").read_text(),
        script=_script(),
        policy=policy(),
    )
    return ClassPage(html, every, board_table(facts))


def policy() -> str:
    """Return what the page may do in a browser: look as it looks, and run our script alone."""
    digest = base64.b64encode(hashlib.sha256(_script().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        f"script-src 'sha256-{digest}'"
    )


def _columns(facts: Facts, checks: pd.DataFrame) -> dict[str, tuple[columns.Column, ...]]:
    """Return which columns of each table are shown; those that nobody fills are not."""
    named = any(person.name for person in facts.people)
    sections = any(person.section for person in facts.people)
    empty = {*(() if named else ("name",)), *(() if sections else ("section",))}
    unused = {
        name
        for name in ("discrimination", "look_at")
        if not (checks[name].notna() & (checks[name] != "")).any()
    }
    frameworks = (
        columns.text("student", "Framework of"),
        *(columns.share(name, f"{name} (at least {least:.0%})") for name, least in LEAST.items()),
        columns.yes("carries_all", "Carries all"),
        columns.text("remark", "Remark"),
    )
    return {
        "students": tuple(one for one in columns.STUDENTS if one.name not in empty),
        "assignments": columns.ASSIGNMENTS,
        "checks": tuple(one for one in columns.CHECKS if one.name not in unused),
        "measures": columns.MEASURES,
        "runs": columns.RUNS,
        "waiting": columns.WAITING,
        "frameworks": frameworks,
    }


@cache
def _script() -> str:
    return (HERE / "sort.js").read_text()
