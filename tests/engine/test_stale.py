"""What was graded by other tests is seen as stale, in the table and on the class page."""

import io

import pytest
from by_hand import grade_by_hand
from rich.console import Console

from grading.engine.autograde import autograde
from grading.engine.stale import stale_grades
from grading.engine.tasks import pending
from grading.grades.graded import GradedNotebook
from grading.pipeline.steps import Steps

NAME = "01_mini"


@pytest.fixture
def graded(unrun, monkeypatch):
    scores = {"test-double": 3.0, "test-halve": 2.0, "think": 1.0}
    grade_by_hand(monkeypatch, lambda *_: GradedNotebook(unrun.released.skeleton(), dict(scores)))
    unrun.submit("student-01", unrun.notebook())
    grade(unrun)
    return unrun


def grade(mini):
    where = mini.course, mini.config
    assert autograde(*where, pending(*where), 1, lambda done: None) == []


def change_a_test(mini):
    file = mini.released.file
    file.write_text(file.read_text().replace("doubles nothing", "doubles nothing at all"))


def test_what_was_graded_by_todays_tests_is_not_stale(graded):
    assert stale_grades(graded.course, graded.config) == frozenset()


def test_another_test_makes_grades_stale_until_they_are_given_again(graded):
    change_a_test(graded)
    assert stale_grades(graded.course, graded.config) == {("student-01", NAME)}
    grade(graded)
    assert stale_grades(graded.course, graded.config) == frozenset()


def test_another_limit_makes_grades_stale(graded):
    graded.config.Sandbox.cell_seconds = 7
    assert stale_grades(graded.course, graded.config) == {("student-01", NAME)}


def test_what_is_released_no_more_is_not_stale(graded):
    graded.released.file.unlink()
    assert stale_grades(graded.course, graded.config) == frozenset()


def test_the_table_and_the_class_page_mark_what_is_stale(graded):
    change_a_test(graded)
    console = Console(file=io.StringIO(), width=120)
    Steps(graded.course.root, console).run("report")
    assert "6.00↻" in console.file.getvalue() and "make regrade" in console.file.getvalue()
    page = (graded.course.root / "reports" / "class.html").read_text()
    assert "1 submission was" in page and "<small>↻</small>" in page
    table = (graded.course.root / "reports" / "class" / "submissions.csv").read_text()
    assert table.splitlines()[1].endswith("True")
