"""The plain check: a value, or the error that was raised."""

from typing import ClassVar

from grading.checks.base import KindOfCheck, Labels, Timing
from grading.checks.compare import Tolerance, difference, difference_of_cases, too_many_names
from grading.inside.check import Check
from grading.sandbox.clock import Stretch
from grading.sandbox.evidence import Evidence


class Value(KindOfCheck):
    """Equality with what our own solution reported."""

    kind: ClassVar = "value"
    report: ClassVar = Check.__call__
    reports: ClassVar = "a value, or the error raised; or a dictionary of named cases"
    judged_by: ClassVar = (
        "equality with our own, within `rtol`, `atol`; `dtype=False` leaves precision open"
    )

    @classmethod
    def hint(cls, key: Evidence, got: Evidence, timing: Timing, labels: Labels) -> str | None:
        """Return how the value differs from ours, and in which case."""
        compare = difference_of_cases if key.params.get("cases") else difference
        return compare(key.value, got.value, Tolerance.of(key.params))

    @classmethod
    def unfit(cls, ours: Evidence, timed: list[Stretch]) -> str | None:
        """Return that there are too many names among which a hint may choose."""
        return too_many_names(ours.value)
