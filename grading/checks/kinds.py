"""All kinds of checks there are, and their table in the guide."""

from grading.checks.accuracy import Accuracy
from grading.checks.base import KindOfCheck
from grading.checks.distribution import Distribution
from grading.checks.outcomes import Outcomes
from grading.checks.speedup import Speedup
from grading.checks.trained import Trained
from grading.checks.value import Value

KINDS: dict[str, type[KindOfCheck]] = {
    one.kind: one for one in (Value, Outcomes, Distribution, Accuracy, Speedup, Trained)
}
HEADER = ("| call | reports | judged outside by |", "|---|---|---|")


def guide_table() -> str:
    """Return the table of all kinds that the guide shows, as Markdown."""
    return "\n".join([*HEADER, *(kind.row() for kind in KINDS.values())])
