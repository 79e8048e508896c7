"""What a run has come to, in a few lines for whoever started it."""

from collections import Counter
from collections.abc import Sequence

from grading.engine.done import Done, printable

MANY_SECONDS = 120


def summary(done: Sequence[Done], seconds: float) -> list[str]:
    """Return the lines; none where nothing was done."""
    if not done:
        return []
    outcomes = Counter(one.outcome for one in done)
    waiting = sum(bool(one.waiting) for one in done)
    counts = {
        "graded": outcomes["graded"],
        "waiting for a person": waiting,
        "settled": outcomes["settled"],
        "failed": outcomes["failed"],
    }
    told = [f"{count} {what}" for what, count in counts.items() if count or what == "graded"]
    lines = [f"{', '.join(told)}, in {_duration(seconds)}"]
    cold = Counter(one.cold for one in done if one.cold)
    lines += [
        printable(f"{count} kernels were started from nothing, which is slower: {why}")
        for why, count in cold.most_common()
    ]
    return lines


def _duration(seconds: float) -> str:
    if seconds < MANY_SECONDS:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"
