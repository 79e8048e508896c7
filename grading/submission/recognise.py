"""Recognise the cells of a submission: by grade id, by cell id, by their text.

A cell into which others were merged is taken apart where the text of ours stands in it.
"""

import copy
import difflib
from dataclasses import dataclass
from functools import cached_property

from nbformat import NotebookNode

from grading.course.cells import grade_id_of
from grading.submission.code import Lines, Statement, form_of, is_python, lines_of, statements
from grading.submission.released_cells import ReleasedCells

MOSTLY = 0.6  # of the lines of ours that a cell must still hold to be recognised by them
MAX_LINES = 500
MAX_READ = 400_000  # characters


@dataclass(eq=False)
class Piece:
    """A student's cell or a part of one, and the cell of ours that it stands for.

    `added` was written into a locked cell, `changed` in place of a part of it; `handed_out` came
    with the release; `unread` has code beyond what is looked into.
    """

    cell: NotebookNode
    name: str | None = None
    added: bool = False
    changed: bool = False
    handed_out: bool = False
    unread: bool = False

    @property
    def source(self) -> str:
        """Return the piece's text."""
        return str(self.cell.source)

    @property
    def is_own(self) -> bool:
        """Return whether the student has written it into a cell of their own."""
        return self.name is None and not self.handed_out and bool(self.source.strip())

    @property
    def is_code(self) -> bool:
        """Return whether it is a cell of code."""
        return bool(self.cell.cell_type == "code")

    @cached_property
    def is_python(self) -> bool:
        """Return whether its text alone is Python."""
        return not self.unread and is_python(self.source)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Return its statements; none where it is no Python."""
        return () if self.unread else statements(self.source) or ()

    @cached_property
    def defines(self) -> frozenset[str]:
        """Return the names that it defines, as a whole."""
        return frozenset(key for one in self.statements for key in one.defines)


def recognise(ours: ReleasedCells, submitted: list[NotebookNode]) -> list[Piece]:
    """Return a submission's cells, each with the cell of ours that it stands for, if any."""
    pieces = [Piece(cell, _claimed(ours, cell)) for cell in submitted]
    room = MAX_READ
    for piece in pieces:
        room -= len(piece.source)
        piece.unread = room < 0
    _by_text(ours, pieces)
    missing = [name for name in ours.order if name not in {piece.name for piece in pieces}]
    tests = [name for name in missing if ours.is_locked(name) and ours.seen[name]]
    apart: list[Piece] = []
    for piece in pieces:
        apart += _taken_apart(ours, piece, tests)
    return apart


def _claimed(ours: ReleasedCells, cell: NotebookNode) -> str | None:
    name = grade_id_of(cell)
    return name if name in ours.cells else ours.by_id.get(cell.get("id"))


def _by_text(ours: ReleasedCells, pieces: list[Piece]) -> None:
    """Recognise cells that have lost their names: locked ones that are missing, and stubs."""
    found = {piece.name for piece in pieces}
    missing = [name for name in ours.order if name not in found and ours.is_locked(name)]
    unnamed = [(piece, lines_of(piece.source)) for piece in pieces if piece.is_own]
    for piece, lines in unnamed:
        piece.handed_out = lines in ours.handed_out
        if lines in ours.stubs:
            piece.name = ours.stubs[lines]
    for same in (_same_lines, _same_form, _mostly_same) if missing else ():
        for piece, lines in unnamed:
            if not piece.is_own or piece.unread or len(lines) > MAX_LINES:
                continue
            name = same(ours, missing, lines)
            if name is not None:
                piece.name = name
                missing.remove(name)


def _same_lines(ours: ReleasedCells, missing: list[str], lines: Lines) -> str | None:
    return next((name for name in missing if ours.seen[name] == lines), None)


def _same_form(ours: ReleasedCells, missing: list[str], lines: Lines) -> str | None:
    form = form_of("\n".join(lines))
    return next((name for name in missing if form and ours.forms[name] == form), None)


def _mostly_same(ours: ReleasedCells, missing: list[str], lines: Lines) -> str | None:
    here = set(lines)
    for name in missing:
        seen = set(ours.seen[name])
        if len(seen) > 1 and len(seen & here) >= MOSTLY * max(len(seen), len(here)):
            return name
    return None


def _taken_apart(ours: ReleasedCells, piece: Piece, missing: list[str]) -> list[Piece]:
    """Return a cell as the pieces between the texts of ours that stand in it."""
    locked = piece.name is not None and ours.is_locked(piece.name)
    if not locked and (piece.handed_out or not missing or not piece.source.strip()):
        return [piece]
    wanted = [piece.name] if locked and piece.name else []
    wanted += [name for name in missing if ours.cells[name].cell_type == piece.cell.cell_type]
    parts: list[tuple[str | None, str]] = [(None, piece.source)]
    for known in wanted:
        parts = [one for part in parts for one in _around(ours.seen[known], known, part)]
    names = {name for name, _ in parts}
    if not names - {None}:
        return _edited(ours, piece) if locked else [piece]
    for name in names & set(missing):
        missing.remove(str(name))
    return _pieces(ours, piece, parts)


def _around(lines: Lines, name: str, part: tuple[str | None, str]) -> list[tuple[str | None, str]]:
    """Cut a text of ours out of a text, where it stands in it as a whole."""
    known, text = part
    if known is not None or not lines or lines[0] not in text:
        return [part]
    rows = text.splitlines()
    filled = [(number, row.rstrip()) for number, row in enumerate(rows) if row.strip()]
    for start in range(len(filled) - len(lines) + 1):
        if filled[start][1] != lines[0]:
            continue
        if tuple(row for _, row in filled[start : start + len(lines)]) == lines:
            first, last = filled[start][0], filled[start + len(lines) - 1][0]
            return [
                (None, "\n".join(rows[:first])),
                (name, ""),
                (None, "\n".join(rows[last + 1 :])),
            ]
    return [part]


def _pieces(ours: ReleasedCells, piece: Piece, parts: list[tuple[str | None, str]]) -> list[Piece]:
    """Make pieces of the parts; the student's metadata stay with the part that they fit."""
    made: list[Piece] = []
    locked = piece.name is not None and ours.is_locked(piece.name)
    for name, text in parts:
        if name is not None or text.strip():
            cell = copy.deepcopy(piece.cell)
            cell.source = text.strip("\n")
            added = name is None and locked
            made.append(Piece(cell, name, added=added, unread=piece.unread))
    own = [one for one in made if one.name is None]
    for one in own[1:]:
        one.cell["outputs"] = []
        one.cell.metadata.clear()
    if piece.name and not locked and own:
        keys = ours.defines[piece.name]
        fitting = [one for one in own if one.defines & keys]
        (fitting or own)[0].name = piece.name
    elif locked and piece.name not in {name for name, _ in parts}:
        made.insert(0, Piece(piece.cell, piece.name))
    return made


def _edited(ours: ReleasedCells, piece: Piece) -> list[Piece]:
    """Return a locked cell that was edited, with what was added to it before and behind."""
    assert piece.name is not None
    rows = piece.source.splitlines()
    filled = [number for number, row in enumerate(rows) if row.strip()]
    if len(filled) > MAX_LINES:
        return [piece]
    theirs = [rows[number].rstrip() for number in filled]
    before: list[Piece] = []
    behind: list[Piece] = []
    kept = False
    matcher = difflib.SequenceMatcher(None, ours.seen[piece.name], theirs, autojunk=False)
    for what, _, _, start, end in matcher.get_opcodes():
        kept = kept or what == "equal"
        if what in ("insert", "replace"):
            text = "\n".join(rows[filled[start] : filled[end - 1] + 1])
            if not piece.is_code or is_python(text):
                (behind if kept else before).append(_addition(piece, text, what == "replace"))
    return [*before, piece, *behind]


def _addition(piece: Piece, text: str, changed: bool) -> Piece:
    cell = copy.deepcopy(piece.cell)
    cell.source, cell["outputs"] = text, []
    cell.metadata.clear()
    return Piece(cell, added=True, changed=changed, unread=piece.unread)
