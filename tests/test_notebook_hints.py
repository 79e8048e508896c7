"""Help that opens in steps: each exercise has three closed hints, and none is the answer."""

import re
from textwrap import dedent

import pytest
from nbconvert.filters import markdown2html
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.course.cells import grade_id_of, is_answer, is_graded
from grading.course.layout import Course
from grading.course.texts import read_notebook
from grading.report.formulas import FormulaRenderer
from grading.report.page import is_light, without_brackets
from grading.sandbox.settings import PROJECT

COURSE = Course(PROJECT)
HINTED = COURSE.assignments()
HINT = re.compile(r"<details><summary>Hint (\d): ([^\n<]+)</summary>\n\n(.+?)\n\n</details>", re.S)
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)\n\s*### END SOLUTION", re.S)
LONGEST_SUMMARY = 10  # words
LEAST = 5  # words that say something


def exercises(notebook):
    """Yield the cell before each answer that tests grade, and the answer."""
    for position, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and is_answer(cell) and not is_graded(cell):
            yield notebook.cells[position - 1], cell


def squeezed(text):
    return re.sub(r"\s", "", text)


def statements(answer):
    """Return the lines of an answer without spaces, `return` or comments."""
    lines = "\n".join(SOLUTION.findall(answer.source)).split("\n")
    told = [squeezed(re.sub(r"^\s*return\b|  #.*|^\s*#.*", "", line)) for line in lines]
    return [line for line in told if line]


def faults_of(before, answer):
    """Yield what is wrong with the hints of an exercise; the cell before it should hold them."""
    text = before.source
    found = HINT.findall(text)
    if before.cell_type != "markdown" or HINT.sub("", text).strip():
        yield "the cell before the answer holds more than hints, or something else"
    if [number for number, _, _ in found] != ["1", "2", "3"]:
        yield "the hints are not 1, 2 and 3"
    for number, summary, body in found:
        if len(summary.split()) > LONGEST_SUMMARY:
            yield f"the summary of hint {number} is no summary"
        if len(body.split()) < LEAST:
            yield f"hint {number} says nothing"
        if "<details" in body or body.count("```") % 2:
            yield f"hint {number} is not closed"
    told = squeezed(text)
    if all(statement in told for statement in statements(answer)):
        yield "the hints are the whole answer"


def faults(notebook):
    return [
        f"{grade_id_of(answer)}: {fault}"
        for before, answer in exercises(notebook)
        for fault in faults_of(before, answer)
    ]


@pytest.mark.parametrize("assignment", HINTED)
def test_each_exercise_has_three_hints_that_are_not_the_answer(assignment):
    notebook = read_notebook(COURSE.text(assignment))
    assert list(exercises(notebook))
    assert faults(notebook) == []


def in_a_browser(text):
    return markdown2html(text)


def in_feedback(text):
    assert is_light(text)
    renderer = FormulaRenderer({})
    return without_brackets(str(MarkdownWithMath(renderer=renderer).render(text)))


@pytest.mark.parametrize("shown", [in_a_browser, in_feedback])
@pytest.mark.parametrize("assignment", HINTED)
def test_hints_are_folded_and_formatted_where_they_are_shown(assignment, shown):
    for before, _ in exercises(read_notebook(COURSE.text(assignment))):
        html = shown(before.source)
        assert html.count("<details><summary>") == html.count("</details>") == 3
        assert "`" not in html


ANSWER = {"schema_version": 3, "task": False, "grade_id": "double", "solution": True}
ANSWER |= {"locked": False, "grade": False}
SOLVED = """\
def double(x):
    ### BEGIN SOLUTION
    twice = 2 * x  # or x + x
    return twice
    ### END SOLUTION
"""
FOLDED = "<details><summary>Hint {}: {}</summary>\n\n{}\n\n</details>"
BODY = "Multiply by two, with `*`, and return it."


def folded(*bodies, summary="where to begin"):
    return "\n\n".join(FOLDED.format(i, summary, body) for i, body in enumerate(bodies, 1))


def made(hints, between=()):
    answer = new_code_cell(SOLVED, metadata={"nbgrader": ANSWER})
    return new_notebook(cells=[new_markdown_cell(hints), *between, answer])


@pytest.mark.parametrize(
    "last", [BODY, "Nearly there:\n\n```python\ntwice = 2 * ...\nreturn twice\n```"]
)
def test_three_hints_up_to_nearly_the_answer_are_fine(last):
    assert faults(made(folded(BODY, BODY, last))) == []


@pytest.mark.parametrize(
    ("hints", "fault"),
    [
        ("", "not 1, 2 and 3"),
        (folded(BODY, BODY), "not 1, 2 and 3"),
        (folded(BODY, BODY, BODY, BODY), "not 1, 2 and 3"),
        (folded(BODY, BODY, BODY).replace("Hint 2", "Hint 3"), "not 1, 2 and 3"),
        (folded(BODY, BODY, BODY).replace("<details>", "<details open>", 1), "not 1, 2 and 3"),
        (folded(BODY, BODY, BODY).replace("</summary>\n\n", "</summary>\n"), "not 1, 2 and 3"),
        (folded(BODY, BODY, BODY).replace("</details>", "", 1), "hint 1 is not closed"),
        (folded(BODY, BODY, BODY + "\n\n```python\n2 * ..."), "hint 3 is not closed"),
        (folded(BODY, BODY, BODY) + "\n\nNow write it.", "more than hints"),
        (folded(BODY, BODY, "Two times."), "hint 3 says nothing"),
        (folded(BODY, BODY, BODY, summary="so " * 11), "no summary"),
        (folded(BODY, "Compute `twice = 2*x` to begin with.", f"{BODY} `twice`"), "whole answer"),
        (folded(BODY, BODY, f"{BODY}\n\n```python\n  twice = 2 * x\nreturn twice\n```"), "whole"),
    ],
)
def test_hints_that_are_missing_open_or_the_answer_are_named(hints, fault):
    assert fault in "\n".join(faults(made(hints)))


def test_hints_stand_right_before_their_answer():
    hints = folded(BODY, BODY, BODY)
    assert faults(made(hints, between=[new_markdown_cell(dedent("More text."))])) != []
    assert faults(made(hints, between=[new_code_cell("x = 1")])) != []
