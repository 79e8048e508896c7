"""Grade one submission: restore, run sealed, judge. Writes nothing."""

from pathlib import Path

import nbformat

from grading.checks.answer_key import answer_key
from grading.checks.labels import test_labels
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.grades.graded import GradedNotebook, judge_notebook, leave_to_a_person
from grading.sandbox.execute import Mounts, run_notebook
from grading.sandbox.settings import Sandbox
from grading.submission.assemble import assemble
from grading.submission.files import submission_files


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
    assembled = assemble(released, submitted)
    notebook, notes, doubt = assembled.notebook, assembled.repairs, assembled.doubt
    if not execute:
        return leave_to_a_person(notebook, notes, doubt)
    key = answer_key(course, released, settings)
    with submission_files(assembled.folder, released.handout) as (files, left_out):
        mounts = Mounts(files, released.handout, course.hidden_data)
        run = run_notebook(nbformat.from_dict(notebook), mounts, settings, course.salt)
    return judge_notebook(notebook, run, key, test_labels, [*notes, *left_out], doubt)
