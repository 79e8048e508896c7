"""One answer of a notebook is shown alone, cleaned, as the submission's page shows it."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from grading.engine.work import page
from grading.report.answer import NO_ANSWER, render_answer

SETTINGS = {
    "template_name": "formgrade",
    "template_file": "formgrade.tpl",
    "extra_template_basedirs": ["/nowhere"],
    "filters": {"markdown2html": "grading.report.formulas.markdown_with_formulas"},
}
ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<iframe src='https://example.org'></iframe>",
    "<form action=/formgrader><button>Go on</button></form>",
    "[here](javascript:alert(1))",
    "![](https://example.org/seen.png)",
)


def marked(cell, name, **more):
    cell.metadata["nbgrader"] = {"grade_id": name, "grade": True, "solution": True, **more}
    return cell


def notebook_of(*cells):
    return nbformat.writes(new_notebook(cells=list(cells)))


def shown(*cells, question=False):
    return render_answer(notebook_of(*cells), "why", question, SETTINGS)


BEFORE = new_markdown_cell("Why is it so?")
AFTER = new_markdown_cell("The next section.")


def test_of_a_students_notebook_the_answer_alone_is_shown():
    html = shown(BEFORE, marked(new_markdown_cell("Because $x^2$ *grows*."), "why"), AFTER)
    assert "<em>grows</em>" in html and "<math" in html
    assert "Why is it so?" not in html and "next section" not in html


def test_ours_stands_below_its_question_without_the_lines_that_mark_it():
    ours = "### BEGIN SOLUTION\nBecause.\n### END SOLUTION"
    html = shown(BEFORE, marked(new_markdown_cell(ours), "why"), AFTER, question=True)
    assert "Why is it so?" in html and "Because." in html
    assert "SOLUTION" not in html and "next section" not in html


def test_another_graded_cell_is_no_question():
    other = marked(new_markdown_cell("Another answer."), "other")
    html = shown(other, marked(new_markdown_cell("Because."), "why"), question=True)
    assert "Another answer" not in html and "Because." in html


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_text_would_do_it_does_not(attack):
    html = shown(marked(new_markdown_cell(f"Before. {attack} After."), "why")).lower()
    assert "before." in html and "after." in html
    for tag in ("<script", "<iframe", "<form", "<button", "<img", 'href="javascript'):
        assert tag not in html


@pytest.mark.parametrize("attack", ATTACKS[:4])
def test_what_an_output_would_do_it_does_not(attack):
    output = new_output("display_data", data={"text/html": f"<p>Kept.</p>{attack}"})
    html = shown(marked(new_code_cell("1", outputs=[output]), "why")).lower()
    assert "kept." in html
    for tag in ("<script", "<iframe", "<form", "<button", "<img"):
        assert tag not in html


def test_an_answer_that_is_not_there_is_told():
    assert shown(BEFORE) == NO_ANSWER


def test_a_worker_renders_it_when_asked():
    request = {"do": "answer", "cell": "why", "question": False, "settings": SETTINGS}
    text = notebook_of(BEFORE, marked(new_markdown_cell("Because."), "why"))
    assert b"Because." in page(json.loads(json.dumps(request)), text.encode())
