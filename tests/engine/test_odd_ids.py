"""Ids of students that look like patterns, options or nothing at all are names, or are refused."""

import pytest

from grading.engine.autograde import autograde
from grading.engine.tasks import pending
from grading.pipeline.feedback import outdated
from grading.submission.files import describe
from trials.gradebook import db_url_of, gradebook_rows

ODD = (
    *("[y]", "[!y]", "y", "a+b", "ü", "x y", "-x", "--force", "a'b", "{0}", "{student_id}", "a,b"),
    *("$HOME", "~", "a&b", "a=b", "a;b", "(a)", "anna", "Anna", "ANNA", "0", "None", "x" * 128),
)
UNFIT = ("*", "y*", "a?b", "%41", "a#b", 'a"b', "<b>", "a\\b", "a`b", ".hidden", "a\nb", "x" * 129)


@pytest.fixture
def odd(unrun):
    """Return a course to which students of all these ids have submitted, and one more."""
    for student in (*ODD, *UNFIT, "student-01"):
        unrun.submit(student, unrun.notebook())
    return unrun


def press(mini, student):
    """Press Formgrader's buttons for a student; return whether both could be done."""
    graded = mini.api.autograde("01_mini", student)
    return graded["success"]


def graded(mini):
    return {path.parts[-3] for path in mini.course.root.glob("autograded/*/*/*.ipynb")}


def state(mini):
    return describe(mini.course.root / "submitted")


def test_all_are_graded_or_refused_by_name_and_what_they_submitted_stays(odd):
    before = state(odd)
    tasks = pending(odd.course, odd.config)
    refused = autograde(odd.course, odd.config, tasks, 1, lambda done: None)
    assert graded(odd) == gradebook_rows(odd.course, "01_mini").keys() == {*ODD, "student-01"}
    assert len(refused) == len(UNFIT)
    for student in UNFIT:
        shown = student.replace("\n", " ")
        [told] = [line for line in refused if line.startswith(f"{shown} 01_mini: ")]
        assert "can be no student's id: rename it" in told
    assert state(odd) == before
    assert {page.student for page in outdated(odd.course, db_url_of(odd.course))} == graded(odd)


@pytest.mark.parametrize("student", ODD)
def test_the_button_grades_that_student_and_no_other(odd, student):
    assert press(odd, student)
    assert graded(odd) == {student}


@pytest.mark.parametrize("student", [one for one in UNFIT if "*" not in one and "?" not in one])
def test_the_button_refuses_what_can_be_no_id(odd, student):
    assert not press(odd, student)
    assert graded(odd) == set()


@pytest.mark.parametrize("student", ["[y]", "[!y]", "--force", "{0}", "a,b"])
def test_a_page_can_be_made_of_that_student_and_no_other(odd, student, monkeypatch):
    tasks = pending(odd.course, odd.config)
    autograde(odd.course, odd.config, tasks, 1, lambda done: None)
    made = []
    monkeypatch.setattr(
        "grading.nbgrader_steps.feedback_converter.generate_feedback",
        lambda course, config, pages, *_: made.extend(page.student for page in pages) or [],
    )
    assert odd.api.generate_feedback("01_mini", student)["success"]
    assert made == [student]
