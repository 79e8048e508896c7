"""Every hidden check quotes the sentence that asks for it, and students can read that sentence."""

from textwrap import dedent

import jupytext
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from rests_on import checks, readable

from grading.course.assignment import Assignment
from grading.course.layout import Course
from grading.course.texts import read_notebook
from grading.pipeline.template import notebook_text
from grading.sandbox.settings import PROJECT

COURSE = Course(PROJECT)
QUOTING = COURSE.assignments()
MARKS = {"schema_version": 3, "task": False, "grade_id": "a", "solution": True, "locked": False}
ANSWER = MARKS | {"grade": False}
TEST = MARKS | {"grade": True, "grade_id": "t", "solution": False, "locked": True, "points": 2}
LEAST = 10  # characters of a quote that says something


def unfounded(notebook):
    """Yield a line for each check that quotes nothing, or nothing that students can read."""
    text = readable(notebook)
    for one in checks(notebook):
        for quote in one.quotes or ("",):
            if len(quote) < LEAST or quote not in text:
                yield f"{one.cell}, line {one.line}, {one.check}: {quote!r}"


@pytest.mark.parametrize("assignment", QUOTING)
def test_every_check_rests_on_a_sentence_that_students_can_read(assignment):
    notebook = read_notebook(COURSE.text(assignment))
    assert list(checks(notebook))
    assert list(unfounded(notebook)) == []


def test_a_new_assignment_begins_with_a_check_that_rests_on_its_text():
    text = notebook_text(Assignment("12_attention", "Attention", 12, "attention"), [])
    made = jupytext.reads(text, fmt="py:percent")
    assert list(checks(made))
    assert list(unfounded(made)) == []


def notebook(hidden, visible="", answer="pass"):
    hidden = f"### BEGIN HIDDEN TESTS\n{dedent(hidden)}\n### END HIDDEN TESTS\n{visible}"
    answer = f"def f():\n    ### BEGIN SOLUTION\n    {answer}\n    ### END SOLUTION"
    return new_notebook(
        cells=[
            new_markdown_cell("Keep what is **positive**, replace\nwhat is negative by 0."),
            new_code_cell(answer, metadata={"nbgrader": ANSWER}),
            new_code_cell(hidden, metadata={"nbgrader": TEST}),
        ]
    )


@pytest.mark.parametrize(
    "hidden",
    [
        "# rests on: replace what is negative by 0\ncheck('a', f)",
        "# rests on: Keep what is positive,\n#   replace what\ncheck('a', f)",
        "# rests on: replace what is\nx = 3\ncheck('a', f)\ncheck.outcomes('b', f, [])",
        "# rests on: what is positive\n# rests on: what is negative\ncheck('a', f)",
    ],
)
def test_a_check_may_rest_on_what_students_read(hidden):
    assert list(unfounded(notebook(hidden))) == []


@pytest.mark.parametrize(
    "hidden",
    [
        "check('a', f)",
        "for x in range(3):\n    check.outcomes('a', f, [])",
        "check('a', f)\n# rests on: replace what is negative by 0",
        "# rests on: replace what is negative by 1\ncheck('a', f)",
        "# rests on: what is positive\n# rests on: what is not there\ncheck('a', f)",
        "# rests on: Keep\ncheck('a', f)",
        "# rests on: the secret sentence\ncheck('a', f)  # the secret sentence",
        "# rests on: what is positive\ncheck('b', f)\n# rests on: nowhere at all\ncheck('a', f)",
    ],
)
def test_a_check_that_rests_on_nothing_is_named(hidden):
    (named,) = unfounded(notebook(hidden, answer="'the secret sentence'"))
    assert "'a'" in named


def test_the_visible_tests_are_something_that_students_read():
    hidden = "# rests on: expected 3, got\ncheck('a', f)"
    assert list(unfounded(notebook(hidden, visible='assert f() == 3, "expected 3, got"'))) == []
