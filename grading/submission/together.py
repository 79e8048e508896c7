"""Make one text of the pieces of an answer, and two of what belongs to two answers."""

from dataclasses import dataclass
from itertools import pairwise

from grading.submission.code import Statement, is_python, joined, statements
from grading.submission.recognise import Piece
from grading.submission.released_cells import ReleasedCells

REACH = 3  # cells on each side among which the rest of a broken answer is looked for


@dataclass
class Together:
    """An answer's pieces that are one text, and those that are run where they stand."""

    source: str
    pieces: list[Piece]
    beside: list[Piece]
    differ: bool


def put_together(
    ours: ReleasedCells, cells: list[Piece], pieces: list[Piece], last: int
) -> Together:
    """Make one text of an answer's pieces; what can be run where it stands, is.

    `last` is the place among the cells behind which a piece comes too late for the answer's test.
    """
    pieces = _completed(cells, pieces)
    places = {piece: place for place, piece in enumerate(cells)}
    early = [piece for piece in pieces if places[piece] < last]
    late = [piece for piece in pieces if piece not in early] if early else []
    whole = is_python(joined([piece.source for piece in early or pieces]))
    if late and not (whole and _adds_nothing(early, late)):
        early, late = pieces, []
    differ = bool(late) or _differ(ours, cells, early, places)
    early = early or pieces
    beside: list[Piece] = []
    if _must_stay_apart(cells, early, places) and all(one.is_python for one in early):
        early, beside = early[-1:], early[:-1]
    for piece in (*late, *beside):
        piece.name = None
    source = _without_stubs(ours, joined([piece.source for piece in early]), len(early))
    return Together(source, early, beside, differ)


def taken_out(
    ours: ReleasedCells, found: tuple[Statement, ...], host: str, name: str
) -> tuple[str, str]:
    """Return what belongs to a host and to the answer in it; what belongs to neither runs first."""
    earlier = min((host, name), key=ours.at)
    parts: dict[str, list[str]] = {host: [], name: []}
    owner: str | None = None
    waiting: list[str] = []
    for one in found:
        belongs = next((side for side in parts if one.defines & ours.may_define[side]), None)
        waiting.append(one.text)
        if belongs is not None:
            parts[belongs if owner in (None, belongs) else earlier] += waiting[:-1]
            parts[belongs].append(waiting[-1])
            owner, waiting = belongs, []
    parts[owner or host] += waiting
    return "\n".join(parts[host]), "\n".join(parts[name])


def is_stub(ours: ReleasedCells, statement: Statement) -> bool:
    """Return whether a statement was handed out in an answer."""
    return bool(statement.form) and statement.form in ours.stub_forms


def _adds_nothing(early: list[Piece], late: list[Piece]) -> bool:
    known = frozenset(key for piece in early for key in piece.defines)
    return all(piece.defines <= known for piece in late)


def _differ(
    ours: ReleasedCells, cells: list[Piece], pieces: list[Piece], places: dict[Piece, int]
) -> bool:
    """Return whether versions of an answer stand on both sides of a locked cell."""
    for one, other in pairwise(pieces):
        between = cells[places[one] + 1 : places[other]]
        apart = any(piece.name and ours.is_locked(piece.name) for piece in between)
        if apart and one.defines & other.defines:
            return True
    return False


def _must_stay_apart(cells: list[Piece], pieces: list[Piece], places: dict[Piece, int]) -> bool:
    """Return whether own code stands between pieces, or magic that begins a cell."""
    between = cells[places[pieces[0]] : places[pieces[-1]]]
    magic = any(piece.source.lstrip().startswith("%%") for piece in pieces[1:])
    return magic or any(piece.is_own and piece.is_code for piece in between)


def _completed(cells: list[Piece], pieces: list[Piece]) -> list[Piece]:
    """Take in the cells beside an answer without which it, or they, are no Python."""
    places = [place for place, piece in enumerate(cells) if piece in pieces]
    before = _neighbours(cells, range(places[0] - 1, -1, -1))
    behind = _neighbours(cells, range(places[-1] + 1, len(cells)))
    choices = [
        (before[:left][::-1], behind[:right])
        for left in range(len(before) + 1)
        for right in range(len(behind) + 1)
    ]
    for left, right in sorted(choices, key=lambda one: len(one[0]) + len(one[1])):
        parts = [*left, *pieces, *right]
        if all(one.is_python for one in parts):
            continue
        if is_python(joined([one.source for one in parts])):
            for piece in (*left, *right):
                piece.name = pieces[0].name
            return parts
    return pieces


def _neighbours(cells: list[Piece], places: range) -> list[Piece]:
    found: list[Piece] = []
    for place in places:
        if not (cells[place].is_own and cells[place].is_code) or len(found) == REACH:
            break
        found.append(cells[place])
    return found


def _without_stubs(ours: ReleasedCells, source: str, pieces: int) -> str:
    """Take out of joined pieces what was handed out, where the student wrote it elsewhere."""
    found = statements(source) if pieces > 1 else None
    if found is None:
        return source
    written = {key for one in found if not is_stub(ours, one) for key in one.defines}
    return "\n".join(
        one.text
        for one in found
        if not (is_stub(ours, one) and (one.defines & written or one.form.startswith("Raise")))
    )
