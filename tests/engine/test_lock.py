"""One grading run at a time owns the gradebook."""

import fcntl

import pytest

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.engine.lock import UNFINISHED, AlreadyGrading, only_grader


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


def test_a_second_run_is_refused_with_what_to_do(course):
    refused = pytest.raises(AlreadyGrading, match="wait until that ends")
    with only_grader(course), refused, only_grader(course):
        pass


def test_the_refusal_is_a_sentence_for_whoever_runs_the_course():
    assert issubclass(AlreadyGrading, CourseError)


def test_a_refused_run_does_not_clear_away_the_others_work(course):
    with only_grader(course):
        half = course.root / f"{UNFINISHED}now"
        half.mkdir()
        with pytest.raises(AlreadyGrading), only_grader(course):
            pass
        assert half.exists()


def test_the_next_run_may_begin_when_one_has_ended(course):
    for _ in range(2):
        with only_grader(course):
            pass


def test_a_run_that_fails_lets_the_next_begin(course):
    with pytest.raises(RuntimeError), only_grader(course):
        raise RuntimeError("no")
    with only_grader(course):
        pass


def test_what_a_killed_run_left_is_cleared_away_and_nothing_else(course):
    (course.root / f"{UNFINISHED}killed" / "01_mini").mkdir(parents=True)
    (course.root / "autograded").mkdir()
    with only_grader(course):
        assert not (course.root / f"{UNFINISHED}killed").exists()
    assert (course.root / "autograded").exists()
    assert (course.root / ".grading.lock").exists()


def test_the_lock_is_held_while_grading_by_whatever_process_asks(course):
    with (
        only_grader(course),
        (course.root / ".grading.lock").open("w") as other,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
