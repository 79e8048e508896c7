"""What is told of each submission: an outcome, why, and in one line that does no harm."""

import json

import pytest

from grading.engine.done import LONGEST_REASON, Done, has_failed, printable, was_graded, was_settled
from grading.engine.messages import Graded
from grading.engine.tasks import Task

TASK = Task("student-01", "01_mini", "")
GRADED = Graded(b"", {"a": 1.5, "b": 2.0, "c": None, "d": None}, seconds=2.0, cpu_seconds=1.0)


def test_a_graded_submission_has_its_score_and_needs_no_remark():
    done = was_graded(TASK, GRADED, 1)
    assert done == Done(
        "student-01", "01_mini", "graded", score=3.5, waiting=2, seconds=2.0, cpu_seconds=1.0
    )
    assert (str(done), done.remark) == ("student-01 01_mini", "")


@pytest.mark.parametrize("ended", ["died", "memory", "too slow", "output", "processes"])
def test_a_run_that_was_ended_is_remarked_on_with_the_cell(ended):
    graded = Graded(b"", ended=ended, stopped_in="double")
    assert was_graded(TASK, graded, 1).remark == (
        f"student-01 01_mini: its run was ended: {ended}, in double"
    )


def test_what_was_not_to_be_run_needs_no_remark():
    assert was_graded(TASK, Graded(b"", ended="not run"), 1).remark == ""


def test_a_settled_submission_is_told_with_what_ended_its_worker():
    done = was_settled(TASK, Graded(b"", {"a": 1.0}, ended="not run"), "memory", "it is gone", 2)
    assert (done.outcome, done.ended, done.score, done.attempt) == ("settled", "memory", 1.0, 2)
    assert done.remark == "student-01 01_mini: settled with what it had earned: it is gone"


def test_what_failed_has_no_score():
    done = has_failed(TASK, "OSError: no space", 2)
    assert (done.outcome, done.score, done.attempt) == ("failed", None, 2)
    assert done.remark == "student-01 01_mini: OSError: no space"


def test_a_reason_without_end_is_cut():
    assert len(has_failed(TASK, "x" * 10_000).why) == LONGEST_REASON


@pytest.mark.parametrize("text", ["a\nb", "a\x1bb", "a\rb", "a\u202eb", "a\x9bb", "a\ud800b"])
def test_a_line_does_nothing_to_a_terminal(text):
    assert printable(text) == "a b"
    done = Done(text, "01_mini", "failed", why=text)
    assert (str(done), done.remark) == ("a b 01_mini", "a b 01_mini: a b")


def test_text_of_any_language_is_left_as_it_is():
    assert printable("Žofie 東京 [b]") == "Žofie 東京 [b]"


def test_the_log_keeps_everything_with_seconds_rounded():
    line = json.loads(json.dumps(was_graded(TASK, Graded(b"", seconds=1.23456), 1).as_json()))
    assert line["seconds"] == 1.23
    assert line.keys() == Done.__dataclass_fields__.keys()
