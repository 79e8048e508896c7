"""A student's server without a server: our handlers on a temporary exchange, and what they say."""

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import nbformat
from course_page.exchange import StudentsExchange
from course_page.handlers import HANDLERS
from exchange import ASSIGNMENT, Class
from jupyter_server.auth import AllowAllAuthorizer, IdentityProvider, User
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.utils import compute_checksum
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from traitlets.config import Config

STUDENT, COURSE = "student-01", "demo"
NAMES = {"course": COURSE, "assignment": ASSIGNMENT}


def notebook_text() -> str:
    """Return a released notebook: an answer, a test, and how many checks run later."""
    answer = new_code_cell("def f():\n    # YOUR CODE HERE\n    raise NotImplementedError()")
    answer.metadata["nbgrader"] = {"grade_id": "f", "solution": True, "cell_type": "code"}
    test = new_code_cell("assert f() == 1")
    test.metadata["nbgrader"] = {"grade_id": "test-f", "grade": True, "locked": True, "points": 1}
    test.metadata["nbgrader"]["cell_type"] = "code"
    for cell in (answer, test):
        cell.metadata["nbgrader"]["checksum"] = compute_checksum(cell)
    made = new_notebook(cells=[new_markdown_cell("## Doubling"), answer, test])
    made.metadata["course"] = {"hidden_checks": {"test-f": 3}}
    return str(nbformat.writes(made))


class Owner(IdentityProvider):
    """Whoever asks is the student whose server this is, or nobody."""

    known = True

    async def get_user(self, handler: object) -> User | None:
        return User(STUDENT) if self.known else None


class StudentServer:
    """The pages of a student whose home is beside the exchange of a class."""

    def __init__(self, klass: Class, home: Path) -> None:
        self.klass, self.home, self.identity = klass, home, Owner()
        home.mkdir(exist_ok=True)
        config = Config()
        config.CourseDirectory.student_id = STUDENT
        config.Exchange = Config(
            root=str(klass.root), cache=str(home / "cache"), path_includes_course=True
        )
        config.ExchangeFactory.submit = "course_exchange.submit.WholeSubmit"
        self.exchange = StudentsExchange(home, config)
        self.folder = home / COURSE / ASSIGNMENT
        self.notebook = self.folder / f"{ASSIGNMENT}.ipynb"
        self.settings = {
            "base_url": "/user/student-01/",
            "identity_provider": self.identity,
            "authorizer": AllowAllAuthorizer(),
            "allow_unauthenticated_access": True,
            "xsrf_cookies": True,
            "disable_check_xsrf": False,
            "login_url": "/login",
            "headers": {},
            "cookie_secret": b"x",
            "serverapp": SimpleNamespace(),
            "course_page_exchange": self.exchange,
            "course_page_validating": asyncio.Lock(),
        }

    def release(self) -> None:
        """Put the notebook where released assignments are."""
        (self.klass.outbound / f"{ASSIGNMENT}.ipynb").write_text(notebook_text())

    def announce(self, **said: Any) -> None:
        """Write what the course announces."""
        file = self.klass.root / COURSE / "course.json"
        file.write_text(json.dumps({"assignments": {ASSIGNMENT: said}, "late_rule": "It costs."}))

    def put_feedback(self, page: str) -> None:
        """Release feedback on everything that was handed in."""
        from nbgrader.utils import notebook_hash

        folder = self.klass.root / COURSE / "feedback"
        folder.mkdir(exist_ok=True)
        for file in self.klass.inbound.glob("*/submission_secret.txt"):
            name = notebook_hash(secret=file.read_text(), notebook_id=ASSIGNMENT)
            (folder / f"{name}.html").write_text(page)

    def ask(
        self, path: str, body: object = None, token: bool = True, quoted: bool = False
    ) -> HTTPResponse:
        """Return the answer to a request; with a body it is a POST, with the token of a page."""
        return asyncio.run(self._ask(path if quoted else quote(path), body, token))

    def said(self, what: str, body: object = None) -> Any:
        """Return what an address of the page's answers, which is no error."""
        answer = self.ask(f"api/{what}", body)
        assert answer.code == 200, answer.body
        return json.loads(answer.body)

    async def _ask(self, path: str, body: object, token: bool) -> HTTPResponse:
        socket, port = bind_unused_port()
        server = HTTPServer(Application(HANDLERS, **self.settings))
        server.add_socket(socket)
        headers = {"X-XSRFToken": "t", "Cookie": "_xsrf=t"} if token else {}
        try:
            return await AsyncHTTPClient().fetch(
                f"http://127.0.0.1:{port}/course/{path}",
                method="GET" if body is None else "POST",
                body=None if body is None else json.dumps(body),
                headers=headers,
                request_timeout=300,
                raise_error=False,
                follow_redirects=False,
            )
        finally:
            server.stop()
            await server.close_all_connections()
