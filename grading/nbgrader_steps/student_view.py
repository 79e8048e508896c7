"""Turn a graded notebook into what its student may see."""

from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor

from grading.checks.compare import raised
from grading.course.cells import NOTE, is_test
from grading.report.checks_output import checks_output, outcomes_of
from grading.sandbox.evidence import Value
from grading.submission.room import Room
from grading.submission.sanitize import clean_outputs


class StudentView(NbGraderPreprocessor):
    """Hide hidden tests and everything the sealed run printed; show outcomes and old outputs."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook without anything free-form that came out of the sealed run."""
        tests = NotebookNode(cells=[cell for cell in nb.cells if is_test(cell)], metadata={})
        ClearHiddenTests(parent=self).preprocess(tests, resources)
        room = Room()
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs = _outputs(cell, room)
        notes = nb.metadata.get(NOTE, {}).get("notes", [])
        if notes:
            text = "\n".join(f"- {note}" for note in notes)
            nb.cells.insert(
                0, new_markdown_cell(f"**About the grading of this notebook**\n\n{text}")
            )
        return nb, resources


def _outputs(cell: NotebookNode, room: Room) -> list[NotebookNode]:
    note = cell.metadata.get(NOTE, {})
    if is_test(cell):
        outcomes = outcomes_of(cell)
        return [checks_output(outcomes)] if outcomes else []
    outputs = clean_outputs(note.get("outputs", []), room)
    if note.get("error"):
        where = f" in line {note['line']}" if note.get("line") else ""
        what = raised(Value("error", types=(note["error"],)))
        what = what if what.startswith("raised") else f"was {what}"
        text = f"When this was graded, the cell {what}{where}.\n"
        outputs.append(NotebookNode(output_type="stream", name="stderr", text=text))
    return outputs
