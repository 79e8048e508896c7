"""The runs that changed grades, as a list to be taken back from."""

from datetime import datetime

from grading.grades.history import Kept, runs


def kept(number, run, student, score=1.0):
    at = datetime(2030, 1, number)
    return Kept(f"state-{number}", number, run, at, "ta1", run, score, student, "01_setup")


def test_the_newest_run_comes_first_and_says_when_it_began():
    states = [kept(1, "a", "student-01"), kept(2, "b", "student-01"), kept(3, "b", "student-02")]
    assert [(one.id, one.at.day) for one in runs(states)] == [("b", 2), ("a", 1)]


def test_of_a_submission_that_a_run_changed_twice_the_state_before_is_given():
    [run] = runs([kept(1, "a", "student-01"), kept(2, "a", "student-01")])
    assert [one.id for one in run.before] == ["state-1"]
