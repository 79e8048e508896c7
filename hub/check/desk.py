"""Who may ask for a check and what is answered: one for each at a time, in the order asked."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from grading.course.errors import NotReleased
from grading.engine.checker import Checker
from grading.engine.slot import WorkerDown
from hub.check.budget import Budget

Answer = tuple[int, dict[str, Any]]
OFF = "This course tells nothing before you hand in."
TWICE = "Your last check is still running: its answer comes first."
FAILED = "The check could not be made, through no fault of yours, and does not count. Tell a TA."
NOT_HERE = "There is no such assignment to check."


class Desk:
    """Take students' notebooks and answer with what the course lets them know."""

    def __init__(self, checker: Checker, budget: Budget) -> None:
        self._checker = checker
        self._budget = budget
        self._asking: set[str] = set()
        self._waiting = 0

    def policy(self, student: str) -> dict[str, Any]:
        """Return what a student may ask, and how often still."""
        policy = self._checker.policy
        left = {"left": self._budget.left(student), "again": _moment(self._budget.again(student))}
        return {"tells": policy.tells, "a_day": policy.a_day, "waiting": self._waiting, **left}

    async def ask(self, student: str, assignment: str, notebook: bytes) -> Answer:
        """Return an HTTP status and an answer for the student who asks."""
        if self._checker.policy.tells == "off":
            return 403, {"error": OFF}
        if student in self._asking:
            return 409, {"error": TWICE}
        if (again := self._budget.again(student)) or not self._budget.a_day:
            often = f"You have asked {self._budget.a_day} times within a day"
            when = f": you may ask again at {_moment(again)}." if again else "."
            return 429, {"error": often + when, "again": _moment(again)}
        taken = self._budget.take(student)
        self._asking.add(student)
        self._waiting += 1
        try:
            status, answer = await self._check(assignment, notebook)
        finally:
            self._waiting -= 1
            self._asking.discard(student)
        if status != 200:
            self._budget.give_back(student, taken)
        return status, answer | {"left": self._budget.left(student)}

    async def _check(self, assignment: str, notebook: bytes) -> Answer:
        try:
            done = await asyncio.wrap_future(self._checker.submit(assignment, notebook))
        except WorkerDown as down:
            said = f"It could not be checked to its end: {down}."
            return 200, {"error": said}
        except NotReleased:
            return 404, {"error": NOT_HERE}
        except Exception:
            return 500, {"error": FAILED}
        return 200, done.told(self._checker.policy.tells)


def _moment(seconds: float | None) -> str | None:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}" if seconds else None
