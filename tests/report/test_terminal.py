"""The table of grades says what a grade is worth, and what is not yet certain about it."""

import io

import pandas as pd
import pytest
from rich.console import Console

from grading.report.terminal import LEGEND, print_grades

ROW = {"student": "student-01", "assignment": "01_setup", "score": 3.5, "max_score": 4.0}
SURE = {"late_seconds": 0, "late_penalty": 0, "needs_manual_grade": False}


def printed(*changes, unsealed=frozenset(), width=120):
    rows = [ROW | SURE | change for change in changes or [{}]]
    console = Console(file=io.StringIO(), width=width)
    print_grades(pd.DataFrame(rows), set(unsealed), console)
    return console.file.getvalue()


def test_a_score_stands_below_its_maximum():
    text = printed()
    assert text.index("of 4") < text.index("3.50")


def test_a_grade_that_is_certain_has_no_mark_and_needs_no_legend():
    text = printed()
    assert not any(mark in text or meaning in text for mark, meaning in LEGEND.items())


MARKS = [
    ("✎", {"needs_manual_grade": True}, "waits for a person"),
    ("†", {"late_seconds": 60}, "after the due date"),
    ("?", {"to_confirm": True}, "the points are proposed"),
]


@pytest.mark.parametrize(("mark", "change", "meaning"), MARKS)
def test_what_waits_or_is_late_is_marked_and_explained(mark, change, meaning):
    text = printed(change)
    assert f"3.50{mark}" in text and meaning in text
    assert sum(other in text for other in LEGEND) == 1


def test_what_is_not_graded_is_no_number():
    text = printed({"score": float("nan"), "needs_manual_grade": True})
    assert "…✎" in text and "not graded yet: there is no score" in text
    assert "nan" not in text and "0.0" not in text


def test_a_grade_without_a_sandbox_is_marked_and_explained():
    text = printed(unsealed={("student-01", "01_setup")})
    assert "3.50!" in text and "WITHOUT a sandbox" in text


@pytest.mark.parametrize("other", [("student-02", "01_setup"), ("student-01", "02_tensor")])
def test_another_grade_without_a_sandbox_marks_no_other(other):
    assert "!" not in printed(unsealed={other})


def test_an_assignment_that_was_not_handed_in_is_a_dash():
    lines = printed({}, {"student": "student-02", "assignment": "02_tensor"}).split("\n")
    assert next(line for line in lines if "student-01" in line).split()[-2] == "-"


def test_the_greatest_score_of_an_assignment_is_that_of_any_submission():
    assert "of 7" in printed({"max_score": 0.0}, {"student": "student-02", "max_score": 7.0})


def eleven():
    return [
        {"assignment": f"{number:02}_assignment", "needs_manual_grade": True, "late_seconds": 1}
        for number in range(1, 12)
    ]


def test_eleven_assignments_fit_into_80_columns():
    text = printed(*eleven(), width=80)
    row = next(line for line in text.split("\n") if "student-01" in line)
    assert row.count("3.5✎†") == 11 and "…" not in text


def test_few_assignments_are_called_by_name_and_many_by_number():
    assert "01_setup" in printed()
    header = next(line for line in printed(*eleven()).split("\n") if " 02 " in line)
    assert header.split() == [f"{number:02}" for number in range(1, 12)]


@pytest.mark.parametrize("student", ["[y]", "[red]", "[bold]x", "\\[y]"])
def test_a_student_is_printed_as_they_are_called(student):
    assert student in printed({"student": student})


def test_nobody_at_all_is_an_empty_table():
    columns = [*ROW, *SURE]
    print_grades(pd.DataFrame([], columns=columns), set(), Console(file=io.StringIO()))
