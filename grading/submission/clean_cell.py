"""Keep of a submitted cell what is well-formed, and as much of it as there is room for."""

import re
import secrets
from collections.abc import Iterator
from itertools import islice
from typing import Any

from nbformat import NotebookNode

from grading.course.cells import NOTE
from grading.submission.room import Room
from grading.submission.sanitize import PICTURES, clean_outputs, is_base64

MAX_CELL_CHARACTERS = 200_000
MAX_NAME = 200  # characters of a grade id or an attachment's name
MAX_ATTACHMENTS = 100  # of one cell
TOO_LONG = "# This cell was too long to be graded and has been left out."
CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # what the format allows
OLD_TYPES = {"pyout": "execute_result", "pyerr": "error", "display_data": "display_data"}
OLD_DATA = {
    "text": "text/plain",
    "html": "text/html",
    "png": "image/png",
    "jpeg": "image/jpeg",
}  # of format 3, where they are fields of the output


def clean_cell(raw: dict[str, Any], room: Room) -> NotebookNode:
    """Return a well-formed cell with the raw one's type, text, id, grade id and outputs.

    Its text stays as it was written: what Markdown does is taken away when it is restored, since
    only then it is known whether the text is one.
    """
    source = _text(raw.get("source", raw.get("input")))
    if raw.get("cell_type") == "heading":
        source = f"{'#' * _level(raw.get('level'))} {source}"
    if len(source) > MAX_CELL_CHARACTERS:
        source = TOO_LONG
    if raw.get("cell_type") == "code":
        cell = _cell("code", source)
        cell["execution_count"] = None
        cell["outputs"] = clean_outputs(_of_this_format(raw.get("outputs")), room)
        cell.metadata[NOTE] = {"outputs": cell.outputs}
    else:
        cell = _cell("markdown", source)
        if pictures := _pictures(raw.get("attachments"), room):
            cell["attachments"] = pictures
    metadata = raw.get("metadata")
    ours = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(ours, dict) and _is_name(ours.get("grade_id")):
        cell.metadata["nbgrader"] = {"grade_id": ours["grade_id"]}
    if isinstance(raw.get("id"), str) and CELL_ID.fullmatch(raw["id"]):
        cell["id"] = raw["id"]
    return cell


def _cell(kind: str, source: str) -> NotebookNode:
    """Return a new cell: what nbformat makes, without its validation of what is made here."""
    of_its_own = {"id": secrets.token_hex(4), "metadata": NotebookNode()}
    return NotebookNode(cell_type=kind, source=source, **of_its_own)


def _text(raw: Any) -> str:
    """Return a text that may be stored as a list of lines, some converters' without line ends."""
    lines = raw if isinstance(raw, list) else [raw]
    if not all(isinstance(line, str) for line in lines):
        lines = [str(line) for line in lines if isinstance(line, str | int | float)]
    ended = len(lines) < 2 or any(line.endswith("\n") for line in lines[:-1])
    text = ("" if ended else "\n").join(lines)
    return text.encode("utf-8", "replace").decode("utf-8")


def _level(raw: Any) -> int:
    return raw if isinstance(raw, int) and raw in range(1, 7) else 1


def _is_name(raw: Any) -> bool:
    return isinstance(raw, str) and len(raw) <= MAX_NAME


def _of_this_format(raw: Any) -> Iterator[Any]:
    """Yield outputs, those of format 3 as format 4 writes them."""
    for output in raw if isinstance(raw, list | Iterator) else ():
        if not isinstance(output, dict):
            continue
        kind = output.get("output_type")
        if kind == "stream" and "name" not in output:
            yield output | {"name": output.get("stream", "stdout")}
        elif isinstance(kind, str) and kind in OLD_TYPES and "data" not in output:
            data = {mime: output[old] for old, mime in OLD_DATA.items() if old in output}
            yield output | {"output_type": OLD_TYPES[kind], "data": data}
        else:
            yield output


def _pictures(raw: Any, room: Room) -> dict[str, dict[str, str]]:
    """Return the attached pictures of a Markdown cell, leaving everything else out."""
    pictures: dict[str, dict[str, str]] = {}
    for name, data in islice(raw.items(), MAX_ATTACHMENTS) if isinstance(raw, dict) else ():
        kept = {mime: data[mime] for mime in PICTURES if isinstance(data, dict) and mime in data}
        if not (kept and _is_name(name) and all(map(is_base64, kept.values()))):
            continue
        if room.take_picture(sum(map(len, kept.values()))):
            pictures[name] = kept
    return pictures
