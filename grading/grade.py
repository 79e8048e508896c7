"""Grade one submission: restore, run sealed, judge. Writes nothing."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from grading.answer_key import AnswerKey, answer_key
from grading.box import submission_box
from grading.course import Course
from grading.execute import Box, run_notebook
from grading.labels import test_labels
from grading.master import Master
from grading.restore import Unreadable, find_notebook, read_submission, restore
from grading.sandbox.settings import Sandbox
from grading.verdict import Verdict, reach_verdict


def grade_submission(course: Course, master: Master, submitted: Path, settings: Sandbox) -> Verdict:
    """Grade a submitted folder from its files; a missing or unreadable notebook earns nothing."""
    notes: list[str] = []
    notebook: NotebookNode | None = None
    try:
        file, notes = find_notebook(submitted, master.notebook)
        notebook = read_submission(file)
    except Unreadable as error:
        notes = [str(error)]
    restored = restore(master.skeleton(), notebook)
    return grade_restored(
        course, master, restored.notebook, submitted, settings, [*notes, *restored.repairs]
    )


def grade_restored(
    course: Course,
    master: Master,
    notebook: NotebookNode,
    submitted: Path,
    settings: Sandbox,
    notes: list[str],
) -> Verdict:
    """Run a restored notebook behind the wall and judge it against the answer key."""
    key: AnswerKey = answer_key(course, master, settings)
    with submission_box(submitted, master.handout) as (files, left_out):
        box = Box(files, master.handout, course.hidden_data)
        run = run_notebook(nbformat.from_dict(notebook), box, settings, course.salt)
    return reach_verdict(notebook, run, key, test_labels, [*notes, *left_out])
