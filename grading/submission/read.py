"""Read a submitted notebook, whatever is in it, and keep of each cell what is well-formed."""

import json
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from grading.course.cells import NOTE
from grading.submission.find import Unreadable
from grading.submission.sanitize import PICTURES, clean_outputs, is_base64

MAX_BYTES = 20_000_000
MAX_CELLS = 1_000
MAX_CELL_CHARACTERS = 200_000
TOO_LONG = "# This cell was too long to be graded and has been left out."


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
