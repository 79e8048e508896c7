"""Answer for the pages of written answers, and save what graders give there."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nbgrader.server_extensions.formgrader.base import (
    BaseApiHandler,
    check_notebook_dir,
    check_xsrf,
)
from tornado import web
from tornado.ioloop import IOLoop

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.engine.slot import GradingFailed, WorkerDown
from grading.grades.give_points import Refused, Stale, save_answer
from grading.grades.gradebook import RunGradebook
from grading.grades.written import Place, Question, place_of, used_comments, written_answers
from grading.nbgrader_steps.formgrader.long_steps import forget_what_formgrader_read, who_asks
from grading.nbgrader_steps.formgrader.written.order import all_questions, next_left, start_at
from grading.nbgrader_steps.formgrader.written.pages import (
    HARMLESS,
    framed,
    list_page,
    policy,
    question_page,
    sentence,
)
from grading.nbgrader_steps.rendering_worker import render

PAGES, API = "/formgrader/written_answers", "/formgrader/api/written_answers"
FIELDS = ("score", "comment", "version")
NOT_THERE = "There is no such question, or nobody has answered it yet."
NO_NOTEBOOK = "There is no graded notebook of this: autograde it first."
ONE_AT_A_TIME = ThreadPoolExecutor(1, "written answers")
RENDERS = ThreadPoolExecutor(1, "answers rendered")
"""Saving does not wait for a page that a worker renders."""


class WrittenHandler(BaseApiHandler):
    """What the pages of written answers have in common."""

    @property
    def who(self) -> str:
        """Return the name of whoever grades."""
        return who_asks(self)

    async def ask(self, question: Callable[[RunGradebook], Any]) -> Any:
        """Return what the gradebook answers, beside the server's own thread."""
        db_url, course_id = self.db_url, self.coursedir.course_id

        def asked() -> Any:
            with RunGradebook(db_url, course_id) as gradebook:
                return question(gradebook)

        return await IOLoop.current().run_in_executor(ONE_AT_A_TIME, asked)

    async def show(self, file: Path, cell: str, question: bool) -> None:
        """Write a cell of a notebook file, rendered by a worker, as a page that does nothing."""
        settings = dict(self.exporter.config.HTMLExporter)
        request = {"do": "answer", "cell": cell, "question": question, "settings": settings}

        def rendered() -> str:
            return render(request, file.read_bytes(), self.exporter.config)

        self.set_header("Content-Security-Policy", HARMLESS)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        try:
            made = await IOLoop.current().run_in_executor(RENDERS, rendered)
        except FileNotFoundError:
            self.set_status(404)
            made = sentence(NO_NOTEBOOK)
        except (CourseError, GradingFailed, WorkerDown) as error:
            self.set_status(502)
            made = sentence(f"This cannot be shown: {error}")
        self.finish(framed(made))

    def finish_page(self, page: str) -> None:
        """Write one of our pages, which runs our script and no other."""
        self.set_header("Content-Security-Policy", policy())
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(page)

    def all_of(self, gradebook: RunGradebook) -> list[Question]:
        """Return all questions of the course, in its order."""
        return all_questions(gradebook, Course(Path(self.coursedir.root)))


class QuestionsHandler(WrittenHandler):
    """The questions of an assignment, or of all, and how many answers to each are left."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    async def get(self, assignment: str | None = None) -> None:
        """Write the page."""
        found = await self.ask(self.all_of)
        chosen = [one for one in found if assignment in (None, one.assignment)]
        self.finish_page(list_page(chosen, assignment, self.base_url, _address))


class QuestionHandler(WrittenHandler):
    """The page on which the answers to one question are graded."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    async def get(self, assignment: str, notebook: str, cell: str) -> None:
        """Write the page; 404 for a question that nobody has answered."""

        def read(gradebook: RunGradebook) -> tuple[Any, ...] | None:
            found = self.all_of(gradebook)
            one = find(found, assignment, notebook, cell)
            return one and (found, one, _standing(gradebook, one))

        read_now = await self.ask(read)
        if read_now is None:
            raise web.HTTPError(404, NOT_THERE)
        found, one, standing = read_now
        following = next_left(found, one)
        about = standing | {
            "api": f"{self.base_url}{API}",
            "model": f"{self.base_url}{API}{_address(one).removeprefix(PAGES)}/model",
            "points": one.points,
            "start": start_at(standing["answers"], self.who),
        }
        self.finish_page(question_page(one, about, following, self.base_url, _address))


class ModelHandler(WrittenHandler):
    """Our own answer to a question, from the notebook that the assignment was released from."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    async def get(self, assignment: str, notebook: str, cell: str) -> None:
        """Write it; 404 for a question that nobody has answered."""
        if find(await self.ask(self.all_of), assignment, notebook, cell) is None:
            raise web.HTTPError(404, NOT_THERE)
        kept = ReleasedNotebook(Course(Path(self.coursedir.root)), assignment)
        await self.show(kept.file, cell, question=True)


class AnswerHandler(WrittenHandler):
    """One student's answer: shown, and given points and a comment."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    async def get(self, grade: str) -> None:
        """Write the answer as a page of its own."""
        place = await self.ask(lambda gradebook: place_of(gradebook, grade))
        if place is None:
            raise web.HTTPError(404, NOT_THERE)
        step = self.coursedir.autograded_directory
        folder = Path(self.coursedir.format_path(step, place.student, place.assignment))
        await self.show(folder / f"{place.notebook}.ipynb", place.cell, question=False)

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    async def put(self, grade: str) -> None:
        """Save `score` and `comment` of the answer whose `version` was read.

        Answer with how all answers to the question stand then; with 400 and a sentence for what
        cannot be saved, and with 409 and how it stands where that is no longer what was read.
        """
        said = self.get_json_body()
        if not isinstance(said, dict) or not all(isinstance(said.get(one), str) for one in FIELDS):
            self.answer(400, {"why": "Points, comment and version are needed, each as a text."})
            return
        who = self.who

        def save(gradebook: RunGradebook) -> dict[str, Any] | None:
            given = (said["version"], said["score"], said["comment"])
            saved = save_answer(gradebook, grade, *given, who)
            place = place_of(gradebook, grade)
            if saved is None or place is None:
                return None
            return {"saved": saved._asdict()} | _standing(gradebook, place)

        try:
            saved = await self.ask(save)
        except Refused as error:
            self.answer(400, {"why": str(error)})
        except Stale as error:
            self.answer(409, {"why": str(error), "now": error.now._asdict()})
        except CourseError as error:
            self.answer(503, {"why": str(error)})
        else:
            forget_what_formgrader_read(self)
            self.answer(*((200, saved) if saved else (404, {"why": NOT_THERE})))

    def answer(self, status: int, content: Mapping[str, Any]) -> None:
        """Write JSON with a status."""
        self.set_status(status)
        self.finish(dict(content))


def find(found: list[Question], *names: str) -> Question | None:
    """Return the question of an assignment, a notebook and a cell, or None."""
    return next((one for one in found if (one.assignment, one.notebook, one.cell) == names), None)


def leads(names: Mapping[str, Any]) -> str:
    """Return where the link on a page leads: to its assignment's questions, if it is about one."""
    assignment = names.get("assignment_id")
    return f"{PAGES}/{quote(str(assignment), safe='')}" if assignment else PAGES


def _address(question: Question) -> str:
    names = (question.assignment, question.notebook, question.cell)
    return "/".join((PAGES, *(quote(name, safe="") for name in names)))


def _standing(gradebook: RunGradebook, question: Question | Place) -> dict[str, Any]:
    answers = [one._asdict() for one in written_answers(gradebook, question)]
    return {"answers": answers, "comments": used_comments(gradebook, question)}


OURS = (
    (rf"{PAGES}/?", QuestionsHandler),
    (rf"{PAGES}/([^/]+)/?", QuestionsHandler),
    (rf"{PAGES}/([^/]+)/([^/]+)/([^/]+)/?", QuestionHandler),
    (rf"{API}/([^/]+)", AnswerHandler),
    (rf"{API}/([^/]+)/([^/]+)/([^/]+)/model", ModelHandler),
)
