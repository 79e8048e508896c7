"""A student's page opens with the score and what it is made of, and names what does not hold."""

import html
import json
import re

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, writes

from grading.checks.base import Outcome
from grading.course.cells import NOTE
from grading.grades.told import CellTold, QuestionTold, Told
from grading.report import feedback_page
from grading.report.feedback_page import render_feedback
from grading.report.told_bits import NOT_TOLD

LATER = Outcome("adds", passed=False, hint=NOT_TOLD)

CHECKS = [
    {"name": "adds", "passed": True},
    {"name": "adds <rows>", "passed": False, "hint": "raised TypeError"},
]


def cell(make, name, source="1", **told):
    return make(source, metadata={"nbgrader": {"grade_id": name, "points": 2} | told})


def notebook(**note):
    test = cell(new_code_cell, "test", grade=True)
    test.metadata[NOTE] = {"checks": CHECKS}
    cells = [
        new_markdown_cell("# 02 · Tensor\n\n## 1. Adding"),
        cell(new_code_cell, "add", "def add(): ...", solution=True),
        test,
        new_markdown_cell("## Think"),
        cell(new_markdown_cell, "think", "# My heading", grade=True, solution=True),
        new_markdown_cell("## Do"),
        cell(new_markdown_cell, "task", task=True),
    ]
    return writes(new_notebook(cells=cells, metadata={NOTE: note} if note else {}))


SETTINGS = {"filters": {"markdown2html": "grading.report.formulas.markdown_with_formulas"}}


def shown(times=("", ""), penalty=0.0, comment=None, rule="", note=None, attempt="", **scores):
    """Return the page of a notebook with such scores; what waits is None."""
    cells = {
        name: CellTold(scores.get(name), 2.0, scores.get(name) is None, comment)
        for name in ("test", "think", "task")
    }
    cells["add"] = CellTold(comment=comment)
    score = sum(score for score in scores.values() if score is not None) - penalty
    told = Told(cells, score, 6.0, penalty, *times, attempt=attempt)
    return render_feedback(notebook(**(note or {})), "02_tensor", told, SETTINGS, rule)


def words(page):
    body = page[page.index("<body") :]
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", body)).split())


def summary(page):
    """Return the words that stand above the notebook."""
    return words(page[: page.index('id="notebook"')])


def test_it_opens_with_the_score_and_what_it_is_made_of():
    text = summary(shown(test=1.0, think=0.0, task=2.0))
    assert text.startswith("02 · Tensor 3 of 6 points")
    assert "1. Adding 1 of 2 checks hold 1 of 2" in text
    assert "Think Read by a person 0 of 2" in text and "Do Task 2 of 2" in text
    assert "not graded yet" not in text


def test_what_is_not_graded_yet_is_no_0_in_the_list_at_the_cell_and_in_the_sum():
    page = shown(test=1.5)
    assert "1.5 of 6 points, of which 4 are not graded yet" in summary(page)
    assert "Think Read by a person not graded yet (of 2)" in summary(page)
    assert "Think: your answer not graded yet (of 2)" in words(page)
    assert "Do: task not graded yet (of 2)" in words(page)
    assert "0 of 2" not in words(page)


def test_where_nothing_is_graded_there_is_no_score():
    assert "Not graded yet (of 6 points)" in summary(shown())


def test_points_of_an_answer_that_changed_are_looked_at_again():
    told = Told({"think": CellTold(1.0, 2.0, True)}, 1.0, 2.0, 0.0)
    page = render_feedback(notebook(), "02_tensor", told, SETTINGS)
    assert "1 of 2, to be looked at again" in summary(page)


def test_each_check_that_does_not_hold_is_named_with_its_section_and_hint():
    page = shown(test=1.0)
    assert "do not hold 1. Adding ✗ adds <rows> : raised TypeError" in summary(page)
    assert "adds <rows>" not in page
    assert '<li><a href="#cell-test">1. Adding</a>' in page


def test_that_reasons_are_told_later_is_said_once(monkeypatch):
    monkeypatch.setattr(feedback_page, "show_to_student", lambda _: {"test": [LATER, LATER]})
    told = summary(shown(test=0.0))
    assert "✗ adds ✗ adds Where no reason stands, it is told when the checks above hold." in told
    assert NOT_TOLD not in told


def test_where_all_checks_hold_it_says_so(monkeypatch):
    monkeypatch.setitem(CHECKS[1], "passed", True)
    assert "✓ All 2 checks hold." in summary(shown(test=2.0))


def test_every_link_leads_to_a_place_on_the_page():
    page = shown(test=1.0, comment="well said")
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets == {"top", "cell-test", "cell-think", "cell-task", "cell-add"}
    assert targets <= set(re.findall(r'\bid="([^"]+)"', page))


def test_links_stay_on_the_page_also_where_jupyterlab_gives_it_an_address():
    """JupyterLab gives the first `base` of a page an address: it must be one for nobody."""
    page = shown(test=1.0)
    assert page.count("<base") == 1
    before = page[page.index("<body") : page.index("<base")]
    assert re.fullmatch(r"<body>\s*<svg [^>]*>", before)


def test_comments_stand_at_the_top_and_at_their_answers():
    page = shown(test=1.0, comment="Right: **well said**, $x^2$.")
    assert "Comments 1. Adding : Right: well said" in summary(page)
    assert page.count("<strong>well said</strong>") == 7
    assert "<math" in page and words(page).count("Comment:") == 3


def test_what_is_said_of_the_grading_stands_at_the_top():
    page = shown(note={"notes": ["A cell was <put> together."]})
    assert "About the grading of this notebook A cell was <put> together." in summary(page)


def test_when_it_was_handed_in_and_due_is_told_where_that_is_known():
    assert "Handed in 2030-03-01, due 2030-04-01" in words(shown(("2030-03-01", "2030-04-01")))
    assert "Handed in" not in words(shown()) and " due " not in words(shown())


def test_which_attempt_counts_is_told_beside_its_time():
    better = "The better of two attempts counts: that of 2030-03-01."
    assert f"Handed in 2030-03-01. {better}" in words(shown(("2030-03-01", ""), attempt=better))
    assert better in words(shown(attempt=better)) and "attempt" not in words(shown())


def test_a_late_submission_says_so_with_its_penalty_and_the_rule():
    text = summary(shown(("2030-03-01", "2030-02-28"), 1.0, rule="A point a day.", test=1.5))
    assert "Handed in late. 1 point is taken off. A point a day." in text
    assert "Late A point a day. \N{MINUS SIGN}1" in text


def test_one_in_time_hears_nothing_of_being_late():
    text = words(shown(("2030-02-27", "2030-02-28"), rule="A point a day.", test=1.5))
    assert "late" not in text and "A point a day" not in text


def test_a_computer_reads_the_result():
    page = BeautifulSoup(shown(penalty=0.5, test=1.5), "html.parser")
    said = json.loads(page.main["data-course-result"])
    said.pop("asks")
    assert said == {
        "score": 1.0,
        "max_score": 6.0,
        "not_graded": 4.0,
        "nothing_graded": False,
        "late_penalty": 0.5,
    }


def test_it_fits_a_phone_and_needs_nothing_from_elsewhere():
    page = shown(test=1.0)
    viewport = BeautifulSoup(page, "html.parser").find("meta", {"name": "viewport"})
    assert viewport["content"] == "width=device-width, initial-scale=1"
    assert not re.findall(r"<(?:script|link|iframe)\b", page) and "@import" not in page


@pytest.mark.parametrize("template", ["classic"])
def test_a_course_may_have_a_template_of_its_own(template):
    told = Told({}, 0.0, 0.0, 0.0)
    page = render_feedback(notebook(), "02_tensor", told, SETTINGS | {"template_name": template})
    assert "data-course-result" not in page


def test_what_may_be_asked_about_is_each_graded_cell_with_its_checks_that_do_not_hold():
    result = json.loads(BeautifulSoup(shown(test=1.0), "html.parser").main["data-course-result"])
    assert result["asks"] == [
        {"cell": "test", "section": "1. Adding", "checks": ["adds <rows>"]},
        {"cell": "think", "section": "Think", "checks": []},
        {"cell": "task", "section": "Do", "checks": []},
    ]


def test_answered_questions_stand_above_the_notebook_as_text():
    asked = QuestionTold("test", "adds <rows>", "Why <b>this</b>?", "Because\nof <i>rows</i>.")
    told = Told({"test": CellTold(1.0, 2.0)}, 1.0, 2.0, 0.0, questions=(asked,))
    page = render_feedback(notebook(), "02_tensor", told, SETTINGS)
    (one,) = BeautifulSoup(page, "html.parser").select("#summary #questions > li")
    assert one.a["href"] == "#cell-test" and one.a.text == "1. Adding"
    assert [part.text for part in one.select(".said")] == [
        "Why <b>this</b>?",
        "Answer: Because\nof <i>rows</i>.",
    ]
    assert not one.select("b, i")
