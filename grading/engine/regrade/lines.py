"""What of a submission would be another: its checks, its points, who must look, the penalty."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grading.engine.regrade.reasons import Reasons, late_reason
from grading.grades.kept_outcomes import CheckKept, Kept
from grading.grades.saved import Given, Planned
from grading.grades.states import State

BY_HAND = "the points given by hand stand"


@dataclass(frozen=True)
class Line:
    """One thing that would be another: its points before and after, where it has any, and why."""

    cell: str
    what: str
    old: float | None
    new: float | None
    why: str


def check_lines(old: Kept | None, new: Kept, reasons: Reasons, state: State) -> Iterator[Line]:
    """Yield a line for each check that would hold where it does not, or the other way round."""
    before = {(one.cell, one.name): one for one in (old.checks if old else ())}
    after = {(one.cell, one.name): one for one in new.checks}
    many_before, many_after = (Counter(cell for cell, _ in each) for each in (before, after))
    by_hand = _by_hand(state)
    for key in dict.fromkeys([*after, *before]):
        cell, check = key
        then, now = before.get(key), after.get(key)
        if then is not None and now is not None and then.passed == now.passed:
            continue
        worth = reasons.points_then(cell), reasons.points_now(cell)
        why = reasons.of_check(cell, check)
        yield Line(
            cell,
            check,
            _points(then, worth[0], many_before[cell]),
            _points(now, worth[1], many_after[cell]),
            f"{why}; {BY_HAND}" if cell in by_hand else why,
        )


def cell_lines(
    state: State, plan: list[tuple[Given, Planned]], told: set[str], reasons: Reasons
) -> Iterator[Line]:
    """Yield a line for each cell with other points of which none was told, or that would wait."""
    rows = {row["cell"]: row for row in state.contents["grades"].values()}
    by_hand = _by_hand(state)
    for given, planned in plan:
        row: Mapping[str, object] = rows.get(given.cell, {"auto_score": None})
        if row["auto_score"] != planned.score and given.cell not in told:
            why = reasons.of_points(given.cell)
            why = f"{why}; {BY_HAND}" if given.cell in by_hand else why
            old = row["auto_score"]
            yield Line(given.cell, "points", _number(old), planned.score, why)
        if bool(row.get("needs_manual_grade", False)) != planned.waits:
            what = "waits for a person" if planned.waits else "waits for nobody any more"
            yield Line(given.cell, what, None, None, reasons.in_general())


def late_lines(old: float | None, new: float | None, before: str, after: str) -> Iterator[Line]:
    """Yield the late penalty if it would be another; its causes are given as JSON."""
    if (old or 0.0) != (new or 0.0):
        yield Line("", "late penalty", -(old or 0.0), -(new or 0.0), late_reason(before, after))


def _by_hand(state: State) -> set[str]:
    rows = state.contents["grades"].values()
    return {row["cell"] for row in rows if row["manual_score"] is not None}


def _points(check: CheckKept | None, of_cell: float | None, checks: int) -> float | None:
    if check is None or of_cell is None:
        return None
    return round(of_cell / checks, 4) if check.passed else 0.0


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
