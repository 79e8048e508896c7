"""Judge every check of a test cell: evidence against the answer key."""

from collections.abc import Mapping
from typing import Any

from grading.checks.base import Labels, Outcome, Timing
from grading.checks.kinds import KINDS
from grading.sandbox.evidence import Evidence, MalformedEvidence, parse

NOT_REACHED = "not reached: the cell stopped before this check"


def judge_cell(
    key: Mapping[str, Evidence], reported: list[Any], timing: Timing, labels: Labels
) -> list[Outcome]:
    """Return an outcome for each check of the key, in its order.

    Only what the key names counts; what was reported twice, or is malformed, does not hold.
    """
    found: dict[str, list[Any]] = {name: [] for name in key}
    for raw in reported:
        name = raw.get("name") if isinstance(raw, dict) else None
        if isinstance(name, str) and name in found:
            found[name].append(raw)
    return [_judge(key[name], found[name], timing, labels) for name in key]


def not_reached(key: Mapping[str, Evidence]) -> list[Outcome]:
    """Return the outcomes of a test cell that did not run."""
    return [Outcome(name, False, NOT_REACHED) for name in key]


def _judge(key: Evidence, raws: list[Any], timing: Timing, labels: Labels) -> Outcome:
    if not raws:
        return Outcome(key.name, False, NOT_REACHED)
    if len(raws) > 1:
        return Outcome(key.name, False, "reported more than once")
    try:
        got = parse(raws[0])
    except (MalformedEvidence, RecursionError):
        return Outcome(key.name, False, "what was reported could not be read")
    if got.kind != key.kind:
        return Outcome(key.name, False, "what was reported is of another kind")
    kind = KINDS[key.kind]
    hint = kind.hint(key, got, timing, labels)
    reached = kind.reached(key, got, timing, labels)
    wanted = None if reached is None else float(key.params["at_least"])
    spent = None if reached is None else kind.spent(key, timing)
    taken = (None, None) if spent is None else (spent.seconds, spent.parameters)
    return Outcome(key.name, hint is None, hint or "", reached, wanted, *taken)
