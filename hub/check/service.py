"""The service itself: it learns from the hub who asks, by the token that every request carries.

    GET  /services/check/             what the asking student may ask, and how often still
    POST /services/check/ASSIGNMENT   with a notebook: what holds of it
    GET  /services/check/asked/about-grades   their own questions about grades, with answers
    POST /services/check/asked/about-grades   one more question

It listens on loopback alone, and serves nobody whom the hub has not given the right to: until it is
known who asks, no notebook is received, and of each student one at a time.
"""

import json
import re
from typing import Any

from jupyterhub.services.auth import HubAuthenticated
from tornado import web
from tornado.httpserver import HTTPServer

from hub.check.desk import TWICE, Desk
from hub.check.questions import MOST, QuestionDesk

MAX_NOTEBOOK = 50_000_000
NAME = r"([A-Za-z0-9_.-]{1,100})"


class Handler(HubAuthenticated, web.RequestHandler):
    """Answer in JSON, those alone whom the hub lets ask."""

    @property
    def desk(self) -> Desk:
        """Return who answers."""
        desk: Desk = self.settings["desk"]
        return desk

    def student(self) -> str:
        """Return who asks; raise 403 where the hub does not say."""
        user = self.get_current_user()
        if user is None or user.get("kind") != "user":
            raise web.HTTPError(403)
        return str(user["name"])

    def answer(self, status: int, said: dict[str, Any]) -> None:
        """Write an answer."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(said))


class Policy(Handler):
    """What may be asked."""

    def get(self) -> None:
        """Write the policy as it holds for who asks."""
        self.answer(200, self.desk.policy(self.student()))


@web.stream_request_body
class Ask(Handler):
    """One check."""

    sends: str = ""

    def prepare(self) -> None:
        """Refuse, before it is received, what is nobody's, or one more while one is on its way."""
        if self.request.method != "POST":
            return
        student = self.student()
        if student in self.sending:
            self.answer(409, {"error": TWICE})
            return
        self.sending.add(student)
        self.sends = student
        self.notebook = bytearray()
        connection: Any = self.request.connection
        connection.set_max_body_size(MAX_NOTEBOOK)

    def data_received(self, chunk: bytes) -> None:
        """Take what has come of the notebook."""
        self.notebook += chunk

    async def post(self, assignment: str) -> None:
        """Check the notebook that is sent."""
        if assignment.startswith("."):
            raise web.HTTPError(404)
        self.answer(*await self.desk.ask(self.sends, assignment, bytes(self.notebook)))

    def on_finish(self) -> None:
        """Let the student send again."""
        self.sending.discard(self.sends)

    def on_connection_close(self) -> None:
        """Let who has hung up send again."""
        self.sending.discard(self.sends)

    @property
    def sending(self) -> set[str]:
        """Return the students whose notebooks are on their way or being checked."""
        students: set[str] = self.settings["sending"]
        return students


class AboutGrades(Handler):
    """Questions about grades."""

    @property
    def questions(self) -> QuestionDesk:
        """Return who answers."""
        questions: QuestionDesk = self.settings["questions"]
        return questions

    async def get(self) -> None:
        """Write what the asking student has asked, with the answers."""
        self.answer(*await self.questions.of(self.student()))

    async def post(self) -> None:
        """Take one more question."""
        student = self.student()
        try:
            said = json.loads(self.request.body)
        except (ValueError, RecursionError):
            said = None
        self.answer(*await self.questions.ask(student, said))


def application(desk: Desk, questions: QuestionDesk, prefix: str) -> web.Application:
    """Return the service, which begins its addresses with a prefix."""
    base = re.escape(prefix)
    addresses = [(base, Policy), (base + "asked/about-grades", AboutGrades), (base + NAME, Ask)]
    return web.Application(addresses, desk=desk, questions=questions, sending=set())


def server(desk: Desk, questions: QuestionDesk, prefix: str) -> HTTPServer:
    """Return what serves it: only a notebook of a known student may be large."""
    return HTTPServer(application(desk, questions, prefix), max_body_size=MOST)
