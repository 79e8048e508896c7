"""Make what a student's process put out harmless to look at in a browser."""

import re
from collections.abc import Collection
from itertools import count

import nh3
from nbformat import NotebookNode

TAGS = {
    *("table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption", "p", "div", "span", "br"),
    *("b", "i", "em", "strong", "pre", "code", "ul", "ol", "li", "sub", "sup", "hr"),
    *("h1", "h2", "h3", "h4", "h5", "h6"),
}
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
MAX_TEXT = 100_000
MAX_TAGS = 5_000
MAX_FORMULAS = 200  # of those that the renderer looks to the end of the text for


def clean_html(text: str) -> str:
    """Return HTML with its tables and text, without scripts, styles, handlers or links out.

    Nested tags take time that grows with their square, so too many are left out.
    """
    if text.count("<") > MAX_TAGS:
        return "<p>(cut: too many tags)</p>"
    return nh3.clean(text, tags=TAGS, attributes=ATTRIBUTES, url_schemes=set())


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


def clean_outputs(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return outputs with pictures, text and tables, without scripts, SVG, widgets and the like."""
    return [clean for output in outputs if (clean := _clean(output)) is not None]


def _clean(output: NotebookNode) -> NotebookNode | None:
    kind = output.get("output_type")
    if kind == "stream":
        return NotebookNode(output_type=kind, name=output.name, text=_text(output.text))
    if kind == "error":
        trace = [_text(line) for line in output.get("traceback", [])][:200]
        return NotebookNode(
            output_type=kind,
            ename=_text(output.ename),
            evalue=_text(output.evalue),
            traceback=trace,
        )
    if kind not in ("display_data", "execute_result"):
        return None
    data: dict[str, str] = {}
    for mime, content in output.get("data", {}).items():
        text = _joined(content)
        if text is None:
            continue
        if mime == "text/plain":
            data[mime] = _text(text)
        elif mime == "text/html":
            data[mime] = clean_html(_text(text))
        elif mime in PICTURES and is_base64(text):
            data[mime] = text
    if not data:
        return None
    clean = NotebookNode(output_type=kind, data=NotebookNode(data), metadata=NotebookNode())
    if kind == "execute_result":
        clean["execution_count"] = None
    return clean


def is_base64(text: object) -> bool:
    """Return whether a picture's data are what they should be, and end no attribute."""
    return isinstance(text, str) and BASE64.fullmatch(text) is not None


def _joined(content: object) -> str | None:
    """Return the text of an output, which notebooks may store as a list of lines."""
    if isinstance(content, list) and all(isinstance(line, str) for line in content):
        return "".join(content)
    return content if isinstance(content, str) else None


def _text(raw: object) -> str:
    text = "".join(map(str, raw)) if isinstance(raw, list) else str(raw)
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "\n… (cut)"
