"""A check of predictions, by labels that never enter the sandbox."""

from typing import ClassVar

import numpy as np

from grading.checks.base import KindOfCheck, Labels, Timing
from grading.checks.compare import numbers, raised
from grading.checks.labels import LABELLED
from grading.inside.check import Check
from grading.sandbox.clock import Stretch
from grading.sandbox.evidence import Evidence, Value

RIVAL_MARGIN = 0.03  # how much less accurate than ours a rival may be


class Accuracy(KindOfCheck):
    """The share of right predictions, and with a rival whether it is beaten."""

    kind: ClassVar = "accuracy"
    report: ClassVar = Check.accuracy
    reports: ClassVar = "predictions for `check.images()`, and with `better_than` a rival's"
    judged_by: ClassVar = "labels that never enter the sandbox"

    @classmethod
    def hint(cls, key: Evidence, got: Evidence, timing: Timing, labels: Labels) -> str | None:
        """Return the accuracy that was reached where it is too low."""
        truth = labels(str(key.params.get("of")))
        wanted = float(key.params["at_least"])
        if not key.params.get("rival"):
            reached = share_right(got.value, truth)
            return reached if isinstance(reached, str) else too_low(reached, wanted)
        if len(got.value.items) != 2:
            return "the predictions of two networks were wanted"
        reached, rival = (share_right(value, truth) for value in got.value.items)
        ours = share_right(key.value.items[1], truth)
        if isinstance(reached, str) or isinstance(rival, str) or isinstance(ours, str):
            return next(hint for hint in (reached, rival, ours) if isinstance(hint, str))
        if rival < ours - RIVAL_MARGIN:
            return f"the other network is weaker than it should be: accuracy {rival:.1%}"
        if reached <= rival:
            return f"accuracy {reached:.1%}, and {rival:.1%} for the other network"
        return too_low(reached, wanted)

    @classmethod
    def reached(cls, key: Evidence, got: Evidence, timing: Timing, labels: Labels) -> float | None:
        """Return the share of right predictions, from 0 to 1."""
        value = got.value
        if key.params.get("rival"):
            if len(value.items) != 2:
                return None
            value = value.items[0]
        share = share_right(value, labels(str(key.params.get("of"))))
        return share if isinstance(share, float) else None

    @classmethod
    def unfit(cls, ours: Evidence, timed: list[Stretch]) -> str | None:
        """Return that there is no such data set."""
        name = ours.params.get("of")
        if name not in LABELLED:
            known = ", ".join(map(repr, LABELLED))
            return f"asks for the labels of {name!r}; there are those of {known}"
        return None


def too_low(reached: float, wanted: float) -> str | None:
    """Return a hint where an accuracy is lower than wanted."""
    return None if reached >= wanted else f"accuracy {reached:.1%}, at least {wanted:.0%} wanted"


def share_right(value: Value, truth: np.ndarray) -> float | str:
    """Return the share of right predictions, or a hint when there are none."""
    if value.kind == "error":
        return raised(value)
    predicted = numbers(value)
    if predicted is None or predicted.shape != truth.shape:
        return f"one class per image was wanted: an array of shape {truth.shape}"
    return float((predicted == truth).mean())
