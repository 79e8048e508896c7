"""The tables of grades and checks say what the gradebook and the graded notebooks say."""

import shutil
from datetime import datetime

import nbformat
import pandas as pd
import pytest
from by_hand import grade_by_hand
from nbgrader.api import Gradebook

from grading.checks.base import Outcome
from grading.course.cells import NOTE, grade_id_of
from grading.course.layout import Course
from grading.engine.autograde import autograde
from grading.engine.tasks import pending
from grading.grades.gradebook import Received, RunGradebook
from grading.grades.graded import GradedNotebook
from grading.report.grades import checks_table, grades_table
from trials.gradebook import db_url_of


@pytest.fixture(scope="module")
def graded(kept, tmp_path_factory):
    """Return a gradebook with three students: in time, late at a cost, and one without a grade."""
    root = tmp_path_factory.mktemp("grades") / "course"
    shutil.copytree(kept, root)
    with Gradebook(db_url_of(Course(root))) as gradebook:
        gradebook.update_or_create_assignment("01_mini", duedate=datetime(2026, 9, 14, 12))
        for student, minute in (("student-02", 1), ("student-01", 0)):
            gradebook.add_student(student)
            time = datetime(2026, 9, 14, 12, minute)
            gradebook.add_submission("01_mini", student, timestamp=time)
            for name, score in (("test-double", 3.0), ("test-halve", 1.3333), ("think", None)):
                grade = gradebook.find_grade(name, "01_mini", "01_mini", student)
                grade.auto_score, grade.needs_manual_grade = score, score is None
        gradebook.find_grade(
            "test-double", "01_mini", "01_mini", "student-02"
        ).needs_manual_grade = True
        late = gradebook.find_submission_notebook("01_mini", "01_mini", "student-02")
        late.late_submission_penalty = 1.5
        done = gradebook.find_grade("think", "01_mini", "01_mini", "student-01")
        done.manual_score, done.needs_manual_grade = 1.0, False
        gradebook.add_student("student-03")
        gradebook.db.commit()
    return grades_table(db_url_of(Course(root)))


def test_points_that_are_only_proposed_are_told(graded):
    assert [*graded["to_confirm"]] == [False, True]


def row(table, student):
    return table[table["student"] == student].iloc[0]


def test_students_stand_in_order_and_who_handed_in_nothing_in_no_row(graded):
    assert [*graded["student"]] == ["student-01", "student-02"]


def test_a_score_is_automatic_and_manual_points_together(graded):
    assert row(graded, "student-01")["score"] == 5.3333
    assert row(graded, "student-01")["max_score"] == 8.0


def test_a_late_submission_has_lost_its_penalty_which_is_told(graded):
    late = row(graded, "student-02")
    assert late["score"] == 2.8333 and late["late_penalty"] == 1.5 and late["late_seconds"] == 60


def test_in_time_nothing_is_lost(graded):
    assert [*row(graded, "student-01")[["late_penalty", "late_seconds"]]] == [0, 0]


def test_what_waits_for_a_person_is_told(graded):
    assert [*graded["needs_manual_grade"]] == [False, True]


def test_points_that_are_not_given_yet_are_told(graded):
    assert [*graded["not_graded"]] == [0.0, 2.0]


def test_where_nothing_is_graded_there_is_no_score(unrun):
    unrun.submit("student-01", unrun.notebook())
    url = db_url_of(unrun.course)
    with RunGradebook(url) as gradebook:
        gradebook.mark_pending([Received("student-01", "01_mini", None)])
    [row] = grades_table(url).itertuples()
    assert pd.isna(row.score) and row.not_graded == row.max_score == 8.0


def test_an_empty_gradebook_is_an_empty_table_with_the_same_columns(kept, graded):
    table = grades_table(db_url_of(Course(kept)))
    assert len(table) == 0 and [*table.columns] == [*graded.columns]


@pytest.fixture
def checked(unrun, monkeypatch):
    def graded_by_hand(*_):
        notebook = unrun.released.skeleton()
        notebook.metadata[NOTE] = {"sealed": True, "ended": "complete"}
        [cell] = [one for one in notebook.cells if grade_id_of(one) == "test-double"]
        outcomes = [Outcome("doubles", True, ""), Outcome("stays small", False, "too large")]
        cell.metadata[NOTE] = {"checks": [vars(outcome) for outcome in outcomes]}
        return GradedNotebook(notebook)

    grade_by_hand(monkeypatch, graded_by_hand)
    for student in ("student-02", "student-01"):
        unrun.submit(student, unrun.notebook())
    tasks = pending(unrun.course, unrun.config)
    assert autograde(unrun.course, unrun.config, tasks, 1, lambda last: None) == []
    unrun.submit("student-03", unrun.notebook())
    return unrun


def test_every_check_of_every_graded_submission_has_a_row(checked):
    table = checks_table(checked.course)
    assert [*zip(table["student"], table["check"], strict=True)] == [
        ("student-01", "doubles"),
        ("student-01", "stays small"),
        ("student-02", "doubles"),
        ("student-02", "stays small"),
    ]


def test_a_check_is_told_with_its_place_outcome_and_hint(checked):
    wrong = checks_table(checked.course).iloc[1]
    assert (wrong["assignment"], wrong["cell"]) == ("01_mini", "test-double")
    assert (wrong["passed"], wrong["hint"]) == (False, "too large")


def test_how_the_run_was_sealed_and_ended_is_told_with_every_check(checked):
    table = checks_table(checked.course)
    assert set(table["sealed"]) == {True} and set(table["ended"]) == {"complete"}


@pytest.mark.parametrize("sealed", [False, None])
def test_a_run_without_a_sandbox_is_told(checked, sealed):
    file = checked.course.autograded("student-01", "01_mini") / "01_mini.ipynb"
    notebook = nbformat.read(file, as_version=4)
    notebook.metadata[NOTE] = {} if sealed is None else {"sealed": sealed}
    file.chmod(0o644)
    nbformat.write(notebook, file)
    table = checks_table(checked.course)
    assert [*table["sealed"]] == [sealed, sealed, True, True]


def test_nothing_graded_is_an_empty_table_with_the_same_columns(checked, tmp_path):
    table = checks_table(Course(tmp_path))
    assert len(table) == 0 and [*table.columns] == [*checks_table(checked.course).columns]


def test_the_assignments_of_a_student_stand_together(unrun):
    rows = [(student, work) for student in ("a", "b") for work in ("01_mini", "02_other")]
    with Gradebook(db_url_of(unrun.course)) as gradebook:
        gradebook.add_assignment("02_other")
        for student, work in reversed(rows):
            gradebook.update_or_create_student(student)
            gradebook.add_submission(work, student)
    table = grades_table(db_url_of(unrun.course))
    assert [*zip(table["student"], table["assignment"], strict=True)] == rows
