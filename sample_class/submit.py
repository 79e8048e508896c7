"""Put the sample class's submissions into `submitted/`."""

from datetime import datetime, timedelta

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from grading.course import Course
from grading.export import write_if_changed
from grading.master import Master
from grading.trials.corpus import corpus_file, fill_in, load_variants, solved_answers
from sample_class.students import CLASS, Material, Student

FIRST_DUE = datetime(2026, 9, 14, 23, 59)
BETWEEN = timedelta(days=7)


def submit_sample_class(course: Course, db_url: str) -> int:
    """Write the submissions that are missing or have changed; return how many."""
    written = 0
    for position, assignment in enumerate(course.assignments()):
        due = _due_date(db_url, assignment, FIRST_DUE + position * BETWEEN)
        master = Master(course, assignment, assignment)
        release = course.release(assignment) / f"{assignment}.ipynb"
        corpus = corpus_file(course, assignment)
        stubs = solved_answers(nbformat.read(release, as_version=4))
        material = Material(solved_answers(master.solved()), stubs, load_variants(corpus))
        for student in CLASS:
            notebook = nbformat.read(release, as_version=4)
            written += _submit(course, assignment, student, notebook, material, due)
    return written


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
