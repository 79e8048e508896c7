"""A grading run: whatever one submission does, the others are graded and the gradebook is true."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from nbgrader.api import Gradebook

from grading.course.errors import BadSolution, NotReleased
from grading.engine import autograde as engine
from grading.engine.autograde import autograde
from grading.engine.lock import AlreadyGrading, only_grader
from grading.engine.tasks import Task, graded_stamp, pending
from grading.grades.database import GradebookError
from grading.sandbox.bubblewrap import SandboxError
from trials.gradebook import db_url_of, gradebook_rows

BOTH = ["student-01", "student-02"]


@pytest.fixture
def submitted(unrun):
    for student in BOTH:
        unrun.submit(student, unrun.notebook())
    return unrun


def run(mini, workers=1, report=lambda last: None, **options):
    tasks = pending(mini.course, mini.config, **options)
    return autograde(mini.course, mini.config, tasks, workers, report)


def scores(mini):
    rows = gradebook_rows(mini.course, "01_mini")
    return {student: cells["test-double"][0] for student, cells in rows.items()}


def graded(mini):
    return sorted(path.parts[-3] for path in mini.course.root.glob("autograded/*/*/*.ipynb"))


def replace_grading(monkeypatch, fail, whom=BOTH):
    by_hand = engine.grade_submission

    def grade(course, released, folder, *rest):
        if folder.parent.name in whom:
            fail(folder)
        return by_hand(course, released, folder, *rest)

    monkeypatch.setattr(engine, "grade_submission", grade)


def burn(_):
    raise RuntimeError("the disk is on fire")


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_all_are_graded_by_however_many_workers(submitted, workers):
    assert run(submitted, workers) == []
    assert scores(submitted) == dict.fromkeys(BOTH, 3.0)


def test_each_is_reported_when_it_is_done(submitted):
    told = []
    run(submitted, report=told.append)
    assert sorted(told) == [f"{student} 01_mini" for student in BOTH]


def test_one_that_fails_is_told_and_leaves_the_others_alone(submitted, monkeypatch):
    replace_grading(monkeypatch, burn, whom=["student-01"])
    told = []
    assert run(submitted, report=told.append) == [
        "student-01 01_mini: RuntimeError: the disk is on fire"
    ]
    assert graded(submitted) == ["student-02"] and len(told) == 2


def test_one_that_failed_is_to_be_graded_again(submitted, monkeypatch):
    replace_grading(monkeypatch, burn, whom=["student-01"])
    run(submitted)
    assert [task.student for task in pending(submitted.course, submitted.config)] == ["student-01"]


def test_a_regrade_that_fails_takes_the_old_score_back(submitted, monkeypatch):
    run(submitted)
    replace_grading(monkeypatch, burn, whom=["student-01"])
    run(submitted, force=True)
    assert scores(submitted) == {"student-01": None, "student-02": 3.0}
    assert graded_stamp(submitted.course, "student-01", "01_mini").read() is None


def test_without_a_sandbox_the_run_ends_at_once(submitted, monkeypatch):
    tried, ending = [], threading.Event()

    class Pool(ThreadPoolExecutor):
        def shutdown(self, wait=True, *, cancel_futures=False):
            super().shutdown(wait=False, cancel_futures=cancel_futures)
            ending.set()
            super().shutdown(wait=wait)

    def refuse(folder):
        tried.append(folder.parent.name)
        if len(tried) > 1:
            ending.wait(60)
        raise SandboxError("bubblewrap is missing")

    monkeypatch.setattr(engine, "ThreadPoolExecutor", Pool)
    students = [*BOTH, "student-03", "student-04"]
    for student in students:
        submitted.submit(student, submitted.notebook())
    replace_grading(monkeypatch, refuse, students)
    with pytest.raises(SandboxError):
        run(submitted)
    assert len(tried) <= 2 and graded(submitted) == []


def test_an_answer_key_that_cannot_be_made_stops_the_run_before_any_score_is_taken_back(
    submitted, monkeypatch
):
    run(submitted)

    def refuse(*_):
        raise BadSolution("our own solution raises ValueError")

    monkeypatch.setattr(engine, "answer_key", refuse)
    with pytest.raises(BadSolution):
        run(submitted, force=True)
    assert scores(submitted) == dict.fromkeys(BOTH, 3.0)


def test_without_running_no_answer_key_is_asked_for(submitted, monkeypatch):
    submitted.config.Execute.enabled = False
    monkeypatch.setattr(engine, "answer_key", burn)
    assert run(submitted) == []


@pytest.mark.parametrize("executed", [True, False])
def test_grading_is_told_whether_to_run_the_notebook_and_the_limits(
    submitted, monkeypatch, executed
):
    told = []

    def note(course, released, folder, settings, execute):
        told.append((execute, settings.cell_seconds, released.assignment, folder))
        raise RuntimeError("enough")

    monkeypatch.setattr(engine, "grade_submission", note)
    submitted.config.Execute.enabled = executed
    submitted.config.Sandbox.cell_seconds = 7
    run(submitted, student="student-01")
    folder = submitted.course.submitted("student-01", "01_mini")
    assert told == [(executed, 7, "01_mini", folder)]


def test_strangers_are_not_graded_where_the_course_refuses_them(submitted):
    submitted.config.Autograde.create_student = False
    with Gradebook(db_url_of(submitted.course)) as gradebook:
        gradebook.add_student("student-02")
    assert run(submitted) == [
        "student-01 01_mini: No student with ID 'student-01' exists in the database"
    ]
    assert graded(submitted) == ["student-02"]
    assert scores(submitted) == {"student-02": 3.0}


def test_an_assignment_that_the_gradebook_does_not_know_is_refused(submitted):
    with Gradebook(db_url_of(submitted.course)) as gradebook:
        gradebook.remove_assignment("01_mini")
    with pytest.raises(NotReleased, match="nbgrader generate_assignment 01_mini --force"):
        run(submitted)


def test_the_time_of_arrival_is_written_down(submitted):
    folder = submitted.course.submitted("student-01", "01_mini")
    (folder / "timestamp.txt").write_text("2026-09-14 12:00:00 UTC")
    run(submitted)
    with Gradebook(db_url_of(submitted.course)) as gradebook:
        times = {
            student: gradebook.find_submission("01_mini", student).timestamp for student in BOTH
        }
    assert str(times["student-01"]) == "2026-09-14 12:00:00" and times["student-02"] is None


def test_a_run_owns_the_gradebook_while_it_grades(submitted, monkeypatch):
    refused = []

    def try_to_grade(_):
        try:
            with only_grader(submitted.course):
                pass
        except AlreadyGrading as error:
            refused.append(error)

    replace_grading(monkeypatch, try_to_grade)
    run(submitted)
    assert len(refused) == 2


def test_a_second_run_is_refused_and_takes_no_score_back(submitted):
    run(submitted)
    with only_grader(submitted.course), pytest.raises(AlreadyGrading):
        run(submitted, force=True)
    assert scores(submitted) == dict.fromkeys(BOTH, 3.0)


def test_a_submission_that_vanished_before_its_turn_fails_alone(submitted, monkeypatch):
    def vanish(folder):
        raise FileNotFoundError(folder.name)

    replace_grading(monkeypatch, vanish, whom=["student-02"])
    [failure] = run(submitted)
    assert failure.startswith("student-02 01_mini: FileNotFoundError")


def test_nothing_to_grade_is_no_failure(submitted):
    assert autograde(submitted.course, submitted.config, [], 1, lambda last: None) == []


def test_a_grade_that_cannot_be_saved_is_told(submitted, monkeypatch):
    def refuse(*_):
        raise OSError("no space left")

    monkeypatch.setattr(engine, "save", refuse)
    [task] = pending(submitted.course, submitted.config, student="student-01")
    assert task == Task("student-01", "01_mini", task.made_from)
    [failure] = autograde(submitted.course, submitted.config, [task], 1, lambda last: None)
    assert failure == "student-01 01_mini: OSError: no space left"


def test_a_gradebook_that_cannot_be_written_ends_the_run_at_once(submitted, monkeypatch):
    asked = []

    def refuse(self, student, *_):
        asked.append(student)
        raise GradebookError("it is locked")

    monkeypatch.setattr(engine.RunGradebook, "save_grades", refuse)
    with pytest.raises(GradebookError, match="it is locked"):
        run(submitted)
    assert len(asked) == 1
    assert scores(submitted) == dict.fromkeys(BOTH)
    monkeypatch.undo()
    assert len(pending(submitted.course, submitted.config)) == 2
