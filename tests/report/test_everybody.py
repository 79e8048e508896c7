"""Who has handed in nothing stands in the table of grades, and who has dropped does not."""

import io

import pandas as pd
import pytest
from rich.console import Console

from grading.course.roster import Member, Roster
from grading.report.grades import with_everybody
from grading.report.terminal import print_grades

ROW = {"late_seconds": 0, "late_penalty": 0.0, "needs_manual_grade": False, "to_confirm": False}


def grades(*whose):
    rows = [
        {"student": student, "assignment": name, "score": 3.5, "max_score": 4.0, **ROW}
        for student, name in whose
    ]
    return pd.DataFrame(rows)


GRADES = grades(("student-02", "01_setup"), ("student-02", "02_tensor"), ("student-03", "01_setup"))


def roster(**dropped):
    sections = {"student-01": "A", "student-02": "B", "student-03": "A"}
    more = {"student-03": dropped}
    return Roster(
        Member(student, section=section, more=more.get(student, {}))
        for student, section in sections.items()
    )


def test_everybody_has_a_row_for_every_assignment():
    table = with_everybody(GRADES, roster())
    found = table.set_index(["student", "assignment"])["score"]
    assert len(found) == 6 and found.isna().sum() == 3
    assert found["student-02", "02_tensor"] == 3.5
    assert list(table["section"]) == ["A", "A", "B", "B", "A", "A"]


@pytest.mark.parametrize(("said", "counted"), [("2026-10-01", False), ("no", True), ("", True)])
def test_who_has_dropped_is_not_in_it(said, counted):
    table = with_everybody(GRADES, roster(dropped=said))
    assert ("student-03" in set(table["student"])) == counted


def test_who_is_in_no_roster_stays_in_the_table():
    table = with_everybody(grades(("stranger", "01_setup")), roster())
    row = table[table["student"] == "stranger"].iloc[0]
    assert (row["score"], row["section"]) == (3.5, "")


def test_without_sections_there_is_no_column_for_them():
    assert "section" not in with_everybody(GRADES, Roster([Member("student-01")]))


def test_the_printed_table_has_dashes_and_sections():
    console = Console(file=io.StringIO(), width=100)
    print_grades(with_everybody(GRADES, roster()), set(), console)
    lines = [line for line in console.file.getvalue().splitlines() if "student-0" in line]
    assert [line.replace("│", " ").split() for line in lines] == [
        ["student-01", "A", "-", "-"],
        ["student-02", "B", "3.50", "3.50"],
        ["student-03", "A", "3.50", "-"],
    ]
