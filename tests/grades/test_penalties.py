"""What a late submission costs: what the course's policy says, within what it has earned."""

from types import SimpleNamespace

import pytest
from policies import Nothing, OnePointAnHour, Reward, policy
from traitlets.config import Config

from grading.grades.penalties import late_penalty

HOUR = 3600.0


def penalty(seconds_late, config, score=5.0):
    return late_penalty("student-01", SimpleNamespace(score=score), seconds_late, config)


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_who_is_in_time_loses_nothing_whatever_the_policy(seconds):
    OnePointAnHour.asked.clear()
    assert penalty(seconds, policy(OnePointAnHour)) is None
    assert OnePointAnHour.asked == []


def test_the_policy_is_asked_with_student_score_and_lateness():
    OnePointAnHour.asked.clear()
    assert penalty(2 * HOUR, policy(OnePointAnHour)) == 2.0
    assert OnePointAnHour.asked == [("student-01", 5.0, 2 * HOUR)]


def test_a_second_is_late():
    assert penalty(1.0, policy(OnePointAnHour)) == pytest.approx(1 / HOUR)


@pytest.mark.parametrize("score", [5.0, 0.0])
def test_a_penalty_never_takes_more_than_was_earned(score):
    assert penalty(99 * HOUR, policy(OnePointAnHour), score) == score


def test_a_penalty_never_gives_points():
    assert penalty(HOUR, policy(Reward)) == 0.0


def test_a_policy_may_let_it_pass():
    assert penalty(HOUR, policy(Nothing)) is None


def test_without_a_policy_nothing_is_taken_off():
    assert penalty(HOUR, Config()) is None


def test_nbgraders_own_policy_takes_everything():
    config = Config()
    config.LateSubmissionPlugin.penalty_method = "zero"
    assert penalty(HOUR, config) == 5.0
