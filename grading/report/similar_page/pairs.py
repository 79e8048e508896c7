"""What the sealed comparison says, read as data."""

from dataclasses import dataclass
from typing import Any

PLAIN, APART = 0, -1
"""The marks of pieces that are not alike, and of what does not count; others are passages."""
MOST_PIECES = 20_000
MOST_TEXT = 400_000


class NoResult(ValueError):
    """What was said is no result of a comparison."""


@dataclass(frozen=True)
class Piece:
    """A stretch of code; pieces of one mark are one passage."""

    text: str
    mark: int


@dataclass(frozen=True)
class Cell:
    """One answer of one of the two: words of code that count, that are alike, and its code."""

    name: str
    own: int
    matching: int
    pieces: tuple[Piece, ...]

    @property
    def share(self) -> float:
        """Return which share of the words that count is alike."""
        return self.matching / self.own if self.own else 0.0


@dataclass(frozen=True)
class Pair:
    """Two people, by number, and the cells of each, those first in which most is alike."""

    who: tuple[int, int]
    sides: tuple[tuple[Cell, ...], tuple[Cell, ...]]

    def matching(self, at: int) -> int:
        """Return how many words of code are alike on one side."""
        return sum(cell.matching for cell in self.sides[at])

    def own(self, at: int) -> int:
        """Return how many words of code count on one side."""
        return sum(cell.own for cell in self.sides[at])


@dataclass(frozen=True)
class Similar:
    """The pairs, most alike first; for each person the words of code that count, by cell."""

    pairs: tuple[Pair, ...]
    own: tuple[dict[str, int], ...]
    common: bool = False
    """Whether anything was left out because many have it."""


def read_similar(said: Any, people: int) -> Similar:
    """Return a result that was said of so many people; raise `NoResult` where it is none."""
    try:
        own = tuple(
            {str(cell): _count(number) for cell, number in one.items()} for one in said["own"]
        )
        pairs = tuple(_pair(one, people) for one in said["pairs"])
        if len(own) != people:
            raise NoResult("of other people")
        return Similar(pairs, own, bool(said["common"]))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise NoResult(str(error)) from None


def _pair(said: Any, people: int) -> Pair:
    first, second = (_count(one) for one in said["who"])
    if first == second or max(first, second) >= people:
        raise NoResult("of people who are not there")
    left, right = (_side(one) for one in said["sides"])
    return Pair((first, second), (left, right))


def _side(said: Any) -> tuple[Cell, ...]:
    cells = [
        Cell(str(one["cell"]), _count(one["own"]), _count(one["matching"]), _pieces(one["pieces"]))
        for one in said
    ]
    if any(cell.matching > cell.own for cell in cells):
        raise NoResult("more alike than there is")
    return tuple(sorted(cells, key=lambda one: (-one.matching, one.name)))


def _pieces(said: Any) -> tuple[Piece, ...]:
    pieces = tuple(Piece(str(text), int(mark)) for text, mark in said)
    if len(pieces) > MOST_PIECES or sum(len(one.text) for one in pieces) > MOST_TEXT:
        raise NoResult("too much")
    return pieces


def _count(said: Any) -> int:
    if type(said) is not int or said < 0:
        raise NoResult("a number that is none")
    return said
