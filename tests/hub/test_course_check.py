"""The course's page asks the hub's service in its student's name, where there is one."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from exchange import ASSIGNMENT, Class
from student_server import COURSE, NAMES, StudentServer

LEFT = {"tells": "names", "left": 3}


class Service(HTTPServer):
    """Note what is asked, and answer what a test wants."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[tuple[str, str, str | None, bytes]] = []
        self.answer: tuple[int, bytes] = (200, json.dumps(LEFT).encode())


class Answer(BaseHTTPRequestHandler):
    """Answer one request."""

    server: Service

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        given = self.headers.get("Authorization")
        self.server.asked.append((self.command, self.path, given, body))
        status, said = self.server.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_POST = do_GET

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    service = Service()
    thread = Thread(target=service.serve_forever, args=[0.01])
    thread.start()
    monkeypatch.setenv("COURSE_CHECK", f"http://127.0.0.1:{service.server_port}/services/check/")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "mine")
    yield service
    service.shutdown()
    thread.join()
    service.server_close()


@pytest.fixture
def server(klass: Class, tmp_path: Path) -> StudentServer:
    (klass.root / COURSE / "feedback").mkdir()
    klass.root.chmod(0o777)
    made = StudentServer(klass, tmp_path / "home")
    made.release()
    made.said("fetch", NAMES)
    return made


def test_what_is_saved_is_sent_in_the_students_own_name(
    server: StudentServer, service: Service
) -> None:
    server.notebook.write_text("what is saved")
    assert server.said("check", NAMES) == LEFT
    path = f"/services/check/{ASSIGNMENT}"
    assert service.asked == [("POST", path, "token mine", b"what is saved")]


def test_the_policy_is_asked_for_and_passed_on(server: StudentServer, service: Service) -> None:
    assert server.said("check") == LEFT
    assert service.asked == [("GET", "/services/check/", "token mine", b"")]


@pytest.mark.parametrize("missing", ["COURSE_CHECK", "JUPYTERHUB_API_TOKEN"])
def test_where_there_is_no_such_service_nothing_is_offered(
    server: StudentServer, service: Service, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.delenv(missing)
    assert server.said("check") == {"tells": "off"}
    answer = server.ask("api/check", NAMES)
    assert answer.code == 503 and "cannot be reached" in json.loads(answer.body)["message"]
    assert service.asked == []


@pytest.mark.parametrize("said", [(403, b"{}"), (200, b"no JSON"), (200, b"[]")])
def test_a_service_that_says_no_policy_offers_nothing(
    server: StudentServer, service: Service, said: tuple[int, bytes]
) -> None:
    service.answer = said
    assert server.said("check").get("tells", "off") == "off"


def test_a_refusal_is_passed_on_as_a_sentence(server: StudentServer, service: Service) -> None:
    service.answer = 429, b'{"error": "You have asked 10 times."}'
    answer = server.ask("api/check", NAMES)
    assert (answer.code, json.loads(answer.body)) == (409, {"message": "You have asked 10 times."})


@pytest.mark.parametrize("name", ["another", "../../../etc", ""])
def test_nothing_but_a_released_assignments_notebook_is_sent(
    server: StudentServer, service: Service, name: str
) -> None:
    assert server.ask("api/check", NAMES | {"assignment": name}).code == 404
    server.notebook.unlink()
    assert server.ask("api/check", NAMES).code == 404
    assert service.asked == []


def test_while_the_service_is_away_that_is_said(
    server: StudentServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_CHECK", "http://127.0.0.1:1/services/check/")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "mine")
    assert server.said("check") == {"tells": "off"}
    assert server.ask("api/check", NAMES).code == 503


def test_without_a_name_nothing_is_asked(server: StudentServer, service: Service) -> None:
    assert server.ask("api/check", {}).code == 400 and service.asked == []


# --- questions about grades


QUESTION = {"assignment": ASSIGNMENT, "cell": "test", "check": "doubles", "text": "Why?"}


def test_a_question_is_sent_in_the_students_own_name_and_names_nobody(
    server: StudentServer, service: Service
) -> None:
    service.answer = 200, b'{"allowed": true, "questions": [{"text": "Why?"}]}'
    said = server.said("questions", QUESTION | {"student": "student-02"})
    assert said["questions"] == [{"text": "Why?"}]
    [(method, path, given, body)] = service.asked
    assert (method, path) == ("POST", "/services/check/asked/about-grades")
    assert (given, json.loads(body)) == ("token mine", QUESTION)


def test_what_was_asked_is_read_in_the_students_own_name(
    server: StudentServer, service: Service
) -> None:
    service.answer = 200, b'{"allowed": true, "questions": []}'
    assert server.said("questions") == {"allowed": True, "questions": []}
    assert service.asked == [("GET", "/services/check/asked/about-grades", "token mine", b"")]


@pytest.mark.parametrize("said", [(403, b"{}"), (200, b"no JSON"), (500, b"")])
def test_where_no_questions_are_taken_none_are_offered(
    server: StudentServer, service: Service, said: tuple[int, bytes]
) -> None:
    service.answer = said
    assert server.said("questions") == {"allowed": False, "questions": []}


def test_a_question_that_is_refused_says_why(server: StudentServer, service: Service) -> None:
    service.answer = 403, b'{"error": "3 questions of yours wait."}'
    answer = server.ask("api/questions", QUESTION)
    said = {"message": "3 questions of yours wait."}
    assert (answer.code, json.loads(answer.body)) == (409, said)


def test_a_question_without_a_service_is_not_sent(server: StudentServer) -> None:
    assert server.ask("api/questions", QUESTION).code == 503


@pytest.mark.parametrize("wrong", [{}, {"text": None}, {"cell": ["test"]}])
def test_a_question_needs_all_its_parts_as_texts(
    server: StudentServer, service: Service, wrong: dict[str, Any]
) -> None:
    body = QUESTION | wrong if wrong else {"text": "Why?"}
    assert server.ask("api/questions", body).code == 400 and service.asked == []
