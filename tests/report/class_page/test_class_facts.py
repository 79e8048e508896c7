"""What is known of a class is read from where it is kept, in as many steps however large it is."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import event
from sqlalchemy.engine import Engine

from grading.course.cells import NOTE
from grading.course.layout import Course
from grading.grades import kept_outcomes
from grading.grades.class_grades import class_grades
from grading.report.class_page.facts import read_facts
from grading.report.class_page.page import class_page
from trials.gradebook import db_url_of
from trials.synthetic_course import SyntheticCourse

ROSTER = "id,name,email,section,lms_id\nstudent-01,Ada One,,T1,\nstudent-09,Nina Nine,,T2,\n"
NOW = datetime(2026, 11, 20)


@pytest.fixture
def course(unrun):
    """Return a course with one graded student, one who has only an extension, and a third."""
    with Gradebook(db_url_of(unrun.course)) as gradebook:
        gradebook.update_or_create_assignment("01_mini", duedate=datetime(2026, 9, 14, 12))
        gradebook.add_student("student-01", first_name="Ada", last_name="Of The Gradebook")
        late = datetime(2026, 9, 14, 15)
        gradebook.add_submission("01_mini", "student-01", timestamp=late)
        for name, score in (("test-double", 3.0), ("test-halve", 2.0), ("think", None)):
            grade = gradebook.find_grade(name, "01_mini", "01_mini", "student-01")
            grade.auto_score, grade.needs_manual_grade = score, score is None
        gradebook.add_student("student-02")
        extended = gradebook.add_submission("01_mini", "student-02")
        extended.extension = timedelta(days=100)
        gradebook.db.commit()
    return unrun.course


def facts_of(course, **more):
    return read_facts(course, db_url_of(course), now=NOW, **more)


def test_without_a_roster_the_students_are_those_of_the_gradebook(course):
    people = facts_of(course).people
    assert [(one.id, one.name) for one in people] == [
        ("student-01", "Ada Of The Gradebook"),
        ("student-02", ""),
    ]


def test_with_a_roster_everybody_of_it_is_there_and_others_are_marked(course):
    (course.root / "roster.csv").write_text(ROSTER)
    people = facts_of(course).people
    assert [(one.id, one.name, one.section, one.known) for one in people] == [
        ("student-01", "Ada One", "T1", True),
        ("student-02", "", "", False),
        ("student-09", "Nina Nine", "T2", True),
    ]


def test_a_roster_that_cannot_be_used_is_told_and_stops_nothing(course):
    (course.root / "roster.csv").write_text("id\nstudent-01\n")
    facts = facts_of(course)
    assert [one.id for one in facts.people] == ["student-01", "student-02"]
    assert "roster.csv, line 1" in facts.remarks[0]


def test_who_is_excluded_is_nowhere(course):
    facts = facts_of(course, excluded=frozenset({"student-01"}))
    assert [one.id for one in facts.people] == ["student-02"]
    assert {student for student, _ in facts.submissions} == {"student-02"}
    assert facts.handed_in == set() and facts.waiting == []


def test_an_extension_alone_is_not_handed_in(course):
    assert facts_of(course).handed_in == {("student-01", "01_mini")}


def test_what_lies_in_submitted_is_handed_in_before_it_is_graded(course):
    course.submitted("student-02", "01_mini").mkdir(parents=True)
    course.submitted("student-02", "notes").mkdir()
    assert facts_of(course).handed_in == {("student-01", "01_mini"), ("student-02", "01_mini")}


def test_an_assignment_is_told_with_its_title_and_all_its_points(course):
    [work] = facts_of(course).works
    assert work.title != work.name and work.max_score == 8.0
    assert work.due == datetime(2026, 9, 14, 12)


def test_lateness_and_what_waits_are_told(course):
    facts = facts_of(course)
    own = facts.submissions["student-01", "01_mini"]
    assert (own.late_seconds, own.score, own.not_graded) == (10_800, 5.0, 2.0)
    assert [(one.cell, one.why) for one in facts.waiting] == [("think", "a written answer")]


@pytest.mark.parametrize(
    ("grade", "why"),
    [
        ({"auto_score": 1.0}, "the points are proposed"),
        ({"auto_score": 1.0, "manual_score": 2.0}, "the answer has changed"),
        ({"auto_score": None}, "a test that was not run"),
        ({"auto_score": 1.0, "extra_credit": 1.0}, "the answer has changed"),
    ],
)
def test_why_a_test_waits_is_told(course, grade, why):
    with Gradebook(db_url_of(course)) as gradebook:
        found = gradebook.find_grade("test-double", "01_mini", "01_mini", "student-01")
        found.needs_manual_grade = True
        for name, value in grade.items():
            setattr(found, name, value)
        gradebook.db.commit()
    [first, _] = facts_of(course).waiting
    assert first.cell == "test-double" and first.why.startswith(why)


def test_our_own_framework_is_nobodys(course):
    (course.root / "reports").mkdir()
    table = (
        "student,XOR,MLP,CNN,carries_all,remark\n(reference),1,1,1,True,\nstudent-01,1,1,0,False,\n"
    )
    (course.root / "reports" / "frameworks.csv").write_text(table)
    assert [*facts_of(course).frameworks["student"]] == ["student-01"]


def test_outcomes_and_notes_come_from_graded_notebooks(course):
    folder = course.autograded("student-01", "01_mini")
    folder.mkdir(parents=True)
    check = {"name": "doubles", "passed": True, "reached": 0.5, "wanted": 0.4}
    cell = {"nbgrader": {"grade_id": "test-double"}, NOTE: {"checks": [check], "status": "ran"}}
    run = {NOTE: {"sealed": False, "ended": "complete", "notes": ["moved"]}}
    text = json.dumps({"metadata": run, "cells": [{"metadata": cell}]})
    (folder / "01_mini.ipynb").write_text(text)
    facts = facts_of(course)
    [row] = facts.checks.to_dict("records")
    assert (row["check"], row["passed"], row["reached"], row["visible"]) == (
        "doubles",
        True,
        0.5,
        True,
    )
    assert facts.notes == [("student-01", "01_mini", "moved")]
    assert facts.unsealed == {("student-01", "01_mini")}


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_as_many_statements_are_sent_however_large_the_class_is(tmp_path):
    numbers = []
    for students, assignments in ((5, 2), (20, 2), (5, 4)):
        root = tmp_path / f"{students}-{assignments}"
        made = SyntheticCourse(root, students, assignments, handed_in=1).build()
        class_grades(made.db_url)
        with counted_statements() as sent:
            class_grades(made.db_url)
        numbers.append(len(sent))
    assert len({*numbers}) == 1 and numbers[0] <= 12


def test_a_second_page_parses_no_notebook_and_after_a_regrade_that_one_alone(tmp_path, monkeypatch):
    made = SyntheticCourse(tmp_path / "course", 6, 2, handed_in=1).build()
    parsed = []
    read = kept_outcomes.read_outcomes
    monkeypatch.setattr(
        kept_outcomes, "read_outcomes", lambda file: (parsed.append(file), read(file))[1]
    )
    for _ in range(2):
        class_page(Course(made.root), made.db_url)
    assert len(parsed) == 6 * 2
    [first, *_] = parsed
    text = first.read_text()
    first.unlink()
    first.write_text(text + "\n")
    class_page(Course(made.root), made.db_url)
    assert parsed[12:] == [first]
