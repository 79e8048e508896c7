"""Formgrader as nbgrader loads it into a server, answering in this process."""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_core.application import JupyterApp
from jupyter_server.auth import AllowAllAuthorizer, IdentityProvider, User
from nbgrader.server_extensions.formgrader import load_jupyter_server_extension
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from grading.nbgrader_steps.formgrader import work
from grading.nbgrader_steps.formgrader.jobs import Answer, Target, Tell, unheard


class TheGrader(IdentityProvider):
    """Whoever asks is the grader."""

    async def get_user(self, handler: object) -> User:
        return User("grader")


class Account(JupyterApp):
    """What an extension is told of the server it is loaded into."""

    name = "account"
    web_app: Any = None
    root_dir: str = ""


class InThisProcess:
    """Carry out steps as the process beside the server does, and note who was asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.asked: list[tuple[str, list[str | None]]] = []

    async def run_all(
        self, action: str, targets: Sequence[Target], tell: Tell = unheard, **how: Any
    ) -> list[Answer]:
        """Answer as the process would."""
        self.asked.append((action, [student for _, student in targets]))
        line = json.dumps({"action": action, "targets": list(targets), "how": how})
        return work.answer(work.Worker(self.root, tell), line)


class Formgrader:
    """Formgrader on a course, whose configuration has put ours in its places."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(root)
        monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(root / "no configuration"))
        monkeypatch.setattr(sys, "path", [*sys.path])
        account = Account()
        account.root_dir = str(root)
        account.web_app = self.application = Application(
            [],
            base_url="/",
            identity_provider=TheGrader(),
            authorizer=AllowAllAuthorizer(),
            disable_check_xsrf=True,
            allow_unauthenticated_access=True,
            headers={},
            cookie_secret=b"x",
            serverapp=SimpleNamespace(),
            contents_manager=SimpleNamespace(),
            config_manager=SimpleNamespace(),
            kernel_spec_manager=SimpleNamespace(),
        )
        load_jupyter_server_extension(account)

    def get(self, path: str) -> HTTPResponse:
        """Return the answer to a request for something below `/formgrader/`."""
        return asyncio.run(self._get(path))

    def post(self, path: str) -> HTTPResponse:
        """Return the answer to pressing a button."""
        return asyncio.run(self._get(path, method="POST", body=""))

    def put(self, path: str, body: str) -> HTTPResponse:
        """Return the answer to saving a form."""
        return asyncio.run(self._get(path, method="PUT", body=body))

    def forget_the_gradebook(self) -> None:
        """Have what was read of the gradebook read anew."""
        gradebook = self.application.settings["nbgrader_gradebook"]
        if gradebook is not None:
            gradebook.db.expire_all()

    async def _get(self, path: str, **how: str) -> HTTPResponse:
        socket, port = bind_unused_port()
        server = HTTPServer(self.application)
        server.add_socket(socket)
        try:
            return await AsyncHTTPClient().fetch(
                f"http://127.0.0.1:{port}/formgrader/{path}",
                raise_error=False,
                follow_redirects=False,
                **how,
            )
        finally:
            server.stop()
            await server.close_all_connections()
