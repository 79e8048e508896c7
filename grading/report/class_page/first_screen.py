"""Choose what stands on the first screen: how the class is, whom and what to look at first."""

from collections.abc import Sequence
from dataclasses import dataclass

from grading.report.class_page.facts import Facts
from grading.report.class_page.items import Item
from grading.report.class_page.standing import STATUSES, Standing

MOST_PEOPLE, MOST_CHECKS = 3, 3
MARKS = {"dropped out": "✕", "handed in nothing": "○", "falls behind": "▾"}
OF_MANY = {"falls behind": "fall behind"}


@dataclass(frozen=True)
class Tile:
    """A number with its name, and where more of it stands."""

    value: str
    name: str
    link: str


@dataclass(frozen=True)
class Someone:
    """A student somebody should ask, and why."""

    student: str
    name: str
    why: str


@dataclass(frozen=True)
class Group:
    """The students of one standing: the first of them, and how many there are."""

    status: str
    mark: str
    number: int
    people: list[Someone]


def tiles(facts: Facts, found: Sequence[Standing]) -> list[Tile]:
    """Return the numbers that say how the class is."""
    counted = [place for one in found for place in one.places if place.counts]
    handed_in = sum(place.state != "missing" for place in counted)
    averages = sorted(one.average for one in found if one.average is not None)
    middle = averages[len(averages) // 2] if averages else None
    waiting = len({(one.student, one.assignment) for one in facts.waiting})
    bad = len(facts.runs)
    return [
        Tile(f"{len(found)}", _of(len(found), "student", "students"), "#roster"),
        Tile(_share(handed_in, len(counted)), "of what is due is handed in", "#progress"),
        Tile("—" if middle is None else f"{middle:.0f} %", "median of the averages", "#progress"),
        Tile(
            f"{waiting}",
            _of(waiting, "submission waits for a person", "submissions wait for a person"),
            "#waiting",
        ),
        Tile(f"{bad}", _of(bad, "run ended badly", "runs ended badly"), "#runs"),
    ]


def groups(facts: Facts, found: Sequence[Standing]) -> list[Group]:
    """Return whom somebody should ask, the gravest standing first.

    Of those who are in the same one, who was best before comes first: there is most to be lost.
    """
    names = {person.id: person.name for person in facts.people}
    shown = []
    for status in STATUSES[:-1]:
        its = [one for one in found if one.status == status]
        its.sort(key=lambda one: (-(one.average or 0.0), one.student))
        if its:
            people = [Someone(one.student, names[one.student], one.why) for one in its]
            said = OF_MANY.get(status, status) if len(its) > 1 else status
            shown.append(Group(said, MARKS[status], len(its), people[:MOST_PEOPLE]))
    return shown


def odd_checks(found: Sequence[Item]) -> list[Item]:
    """Return the checks that are to be looked at, all of them."""
    return [item for item in found if item.why]


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "—"


def _of(number: int, one: str, many: str) -> str:
    return one if number == 1 else many
