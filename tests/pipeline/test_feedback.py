"""Feedback is made when what it tells has changed; a page that fails is told."""

import pytest
from nbgrader.api import Gradebook

from grading.engine.autograde import autograde
from grading.engine.tasks import pending
from grading.pipeline.feedback import generate_feedback, outdated
from trials.gradebook import db_url_of

BOTH = ["student-01", "student-02"]


class Pages:
    """nbgrader's interface, as far as feedback asks it: it writes a page, or says why not."""

    def __init__(self, course, **refused):
        self.course, self.refused, self.asked = course, refused, []

    def generate_feedback(self, assignment, student, force):
        self.asked.append((assignment, student, force))
        if student in self.refused:
            return self.refused[student]
        page = self.course.feedback(student, assignment) / f"{assignment}.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("well done")
        return {"success": True}


@pytest.fixture
def graded(unrun):
    for student in BOTH:
        unrun.submit(student, unrun.notebook())
    regrade(unrun)
    return unrun


def regrade(mini, **options):
    tasks = pending(mini.course, mini.config, **options)
    assert autograde(mini.course, mini.config, tasks, 1, lambda last: None) == []


def due(mini, assignment=None):
    return outdated(mini.course, db_url_of(mini.course), assignment)


def waiting(mini, assignment=None):
    return [page.student for page in due(mini, assignment)]


def make(mini, pages=None, report=lambda last: None):
    return generate_feedback(mini.course, pages or Pages(mini.course), due(mini), report)


def change(mini, edit):
    with Gradebook(db_url_of(mini.course)) as gradebook:
        edit(gradebook)
        gradebook.db.commit()


def test_every_graded_submission_waits_once_for_its_page(graded):
    assert waiting(graded) == BOTH
    assert make(graded) == []
    assert waiting(graded) == []


def test_what_is_not_graded_has_no_page(graded):
    graded.submit("student-03", graded.notebook())
    assert waiting(graded) == BOTH


def test_pages_of_one_assignment_can_be_asked_for(graded):
    assert waiting(graded, "01_mini") == BOTH
    assert waiting(graded, "02_other") == []


def test_a_page_that_is_gone_is_made_again(graded):
    make(graded)
    (graded.course.feedback("student-01", "01_mini") / "01_mini.html").unlink()
    assert waiting(graded) == ["student-01"]


def test_another_submission_makes_a_new_page(graded):
    make(graded)
    graded.submit("student-01", graded.notebook(double="def double(x):\n    return x"))
    regrade(graded, student="student-01")
    change(graded, lambda book: set_grade(book, auto_score=1.0))
    assert waiting(graded) == ["student-01"]


def set_grade(gradebook, **values):
    grade = gradebook.find_grade("test-double", "01_mini", "01_mini", "student-01")
    for name, value in values.items():
        setattr(grade, name, value)


@pytest.mark.parametrize(
    "told", [{"manual_score": 1.0}, {"extra_credit": 1.0}, {"needs_manual_grade": True}]
)
def test_another_grade_makes_a_new_page_for_that_student(graded, told):
    make(graded)
    change(graded, lambda book: set_grade(book, **told))
    assert waiting(graded) == ["student-01"]


def test_another_comment_makes_a_new_page_for_that_student(graded):
    make(graded)

    def comment(gradebook):
        gradebook.find_comment("think", "01_mini", "01_mini", "student-01").manual_comment = "nice"

    change(graded, comment)
    assert waiting(graded) == ["student-01"]


def test_another_penalty_makes_a_new_page_for_that_student(graded):
    make(graded)

    def punish(gradebook):
        notebook = gradebook.find_submission_notebook("01_mini", "01_mini", "student-01")
        notebook.late_submission_penalty = 1.0

    change(graded, punish)
    assert waiting(graded) == ["student-01"]


def test_another_graded_notebook_makes_a_new_page(graded):
    make(graded)
    file = graded.course.autograded("student-01", "01_mini") / "01_mini.ipynb"
    file.chmod(0o644)
    file.write_text(file.read_text() + "\n")
    assert waiting(graded) == ["student-01"]


def test_nbgrader_is_asked_for_each_student_and_to_write_over_an_old_page(graded):
    pages = Pages(graded.course)
    make(graded, pages)
    assert sorted(pages.asked) == [("01_mini", student, True) for student in BOTH]


ANSWERS = [
    ({"success": False, "error": "Traceback\n  File\nValueError: no template\n"}, "no template"),
    ({"success": False, "error": "", "log": "x"}, "unknown"),
    ({"success": False}, "unknown"),
]


@pytest.mark.parametrize(("answer", "reason"), ANSWERS)
def test_a_page_that_fails_is_told_with_its_reason_and_leaves_the_others_alone(
    graded, answer, reason
):
    [failure] = make(graded, Pages(graded.course, **{"student-01": answer}))
    assert failure.startswith("student-01 01_mini: no feedback: ") and failure.endswith(reason)
    assert "\n" not in failure
    assert waiting(graded) == ["student-01"]


def test_each_page_is_reported(graded):
    told = []
    make(graded, report=told.append)
    assert sorted(told) == [f"{student} 01_mini" for student in BOTH]


def test_several_processes_write_the_same_pages(graded):
    assert generate_feedback(graded.course, Pages(graded.course), due(graded), print, 2) == []
    assert waiting(graded) == []


def test_a_process_that_fails_tells_why(graded):
    pages = Pages(graded.course, **{"student-01": {"success": False, "error": "no template"}})
    failures = generate_feedback(graded.course, pages, due(graded), lambda last: None, 2)
    assert failures == ["student-01 01_mini: no feedback: no template"]
