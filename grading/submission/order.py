"""Tell behind which cell of ours each of a student's own cells stands."""

from nbformat import NotebookNode

from grading.submission.code import lines_of
from grading.submission.recognise import Piece
from grading.submission.released_cells import ReleasedCells

LOCKED, ANSWER = 3, 2  # of two cells that changed places, the answer is the one that moved


def places(ours: ReleasedCells, pieces: list[Piece]) -> list[tuple[str | None, Piece]]:
    """Return the pieces that are no part of ours, each with the cell of ours that it follows.

    A cell of ours that was moved takes no other along, unless most of them were.
    """
    steady = _steady(ours, pieces)
    found: list[tuple[str | None, Piece]] = []
    place: str | None = None
    names = {piece.name for piece in pieces}
    for piece in pieces:
        if piece.handed_out:
            follows = ours.handed_out[lines_of(piece.source)]
            if follows not in names and ours.at(follows) > ours.at(place):
                place = follows
        if piece.name is None:
            found.append((place, piece))
        elif piece in steady:
            place = piece.name
    return found


def _steady(ours: ReleasedCells, pieces: list[Piece]) -> set[Piece]:
    """Return the cells of ours that stand in our order: the heaviest rising sequence of them."""
    known = [piece for piece in pieces if piece.name is not None]
    at = [ours.at(piece.name) for piece in known]
    weights: list[int] = []
    before: list[int | None] = []
    for index, piece in enumerate(known):
        lower = [one for one in range(index) if at[one] < at[index]]
        best = max(lower, key=weights.__getitem__, default=None)
        before.append(best)
        own = LOCKED if ours.is_locked(str(piece.name)) else ANSWER
        weights.append(own + (0 if best is None else weights[best]))
    last = max(range(len(known)), key=weights.__getitem__, default=None)
    steady: set[Piece] = set()
    while last is not None:
        steady.add(known[last])
        last = before[last]
    return steady if 2 * len(steady) >= len(set(at)) else set(known)


def in_order(
    ours: ReleasedCells, cells: dict[str, NotebookNode], own: list[tuple[str | None, NotebookNode]]
) -> list[NotebookNode]:
    """Return our cells in our order, each once, with the student's own behind those they follow."""
    behind: dict[str | None, list[NotebookNode]] = {}
    for place, cell in own:
        behind.setdefault(place, []).append(cell)
    ordered = list(behind.get(None, []))
    for name in ours.order:
        ordered += [cells[name], *behind.get(name, [])]
    return ordered
