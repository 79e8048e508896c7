"""The roster as a grid: a row a student, a column an assignment."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grading.report.class_page.columns import duration
from grading.report.class_page.facts import Facts
from grading.report.class_page.standing import Place, Standing

SHADES = 5
SIGNS = {"missing": "missing", "not graded": "…", "not due": "·"}


@dataclass(frozen=True)
class GridCell:
    """How an assignment of a student is shown: a text, what is small below it, and a class."""

    text: str
    small: str
    look: str
    order: float


@dataclass(frozen=True)
class GridRow:
    """A student's row."""

    student: str
    name: str
    section: str
    known: bool
    status: str
    average: float | None
    cells: list[GridCell]


def grid(facts: Facts, found: Iterable[Standing]) -> Iterator[GridRow]:
    """Yield a row for every student, also for who has handed in nothing."""
    people = {person.id: person for person in facts.people}
    for one in found:
        person = people[one.student]
        cells = [_cell(facts, one.student, place) for place in one.places]
        status = "" if one.status == "keeps up" else one.status
        known = (person.name, person.section, person.known)
        yield GridRow(one.student, *known, status, one.average, cells)


def _cell(facts: Facts, student: str, place: Place) -> GridCell:
    own = facts.submissions.get((student, place.work))
    small = []
    if own and own.late_seconds > 0:
        cost = f", -{own.late_penalty:g}" if own.late_penalty else ""
        small.append(f"† {duration(own.late_seconds / 3600)}{cost}")
    if own and own.extension.total_seconds() > 0:
        small.append(f"+{duration(own.extension.total_seconds() / 3600)}")
    if own and own.attempt:
        small.append(f"attempt {own.attempt}")
    if own and own.waiting:
        small.append("✎")
    if (student, place.work) in facts.stale:
        small.append("↻")
    if place.percent is None:
        return GridCell(SIGNS[place.state], " ".join(small), place.state.replace(" ", "-"), -1.0)
    shade = max(0, min(SHADES, int(place.percent * SHADES / 100)))
    return GridCell(f"{place.percent:.0f}", " ".join(small), f"s{shade}", place.percent)
