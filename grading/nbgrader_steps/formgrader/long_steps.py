"""Answer Formgrader's buttons that take long, without keeping its other pages waiting."""

import json
from pathlib import Path
from typing import ClassVar

from nbgrader.server_extensions.formgrader import handlers
from nbgrader.server_extensions.formgrader.base import (
    BaseApiHandler,
    BaseHandler,
    check_notebook_dir,
    check_xsrf,
)
from tornado import web

from grading.grades.states import account_name
from grading.nbgrader_steps.formgrader.jobs import Jobs, jobs_of

ANONYMOUS = "Anonymous "


class JobHandler(BaseApiHandler):
    """Hand a step over to the jobs and answer when it is done, as nbgrader's handlers do."""

    action: ClassVar[str]

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    async def post(self, assignment: str, student: str | None = None) -> None:
        """Run the step and write whether it succeeded, and its log."""
        answer = await jobs_for(self).run(self.action, assignment, student)
        forget_what_formgrader_read(self)
        self.write(json.dumps(answer))


class GenerateAssignment(JobHandler):
    """Generate a release."""

    action = "generate_assignment"


class Autograde(JobHandler):
    """Grade one submission."""

    action = "autograde"


class GenerateFeedback(JobHandler):
    """Make the feedback of one student, or of all."""

    action = "generate_feedback"


def who_asks(handler: BaseHandler) -> str:
    """Return the name of whoever asks: on a server with one token, that of its account."""
    user = handler.current_user
    name = str(getattr(user, "name", "") or "")
    nameless = not name or name.startswith(ANONYMOUS)
    return account_name() if nameless else str(user.username)


def jobs_for(handler: BaseHandler) -> Jobs:
    """Return the queue of a handler's server."""
    return jobs_of(handler.settings, Path(handler.coursedir.root))


def forget_what_formgrader_read(handler: BaseHandler) -> None:
    """Let Formgrader's own pages, which keep what they read, read it anew."""
    gradebook = handler.settings.get("nbgrader_gradebook")
    if gradebook is not None:
        gradebook.db.expire_all()


API = "/formgrader/api"
OURS: list[tuple[str, type[web.RequestHandler]]] = [
    (API + r"/assignment/([^/]+)/assign", GenerateAssignment),
    (API + r"/submission/([^/]+)/([^/]+)/autograde", Autograde),
    (API + r"/assignment/([^/]+)/generate_feedback", GenerateFeedback),
    (API + r"/assignment/([^/]+)/([^/]+)/generate_feedback", GenerateFeedback),
]


def install() -> None:
    """Answer these addresses before nbgrader's own handlers do, whichever server asks."""
    if OURS[0] not in handlers.default_handlers:
        handlers.default_handlers[:0] = OURS
