"""The page that nbgrader, with our configuration, makes of a graded notebook."""

import copy
import re

import pytest
from by_hand import grade_by_hand
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from grading.engine.autograde import autograde
from grading.engine.tasks import pending
from grading.grades.graded import GradedNotebook

PRINTED = new_output("stream", text="printed by the sealed run")


@pytest.fixture
def page(unrun, monkeypatch):
    """Return the feedback of a submission with a formula in it, and a cell that printed."""
    notebook = copy.deepcopy(unrun.released.skeleton())
    notebook.cells.append(new_markdown_cell("A square: $x^2$"))
    notebook.cells.append(new_code_cell("print('mine')", outputs=[PRINTED]))
    graded = GradedNotebook(notebook, {"test-double": 2.5, "test-halve": 1.25, "think": None})
    grade_by_hand(monkeypatch, lambda *_: graded)
    unrun.submit("student-01", unrun.notebook())
    tasks = pending(unrun.course, unrun.config)
    assert autograde(unrun.course, unrun.config, tasks, 1, lambda last: None) == []
    answer = unrun.api.generate_feedback("01_mini", "student-01")
    assert answer["success"], answer["log"]
    return (unrun.course.feedback("student-01", "01_mini") / "01_mini.html").read_text()


def test_the_page_shows_the_points_of_the_gradebook(page):
    assert ">2.5 of 4<" in page and ">1.25 of 2<" in page


def test_formulas_need_no_script_and_nothing_comes_from_another_host(page):
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in page
    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=\"?(?:https?:)?//", page)


def test_the_page_shows_no_hidden_test_and_nothing_that_the_run_printed(page):
    assert "mine" in page and "printed by the sealed run" not in page
    assert "HIDDEN TESTS" not in page and "doubles a matrix" not in page
