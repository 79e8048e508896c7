"""Render a graded notebook as the page that its student reads."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import nbgrader
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode
from traitlets.config import Config

from grading.grades.told import Told
from grading.report.student_view import show_to_student

FORMGRADER = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"
BOOTSTRAP = FORMGRADER / "static" / "node_modules" / "bootstrap" / "dist" / "css"


def render_feedback(notebook: str, name: str, told: Told, settings: dict[str, Any]) -> str:
    """Return the page of a graded notebook: its text, what is told of it, `HTMLExporter` settings.

    It is nbgrader's own page, by its template `feedback`.
    """
    graded = nbformat.reads(notebook, as_version=4)
    show_to_student(graded)
    _show_grades(graded, told)
    ours = {"score": told.score, "max_score": told.max_score, "late_penalty": told.late_penalty}
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
            ours["score"], ours["points"] = found.score, found.points
        if ours.get("solution") or ours.get("task"):
            ours["comment"] = found.comment


@cache
def _exporter(settings: str) -> HTMLExporter:
    config = Config(HTMLExporter=json.loads(settings))
    config.HTMLExporter.setdefault("template_name", "feedback")
    config.HTMLExporter.extra_template_paths = [str(BOOTSTRAP)]
    config.Exporter.default_preprocessors = []
    exporter = HTMLExporter(config=config)
    exporter.register_preprocessor(CSSHTMLHeaderPreprocessor, enabled=True)
    return exporter
