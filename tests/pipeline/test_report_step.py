"""The last step of `make`: it prints the grades with their marks, and writes both tables."""

import io
import shutil

import pandas as pd
import pytest
from rich.console import Console

from grading.pipeline import steps as module
from grading.pipeline.steps import Steps
from grading.report import grades as tables
from grading.sandbox.settings import PROJECT

GRADES = pd.DataFrame(
    {
        "student": ["student-01", "student-02", "student-03"],
        "assignment": ["01_setup"] * 3,
        "score": [1.25, 2.25, 3.25],
        "max_score": [4.0] * 3,
        "late_seconds": [0, 60, 0],
        "late_penalty": [0.0] * 3,
        "needs_manual_grade": [False] * 3,
    }
)
CHECKS = pd.DataFrame(
    {
        "student": GRADES["student"],
        "assignment": GRADES["assignment"],
        "check": ["adds"] * 3,
        "sealed": [False, True, None],
    }
)


@pytest.fixture
def reported(tmp_path, monkeypatch):
    """Return what is printed about those grades, and the folder of the reports."""
    shutil.copy(PROJECT / "nbgrader_config.py", tmp_path)
    monkeypatch.setattr(tables, "grades_table", lambda db_url: GRADES)
    monkeypatch.setattr(tables, "checks_table", lambda course: CHECKS)
    console = Console(file=io.StringIO(), width=120)
    Steps(tmp_path, console, 1).run("report")
    return console.file.getvalue(), tmp_path / "reports"


def test_a_grade_made_without_a_sandbox_is_marked_and_no_other(reported):
    text, _ = reported
    assert "1.25!" in text and "WITHOUT a sandbox" in text
    assert text.count("!") == 2  # at the grade, and in the legend


def test_what_was_late_is_marked(reported):
    assert "2.25†" in reported[0]


@pytest.mark.parametrize(("name", "table"), [("grades", GRADES), ("checks", CHECKS)])
def test_both_tables_are_written_without_row_numbers(reported, name, table):
    written = pd.read_csv(reported[1] / f"{name}.csv")
    assert list(written) == list(table)
    assert list(written["student"]) == list(table["student"])


def test_penalties_follow_before_grades_are_told_and_a_policys_failure_is_told_once(
    tmp_path, monkeypatch
):
    shutil.copy(PROJECT / "nbgrader_config.py", tmp_path)
    order = []
    for where, name, told in ((tables, "grades_table", GRADES), (module, "outdated", [])):
        monkeypatch.setattr(
            where, name, lambda *_, name=name, told=told: (order.append(name), told)[1]
        )
    monkeypatch.setattr(tables, "checks_table", lambda course: CHECKS)
    monkeypatch.setattr(module, "generate_feedback", lambda *_: [])
    monkeypatch.setattr(module, "follow_lateness", lambda *_: order.append("follow") or ["no"])
    steps = Steps(tmp_path, Console(file=io.StringIO()), 1)
    steps.run("feedback", "report")
    assert order == ["follow", "outdated", "follow", "grades_table"]
    assert steps.failures == ["no"]


def test_everybody_of_the_roster_is_printed_and_written(tmp_path, monkeypatch):
    lines = ["id,name,email,section,lms_id", "student-01,,,A,", "student-09,,,B,"]
    (tmp_path / "roster.csv").write_text("\n".join(lines))
    shutil.copy(PROJECT / "nbgrader_config.py", tmp_path)
    monkeypatch.setattr(tables, "grades_table", lambda db_url: GRADES)
    monkeypatch.setattr(tables, "checks_table", lambda course: CHECKS)
    console = Console(file=io.StringIO(), width=120)
    Steps(tmp_path, console, 1).run("report")
    written = pd.read_csv(tmp_path / "reports" / "grades.csv").set_index("student")
    assert written.loc["student-09", "missing"] and pd.isna(written.loc["student-09", "score"])
    assert "student-09" in console.file.getvalue()


def test_the_class_page_is_written_and_named(reported):
    text, folder = reported
    assert "reports/class.html" in text and (folder / "class.html").is_file()
    assert (folder / "class" / "students.csv").is_file()


def test_where_names_are_hidden_none_is_printed_or_written(tmp_path, monkeypatch):
    shutil.copy(PROJECT / "nbgrader_config.py", tmp_path)
    monkeypatch.setattr(tables, "grades_table", lambda db_url: GRADES)
    monkeypatch.setattr(tables, "checks_table", lambda course: CHECKS)
    console = Console(file=io.StringIO(), width=120)
    Steps(tmp_path, console, 1, hide_names=True).run("report")
    text = console.file.getvalue()
    assert "reports/class-hidden.html" in text and "1.25!" in text and "student-01" not in text
    assert {path.name for path in (tmp_path / "reports").iterdir()} == {
        *("class-hidden.html", "class-hidden")
    }
