"""Formgrader's page of a regrade: what would change is shown, applied, and taken back."""

from nbgrader.server_extensions.formgrader import handlers

from grading.nbgrader_steps.formgrader.links import add_link
from grading.nbgrader_steps.formgrader.regrade.answering import OURS, PAGE


def install() -> None:
    """Answer the page's addresses, and link to it on the left of every page."""
    if OURS[0] not in handlers.default_handlers:
        handlers.default_handlers[:0] = OURS
    add_link("Regrade", lambda names: PAGE)
