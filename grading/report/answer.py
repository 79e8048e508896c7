"""Render one answer of a notebook, for the page on which all answers to a question are graded.

A worker does it: what is rendered is what students wrote.
"""

import json
from typing import Any

import nbformat
from nbformat import NotebookNode

from grading.course.cells import grade_id_of, is_graded, without_marks
from grading.report.submission_page import render_submission
from grading.submission.sanitize import clean_markdown, clean_outputs

NO_ANSWER = "<p>This answer is not in the graded notebook.</p>"
LEFT_TO_BASIC = ("template_file", "extra_template_basedirs", "extra_template_paths")


def render_answer(notebook: str, cell: str, question: bool, settings: dict[str, Any]) -> str:
    """Return a cell of a notebook's text as HTML, by its grade id, and `HTMLExporter` settings.

    With `question` the notebook is ours: the text that stands before the cell is shown above it.
    Without, the cell is a student's and is cleaned, whatever the notebook's text holds. Raises what
    nbformat and nbconvert raise for a text that is no notebook.
    """
    read = nbformat.reads(notebook, as_version=4)
    at = next((i for i, one in enumerate(read.cells) if grade_id_of(one) == cell), None)
    if at is None:
        return NO_ANSWER
    if question:
        read.cells[at].source = without_marks(read.cells[at].source)
        read.cells = [*_text_before(read, at), read.cells[at]]
    else:
        read.cells = [_cleaned(read.cells[at])]
    plain = {name: value for name, value in settings.items() if name not in LEFT_TO_BASIC}
    where = {"metadata": {"name": "answer", "path": ""}}
    return render_submission(json.dumps(read), where, plain | {"template_name": "basic"})


def _text_before(notebook: NotebookNode, at: int) -> list[NotebookNode]:
    before = notebook.cells[max(0, at - 1) : at]
    return [one for one in before if one.cell_type == "markdown" and not is_graded(one)]


def _cleaned(cell: NotebookNode) -> NotebookNode:
    if cell.cell_type == "code":
        cell.outputs = clean_outputs(cell.outputs)
    else:
        cell.source = clean_markdown(cell.source, cell.get("attachments", {}))
    return cell
