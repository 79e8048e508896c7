"""Turn a run and the answer key into points, messages and the notebook that graders see."""

import copy
import html
import re
from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbgrader.utils import compute_checksum

from grading.answer_key import AnswerKey, is_test
from grading.execute import CellRun, Run
from grading.restore import NOTE, is_answer
from grading.sanitize import clean_outputs
from grading.verify.judge import Labels, Outcome, Timing, judge_cell

LINE = re.compile(r"(?:line|Line)\x1b?[^0-9]{0,12}?\s(\d{1,5})")
ENDINGS = {
    "too slow": "Look for a loop that does not end, or for work that takes far too long.",
    "memory": "Look for an array or list that grows without end.",
    "output": "Look for a print inside a long loop.",
    "processes": "Look for code that starts processes or threads.",
    "died": "Something ended Python itself: exit(), os._exit(), or a crash.",
}


@dataclass
class Verdict:
    """What one notebook earned, and how to show it."""

    notebook: NotebookNode
    scores: dict[str, float | None] = field(default_factory=dict)
    comments: dict[str, str | None] = field(default_factory=dict)
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)


def reach_verdict(
    restored: NotebookNode, run: Run, key: AnswerKey, labels: Labels, notes: list[str]
) -> Verdict:
    """Judge a run against the key; a score of None waits for a person."""
    verdict = Verdict(copy.deepcopy(restored))
    timing = Timing(key.stretches, run.stretches)
    for cell, result in zip(verdict.notebook.cells, run.cells, strict=True):
        ours = cell.metadata.get("nbgrader", {})
        name = ours.get("grade_id")
        if cell.cell_type == "code":
            _show_run(cell, result)
        if is_test(cell):
            outcomes = judge_cell(key.cells[name], result.evidence, timing, labels)
            share = sum(outcome.passed for outcome in outcomes) / len(outcomes)
            verdict.scores[name] = round(float(ours["points"]) * share, 4)
            verdict.outcomes[name] = outcomes
            cell.metadata[NOTE]["checks"] = [vars(outcome) for outcome in outcomes]
            cell.outputs.insert(0, checks_output(outcomes))
        elif is_answer(cell):
            answered = ours.get("checksum") != compute_checksum(cell) and bool(cell.source.strip())
            verdict.comments[name] = None if answered else "No response."
            if ours.get("grade"):
                verdict.scores[name] = None if answered else 0.0
    verdict.notebook.metadata[NOTE] = {
        "sealed": run.sealed,
        "ended": run.ended,
        "notes": [*notes, *_ending(run)],
        "cpu_seconds": round(run.cpu_seconds, 2),
    }
    return verdict


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


def _show_run(cell: NotebookNode, result: CellRun) -> None:
    cell.outputs = clean_outputs(result.outputs)
    note = cell.metadata.setdefault(NOTE, {})
    note["status"] = result.status
    if result.error is not None:
        note["error"] = result.error
        trace = "\n".join(line for o in result.outputs for line in o.get("traceback", []))
        lines = LINE.findall(trace)
        line = int(lines[-1]) if lines else 0
        note["line"] = line if 0 < line <= cell.source.count("\n") + 1 else None


def _ending(run: Run) -> list[str]:
    notes = [] if run.sealed else ["This notebook was graded WITHOUT a sandbox."]
    if run.ended == "complete":
        return notes
    advice = ENDINGS.get(run.ended, "")
    return [*notes, f"{run.message} {advice} The cells after it were not run.".strip()]
