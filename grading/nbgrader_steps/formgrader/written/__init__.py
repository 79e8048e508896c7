"""Formgrader's pages on which all answers to one question are graded, by several people at once."""

from nbgrader.server_extensions.formgrader import handlers

from grading.nbgrader_steps.formgrader.links import add_link
from grading.nbgrader_steps.formgrader.written.answering import OURS, leads


def install() -> None:
    """Answer these pages' addresses, and link to them on the left of every page."""
    if OURS[0] not in handlers.default_handlers:
        handlers.default_handlers[:0] = OURS
    add_link("Written Answers", leads)
