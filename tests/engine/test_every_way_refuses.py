"""What cannot be graded is refused in the same sentence, whichever way somebody asks."""

import argparse

import pytest
from by_hand import grade_by_hand
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI

from grading.engine.lock import only_grader
from grading.nbgrader_steps.formgrader.work import Worker, answer
from grading.pipeline.command_line import run_steps
from trials.gradebook import db_url_of


@pytest.fixture
def submitted(unrun):
    unrun.submit("student-01", unrun.notebook())
    return unrun


@pytest.fixture
def make(submitted, capsys):
    def ask(assignment="01_mini"):
        chosen = argparse.Namespace(
            root=submitted.course.root,
            workers=1,
            assignment=assignment,
            force=False,
            scheduler=None,
        )
        status = run_steps(chosen, ("autograde",))
        return status == 0, " ".join(capsys.readouterr().out.split())

    return ask


@pytest.fixture
def button(submitted):
    def ask(assignment="01_mini"):
        said = NbGraderAPI.autograde(submitted.api, assignment, "student-01")
        return said["success"], said["log"]

    return ask


@pytest.fixture
def worker(submitted):
    def ask(assignment="01_mini"):
        [said] = Worker(submitted.course.root).autograde([(assignment, "student-01")])
        return said["success"], said["log"]

    return ask


@pytest.fixture(params=["make", "button", "worker"])
def way(request):
    return request.getfixturevalue(request.param)


def test_a_good_submission_is_graded(way, submitted):
    assert way()[0]
    assert submitted.course.autograded("student-01", "01_mini").exists()


def test_a_mistyped_assignment(way):
    done, said = way("01_mimi")
    assert not done and "There is no assignment 01_mimi; did you mean 01_mini?" in said


def test_an_assignment_that_was_never_released(way, submitted):
    submitted.released.file.unlink()
    done, said = way()
    assert not done and "01_mini has not been released: run `make release" in said


def test_an_assignment_that_the_gradebook_does_not_know(way, submitted):
    with Gradebook(db_url_of(submitted.course)) as gradebook:
        gradebook.remove_assignment("01_mini")
    done, said = way()
    assert not done and "The gradebook does not know 01_mini: run `make release" in said


def test_a_run_at_the_same_time(way, submitted):
    with only_grader(submitted.course):
        done, said = way()
    assert not done and "Somebody is grading this course; wait until that ends." in said


def test_a_student_whom_the_course_does_not_know(way, submitted):
    with (submitted.course.root / "nbgrader_config.py").open("a") as file:
        file.write("\nc.Autograde.create_student = False\n")
    submitted.config.Autograde.create_student = False
    done, said = way()
    assert not done and "No student with ID 'student-01' exists in the database" in said


def test_a_submission_that_breaks_the_grader(way, monkeypatch):
    def fail(*_):
        raise RuntimeError("the disk is on fire")

    grade_by_hand(monkeypatch, fail)
    done, said = way()
    assert not done and "student-01 01_mini: RuntimeError: the disk is on fire" in said


@pytest.mark.parametrize(
    ("student", "reason"),
    [("student-02", "No submissions were matched"), ("student-01", "student_id_exclude")],
)
def test_the_worker_and_the_button_say_why_there_is_nothing_to_grade(submitted, student, reason):
    with (submitted.course.root / "nbgrader_config.py").open("a") as file:
        file.write("\nc.CourseDirectory.student_id_exclude = 'student-01'\n")
    submitted.config.CourseDirectory.student_id_exclude = "student-01"
    [told] = Worker(submitted.course.root).autograde([("01_mini", student)])
    said = submitted.api.autograde("01_mini", student)
    assert not told["success"] and not said["success"]
    assert reason in told["error"] and told["error"] in said["log"]


def test_a_request_that_cannot_be_met_leaves_others_asked_at_the_same_time_alone(submitted):
    targets = [("01_mimi", "student-01"), ("01_mini", "student-01"), ("01_mini", "student-09")]
    answers = Worker(submitted.course.root).autograde(targets)
    assert [answer["success"] for answer in answers] == [False, True, False]
    assert "did you mean" in answers[0]["error"]
    assert submitted.course.autograded("student-01", "01_mini").exists()


def test_whatever_goes_wrong_in_the_worker_becomes_an_answer_for_each(submitted, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr("grading.nbgrader_steps.formgrader.work.pending", fail)
    request = '{"action": "autograde", "targets": [["01_mini", "a"], ["01_mini", "b"]]}'
    said = answer(Worker(submitted.course.root), request)
    assert [one["success"] for one in said] == [False, False]
    assert all("the disk is on fire" in one["error"] for one in said)


def test_the_worker_grades_again_what_is_up_to_date(submitted):
    worker = Worker(submitted.course.root)
    worker.autograde([("01_mini", "student-01")])
    folder = submitted.course.autograded("student-01", "01_mini")
    before = folder.stat().st_ino, folder.stat().st_mtime_ns
    worker.autograde([("01_mini", "student-01")])
    assert (folder.stat().st_ino, folder.stat().st_mtime_ns) != before


def test_the_worker_grades_those_who_are_named_and_no_other_who_matches(submitted):
    for student in ("y", "[y]"):
        submitted.submit(student, submitted.notebook())
    [said] = Worker(submitted.course.root).autograde([("01_mini", "[y]")])
    assert said == {"success": True, "log": "graded, sealed: [y] 01_mini"}
    assert not submitted.course.autograded("y", "01_mini").exists()
