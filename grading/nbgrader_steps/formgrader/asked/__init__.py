"""Formgrader's page of students' questions about their grades: the queue of those who grade."""

from nbgrader.server_extensions.formgrader import handlers

from grading.nbgrader_steps.formgrader.asked.answering import OURS, PAGE
from grading.nbgrader_steps.formgrader.links import add_link


def install() -> None:
    """Answer the page's addresses, and link to it on the left of every page."""
    if OURS[0] not in handlers.default_handlers:
        handlers.default_handlers[:0] = OURS
    add_link("Questions about Grades", lambda names: PAGE)
