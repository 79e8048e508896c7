"""The pages of written answers, each one HTML file with one small script of ours."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from grading.grades.written import Question

HERE = Path(__file__).parent
Address = Callable[[Question], str]
HARMLESS = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox allow-same-origin; "
    "frame-ancestors 'self'"
)
"""What an answer may do in a browser: nothing. Of the same origin, so that its height is known."""


def list_page(
    found: Sequence[Question], assignment: str | None, base_url: str, address: Address
) -> str:
    """Return the page that lists questions and how many answers to each are left."""
    return _page(
        "list.html.j2", found=found, assignment=assignment, base_url=base_url, address=address
    )


def question_page(
    question: Question,
    about: Mapping[str, Any],
    following: Question | None,
    base_url: str,
    address: Address,
) -> str:
    """Return the page on which answers to a question are graded; `about` is for its script."""
    return _page(
        "question.html.j2",
        question=question,
        about=about,
        following=following,
        base_url=base_url,
        address=address,
        script=_script(),
    )


def framed(piece: str) -> str:
    """Return a piece of HTML as the page that is shown in a frame."""
    style = (HERE / "answer.css").read_text()
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><style>{style}</style>{piece}'


def sentence(text: str) -> str:
    """Return a sentence of ours as a piece of HTML."""
    return f"<p>{escape(text)}</p>"


def policy() -> str:
    """Return what our pages may do in a browser: run our script, show answers, save points."""
    digest = base64.b64encode(hashlib.sha256(_script().encode()).digest()).decode()
    return (
        "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; frame-src 'self'; "
        f"base-uri 'none'; form-action 'none'; script-src 'sha256-{digest}'; frame-ancestors 'self'"
    )


def _page(name: str, **names: Any) -> str:
    style = (HERE / "written.css").read_text()
    return _templates().get_template(name).render(style=style, **names)


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
    return (HERE / "written.js").read_text()
