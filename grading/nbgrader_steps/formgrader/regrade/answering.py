"""Answer for the page of a regrade: look, apply, bring back; and tell what was shown and done."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

from nbgrader.server_extensions.formgrader.base import check_notebook_dir, check_xsrf
from tornado import web

from grading.course.errors import CourseError
from grading.engine.options import Options
from grading.grades.gradebook import RunGradebook
from grading.grades.history import Run, history, runs
from grading.nbgrader_steps.formgrader.jobs import Answer
from grading.nbgrader_steps.formgrader.long_steps import (
    forget_what_formgrader_read,
    jobs_for,
    who_asks,
)
from grading.nbgrader_steps.formgrader.own_pages import ASKING, OwnPage
from grading.nbgrader_steps.formgrader.regrade.asked import Asked, read_request
from grading.nbgrader_steps.formgrader.regrade.shown import Shown
from grading.nbgrader_steps.formgrader.whole_class.answering import ClassHandler
from grading.nbgrader_steps.formgrader.whole_class.running import Progress, Told

PAGE, API = "/formgrader/regrade", "/formgrader/api/regrade"
SETTING = "grading_regrade"
HERE = Path(__file__).parent
OUR_PAGE = OwnPage(HERE / "regrade.html.j2", ASKING, HERE / "regrade.js")
MOST_RUNS = 30
"""Runs that the page lists; `make regrade HISTORY=all` lists all."""


class RegradeHandler(ClassHandler):
    """What the page and its addresses have in common."""

    @property
    def shown(self) -> Shown:
        """Return what was shown last on this server, to whoever looks."""
        found: Shown = self.settings.setdefault(SETTING, Shown())
        return found

    async def kept_runs(self) -> list[Run]:
        """Return the runs whose states are kept, the newest first."""
        db_url = Options.of(self.left.config).db_url

        def read() -> list[Run]:
            with RunGradebook(db_url) as gradebook:
                return runs(history(gradebook))

        return await asyncio.to_thread(read)


class PageHandler(RegradeHandler):
    """The page."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    def get(self) -> None:
        """Write the page, which asks for all that it shows."""
        self.set_header("Content-Security-Policy", OUR_PAGE.policy)
        self.set_header("Cache-Control", "no-store")
        names = self.left.assignments()
        about = {"api": f"{self.base_url}{API}"}
        self.finish(OUR_PAGE.render(base_url=self.base_url, assignments=names, about=about))


class StepHandler(RegradeHandler):
    """The step that is being carried out, or was the last, and what was shown."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    def get(self) -> None:
        """Write how far it has come, and what a preview has shown."""
        self.answer(200, {"state": self.whole_class.state(), "shown": self.shown.content()})

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    def post(self) -> None:
        """Begin what is asked for; 400 for what cannot be read, 409 while there is another step."""
        try:
            asked = read_request(self.get_json_body())
        except ValueError as error:
            self.answer(400, {"why": str(error)})
            return
        try:
            if asked.assignment is not None:
                self.left.assignments(asked.assignment)
            work = partial(self._carry_out, asked=asked)
            of = self.shown.assignment if asked.do == "apply" else asked.assignment
            self.whole_class.start(asked.title, of, who_asks(self), work)
        except CourseError as error:
            self.answer(409, {"why": str(error)})
        else:
            self.answer(202, {"state": self.whole_class.state(), "shown": self.shown.content()})

    async def _carry_out(self, progress: Progress, asked: Asked) -> AsyncIterator[Told]:
        who = who_asks(self)[:128]
        if asked.do == "preview":
            self.shown.forget()
        for assignment, how in asked.parts(self.shown.assignment, who):
            said = await self._ask(progress, asked.do, assignment, how)
            progress.total = progress.done + 1
            progress.last = said["log"]
            if asked.do == "preview":
                self.shown.keep(asked.assignment, said, progress.who)
            elif asked.do == "apply":
                self.shown.written(assignment, how["students"])
            else:
                self.shown.forget()
            forget_what_formgrader_read(self)
            yield 1, said["remarks"]

    async def _ask(
        self, progress: Progress, do: str, assignment: str | None, how: dict[str, Any]
    ) -> Answer:
        def tell(last: str) -> None:
            progress.last = last

        target = (assignment or "", None)
        [said] = await jobs_for(self).run_all("regrade", [target], tell, do=do, **how)
        if not said["success"]:
            raise CourseError(said["error"])
        return said


class RunsHandler(RegradeHandler):
    """The runs that have changed grades."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    async def get(self) -> None:
        """Write the newest, without what they changed."""
        found = await self.kept_runs()
        told = [
            {"run": one.id, "at": f"{one.at:%Y-%m-%d %H:%M} UTC", "who": one.who, "why": one.why}
            | {"submissions": len(one.before)}
            | {"assignments": sorted({state.assignment for state in one.before})}
            for one in found[:MOST_RUNS]
        ]
        self.answer(200, {"runs": told, "more": len(found) - len(told)})


class RunHandler(RegradeHandler):
    """The states that one run has replaced."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    async def get(self, run: str) -> None:
        """Write them; 404 for a run that has changed nothing."""
        before = [state for one in await self.kept_runs() if one.id == run for state in one.before]
        if not before:
            self.answer(404, {"why": "Nothing is kept of this run."})
            return
        fields = ("id", "student", "assignment", "score")
        self.answer(200, {"states": [{f: getattr(one, f) for f in fields} for one in before]})


OURS: list[tuple[str, type[web.RequestHandler]]] = [
    (PAGE, PageHandler),
    (API, StepHandler),
    (f"{API}/runs", RunsHandler),
    (f"{API}/runs/([0-9a-f]{{32}})", RunHandler),
]
