"""A check of speed, by CPU time that is taken outside."""

from typing import ClassVar

import numpy as np

from grading.checks.base import KindOfCheck, Labels, Timing
from grading.checks.compare import Tolerance, difference, raised
from grading.inside.check import Check
from grading.sandbox.clock import Stretch
from grading.sandbox.evidence import Evidence, MalformedEvidence, parse_value

SLOW_ALLOWANCE = 1.25
TIMED_RESULT = Tolerance(rtol=1e-2, atol=1e-4, dtype=False)


class Speedup(KindOfCheck):
    """How many times faster one side is than the other, with the right results on both."""

    kind: ClassVar = "speedup"
    report: ClassVar = Check.speedup
    reports: ClassVar = "results for seeds it is given"
    judged_by: ClassVar = "CPU time taken outside"

    @classmethod
    def hint(cls, key: Evidence, got: Evidence, timing: Timing, labels: Labels) -> str | None:
        """Return how much faster it was where that is too little, or which result is wrong."""
        if got.value.kind == "error":
            return raised(got.value)
        mine, theirs = _of_this(key, timing)
        if not _timed_alike(mine, theirs):
            return "the timed stretches were not run as they should be"
        known = {(ours.side, ours.seed): ours.value for ours in mine}
        for stretch in theirs:
            try:
                ours = parse_value(known[stretch.side, stretch.seed])
                hint = difference(ours, parse_value(stretch.value), TIMED_RESULT)
            except MalformedEvidence:
                hint = "what was reported could not be read"
            if hint:
                return f"the {stretch.side} side computed something else: {hint}"
        ratio = speed_ratio(Timing(mine, theirs))
        wanted = float(key.params["at_least"])
        return None if ratio >= wanted else f"{ratio:.1f} times faster, at least {wanted:g} wanted"

    @classmethod
    def reached(cls, key: Evidence, got: Evidence, timing: Timing, labels: Labels) -> float | None:
        """Return how many times faster it was."""
        mine, theirs = _of_this(key, timing)
        if got.value.kind == "error" or not (mine and _timed_alike(mine, theirs)):
            return None
        return round(speed_ratio(Timing(mine, theirs)), 2)

    @classmethod
    def unfit(cls, ours: Evidence, timed: list[Stretch]) -> str | None:
        """Return that our own stretches are void: the slow side would count without limit."""
        mine = [s for s in timed if s.name == ours.name]
        if not mine or not np.isfinite(speed_ratio(Timing(mine, mine))):
            return "was not timed: both sides must run, and start no process"
        return None


def _of_this(key: Evidence, timing: Timing) -> tuple[list[Stretch], list[Stretch]]:
    """Return our own stretches of one check, and the student's."""
    theirs = [s for s in timing.student if s.name == key.name]
    return [s for s in timing.key if s.name == key.name], theirs


def _timed_alike(mine: list[Stretch], theirs: list[Stretch]) -> bool:
    """Return whether both sides ran in turn as ours did at first, on inputs that ours knows."""
    turns = 2 * sum(s.side == "slow" for s in mine)
    known = {(s.side, s.seed) for s in mine}
    alike = [(s.side, s.round) for s in mine[:turns]] == [(s.side, s.round) for s in theirs]
    return alike and all((s.side, s.seed) in known for s in theirs)


def speed_ratio(timing: Timing) -> float:
    """Return how many times faster a student's fast side is than the slow side.

    Medians of CPU seconds taken outside. The slow side counts for at most `SLOW_ALLOWANCE` times
    the reference's (at the machine's present speed), so that slowing it down wins nothing.
    """

    def median(stretches: list[Stretch], side: str) -> float:
        return float(np.median([s.seconds for s in stretches if s.side == side]))

    pace = [float(np.median([s.machine for s in run])) for run in (timing.student, timing.key)]
    ceiling = median(timing.key, "slow") * SLOW_ALLOWANCE * pace[0] / max(pace[1], 1e-9)
    slow = min(median(timing.student, "slow"), ceiling)
    return slow / max(median(timing.student, "fast"), 1e-9)
