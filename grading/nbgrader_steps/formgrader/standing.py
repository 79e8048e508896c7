"""Say what stands in Formgrader's lists in the place of a score that is not final.

A bare 0 there would be taken for a grade that somebody gave.
"""

from collections.abc import Collection, Mapping
from typing import Any

KINDS = ("code", "written", "task")
SCORES = ("score", *(f"{kind}_score" for kind in KINDS))
NOT_GRADED = "not graded yet"
REST_NOT_GRADED = "the rest not graded yet"
WAITS = "waits for a person"
NOTHING_GRADED = "nothing graded yet"
NOTHING_HANDED_IN = "nothing handed in"

Shown = dict[str, str]


def everywhere(text: str) -> Shown:
    """Return a text for every score of an entry."""
    return dict.fromkeys(SCORES, text)


def of_scores(answer: Mapping[str, Any], waiting: Collection[str], prefix: str = "") -> Shown:
    """Return what to show for the scores of kinds of cells of which some wait, and for their sum.

    `answer` has the scores under their names, which `prefix` stands before where they are averages.
    """
    names = [*(f"{kind}_score" for kind in KINDS if kind in waiting), *["score"] * bool(waiting)]
    return {name: so_far(answer[prefix + name], answer[f"max_{name}"], WAITS) for name in names}


def of_averages(answer: Mapping[str, Any], graded: bool, waiting: Collection[str]) -> Shown:
    """Return what to show for averages, of which there are none where nothing is graded."""
    if not graded:
        return everywhere(NOTHING_GRADED)
    return of_scores(answer, waiting, "average_")


def of_student(
    answer: Mapping[str, Any], graded: Collection[str], handed_in: Collection[str], waits: bool
) -> Shown:
    """Return what to show for the sum of a student's scores, from the names of assignments."""
    if not graded:
        return {"score": NOT_GRADED if handed_in else NOTHING_HANDED_IN}
    if not set(handed_in) <= set(graded):
        return {"score": so_far(answer["score"], answer["max_score"], REST_NOT_GRADED)}
    return {"score": so_far(answer["score"], answer["max_score"], WAITS)} if waits else {}


def so_far(score: float, greatest: float, rest: str) -> str:
    """Return what is said of a score that is not final."""
    return f"{round(score, 2):g} / {round(greatest, 2):g}, {rest}" if score else rest
