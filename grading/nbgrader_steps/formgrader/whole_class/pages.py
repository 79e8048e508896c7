"""The page of a whole class."""

from pathlib import Path

from grading.nbgrader_steps.formgrader.own_pages import ASKING, OwnPage

HERE = Path(__file__).parent
PAGE = OwnPage(HERE / "whole_class.html.j2", ASKING, HERE / "whole_class.js")


def page(base_url: str, api: str) -> str:
    """Return the page, whose script asks the addresses below `api`."""
    return PAGE.render(base_url=base_url, about={"api": api})


def policy() -> str:
    """Return what the page may do in a browser."""
    return PAGE.policy
