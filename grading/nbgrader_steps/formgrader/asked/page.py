"""The page of questions about grades."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from grading.grades.asked import LONGEST_ANSWER
from grading.nbgrader_steps.formgrader.own_pages import OwnPage

HERE = Path(__file__).parent
PAGE = OwnPage(HERE / "questions.html.j2", HERE / "questions.js")
One = Mapping[str, Any]


def questions_page(
    waiting: Sequence[One], answered: Sequence[One], base_url: str, address: str
) -> str:
    """Return the page; every text of a student's stands in it as text."""
    return PAGE.render(
        waiting=waiting,
        answered=answered,
        base_url=base_url,
        address=address,
        longest=LONGEST_ANSWER,
    )


def policy() -> str:
    """Return what the page may do in a browser: run our script, and save answers."""
    return PAGE.policy
