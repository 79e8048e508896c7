"""What the sample class hands in, and when."""

from contextlib import nullcontext
from datetime import datetime, timedelta
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grading.course.assignment import Assignment, write_assignment
from grading.course.layout import Course
from grading.submission.files import read_timestamp
from trials.sample_class.students import CLASS
from trials.sample_class.submit import submit_sample_class

ASSIGNMENT = "01_first"
LATE = "student-02"


def book(source):
    values = {"grade_id": "one", "solution": True, "grade": False, "locked": False}
    ours = {"nbgrader": values | {"schema_version": 3, "task": False}}
    return new_notebook(cells=[new_code_cell(source, metadata=ours)])


@pytest.fixture
def course(tmp_path):
    course = Course(tmp_path)
    kept = course.answer_key(ASSIGNMENT)
    for folder in (course.source(ASSIGNMENT), course.release(ASSIGNMENT), kept):
        folder.mkdir(parents=True)
    write_assignment(course.source(ASSIGNMENT), Assignment(ASSIGNMENT, "A title", 1))
    nbformat.write(book("solved = 1"), kept / "released.ipynb")
    nbformat.write(book("stub"), course.release(ASSIGNMENT) / f"{ASSIGNMENT}.ipynb")
    return course


@pytest.fixture(autouse=True)
def entry(monkeypatch):
    """The assignment in a gradebook that is none: making a real one takes a second."""
    entry = SimpleNamespace(duedate=None)
    gradebook = SimpleNamespace(
        find_assignment=lambda name: {ASSIGNMENT: entry}[name],
        db=SimpleNamespace(commit=lambda: None),
    )
    monkeypatch.setattr("trials.sample_class.submit.Gradebook", lambda url: nullcontext(gradebook))
    return entry


def times(course):
    return {one.name: read_timestamp(course.submitted(one.name, ASSIGNMENT)) for one in CLASS}


def test_one_submits_late_and_the_others_in_time(course, entry):
    assert submit_sample_class(course, "") == len(CLASS)
    assert [name for name, at in times(course).items() if at > entry.duedate] == [LATE]


def test_a_due_date_that_was_set_is_kept(course, entry):
    entry.duedate = wanted = datetime(2027, 1, 31, 12)
    submit_sample_class(course, "")
    assert entry.duedate == wanted
    assert times(course)[LATE] - wanted == timedelta(hours=5)


def test_what_is_handed_in_holds_the_students_answers(course):
    submit_sample_class(course, "")
    file = course.submitted("student-01", ASSIGNMENT) / f"{ASSIGNMENT}.ipynb"
    assert nbformat.read(file, as_version=4).cells[0].source == "solved = 1"
    file = course.submitted("student-10", ASSIGNMENT) / f"{ASSIGNMENT}.ipynb"
    assert nbformat.read(file, as_version=4).cells[0].source == "stub"


def test_what_is_handed_in_already_is_not_written_again(course):
    submit_sample_class(course, "")
    assert submit_sample_class(course, "") == 0
