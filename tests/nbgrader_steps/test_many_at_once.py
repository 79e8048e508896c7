"""Graders in Formgrader and a run that grades the class, all at once, in one gradebook."""

import shutil
from multiprocessing import get_context

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import text

from grading.engine.autograde import autograde
from grading.engine.tasks import pending
from grading.grades.gradebook import RunGradebook
from grading.grades.releases import enter_release
from grading.report.grades import grades_table

FORK = get_context("fork")
CLASS = [f"student-{number:02}" for number in range(1, 9)]
CELLS = {"grader-1": "think", "grader-2": "test-double"}
COLUMNS = ["student", "assignment", "score", "max_score", "late_penalty", "needs_manual_grade"]


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql"))]
)
def course(request, unrun):
    """Return a course with a class that has handed in, and a new gradebook."""
    for student in CLASS:
        unrun.submit(student, unrun.notebook())
    url = f"sqlite:///{unrun.course.root}/new.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql").new()
    unrun.config.CourseDirectory.db_url = url
    with RunGradebook(url, "tinytorch") as gradebook:
        enter_release(gradebook, unrun.released)
    return unrun


def grade(course):
    tasks = pending(course.course, course.config, force=True)
    assert autograde(course.course, course.config, tasks, 2, lambda last: None) == []


def url_of(course):
    return course.config.CourseDirectory.db_url


def grade_by_hand(url, grader, barrier):
    """Give points for one cell of everybody's, and say something, as Formgrader's handlers do."""
    with Gradebook(url, "tinytorch") as gradebook:
        barrier.wait()
        for number, student in enumerate(CLASS, start=1):
            found = gradebook.find_grade(CELLS[grader], "01_mini", "01_mini", student)
            one = gradebook.find_grade_by_id(found.id)
            one.manual_score, one.needs_manual_grade = number / 8, False
            gradebook.db.commit()
            one.to_dict()
            comment = gradebook.find_comment("think", "01_mini", "01_mini", student)
            if grader == "grader-1":
                comment.manual_comment = f"{student}: seen."
            gradebook.db.commit()


def run_once_more(course, barrier):
    barrier.wait()
    grade(course)


def test_two_graders_and_a_run_lose_nothing(course):
    grade(course)
    barrier = FORK.Barrier(3)
    people = [
        FORK.Process(target=grade_by_hand, args=(url_of(course), grader, barrier))
        for grader in CELLS
    ]
    everybody = [*people, FORK.Process(target=run_once_more, args=(course, barrier))]
    for one in everybody:
        one.start()
    for one in everybody:
        one.join()
    assert [one.exitcode for one in everybody] == [0, 0, 0]
    with Gradebook(url_of(course), "tinytorch") as gradebook:
        for number, student in enumerate(CLASS, start=1):
            [notebook] = gradebook.find_submission("01_mini", student).notebooks
            grades = {one.name: (one.auto_score, one.manual_score) for one in notebook.grades}
            assert grades == {
                "test-double": (3.0, number / 8),
                "test-halve": (2.0, None),
                "think": (None, number / 8),
            }
            comments = {one.name: one.manual_comment for one in notebook.comments}
            assert comments["think"] == f"{student}: seen."
    assert pending(course.course, course.config) == []


def test_formgraders_pages_show_the_class(course):
    grade(course)
    course.config.CourseDirectory.course_id = "tinytorch"
    api = course.api
    assert api.get_assignment("01_mini")["num_submissions"] == len(CLASS)
    assert [one["student"] for one in api.get_submissions("01_mini")] == CLASS
    [notebook] = api.get_notebooks("01_mini")
    assert (notebook["average_score"], notebook["needs_manual_grade"]) == (5.0, True)
    assert len(api.get_notebook_submissions("01_mini", "01_mini")) == len(CLASS)
    assert {one["score"] for one in api.get_students()} == {5.0}
    [mine] = api.get_student_submissions(CLASS[0])
    assert (mine["score"], mine["max_score"]) == (5.0, 8.0)
    [page] = api.get_student_notebook_submissions(CLASS[0], "01_mini")
    assert page["needs_manual_grade"] and not page["flagged"]


def test_the_table_of_grades_is_the_same_wherever_the_gradebook_lies(course):
    grade(course)
    table = grades_table(url_of(course))
    assert table[COLUMNS].values.tolist() == [
        [student, "01_mini", 5.0, 8.0, 0.0, True] for student in CLASS
    ]


def test_a_gradebook_that_was_emptied_is_filled_again(course):
    grade(course)
    with RunGradebook(url_of(course)) as gradebook, gradebook.writing() as session:
        for table in ("comment", "grade", "submitted_notebook", "submitted_assignment", "student"):
            session.execute(text(f"DELETE FROM {table}"))
    shutil.rmtree(course.course.root / "feedback", ignore_errors=True)
    tasks = pending(course.course, course.config)
    assert [task.student for task in tasks] == CLASS
    assert autograde(course.course, course.config, tasks, 2, lambda last: None) == []
    assert len(grades_table(url_of(course))) == len(CLASS)
