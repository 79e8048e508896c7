"""The pages of written answers, each one HTML file with one small script of ours."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from grading.grades.written import Question
from grading.nbgrader_steps.formgrader.own_pages import OwnPage

HERE = Path(__file__).parent
LIST = OwnPage(HERE / "list.html.j2")
QUESTION = OwnPage(HERE / "question.html.j2", HERE / "written.js")
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
    return LIST.render(found=found, assignment=assignment, base_url=base_url, address=address)


def question_page(
    question: Question,
    about: Mapping[str, Any],
    following: Question | None,
    base_url: str,
    address: Address,
) -> str:
    """Return the page on which answers to a question are graded; `about` is for its script."""
    return QUESTION.render(
        question=question,
        about=about,
        following=following,
        base_url=base_url,
        address=address,
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
    return QUESTION.policy
