"""Answer for the page of a whole class: show what is left, begin a step, tell how far it is."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from nbgrader.server_extensions.formgrader.base import (
    BaseApiHandler,
    check_notebook_dir,
    check_xsrf,
)
from tornado import web

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.nbgrader_steps.formgrader.jobs import Target
from grading.nbgrader_steps.formgrader.long_steps import (
    forget_what_formgrader_read,
    jobs_for,
    who_asks,
)
from grading.nbgrader_steps.formgrader.whole_class.left import ClassLeft, targets
from grading.nbgrader_steps.formgrader.whole_class.pages import page, policy
from grading.nbgrader_steps.formgrader.whole_class.running import (
    Progress,
    Told,
    WholeClass,
    in_chunks,
)
from grading.pipeline.configuration import load_config

PAGE, API = "/formgrader/whole_class", "/formgrader/api/whole_class"
SETTING = "grading_whole_class"
AUTOGRADE, FEEDBACK, RELEASE = "autograde", "feedback", "release"
ACTIONS = {AUTOGRADE: "autograde_class", FEEDBACK: "feedback_class"}
NO_STEP = f"A step is needed: {AUTOGRADE}, {FEEDBACK} or {RELEASE}; and an assignment, or null."
NOT_RELEASED = "Not released: "


class ClassHandler(BaseApiHandler):
    """What the page and its addresses have in common."""

    @property
    def whole_class(self) -> WholeClass:
        """Return the one of this server."""
        found: WholeClass = self.settings.setdefault(SETTING, WholeClass())
        return found

    @property
    def left(self) -> ClassLeft:
        """Return what looks at this server's course, configured as for the jobs' process."""
        root = Path(self.coursedir.root)
        return ClassLeft(Course(root), load_config(root))

    def answer(self, status: int, content: Mapping[str, Any]) -> None:
        """Write JSON with a status."""
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        self.finish(dict(content))


class PageHandler(ClassHandler):
    """The page."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    def get(self) -> None:
        """Write the page, which asks for all that it shows."""
        self.set_header("Content-Security-Policy", policy())
        self.set_header("Cache-Control", "no-store")
        self.finish(page(self.base_url, f"{self.base_url}{API}"))


class LeftHandler(ClassHandler):
    """What is left to do, assignment by assignment."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    async def get(self) -> None:
        """Write it; 409 and why where the course cannot be read."""
        left = self.left

        def look() -> list[dict[str, Any]]:
            return [left.of(name).row() for name in left.assignments()]

        try:
            self.answer(200, {"left": await asyncio.to_thread(look)})
        except CourseError as error:
            self.answer(409, {"why": str(error)})


class StepHandler(ClassHandler):
    """The step that is being carried out, or was the last."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    def get(self) -> None:
        """Write how far it has come."""
        self.answer(200, self.whole_class.state())

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    async def post(self) -> None:
        """Begin `step` for `assignment`, or for all where that is null.

        Feedback is released only when nothing is to be asked, or what is asked is what `agreed`
        says. Answer with the state or the `question`; 400 for no step, 409 while there is one.
        """
        said = self.get_json_body()
        step = said.get("step") if isinstance(said, dict) else None
        if step not in (*ACTIONS, RELEASE):
            self.answer(400, {"why": NO_STEP})
            return
        left, one = self.left, said.get("assignment")
        try:
            self.whole_class.refuse_if_busy()
            names = left.assignments(None if one is None else str(one))
            if step == RELEASE:
                question = await asyncio.to_thread(left.question, names)
                if question and question != said.get("agreed"):
                    self.answer(200, {"question": question})
                    return
                work = partial(self._release, names=names)
            else:
                work = partial(self._in_chunks, step=step, left=left, names=names)
            self.whole_class.start(step, one, who_asks(self), work)
        except CourseError as error:
            self.answer(409, {"why": str(error)})
        else:
            self.answer(202, self.whole_class.state())

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    def delete(self) -> None:
        """End after those that are being dealt with."""
        self.whole_class.stop()
        self.answer(200, self.whole_class.state())

    async def _in_chunks(
        self, progress: Progress, step: str, left: ClassLeft, names: list[str]
    ) -> AsyncIterator[Told]:
        find = partial(_find, left, step, names)
        async for told in in_chunks(progress, jobs_for(self), ACTIONS[step], find):
            forget_what_formgrader_read(self)
            yield told

    async def _release(self, progress: Progress, names: list[str]) -> AsyncIterator[Told]:
        """Release one assignment after the other, as Formgrader's button does; it takes no time."""
        progress.total = len(names)
        for name in names:
            progress.last = name
            said = self.api.release_feedback(name, None, force=True)
            lines = str(said.get("log") or said.get("error") or "").splitlines()
            failures = [line.partition("] ")[2] for line in lines if NOT_RELEASED in line]
            if not said["success"] and not failures:
                failures = [f"{name}: {(lines or ['not released'])[-1]}"]
            yield 1, failures
            await asyncio.sleep(0)


def _find(left: ClassLeft, step: str, names: list[str]) -> tuple[list[Target], list[str]]:
    """Return whom a step still concerns, and a line for each assignment that cannot be graded."""
    found, failures = [], []
    for name in names:
        try:
            students = left.to_grade(name) if step == AUTOGRADE else left.to_tell(name)
            found += targets(name, students)
        except CourseError as error:
            why = str(error)
            failures.append(why if why.startswith(name) else f"{name}: {why}")
    return found, failures


OURS: list[tuple[str, type[web.RequestHandler]]] = [
    (PAGE, PageHandler),
    (API, StepHandler),
    (f"{API}/left", LeftHandler),
]
