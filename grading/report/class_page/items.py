"""Tell how hard each check is, how well it tells strong from weak, and which look unfair.

A check's *rest* is the share of the other checks of its assignment that hold for a student.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from grading.checks.judge import NOT_REACHED

ENOUGH = 20
"""Students of whom a check's discrimination is told, and at least ..."""
OF_EACH = 3
"""... so many that pass, and so many that fail."""
FEW, HARDLY = 5, 0.2
STRONGEST, ALONE, ALONE_OF_ALL = 0.25, 3, 0.05
UNSEEN, TELLS_WELL = 0.5, 0.3
UNREACHED = 0.5

RULES = (
    "Difficulty is the share of those who reached a check for whom it holds.",
    "Discrimination is the point-biserial correlation of a check with the share of the other "
    f"checks of its assignment that hold. It is told from {ENOUGH} students on, of whom at least "
    f"{OF_EACH} pass and {OF_EACH} fail; {TELLS_WELL:g} and more is good, below 0 the weak pass "
    "more often than the strong.",
    f"A check is to be looked at (from {FEW} students on) where at most {HARDLY:.0%} pass; where "
    f"it is all that {ALONE} or more students ({ALONE_OF_ALL:.0%} of them) fail, and more than "
    "half of those who pass all else fail it; where of the strongest quarter at least half fail "
    f"and no more pass than of the others; where {UNREACHED:.0%} never get to it; or where "
    f"{UNSEEN:.0%} pass the visible tests "
    f"of its cell and fail it, and its discrimination is below {TELLS_WELL:g} or not told.",
)


@dataclass(frozen=True)
class Item:
    """One check of one assignment.

    `students` reached it, `unreached` did not; `unseen` pass the visible tests of its cell and fail
    it. `why` says in sentences why it should be looked at, `gravity` how much it should.
    """

    assignment: str
    cell: str
    check: str
    students: int
    passed: int
    unreached: int
    unseen: int
    discrimination: float | None
    hint: str
    hinted: int
    why: tuple[str, ...] = ()
    gravity: int = 0

    @property
    def difficulty(self) -> float | None:
        """Return the share of those who reached it for whom it holds."""
        return self.passed / self.students if self.students else None


def items(checks: pd.DataFrame) -> list[Item]:
    """Return every check: those to be looked at first, then the hardest first."""
    found = [item for _, rows in checks.groupby("assignment") for item in _of_assignment(rows)]
    return sorted(
        found,
        key=lambda item: (
            -item.gravity,
            1.0 if item.difficulty is None else item.difficulty,
            item.assignment,
            item.cell,
            item.check,
        ),
    )


def _of_assignment(rows: pd.DataFrame) -> Iterator[Item]:
    """Yield the checks of one assignment, from matrices with a row a student, a column a check."""
    student, students = pd.factorize(rows["student"])
    check, checks = pd.factorize(pd.MultiIndex.from_frame(rows[["cell", "check"]]))
    held = np.full((len(students), len(checks)), np.nan)
    reached, seen = np.zeros(held.shape, bool), np.zeros(held.shape, bool)
    held[student, check] = rows["passed"].astype(float)
    reached[student, check] = rows["hint"] != NOT_REACHED
    seen[student, check] = rows["visible"] == True  # noqa: E712
    told, total = (~np.isnan(held)).sum(axis=1), np.nansum(held, axis=1)
    hints = _hints(rows[reached[student, check] & (held[student, check] == 0)])
    assignment = str(rows["assignment"].iloc[0])
    for at, (cell, name) in enumerate(checks):
        column = held[:, at]
        others = told - ~np.isnan(column)
        rest = (total - np.nan_to_num(column)) / np.where(others > 0, others, np.nan)
        here = reached[:, at]
        passed, unreached = column[here], int((~np.isnan(column) & ~here).sum())
        unseen = int((seen[here, at] & (passed == 0)).sum())
        tells = point_biserial(passed, rest[here])
        reasons = sorted(_reasons(passed, rest[here], tells, unseen, unreached), reverse=True)
        yield Item(
            *(assignment, str(cell), str(name), len(passed), int(passed.sum()), unreached, unseen),
            tells,
            *hints.get((cell, name), ("", 0)),
            tuple(text for _, text in reasons),
            sum(weight for weight, _ in reasons),
        )


def _hints(failed: pd.DataFrame) -> dict[tuple[str, str], tuple[str, int]]:
    """Return by cell and check the most frequent hint, and how often it was given."""
    told: dict[tuple[str, str], Counter[str]] = {}
    for cell, check, hint in zip(failed["cell"], failed["check"], failed["hint"], strict=True):
        if hint:
            told.setdefault((cell, check), Counter())[hint] += 1
    return {key: counted.most_common(1)[0] for key, counted in told.items()}


def point_biserial(passed: np.ndarray, rest: np.ndarray) -> float | None:
    """Return the correlation of passing with the rest; None with too few students."""
    told = ~np.isnan(rest)
    passed, rest = passed[told], rest[told]
    holds = int(passed.sum())
    if len(passed) < ENOUGH or min(holds, len(passed) - holds) < OF_EACH or np.ptp(rest) == 0:
        return None
    return round(float(np.corrcoef(passed, rest)[0, 1]), 3)


def _reasons(
    passed: np.ndarray, rest: np.ndarray, tells: float | None, unseen: int, unreached: int
) -> Iterator[tuple[int, str]]:
    """Yield why a check should be looked at, each with its weight."""
    number, holds = len(passed), int(passed.sum())
    every = number + unreached
    if every >= FEW and unreached >= UNREACHED * every:
        yield 3, f"{unreached} of {every} never get to it: their cell stops before."
    if number < FEW:
        return
    if holds <= HARDLY * number:
        whom = f"Only {holds}" if holds else "Nobody"
        yield 3, f"{whom} of {number} {'pass' if holds > 1 else 'passes'} it."
    perfect = rest == 1.0
    alone = int((perfect & (passed == 0)).sum())
    if alone >= max(ALONE, ALONE_OF_ALL * number) and 2 * alone > perfect.sum():
        yield 4, f"{alone} students who pass every other check of the assignment fail only this."
    elif strong := _strong_fail(passed, rest):
        yield 4, strong
    if unseen >= max(FEW, UNSEEN * number) and (tells is None or tells < TELLS_WELL):
        yield 1, f"{unseen} of {number} pass the visible tests of its cell and fail this one."


def _strong_fail(passed: np.ndarray, rest: np.ndarray) -> str:
    """Return that the strongest fail as often as the others do, or nothing."""
    told = ~np.isnan(rest)
    passed, rest = passed[told], rest[told]
    if len(passed) < ENOUGH:
        return ""
    strong = rest >= np.quantile(rest, 1 - STRONGEST)
    if strong.all():
        return ""
    of_strong, of_others = passed[strong].mean(), passed[~strong].mean()
    if of_strong > 0.5 or of_strong > of_others:
        return ""
    failed = int((passed[strong] == 0).sum())
    return (
        f"{failed} of the {int(strong.sum())} strongest students fail it, and "
        f"{of_others:.0%} of the others pass."
    )
