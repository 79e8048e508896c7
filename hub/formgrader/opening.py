"""Open folders from Formgrader in JupyterLab, but run no submission there.

nbgrader's links forget where the server is mounted, so that on a hub they lead nowhere. And a
submission's code must not run in the grader's name: Autograde runs it, sealed.
"""

import json
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.services.kernels.handlers import MainKernelHandler
from jupyter_server.services.sessions.handlers import SessionHandler, SessionRootHandler
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
        _refuse_submissions(self)
        await ensure_async(super().post())


class Session(SessionHandler):
    """Move a notebook's kernel to another of the course, not to a submission."""

    @web.authenticated
    async def patch(self, session_id: str) -> None:
        """Change a session; answer 403 for a notebook that a student has handed in."""
        _refuse_submissions(self)
        await ensure_async(super().patch(session_id))


class Kernels(MainKernelHandler):
    """Start kernels in folders of the course, not where submissions are."""

    @web.authenticated
    async def post(self) -> None:
        """Start a kernel; answer 403 for a folder that a student has handed in."""
        _refuse_submissions(self)
        await ensure_async(super().post())


def _refuse_submissions(handler: APIHandler) -> None:
    """Raise an answer of 403 if the request names a path among the submissions."""
    course = handler.settings["nbgrader_formgrader"].coursedir
    closed = [
        Path(course.root, name).resolve()
        for name in (course.submitted_directory, course.autograded_directory)
    ]
    root = Path(handler.settings["server_root_dir"]).expanduser()
    for path in _paths_named(handler.get_json_body() or {}):
        opened = (root / path.lstrip("/")).resolve()  # however it is spelled, whatever links to it
        if any(opened.is_relative_to(folder) for folder in closed):
            raise web.HTTPError(403, REFUSAL, reason=REFUSAL)


def _paths_named(request: dict[str, Any]) -> list[str]:
    """Return the paths of a request in the shape of today's interface, and of that before it."""
    before = request.get("notebook") or {}
    named = (request.get("path"), before.get("path"), before.get("name"))
    return [str(path) for path in named if path]
