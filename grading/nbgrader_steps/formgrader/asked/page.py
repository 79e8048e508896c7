"""The page of questions about grades: one HTML file with one small script of ours."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from grading.grades.asked import LONGEST_ANSWER

HERE = Path(__file__).parent
STYLE = HERE.parent / "written" / "written.css"
One = Mapping[str, Any]


def questions_page(
    waiting: Sequence[One], answered: Sequence[One], base_url: str, address: str
) -> str:
    """Return the page; every text of a student's stands in it as text."""
    template = _templates().get_template("questions.html.j2")
    return template.render(
        waiting=waiting,
        answered=answered,
        base_url=base_url,
        address=address,
        longest=LONGEST_ANSWER,
        style=STYLE.read_text(),
        script=_script(),
    )


def policy() -> str:
    """Return what the page may do in a browser: run our script, and save answers."""
    digest = base64.b64encode(hashlib.sha256(_script().encode()).digest()).decode()
    return (
        "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; "
        f"form-action 'none'; script-src 'sha256-{digest}'; frame-ancestors 'self'"
    )


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _script() -> str:
    return (HERE / "questions.js").read_text()
