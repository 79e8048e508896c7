"""Feedback is released student by student, and not unasked while answers wait for a person."""

import logging

import pytest
from nbgrader.apps.releasefeedbackapp import ReleaseFeedbackApp
from nbgrader.utils import notebook_hash

BOTH = ["student-01", "student-02"]
FORCE = "--ReleaseFeedback.force=True"


@pytest.fixture
def release(feedback, monkeypatch, caplog):
    """Return nbgrader's command on a course with the feedback of two students."""
    monkeypatch.chdir(feedback.course.root)

    def run(*arguments):
        caplog.clear()
        app = ReleaseFeedbackApp()
        app.log.propagate = True
        with caplog.at_level(logging.INFO, app.log.name):
            try:
                app.initialize(["01_mini", *arguments])
                app.start()
            except SystemExit as ended:
                return ended.code, caplog.text
        return 0, caplog.text

    return run


def released(mini):
    """Return the students whose page lies in the exchange."""
    found = {file.stem for file in (mini.course.root / "exchange").rglob("*.html")}
    names = {
        folder.name: notebook_hash(secret=f"secret of {folder.name}", notebook_id="01_mini")
        for folder in (mini.course.root / "feedback").iterdir()
    }
    return sorted(student for student, name in names.items() if name in found)


def test_where_answers_wait_nothing_is_released_and_it_says_whose(release, feedback):
    status, log = release()
    assert status == 1 and released(feedback) == []
    assert "2 answers of 2 of 2 students wait for a person: student-01, student-02." in log
    assert FORCE in log


def test_it_is_released_when_that_is_meant(release, feedback):
    status, _ = release(FORCE)
    assert status == 0 and released(feedback) == BOTH


def test_where_nothing_waits_it_is_released(release, feedback, grade_everything):
    grade_everything()
    status, log = release()
    assert status == 0 and released(feedback) == BOTH
    assert "Feedback released: student-02 01_mini" in log


def test_of_many_students_a_few_are_named(release, feedback, monkeypatch):
    monkeypatch.setattr("grading.nbgrader_steps.release_feedback.NAMED", 1)
    assert "student-01 and 1 more." in release()[1]


def test_what_waits_of_students_who_are_not_chosen_keeps_nobody_waiting(
    release, feedback, grade_everything
):
    grade_everything("student-02")
    status, log = release("--student=student-02")
    assert status == 0 and released(feedback) == ["student-02"]
    status, log = release("--student=student-01")
    assert status == 1 and "1 answer of 1 of 1 students waits for a person: student-01." in log


def test_excluded_students_are_left(release, feedback):
    release(FORCE, "--CourseDirectory.student_id_exclude=student-01")
    assert released(feedback) == ["student-02"]


@pytest.mark.parametrize("how", ["missing", "no text", "without end"])
def test_one_without_a_secret_is_told_by_name_and_ends_it_for_nobody_else(release, feedback, how):
    secret = feedback.course.feedback("student-01", "01_mini") / "submission_secret.txt"
    secret.unlink()
    if how == "no text":
        secret.write_bytes(b"\xff\xfe")
    if how == "without end":
        with secret.open("w") as file:
            file.truncate(1 << 40)
    status, log = release(FORCE)
    assert status == 1 and released(feedback) == ["student-02"]
    assert "Not released: student-01: " in log
    if how == "missing":
        assert "it was not handed in through the exchange" in log


def test_a_page_takes_the_place_of_the_one_released_before(release, feedback):
    release(FORCE)
    page = feedback.course.feedback("student-01", "01_mini") / "01_mini.html"
    page.write_text("another")
    release(FORCE)
    pages = [file.read_text() for file in (feedback.course.root / "exchange").rglob("*.html")]
    assert sorted(pages) == ["another", "the page of student-02"]
