"""Feedback is made when what it tells has changed; a page that fails is told."""

import json
import shutil
from concurrent.futures import Future

import pytest
from nbgrader.api import Gradebook

from grading.engine.autograde import autograde
from grading.engine.earlier import EARLIER
from grading.engine.tasks import pending
from grading.grades.gradebook import RunGradebook
from grading.grades.lateness import follow_lateness
from grading.pipeline.feedback import LAST_SHOWN, generate_feedback, outdated
from trials.gradebook import db_url_of

BOTH = ["student-01", "student-02"]


class Pages:
    """Workers that render every page as "well done", or say why not."""

    def __init__(self, **refused):
        self.refused, self.asked, self.workers = refused, [], 0

    def __call__(self, options, workers):
        self.workers = workers
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def submit_page(self, request, file):
        student = file.parts[-3]
        self.asked.append((student, request, file))
        future = Future()
        if student in self.refused:
            future.set_exception(self.refused[student])
        else:
            future.set_result(b"well done")
        return future


@pytest.fixture(autouse=True)
def pages(monkeypatch):
    pages = Pages()
    monkeypatch.setattr("grading.pipeline.feedback.open_pool", pages)
    return pages


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


def make(mini, report=lambda last: None, workers=1):
    return generate_feedback(mini.course, mini.config, due(mini), report, workers)


def page_of(mini, student):
    return mini.course.feedback(student, "01_mini") / "01_mini.html"


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


def test_the_work_of_the_attempt_that_counts_is_shown(graded, pages):
    (graded.course.root / "policies.toml").write_text('attempt = "best"\n')
    change(graded, lambda book: give_all(book, 2.0))
    graded.submit("student-01", graded.notebook(double="def double(x):\n    return x"))
    regrade(graded, student="student-01")
    change(graded, lambda book: give_all(book, 1.0))
    with RunGradebook(db_url_of(graded.course)) as gradebook:
        assert follow_lateness(gradebook, graded.config, lambda whose: True) == []
    kept = graded.course.root / EARLIER
    for is_kept in (True, False):
        pages.asked.clear()
        make(graded)
        [(told, file)] = [
            (asked["told"], file) for _, asked, file in pages.asked if "attempt" in asked["told"]
        ]
        assert file.is_relative_to(kept) is is_kept
        assert (file.parent.name == told["made_from"]) is is_kept
        assert told["attempt"].startswith("The better of two attempts counts: ")
        assert told["attempt"].endswith(LAST_SHOWN) is not is_kept
        assert (told["cells"]["test-double"]["score"], "student-01" in waiting(graded)) == (
            2.0,
            False,
        )
        shutil.rmtree(kept, ignore_errors=True)


def give_all(gradebook, points):
    [notebook] = gradebook.find_submission("01_mini", "student-01").notebooks
    for grade in notebook.grades:
        grade.manual_score, grade.needs_manual_grade = points, False


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


def test_a_worker_gets_the_graded_notebook_and_what_the_gradebook_tells(graded, pages):
    make(graded)
    asked = {student: (request, file) for student, request, file in pages.asked}
    assert sorted(asked) == BOTH
    request, file = asked["student-02"]
    assert file == graded.course.autograded("student-02", "01_mini") / "01_mini.ipynb"
    assert request["do"] == "feedback page" and request["name"] == "01_mini"
    assert request["told"]["cells"]["test-double"]["score"] == 3.0
    assert json.loads(json.dumps(request)) == request


def test_a_page_takes_the_place_of_the_old_one_with_the_other_graded_files(graded):
    make(graded)
    folder = page_of(graded, "student-01").parent
    (folder / "old.txt").write_text("of another time")
    (graded.course.autograded("student-01", "01_mini") / "mine.txt").write_text("mine")
    change(graded, lambda book: set_grade(book, manual_score=1.0))
    make(graded)
    assert sorted(file.name for file in folder.iterdir()) == ["01_mini.html", "mine.txt"]
    assert page_of(graded, "student-01").read_text() == "well done"
    assert sorted(folder.parent.iterdir()) == [folder]


def test_a_page_can_be_read_by_others_unless_the_course_says_otherwise(graded):
    make(graded)
    assert page_of(graded, "student-01").stat().st_mode & 0o777 == 0o644
    graded.config.GenerateFeedback.permissions = 600
    change(graded, lambda book: set_grade(book, manual_score=1.0))
    make(graded)
    assert page_of(graded, "student-01").stat().st_mode & 0o777 == 0o600


def test_a_page_that_fails_is_told_with_its_reason_and_leaves_the_others_alone(graded, pages):
    pages.refused["student-01"] = RuntimeError("no template")
    assert make(graded) == ["student-01 01_mini: no feedback: no template"]
    assert waiting(graded) == ["student-01"]
    assert page_of(graded, "student-02").exists()


def test_an_old_page_that_could_not_be_written_anew_is_still_old(graded, pages):
    make(graded)
    change(graded, lambda book: set_grade(book, manual_score=1.0))
    pages.refused["student-01"] = RuntimeError("no template")
    assert len(make(graded)) == 1
    assert waiting(graded) == ["student-01"]


def test_each_page_is_reported(graded):
    told = []
    make(graded, report=told.append)
    assert sorted(told) == [f"{student} 01_mini" for student in BOTH]


def test_there_are_no_more_workers_than_pages(graded, pages):
    make(graded, workers=8)
    assert pages.workers == 2
