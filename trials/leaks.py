"""Look into a finished feedback page: what must not be told there, and what must not run there."""

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from traitlets.config import Config

ACTIVE_TAGS = {
    *("script", "iframe", "frame", "object", "embed", "applet", "form", "base", "link", "meta"),
    *(
        "svg",
        "annotation-xml",
        "maction",
        "mglyph",
        "template",
        "portal",
        "button",
        "input",
        "video",
        "audio",
        "style",
    ),
}
URL_ATTRIBUTES = {"href", "src", "action", "formaction", "data", "srcset", "poster", "background"}
HARMLESS_URL = re.compile(r"(?:#|data:image/(?:png|jpeg);base64,)")
HARMLESS_LINK = re.compile(r"(?:#|https?://|[\w.%-]+$)")  # followed only when somebody clicks
SHORTEST_TELLING_LINE = 12


class _Reader(HTMLParser):
    """Collect a page's text and everything in it that a browser acts upon."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.active: list[str] = []

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ACTIVE_TAGS:
            self.active.append(f"<{tag} {' '.join(str(value) for _, value in attrs)}>")
        for name, value in attrs:
            link = re.sub(r"[\s\x00-\x1f]", "", html.unescape(value or ""))
            if (
                name.startswith("on")
                or "javascript:" in link.lower()
                or (name in URL_ATTRIBUTES and not _is_harmless(tag, name, link))
                or (name == "style" and re.search(r"url\(|expression|position", link))
            ):
                self.active.append(f"<{tag} {name}={value}>")


def _is_harmless(tag: str, name: str, link: str) -> bool:
    """Return whether a browser does nothing with a link unless somebody clicks on it."""
    harmless = HARMLESS_LINK if (tag, name) == ("a", "href") else HARMLESS_URL
    return bool(harmless.match(link))


def page_text(page: str) -> str:
    """Return the text of an HTML page, without any white space."""
    return _squeezed("".join(_read(page).text))


def active_content(page: str) -> list[str]:
    """Return everything in a page that runs, loads or submits something."""
    return _read(page).active


def hidden_lines(master: NotebookNode) -> set[str]:
    """Return the telling lines of an assignment's hidden tests."""
    lines: set[str] = set()
    public: set[str] = set()
    for cell in master.cells:
        inside = False
        for line in cell.source.split("\n"):
            if "HIDDEN TESTS" in line:
                inside = "BEGIN" in line
            else:
                (lines if inside else public).add(line.strip())
    return {line for line in lines - public if len(line) >= SHORTEST_TELLING_LINE}


def told(page: str, secrets: set[str], own: str) -> Iterator[str]:
    """Yield which of the secrets a page tells; what its student wrote themselves is no secret."""
    text, known = page_text(page), _squeezed(own)
    for secret in secrets:
        wanted = _squeezed(secret)
        if wanted in text and wanted not in known:
            yield secret


def formgrader_page(autograded: Path, config: Config) -> str:
    """Return the page that Formgrader shows a TA for an autograded notebook."""
    import nbgrader.server_extensions.formgrader as formgrader

    templates = Path(formgrader.__file__).parent / "templates"
    ours = Config()
    ours.merge(config)
    ours.HTMLExporter.template_name = "formgrade"
    ours.HTMLExporter.extra_template_basedirs = [str(templates)]
    exporter = HTMLExporter(config=ours)
    resources: dict[str, Any] = {
        **dict.fromkeys(("assignment_id", "notebook_id", "student"), "x"),
        **dict.fromkeys(("last_name", "first_name", "notebook_path"), "x"),
        **{"submission_id": "x", "index": 0, "total": 1, "base_url": "/"},
    }
    page, _ = exporter.from_filename(str(autograded), resources=resources)
    return page


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    return reader


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)
