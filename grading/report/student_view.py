"""Turn a graded notebook into what its student may see."""

import ast
import copy
import math
import re
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests

from grading.checks.base import Outcome
from grading.checks.compare import raised
from grading.course.cells import NOTE, grade_id_of, is_test
from grading.course.release_steps import take_step
from grading.report.checks_output import checks_output, outcomes_of
from grading.report.told_bits import ERROR_BITS, bits_of_error, tell
from grading.sandbox.evidence import Value
from grading.submission.code import MAX_CHARACTERS, TOO_ODD
from grading.submission.room import Room
from grading.submission.sanitize import clean_outputs


def notes_of(notebook: NotebookNode) -> list[str]:
    """Return what is said of the grading of a notebook as a whole."""
    return [str(note) for note in notebook.metadata.get(NOTE, {}).get("notes", [])]


def show_to_student(notebook: NotebookNode) -> dict[str, list[Outcome]]:
    """Hide hidden tests and everything free-form that came out of the sealed run.

    Outcomes of checks take the place of what test cells printed; a student's own cells show what
    they showed when they were submitted. Of those that ran after the first test, with which hidden
    tests came into the process, nothing else is told but what stands in their text. Return the
    outcomes as they are told, by test cell.
    """
    tests = NotebookNode(cells=[cell for cell in notebook.cells if is_test(cell)], metadata={})
    take_step(ClearHiddenTests, tests, of=notebook)
    room, errors, tested = Room(), _Errors(), False
    named = sum(grade_id_of(cell) is not None for cell in notebook.cells)
    judged = tell([outcomes_of(cell) for cell in tests.cells], named)
    told = iter(judged)
    for cell in notebook.cells:
        if is_test(cell):
            tested = True
            cell.outputs = _checks(next(told))
        elif cell.cell_type == "code":
            cell.outputs = clean_outputs(cell.metadata.get(NOTE, {}).get("outputs", []), room)
            text = _misspelt(cell.source) if tested else errors.told_of(cell)
            if text:
                cell.outputs.append(NotebookNode(output_type="stream", name="stderr", text=text))
    names = [grade_id_of(cell) or "" for cell in tests.cells]
    return dict(zip(names, judged, strict=True))


def told_checks(notebook: NotebookNode) -> dict[str, list[dict[str, Any]]]:
    """Return the outcomes of each test cell as they are told in feedback, as JSON has them."""
    told = show_to_student(copy.deepcopy(notebook))
    return {
        name: [{"name": one.name, "passed": one.passed, "hint": one.hint} for one in outcomes]
        for name, outcomes in told.items()
    }


def _checks(outcomes: list[Outcome]) -> list[NotebookNode]:
    return [checks_output(outcomes)] if outcomes else []


class _Errors:
    """Tell of errors as long as there is room for them."""

    def __init__(self) -> None:
        self._left, self._cells = float(ERROR_BITS), 0

    def told_of(self, cell: NotebookNode) -> str:
        """Return what is told of the error that a cell has raised, or nothing."""
        self._cells += 1
        note = cell.metadata.get(NOTE, {})
        if not note.get("error"):
            return ""
        self._left -= bits_of_error(self._cells, cell.source.count("\n") + 1)
        self._cells = 0
        if self._left < 0:
            self._left = -math.inf
            return ""
        return _failed(note)


def _failed(note: dict[str, Any]) -> str:
    """Return the error that a cell has raised when it was graded."""
    where = f" in line {note['line']}" if note.get("line") else ""
    what = raised(Value("error", types=(note["error"],)))
    what = what if what.startswith("raised") else f"was {what}"
    return f"When this was graded, the cell {what}{where}.\n"


def _misspelt(source: str) -> str:
    """Return where a text is no Python, or nothing; IPython's own lines are passed over."""
    if len(source) > MAX_CHARACTERS or re.search(r"[?%!]", source):
        return ""
    try:
        ast.parse(source)
    except SyntaxError as error:
        where = f": look at line {error.lineno}" if error.lineno else ""
        return f"This cell is no Python{where}.\n"
    except TOO_ODD:
        return ""
    return ""
