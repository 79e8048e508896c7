"""Tell what each student has handed in of what was due, and whom somebody should ask."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from grading.grades.class_grades import Submission
from grading.report.class_page.facts import Facts, Work

SILENT, RECENT, BELOW, DROP = 2, 3, 50.0, 35.0

State = Literal["graded", "not graded", "missing", "not due"]
Status = Literal["dropped out", "handed in nothing", "falls behind", "keeps up"]
STATUSES: tuple[Status, ...] = ("dropped out", "handed in nothing", "falls behind", "keeps up")

RULES = (
    f"Dropped out: has handed something in, but none of the last {SILENT} assignments that count.",
    "Handed in nothing: of all that counts, nothing yet.",
    f"Falls behind: the average of the last {RECENT} assignments that count, a missing one taken "
    f"as 0, is below {BELOW:g} %, or more than {DROP:g} points of 100 below the average before.",
    "An assignment counts once it has passed its due date, the student's extension included, or "
    "once the student has handed it in. One without a due date counts once more than half of those "
    "who have handed in anything have handed it in, or once a later one counts for all. What is "
    "not graded yet changes no average.",
)
OPTIONAL = (
    "An optional assignment is never missing. It counts towards a student's average only where it "
    "raises it, and not towards that of the last ones."
)


def rules(drop_lowest: int, optional: bool = False) -> tuple[str, ...]:
    """Return the rules in sentences; what is dropped or `optional` has one of its own."""
    told = (*RULES, *((OPTIONAL,) if optional else ()))
    if not drop_lowest:
        return told
    return (
        *told,
        f"The average of a student leaves out the lowest {drop_lowest} of what counts; that of the "
        f"last {RECENT} leaves out none.",
    )


@dataclass(frozen=True)
class Place:
    """Where a student stands with one assignment; `percent` is of the points graded so far."""

    work: str
    state: State
    percent: float | None
    optional: bool = False

    @property
    def counts(self) -> bool:
        """Return whether it is due or handed in."""
        return self.state != "not due"

    @property
    def value(self) -> float | None:
        """Return what it adds to an average: nothing where it is not graded yet."""
        return 0.0 if self.state == "missing" else self.percent


@dataclass(frozen=True)
class Standing:
    """How a student stands; `why` is the reason of a status in a sentence."""

    student: str
    places: tuple[Place, ...]
    status: Status
    why: str
    drop_lowest: int = 0

    def count(self, state: State) -> int:
        """Return how many assignments are in a state."""
        return sum(place.state == state for place in self.places)

    @property
    def average(self) -> float | None:
        """Return the average of all that counts, without as many of the lowest as are dropped.

        What is optional counts where it raises the average.
        """
        graded = [place for place in self.places if place.value is not None]
        values = sorted(place.value or 0.0 for place in graded if not place.optional)
        kept = values[self.drop_lowest :] or values[-1:]
        optional = [place.value or 0.0 for place in graded if place.optional]
        for more in sorted(optional, reverse=True):
            if more * len(kept) > sum(kept) or not kept:
                kept.append(more)
        return round(sum(kept) / len(kept), 2) if kept else None


def standings(facts: Facts) -> list[Standing]:
    """Return how each student stands, in the order of the facts."""
    for_all = counting_for_all(facts)
    titles = {work.name: work.title for work in facts.works}
    found = []
    for person in facts.people:
        places = tuple(_place(facts, person.id, work, for_all) for work in facts.works)
        status, why = _status(places, titles)
        found.append(Standing(person.id, places, status, why, facts.drop_lowest))
    return found


def counting_for_all(facts: Facts) -> set[str]:
    """Return the assignments that count for whoever has no extension."""
    known = {one.id for one in facts.people}
    active = {student for student, _ in facts.handed_in if student in known}
    found: set[str] = set()
    for work in reversed([one for one in facts.works if not one.optional]):
        if work.due is None:
            by = sum((student, work.name) in facts.handed_in for student in active)
            counts = bool(found) or 2 * by > len(active)
        else:
            counts = work.due <= facts.now
        if counts:
            found.add(work.name)
    return found


def percent(submission: Submission | None) -> float | None:
    """Return the score of what is graded of a submission, of 100; None where there is none."""
    if submission is None or submission.score is None:
        return None
    graded = submission.max_score - submission.not_graded
    return round(100 * submission.score / graded, 2) if graded > 0 else None


def _place(facts: Facts, student: str, work: Work, for_all: set[str]) -> Place:
    key = student, work.name
    found = facts.submissions.get(key)
    if key in facts.handed_in:
        share = percent(found)
        state: State = "not graded" if share is None else "graded"
        return Place(work.name, state, share, work.optional)
    extension = found.extension if found else timedelta(0)
    still_open = work.due is not None and work.due + extension > facts.now
    missing = work.name in for_all and not still_open
    return Place(work.name, "missing" if missing else "not due", None, work.optional)


def _status(places: tuple[Place, ...], titles: dict[str, str]) -> tuple[Status, str]:
    counted = [place for place in places if place.counts]
    handed_in = [place for place in counted if place.state != "missing"]
    if counted and not handed_in:
        return "handed in nothing", f"nothing of {len(counted)} due"
    silent = counted[-SILENT:]
    if len(silent) == SILENT and all(place.state == "missing" for place in silent):
        last, since = handed_in[-1].work, len(counted) - 1 - counted.index(handed_in[-1])
        return "dropped out", f"last handed in {titles[last]}; {since} due since, none handed in"
    asked = [place for place in counted if not place.optional]
    now, before = _average(asked[-RECENT:]), _average(asked[:-RECENT])
    if now is not None and now < BELOW:
        return "falls behind", f"{now:.0f} % on average of the last {len(asked[-RECENT:])}"
    if now is not None and before is not None and before - now > DROP:
        return "falls behind", f"{now:.0f} % on average of the last {RECENT}, {before:.0f} % before"
    return "keeps up", ""


def _average(places: tuple[Place, ...] | list[Place]) -> float | None:
    values = [place.value for place in places if place.value is not None]
    return round(sum(values) / len(values), 2) if values else None
