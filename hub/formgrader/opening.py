"""Open folders from Formgrader in JupyterLab, but run no submission there.

nbgrader's links forget where the server is mounted, so that on a hub they lead nowhere. And a
submission's code must not run in the grader's name: Autograde runs it, sealed.
"""

import json
from pathlib import PurePosixPath

from jupyter_server.services.sessions.handlers import SessionRootHandler
from jupyter_server.utils import ensure_async
from nbgrader.server_extensions.formgrader.base import BaseHandler
from tornado import web

from grading.nbgrader_steps import private_names

SCRIPT, LINK = private_names.LINK.file, private_names.LINK.name
REFUSAL = "A submission never runs in the grader's name: Autograde runs it, sealed."


def mended(script: str, base_url: str) -> str:
    """Return nbgrader's script with links that lead to JupyterLab on this server."""
    lab = json.dumps(f"{base_url}/lab/tree/")
    return script.replace(LINK, f'attr("href", {lab} + path.replace(/^\\/+/, ""))')


class Links(BaseHandler):
    """Serve nbgrader's script, mended."""

    @web.authenticated
    def get(self) -> None:
        """Write the script."""
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.finish(mended(SCRIPT.read_text(), self.base_url))


class Sessions(SessionRootHandler):
    """Start kernels for notebooks of the course, not for submissions."""

    @web.authenticated
    async def post(self) -> None:
        """Start a kernel; answer 403 for a notebook that a student has handed in."""
        course = self.settings["nbgrader_formgrader"].coursedir
        students = {course.submitted_directory, course.autograded_directory}
        opened = PurePosixPath(str((self.get_json_body() or {}).get("path", "")).lstrip("/"))
        if students & set(opened.parts[:1]):
            raise web.HTTPError(403, REFUSAL, reason=REFUSAL)
        await ensure_async(super().post())
