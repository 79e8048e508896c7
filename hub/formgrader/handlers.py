"""Answer Formgrader's buttons that take long, without keeping its other pages waiting."""

import json
from typing import ClassVar

from nbgrader.server_extensions.formgrader.base import (
    BaseApiHandler,
    check_notebook_dir,
    check_xsrf,
)
from tornado import web

from hub.formgrader.opening import Kernels, Links, Session, Sessions


class JobHandler(BaseApiHandler):
    """Hand a step over to the jobs and answer when it is done, as nbgrader's handlers do."""

    action: ClassVar[str]

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    async def post(self, assignment: str, student: str | None = None) -> None:
        """Run the step and write whether it succeeded, and its log."""
        answer = await self.settings["grading_jobs"].run(self.action, assignment, student)
        gradebook = self.settings.get("nbgrader_gradebook")
        if gradebook is not None:
            gradebook.db.expire_all()
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


API = "/formgrader/api"
HANDLERS: list[tuple[str, type[web.RequestHandler]]] = [
    (r"/formgrader/static/js/utils\.js", Links),
    (r"/api/sessions", Sessions),
    (r"/api/sessions/(?P<session_id>\w+-\w+-\w+-\w+-\w+)", Session),
    (r"/api/kernels", Kernels),
    (API + r"/assignment/([^/]+)/assign", GenerateAssignment),
    (API + r"/submission/([^/]+)/([^/]+)/autograde", Autograde),
    (API + r"/assignment/([^/]+)/generate_feedback", GenerateFeedback),
    (API + r"/assignment/([^/]+)/([^/]+)/generate_feedback", GenerateFeedback),
]
