"""Turn a run and the answer key into points, messages and the notebook that graders see."""

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import compute_checksum

from grading.checks.answer_key import AnswerKey
from grading.checks.base import Labels, Outcome, Timing
from grading.checks.judge import judge_cell, not_reached
from grading.course.cells import NOTE, is_answer, is_task, is_test, nbgrader_of
from grading.course.release_steps import SETTINGS, settings_of
from grading.sandbox.execute import CellRun, Run
from grading.submission.pictures import with_submitted_pictures
from grading.submission.restore import CERTAIN, Doubt
from grading.submission.room import MAX_TEXT, Room
from grading.submission.sanitize import clean_outputs

LINE = re.compile(r"(?:line|Line)\x1b?[^0-9]{0,12}?\s(\d{1,5})")
ENDINGS = {
    "too slow": "Look for a loop that does not end, or for work that takes far too long.",
    "memory": "Look for an array or list that grows without end.",
    "output": "Look for a print inside a long loop.",
    "processes": "Look for code that starts processes or threads.",
    "died": "Something ended Python itself: os._exit(), or a crash.",
}
STOPPED = ("stopped", "interrupted")
NOT_RUN = "This notebook was not run (--no-execute): a person must grade its tests."
UNREAD = "It could not even be read: a person must look at its answers in the submitted folder."


Judged = dict[str, list[Outcome]]

A_PERSON = "A person will look at this; the points are proposed until then."


@dataclass
class GradedNotebook:
    """What one notebook earned; a score of None waits for a person.

    The scores of `waits` are proposed: a person confirms them. `answers` are the fingerprints of
    what the scores are given for.
    """

    notebook: NotebookNode
    scores: dict[str, float | None] = field(default_factory=dict)
    comments: dict[str, str | None] = field(default_factory=dict)
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    waits: set[str] = field(default_factory=set)
    answers: dict[str, str] = field(default_factory=dict)


def judge_run(notebook: NotebookNode, run: Run, key: AnswerKey, labels: Labels) -> Judged:
    """Judge all test cells of a run against the key."""
    timing = Timing(key.stretches, run.stretches)
    return {
        name: judge_cell(key.cells[name], result.evidence, timing, labels)
        for cell, result in zip(notebook.cells, run.cells, strict=True)
        if is_test(cell) and (name := nbgrader_of(cell)["grade_id"])
    }


def points(cell: NotebookNode, outcomes: list[Outcome]) -> float:
    """Return what a test cell earns: of its points, the share of its checks that hold."""
    share = sum(outcome.passed for outcome in outcomes) / len(outcomes)
    return rounded(float(nbgrader_of(cell)["points"]) * share)


def rounded(score: float) -> float:
    """Return a score with as many digits as are kept."""
    return round(float(score), 4)


def judge_notebook(
    restored: NotebookNode,
    run: Run,
    key: AnswerKey,
    judged: Judged,
    notes: list[str],
    doubt: Doubt = CERTAIN,
) -> GradedNotebook:
    """Put together what a run brought; a test cell that was never judged has not been reached.

    Where there is doubt, the points are proposed.
    """
    graded = GradedNotebook(copy.deepcopy(restored), waits=set(doubt.waits))
    room = Room()
    for cell, result in zip(graded.notebook.cells, run.cells, strict=True):
        if cell.cell_type == "code":
            _show_run(cell, result, room)
        if is_test(cell):
            name = nbgrader_of(cell)["grade_id"]
            outcomes = judged[name] if name in judged else not_reached(key.cells[name])
            graded.scores[name] = points(cell, outcomes)
            graded.outcomes[name] = outcomes
            cell.metadata[NOTE]["checks"] = [outcome.noted() for outcome in outcomes]
            if name in graded.waits:
                cell.metadata[NOTE]["proposed"] = True
        elif is_answer(cell):
            _note_answer(graded, cell)
        elif is_task(cell):
            graded.scores[nbgrader_of(cell)["grade_id"]] = None
    graded.notebook.metadata[NOTE] = {
        **_settings(restored),
        "sealed": run.sealed,
        "ended": run.ended,
        "notes": [*notes, *_about(doubt), *_ending(run, graded.notebook.cells)],
        "cold": run.cold,
        "cpu_seconds": round(run.cpu_seconds, 2),
        **_uncertain(doubt),
    }
    if run.ended != "complete":
        graded.notebook.metadata[NOTE]["stopped_in"] = _stopped_in(restored, run)
    return graded


def leave_to_a_person(
    restored: NotebookNode, notes: list[str], doubt: Doubt = CERTAIN
) -> GradedNotebook:
    """Return a notebook that was not run: every test waits for a person."""
    return settle(restored, [*notes, NOT_RUN], None, doubt=doubt)


def settle(
    restored: NotebookNode,
    notes: list[str],
    earned: Mapping[str, float] | None,
    read: bool = True,
    doubt: Doubt = CERTAIN,
) -> GradedNotebook:
    """Return a notebook that was not run, with the points that its tests get: None waits.

    Where the submission could not even be `read`, the released notebook stands in for it, and a
    person must look for every answer.
    """
    graded = GradedNotebook(copy.deepcopy(restored), waits=set(doubt.waits))
    room = Room()
    for cell in graded.notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = clean_outputs(cell.metadata.get(NOTE, {}).get("outputs", []), room)
        if is_test(cell):
            name = nbgrader_of(cell)["grade_id"]
            graded.scores[name] = None if earned is None else earned.get(name, 0.0)
        elif is_answer(cell):
            _note_answer(graded, cell, read)
        elif is_task(cell):
            graded.scores[nbgrader_of(cell)["grade_id"]] = None
    graded.notebook.metadata[NOTE] = {
        **_settings(restored),
        "ended": "not run",
        "notes": [*notes, *_about(doubt)],
        **_uncertain(doubt),
    }
    return graded


def _settings(restored: NotebookNode) -> dict[str, Any]:
    settings = settings_of(restored)
    return {SETTINGS: settings} if settings else {}


def _about(doubt: Doubt) -> list[str]:
    return [*doubt.about, A_PERSON] if doubt.about else []


def _uncertain(doubt: Doubt) -> dict[str, list[str]]:
    return {"uncertain": list(doubt.about)} if doubt.about else {}


def _note_answer(graded: GradedNotebook, cell: NotebookNode, read: bool = True) -> None:
    ours = nbgrader_of(cell)
    changed = ours.get("checksum") != compute_checksum(cell) and bool(cell.source.strip())
    answered = changed or not read
    graded.comments[ours["grade_id"]] = None if answered else "No response."
    if ours.get("grade"):
        waits = answered or ours["grade_id"] in graded.waits
        graded.scores[ours["grade_id"]] = None if waits else 0.0


def _show_run(cell: NotebookNode, result: CellRun, room: Room) -> None:
    note = cell.metadata.setdefault(NOTE, {})
    shown = clean_outputs(result.outputs, room)
    cell.outputs = with_submitted_pictures(shown, note.get("outputs", []))
    note["status"] = result.status
    if result.error is not None:
        note["error"] = result.error
        trace = "\n".join(line for o in result.outputs for line in o.get("traceback", []))
        lines = LINE.findall(trace[-MAX_TEXT:])
        line = int(lines[-1]) if lines else 0
        note["line"] = line if 0 < line <= cell.source.count("\n") + 1 else None


def _stopped_in(restored: NotebookNode, run: Run) -> str:
    """Return the grade id of the cell that was running last, or where a student's own cell is."""
    before, last = "the beginning", ""
    for cell, result in zip(restored.cells, run.cells, strict=True):
        ours = nbgrader_of(cell).get("grade_id")
        if result.status in STOPPED:
            last = ours or f"a cell of the student's own after {before}"
        before = ours or before
    return last


def _ending(run: Run, cells: list[NotebookNode]) -> list[str]:
    notes = [] if run.sealed else ["This notebook was graded WITHOUT a sandbox."]
    if run.ended == "complete":
        return notes
    advice = ENDINGS.get(run.ended, "")
    begun = [place for place, cell in enumerate(run.cells) if cell.status != "not run"]
    where = f"It ended {_where(cells, begun[-1])}." if begun else ""
    parts = (run.message, where, advice, "The cells after it were not run.")
    return [*notes, " ".join(part for part in parts if part)]


def _where(cells: list[NotebookNode], place: int) -> str:
    """Return where a student's run has ended.

    Once a test has begun only the tests are named: which other cell it was could be a message.
    """
    tested = any(is_test(cell) for cell in cells[:place])
    for above in range(place, -1, -1):
        name = nbgrader_of(cells[above]).get("grade_id")
        if name is None or (tested and not is_test(cells[above])):
            continue
        if above == place:
            return f"in the cell {name}"
        return f"after the cell {name}" if tested else f"in your own cell after the cell {name}"
    return "in your own cell before the first of ours"
