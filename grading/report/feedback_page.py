"""Render a graded notebook as the page that its student reads."""

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from jinja2 import DictLoader
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode
from traitlets.config import Config

from grading.checks.base import Outcome
from grading.course.cells import grade_id_of, is_answer, is_graded, is_task, is_test, nbgrader_of
from grading.course.sections import sections_of, title_of
from grading.grades.told import CellTold, Told
from grading.report.curves import curves_of
from grading.report.student_view import notes_of, show_to_student
from grading.report.told_bits import NOT_TOLD

TEMPLATE = Path(__file__).with_name("feedback.html.j2")
CSS = Path(__file__).with_name("feedback.css")
NOT_GRADED = "not graded yet"


class Row(NamedTuple):
    """What is told of one graded cell: where it is, what it is, and its points."""

    cell: str
    section: str
    kind: str
    what: str
    told: str
    waits: bool


class Failed(NamedTuple):
    """The checks of one test cell that do not hold."""

    cell: str
    section: str
    checks: list[Outcome]


class Commented(NamedTuple):
    """What a person has written about an answer."""

    cell: str
    section: str
    text: str


def render_feedback(
    notebook: str, name: str, told: Told, settings: dict[str, Any], rule: str = ""
) -> str:
    """Return the page of a graded notebook: its text, what is told of it, `HTMLExporter` settings.

    `rule` says what being late costs.
    """
    graded = nbformat.reads(notebook, as_version=4)
    notes, title = notes_of(graded), title_of(graded) or name
    sections = sections_of(graded)
    outcomes = show_to_student(graded)
    rows = _put_rows(graded, told, sections, outcomes)
    failed = [
        Failed(cell, sections[cell], missed)
        for cell, judged in outcomes.items()
        if (missed := [one for one in judged if not one.passed])
    ]
    comments = [
        Commented(row, sections[row], text)
        for row in sections
        if row in told.cells and (text := told.cells[row].comment)
    ]
    page = {
        "title": title,
        "told": told_of_all(told),
        "waits": bool(told.not_graded),
        "result": json.dumps(result_of(told) | {"asks": _asks(rows, failed)}),
        "times": _times(told),
        "late": _late(told, rule),
        "rule": rule or "The course's rule for handing in late.",
        "penalty": number(told.late_penalty) if told.late_penalty else "",
        "notes": notes,
        "checks": sum(map(len, outcomes.values())),
        "rows": rows,
        "failed": failed,
        "not_told": NOT_TOLD,
        "later": any(check.hint == NOT_TOLD for one in failed for check in one.checks),
        "comments": comments,
        "curves": curves_of(graded),
        "questions": [(sections.get(one.cell, one.cell), one) for one in told.questions],
        "css": CSS.read_text(),
    }
    ours = {"page": page, "notebook": name, "late_penalty": told.late_penalty}
    ours |= {"score": told.score, "max_score": told.max_score}
    exporter = _exporter(json.dumps(settings, sort_keys=True))
    made, _ = exporter.from_notebook_node(graded, {"nbgrader": ours})
    return str(made)


def result_of(told: Told) -> dict[str, Any]:
    """Return what the course's page shows of a result."""
    return {
        "score": told.score,
        "max_score": told.max_score,
        "not_graded": told.not_graded,
        "nothing_graded": not _any_graded(told),
        "late_penalty": told.late_penalty,
    }


def _asks(rows: list[Row], failed: list[Failed]) -> list[dict[str, Any]]:
    """Return what a student may ask about: each graded cell, and its checks that do not hold."""
    missed = {one.cell: [check.name for check in one.checks] for one in failed}
    return [
        {"cell": row.cell, "section": row.section, "checks": missed.get(row.cell, [])}
        for row in rows
    ]


def told_of_all(told: Told) -> str:
    """Return the score in words; where nothing is graded there is none."""
    if told.not_graded and not _any_graded(told):
        return f"Not graded yet (of {in_points(told.max_score)})"
    score = f"{number(told.score)} of {in_points(told.max_score)}"
    are = "is" if number(told.not_graded) == "1" else "are"
    waiting = f", of which {number(told.not_graded)} {are} {NOT_GRADED}" if told.not_graded else ""
    return score + waiting


def told_of_cell(cell: CellTold) -> str:
    """Return the points of a cell in words; what has none yet is no 0."""
    points = number(cell.points or 0.0)
    if cell.score is None:
        return f"{NOT_GRADED} (of {points})"
    again = ", to be looked at again" if cell.waits else ""
    return f"{number(cell.score)} of {points}{again}"


def number(points: float) -> str:
    """Return points as people write them."""
    return f"{round(points, 2):g}"


def in_points(points: float) -> str:
    """Return a number of points with the word: 1 point, 1.5 points."""
    return f"{number(points)} point{'' if number(points) == '1' else 's'}"


def _any_graded(told: Told) -> bool:
    return any(cell.score is not None for cell in told.cells.values())


def _put_rows(
    notebook: NotebookNode, told: Told, sections: dict[str, str], outcomes: dict[str, list[Outcome]]
) -> list[Row]:
    """Put what is told of each cell where the template looks for it; return the rows."""
    rows = []
    for cell in notebook.cells:
        name = grade_id_of(cell)
        found = told.cells.get(name or "")
        if name is None or found is None:
            continue
        if is_graded(cell):
            what = _what(cell, outcomes.get(name, []))
            row = Row(name, sections[name], _kind(cell), what, told_of_cell(found), found.waits)
            nbgrader_of(cell)["row"] = row._asdict()
            rows.append(row)
        if is_answer(cell) or is_task(cell):
            nbgrader_of(cell)["comment"] = found.comment
            nbgrader_of(cell).setdefault("row", _commented(cell, sections[name], found))
    return rows


def _commented(cell: NotebookNode, section: str, told: CellTold) -> dict[str, Any] | None:
    """Return what stands above an answer that earns nothing itself: only where it has a comment."""
    row = Row(nbgrader_of(cell)["grade_id"], section, _kind(cell), "", "", False)
    return row._asdict() if told.comment else None


def _kind(cell: NotebookNode) -> str:
    if is_test(cell):
        return "tests"
    if is_task(cell):
        return "task"
    return "your code" if cell.cell_type == "code" else "your answer"


def _what(cell: NotebookNode, outcomes: list[Outcome]) -> str:
    if is_test(cell) and outcomes:
        passed = sum(one.passed for one in outcomes)
        return f"{passed} of {len(outcomes)} checks hold"
    return {"tests": "Tests", "task": "Task"}.get(_kind(cell), "Read by a person")


def _times(told: Told) -> str:
    times = {"Handed in": told.handed_in, "due": told.due}
    said = ", ".join(f"{what} {time}" for what, time in times.items() if time)
    said = f"{said}, {told.late_rule}" if told.late_rule else said
    return ". ".join(text for text in (said, told.attempt) if text)


def _late(told: Told, rule: str) -> str:
    if told.handed_in and told.due and told.handed_in > told.due:
        are = "is" if number(told.late_penalty) == "1" else "are"
        cost = f"{in_points(told.late_penalty)} {are} taken off." if told.late_penalty else ""
        return " ".join(text for text in ("Handed in late.", cost, rule) if text)
    return ""


@cache
def _exporter(settings: str) -> HTMLExporter:
    config = Config(HTMLExporter=json.loads(settings))
    ours = config.HTMLExporter.setdefault("template_name", "feedback") == "feedback"
    if ours:  # nbgrader's name for its own, in whose place ours stands
        config.HTMLExporter.template_name = "classic"
    config.Exporter.default_preprocessors = []
    loaders = [DictLoader({"index.html.j2": TEMPLATE.read_text()})] if ours else []
    exporter = HTMLExporter(config=config, extra_loaders=loaders)
    exporter.register_preprocessor(CSSHTMLHeaderPreprocessor, enabled=True)
    return exporter
