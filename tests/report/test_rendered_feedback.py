"""A student's page says of each cell what it earned, or that it is not graded yet."""

import html
import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, writes

from grading.grades.told import CellTold, Told
from grading.report import feedback_page
from grading.report.feedback_page import feedback_template, render_feedback


def cell(make, name, **told):
    return make("1", metadata={"nbgrader": {"grade_id": name, "points": 2} | told})


NOTEBOOK = writes(
    new_notebook(
        cells=[
            cell(new_code_cell, "test", grade=True),
            cell(new_markdown_cell, "think", grade=True, solution=True),
            cell(new_markdown_cell, "task", task=True),
        ]
    )
)
SETTINGS = {
    "extra_template_basedirs": [str(feedback_page.FORMGRADER / "templates")],
    "filters": {"markdown2html": "grading.report.formulas.markdown_with_formulas"},
}


def page(times=("", ""), penalty=0.0, **scores):
    """Return the words of the page of a notebook with such scores; what waits is None."""
    cells = {
        name: CellTold(scores.get(name), 2.0, scores.get(name) is None)
        for name in ("test", "think", "task")
    }
    score = sum(score for score in scores.values() if score is not None) - penalty
    told = Told(cells, score, 6.0, penalty, *times)
    shown = render_feedback(NOTEBOOK, "02_tensor", told, SETTINGS)
    body = shown[shown.index("<body") :]
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", body)).split())


def test_what_is_graded_is_told_with_its_points():
    text = page(test=1.5, think=0.0, task=2.0)
    assert "02_tensor (Score: 3.5 / 6.0)" in text
    assert "Test cell (Score: 1.5 / 2.0)" in text
    assert "Written response (Score: 0.0 / 2.0)" in text
    assert "Not graded yet" not in text


def test_what_is_not_graded_yet_is_no_0_in_the_list_at_the_cell_and_in_the_sum():
    text = page(test=1.5)
    assert "02_tensor (Score: 1.5 / 6.0, of which 4.0 are not graded yet)" in text
    assert "Written response (Not graded yet / 2.0)" in text
    assert "Task (Not graded yet / 2.0)" in text
    assert "Student's answer Not graded yet / 2.0" in text
    assert "Student's task Not graded yet / 2.0" in text
    assert "0.0 / 2.0" not in text


def test_where_nothing_is_graded_there_is_no_score():
    assert "02_tensor (Not graded yet / 6.0)" in page()


def test_points_of_an_answer_that_changed_are_looked_at_again():
    told = Told({"think": CellTold(1.0, 2.0, True)}, 1.0, 2.0, 0.0)
    assert "Score: 1.0 / 2.0, to be looked at again" in render_feedback(
        NOTEBOOK, "02_tensor", told, SETTINGS
    )


def test_when_it_was_handed_in_and_due_is_told_where_that_is_known():
    assert "Handed in 2030-03-01, due 2030-02-28" in page(("2030-03-01", "2030-02-28"))
    assert "Handed in" not in page(("", "")) and "due" not in page(("", ""))


def test_a_penalty_is_told():
    assert "Late submission penalty (Score: -1.0)" in page(test=1.5, penalty=1.0)


@pytest.mark.parametrize("mend", feedback_page.MENDED)
def test_a_template_that_no_longer_says_what_we_mend_is_told(monkeypatch, tmp_path, mend):
    file = tmp_path / "index.html.j2"
    file.write_text(feedback_page.TEMPLATE.read_text().replace(mend.theirs, "other"))
    monkeypatch.setattr(feedback_page, "TEMPLATE", file)
    with pytest.raises(LookupError, match="any more"):
        feedback_template()
