"""Rebuild a submission on the released notebook: our cells, the student's answers.

Locked and test cells come from the released notebook, in its order and each exactly once. Of the
student's notebook count the answers (found by grade id, else by cell id) and their own cells,
which stay behind the cell they followed. Whatever else was deleted, repeated, retyped or edited is
undone.
"""

import copy
from dataclasses import dataclass, field

from nbformat import NotebookNode

from grading.course.cells import NOTE, grade_id_of, is_answer
from grading.submission.sanitize import clean_markdown


@dataclass
class Restored:
    """A notebook to run, and what had to be put right in it."""

    notebook: NotebookNode
    repairs: list[str] = field(default_factory=list)


def restore(skeleton: NotebookNode, submitted: NotebookNode | None) -> Restored:
    """Put the student's answers and own cells into the skeleton; None leaves it unsolved."""
    notebook = copy.deepcopy(skeleton)
    known = {name: cell for cell in notebook.cells if (name := grade_id_of(cell))}
    by_cell_id = {cell.get("id"): grade_id_of(cell) for cell in known.values()}
    result = Restored(notebook)
    if submitted is None:
        return result
    answers: dict[str, NotebookNode] = {}
    own: dict[str | None, list[NotebookNode]] = {None: []}
    place: str | None = None
    seen: list[str] = []
    for cell in submitted.cells:
        grade_id = grade_id_of(cell)
        name = grade_id if grade_id in known else by_cell_id.get(cell.get("id"))
        if name is None:
            cell.metadata.pop("nbgrader", None)
            _take_effect_away(cell)
            own.setdefault(place, []).append(cell)
            continue
        place = name
        seen.append(name)
        answers[name] = cell
    _note_repairs(result, list(known), seen, answers, known)
    ours: list[NotebookNode] = list(own[None])
    for name, cell in known.items():
        if name in answers:
            _take_answer(cell, answers[name])
        ours += [cell, *own.get(name, [])]
    for index, cell in enumerate(ours):
        cell["id"] = f"cell-{index}"
    notebook.cells = ours
    return result


def _take_answer(cell: NotebookNode, answer: NotebookNode) -> None:
    """Put an answer into a cell of ours, whose type it gets whatever type it was given."""
    if not is_answer(cell):
        return
    if answer.source != cell.source:
        cell.source = answer.source
        if cell.cell_type == "markdown" and "attachments" in answer:
            cell["attachments"] = answer["attachments"]
        _take_effect_away(cell)
    cell.metadata[NOTE] = {"outputs": answer.get("outputs", [])}


def _take_effect_away(cell: NotebookNode) -> None:
    if cell.cell_type != "code":
        cell.source = clean_markdown(cell.source, cell.get("attachments", {}))


def _note_repairs(
    result: Restored,
    order: list[str],
    seen: list[str],
    answers: dict[str, NotebookNode],
    known: dict[str, NotebookNode],
) -> None:
    for name in order:
        cell = known[name]
        if name not in answers:
            result.repairs.append(f"The cell {name} was missing and has been put back.")
        elif seen.count(name) > 1:
            result.repairs.append(
                f"The cell {name} was there {seen.count(name)} times; the last counts."
            )
        elif answers[name].cell_type != cell.cell_type:
            result.repairs.append(f"The cell {name} had become a {answers[name].cell_type} cell.")
    first_seen = [name for name in dict.fromkeys(seen) if name in known]
    if first_seen != [name for name in order if name in answers]:
        result.repairs.append("The cells were in another order and have been put back in place.")
