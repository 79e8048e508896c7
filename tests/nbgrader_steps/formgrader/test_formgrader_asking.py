"""Formgrader asks before it releases feedback in which answers are not graded yet."""

import json

import pytest
from formgrader_server import Formgrader
from nbgrader.server_extensions.formgrader import handlers

from grading.nbgrader_steps.formgrader import asking


@pytest.fixture
def server(feedback, monkeypatch):
    return Formgrader(feedback.course.root, monkeypatch)


def released(mini):
    return len([*(mini.course.root / "exchange").rglob("*.html")])


def press(server, path, query=""):
    return json.loads(server.post(f"api/assignment/01_mini/{path}release_feedback{query}").body)


@pytest.mark.parametrize(("path", "students"), [("", 2), ("student-01/", 1)])
def test_it_says_whose_answers_wait_and_releases_nothing_until_it_is_told_again(
    server, feedback, path, students
):
    answer = press(server, path)
    assert not answer["success"] and released(feedback) == 0
    assert "wait" in answer["question"] and "student-01" in answer["question"]
    assert press(server, path, "?ungraded=1")["success"]
    assert released(feedback) == students


def test_where_nothing_waits_nothing_is_asked(server, feedback, grade_everything):
    grade_everything()
    answer = press(server, "")
    assert answer["success"] and "question" not in answer
    assert released(feedback) == 2


def test_ours_are_put_there_once(monkeypatch):
    monkeypatch.setattr(handlers, "default_handlers", [("/other", object)])
    asking.install()
    asking.install()
    assert handlers.default_handlers == [*asking.OURS, ("/other", object)]
