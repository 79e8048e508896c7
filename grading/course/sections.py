"""Which section of a notebook each of its cells stands in."""

import re

from nbformat import NotebookNode

from grading.course.cells import grade_id_of, is_answer

HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
MARKS = re.compile(r"`([^`]+)`|(?<![\w*])\*{1,3}(?=[^\s*])|(?<=[^\s*])\*{1,3}(?![\w*])")
LONGEST_HEADING = 200


def headings(text: str) -> list[str]:
    """Return the words of a Markdown text's headings, those in blocks of code left out."""
    found = HEADING.findall(FENCED.sub("", text))
    return [MARKS.sub(r"\1", heading[:LONGEST_HEADING]) for heading in found]


def title_of(notebook: NotebookNode) -> str:
    """Return the first heading of a notebook, or nothing."""
    return next((found for cell in notebook.cells for found in _headings_of(cell)), "")


def sections_of(notebook: NotebookNode) -> dict[str, str]:
    """Return for each named cell the last heading above it, or its name where there is none."""
    section, sections = "", {}
    for cell in notebook.cells:
        for found in _headings_of(cell):
            section = found
        if name := grade_id_of(cell):
            sections[name] = section or name
    return sections


def _headings_of(cell: NotebookNode) -> list[str]:
    return headings(cell.source) if cell.cell_type == "markdown" and not is_answer(cell) else []
