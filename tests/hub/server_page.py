"""Ask the grader's server without starting one: our handlers, answering on a port of their own."""

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from jupyter_server.auth import AllowAllAuthorizer, IdentityProvider, User
from nbgrader.coursedir import CourseDirectory
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from grading.nbgrader_steps.formgrader.long_steps import OURS
from hub.formgrader.handlers import HANDLERS

SESSION = "00000000-0000-0000-0000-000000000000"


class Somebody(IdentityProvider):
    """Whoever asks is the grader, or is nobody."""

    known = True

    async def get_user(self, handler: object) -> User | None:
        return User("grader") if self.known else None


class Kernels:
    """Stand in for the server's managers: no kernel is started, the paths are noted."""

    default_kernel_name = "python3"

    def __init__(self) -> None:
        self.started: list[str] = []

    async def session_exists(self, path: str) -> bool:
        return False

    async def create_session(self, path: str, **_: object) -> dict[str, str]:
        self.started.append(path)
        return {"id": SESSION}

    async def get_session(self, session_id: str) -> dict[str, Any]:
        return {"id": session_id, "kernel": {"id": "k"}, "name": "", "path": "", "type": ""}

    async def update_session(self, session_id: str, **changes: str) -> None:
        self.started.append(changes["path"])

    async def start_kernel(self, path: str, **_: object) -> str:
        self.started.append(path)
        return "k"

    async def kernel_model(self, kernel_id: str) -> dict[str, str]:
        return {"id": kernel_id}


class Server:
    """The grader's server on a course."""

    def __init__(self, root: Path, jobs: Any = None, base_url: str = "/", **course: str) -> None:
        self.kernels, self.identity = Kernels(), Somebody()
        self.gradebook = SimpleNamespace(db=SimpleNamespace(expire_all=self._forget))
        self.forgot = 0
        coursedir = CourseDirectory(root=str(root), **course)
        self._settings = {
            "base_url": base_url,
            "server_root_dir": str(root),
            "identity_provider": self.identity,
            "authorizer": AllowAllAuthorizer(),
            "kernel_manager": self.kernels,
            "session_manager": self.kernels,
            "nbgrader_formgrader": SimpleNamespace(coursedir=coursedir),
            "nbgrader_bad_setup": False,
            "nbgrader_gradebook": self.gradebook,
            "grading_jobs": jobs,
            "disable_check_xsrf": True,
            "allow_unauthenticated_access": True,
            "login_url": "/login",
            "headers": {},
            "cookie_secret": b"x",
            "serverapp": SimpleNamespace(),
        }

    def _forget(self) -> None:
        self.forgot += 1

    def ask(self, method: str, path: str, body: object = None) -> HTTPResponse:
        """Return the answer to one request."""
        return asyncio.run(self._ask(method, path, body))

    async def _ask(self, method: str, path: str, body: object) -> HTTPResponse:
        socket, port = bind_unused_port()
        server = HTTPServer(Application([*HANDLERS, *OURS], **self._settings))
        server.add_socket(socket)
        sent = None if method == "GET" else json.dumps(body)
        try:
            return await AsyncHTTPClient().fetch(
                f"http://127.0.0.1:{port}{quote(path)}",
                method=method,
                body=sent,
                raise_error=False,
                follow_redirects=False,
            )
        finally:
            server.stop()
            await server.close_all_connections()
