"""Put the sample class's submissions into `submitted/`."""

import shutil
from datetime import datetime, timedelta

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from grading.course.files import write_if_changed
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from trials.corpus import corpus_file, fill_in, load_variants, solved_answers
from trials.sample_class.students import CLASS, Material, Student

FIRST_DUE = datetime(2026, 9, 14, 23, 59)
BETWEEN = timedelta(days=7)


def submit_sample_class(course: Course, db_url: str, only: str | None = None) -> int:
    """Write the submissions, of one assignment or all, that are missing or have changed.

    Return how many.
    """
    written = 0
    for position, one in enumerate(course.read_assignments()):
        assignment = one.name
        if only not in (None, assignment):
            continue
        due = _due_date(db_url, assignment, FIRST_DUE + position * BETWEEN)
        solved = ReleasedNotebook(course, assignment).solved()
        release = course.release(assignment) / f"{assignment}.ipynb"
        corpus = corpus_file(course, assignment)
        stubs = solved_answers(nbformat.read(release, as_version=4))
        material = Material(solved_answers(solved), stubs, load_variants(corpus))
        for student in CLASS:
            if one.optional and not student.keen:
                continue
            notebook = nbformat.read(release, as_version=4)
            written += _submit(course, assignment, student, notebook, material, due)
    return written


def remove_sample_class(course: Course, assignment: str | None = None) -> None:
    """Remove the sample class's submissions, of one assignment or all, and nobody else's."""
    for student in CLASS:
        below = course.root / "submitted" / student.name
        shutil.rmtree(below if assignment is None else below / assignment, ignore_errors=True)
        if below.is_dir() and not any(below.iterdir()):
            below.rmdir()


def _submit(
    course: Course,
    assignment: str,
    student: Student,
    notebook: NotebookNode,
    material: Material,
    due: datetime,
) -> bool:
    folder = course.submitted(student.name, assignment)
    text = nbformat.writes(fill_in(notebook, student.answer(material))) + "\n"
    at = due + timedelta(hours=student.hours_late)
    write_if_changed(folder / "timestamp.txt", f"{at:%Y-%m-%d %H:%M:%S} UTC\n")
    return write_if_changed(folder / f"{assignment}.ipynb", text)


def _due_date(db_url: str, assignment: str, default: datetime) -> datetime:
    """Return the due date in the gradebook, setting a default where there is none."""
    with Gradebook(db_url) as gradebook:
        entry = gradebook.find_assignment(assignment)
        if entry.duedate is None:
            entry.duedate = default
            gradebook.db.commit()
        return entry.duedate
