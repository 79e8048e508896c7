"""Render a graded notebook as the page that its student reads."""

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import nbgrader
from jinja2 import DictLoader
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode
from traitlets.config import Config

from grading.grades.told import CellTold, Told
from grading.report.student_view import show_to_student

FORMGRADER = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"
TEMPLATE = FORMGRADER / "templates" / "feedback" / "index.html.j2"


class Mend(NamedTuple):
    """What nbgrader's template says so many times, and what ours says in its place."""

    theirs: str
    times: int
    ours: str


OF_CELL, OF_ALL = "cell.metadata.nbgrader", "resources.nbgrader"
SCORE = "Score: {{{{ {0}.score | float | round(2) }}}} / {{{{ {0}.{1} | float | round(2) }}}}"
MENDED = (
    Mend(SCORE.format(OF_CELL, "points"), 5, f"{{{{ {OF_CELL}.told }}}}"),
    Mend(SCORE.format(OF_ALL, "max_score"), 1, f"{{{{ {OF_ALL}.told }}}}"),
    Mend("          <ol>\n", 1, f"          <p>{{{{ {OF_ALL}.times }}}}</p>\n          <ol>\n"),
)
NOT_GRADED = "Not graded yet"
BOOTSTRAP = FORMGRADER / "static" / "node_modules" / "bootstrap" / "dist" / "css"


def render_feedback(notebook: str, name: str, told: Told, settings: dict[str, Any]) -> str:
    """Return the page of a graded notebook: its text, what is told of it, `HTMLExporter` settings.

    It is nbgrader's own page, by its template `feedback`.
    """
    graded = nbformat.reads(notebook, as_version=4)
    show_to_student(graded)
    _show_grades(graded, told)
    ours = {"late_penalty": told.late_penalty, "told": _told_of_all(told), "times": _times(told)}
    resources = {"nbgrader": ours | {"notebook": name}}
    page, _ = _exporter(json.dumps(settings, sort_keys=True)).from_notebook_node(graded, resources)
    return str(page)


def _show_grades(notebook: NotebookNode, told: Told) -> None:
    """Put what is told of each cell where nbgrader's template looks for it."""
    for cell in notebook.cells:
        ours = cell.metadata.get("nbgrader", {})
        found = told.cells.get(ours.get("grade_id", ""))
        if found is None:
            continue
        if ours.get("grade") or ours.get("task"):
            ours["told"] = _told_of_cell(found)
        if ours.get("solution") or ours.get("task"):
            ours["comment"] = found.comment


def _told_of_all(told: Told) -> str:
    graded = any(cell.score is not None for cell in told.cells.values())
    if told.not_graded and not graded:
        return f"{NOT_GRADED} / {_number(told.max_score)}"
    score = f"Score: {_number(told.score)} / {_number(told.max_score)}"
    waiting = f", of which {_number(told.not_graded)} are not graded yet" if told.not_graded else ""
    return score + waiting


def _told_of_cell(cell: CellTold) -> str:
    points = _number(cell.points or 0.0)
    if cell.score is None:
        return f"{NOT_GRADED} / {points}"
    again = ", to be looked at again" if cell.waits else ""
    return f"Score: {_number(cell.score)} / {points}{again}"


def _times(told: Told) -> str:
    times = {"Handed in": told.handed_in, "due": told.due}
    said = ", ".join(f"{what} {time}" for what, time in times.items() if time)
    return f"{said}, {told.late_rule}" if told.late_rule else said


def _number(points: float) -> str:
    return str(round(points, 2))


def feedback_template() -> str:
    """Return nbgrader's template of the page, in which what is not graded yet is no 0.

    Raises `LookupError` where it no longer says what we mend.
    """
    text = TEMPLATE.read_text()
    for theirs, times, ours in MENDED:
        if text.count(theirs) != times:
            raise LookupError(f"{TEMPLATE} does not say {theirs} {times} times any more")
        text = text.replace(theirs, ours)
    return text


@cache
def _exporter(settings: str) -> HTMLExporter:
    config = Config(HTMLExporter=json.loads(settings))
    config.HTMLExporter.setdefault("template_name", "feedback")
    config.HTMLExporter.extra_template_paths = [str(BOOTSTRAP)]
    config.Exporter.default_preprocessors = []
    theirs = config.HTMLExporter.template_name == "feedback"
    loaders = [DictLoader({"index.html.j2": feedback_template()})] if theirs else []
    exporter = HTMLExporter(config=config, extra_loaders=loaders)
    exporter.register_preprocessor(CSSHTMLHeaderPreprocessor, enabled=True)
    return exporter
