"""A check of training: accuracy by labels, and seconds by a clock, both outside of the sandbox."""

from typing import ClassVar

import numpy as np

from grading.checks.accuracy import share_right, too_low
from grading.checks.base import KindOfCheck, Labels, Spent, Timing
from grading.checks.compare import raised
from grading.checks.labels import LABELLED
from grading.inside.check import TRAINED, Check, renaming
from grading.sandbox.clock import Stretch
from grading.sandbox.evidence import Evidence, MalformedEvidence, Value, parse_value

ALLOWANCE = 1.25
NOT_RUN = "the timed stretches were not run as they should be"
NO_RESULT = "predictions and the number of parameters were wanted"


class Trained(KindOfCheck):
    """How accurate a network is that was trained in time, under names that nobody knew before."""

    kind: ClassVar = "trained"
    report: ClassVar = Check.trained
    reports: ClassVar = "predictions of a network that it trains, and how many parameters that has"
    judged_by: ClassVar = "labels that never enter the sandbox, CPU time taken outside"

    @classmethod
    def hint(cls, key: Evidence, got: Evidence, timing: Timing, labels: Labels) -> str | None:
        """Return that the training took too long, or what is wrong with what it brought."""
        if got.value.kind == "error":
            return raised(got.value)
        stretch = _stretch(key, timing.student)
        ours = _stretch(key, timing.key)
        if stretch is None or ours is None or stretch.seed != ours.seed:
            return NOT_RUN
        within = float(key.params["within"])
        if not np.isfinite(stretch.seconds):
            return NOT_RUN
        charged = _charged(stretch, ours)
        if charged > within * ALLOWANCE:
            return f"it took {charged:.0f} CPU seconds, and there are {within:g}"
        share = _share(key, stretch, labels)
        return share if isinstance(share, str) else too_low(share, float(key.params["at_least"]))

    @classmethod
    def reached(cls, key: Evidence, got: Evidence, timing: Timing, labels: Labels) -> float | None:
        """Return the share of right predictions, from 0 to 1; None unless trained in time."""
        hint = cls.hint(key, got, timing, labels)
        stretch = _stretch(key, timing.student)
        if stretch is None or (hint is not None and not hint.startswith("accuracy ")):
            return None
        share = _share(key, stretch, labels)
        return share if isinstance(share, float) else None

    @classmethod
    def spent(cls, key: Evidence, timing: Timing) -> Spent | None:
        """Return the CPU seconds of the training, and how many parameters it says it trained."""
        stretch = _stretch(key, timing.student)
        result = None if stretch is None else _result(stretch)
        if stretch is None or result is None or not np.isfinite(stretch.seconds):
            return None
        return Spent(round(stretch.seconds, 2), result[1])

    @classmethod
    def unfit(cls, ours: Evidence, timed: list[Stretch]) -> str | None:
        """Return that there is no such data set, or that our own training was not timed."""
        name = ours.params.get("of")
        if name not in LABELLED:
            known = ", ".join(map(repr, LABELLED))
            return f"asks for the labels of {name!r}; there are those of {known}"
        stretch = _stretch(ours, timed)
        if stretch is None or not np.isfinite(stretch.seconds):
            return "was not timed: it must run, and start no process"
        return None


def _stretch(key: Evidence, timed: list[Stretch]) -> Stretch | None:
    """Return the one stretch in which the training ran, or None where there is not one."""
    found = [s for s in timed if s.name == key.params["stretch"]]
    return found[0] if [(s.side, s.round) for s in found] == [(TRAINED, 0)] else None


def _charged(stretch: Stretch, ours: Stretch) -> float:
    """Return the seconds as they would be where ours was timed, if it was slower here."""
    return stretch.seconds * min(1.0, ours.machine / max(stretch.machine, 1e-9))


def _result(stretch: Stretch) -> tuple[Value, int] | None:
    """Return what the training brought: predictions, and a number of parameters above 0."""
    try:
        value = parse_value(stretch.value)
    except (MalformedEvidence, RecursionError):
        return None
    if value.kind != "list" or len(value.items) != 2:
        return None
    predictions, parameters = value.items
    count = parameters.scalar
    if type(count) is not int or not 0 < count < 10**9:
        return None
    return predictions, count


def _share(key: Evidence, stretch: Stretch, labels: Labels) -> float | str:
    result = _result(stretch)
    if result is None:
        return NO_RESULT
    truth = labels(str(key.params["of"]))
    return share_right(result[0], renaming(stretch.seed)[truth])
