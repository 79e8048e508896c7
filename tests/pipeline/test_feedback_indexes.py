"""`make feedback` leads each student to all their pages, and writes only what has changed."""

import contextlib

import pytest

from grading.course.layout import Course
from grading.grades.told import CellTold, Told
from grading.pipeline import feedback as module
from grading.pipeline.feedback import write_indexes

SETTINGS = 'title = "{}"\norder = {}\nmodule = "{}"\n'


@pytest.fixture
def scores():
    """Return what each assignment's submissions get; a test may change it."""
    return {"01_setup": 1.0, "02_tensor": 3.0}


@pytest.fixture
def course(tmp_path, monkeypatch, scores):
    """Return a course in which two students have handed in two assignments."""
    course = Course(tmp_path)
    for order, name in enumerate(scores, 1):
        course.source(name).mkdir(parents=True)
        module_name = name.partition("_")[2]
        settings = SETTINGS.format(module_name.title(), order, module_name)
        (course.source(name) / "assignment.toml").write_text(settings)
        for student in ("student-01", "student-02"):
            course.submitted(student, name).mkdir(parents=True)
            page = course.feedback(student, name) / f"{name}.html"
            page.parent.mkdir(parents=True)
            page.write_text("feedback")

    def told(gradebook, name):
        grade = Told({"a": CellTold(scores[name], 4.0)}, scores[name], 4.0, 0.0)
        return {"student-01": grade, "student-02": grade}

    monkeypatch.setattr(module, "told_of_all", told)
    monkeypatch.setattr(module, "RunGradebook", lambda db_url: contextlib.nullcontext())
    return course


def index(course, student):
    return (course.root / "feedback" / student / "index.html").read_text()


def test_each_student_has_a_page_that_leads_to_all_of_theirs(course):
    assert write_indexes(course, "") == 2
    text = index(course, "student-01")
    assert text.index("01_setup/01_setup.html") < text.index("02_tensor/02_tensor.html")
    assert "Setup" in text and "1 of 4 points" in text and "student-02" not in text


def test_only_what_has_changed_is_written_again(course, scores):
    write_indexes(course, "")
    assert write_indexes(course, "") == 0
    scores["02_tensor"] = 3.5
    assert write_indexes(course, "") == 2 and "3.5 of 4 points" in index(course, "student-02")


def test_without_feedback_there_is_no_line_and_without_any_no_page(course):
    (course.feedback("student-01", "01_setup") / "01_setup.html").unlink()
    for name in ("01_setup", "02_tensor"):
        (course.feedback("student-02", name) / f"{name}.html").unlink()
    assert write_indexes(course, "") == 1
    assert "01_setup" not in index(course, "student-01")
    assert not (course.root / "feedback" / "student-02" / "index.html").exists()


def test_students_who_are_left_out_have_none(course):
    assert write_indexes(course, "", {"student-02"}) == 1
    assert not (course.root / "feedback" / "student-01" / "index.html").exists()
