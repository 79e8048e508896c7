"""Grade one submission: restore, run sealed, judge. Writes nothing."""

from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat

from grading.checks.base import Outcome, Timing
from grading.checks.judge import judge_cell
from grading.checks.labels import test_labels
from grading.course.cells import is_test, nbgrader_of
from grading.grades.graded import GradedNotebook, judge_notebook, leave_to_a_person, points, settle
from grading.grades.kit import Kit
from grading.sandbox.archive import pack_files
from grading.sandbox.execute import Run, run_notebook
from grading.sandbox.kernel import Files
from grading.submission.assemble import assemble
from grading.submission.files import submission_files
from grading.submission.names import about_names

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
    if not execute:
        return leave_to_a_person(notebook, notes, doubt)
    own, left_out = submission_files(assembled.folder, kit.handed_out)
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

    about = about_names(kit.notebook, notebook, kit.defines)
    run = run_notebook(
        nbformat.from_dict(notebook), files, kit.settings, kit.salt, judge, about=about
    )
    return judge_notebook(notebook, run, kit.answer_key, judged, [*notes, *left_out], doubt)


def settle_submission(
    kit: Kit, submitted: Path, note: str, earned: Mapping[str, float]
) -> GradedNotebook:
    """Give a submission that cannot be run points without running it."""
    assembled = assemble(kit.original, submitted)
    notes = [*assembled.repairs, note]
    return settle(assembled.notebook, notes, earned, doubt=assembled.doubt)
