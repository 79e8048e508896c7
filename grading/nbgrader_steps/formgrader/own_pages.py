"""Our own pages in Formgrader, each one HTML file with small scripts of ours."""

import base64
import hashlib
from pathlib import Path
from typing import Any

from grading.report.templates import template

STYLE = Path(__file__).with_name("own_pages.css")
ASKING = Path(__file__).with_name("asking_server.js")
"""For pages that ask the server for what they show."""
PAGES = {
    "manage_assignments": "Back to Formgrader",
    "whole_class": "Whole class",
    "regrade": "Regrade",
    "written_answers": "Written answers",
    "questions": "Questions about grades",
    "class_page": "Class page",
}
"""Where each of our pages leads, by address; which is the same on all of them."""


class OwnPage:
    """A page of ours: a template, and its scripts, which run one after the other."""

    def __init__(self, template: Path, *scripts: Path) -> None:
        self._template, self._scripts = template, scripts

    @property
    def script(self) -> str:
        """Return the scripts as one."""
        return "".join(script.read_text() for script in self._scripts)

    def render(self, **names: Any) -> str:
        """Return the page, made with names of its template's."""
        page = template(self._template)
        return page.render(style=STYLE.read_text(), script=self.script, pages=PAGES, **names)

    @property
    def policy(self) -> str:
        """Return what the page may do in a browser: run its script, and ask this server."""
        digest = base64.b64encode(hashlib.sha256(self.script.encode()).digest()).decode()
        return (
            "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; frame-src 'self'; "
            f"base-uri 'none'; form-action 'none'; script-src 'sha256-{digest}'; "
            "frame-ancestors 'self'"
        )
