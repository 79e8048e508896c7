"""Grades go into an LMS's table where they are final, and nowhere else."""

import pandas as pd
import pytest
from traitlets.config import Config

from grading.course.assignment import Assignment
from grading.course.roster import Member, Roster
from grading.report.lms_grades import (
    LmsGrades,
    NoColumn,
    Scores,
    canvas_table,
    filled,
    moodle_table,
    scores_of,
    strangers,
)
from grading.report.lms_table import LmsTable

PEOPLE = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
WORKSHEET = [
    *("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade"),
    *("Grade can be changed", "Last modified (grade)", "Feedback comments"),
]
ONE = Member("student-01", "First One", "one@example.org", "A", ("5001", "sis-1"))
TWO = Member("student-02", "Second Two", "two@example.org", "B", ("5002",))
ROSTER = Roster([ONE, TWO])
TENSOR = Assignment("02_tensor", "Tensor", 2)
LAYERS = Assignment("04_layers", "Layers", 4)
SCORES = {"02_tensor": Scores(10.0, {"student-01": 8.125}, {"student-02"})}


def canvas(*columns, points="10", cells=("", "")):
    """Return Canvas's gradebook with a column for assignments, and a row for each student."""
    rows = [
        ["    Points Possible", "", "", "", "", *[points] * len(columns)],
        ["One, First", "5001", "", "", "A", *[cells[0]] * len(columns)],
        ["Two, Second", "5002", "", "", "B", *[cells[1]] * len(columns)],
    ]
    return LmsTable("canvas", [*PEOPLE, *columns], rows)


def fill(table, scores=SCORES, assignments=(TENSOR,), **settings):
    config = Config(LmsGrades=settings)
    return filled(table, ROSTER, scores, [*assignments], LmsGrades(config=config))


def column(table, name):
    return [row[table.header.index(name)] for row in table.rows]


def test_what_waits_for_a_person_is_no_grade_and_never_zero():
    rows = [
        ("student-01", "a", 5.0, 10.0, False),
        ("student-02", "a", 0.0, 10.0, True),
        ("student-03", "a", -0.5, 10.0, False),
    ]
    names = ["student", "assignment", "score", "max_score", "needs_manual_grade"]
    assert scores_of(pd.DataFrame(rows, columns=names)) == {
        "a": Scores(10.0, {"student-01": 5.0, "student-03": 0.0}, {"student-02"})
    }


def test_what_nobody_has_graded_is_no_grade_either():
    names = ["student", "assignment", "score", "max_score", "needs_manual_grade"]
    table = pd.DataFrame([("student-01", "a", 0.0, 10.0, False)], columns=names)
    assert scores_of(table, {("student-01", "a")})["a"].given == {}


def test_who_is_not_in_the_roster_is_told():
    scores = {"a": Scores(1.0, {"student-07": 1.0}, {"student-08", "student-01"})}
    assert [line.split(":")[0] for line in strangers(scores, ROSTER)] == [
        "student-07",
        "student-08",
    ]


def test_a_table_of_our_own_for_canvas():
    table = canvas_table(ROSTER, SCORES)
    assert table.header == [*PEOPLE, "02_tensor"]
    assert table.rows == [
        ["    Points Possible", "", "", "", "", "10.00"],
        ["First One", "5001", "", "sis-1", "A", "8.12"],
        ["Second Two", "5002", "", "student-02", "B", ""],
    ]


def test_more_columns_of_the_roster_are_canvas_ids():
    more = {"sis_user_id": "S9", "sis login id": "login9"}
    (_, row) = canvas_table(Roster([Member("student-09", more=more)]), SCORES).rows
    assert row[:4] == ["student-09", "", "S9", "login9"]


def test_a_table_of_our_own_for_moodle():
    table = moodle_table(ROSTER, SCORES)
    assert table.header == ["Full name", "Email address", "ID number", "02_tensor"]
    assert table.rows == [
        ["First One", "one@example.org", "student-01", "8.12"],
        ["Second Two", "two@example.org", "student-02", ""],
    ]


def test_canvas_own_table_keeps_its_names_and_only_people_and_our_columns():
    table = canvas("Essay (1)", "Tensor (4711)", "Current Score", cells=("3", ""))
    new, remarks = fill(table)
    assert new.header == [*PEOPLE, "Tensor (4711)"]
    assert column(new, "Tensor (4711)") == ["10", "8.12", ""]
    assert column(new, "Student") == column(table, "Student") and remarks == []


@pytest.mark.parametrize(
    "name",
    [
        *("02_tensor (1)", "02 tensor", "02-Tensor (9)", "Tensor", "tensor (1)"),
        *("Homework: 02_tensor (1)", "Assignment: Tensor (Real)", "Week 2 - 02_tensor (7)"),
    ],
)
def test_a_column_is_known_by_the_assignments_name_or_title(name):
    new, _ = fill(canvas(name, "Tensors and more (5)", "Layers (6)"))
    assert new.header[-1] == name


@pytest.mark.parametrize(
    "columns", [(), ("Layers (6)",), ("Tensor (1)", "Tensor (2)"), ("x 02_tensor", "y 02_tensor")]
)
def test_where_no_column_or_several_could_be_meant_it_must_be_said(columns):
    with pytest.raises(NoColumn, match="Which column is 02_tensor"):
        fill(canvas(*columns))


def test_a_column_can_be_said():
    new, _ = fill(canvas("Homework (1)", "Tensor (2)"), columns={"02_tensor": "Homework (1)"})
    assert new.header[-1] == "Homework (1)"
    with pytest.raises(NoColumn, match="There is no column Homework"):
        fill(canvas("Tensor (2)"), columns={"02_tensor": "Homework"})


def test_of_several_assignments_those_without_a_column_are_left_out_and_told():
    scores = {"04_layers": Scores(5.0, {"student-02": 5.0}), **SCORES}
    new, remarks = fill(canvas("Tensor (1)"), scores, (LAYERS, TENSOR))
    assert new.header == [*PEOPLE, "Tensor (1)"]
    assert any(line.startswith("left out: Which column is 04_layers") for line in remarks)


@pytest.mark.parametrize("cell", ["EX", "ex", "N/A"])
def test_who_is_excused_stays_excused(cell):
    new, remarks = fill(canvas("Tensor (1)", cells=(cell, "")))
    assert column(new, "Tensor (1)")[1] == cell
    assert f"student-01: Tensor (1) is {cell} there, and stays so" in remarks


def test_a_grade_that_is_there_stays_where_we_have_none():
    assert column(fill(canvas("Tensor (1)", cells=("1", "7.5")))[0], "Tensor (1)")[1:] == [
        "8.12",
        "7.5",
    ]


@pytest.mark.parametrize(
    ("points", "scale", "written"),
    [
        ("100", True, "81.25"),
        ("100", False, "8.12"),
        ("10.00", True, "8.12"),
        ("20,0", True, "16.25"),
    ],
)
def test_points_are_scaled_to_the_lms_maximum(points, scale, written):
    new, remarks = fill(canvas("Tensor (1)", points=points), scale=scale)
    assert column(new, "Tensor (1)")[1] == written
    assert any("scaled from 10.00" in line for line in remarks) is (written not in ("8.12",))


@pytest.mark.parametrize("points", ["", "(read only)"])
def test_without_a_maximum_nothing_is_scaled(points):
    assert column(fill(canvas("Tensor (1)", points=points))[0], "Tensor (1)")[1] == "8.12"


def test_who_has_a_grade_and_no_row_is_told():
    table = canvas("Tensor (1)")
    _, remarks = fill(table.with_rows([table.rows[0], table.rows[2]]))
    assert remarks == ["student-01: has a grade, but no row in the table"]


def worksheet(changeable="Yes", most="100.00"):
    rows = [
        *(["Participant 31", "First One", "one@example.org", "Submitted", "", most, changeable],),
        *(["Participant 32", "Second Two", "two@example.org", "Submitted", "", most, changeable],),
    ]
    return LmsTable("worksheet", WORKSHEET, [[*row, "-", "- fine"] for row in rows])


def test_moodles_worksheet_is_kept_whole_with_the_grades_in_it():
    table = worksheet()
    new, _ = fill(table)
    assert new.header == WORKSHEET
    assert column(new, "Grade") == ["81.25", ""]
    for name in set(WORKSHEET) - {"Grade"}:
        assert column(new, name) == column(table, name)


def test_moodles_versions_write_their_columns_in_small_or_capital_letters():
    table = worksheet()
    header = [name.replace("Maximum Grade", "Maximum grade") for name in table.header]
    new, _ = fill(LmsTable("worksheet", header, table.rows))
    assert column(new, "Grade")[0] == "81.25"


def test_a_grade_that_moodle_lets_nobody_change_stays():
    new, remarks = fill(worksheet("No"))
    assert column(new, "Grade") == ["", ""]
    assert remarks == ["student-01: Moodle lets nobody change this grade"]


def test_moodles_gradebook_keeps_people_and_our_column():
    header = [
        "First name",
        "Last name",
        "Email address",
        "Assignment: Tensor (Real)",
        "Course total",
    ]
    rows = [["First", "One", "one@example.org", "-", "0"]]
    new, _ = fill(LmsTable("moodle", header, rows))
    assert new.header == header[:4]
    assert new.rows == [["First", "One", "one@example.org", "8.12"]]


def test_every_setting_says_what_it_is():
    assert all(len(trait.help) > 40 for trait in LmsGrades.class_own_traits(config=True).values())


def test_moodle_gets_no_more_points_than_it_takes():
    new, remarks = fill(worksheet(), {"02_tensor": Scores(10.0, {"student-01": 11.0})})
    assert column(new, "Grade")[0] == "100.00"
    assert "student-01: has more points than Moodle takes; it gets them all" in remarks
