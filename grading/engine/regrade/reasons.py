"""Say why a check came out otherwise than before, from what was graded by then and now."""

import json
from collections.abc import Callable
from typing import Any

from grading.engine.rules import SHARED
from grading.grades.saved import Basis

TOLERANCES = {"at_least": "threshold", "dtype": "precision", "slow_at_most": "threshold"}
NEW_SUBMISSION = "another submission"
TEST = "test changed"
MEASURED = "the run came out otherwise than before"
UNKNOWN_THEN = "what it was graded by then is not known"
Rules = dict[str, Any]


class Reasons:
    """Why outcomes of one submission differ: two sets of rules, and two submissions."""

    def __init__(self, before: Rules | None, now: Rules | None, bases: tuple[Basis, Basis]) -> None:
        self._before, self._now, self._bases = before, now, bases

    def points_then(self, cell: str) -> float | None:
        """Return the points of a cell as it was graded, or those of today where nobody knows."""
        rules = self._before or self._now
        return None if rules is None else rules["points"].get(cell)

    def points_now(self, cell: str) -> float | None:
        """Return the points of a cell today."""
        return None if self._now is None else self._now["points"].get(cell)

    def of_check(self, cell: str, check: str) -> str:
        """Return why one check differs; the nearest reason comes first."""
        if self._before is None or self._now is None:
            return NEW_SUBMISSION if self._is_new() else UNKNOWN_THEN
        old = self._before["checks"].get(cell, {}).get(check)
        new = self._now["checks"].get(cell, {}).get(check)
        if old is None or new is None:
            return "new check" if old is None else "no longer asked"
        if changed := _differences(old["params"], new["params"]):
            return changed
        rewritten = self._before["tests"].get(cell) != self._now["tests"].get(cell)
        if old["kind"] != new["kind"] or (rewritten and old["value"] != new["value"]):
            return TEST
        if self._is_new():
            return NEW_SUBMISSION
        return TEST if rewritten else self.in_general()

    def of_points(self, cell: str) -> str:
        """Return why a cell earns other points though its checks are as they were."""
        if self._before is not None and self._now is not None:
            old, new = self._before["points"].get(cell), self._now["points"].get(cell)
            if old != new and new is not None:
                return "new cell" if old is None else f"points of the cell {old:g} → {new:g}"
        return self.in_general()

    def in_general(self) -> str:
        """Return what has changed for all of a submission."""
        if self._is_new():
            return NEW_SUBMISSION
        if self._before is None or self._now is None:
            return UNKNOWN_THEN
        changed = [
            told for part, told in SHARED.items() if self._before.get(part) != self._now.get(part)
        ]
        return "; ".join(changed) or MEASURED

    def _is_new(self) -> bool:
        old, new = self._bases
        return bool(old.submitted) and old.submitted != new.submitted


def rules_of(known: dict[str, str], graded_by: str) -> Rules | None:
    """Return the rules of a fingerprint, or None where the gradebook does not know them."""
    text = known.get(graded_by)
    return None if text is None else dict(json.loads(text))


def late_reason(before: str, after: str) -> str:
    """Return what of a late penalty's causes has changed, both given as JSON."""
    old, new = json.loads(before or "{}"), json.loads(after)
    if not old:
        return "due date, extension, late policy or time of handing in"
    told: dict[str, tuple[str, Callable[[Any], str]]] = {
        "due": ("due date", _text),
        "extension": ("extension", lambda seconds: f"{seconds / 3600:g} h"),
        "handed_in": ("handed in", _text),
    }
    said = [
        f"{name} {write(old[key])} → {write(new[key])}"
        for key, (name, write) in told.items()
        if old[key] != new[key]
    ]
    if old["policy"] != new["policy"]:
        rules = old.get("rule"), new.get("rule")
        both = f": {rules[0] or 'none'} → {rules[1] or 'none'}" if any(rules) else ""
        said.append(f"late policy changed{both}")
    return ", ".join(said) or "the score it is taken from"


def _differences(old: dict[str, Any], new: dict[str, Any]) -> str:
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if not names:
        return ""
    said = (f"{name} {_value(old, name)} → {_value(new, name)}" for name in names)
    what = {TOLERANCES.get(name, "tolerance") for name in names}
    return f"{' and '.join(sorted(what))}: {', '.join(said)}"


def _value(params: dict[str, Any], name: str) -> str:
    value = params.get(name, "none")
    return f"{value:g}" if isinstance(value, float) else str(value)


def _text(moment: str | None) -> str:
    return "none" if moment is None else moment.replace("T", " ")[:16]
