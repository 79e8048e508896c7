"""Students are told titles, due dates and the late rule of what is released, and no more."""

import json
import logging
import stat
from pathlib import Path

import pytest
from formgrader_server import Formgrader
from nbgrader.api import Gradebook
from nbgrader.apps.releaseassignmentapp import ReleaseAssignmentApp

from grading.grades.late_rule import NOTHING
from grading.nbgrader_steps import announce as module
from trials.gradebook import db_url_of

ANNOUNCED = Path("exchange") / "tinytorch" / "course.json"
DUE = json.dumps({"duedate_notimezone": "2030-01-01T10:00", "duedate_timezone": "+0200"})


@pytest.fixture
def course(feedback, monkeypatch):
    """Return the folder of a course with an exchange, whose assignment could be released."""
    root = feedback.course.root
    monkeypatch.chdir(root)
    (root / "release" / "01_mini").mkdir(parents=True, exist_ok=True)
    (root / "release" / "01_mini" / "01_mini.ipynb").write_text("{}")
    return root


def release():
    app = ReleaseAssignmentApp()
    app.initialize(["01_mini", "--force"])
    app.start()


def announced(course):
    return json.loads((course / ANNOUNCED).read_text())


def test_a_release_is_announced_with_its_title_and_the_late_rule(course):
    release()
    said = {
        "late_rule": NOTHING,
        "assignments": {
            "01_mini": {"title": "A course of one page", "due": None, "counts": "last"}
        },
    }
    assert announced(course) == said
    assert stat.S_IMODE((course / ANNOUNCED).stat().st_mode) == 0o644


@pytest.mark.parametrize(("policy", "counts"), [('attempt = "best"', "best"), ("attempt", "")])
def test_it_is_announced_which_submission_counts(course, policy, counts):
    (course / "policies.toml").write_text(policy + "\n")
    release()
    assert announced(course)["assignments"]["01_mini"]["counts"] == counts


def test_a_due_date_that_changes_in_formgrader_is_announced_in_utc(course, monkeypatch):
    release()
    answer = Formgrader(course, monkeypatch).put("api/assignment/01_mini", DUE)
    assert answer.code == 200 and json.loads(answer.body)["name"] == "01_mini"
    assert announced(course)["assignments"]["01_mini"]["due"] == "2030-01-01T08:00:00+00:00"


def test_what_is_not_released_is_not_announced(course, feedback, monkeypatch):
    answer = Formgrader(course, monkeypatch).put("api/assignment/02_next", DUE)
    assert answer.code == 200
    assert not (course / ANNOUNCED).exists()
    release()
    assert [*announced(course)["assignments"]] == ["01_mini"]


def test_releasing_feedback_announces_what_the_command_line_has_changed(course, feedback, press):
    release()
    with Gradebook(db_url_of(feedback.course), "tinytorch") as gradebook:
        gradebook.update_or_create_assignment("01_mini", duedate="2030-01-01 10:00 UTC")
    press()
    assert announced(course)["assignments"]["01_mini"]["due"] == "2030-01-01T10:00:00+00:00"


@pytest.fixture
def press(course, monkeypatch):
    """Return what releases all feedback, as Formgrader's button does."""
    server = Formgrader(course, monkeypatch)
    return lambda: server.post("api/assignment/01_mini/release_feedback?ungraded=1")


def test_where_it_cannot_be_written_the_release_is_done_and_the_log_says_so(
    course, monkeypatch, caplog
):
    def full(*_):
        raise OSError("no room")

    monkeypatch.setattr(module, "write_whole", full)
    monkeypatch.setattr(ReleaseAssignmentApp, "log", logging.getLogger("release"))
    release()
    assert (course / "exchange" / "tinytorch" / "outbound" / "01_mini").is_dir()
    assert "not told" in caplog.text and "no room" in caplog.text
