"""What a late submission costs, as the course's policy says."""

import json
from datetime import timedelta
from typing import Protocol

from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import Config

from grading.grades.course_policy import CoursePolicy, policies_of
from grading.grades.saved import Entry


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


def rule_of(config: Config) -> str:
    """Return the late rule of `policies.toml` as students read it; nothing of another policy."""
    plugin = AssignLatePenalties(config=config).plugin_class
    late = policies_of(config).late if issubclass(plugin, CoursePolicy) else None
    return "" if late is None else late.rule


def lateness_text(entry: Entry, config: Config) -> str:
    """Return as JSON what a notebook's late penalty follows from."""
    plugin = AssignLatePenalties(config=config).plugin_class
    rule, name = rule_of(config), plugin.__name__
    settings = json.dumps(config.get(name, {}), sort_keys=True, default=str)
    return json.dumps(
        {
            "due": entry.duedate and entry.duedate.isoformat(),
            "extension": (entry.extension or timedelta(0)).total_seconds(),
            "handed_in": entry.timestamp and entry.timestamp.isoformat(),
            "policy": rule or f"{name} {settings}",
            "rule": rule,
        }
    )
