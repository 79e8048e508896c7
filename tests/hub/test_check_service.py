"""The service answers those whom the hub has given the right to ask, each for themselves."""

import asyncio
import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

import fake_jupyterhub
import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
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
        monkeypatch.setattr(service, "MAX_NOTEBOOK", 15_000)
        server = service.server(desk, questions, PREFIX)
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
    assert ask(ABOUT_GRADES, body=b'"' + b"x" * 100_000 + b'"').code == 400
    assert len(questions.asked) == 1


@pytest.mark.parametrize("path", ["..", ".hidden", "a/b", "%2e%2e%2fa", "x" * 101])
def test_a_name_that_is_none_of_an_assignment_is_refused(ask: Any, desk: Desk, path: str) -> None:
    assert ask(path, body=b"{}").code == 404 and desk.asked == []


def test_more_than_a_notebook_can_be_is_refused(ask: Any, desk: Desk) -> None:
    assert ask("02_tensor", body=b"x" * 14_000).code == 429
    assert ask("02_tensor", body=b"x" * 16_000).code >= 400 and len(desk.asked) == 1


@pytest.fixture
def talk(desk: Desk, questions: Questions, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what opens connections, sends to each, and returns what is answered on each."""
    fake_jupyterhub.put_in_place(monkeypatch)
    service = import_module("hub.check.service")

    async def until(it_is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not it_is_so():
                await asyncio.sleep(0.01)

    async def send_all(requests: list[tuple[bytes, bool]]) -> list[bytes]:
        socket, port = bind_unused_port()
        server = service.server(desk, questions, PREFIX)
        server.add_socket(socket)
        sending = server.request_callback.settings["sending"]
        answers, opened = [], []
        try:
            for request, is_answered in requests:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                opened.append(writer)
                writer.write(request)
                await writer.drain()
                if is_answered:
                    answers.append(await asyncio.wait_for(reader.read(2000), 30))
                else:
                    await until(lambda: bool(sending))
                if request == HANGS_UP:
                    writer.close()
                    await until(lambda: not sending)
            return answers
        finally:
            for writer in opened:
                writer.close()
            server.stop()
            await server.close_all_connections()

    return lambda *requests: asyncio.run(send_all(list(requests)))


def sent(name: str, path: str = "02_tensor", length: int = 40_000_000, body: bytes = b"") -> bytes:
    return (
        f"POST {PREFIX}{path} HTTP/1.1\r\nHost: x\r\nAuthorization: token {name}\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode() + body


HANGS_UP = sent("student-03")


@pytest.mark.parametrize("name", ["nobody", "culler", ""])
def test_nothing_is_received_of_whom_the_hub_does_not_know(talk: Any, name: str) -> None:
    [answer] = talk((sent(name), True))
    assert answer.startswith(b"HTTP/1.1 403")


@pytest.mark.parametrize("path", ["", "a/b", "../x", "x" * 101])
def test_nothing_large_is_received_at_an_address_of_no_notebook(talk: Any, path: str) -> None:
    [answer] = talk((sent("student-01", path), True))
    assert answer.startswith(b"HTTP/1.1 4")


def test_one_notebook_of_a_student_is_received_at_a_time(talk: Any, desk: Desk) -> None:
    small = sent("student-02", length=2, body=b"{}")
    again, other = talk(
        (sent("student-01"), False), (sent("student-01", length=2, body=b"{}"), True), (small, True)
    )
    assert again.startswith(b"HTTP/1.1 409") and other.startswith(b"HTTP/1.1 429")
    assert desk.asked == [("student-02", "02_tensor", b"{}")]


def test_who_has_hung_up_may_send_again(talk: Any, desk: Desk) -> None:
    talk((HANGS_UP, False), (sent("student-03", length=2, body=b"{}"), True))
    assert desk.asked == [("student-03", "02_tensor", b"{}")]


def test_who_was_answered_may_send_again(talk: Any, desk: Desk) -> None:
    talk(*[(sent("student-01", length=2, body=b"{}"), True)] * 2)
    assert len(desk.asked) == 2
