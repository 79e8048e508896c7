"""The service answers those whom the hub has given the right to ask, each for themselves."""

import asyncio
import json
from importlib import import_module
from typing import Any

import fake_jupyterhub
import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port

PREFIX = "/services/check/"
ABOUT_GRADES = "asked/about-grades"


class Desk:
    """Note who asks for what."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, bytes]] = []

    def policy(self, student: str) -> dict[str, Any]:
        return {"of": student}

    async def ask(self, student: str, assignment: str, notebook: bytes) -> tuple[int, Any]:
        self.asked.append((student, assignment, notebook))
        return 429, {"error": "too often"}


class Questions:
    """Note who asks what about a grade."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []

    async def of(self, student: str) -> tuple[int, dict[str, Any]]:
        return 200, {"of": student}

    async def ask(self, student: str, said: Any) -> tuple[int, dict[str, Any]]:
        self.asked.append((student, said))
        return 403, {"error": "too many"}


@pytest.fixture
def questions() -> Questions:
    return Questions()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def ask(desk: Desk, questions: Questions, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what sends one request in somebody's name."""
    fake_jupyterhub.put_in_place(monkeypatch)
    service = import_module("hub.check.service")

    async def send(path: str, name: str, body: bytes | None) -> HTTPResponse:
        socket, port = bind_unused_port()
        server = HTTPServer(service.application(desk, questions, PREFIX), max_buffer_size=200_000)
        server.add_socket(socket)
        try:
            return await AsyncHTTPClient().fetch(
                f"http://127.0.0.1:{port}{path}",
                method="GET" if body is None else "POST",
                body=body,
                headers={"Authorization": f"token {name}"} if name else {},
                raise_error=False,
            )
        finally:
            server.stop()
            await server.close_all_connections()

    def ask(path: str = "", name: str = "student-01", body: bytes | None = None) -> HTTPResponse:
        return asyncio.run(send(PREFIX + path, name, body))

    return ask


def test_a_notebook_is_checked_in_the_name_of_who_sends_it(ask: Any, desk: Desk) -> None:
    answer = ask("02_tensor", body=b"{}")
    assert answer.code == 429 and json.loads(answer.body) == {"error": "too often"}
    assert desk.asked == [("student-01", "02_tensor", b"{}")]


def test_the_policy_is_that_of_who_asks(ask: Any) -> None:
    assert json.loads(ask().body) == {"of": "student-01"}


@pytest.mark.parametrize("name", ["", "nobody", "culler"])
@pytest.mark.parametrize(
    ("path", "body"),
    [("", None), ("02_tensor", b"{}"), (ABOUT_GRADES, None), (ABOUT_GRADES, b"{}")],
)
def test_nobody_else_is_answered(
    ask: Any, desk: Desk, questions: Questions, name: str, path: str, body: bytes | None
) -> None:
    assert ask(path, name, body).code == 403 and desk.asked == [] == questions.asked


def test_questions_are_read_and_asked_in_the_name_of_who_sends_them(
    ask: Any, questions: Questions
) -> None:
    assert json.loads(ask(ABOUT_GRADES).body) == {"of": "student-01"}
    answer = ask(ABOUT_GRADES, body=b'{"text": "Why?", "student": "student-02"}')
    assert (answer.code, json.loads(answer.body)) == (403, {"error": "too many"})
    assert questions.asked == [("student-01", {"text": "Why?", "student": "student-02"})]


def test_what_is_no_question_is_none_and_what_is_too_large_is_not_read(
    ask: Any, questions: Questions
) -> None:
    ask(ABOUT_GRADES, body=b"no JSON")
    assert questions.asked == [("student-01", None)]
    assert ask(ABOUT_GRADES, body=b'"' + b"x" * 100_000 + b'"').code == 413
    assert len(questions.asked) == 1


@pytest.mark.parametrize("path", ["..", ".hidden", "a/b", "%2e%2e%2fa", "x" * 101])
def test_a_name_that_is_none_of_an_assignment_is_refused(ask: Any, desk: Desk, path: str) -> None:
    assert ask(path, body=b"{}").code == 404 and desk.asked == []


def test_more_than_a_notebook_can_be_is_refused(ask: Any, desk: Desk) -> None:
    assert ask("02_tensor", body=b"x" * 300_000).code >= 400 and desk.asked == []
