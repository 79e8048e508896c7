"""Put the sample class's submissions into `submitted/`."""

from datetime import datetime, timedelta
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from grading.course.files import write_if_changed
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from trials.corpus import corpus_file, fill_in, load_variants, solved_answers
from trials.sample_class.students import CLASS, Material
from trials.sample_class.written import Written

FIRST_DUE = datetime(2026, 9, 14, 23, 59)
BETWEEN = timedelta(days=7)


def submit_sample_class(course: Course, db_url: str, only: str | None = None) -> int:
    """Write the submissions, of one assignment or all, that are missing or have changed.

    Return how many. What somebody else has handed in under such a name stays as it is.
    """
    kept, written = Written(course.root), 0
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
            text = nbformat.writes(fill_in(notebook, student.answer(material))) + "\n"
            folder = course.submitted(student.name, assignment)
            file = folder / f"{assignment}.ipynb"
            if file.exists() and not kept.holds(file):
                continue
            at = due + timedelta(hours=student.hours_late)
            write_if_changed(folder / "timestamp.txt", f"{at:%Y-%m-%d %H:%M:%S} UTC\n")
            written += write_if_changed(file, text)
            kept.note(file)
    kept.save()
    return written


def remove_sample_class(course: Course, assignment: str | None = None) -> None:
    """Remove the sample class's submissions, of one assignment or all, and nobody else's."""
    kept = Written(course.root)
    for student in CLASS:
        below = course.root / "submitted" / student.name
        for folder in below.glob("*" if assignment is None else assignment):
            file = folder / f"{folder.name}.ipynb"
            if kept.holds(file):
                file.unlink()
                (folder / "timestamp.txt").unlink(missing_ok=True)
                kept.forget(file)
                _remove_if_empty(folder)
        _remove_if_empty(below)
    kept.save()


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _due_date(db_url: str, assignment: str, default: datetime) -> datetime:
    """Return the due date in the gradebook, setting a default where there is none."""
    with Gradebook(db_url) as gradebook:
        entry = gradebook.find_assignment(assignment)
        if entry.duedate is None:
            entry.duedate = default
            gradebook.db.commit()
        return entry.duedate
