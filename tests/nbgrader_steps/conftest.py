"""nbgrader's command, as a TA says it, and a course whose feedback can be released."""

import logging

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.autogradeapp import AutogradeApp

from grading.engine.autograde import autograde
from grading.engine.tasks import pending
from trials.gradebook import db_url_of


@pytest.fixture
def command(unrun, monkeypatch, caplog):
    """Return the command in a course where nothing is run: it answers with status and log."""
    monkeypatch.chdir(unrun.course.root)

    def run(*arguments, assignment="01_mini"):
        caplog.clear()
        app = AutogradeApp()
        app.log.propagate = True
        with caplog.at_level(logging.INFO, app.log.name):
            try:
                app.initialize([assignment, *arguments])
                app.start()
            except SystemExit as ended:
                return ended.code, caplog.text
        return 0, caplog.text

    return run


@pytest.fixture
def feedback(unrun):
    """Return a course with two graded students, an answer of each waiting, and their pages."""
    exchange = unrun.course.root / "exchange"
    exchange.mkdir(mode=0o777)
    file = unrun.course.root / "nbgrader_config.py"
    file.write_text(f"{file.read_text()}\nc.Exchange.root = {str(exchange)!r}\n")
    for student in ("student-01", "student-02"):
        unrun.submit(student, unrun.notebook())
        folder = unrun.course.feedback(student, "01_mini")
        folder.mkdir(parents=True)
        (folder / "01_mini.html").write_text(f"the page of {student}")
        (folder / "submission_secret.txt").write_text(f"secret of {student}")
    tasks = pending(unrun.course, unrun.config)
    assert autograde(unrun.course, unrun.config, tasks, 1, lambda done: None) == []
    return unrun


@pytest.fixture
def grade_everything(feedback):
    """Return what lets a person grade all that waits of everybody, or of one student."""

    def grade(student=None):
        with Gradebook(db_url_of(feedback.course)) as gradebook:
            for submission in gradebook.assignment_submissions("01_mini"):
                if student in (None, submission.student_id):
                    for one in submission.notebooks[0].grades:
                        one.needs_manual_grade = False
            gradebook.db.commit()

    return grade
