"""Show the questions that wait, each with the check it is about, and save what is answered."""

from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, SubmittedAssignment, SubmittedNotebook
from nbgrader.server_extensions.formgrader.base import check_notebook_dir, check_xsrf
from sqlalchemy import select
from tornado import web

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.course.sections import sections_of
from grading.grades.asked import AnsweredMeanwhile, Asked, MayNotAsk, answer, queue
from grading.grades.gradebook import RunGradebook
from grading.grades.kept_outcomes import kept_outcomes
from grading.nbgrader_steps.formgrader.asked.page import policy, questions_page
from grading.nbgrader_steps.formgrader.written.answering import WrittenHandler

PAGE, API = "/formgrader/questions", "/formgrader/api/questions"
NOT_THERE = "There is no such question."
FIELDS = ("answer", "read")


class QuestionsHandler(WrittenHandler):
    """The queue: what waits, the oldest first, and what was answered last."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    async def get(self) -> None:
        """Write the page."""
        course = Course(Path(self.coursedir.root))

        def read(gradebook: RunGradebook) -> list[list[dict[str, Any]]]:
            found = queue(gradebook)
            pages = _submissions(gradebook)
            return [[_shown(one, course, pages) for one in part] for part in found]

        waiting, answered = await self.ask(read)
        self.set_header("Content-Security-Policy", policy())
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(questions_page(waiting, answered, self.base_url, f"{self.base_url}{API}"))


class AnswerHandler(WrittenHandler):
    """One question: answered."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    async def put(self, question: str) -> None:
        """Save `answer` of the question whose answer was `read`.

        Answer with 400 and a sentence for what cannot be saved, and with 409 and what stands there
        where somebody else has answered meanwhile.
        """
        said = self.get_json_body()
        if not isinstance(said, dict) or not all(isinstance(said.get(one), str) for one in FIELDS):
            self.said(400, {"why": "The answer, and the one that was read, are needed as texts."})
            return
        who, given = self.who, (said["answer"], said["read"])
        try:
            saved = await self.ask(
                lambda gradebook: answer(gradebook, question, given[0], who, given[1])
            )
        except MayNotAsk as error:
            self.said(400, {"why": str(error)})
        except AnsweredMeanwhile as error:
            self.said(409, {"why": str(error), "now": error.now._asdict()})
        except CourseError as error:
            self.said(503, {"why": str(error)})
        else:
            found = {"saved": saved._asdict()} if saved else {"why": NOT_THERE}
            self.said(200 if saved else 404, found)

    def said(self, status: int, content: dict[str, Any]) -> None:
        """Write JSON with a status."""
        self.set_status(status)
        self.finish(content)


def _shown(one: Asked, course: Course, pages: dict[tuple[str, str], str]) -> dict[str, Any]:
    kept = kept_outcomes(course, one.student, one.assignment)
    here = [check for check in kept.checks if check.cell == one.cell] if kept else []
    found = next((check for check in here if check.name == one.check), None)
    outcome = "" if found is None else "holds" if found.passed else found.hint or "does not hold"
    return one._asdict() | {
        "section": _section(course, one),
        "outcome": outcome,
        "holding": f"{sum(check.passed for check in here)} of {len(here)}" if here else "",
        "page": pages.get((one.student, one.assignment), ""),
    }


def _section(course: Course, one: Asked) -> str:
    try:
        return sections_of(ReleasedNotebook(course, one.assignment).solved()).get(one.cell, "")
    except CourseError:
        return ""


def _submissions(gradebook: RunGradebook) -> dict[tuple[str, str], str]:
    """Return by student and assignment the id of the page on which a submission is graded."""
    columns = (SubmittedAssignment.student_id, Assignment.name, SubmittedNotebook.id)
    statement = (
        select(*columns)
        .select_from(SubmittedNotebook)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
    )
    with gradebook.reading() as session:
        found = session.execute(statement).all()
    return {(student, assignment): notebook for student, assignment, notebook in found}


OURS = ((rf"{PAGE}/?", QuestionsHandler), (rf"{API}/([0-9a-f]{{32}})", AnswerHandler))
