"""Keep what students wrote from acting in the name of who looks at it in Formgrader.

nbgrader's handler of a submission's files serves any file of the course, and a page among them acts
as Formgrader does; its first page runs the `nbgrader_config.py` of any folder that a link names.
"""

from pathlib import Path

from nbgrader.server_extensions.formgrader import handlers
from nbgrader.server_extensions.formgrader.base import check_notebook_dir, check_xsrf
from nbgrader.server_extensions.formgrader.handlers import FormgraderHandler, SubmissionFilesHandler
from tornado import web

NOT_OURS = "Formgrader opens the course of its server only: start one in the other course's folder."
HARMLESS = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"


class FirstPage(FormgraderHandler):
    """Open Formgrader on this server's course, whatever folder a link names."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    def get(self) -> None:
        """Go to the assignments; answer 403 for another folder than the course's."""
        named = self.get_query_argument("path", "")
        if named and Path(named).resolve() != Path(self.coursedir.root).resolve():
            raise web.HTTPError(403, NOT_OURS, reason=NOT_OURS)
        self.redirect(f"{self.base_url}/formgrader/manage_assignments")


class SubmissionFiles(SubmissionFilesHandler):
    """Serve the files of one graded submission, none of which acts in whoever's name looks."""

    def parse_url_path(self, url_path: str) -> str:
        """Return the path of a file, and keep the folder that it must lie in."""
        submission = url_path.lstrip("/").partition("/")[0]
        self.root = str(super().parse_url_path(f"{submission}/")).rstrip("/")
        return str(super().parse_url_path(url_path))

    def set_extra_headers(self, path: str) -> None:
        """Let a browser show the file and do nothing else with it."""
        self.set_header("Content-Security-Policy", HARMLESS)
        self.set_header("X-Content-Type-Options", "nosniff")


def install() -> None:
    """Put ours in the places of nbgrader's among its handlers."""
    ours = {FormgraderHandler: FirstPage, SubmissionFilesHandler: SubmissionFiles}
    handlers.default_handlers[:] = [
        (path, ours.get(handler, handler), *rest)
        for path, handler, *rest in handlers.default_handlers
    ]
