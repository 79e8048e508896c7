"""Find what a student wrote for each answer, wherever it stands, and say what is not certain."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from grading.submission.code import is_python, lines_of, statements
from grading.submission.recognise import Piece
from grading.submission.released_cells import ReleasedCells
from grading.submission.together import is_stub, put_together, taken_out

FROM_A_TOOL = re.compile(r"^(?:<<<<<<<|>>>>>>>|```)", re.M)
"""Lines that git or a merge tool leaves behind, and what a chat puts around code."""


@dataclass
class Answer:
    """What was found for one answer: its pieces and their text.

    `beside` are own cells that are a part of it and are run where they stand, `host` is the answer
    into which it was merged; `found` says that it was not in its own cell.
    """

    pieces: list[Piece] = field(default_factory=list)
    source: str | None = None
    beside: list[Piece] = field(default_factory=list)
    host: str | None = None
    found: bool = False

    @property
    def is_elsewhere(self) -> bool:
        """Return whether all of it is run elsewhere, so that its own cell must not be."""
        return self.source is None and bool(self.beside or self.host)


class Placement:
    """Which pieces of a submission make which answer; `uncertain` says what a person must see."""

    def __init__(self, ours: ReleasedCells, pieces: list[Piece]) -> None:
        self.ours, self.pieces = ours, pieces
        self.answers = {name: self._claimed(name) for name in ours.answers}
        self.uncertain: list[str] = []
        self.waits: set[str] = set()
        self.not_run: list[Piece] = []
        self._names = {piece.name for piece in pieces}
        code = [name for name in ours.answers if not self._is_prose(name)]
        for name in code:
            if not self.answers[name].pieces:
                self._look_among_own(name)
        for name in code:
            self._put_together(name)
        for name in code:
            if self._is_unanswered(name):
                self._look_among_merged(name)
        for name in code:
            if self._is_unanswered(name):
                self._look_in_its_place(name)
        for name in ours.answers:
            if name not in code:
                self._put_text_together(name)
        self._doubt_what_was_added()

    def doubt(self, sentence: str, tests: Iterable[str]) -> None:
        """Note what is not certain and which tests wait for a person because of it."""
        self.uncertain.append(sentence)
        self.waits |= set(tests)

    def is_written(self, name: str) -> bool:
        """Return whether an answer was surely written: text that only may be one is not."""
        answer = self.answers[name]
        if self._is_prose(name):
            return answer.source is not None and not answer.found
        return answer.source is not None or answer.is_elsewhere

    def _is_unanswered(self, name: str) -> bool:
        return self.answers[name].source is None and not self.answers[name].is_elsewhere

    def _claimed(self, name: str) -> Answer:
        """Return the pieces that are named like an answer, but for untouched and equal ones."""
        seen, written = set(), []
        for piece in self.pieces:
            if piece.name != name or self.ours.is_untouched(name, piece.source):
                continue
            lines = lines_of(piece.source)
            if lines not in seen or not (piece.is_python or self._is_prose(name)):
                written.append(piece)
            seen.add(lines)
        return Answer(written)

    def _is_prose(self, name: str) -> bool:
        return bool(self.ours.cells[name].cell_type != "code")

    def _region(self, name: str) -> tuple[int, int]:
        """Return between which places an answer belongs: those of locked cells around it."""
        at = self.ours.order.index(name)
        places: dict[str, list[int]] = {}
        for place, piece in enumerate(self.pieces):
            if piece.name is not None and self.ours.is_locked(piece.name):
                places.setdefault(piece.name, []).append(place)
        before = [places[one][0] for one in self.ours.order[:at] if one in places]
        behind = [places[one][-1] for one in self.ours.order[at:] if one in places]
        first, last = (before or [-1])[-1], (behind or [len(self.pieces)])[0]
        return (first, last) if first < last else (-1, len(self.pieces))

    def _own(self, first: int, last: int) -> list[Piece]:
        return [piece for piece in self.pieces[first + 1 : max(last, 0)] if piece.is_own]

    def _look_among_own(self, name: str) -> None:
        """Take the student's own cells that define what an answer should."""
        first, last = self._region(name)
        keys = self._keys(name)
        early, there, late = (
            [one for one in self._own(*part) if self._written(one, keys)]
            for part in ((-1, first), (first, last), (last - 1, len(self.pieces)))
        )
        if there or late or any(self._is_too_early(name, one) for one in early):
            self._take(name, there or late or early)
        elif early:
            self.answers[name] = Answer(beside=early, found=True)

    def _is_missing(self, name: str) -> bool:
        return all(piece.name != name for piece in self.pieces)

    def _keys(self, name: str) -> frozenset[str]:
        """Return the names by which an answer that was not written in its cell is known."""
        return self.ours.may_define[name] if self._is_missing(name) else self.ours.defines[name]

    def _is_too_early(self, name: str, piece: Piece) -> bool:
        """Return whether a piece needs, when it is run, what a cell of ours defines further on."""
        needed = frozenset(key for one in piece.statements for key in one.needs)
        above = {one.name for one in self.pieces[: self.pieces.index(piece)]}
        at = self.ours.order.index(name)
        below = [one for one in self.ours.order[:at] if one not in above and one in self._names]
        return bool(needed & self.ours.defined_by(below))

    def _written(self, piece: Piece, keys: frozenset[str]) -> bool:
        if not piece.defines & keys:
            return False
        return any(one.form not in self.ours.stub_forms for one in piece.statements)

    def _take(self, name: str, pieces: list[Piece]) -> None:
        for piece in pieces:
            piece.name = name
        self.answers[name] = Answer(pieces, found=True)

    def _put_together(self, name: str) -> None:
        answer = self.answers[name]
        if not answer.pieces:
            return
        made = put_together(self.ours, self.pieces, answer.pieces, self._region(name)[1])
        answer.source, answer.pieces, answer.beside = made.source, made.pieces, made.beside
        if FROM_A_TOOL.search(made.source) and not is_python(made.source):
            self.doubt(
                f"In the cell {name} are marks of a merge or of a chat; a person looks at it.",
                self.ours.tests_of(name),
            )
        if made.differ:
            self.doubt(
                f"The cell {name} was there in different versions: a person decides which counts.",
                self.ours.tests_of(name),
            )

    def _look_among_merged(self, name: str) -> None:
        """Find an answer that was written into another one's cell."""
        keys = self._keys(name)
        for host, answer in self.answers.items():
            found = statements(answer.source or "") or ()
            meant = [one for one in found if one.defines & keys and not is_stub(self.ours, one)]
            if host == name or not meant:
                continue
            needed = frozenset(key for one in meant for key in one.needs)
            early = self.ours.order.index(host) < self.ours.order.index(name)
            if early and not needed & self.ours.defined_by(self._between(host, name)):
                self.answers[name] = Answer(host=host, found=True)
            else:
                answer.source, source = taken_out(self.ours, found, host, name)
                self.answers[name] = Answer(source=source, found=True)
            return

    def _between(self, first: str, last: str) -> list[str]:
        return self.ours.order[self.ours.order.index(first) + 1 : self.ours.order.index(last)]

    def _look_in_its_place(self, name: str) -> None:
        """Look at what stands where an answer is missing, or mentions what it should define."""
        own = [one for one in self._own(*self._region(name)) if one.is_code and not one.changed]
        broken = [one for one in own if not one.is_python and self._mentions(name, one)]
        missing = self._is_missing(name)
        if broken:
            self._take(name, broken)
            self._put_together(name)
        elif missing and own and not self.ours.defines[name]:
            self.answers[name] = Answer(beside=own, found=True)
        elif (
            (missing and own)
            or self._may_be_anywhere(name)
            or any(self._mentions(name, one) for one in self._unread())
        ):
            self.doubt(
                f"For the cell {name} no answer was found; a person looks at what you wrote.",
                self.ours.tests_of(name),
            )

    def _may_be_anywhere(self, name: str) -> bool:
        """Return whether own code could be an answer of which no name is known."""
        own = any(one.is_code and not one.changed for one in self._own(-1, len(self.pieces)))
        return own and self._is_missing(name) and not self.ours.may_define[name]

    def _unread(self) -> list[Piece]:
        return [one for one in self.pieces if one.is_own and not one.is_python]

    def _mentions(self, name: str, piece: Piece) -> bool:
        keys = "|".join(map(re.escape, sorted(self.ours.defines[name])))
        return (
            bool(keys) and re.search(rf"\b(?:def|class)\s+(?:{keys})\b", piece.source) is not None
        )

    def _put_text_together(self, name: str) -> None:
        """Make one text of what was written for a written answer, wherever it stands."""
        if not self.answers[name].pieces:
            missing = self._is_missing(name)
            there, all_own = self._own(*self._region(name)), self._own(-1, len(self.pieces))
            if text := [one for one in there if self._is_text(one, missing)]:
                self._take(name, text)
            elif missing and any(self._is_text(one, missing) for one in all_own):
                self.doubt(
                    f"For the cell {name} no answer was found; a person looks at what you wrote.",
                    [name],
                )
        answer = self.answers[name]
        if answer.pieces:
            answer.source = "\n\n".join(piece.source for piece in answer.pieces)

    def _is_text(self, piece: Piece, missing: bool) -> bool:
        """Return whether a piece is no code, or a cell of code in which somebody wrote text."""
        if not piece.is_code:
            return not piece.changed
        return all(one.is_text for one in piece.statements) if piece.is_python else missing

    def _doubt_what_was_added(self) -> None:
        """Do not run what was written into a locked cell when an answer defines it too."""
        for piece in self.pieces:
            if not (piece.added and piece.is_own and piece.is_code) or piece.changed:
                continue
            for name in self.ours.answers:
                if piece.defines & self.ours.defines[name] and self.answers[name].source:
                    self.not_run.append(piece)
                    self.doubt(
                        f"What you wrote into a locked cell defines what the cell {name} defines, "
                        "and was not run.",
                        self.ours.tests_of(name),
                    )
