"""Rebuild a submission on the master notebook: our cells, the student's answers.

Locked and test cells come from the master, in its order and each exactly once. Of the student's
notebook count the answers (found by grade id, else by cell id) and their own cells, which stay
behind the cell they followed. Whatever else was deleted, repeated, retyped or edited is undone.
"""

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from grading.sanitize import PICTURES, clean_markdown, clean_outputs, is_base64

MAX_BYTES = 20_000_000
MAX_CELLS = 1_000
MAX_CELL_CHARACTERS = 200_000
TOO_LONG = "# This cell was too long to be graded and has been left out."
NOTE = "course"  # the metadata of cells and notebooks that this project writes


class Unreadable(ValueError):
    """A submitted file is no notebook; the message is for the student."""


@dataclass
class Restored:
    """A notebook to run, and what had to be put right in it."""

    notebook: NotebookNode
    repairs: list[str] = field(default_factory=list)


def find_notebook(folder: Path, notebook: str) -> tuple[Path, list[str]]:
    """Return the submitted notebook and notes on its name; raise `Unreadable` if there is none.

    A notebook under another name counts when it is the only one.
    """
    wanted = folder / f"{notebook}.ipynb"
    present = sorted(path for path in folder.glob("*.ipynb") if path.is_file())
    if wanted in present or wanted.is_symlink() or wanted.exists():
        others = len(present) - (wanted in present)
        return wanted, [f"Only {wanted.name} was graded, not the other notebooks."] * bool(others)
    if len(present) == 1:
        return present[0], [f"The notebook should be called {wanted.name}; it was graded anyway."]
    found = "several others" if present else "none"
    raise Unreadable(f"There is no notebook called {wanted.name}; there were {found}.")


def read_submission(file: Path) -> NotebookNode:
    """Read a submitted notebook of any version; raise `Unreadable` when it is none."""
    if file.is_symlink() or not file.is_file():
        raise Unreadable("The notebook is not an ordinary file.")
    if file.stat().st_size > MAX_BYTES:
        raise Unreadable(
            f"The notebook is larger than {MAX_BYTES // 1_000_000} MB; clear its outputs."
        )
    try:
        content = file.read_bytes()
    except OSError:
        raise Unreadable("The notebook could not be read.") from None
    try:
        raw = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise Unreadable("The file is damaged: it is not JSON, as notebooks are.") from None
    if not isinstance(raw, dict):
        raise Unreadable("The file is JSON, but not a notebook.")
    if _number_of_cells(raw) > MAX_CELLS:
        raise Unreadable(f"The notebook has more than {MAX_CELLS} cells.")
    if isinstance(raw.get("nbformat"), int) and raw["nbformat"] > 4:
        raw["nbformat"] = 4
    try:
        notebook = nbformat.from_dict(raw)
        if raw.get("nbformat") != 4:
            notebook = nbformat.convert(notebook, 4)
        cells = [_clean_cell(cell) for cell in notebook["cells"]]
    except Exception as error:
        raise Unreadable("The file is JSON, but not a notebook.") from error
    return nbformat.v4.new_notebook(cells=cells)


def restore(skeleton: NotebookNode, submitted: NotebookNode | None) -> Restored:
    """Put the student's answers and own cells into the skeleton; None leaves it unsolved."""
    notebook = copy.deepcopy(skeleton)
    known = {name: cell for cell in notebook.cells if (name := _grade_id(cell))}
    by_cell_id = {cell.get("id"): _grade_id(cell) for cell in known.values()}
    result = Restored(notebook)
    if submitted is None:
        return result
    answers: dict[str, NotebookNode] = {}
    own: dict[str | None, list[NotebookNode]] = {None: []}
    place: str | None = None
    seen: list[str] = []
    for cell in submitted.cells:
        grade_id = _grade_id(cell)
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


def is_answer(cell: NotebookNode) -> bool:
    """Return whether a cell of the skeleton is one that students write in."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


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


def _number_of_cells(raw: dict[str, Any]) -> int:
    """Return how many cells there are to read, in a notebook of any version."""
    sheets = raw.get("worksheets")
    parts = [raw, *sheets] if isinstance(sheets, list) else [raw]
    lists = [part.get("cells") for part in parts if isinstance(part, dict)]
    return sum(len(cells) for cells in lists if isinstance(cells, list))


def _clean_cell(raw: Any) -> NotebookNode:
    """Return a well-formed cell with the raw one's type, text, id, grade id and outputs.

    Its text stays as it was written: what Markdown does is taken away when it is restored, since
    only then it is known whether the text is one.
    """
    source = raw.get("source", "")
    source = "".join(map(str, source)) if isinstance(source, list) else str(source)
    source = source.encode("utf-8", "replace").decode("utf-8")
    if len(source) > MAX_CELL_CHARACTERS:
        source = TOO_LONG
    if raw.get("cell_type") == "code":
        cell = new_code_cell(source=source)
        cell.outputs = _valid_outputs(raw.get("outputs"))
        cell.metadata[NOTE] = {"outputs": cell.outputs}
    else:
        cell = new_markdown_cell(source=source)
        if pictures := _pictures(raw.get("attachments")):
            cell["attachments"] = pictures
    metadata = raw.get("metadata")
    ours = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(ours, dict) and isinstance(ours.get("grade_id"), str):
        cell.metadata["nbgrader"] = {"grade_id": ours["grade_id"]}
    if isinstance(raw.get("id"), str):
        cell["id"] = raw["id"]
    return cell


def _valid_outputs(raw: Any) -> list[NotebookNode]:
    valid = []
    for output in raw if isinstance(raw, list) else []:
        try:
            node = nbformat.from_dict(output)
            nbformat.v4.nbbase.validate(node, node["output_type"])
        except Exception:
            continue
        valid.append(node)
    return clean_outputs(valid)


def _pictures(raw: Any) -> dict[str, dict[str, str]]:
    """Return the attached pictures of a Markdown cell, leaving everything else out."""
    pictures = {}
    for name, data in raw.items() if isinstance(raw, dict) else ():
        kept = {mime: data[mime] for mime in PICTURES if isinstance(data, dict) and mime in data}
        if kept and all(is_base64(content) for content in kept.values()):
            pictures[str(name)] = kept
    return pictures


def _grade_id(cell: NotebookNode) -> str | None:
    ours = cell.metadata.get("nbgrader")
    return ours.get("grade_id") if isinstance(ours, dict) else None
