"""Turn a graded notebook into what its student may see."""

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.preprocessors import ClearHiddenTests

from grading.checks.compare import raised
from grading.course.cells import NOTE, is_test
from grading.course.release_steps import take_step
from grading.report.checks_output import checks_output, outcomes_of
from grading.sandbox.evidence import Value
from grading.submission.room import Room
from grading.submission.sanitize import clean_outputs


def show_to_student(notebook: NotebookNode) -> None:
    """Hide hidden tests and everything free-form that came out of the sealed run.

    Outcomes of checks take the place of what test cells printed; a student's own cells show what
    they showed when they were submitted.
    """
    tests = NotebookNode(cells=[cell for cell in notebook.cells if is_test(cell)], metadata={})
    take_step(ClearHiddenTests, tests, of=notebook)
    room = Room()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = _outputs(cell, room)
    notes = notebook.metadata.get(NOTE, {}).get("notes", [])
    if notes:
        text = "\n".join(f"- {note}" for note in notes)
        notebook.cells.insert(
            0, new_markdown_cell(f"**About the grading of this notebook**\n\n{text}")
        )


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
