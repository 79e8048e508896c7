"""What a late submission costs, as the course's policy says."""

import json
from typing import Protocol

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
    policy = AssignLatePenalties(config=config)
    policy.init_plugin()
    score = float(notebook.score)
    penalty = policy.plugin_inst.late_submission_penalty(student, score, seconds_late)
    return None if penalty is None else min(max(float(penalty), 0.0), score)


def policy_text(config: Config) -> str:
    """Return a text that changes when the course's late policy does."""
    plugin = AssignLatePenalties(config=config).plugin_class
    name = getattr(plugin, "__name__", str(plugin))
    return f"{name} {json.dumps(config.get(name, {}), sort_keys=True, default=str)}"
