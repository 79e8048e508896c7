"""Answer the course's page: for the student whose server this is, and nobody else."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, cast

import nbformat
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from tornado import web

from course_page import check
from course_page.cells import unfinished
from course_page.exchange import Refused, StudentsExchange
from course_page.state import page_of, saved, state_of

PAGE = Path(__file__).with_name("course.html")
SHARED = Path(__file__).parents[1]
NAME = r"([A-Za-z0-9][A-Za-z0-9_.-]*)"
ABOUT_GRADES = ("assignment", "cell", "check", "text")
VALIDATION_SECONDS = 1800
MAIN = b"<main data-course-result="
FEEDBACK_MAY = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class Page(JupyterHandler):
    """The page itself: one file, whose script asks the addresses below."""

    @web.authenticated
    def get(self) -> None:
        """Write the page, with the address of this server in it."""
        self.xsrf_token  # noqa: B018  it sets the cookie that the page's script sends back
        self.set_header("Content-Type", "text/html; charset=utf-8")
        text = PAGE.read_text(encoding="utf-8")
        self.finish(text.replace("{{base_url}}", json.dumps(self.base_url).strip('"')))


class Asked(APIHandler):
    """What the page asks for: JSON in, JSON out, and what is refused is a sentence."""

    @property
    def exchange(self) -> StudentsExchange:
        """Return the student's exchange."""
        return cast(StudentsExchange, self.settings["course_page_exchange"])

    def said(self) -> dict[str, Any]:
        """Return what the request says, nothing where it says something else than names."""
        body = self.get_json_body()
        return body if isinstance(body, dict) else {}

    def names(self) -> tuple[str, str]:
        """Return course and assignment that the request names."""
        body = self.said()
        course, assignment = body.get("course"), body.get("assignment")
        if not (isinstance(course, str) and isinstance(assignment, str)):
            raise web.HTTPError(400, "course and assignment are missing")
        return course, assignment

    async def answer(self, act: Callable[..., Any], *arguments: Any) -> None:
        """Let a thread do it, so that nobody else waits, and write what it returns."""
        try:
            done = await asyncio.to_thread(act, *arguments)
        except Refused as refusal:
            self.set_status(409)
            done = {"message": str(refusal)}
        self.finish(json.dumps(done))


class StateOfCourse(Asked):
    """What there is to see."""

    @web.authenticated
    async def get(self) -> None:
        """Write the state of all assignments."""
        await self.answer(state_of, self.exchange)


class Fetch(Asked):
    """Fetch an assignment."""

    @web.authenticated
    async def post(self) -> None:
        """Fetch it, and write nothing but that it was done."""
        await self.answer(_fetch, self.exchange, *self.names())


class Unfinished(Asked):
    """What is plainly unfinished in what is saved."""

    @web.authenticated
    async def post(self) -> None:
        """Write the untouched answers, and when the notebook was saved."""
        await self.answer(look_through, self.exchange, *self.names())


class Submit(Asked):
    """Hand in what is saved."""

    @web.authenticated
    async def post(self) -> None:
        """Write the receipt."""
        await self.answer(self.exchange.submit, *self.names())


class FetchFeedback(Asked):
    """Fetch the feedback that there is."""

    @web.authenticated
    async def post(self) -> None:
        """Write how many pages there are: 0 says that there is no feedback yet."""
        await self.answer(_fetch_feedback, self.exchange, *self.names())


class Validate(Asked):
    """Run the visible tests of what is saved."""

    @web.authenticated
    async def post(self) -> None:
        """Write which hold, and how many checks run after handing in."""
        file = notebook_at(self.exchange.root.resolve(), str(self.said().get("path")))
        if file is None:
            raise web.HTTPError(404, "there is no such notebook")
        async with self.settings["course_page_validating"]:
            code, text = await run_validation(file)
        if code:
            self.set_status(409)
            text = json.dumps({"message": f"The tests could not be run: {text}"})
        self.finish(text)


class Check(Asked):
    """Have what is saved checked by the course's own grader."""

    @web.authenticated
    async def get(self) -> None:
        """Write what the course tells, and how often it may be asked still."""
        self.finish(json.dumps(await check.policy()))

    @web.authenticated
    async def post(self) -> None:
        """Write which checks hold."""
        course, assignment = self.names()
        try:
            notebook = self.exchange.assignment(course, assignment) / f"{assignment}.ipynb"
        except Refused:
            raise web.HTTPError(404, "there is no such assignment") from None
        if not notebook.is_file():
            raise web.HTTPError(404, f"there is no {notebook.name} in the folder")
        status, said = await check.check(notebook, assignment)
        self.set_status(status)
        self.finish(json.dumps(said))


class AboutGrades(Asked):
    """The student's questions about grades."""

    @web.authenticated
    async def get(self) -> None:
        """Write what was asked, with the answers."""
        self.finish(json.dumps(await check.questions()))

    @web.authenticated
    async def post(self) -> None:
        """Ask one more; write all that was asked."""
        body = self.get_json_body() or {}
        said = {name: body.get(name) for name in ABOUT_GRADES} if isinstance(body, dict) else {}
        if not said or not all(isinstance(value, str) for value in said.values()):
            raise web.HTTPError(400, f"{', '.join(ABOUT_GRADES)} are needed, each as a text")
        status, answer = await check.ask_about_grade(said)
        self.set_status(status)
        self.finish(json.dumps(answer))


class Feedback(JupyterHandler):
    """The page of fetched feedback, as a page of its own in which nothing runs."""

    @web.authenticated
    async def get(self, course: str, assignment: str, timestamp: str) -> None:
        """Write the page of one submission's feedback."""
        exchange: StudentsExchange = self.settings["course_page_exchange"]
        folder = exchange.root / course / assignment / "feedback" / timestamp
        page = feedback_at(exchange.root.resolve(), folder)
        if page is None:
            raise web.HTTPError(404, "there is no feedback of this submission")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", FEEDBACK_MAY)
        back = f'<nav aria-label="Course"><a href="{self.base_url}course">Course page</a></nav>'
        self.finish(page.read_bytes().replace(MAIN, back.encode() + MAIN, 1))


def _fetch(exchange: StudentsExchange, course: str, assignment: str) -> dict[str, bool]:
    exchange.fetch(course, assignment)
    return {"fetched": True}


def _fetch_feedback(exchange: StudentsExchange, course: str, assignment: str) -> dict[str, int]:
    return {"pages": exchange.fetch_feedback(course, assignment)}


def notebook_at(root: Path, path: str) -> Path | None:
    """Return a notebook below a folder; None for what is elsewhere, none, or no path at all."""
    with suppress(OSError, ValueError):
        file = (root / path).resolve()
        if file.is_relative_to(root) and file.suffix == ".ipynb" and file.is_file():
            return file
    return None


def feedback_at(root: Path, folder: Path) -> Path | None:
    """Return the page in a folder below another; None for what is elsewhere, or no page."""
    with suppress(OSError, ValueError):
        inside = folder.resolve()
        return page_of(inside) if inside.is_relative_to(root) else None
    return None


def look_through(exchange: StudentsExchange, course: str, assignment: str) -> dict[str, Any]:
    """Return what is plainly unfinished in an assignment, and when it was saved."""
    notebook = exchange.assignment(course, assignment) / f"{assignment}.ipynb"
    if not notebook.is_file():
        message = f"There is no {notebook.name} in the folder: it is missing, or renamed."
        return {"unfinished": [], "saved": None, "problem": message}
    try:
        answers = unfinished(nbformat.read(notebook, as_version=4))
    except Exception:  # whatever a damaged notebook makes nbformat raise
        message = f"{notebook.name} cannot be read: it is damaged, or no notebook."
        return {"unfinished": [], "saved": saved(notebook), "problem": message}
    return {
        "unfinished": [asdict(one) for one in answers],
        "saved": saved(notebook),
        "problem": "",
    }


async def run_validation(file: Path) -> tuple[int, str]:
    """Run a notebook's tests in a process of its own; return how it ended and what it said."""
    path = os.pathsep.join([str(SHARED), os.environ.get("PYTHONPATH", "")]).strip(os.pathsep)
    run = partial(
        subprocess.run,
        [sys.executable, "-m", "course_page.validation", str(file)],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env=os.environ | {"PYTHONPATH": path},
        timeout=VALIDATION_SECONDS,
    )
    try:
        done = await asyncio.to_thread(run)
    except subprocess.TimeoutExpired:
        return 1, "they took too long"
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [""]
        return done.returncode, lines[-1]
    return 0, done.stdout


HANDLERS: list[tuple[str, type[web.RequestHandler]]] = [
    (r"/course/?", Page),
    (r"/course/api/state", StateOfCourse),
    (r"/course/api/fetch", Fetch),
    (r"/course/api/unfinished", Unfinished),
    (r"/course/api/submit", Submit),
    (r"/course/api/fetch_feedback", FetchFeedback),
    (r"/course/api/validate", Validate),
    (r"/course/api/check", Check),
    (r"/course/api/questions", AboutGrades),
    (rf"/course/feedback/{NAME}/{NAME}/([^/]+)", Feedback),
]
