"""Say in a sentence what a late submission costs, by asking the course's policy."""

import logging

from nbgrader.plugins import LateSubmissionPlugin
from traitlets.config import Config

from grading.grades.penalties import penalty_of, policy_of

AFTER = {
    "a minute": 60,
    "an hour": 3600,
    "a day": 86_400,
    "two days": 172_800,
    "a week": 604_800,
}
WHOLE, HALF = 100.0, 50.0
UNKNOWN = "What being late costs is decided by the course's own policy."
NOTHING = "Nothing is taken off for handing in late."
EVERYTHING = "What is handed in late gets no points."


UNHEARD = logging.Logger("late rule", logging.CRITICAL)  # a policy that is only asked logs nothing


def late_rule(config: Config) -> str:
    """Return what the course's policy takes off; a policy may say it itself, as its `rule`.

    It is asked what it takes off from two scores after a minute, an hour, a day and so on.
    """
    try:
        policy = policy_of(config)
        policy.log = UNHEARD
        said = getattr(policy, "rule", "")
        if isinstance(said, str) and said:
            return said
        return _sentence({after: _costs(policy, seconds) for after, seconds in AFTER.items()})
    except Exception:  # the policy is the course's own code
        return UNKNOWN


def _costs(policy: LateSubmissionPlugin, seconds: float) -> tuple[float, float]:
    whole, half = (penalty_of(policy, "", score, seconds) or 0.0 for score in (WHOLE, HALF))
    return whole, half


def _sentence(costs: dict[str, tuple[float, float]]) -> str:
    found = costs.values()
    if not any(whole for whole, _ in found):
        return NOTHING
    if all(whole == WHOLE for whole, _ in found):
        return EVERYTHING
    if all(abs(whole * HALF / WHOLE - half) < 1e-6 for whole, half in found):
        intro, unit = "Being late costs a part of the points earned", " %"
    elif all(abs(min(whole, HALF) - half) < 1e-6 for whole, half in found):
        intro, unit = "Being late costs points", ""
    else:
        return UNKNOWN
    steps, last = [], 0.0
    for after, (whole, _) in costs.items():
        if whole != last:
            cost = "all" if whole == WHOLE else f"{round(whole, 2):g}{unit}"
            steps.append(f"{cost} after {after}")
            last = whole
    return f"{intro}: {', '.join(steps)}."
