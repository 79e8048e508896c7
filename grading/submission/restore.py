"""Rebuild a submission on the released notebook: our cells, and all that the student wrote.

Locked and test cells come from the released notebook, in its order and each exactly once. Answers
are found by grade id, cell id, text or by what they define (`recognise`, `place`); the student's
own cells are run where they stand. Whatever else was deleted, repeated, retyped or edited is
undone; what is not certain waits for a person.
"""

import copy
import re
from dataclasses import dataclass, field
from typing import NamedTuple

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from grading.course.cells import NOTE, grade_id_of, is_answer
from grading.submission.order import in_order, places
from grading.submission.place import Placement
from grading.submission.recognise import Piece, recognise
from grading.submission.released_cells import Defines, ReleasedCells
from grading.submission.sanitize import clean_markdown

ELSEWHERE = "# What belongs here stands elsewhere in this notebook, and was run there."
NOT_RUN = "This was written into a locked cell and was not run:"


class Doubt(NamedTuple):
    """What is not certain, a sentence each, and the cells whose points wait because of it."""

    about: tuple[str, ...] = ()
    waits: frozenset[str] = frozenset()

    def and_(self, other: "Doubt") -> "Doubt":
        """Return both doubts as one."""
        return Doubt((*self.about, *other.about), self.waits | other.waits)


CERTAIN = Doubt()


@dataclass
class Restored:
    """A notebook to run, what had to be put right in it, and what is not certain."""

    notebook: NotebookNode
    repairs: list[str] = field(default_factory=list)
    doubt: Doubt = CERTAIN
    answered: bool = False

    @property
    def uncertain(self) -> tuple[str, ...]:
        """Return what is not certain, a sentence each."""
        return self.doubt.about

    @property
    def waits(self) -> frozenset[str]:
        """Return the cells whose points a person confirms because of that."""
        return self.doubt.waits


def restore(
    skeleton: NotebookNode, submitted: NotebookNode | None, defines: Defines | None = None
) -> Restored:
    """Put the student's answers and own cells into the skeleton; None leaves it unsolved.

    `defines` tells what our own answers define (`released_cells.defined_by`).
    """
    return restore_on(ReleasedCells(skeleton, defines), submitted)


def restore_on(ours: ReleasedCells, submitted: NotebookNode | None) -> Restored:
    """Put answers and own cells into a skeleton whose cells have been read."""
    notebook = copy.deepcopy(ours.skeleton)
    if submitted is None:
        return Restored(notebook)
    pieces = recognise(ours, submitted.cells)
    found = [(piece.name, piece.cell.cell_type) for piece in pieces if piece.name is not None]
    placement = Placement(ours, pieces)
    cells = {name: cell for cell in notebook.cells if (name := grade_id_of(cell))}
    for name in placement.answers:
        _take_answer(cells[name], name, placement)
    own = [
        (place, _own_cell(piece, placement))
        for place, piece in places(ours, pieces)
        if not piece.changed
    ]
    _tag(cells, placement)
    notebook.cells = in_order(ours, cells, own)
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index}"
    doubt = Doubt(tuple(placement.uncertain), frozenset(placement.waits))
    answered = any(placement.is_written(name) for name in ours.answers)
    return Restored(notebook, _repairs(ours, found, placement), doubt, answered)


def _take_answer(cell: NotebookNode, name: str, placement: Placement) -> None:
    """Put an answer into a cell of ours, whose type it gets whatever type it was given."""
    answer = placement.answers[name]
    pieces = answer.pieces or [piece for piece in placement.pieces if piece.name == name][-1:]
    if answer.source is not None and answer.source != cell.source:
        cell.source = answer.source
        for piece in pieces:
            if cell.cell_type == "markdown" and "attachments" in piece.cell:
                cell.setdefault("attachments", {}).update(piece.cell["attachments"])
        _take_effect_away(cell)
    elif answer.is_elsewhere:
        cell.source = ELSEWHERE
    if pieces:
        outputs = [output for piece in pieces for output in piece.cell.get("outputs", [])]
        cell.metadata[NOTE] = {"outputs": outputs}


def _own_cell(piece: Piece, placement: Placement) -> NotebookNode:
    """Return a cell of the student's own as it is graded: it has no say in the points."""
    cell = piece.cell
    if piece in placement.not_run:
        fence = "`" * (max(map(len, re.findall("`+", cell.source)), default=0) + 3)
        cell = new_markdown_cell(f"{NOT_RUN}\n\n{fence}\n{cell.source}\n{fence}")
    cell.metadata.pop("nbgrader", None)
    _take_effect_away(cell)
    return cell


def _take_effect_away(cell: NotebookNode) -> None:
    if cell.cell_type != "code":
        cell.source = clean_markdown(cell.source, cell.get("attachments", {}))


def _tag(cells: dict[str, NotebookNode], placement: Placement) -> None:
    """Let what is a part of an answer belong to its module wherever it stands."""
    for name, answer in placement.answers.items():
        tags = cells[name].metadata.get("tags", [])
        hosts = [piece.cell for piece in answer.beside]
        hosts += [cells[answer.host]] if answer.host else []
        for cell in hosts if tags else ():
            cell.metadata["tags"] = [*dict.fromkeys([*cell.metadata.get("tags", []), *tags])]


def _repairs(ours: ReleasedCells, found: list[tuple[str, str]], placement: Placement) -> list[str]:
    """Say in a sentence each what had to be put right."""
    seen = [name for name, _ in found]
    types = dict(found)
    repairs = []
    for name, cell in ours.cells.items():
        told = _about_answer(name, name in types, placement)
        if told is None and name not in types:
            told = f"The cell {name} was missing and has been put back."
        elif told is None and seen.count(name) > 1:
            counts = "all that you wrote in them counts" if is_answer(cell) else "it was run once"
            told = f"The cell {name} was there {seen.count(name)} times; {counts}."
        elif told is None and types[name] != cell.cell_type:
            told = f"The cell {name} had become a {types[name]} cell."
        repairs += [told] if told else []
    if [*dict.fromkeys(seen)] != [name for name in ours.order if name in types]:
        repairs.append("The cells were in another order and have been put back in place.")
    if any(piece.added and piece.is_own and not piece.changed for piece in placement.pieces):
        repairs.append("What you had written into a locked cell was run in a cell of its own.")
    return repairs


def _about_answer(name: str, there: bool, placement: Placement) -> str | None:
    answer = placement.answers.get(name)
    if answer is None or not answer.found:
        return None
    was = "held no answer" if there else "was missing"
    if answer.host:
        return f"The cell {name} {was}: its answer was run in the cell {answer.host}."
    if answer.is_elsewhere:
        return f"The cell {name} {was}: its answer was run in cells of your own."
    return f"The cell {name} {was}: its answer was found elsewhere and put there."
