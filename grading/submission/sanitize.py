"""Make what a student's process put out harmless to look at in a browser."""

import re
from collections.abc import Collection, Iterable
from itertools import chain, count
from typing import Any

import nh3
from nbformat import NotebookNode

from grading.submission.room import CUT, MAX_TEXT, Room
from grading.submission.tidy_html import TAGS, tidy_html

ATTRIBUTES = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
NO_WIDTH = "\u200b"
TAG_OPENING = re.compile(r"<(?=[A-Za-z/!?])")
ATTACHED = r"!\[[^\[\]]*\]\(attachment:(?P<attachment>[\w.~%+=@-]+)\)"
ACTIVE_MARKDOWN = re.compile(
    ATTACHED + r"|!(?=\[)|\](?=[:(]\s*+(?!https?://|#))",
    re.ASCII,  # the renderer writes any other name as a URL, and misses the picture
)
FORMULA_OPENING = re.compile(r"(?:\\\\|\\begin)(?=[\[({])")
PICTURES = ("image/png", "image/jpeg")
MAX_TAGS = 5_000
MAX_OUTPUTS = 200  # of one cell
FIRST_LINES, LAST_LINES = 100, 100  # of a traceback, whose last lines name the error
MORE = "… More outputs of this cell were left out: there were too many."
NO_PICTURE = "(A picture was left out: it is too large, or there are too many.)"
MAX_FORMULAS = 200  # of those that the renderer looks to the end of the text for


def clean_html(text: str) -> str:
    """Return HTML with its tables and text, without scripts, styles, handlers or links out."""
    if text.count("<") > MAX_TAGS:
        return "<p>(cut: too many tags)</p>"
    return nh3.clean(tidy_html(text), tags=TAGS, attributes=ATTRIBUTES, url_schemes=set())


def clean_markdown(text: str, attached: Collection[str] = ()) -> str:
    """Return Markdown in which no HTML, no script and no picture from elsewhere takes effect.

    A character of no width stands behind what would open a tag, a picture that is not attached
    or a link to anything but the web or the page itself, so that code and formulas look as they
    were written. Formulas beyond `MAX_FORMULAS` stay text.
    """
    openings = count(1)

    def unless_too_many(found: re.Match[str]) -> str:
        return found[0] if next(openings) <= MAX_FORMULAS else f"{found[0]}{NO_WIDTH}"

    def without_effect(found: re.Match[str]) -> str:
        if found["attachment"] in attached:
            return found[0]
        return re.sub(r"[!\]]", rf"\g<0>{NO_WIDTH}", found[0])

    text = FORMULA_OPENING.sub(unless_too_many, TAG_OPENING.sub(f"<{NO_WIDTH}", text))
    return ACTIVE_MARKDOWN.sub(without_effect, text)


def clean_outputs(outputs: Iterable[Any], room: Room | None = None) -> list[NotebookNode]:
    """Return outputs with pictures, text and tables, without scripts, SVG, widgets and the like.

    What is malformed is left out, and what is beyond `MAX_OUTPUTS` or the room of its notebook; the
    last output then says so.
    """
    room = room or Room()
    cleaned: list[NotebookNode] = []
    for output in outputs:
        clean = _clean(output, room) if isinstance(output, dict) else None
        if clean is None:
            continue
        if len(cleaned) == MAX_OUTPUTS or not room.take_output():
            cleaned.append(NotebookNode(output_type="stream", name="stderr", text=f"{MORE}\n"))
            break
        cleaned.append(clean)
    return cleaned


def _clean(output: dict[str, Any], room: Room) -> NotebookNode | None:
    kind = output.get("output_type")
    if kind == "stream":
        name, text = output.get("name"), _joined(output.get("text"))
        if text is None or name not in ("stdout", "stderr"):
            return None
        return NotebookNode(output_type=kind, name=name, text=room.take_text(text))
    if kind == "error":
        return _clean_error(output, room)
    if kind not in ("display_data", "execute_result") or not isinstance(output.get("data"), dict):
        return None
    data = _clean_data(output["data"], room)
    if not data:
        return None
    clean = NotebookNode(output_type=kind, data=NotebookNode(data), metadata=NotebookNode())
    if kind == "execute_result":
        clean["execution_count"] = None
    return clean


def _clean_error(output: dict[str, Any], room: Room) -> NotebookNode | None:
    name, value, trace = (output.get(key) for key in ("ename", "evalue", "traceback"))
    if not (isinstance(name, str) and isinstance(value, str) and isinstance(trace, list)):
        return None
    if len(trace) > FIRST_LINES + LAST_LINES:
        trace = [*trace[:FIRST_LINES], CUT, *trace[1 - LAST_LINES :]]
    lines, left = [], MAX_TEXT
    for line in trace:
        if isinstance(line, str) and left > 0:
            lines.append(room.take_text(line, left))
            left -= len(line)
    name, value = room.take_text(name), room.take_text(value)
    return NotebookNode(output_type="error", ename=name, evalue=value, traceback=lines)


def _clean_data(raw: dict[str, Any], room: Room) -> dict[str, str]:
    """Return what is shown of an output's data; of many types only those known are looked at.

    HTML beside a picture is left out: pages would show it instead, without what scripts make of it.
    """
    data: dict[str, str] = {}
    pictured = any(is_base64(_joined(raw.get(mime))) for mime in PICTURES)
    for mime in chain(("text/plain", "text/html"), PICTURES):
        text = _joined(raw.get(mime))
        if text is None:
            continue
        if mime == "text/plain":
            data[mime] = room.take_text(text)
        elif mime == "text/html":
            if not pictured:
                data[mime] = _table(text, room)
        elif is_base64(text):
            if room.take_picture(len(text)):
                data[mime] = text
            else:
                data["text/plain"] = NO_PICTURE
    return data


def _table(text: str, room: Room) -> str:
    text = room.take_text(text)
    return clean_html(text if room.take_tags(text.count("<")) else "(cut: too many tags)")


def is_base64(text: object) -> bool:
    """Return whether a picture's data are what they should be, and end no attribute."""
    return isinstance(text, str) and BASE64.fullmatch(text) is not None


def _joined(content: object) -> str | None:
    """Return the text of an output, which notebooks may store as a list of lines."""
    if isinstance(content, list) and all(isinstance(line, str) for line in content):
        return "".join(content)
    return content if isinstance(content, str) else None
