"""Students' questions reach the gradebook in their own name, and only their own come back."""

import asyncio
from typing import Any

import pytest
from graded_class import CHECKS, GradedClass

from grading.grades.asked import Questions, answer, queue
from grading.grades.gradebook import RunGradebook
from hub.check.questions import AWAY, WRONG, QuestionDesk
from trials.gradebook import db_url_of

WHY = {"assignment": "01_mini", "cell": "test-double", "check": CHECKS[0], "text": "Why?"}


@pytest.fixture
def url(graded_class: GradedClass) -> str:
    return str(db_url_of(graded_class.mini.course))


@pytest.fixture
def desk(graded_class: GradedClass, url: str) -> QuestionDesk:
    return QuestionDesk(graded_class.mini.course, url, "tinytorch", Questions(waiting=2))


def asked(desk: QuestionDesk, student: str, said: Any = None) -> tuple[int, dict[str, Any]]:
    return asyncio.run(desk.of(student) if said is None else desk.ask(student, said))


def test_a_question_about_a_check_of_ones_own_graded_work_is_taken(
    desk: QuestionDesk, url: str
) -> None:
    status, said = asked(desk, "student-01", WHY)
    assert status == 200 and said["allowed"] is True
    [mine] = said["questions"]
    assert {name: mine[name] for name in WHY} == WHY and mine["answer"] == ""
    with RunGradebook(url) as gradebook:
        answer(gradebook, mine["id"], "Because.", "ta-01")
    [mine] = asked(desk, "student-01")[1]["questions"]
    assert mine["answer"] == "Because." and not {"student", "who"} & mine.keys()


def test_nobody_reads_what_somebody_else_asked(desk: QuestionDesk) -> None:
    asked(desk, "student-01", WHY)
    assert asked(desk, "student-02") == (200, {"allowed": True, "questions": []})


@pytest.mark.parametrize(
    "about",
    [{"check": "no such check"}, {"assignment": "../01_mini"}, {"cell": "think", "check": ""}],
)
def test_what_has_no_grade_is_refused_in_a_sentence(
    desk: QuestionDesk, url: str, about: dict[str, str]
) -> None:
    status, said = asked(desk, "student-01", WHY | about)
    assert status == 403 and "no grade of yours" in said["error"]
    with RunGradebook(url) as gradebook:
        assert queue(gradebook) == ([], [])


@pytest.mark.parametrize("said", [[], "Why?", {"text": "Why?"}, WHY | {"text": 1}])
def test_what_is_no_question_is_refused(desk: QuestionDesk, said: Any) -> None:
    assert asked(desk, "student-01", said) == (400, {"error": WRONG})


def test_the_courses_bounds_hold(desk: QuestionDesk) -> None:
    assert [asked(desk, "student-01", WHY)[0] for _ in range(3)] == [200, 200, 403]


def test_where_none_are_taken_none_are_offered(graded_class: GradedClass, url: str) -> None:
    desk = QuestionDesk(graded_class.mini.course, url, "tinytorch", Questions(allowed=False))
    assert asked(desk, "student-01") == (200, {"allowed": False, "questions": []})
    assert asked(desk, "student-01", WHY)[0] == 403


def test_a_gradebook_that_is_away_tells_nothing_of_itself(graded_class: GradedClass) -> None:
    away = "postgresql://127.0.0.1:1/course"
    desk = QuestionDesk(graded_class.mini.course, away, "tinytorch", Questions())
    assert asked(desk, "student-01", WHY) == (503, {"error": AWAY})
