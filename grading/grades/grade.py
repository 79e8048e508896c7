"""Grade one submission: restore, run sealed, judge. Writes nothing."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from grading.checks.answer_key import answer_key
from grading.checks.labels import test_labels
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.grades.graded import GradedNotebook, judge_notebook, leave_to_a_person
from grading.sandbox.archive import pack, pack_files
from grading.sandbox.execute import run_notebook
from grading.sandbox.kernel import Files
from grading.sandbox.settings import Sandbox
from grading.submission.files import submission_files
from grading.submission.find import Unreadable, find_notebook
from grading.submission.read import read_submission
from grading.submission.restore import restore


def grade_submission(
    course: Course,
    released: ReleasedNotebook,
    submitted: Path,
    settings: Sandbox,
    execute: bool = True,
) -> GradedNotebook:
    """Grade a submitted folder from its files; a missing or unreadable notebook earns nothing.

    Where it is not to be executed, nothing is judged: all tests wait for a person.
    """
    notebook, notes = _restored(released, submitted)
    if not execute:
        return leave_to_a_person(notebook, notes)
    key = answer_key(course, released, settings)
    own, left_out = submission_files(submitted, released.handout)
    files = Files(pack_files(own), pack(released.handout), pack(course.hidden_data))
    run = run_notebook(nbformat.from_dict(notebook), files, settings, course.salt)
    return judge_notebook(notebook, run, key, test_labels, [*notes, *left_out])


def _restored(released: ReleasedNotebook, submitted: Path) -> tuple[NotebookNode, list[str]]:
    submission: NotebookNode | None = None
    try:
        file, notes = find_notebook(submitted, released.assignment)
        submission = read_submission(file)
    except Unreadable as error:
        notes = [str(error)]
    restored = restore(released.skeleton(), submission)
    return restored.notebook, [*notes, *restored.repairs]
