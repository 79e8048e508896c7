"""Questions about grades: whoever asks reads and writes their own, and nobody else's."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.grades.asked import Asked, MayNotAsk, Questions, ask, asked_by
from grading.grades.gradebook import RunGradebook
from grading.grades.kept_outcomes import kept_outcomes

FIELDS = ("assignment", "cell", "check", "text")
MOST = 100_000  # bytes of one request
WRONG = "A question names an assignment, a cell and a check, and has a text."
AWAY = "Your question could not be kept now. Try again in a minute."


class QuestionDesk:
    """Take students' questions to the gradebook, and bring back their answers."""

    def __init__(self, course: Course, db_url: str, course_id: str, policy: Questions) -> None:
        self._course, self._policy = course, policy
        self._where = db_url, course_id

    async def of(self, student: str) -> tuple[int, dict[str, Any]]:
        """Return what a student has asked, with the answers."""
        if not self._policy.allowed:
            return 200, {"allowed": False, "questions": []}
        return await self._answered(lambda: {"allowed": True, "questions": self._of(student)})

    async def ask(self, student: str, said: Any) -> tuple[int, dict[str, Any]]:
        """Put a question of a student's into the queue; answer with all that they have asked."""
        if not isinstance(said, dict) or not all(isinstance(said.get(one), str) for one in FIELDS):
            return 400, {"error": WRONG}
        assignment, cell, check, text = (said[one] for one in FIELDS)
        return await self._answered(lambda: self._ask(student, (assignment, cell, check), text))

    async def _answered(self, act: Callable[[], dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        try:
            return 200, await asyncio.to_thread(act)
        except MayNotAsk as refusal:
            return 403, {"error": str(refusal)}
        except CourseError:
            return 503, {"error": AWAY}

    def _of(self, student: str) -> list[dict[str, str]]:
        with RunGradebook(*self._where) as gradebook:
            return [shown(one) for one in asked_by(gradebook, student)]

    def _ask(self, student: str, about: tuple[str, str, str], text: str) -> dict[str, Any]:
        with RunGradebook(*self._where) as gradebook:
            ask(gradebook, self._policy, student, about, self._checks(student, about[0]), text)
        return {"allowed": True, "questions": self._of(student)}

    def _checks(self, student: str, assignment: str) -> set[tuple[str, str]]:
        known = assignment in self._course.assignments() and Path(student).name == student
        kept = kept_outcomes(self._course, student, assignment) if known else None
        return {(check.cell, check.name) for check in kept.checks} if kept else set()


def shown(one: Asked) -> dict[str, str]:
    """Return a question as its student sees it: who answered is the course."""
    return {name: value for name, value in one._asdict().items() if name not in ("student", "who")}
