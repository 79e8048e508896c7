"""What a late submission costs is said in a sentence, by asking the policy."""

import pytest
from nbgrader.plugins import LateSubmissionPlugin
from policies import Broken, Nothing, OnePointAnHour, Reward, policy
from traitlets.config import Config

from grading.grades.late_rule import EVERYTHING, NOTHING, UNKNOWN, late_rule


class TenPercentADay(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 0.1 * score * (1 + total_seconds_late // 86_400)


class TwoPoints(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 2.0


class Odd(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score**0.5


class Spoken(Broken):
    rule = "A tenth for each day."


@pytest.mark.parametrize(
    ("plugin", "said"),
    [
        (Nothing, NOTHING),
        (Reward, NOTHING),
        (
            TenPercentADay,
            "Being late costs a part of the points earned: 10 % after a minute, 20 % after a day, "
            "30 % after two days, 80 % after a week.",
        ),
        (TwoPoints, "Being late costs points: 2 after a minute."),
        (
            OnePointAnHour,
            "Being late costs points: 0.02 after a minute, 1 after an hour, 24 after a day, "
            "48 after two days, all after a week.",
        ),
        (Odd, UNKNOWN),
        (Broken, UNKNOWN),
        (Spoken, "A tenth for each day."),
    ],
)
def test_a_policy_is_told_as_it_is(plugin, said):
    assert late_rule(policy(plugin)) == said


@pytest.mark.parametrize(("method", "said"), [("none", NOTHING), ("zero", EVERYTHING)])
def test_nbgraders_own_policies_are_told(method, said):
    config = Config()
    config.LateSubmissionPlugin.penalty_method = method
    assert late_rule(config) == said
