"""A grader that is killed at any moment leaves nothing that grading again does not put right."""

import multiprocessing
import os
import random
import time

import pytest
from by_hand import grade_by_hand

from grading.course.layout import Course
from grading.engine.autograde import autograde
from grading.engine.lock import AlreadyGrading
from grading.engine.tasks import pending
from grading.pipeline.configuration import load_config
from trials.gradebook import gradebook_rows

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("KILLS", "8"))  # at other moments each time; `make attacks` kills 20
WRONG = "def double(x):\n    return 3 * x"


PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["grading.engine.autograde", "grading.pipeline.configuration"])


def grade_everything(root):
    course, config = Course(root), load_config(root)
    assert autograde(course, config, pending(course, config), 2, lambda last: None) == []


def start(mini):
    grader = PROCESSES.Process(target=grade_everything, args=(mini.course.root,))
    grader.start()
    return grader


def finish(grader):
    grader.join()
    return grader.exitcode


def gradebook(mini):
    return gradebook_rows(mini.course, "01_mini")


def graded(mini):
    return sorted(path.name for path in mini.course.root.glob("autograded/*/*/*.ipynb"))


@pytest.fixture
def submitted(mini):
    for number in range(4):
        answers = {"double": WRONG} if number % 2 else {}
        mini.submit(f"student-{number}", mini.notebook(**answers))
    return mini


def test_killed_again_and_again_it_ends_in_the_same_gradebook(submitted):
    began = time.monotonic()
    assert finish(start(submitted)) == 0
    duration = time.monotonic() - began
    undisturbed, folders = gradebook(submitted), graded(submitted)
    assert undisturbed["student-0"]["test-double"] == (4.0, None, False)
    for _ in range(KILLS):
        for number in random.sample(range(4), 2):  # submitted anew, so that there is work
            folder = submitted.course.submitted(f"student-{number}", "01_mini")
            (folder / "notes.txt").write_text(str(random.random()))
        grader = start(submitted)
        time.sleep(random.uniform(0.0, 0.6) * duration)
        grader.kill()
        grader.join()
        unmarked = {
            (student, cell)
            for student, cells in gradebook(submitted).items()
            for cell, (score, _, waits) in cells.items()
            if score is None and not waits
        }
        assert not unmarked
    assert finish(start(submitted)) == 0
    assert gradebook(submitted) == undisturbed
    assert graded(submitted) == folders
    assert list(submitted.course.root.glob(".grading-*")) == []


def test_a_regrade_that_fails_takes_the_old_score_back(submitted, monkeypatch):
    def run():
        tasks = pending(submitted.course, submitted.config)
        return autograde(submitted.course, submitted.config, tasks, 2, lambda last: None)

    assert run() == []
    (submitted.course.submitted("student-0", "01_mini") / "notes.txt").write_text("again")

    def fail(*_):
        raise RuntimeError("the disk is on fire")

    grade_by_hand(monkeypatch, fail)
    assert "the disk is on fire" in run()[0]
    assert gradebook(submitted)["student-0"]["test-double"] == (None, None, True)
    monkeypatch.undo()
    assert run() == []
    assert gradebook(submitted)["student-0"]["test-double"] == (4.0, None, False)


def test_two_graders_do_not_write_one_gradebook(submitted):
    grader = start(submitted)
    try:
        while not (submitted.course.root / ".grading.lock").exists():
            time.sleep(0.05)
        time.sleep(0.2)
        with pytest.raises(AlreadyGrading):
            autograde(submitted.course, submitted.config, [], 1, lambda last: None)
    finally:
        assert finish(grader) == 0
