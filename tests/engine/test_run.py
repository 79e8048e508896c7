"""A grading run: whatever one submission does, the others are graded and the gradebook is true."""

import json
import os
import shutil

import nbformat
import pytest
from by_hand import grade_by_hand
from nbgrader.api import Gradebook

from grading.course.errors import BadSolution, NotReleased
from grading.engine import autograde as engine
from grading.engine.autograde import autograde
from grading.engine.lock import AlreadyGrading, only_grader
from grading.engine.log import log_file
from grading.engine.slot import GradingFailed, WorkerDown, WorkerNotStarted
from grading.engine.tasks import Task, graded_stamp, pending
from grading.engine.work import finish
from grading.grades.database import GradebookError
from grading.grades.graded import UNREAD, GradedNotebook
from grading.sandbox.bubblewrap import SandboxError
from grading.sandbox.kernel import KernelNotStarted
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
    by_hand = engine.open_pool(None, 1, None).grade

    def grade(kit, folder, how):
        if folder.parent.name in whom:
            fail(folder)
        return by_hand(kit, folder, how)

    grade_by_hand(monkeypatch, grade)


def burn(_):
    raise RuntimeError("the disk is on fire")


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_all_are_graded_by_however_many_workers(submitted, workers):
    assert run(submitted, workers) == []
    assert scores(submitted) == dict.fromkeys(BOTH, 3.0)


def test_each_is_reported_when_it_is_done(submitted):
    told = []
    run(submitted, report=told.append)
    assert sorted(map(str, told)) == [f"{student} 01_mini" for student in BOTH]


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
    def refuse(*_):
        raise SandboxError("bubblewrap is missing")

    pools = grade_by_hand(monkeypatch, refuse)
    with pytest.raises(SandboxError):
        run(submitted)
    assert pools[0].stopped and graded(submitted) == []


def test_an_answer_key_that_cannot_be_made_stops_the_run_before_any_score_is_taken_back(
    submitted, monkeypatch
):
    run(submitted)

    def refuse(*_):
        raise BadSolution("our own solution raises ValueError")

    monkeypatch.setattr("grading.grades.kit.key_text", refuse)
    with pytest.raises(BadSolution):
        run(submitted, force=True)
    assert scores(submitted) == dict.fromkeys(BOTH, 3.0)


def test_without_running_no_answer_key_is_asked_for(submitted, monkeypatch):
    submitted.config.Execute.enabled = False
    monkeypatch.setattr("grading.grades.kit.key_text", burn)
    assert run(submitted) == []


@pytest.mark.parametrize("executed", [True, False])
def test_grading_is_told_whether_to_run_the_notebook_and_the_limits(
    submitted, monkeypatch, executed
):
    told = []

    def note(kit, folder, how):
        told.append((how["execute"], kit.settings.cell_seconds, kit.assignment, folder))
        raise RuntimeError("enough")

    grade_by_hand(monkeypatch, note)
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


@pytest.mark.parametrize("name", [b"\xff", b"a\nb", b"x" * 129], ids=["no text", "lines", "long"])
def test_a_folder_whose_name_can_be_no_id_fails_alone(submitted, name):
    odd = os.fsdecode(name)
    shutil.copytree(
        submitted.course.submitted("student-01", "01_mini").parent,
        submitted.course.root / "submitted" / odd,
    )
    [failure] = run(submitted)
    assert "can be no student's id" in failure and failure.isprintable()
    assert graded(submitted) == BOTH


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


def in_turn(monkeypatch, *outcomes, whom="student-01"):
    """Let one student's attempts end as they are listed; return what was asked of each."""
    by_hand = engine.open_pool(None, 1, None).grade
    left, asked = list(outcomes), []

    def grade(kit, folder, how):
        if folder.parent.name != whom:
            return by_hand(kit, folder, how)
        asked.append(how)
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome or by_hand(kit, folder, how)

    grade_by_hand(monkeypatch, grade)
    return asked


def down(code="memory", **earned):
    cells = {name.replace("_", "-"): score for name, score in earned.items()}
    return WorkerDown("the process that graded it is gone", cells, code, 3.0)


def told_of(submitted, failures=()):
    """Grade everybody; return what was told of the student about whom it is."""
    told = []
    assert run(submitted, report=told.append) == list(failures)
    assert len(told) == 2 and [one.outcome for one in told if one.student == BOTH[1]] == ["graded"]
    return next(one for one in told if one.student == BOTH[0])


@pytest.mark.parametrize(
    "first", [down(), KernelNotStarted("no answer"), WorkerNotStarted("it ended")], ids=type
)
def test_what_took_its_worker_down_or_did_not_start_is_tried_once_more(
    submitted, monkeypatch, first
):
    asked = in_turn(monkeypatch, first, None)
    done = told_of(submitted)
    assert (done.outcome, done.attempt, done.why) == ("graded", 2, "")
    assert asked == [{"execute": True}] * 2
    assert scores(submitted) == dict.fromkeys(BOTH, 3.0)


def test_what_is_tried_once_more_is_tried_when_all_others_are_dealt_with(submitted, monkeypatch):
    in_turn(monkeypatch, down(), None)
    told = []
    run(submitted, report=told.append)
    assert [one.student for one in told] == ["student-02", "student-01"]


def test_what_takes_two_workers_down_is_settled_with_the_best_it_had_earned(submitted, monkeypatch):
    asked = in_turn(
        monkeypatch,
        down(test_double=3.0, test_halve=0.5),
        down(code="too slow", test_double=1.0, test_halve=2.0),
        None,
    )
    done = told_of(submitted)
    assert asked[2]["instead"]["earned"] == {"test-double": 3.0, "test-halve": 2.0}
    assert asked[2]["instead"]["note"] == (
        "This notebook could not be graded to its end: the process that graded it is gone. "
        "What it had earned counts."
    )
    assert (done.outcome, done.ended, done.attempt, done.seconds) == ("settled", "too slow", 2, 3.0)
    assert done.remark == (
        "student-01 01_mini: settled with what it had earned: the process that graded it is gone"
    )


def test_a_settled_submission_is_up_to_date_and_saved_whole(submitted, monkeypatch):
    in_turn(monkeypatch, down(), down(), None)
    told_of(submitted)
    assert graded(submitted) == BOTH
    assert pending(submitted.course, submitted.config) == []


@pytest.mark.parametrize("last", [down(), GradingFailed("of our own making")], ids=type)
def test_where_not_even_reading_it_ends_a_person_looks_for_every_answer(
    submitted, monkeypatch, last
):
    in_turn(monkeypatch, down(test_double=3.0), down(), last)
    assert told_of(submitted).outcome == "settled"
    assert gradebook_rows(submitted.course, "01_mini")["student-01"] == {
        "test-double": (3.0, None, False),
        "test-halve": (0.0, None, False),
        "think": (None, None, True),
    }
    file = submitted.course.autograded("student-01", "01_mini") / "01_mini.ipynb"
    notes = nbformat.read(file, as_version=4).metadata["course"]["notes"]
    assert "could not be graded to its end" in notes[0] and notes[1] == UNREAD


@pytest.mark.parametrize(
    "last", [OSError("no space left"), KernelNotStarted("no answer")], ids=type
)
def test_what_cannot_be_settled_through_no_fault_of_its_own_fails(submitted, monkeypatch, last):
    in_turn(monkeypatch, down(), down(), last)
    name = type(last).__name__
    assert told_of(submitted, [f"student-01 01_mini: {name}: {last}"]).outcome == "failed"
    assert scores(submitted) == {"student-01": None, "student-02": 3.0}


@pytest.mark.parametrize(
    "error", [KernelNotStarted("no answer"), WorkerNotStarted("it ended")], ids=type
)
def test_what_did_not_start_twice_has_failed_and_has_no_score(submitted, monkeypatch, error):
    in_turn(monkeypatch, error, error)
    name = type(error).__name__
    done = told_of(submitted, [f"student-01 01_mini: {name}: {error}"])
    assert (done.outcome, done.attempt) == ("failed", 2)
    assert scores(submitted)["student-01"] is None


def test_a_worker_that_goes_down_when_none_started_before_keeps_what_was_earned_then(
    submitted, monkeypatch
):
    asked = in_turn(monkeypatch, KernelNotStarted("no answer"), down(test_double=1.0), None)
    told_of(submitted)
    assert asked[2]["instead"]["earned"] == {"test-double": 1.0}


def test_where_others_had_a_sandbox_one_without_is_tried_once_more_and_fails_alone(
    submitted, monkeypatch
):
    error = SandboxError("no more processes")
    in_turn(monkeypatch, error, None, whom="student-02")
    assert run(submitted) == []
    in_turn(monkeypatch, error, error, whom="student-02")
    assert run(submitted, force=True) == ["student-02 01_mini: SandboxError: no more processes"]
    assert scores(submitted) == {"student-01": 3.0, "student-02": None}


def test_what_was_earned_how_long_it_took_and_who_waits_is_told(submitted, monkeypatch):
    skeleton = submitted.released.skeleton()
    result = finish(
        GradedNotebook(skeleton, {"test-double": 3.0, "test-halve": 1.5, "think": None})
    )
    result.seconds, result.cpu_seconds, result.cold = 2.0, 1.0, "no template"
    result.ended, result.stopped_in = "memory", "halve"
    in_turn(monkeypatch, result)
    done = told_of(submitted)
    assert (done.score, done.waiting, done.seconds, done.cpu_seconds) == (4.5, 1, 2.0, 1.0)
    assert (done.cold, done.ended) == ("no template", "memory")
    assert done.remark == "student-01 01_mini: its run was ended: memory, in halve"


def test_every_submission_has_a_line_in_the_log(submitted, monkeypatch):
    submitted.config.Autograde.create_student = False
    with Gradebook(db_url_of(submitted.course)) as gradebook:
        gradebook.add_student("student-02")
    run(submitted)
    lines = log_file(submitted.course).read_text().splitlines()
    told = [(one["student"], one["outcome"], one["score"]) for one in map(json.loads, lines)]
    assert told == [("student-01", "failed", None), ("student-02", "graded", 5.0)]


def test_a_run_that_is_interrupted_stops_its_workers_and_the_next_goes_on(submitted, monkeypatch):
    by_hand = engine.open_pool(None, 1, None).grade
    pools = grade_by_hand(monkeypatch, by_hand)

    def interrupt(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(submitted, report=interrupt)
    assert pools[0].stopped and list(submitted.course.root.glob(".grading-*")) == []
    assert len(pending(submitted.course, submitted.config)) == 1
    assert run(submitted) == []
    assert scores(submitted) == dict.fromkeys(BOTH, 3.0)


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
