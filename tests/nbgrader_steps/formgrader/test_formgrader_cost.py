"""What a page of Formgrader costs is counted: statements of SQL, and calls to the file system."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from formgrader_server import Formgrader
from sqlalchemy import event
from sqlalchemy.engine import Engine

from trials.synthetic_course import SyntheticCourse

NAME, STUDENT = "02_tensor", "student-0002"
CALLS = ("stat", "lstat", "scandir", "listdir", "open", "access", "readlink")


SIZES = {"small": (20, 3), "more students": (40, 3), "more assignments": (20, 6)}
PAGES = {
    "assignments": "api/assignments",
    "one assignment": f"api/assignment/{NAME}",
    "notebooks of an assignment": f"api/notebooks/{NAME}",
    "submissions of an assignment": f"api/submissions/{NAME}",
    "one submission": f"api/submission/{NAME}/{STUDENT}",
    "submissions of a notebook": f"api/submitted_notebooks/{NAME}/{NAME}",
    "students": "api/students",
    "one student": f"api/student/{STUDENT}",
    "submissions of a student": f"api/student_submissions/{STUDENT}",
    "notebooks of a student": f"api/student_notebook_submissions/{STUDENT}/{NAME}",
    "the page to grade by hand": "submissions/{submission}/",
    "grades on it": "api/grades?submission_id={submission}",
    "comments on it": "api/comments?submission_id={submission}",
    "the next": "submissions/{submission}/next",
    "the next that is wrong": "submissions/{submission}/next_incorrect",
}
MOST_STATEMENTS = 100
MOST_CALLS, CALLS_A_STUDENT, CALLS_AN_ASSIGNMENT = 200, 2, 4


@dataclass
class Cost:
    """How often the database and the file system were asked."""

    statements: int = 0
    calls: int = 0


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cost]:
    cost = Cost()

    def note_statement(*_: object) -> None:
        cost.statements += 1

    def noted(call):
        def ask(*arguments, **options):
            cost.calls += 1
            return call(*arguments, **options)

        return ask

    event.listen(Engine, "before_cursor_execute", note_statement)
    try:
        with monkeypatch.context() as patched:
            for name in CALLS:
                patched.setattr(os, name, noted(getattr(os, name)))
            yield cost
    finally:
        event.remove(Engine, "before_cursor_execute", note_statement)


@pytest.fixture(scope="module")
def costs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Cost]]:
    """Return by size of the course and page what it cost when it had been opened before."""
    found = {}
    with pytest.MonkeyPatch.context() as monkeypatch:
        for size, (students, assignments) in SIZES.items():
            root = tmp_path_factory.mktemp("cost") / "course"
            SyntheticCourse(root, students, assignments, handed_in=1).build()
            formgrader = Formgrader(root, monkeypatch)
            found[size] = costs_of(formgrader, monkeypatch)
    return found


def costs_of(formgrader: Formgrader, monkeypatch: pytest.MonkeyPatch) -> dict[str, Cost]:
    [first, *_] = json.loads(formgrader.get(f"api/submitted_notebooks/{NAME}/{NAME}").body)
    found = {}
    for page, address in PAGES.items():
        path = address.format(submission=first["id"])
        assert formgrader.get(path).code in (200, 302), page
        formgrader.forget_the_gradebook()
        with counted(monkeypatch) as cost:
            formgrader.get(path)
        found[page] = cost
    return found


@pytest.mark.parametrize("page", PAGES)
def test_as_many_statements_are_sent_however_many_students_and_assignments_there_are(costs, page):
    sent = {size: costs[size][page].statements for size in SIZES}
    assert len({*sent.values()}) == 1, sent
    assert max(sent.values()) <= MOST_STATEMENTS


@pytest.mark.parametrize("page", PAGES)
def test_the_file_system_is_asked_at_most_twice_a_student_and_never_of_every_submission(
    costs, page
):
    calls = {size: costs[size][page].calls for size in SIZES}
    (students, assignments), (more_students, _), (_, more_assignments) = SIZES.values()
    assert calls["small"] <= MOST_CALLS + CALLS_A_STUDENT * students
    assert calls["more students"] - calls["small"] <= CALLS_A_STUDENT * (more_students - students)
    assert calls["more assignments"] - calls["small"] <= CALLS_AN_ASSIGNMENT * (
        more_assignments - assignments
    )
