"""Who may ask for a check, what is answered, and what counts."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from grading.course.errors import BadSolution, NotReleased
from grading.engine.checker import Check, Checked, Section
from grading.engine.slot import WorkerDown
from hub.check.budget import Budget
from hub.check.desk import FAILED, NOT_HERE, OFF, TWICE, Answer, Desk

DONE = Checked((Section("test", "Doubling", (("doubles", True, ""),)),))


class Checker:
    """Give the answers that a test wants, or leave them open."""

    def __init__(self) -> None:
        self.policy = Check(a_day=2)
        self.asked: list[tuple[str, bytes]] = []
        self.answer: Checked | Exception | None = DONE
        self.open: list[Future[Checked]] = []

    def submit(self, assignment: str, notebook: bytes) -> Future[Checked]:
        self.asked.append((assignment, notebook))
        future: Future[Checked] = Future()
        if isinstance(self.answer, Exception):
            future.set_exception(self.answer)
        elif self.answer is not None:
            future.set_result(self.answer)
        self.open.append(future)
        return future


@pytest.fixture
def checker() -> Checker:
    return Checker()


@pytest.fixture
def desk(tmp_path: Path, checker: Checker) -> Iterator[Desk]:
    budget = Budget(tmp_path / "asked.sqlite", 2, lambda: 1_000_000.0)
    yield Desk(checker, budget)  # type: ignore[arg-type]
    budget.close()


@pytest.fixture
def ask(desk: Desk) -> Callable[..., Answer]:
    def ask(student: str = "student-01", assignment: str = "02_tensor") -> Answer:
        return asyncio.run(desk.ask(student, assignment, b"{}"))

    return ask


def test_what_holds_is_told_as_the_course_says(ask: Callable[..., Answer]) -> None:
    status, said = ask()
    assert status == 200 and said["passed"] == said["checks"] == 1 and said["left"] == 1
    assert said["sections"][0]["checks"] == [{"name": "doubles", "passed": True}]


def test_a_course_may_tell_nothing(ask: Callable[..., Answer], checker: Checker) -> None:
    checker.policy.tells = "off"
    assert ask() == (403, {"error": OFF}) and checker.asked == []


def test_who_has_asked_too_often_is_told_when_they_may_again(
    ask: Callable[..., Answer], checker: Checker
) -> None:
    ask(), ask()
    status, said = ask()
    assert status == 429 and len(checker.asked) == 2
    assert said["again"] == "1970-01-13T13:46:40Z" and said["again"] in said["error"]
    assert ask("student-02")[0] == 200


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (NotReleased("secret"), 404, NOT_HERE),
        (RuntimeError("secret"), 500, FAILED),
        (BadSolution("secret"), 500, FAILED),
    ],
)
def test_what_is_no_fault_of_the_students_does_not_count_and_tells_nothing_of_ours(
    ask: Callable[..., Answer], checker: Checker, error: Exception, status: int, text: str
) -> None:
    checker.answer = error
    got, said = ask()
    assert got == status and said == {"error": text, "left": 2}


def test_a_notebook_that_takes_a_worker_down_counts(
    ask: Callable[..., Answer], checker: Checker
) -> None:
    checker.answer = WorkerDown("the process ended", {}, "died", 1.0)
    status, said = ask()
    assert status == 200 and "the process ended" in said["error"] and said["left"] == 1


def test_a_student_has_one_check_at_a_time_and_others_are_not_kept_waiting(
    desk: Desk, checker: Checker
) -> None:
    checker.answer = None

    async def press() -> list[Any]:
        first = asyncio.create_task(desk.ask("student-01", "02_tensor", b"first"))
        await asyncio.sleep(0)
        second = await asyncio.wait_for(desk.ask("student-01", "02_tensor", b"second"), 10)
        other = asyncio.create_task(desk.ask("student-02", "02_tensor", b"other"))
        await asyncio.sleep(0)
        waiting = desk.policy("student-03")["waiting"]
        for future in checker.open:
            future.set_result(DONE)
        return [second, waiting, (await first)[0], (await other)[0]]

    second, waiting, *statuses = asyncio.run(press())
    assert second == (409, {"error": TWICE}) and waiting == 2 and statuses == [200, 200]
    assert [content for _, content in checker.asked] == [b"first", b"other"]


def test_after_an_answer_a_student_may_ask_again(ask: Callable[..., Answer]) -> None:
    assert [ask()[0], ask()[0]] == [200, 200]


def test_the_policy_is_told_with_what_is_left(desk: Desk, ask: Callable[..., Answer]) -> None:
    ask()
    assert desk.policy("student-01") == {
        **{"tells": "names", "a_day": 2, "waiting": 0, "left": 1, "again": None}
    }
