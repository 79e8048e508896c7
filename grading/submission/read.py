"""Read a submitted notebook, whatever is in it, and keep of each cell what is well-formed."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from grading.submission.clean_cell import TOO_LONG, clean_cell
from grading.submission.document import MAX_BUILT, Document, Part, in_utf_8
from grading.submission.find import Unreadable
from grading.submission.room import Room

MAX_BYTES = 100_000_000
MAX_CELLS = 1_000
MAX_CHARACTERS = 5_000_000  # of all cells together
MAX_LOOKED_AT = 1_000  # outputs of a large cell
TOO_LARGE = {
    "output_type": "stream",
    "name": "stderr",
    "text": "… An output was left out: it is too large.\n",
}
IN_WORKSHEETS = (2, 3)  # the formats whose cells lie there
SOURCES = {"source", "input"}
SMALL_FIELDS = ("cell_type", "level", "id", "metadata", "attachments")


class _NoNotebook(Exception):
    """The text is JSON, but of something else."""


def read_submission(file: Path) -> NotebookNode:
    """Read a submitted notebook of any version; raise `Unreadable` when it is none.

    Only what is kept of it is built: outputs and metadata may have any number, size and depth.
    """
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
        document = Document(in_utf_8(content).rstrip(b"\0"))
        parts = _cells(document)
        if len(parts) > MAX_CELLS:
            raise Unreadable(f"The notebook has more than {MAX_CELLS} cells.")
        cells = _clean_cells(document, parts)
    except _NoNotebook:
        raise Unreadable("The file is JSON, but not a notebook.") from None
    except Unreadable:
        raise
    except ValueError:
        raise Unreadable("The file is damaged: it is not JSON, as notebooks are.") from None
    return nbformat.v4.new_notebook(cells=cells)


def _cells(document: Document) -> list[Part]:
    """Return the cells of a notebook of any version, and at most one more than there may be."""
    if document.kind(document.root) != "{":
        document.build(document.root)
        raise _NoNotebook
    notebook = document.members(document.root)
    version = document.build_or_none(notebook.get("nbformat"))
    sheets = [notebook]
    if version in IN_WORKSHEETS:
        listed = islice(_listed(document, notebook.get("worksheets")), MAX_CELLS)
        sheets = [document.members(sheet) for sheet in listed]
    parts = (part for sheet in sheets for part in _listed(document, sheet.get("cells")))
    return list(islice(parts, MAX_CELLS + 1))


def _listed(document: Document, part: Part | None) -> Iterator[Part]:
    if part is None or document.kind(part) != "[":
        raise _NoNotebook
    return document.items(part)


def _clean_cells(document: Document, parts: list[Part]) -> list[NotebookNode]:
    room, left = Room(), MAX_CHARACTERS
    cells = []
    for part in parts:
        if document.kind(part) != "{":
            raise _NoNotebook
        cell = clean_cell(_fields(document, part), room)
        left -= len(cell.source)
        if left < 0:
            cell.source = TOO_LONG
        cells.append(cell)
    return cells


def _fields(document: Document, part: Part) -> dict[str, Any]:
    """Return a cell's fields; of one that is too large or odd to be built, those that are neither.

    Raise `ValueError` where it is no JSON.
    """
    try:
        return dict(document.build(part))
    except ValueError:
        members = document.members(part)
    fields = {name: document.build_or_none(members.get(name)) for name in SMALL_FIELDS}
    for name in SOURCES & members.keys():
        is_long = members[name].end - members[name].start > MAX_BUILT
        fields[name] = TOO_LONG if is_long else document.build(members[name])
    outputs = members.get("outputs")
    if outputs is not None and document.kind(outputs) == "[":
        listed = islice(document.items(outputs), MAX_LOOKED_AT)
        fields["outputs"] = (document.build_or_none(output) or TOO_LARGE for output in listed)
    return fields
