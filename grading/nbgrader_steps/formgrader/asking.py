"""Let Formgrader ask before it releases feedback in which answers are not graded yet."""

import json

from nbgrader.server_extensions.formgrader import handlers
from nbgrader.server_extensions.formgrader.base import (
    BaseApiHandler,
    check_notebook_dir,
    check_xsrf,
)
from tornado import web

from grading.nbgrader_steps.private_names import RELEASE_FEEDBACK, RELEASED, RELEASES

ASK = """
        if (response["question"]) {
            var footer = $("<div/>");
            footer.append($("<button/>").addClass("btn btn-default").attr("type", "button")
                .attr("data-dismiss", "modal").text("Cancel"));
            footer.append($("<button/>").addClass("btn btn-danger release-ungraded")
                .attr("type", "button").attr("data-dismiss", "modal").text("Release")
                .click(_.bind(this.release_feedback, this, true)));
            createModal("ungraded-modal", "Not graded yet", $("<p/>").text(
                response["question"] + " Release the feedback all the same?"), footer);
            return;
        }"""
MENDED = {
    RELEASES: "release_feedback: function (ungraded) {",
    RELEASE_FEEDBACK: '"/release_feedback" + (ungraded === true ? "?ungraded=1" : ""))',
    RELEASED: RELEASED + ASK,
}


class ReleaseFeedbackHandler(BaseApiHandler):
    """Release feedback of a student or all, or answer with what waits; `ungraded` says do it."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    def post(self, assignment: str, student: str | None = None) -> None:
        """Write nbgrader's answer, or the question."""
        force = bool(self.get_query_argument("ungraded", ""))
        self.write(json.dumps(self.api.release_feedback(assignment, student, force)))


API = "/formgrader/api/assignment"
OURS = (
    (rf"{API}/([^/]+)/release_feedback", ReleaseFeedbackHandler),
    (rf"{API}/([^/]+)/([^/]+)/release_feedback", ReleaseFeedbackHandler),
)


def install() -> None:
    """Answer these addresses before nbgrader's own handlers do, whichever server asks."""
    if OURS[0] not in handlers.default_handlers:
        handlers.default_handlers[:0] = OURS
