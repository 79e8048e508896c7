"""What cells of a course's notebooks are, as nbgrader's metadata and tags tell."""

import ast
import re
from typing import Any

from nbformat import NotebookNode

NOTE = "course"  # the metadata of cells and notebooks that this project writes
HIDDEN_CHECKS = "hidden_checks"  # of a release: how many each test cell has
MAGIC = re.compile(r"^([ \t\f]*)[%!].*$", re.MULTILINE)
SOLUTION_MARK = re.compile(r"^\s*### (BEGIN|END) SOLUTION\s*$")


def nbgrader_of(cell: NotebookNode) -> dict[str, Any]:
    """Return nbgrader's metadata of a cell; an empty dictionary where there are none."""
    ours = cell.get("metadata", {}).get("nbgrader")
    return ours if isinstance(ours, dict) else {}


def grade_id_of(cell: NotebookNode) -> str | None:
    """Return the grade id of a cell, or None."""
    return nbgrader_of(cell).get("grade_id")


def is_answer(cell: NotebookNode) -> bool:
    """Return whether a cell is one that students write in."""
    return bool(nbgrader_of(cell).get("solution"))


def is_task(cell: NotebookNode) -> bool:
    """Return whether a cell sets a task, which a person grades by what is done elsewhere."""
    return bool(nbgrader_of(cell).get("task"))


def is_graded(cell: NotebookNode) -> bool:
    """Return whether a cell earns points: a test, an answer that is graded by hand, a task."""
    return bool(nbgrader_of(cell).get("grade")) or is_task(cell)


def is_test(cell: NotebookNode) -> bool:
    """Return whether a cell is an autograded test."""
    return cell.cell_type == "code" and bool(nbgrader_of(cell).get("grade")) and not is_answer(cell)


def is_exported(cell: NotebookNode) -> bool:
    """Return whether a cell belongs to the module that its assignment makes."""
    return cell.cell_type == "code" and "export" in cell.metadata.get("tags", [])


def exported_sources(notebook: NotebookNode) -> list[str]:
    """Return the exported cells' texts, without the lines that mark solutions."""
    return [without_marks(cell.source) for cell in notebook.cells if is_exported(cell)]


def without_marks(source: str) -> str:
    """Return a cell's text without the lines that mark a solution."""
    return "\n".join(line for line in source.split("\n") if not SOLUTION_MARK.match(line))


def parsed(cell: NotebookNode) -> ast.Module:
    """Return what a code cell does in Python, without IPython's `%` and `!` lines.

    A cell that is no Python even so does nothing.
    """
    for source in (cell.source, MAGIC.sub(r"\1pass", cell.source)):
        try:
            return ast.parse(source)
        except SyntaxError:
            continue
    return ast.Module([], [])
