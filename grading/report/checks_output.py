"""Show which checks of a test cell hold, in the notebooks that graders and students see."""

import html

from nbformat import NotebookNode

from grading.checks.base import Outcome
from grading.course.cells import NOTE, is_test


def show_checks(notebook: NotebookNode) -> None:
    """Put the outcomes of its checks above what each test cell printed, and why they wait."""
    about = notebook.metadata.get(NOTE, {}).get("uncertain", [])
    for cell in notebook.cells:
        if is_test(cell) and "checks" in cell.metadata.get(NOTE, {}):
            cell.outputs.insert(0, checks_output(outcomes_of(cell)))
            if cell.metadata[NOTE].get("proposed"):
                text = "".join(f"{line}\n" for line in ("These points are proposed.", *about))
                cell.outputs.insert(0, NotebookNode(output_type="stream", name="stderr", text=text))


def outcomes_of(cell: NotebookNode) -> list[Outcome]:
    """Return the outcomes that are noted in a graded test cell."""
    return [Outcome(**check) for check in cell.metadata.get(NOTE, {}).get("checks", [])]


def checks_output(outcomes: list[Outcome]) -> NotebookNode:
    """Return the outcomes of a cell's checks as a notebook output."""
    passed = sum(outcome.passed for outcome in outcomes)
    rows, lines = [], []
    for outcome in outcomes:
        mark = "✓" if outcome.passed else "✗"
        colour = "#1a7f37" if outcome.passed else "#b42318"
        hint = f": {outcome.hint}" if outcome.hint else ""
        lines.append(f"{mark} {outcome.name}{hint}")
        rows.append(
            f'<tr><td style="color:{colour};padding-right:0.5em">{mark}</td>'
            f'<td style="padding-right:2em">{html.escape(outcome.name)}</td>'
            f"<td>{html.escape(outcome.hint)}</td></tr>"
        )
    title = f"{passed} of {len(outcomes)} checks passed"
    table = f"<p><b>{title}</b></p><table>{''.join(rows)}</table>"
    data = {"text/html": table, "text/plain": "\n".join([title, *lines])}
    return NotebookNode(output_type="display_data", data=data, metadata={})
