"""A check of several cases, of which some must raise an error."""

from typing import ClassVar

from grading.checks.base import KindOfCheck, Labels, Timing
from grading.checks.compare import Tolerance, difference, raised, too_many_names
from grading.inside.check import Check
from grading.sandbox.clock import Stretch
from grading.sandbox.evidence import Evidence


class Outcomes(KindOfCheck):
    """Values where values should be, and errors where errors should be."""

    kind: ClassVar = "outcomes"
    report: ClassVar = Check.outcomes
    reports: ClassVar = "a value or error for each case"
    judged_by: ClassVar = "values where values should be *and* errors where errors should be"

    @classmethod
    def hint(cls, key: Evidence, got: Evidence, timing: Timing, labels: Labels) -> str | None:
        """Return what is wrong with the first case that does not end as ours."""
        accepted = set(key.params.get("errors", ()))
        named = " or ".join(sorted(accepted))
        tolerance = Tolerance.of(key.params)
        if len(key.value.items) != len(got.value.items):
            return "not every case was answered"
        cases = key.params.get("cases") or [""] * len(key.value.items)
        for case, wanted, answer in zip(cases, key.value.items, got.value.items, strict=True):
            which = f"{case}: " if case else ""
            if wanted.kind == "error" and answer.kind != "error":
                return f"{which or 'a case that '}should raise {named}" + (
                    ", and does not" if case else " did not"
                )
            if wanted.kind == "error":
                if not accepted & set(answer.types):
                    return f"{which}{raised(answer)} where {named} was wanted"
            elif hint := difference(wanted, answer, tolerance):
                return f"{which or 'in a case that should work: '}{hint}"
        return None

    @classmethod
    def unfit(cls, ours: Evidence, timed: list[Stretch]) -> str | None:
        """Return that every case raises, which could be claimed, or that its names do not fit."""
        if all(case.kind == "error" for case in ours.value.items):
            return "has no case that should work"
        return too_many_names(ours.value, ours.params.get("cases") or ())
