"""Which checks hold is shown beside a test cell, and nothing in it is taken for HTML."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grading.checks.base import Outcome
from grading.course.cells import NOTE
from grading.report.checks_output import checks_output, outcomes_of, show_checks

HELD, MISSED = Outcome("adds", True, ""), Outcome("subtracts", False, "2 of 3 numbers differ")


def shown(*outcomes):
    return checks_output([*outcomes]).data


def test_the_title_counts_what_held():
    data = shown(HELD, MISSED, HELD)
    assert all("2 of 3 checks passed" in text for text in data.values())


def test_each_check_has_a_line_with_its_mark_name_and_hint():
    lines = shown(HELD, MISSED)["text/plain"].split("\n")
    assert lines[1:] == ["✓ adds", "✗ subtracts: 2 of 3 numbers differ"]


def test_each_check_has_a_row_with_its_mark_name_and_hint():
    _, held, missed = shown(HELD, MISSED)["text/html"].split("<tr>")
    assert "✓" in held and "adds" in held and "✗" not in held
    assert "✗" in missed and "subtracts" in missed and "2 of 3 numbers differ" in missed


@pytest.mark.parametrize("outcome", [Outcome("<b>x", True, ""), Outcome("x", False, "<b>x")])
def test_names_and_hints_are_text_not_markup(outcome):
    text = shown(outcome)["text/html"]
    assert "&lt;b&gt;x" in text and "<b>x" not in text


def test_the_output_is_one_that_notebooks_can_hold():
    nbformat.v4.nbbase.validate(checks_output([HELD, MISSED]), "display_data")


def notebook(**ours):
    test = new_code_cell("check(...)")
    test.metadata["nbgrader"] = {"grade": True, "solution": False, "grade_id": "test"} | ours
    test.metadata[NOTE] = {"checks": [vars(HELD), vars(MISSED)]}
    test.outputs = [nbformat.v4.new_output("stream", text="printed")]
    return new_notebook(cells=[test])


def test_checks_stand_above_what_the_cell_printed():
    nb = notebook()
    show_checks(nb)
    checks, printed = nb.cells[0].outputs
    assert "1 of 2 checks passed" in checks.data["text/plain"] and printed.text == "printed"


@pytest.mark.parametrize(("proposed", "shown"), [({"proposed": True}, True), ({}, False)])
def test_why_points_are_proposed_stands_above_their_checks(proposed, shown):
    nb = notebook()
    nb.metadata[NOTE] = {"uncertain": ["The cell is there twice."]}
    nb.cells[0].metadata[NOTE] |= proposed
    show_checks(nb)
    assert ("The cell is there twice." in str(nb.cells[0].outputs[0])) is shown


def test_a_cell_that_is_no_test_shows_no_checks():
    nb = notebook(grade=False)
    show_checks(nb)
    assert len(nb.cells[0].outputs) == 1


def test_a_test_that_was_not_judged_shows_no_checks():
    nb = notebook()
    del nb.cells[0].metadata[NOTE]["checks"]
    show_checks(nb)
    assert len(nb.cells[0].outputs) == 1


def test_noted_outcomes_are_read_back():
    assert outcomes_of(notebook().cells[0]) == [HELD, MISSED]
    assert outcomes_of(new_code_cell("")) == []
