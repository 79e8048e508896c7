"""What a late submission costs, as the course's policy says."""

from typing import Protocol

from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import Config


class Scored(Protocol):
    """Something that has earned points."""

    @property
    def score(self) -> float:
        """Return them."""


def late_penalty(
    student: str, notebook: Scored, seconds_late: float, config: Config
) -> float | None:
    """Return the points that a notebook loses: none in time, and never more than it has.

    The policy is nbgrader's plug-in, `c.AssignLatePenalties.plugin_class`.
    """
    if seconds_late <= 0:
        return None
    return penalty_of(policy_of(config), student, float(notebook.score), seconds_late)


def policy_of(config: Config) -> LateSubmissionPlugin:
    """Return the course's policy."""
    policy = AssignLatePenalties(config=config)
    policy.init_plugin()
    return policy.plugin_inst


def penalty_of(
    policy: LateSubmissionPlugin, student: str, score: float, seconds_late: float
) -> float | None:
    """Return the points that a policy takes from a score: never more than it is."""
    penalty = policy.late_submission_penalty(student, score, seconds_late)
    return None if penalty is None else min(max(float(penalty), 0.0), score)
