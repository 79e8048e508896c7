"""Turn a run and the answer key into points, messages and the notebook that graders see."""

import copy
import re
from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbgrader.utils import compute_checksum

from grading.checks.answer_key import AnswerKey
from grading.checks.base import Labels, Outcome, Timing
from grading.checks.judge import judge_cell
from grading.course.cells import NOTE, is_answer, is_test, nbgrader_of
from grading.sandbox.execute import CellRun, Run
from grading.submission.room import MAX_TEXT, Room
from grading.submission.sanitize import clean_outputs

LINE = re.compile(r"(?:line|Line)\x1b?[^0-9]{0,12}?\s(\d{1,5})")
ENDINGS = {
    "too slow": "Look for a loop that does not end, or for work that takes far too long.",
    "memory": "Look for an array or list that grows without end.",
    "output": "Look for a print inside a long loop.",
    "processes": "Look for code that starts processes or threads.",
    "died": "Something ended Python itself: exit(), os._exit(), or a crash.",
}
NOT_RUN = "This notebook was not run (--no-execute): a person must grade its tests."


@dataclass
class GradedNotebook:
    """What one notebook earned; a score of None waits for a person."""

    notebook: NotebookNode
    scores: dict[str, float | None] = field(default_factory=dict)
    comments: dict[str, str | None] = field(default_factory=dict)
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)


def judge_notebook(
    restored: NotebookNode, run: Run, key: AnswerKey, labels: Labels, notes: list[str]
) -> GradedNotebook:
    """Judge a run against the key."""
    graded = GradedNotebook(copy.deepcopy(restored))
    timing = Timing(key.stretches, run.stretches)
    room = Room()
    for cell, result in zip(graded.notebook.cells, run.cells, strict=True):
        if cell.cell_type == "code":
            _show_run(cell, result, room)
        if is_test(cell):
            ours = nbgrader_of(cell)
            name = ours["grade_id"]
            outcomes = judge_cell(key.cells[name], result.evidence, timing, labels)
            share = sum(outcome.passed for outcome in outcomes) / len(outcomes)
            graded.scores[name] = round(float(ours["points"]) * share, 4)
            graded.outcomes[name] = outcomes
            cell.metadata[NOTE]["checks"] = [vars(outcome) for outcome in outcomes]
        elif is_answer(cell):
            _note_answer(graded, cell)
    graded.notebook.metadata[NOTE] = {
        "sealed": run.sealed,
        "ended": run.ended,
        "notes": [*notes, *_ending(run)],
        "cpu_seconds": round(run.cpu_seconds, 2),
    }
    return graded


def leave_to_a_person(restored: NotebookNode, notes: list[str]) -> GradedNotebook:
    """Return a notebook that was not run: every test waits for a person."""
    graded = GradedNotebook(copy.deepcopy(restored))
    room = Room()
    for cell in graded.notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = clean_outputs(cell.metadata.get(NOTE, {}).get("outputs", []), room)
        if is_test(cell):
            graded.scores[nbgrader_of(cell)["grade_id"]] = None
        elif is_answer(cell):
            _note_answer(graded, cell)
    graded.notebook.metadata[NOTE] = {"ended": "not run", "notes": [*notes, NOT_RUN]}
    return graded


def _note_answer(graded: GradedNotebook, cell: NotebookNode) -> None:
    ours = nbgrader_of(cell)
    answered = ours.get("checksum") != compute_checksum(cell) and bool(cell.source.strip())
    graded.comments[ours["grade_id"]] = None if answered else "No response."
    if ours.get("grade"):
        graded.scores[ours["grade_id"]] = None if answered else 0.0


def _show_run(cell: NotebookNode, result: CellRun, room: Room) -> None:
    cell.outputs = clean_outputs(result.outputs, room)
    note = cell.metadata.setdefault(NOTE, {})
    note["status"] = result.status
    if result.error is not None:
        note["error"] = result.error
        trace = "\n".join(line for o in result.outputs for line in o.get("traceback", []))
        lines = LINE.findall(trace[-MAX_TEXT:])
        line = int(lines[-1]) if lines else 0
        note["line"] = line if 0 < line <= cell.source.count("\n") + 1 else None


def _ending(run: Run) -> list[str]:
    notes = [] if run.sealed else ["This notebook was graded WITHOUT a sandbox."]
    if run.ended == "complete":
        return notes
    advice = ENDINGS.get(run.ended, "")
    return [*notes, f"{run.message} {advice} The cells after it were not run.".strip()]
