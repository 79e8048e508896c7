"""A check of random numbers, by how they are spread."""

from typing import ClassVar

import numpy as np

from grading.checks.base import KindOfCheck, Labels, Timing, number_of
from grading.checks.compare import numbers, raised
from grading.inside.check import Check
from grading.sandbox.evidence import Evidence


class Distribution(KindOfCheck):
    """The distance of two samples' distributions (two-sample Kolmogorov-Smirnov statistic)."""

    kind: ClassVar = "distribution"
    report: ClassVar = Check.distribution
    reports: ClassVar = "random numbers"
    judged_by: ClassVar = "the distance of the two distributions, at most `tolerance`"

    @classmethod
    def hint(cls, key: Evidence, got: Evidence, timing: Timing, labels: Labels) -> str | None:
        """Return how the numbers are spread where that is not as ours are."""
        if got.value.kind == "error":
            return raised(got.value)
        wanted, samples = numbers(key.value), numbers(got.value)
        if samples is None or wanted is None or samples.size < wanted.size // 2:
            return "too few numbers were reported"
        a, b = np.sort(wanted.ravel()), np.sort(samples.ravel())
        if not np.isfinite(b).all():
            return "some numbers are NaN or infinite"
        both = np.concatenate([a, b])
        shares = [np.searchsorted(x, both, side="right") / x.size for x in (a, b)]
        if np.abs(shares[0] - shares[1]).max() <= number_of(key.params, "tolerance", 0.05):
            return None
        return f"the numbers are spread differently: mean {b.mean():.1g}, deviation {b.std():.1g}"
