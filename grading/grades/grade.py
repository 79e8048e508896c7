"""Grade one submission: restore, run sealed, judge. Writes nothing."""

from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat

from grading.checks.base import Outcome, Timing
from grading.checks.judge import judge_cell
from grading.checks.labels import test_labels
from grading.course.cells import is_test, nbgrader_of
from grading.course.stamp import fingerprint
from grading.grades.answers import answers_of
from grading.grades.graded import GradedNotebook, judge_notebook, leave_to_a_person, points, settle
from grading.grades.kit import Kit
from grading.sandbox.archive import pack_files
from grading.sandbox.execute import Run, run_notebook
from grading.sandbox.kernel import Files
from grading.submission.assemble import Assembled, assemble
from grading.submission.files import TIMESTAMP, describe, submission_files

Earned = Callable[[str, float], None]


def grade_submission(
    kit: Kit, submitted: Path, execute: bool = True, earned: Earned = lambda _cell, _score: None
) -> GradedNotebook:
    """Grade a submitted folder from its files; a missing or unreadable notebook earns nothing.

    Where it is not to be executed, nothing is judged: all tests wait for a person. `earned` is
    told the score of each test cell as soon as it has run.
    """
    assembled = assemble(kit.original, submitted)
    notebook, notes, doubt = assembled.notebook, assembled.repairs, assembled.doubt
    answers = _answers(kit, submitted, assembled)
    if not execute:
        left = leave_to_a_person(notebook, notes, doubt)
        left.answers = answers
        return left
    found, left_out = submission_files(assembled.folder, kit.handed_out)
    own = [(name, content) for name, content in found if str(name) != TIMESTAMP]
    files = Files(pack_files(own), kit.handout, kit.data)
    judged: dict[str, list[Outcome]] = {}

    def judge(index: int, run: Run) -> None:
        cell = notebook.cells[index]
        if is_test(cell):
            name = nbgrader_of(cell)["grade_id"]
            timing = Timing(kit.answer_key.stretches, run.stretches)
            evidence = run.cells[index].evidence
            judged[name] = judge_cell(kit.answer_key.cells[name], evidence, timing, test_labels)
            earned(name, points(cell, judged[name]))

    cells, about = nbformat.from_dict(notebook), kit.names.about(notebook)
    run = run_notebook(cells, files, kit.settings, kit.salt, judge, about=about)
    graded = judge_notebook(notebook, run, kit.answer_key, judged, [*notes, *left_out], doubt)
    graded.answers = answers
    return graded


def settle_submission(
    kit: Kit, submitted: Path, note: str, earned: Mapping[str, float]
) -> GradedNotebook:
    """Give a submission that cannot be run points without running it."""
    assembled = assemble(kit.original, submitted)
    notes = [*assembled.repairs, note]
    settled = settle(assembled.notebook, notes, earned, doubt=assembled.doubt)
    settled.answers = _answers(kit, submitted, assembled)
    return settled


def _answers(kit: Kit, submitted: Path, assembled: Assembled) -> dict[str, str]:
    """Return the fingerprints of the answers; of what cannot be read, that of the whole folder."""
    if not assembled.readable:
        return dict.fromkeys(kit.points, fingerprint(describe(submitted)))
    files, _ = submission_files(assembled.folder, kit.handed_out)
    return answers_of(assembled.notebook, kit.notebook, files)
