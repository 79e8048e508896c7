"""Make what a student's process put out harmless to look at in a browser."""

import nh3
from nbformat import NotebookNode

PICTURES = ("image/png", "image/jpeg")
MAX_TEXT = 100_000


def clean_html(text: str) -> str:
    """Return HTML with its tables and text, without scripts, styles, handlers or links out."""
    return nh3.clean(text, url_schemes=set(), strip_comments=True)


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
        text = "".join(content) if isinstance(content, list) else content
        if not isinstance(text, str):
            continue
        if mime == "text/plain":
            data[mime] = _text(text)
        elif mime == "text/html":
            data[mime] = clean_html(_text(text))
        elif mime in PICTURES and all(c.isalnum() or c in "+/=\n" for c in text):
            data[mime] = text
    if not data:
        return None
    clean = NotebookNode(output_type=kind, data=NotebookNode(data), metadata=NotebookNode())
    if kind == "execute_result":
        clean["execution_count"] = None
    return clean


def _text(raw: object) -> str:
    text = "".join(map(str, raw)) if isinstance(raw, list) else str(raw)
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "\n… (cut)"
