"""Merge what was changed here and what was changed upstream, cell by cell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

CELL = re.compile(r"^# %%", re.MULTILINE)
GRADE_ID = re.compile(r'"grade_id": "([^"]+)"')
ALIKE = 0.5
"""From this share of equal lines on, two cells without a name are taken for the same one."""


@dataclass(frozen=True)
class Conflict:
    """A cell that both sides changed in the same place; what is empty is not there."""

    cell: str
    base: str
    ours: str
    theirs: str


@dataclass(frozen=True)
class Merged:
    """A merged text, the cells in which ours stays though theirs differs, and those taken over."""

    text: str
    conflicts: tuple[Conflict, ...]
    taken: tuple[str, ...]


def merge_lines(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> list[str] | None:
    """Return the lines with the changes of both sides, or None where they touch each other."""
    merged: list[str] = []
    at_base = at_ours = at_theirs = 0
    for start, our_start, their_start, length in [
        *_common(base, ours, theirs),
        (len(base), len(ours), len(theirs), 0),
    ]:
        piece = _one_of(base[at_base:start], ours[at_ours:our_start], theirs[at_theirs:their_start])
        if piece is None:
            return None
        merged += [*piece, *base[start : start + length]]
        at_base, at_ours, at_theirs = start + length, our_start + length, their_start + length
    return merged


def _one_of(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> Sequence[str] | None:
    """Return the side that changed, either one where both say the same, None where they differ."""
    if list(ours) in (list(base), list(theirs)):
        return theirs
    return ours if list(theirs) == list(base) else None


def _common(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> list[tuple[int, int, int, int]]:
    """Return the runs of lines that stand in all three, as (base, ours, theirs, length)."""
    left, right = ([None] * len(base) for _ in range(2))
    for found, other in ((left, ours), (right, theirs)):
        for block in SequenceMatcher(None, base, other, autojunk=False).get_matching_blocks():
            for offset in range(block.size):
                found[block.a + offset] = block.b + offset  # type: ignore[call-overload]
    runs: list[tuple[int, int, int, int]] = []
    for at, (ours_at, theirs_at) in enumerate(zip(left, right, strict=True)):
        if ours_at is None or theirs_at is None:
            continue
        if runs and (at, ours_at, theirs_at) == tuple(part + runs[-1][3] for part in runs[-1][:3]):
            runs[-1] = (*runs[-1][:3], runs[-1][3] + 1)
        else:
            runs.append((at, ours_at, theirs_at, 1))
    return runs


def merge_cells(base: str, ours: str, theirs: str, prefer: frozenset[str] = frozenset()) -> Merged:
    """Merge a text notebook cell by cell, or any other text as a single cell.

    Where both sides changed the same lines of a cell, ours stays, unless its name, or `all`, is in
    `prefer`. A cell that one side removed and the other changed stays as our side has it.
    """
    cells = _Cells(base, ours, theirs)
    texts: list[str] = []
    conflicts: list[Conflict] = []
    taken: list[str] = []
    for key in cells.order():
        was, our, their = (side.get(key) for side in (cells.base, cells.ours, cells.theirs))
        name = _name(our or their or was or "")
        result = _merge_cell(was, our, their)
        if result is None:
            result = (their,) if prefer & {name, "all"} else (our,)
            if result == (our,):
                conflicts.append(Conflict(name, was or "", our or "", their or ""))
        if result[0] != our:
            taken.append(name)
        texts += [result[0]] if result[0] is not None else []
    return Merged("".join(texts), tuple(conflicts), tuple(taken))


def _merge_cell(base: str | None, ours: str | None, theirs: str | None) -> tuple[str | None] | None:
    """Return what a cell becomes (None: it goes), or None where both sides changed the same."""
    if ours == theirs or theirs == base:
        return (ours,)
    if ours == base:
        return (theirs,)
    if ours is None or theirs is None:
        return None
    sides = [text.splitlines(True) for text in (base or "", ours, theirs)]
    first = merge_lines(*(side[:1] for side in sides))  # what the cell is, apart from what it says
    rest = merge_lines(*(side[1:] for side in sides))
    return None if first is None or rest is None else ("".join([*first, *rest]),)


class _Cells:
    """The cells of three texts, each under a key that is the same wherever it is the same cell."""

    def __init__(self, base: str, ours: str, theirs: str) -> None:
        cells = _split(base)
        keys = list(range(len(cells)))
        self.base: dict[object, str] = dict(zip(keys, cells, strict=True))
        self.ours = _keyed(cells, _split(ours))
        self.theirs = _keyed(cells, _split(theirs))

    def order(self) -> list[object]:
        """Return all keys: in our order, or in theirs where only they moved cells."""
        shared = [key for key in self.base if key in self.ours and key in self.theirs]
        unmoved = [key for key in self.ours if key in shared] == shared
        first, second = (self.theirs, self.ours) if unmoved else (self.ours, self.theirs)
        result = list(first)
        at = 0
        for key in second:
            if key in first:
                at = result.index(key) + 1
            else:
                result.insert(at, key)
                at += 1
        return result


def _split(text: str) -> list[str]:
    """Return the cells of a text notebook, its header first; together they are the text."""
    starts = [0, *(match.start() for match in CELL.finditer(text) if match.start())]
    return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True) if a < b]


def _keyed(base: list[str], cells: list[str]) -> dict[object, str]:
    """Return cells under the place of the base's cell that each of them is, or as new ones."""
    known = dict.fromkeys(range(len(base)))
    found: dict[int, int] = {}
    named = {name: at for at, cell in enumerate(base) if (name := _grade_id(cell))}
    for at, cell in enumerate(cells):
        if (was := named.get(_grade_id(cell) or "")) is not None and was in known:
            found[at] = was
            del known[was]
    for block in SequenceMatcher(None, base, cells, autojunk=False).get_matching_blocks():
        for offset in range(block.size):
            if block.b + offset not in found and block.a + offset in known:
                found[block.b + offset] = block.a + offset
                del known[block.a + offset]
    pairs = [
        (_likeness(base[was], cell), -abs(was - at), was, at)
        for at, cell in enumerate(cells)
        if at not in found
        for was in known
    ]
    for likeness, _, was, at in sorted(pairs, reverse=True):
        if likeness >= ALIKE and was in known and at not in found:
            found[at] = was
            del known[was]
    keyed: dict[object, str] = {}
    for at, cell in enumerate(cells):
        key: object = found.get(at, _grade_id(cell) or cell)
        while key in keyed:
            key = (key, "again")
        keyed[key] = cell
    return keyed


def _likeness(one: str, other: str) -> float:
    """Return the share of equal lines of two cells that may be the same, 0 for others."""
    both_named = _grade_id(one) and _grade_id(other)
    first = [
        cell.startswith("# %%") and "[markdown]" in cell.split("\n")[0] for cell in (one, other)
    ]
    if both_named or first[0] != first[1]:
        return 0.0
    return SequenceMatcher(None, one.splitlines(), other.splitlines(), autojunk=False).ratio()


def _grade_id(cell: str) -> str | None:
    found = GRADE_ID.search(cell.split("\n")[0])
    return found[1] if found else None


def _name(cell: str) -> str:
    """Return what people call a cell: its grade_id, or the first words that it says."""
    lines = [line.strip("# ").strip() for line in cell.split("\n")[1:]]
    return _grade_id(cell) or next((line[:50] for line in lines if line), "the header")
