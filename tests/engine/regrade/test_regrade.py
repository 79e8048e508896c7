"""A regrade shows before it writes, writes what it has shown, and can be taken back."""

import multiprocessing
import os
import signal
from datetime import timedelta
from importlib import import_module

import pytest
from graded_class import CHECKS, CLASS, DUE, NAME
from nbgrader.plugins import LateSubmissionPlugin

from grading.engine.regrade.lines import Line
from grading.engine.regrade.regrade import AGAIN, NEVER, NothingShown
from grading.engine.tasks import survey
from grading.grades.gradebook import RunGradebook
from grading.grades.history import NoSuchState, before_last_run, history, named_states
from grading.grades.lateness import follow_lateness

WIDER = Line("test-double", "doubles a matrix", 0.0, 1.0, "tolerance: rtol 1e-06 → 0.01")
AFTER = {"student-01": 6.0, "student-02": 6.0, "student-03": 5.0}
BEFORE = AFTER | {"student-02": 5.0}


class OnePointAnHour(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return total_seconds_late / 3600


def undo(graded_class, students=None):
    with RunGradebook(graded_class.url) as gradebook:
        states = before_last_run(gradebook, students, NAME)
    return graded_class.regrade.bring_back(states, "undone")


def kept(graded_class):
    with RunGradebook(graded_class.url) as gradebook:
        return history(gradebook)


def move_due_date(gradebook, hours=-3):
    gradebook.find_assignment(NAME).duedate = DUE + timedelta(hours=hours)


def give(gradebook):
    """Give points and a comment as a person does, for a written answer and for a test."""
    for cell in ("think", "test-double"):
        grade = gradebook.find_grade(cell, NAME, NAME, "student-02")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
    gradebook.find_comment("think", NAME, NAME, "student-02").manual_comment = "Nice."


def test_a_wider_tolerance_previews_exactly_whom_it_concerns(graded_class):
    graded_class.widen()
    assert graded_class.preview() == {
        "student-01": (6.0, 6.0, []),
        "student-02": (5.0, 6.0, [WIDER]),
        "student-03": (5.0, 5.0, []),
    }


def test_a_preview_writes_no_grade_and_no_folder(graded_class):
    before = graded_class.rows(), graded_class.folders()
    graded_class.widen()
    graded_class.preview()
    assert (graded_class.rows(), graded_class.folders()) == before
    assert kept(graded_class) == []


def test_what_a_preview_has_graded_is_not_graded_again(graded_class):
    graded_class.widen()
    graded_class.preview()
    assert graded_class.graded == CLASS
    graded_class.preview()
    graded_class.apply()
    assert graded_class.graded == CLASS
    assert graded_class.scores() == AFTER


def test_what_changes_after_a_preview_is_graded_by_the_next(graded_class):
    graded_class.widen()
    graded_class.preview()
    graded_class.widen(10.0)
    assert graded_class.preview()["student-03"][:2] == (5.0, 6.0)


def test_after_it_is_applied_nothing_is_stale(graded_class):
    graded_class.widen()
    graded_class.preview()
    graded_class.apply()
    assert survey(graded_class.mini.course, graded_class.mini.config).tasks == []


def test_some_are_applied_and_the_others_stay(graded_class):
    graded_class.widen()
    graded_class.preview()
    before = graded_class.folders()
    graded_class.apply(["student-01"])
    assert graded_class.scores() == BEFORE
    after = graded_class.folders()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {f"student-01/{NAME}/{NAME}.ipynb"}
    graded_class.apply(["student-02"])
    assert graded_class.scores() == AFTER


def test_applied_then_undone_every_row_and_folder_is_as_it_was(graded_class):
    graded_class.change(give)
    before = graded_class.rows(), graded_class.folders()
    graded_class.widen()
    graded_class.preview()
    graded_class.apply()
    assert graded_class.rows() != before[0]
    assert undo(graded_class) == []
    assert (graded_class.rows(), graded_class.folders()) == before


def test_one_student_is_undone_and_the_others_stay(graded_class):
    graded_class.widen()
    graded_class.preview()
    graded_class.apply()
    undo(graded_class, ["student-02"])
    assert graded_class.scores() == BEFORE
    undo(graded_class, ["student-02"])
    assert graded_class.scores() == AFTER


def test_points_and_comments_by_hand_stand_through_all_of_it(graded_class):
    graded_class.change(give)
    graded_class.widen()
    assert "points given by hand stand" in graded_class.preview()["student-02"][2][0].why
    graded_class.apply()

    def is_given(gradebook):
        submission = gradebook.find_submission(NAME, "student-02")
        grades = {one.cell.name: one for one in submission.notebooks[0].grades}
        for cell in ("think", "test-double"):
            assert (grades[cell].manual_score, grades[cell].needs_manual_grade) == (1.5, False)
        comments = {one.cell.name: one.comment for one in submission.notebooks[0].comments}
        assert comments["think"] == "Nice."

    graded_class.change(is_given)
    undo(graded_class)
    graded_class.change(is_given)


def test_what_a_person_gives_after_a_regrade_survives_its_undoing(graded_class):
    graded_class.widen()
    graded_class.preview()
    graded_class.apply()
    graded_class.change(give)
    undo(graded_class)

    def is_settled(gradebook):
        grade = gradebook.find_grade("think", NAME, NAME, "student-02")
        assert (grade.manual_score, grade.needs_manual_grade) == (1.5, False)
        assert gradebook.find_grade("think", NAME, NAME, "student-01").needs_manual_grade

    graded_class.change(is_settled)


def test_every_state_says_who_when_and_why(graded_class, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_USER", "ta-01")
    graded_class.widen()
    graded_class.preview()
    graded_class.apply(["student-02"])
    [state] = kept(graded_class)
    assert (state.student, state.assignment, state.score) == ("student-02", NAME, 5.0)
    assert (state.who, state.why, state.number) == ("ta-01", "a wider tolerance", 1)


def test_any_state_is_brought_back_by_its_name(graded_class):
    graded_class.widen()
    graded_class.preview()
    graded_class.apply()
    graded_class.widen(10.0)
    graded_class.preview()
    graded_class.apply(["student-03"])
    first = next(one for one in kept(graded_class) if one.student == "student-03")
    with RunGradebook(graded_class.url) as gradebook:
        states = named_states(gradebook, [first.id[:8]])
        with pytest.raises(NoSuchState, match="No states are called"):
            named_states(gradebook, ["none"])
    graded_class.regrade.bring_back(states, "the first was right")
    assert graded_class.scores() == AFTER


def test_what_is_undone_stays_until_it_is_regraded_by_name_or_handed_in_anew(graded_class):
    graded_class.widen()
    graded_class.preview()
    graded_class.apply()
    undo(graded_class)
    graded_class.graded.clear()
    graded_class.autograde()
    assert graded_class.scores() == BEFORE and graded_class.graded == []
    graded_class.preview()
    graded_class.apply(["student-02"])
    assert graded_class.scores() == AFTER
    (graded_class.mini.course.submitted("student-03", NAME) / "more.txt").write_text("new")
    graded_class.graded.clear()
    graded_class.autograde()
    assert graded_class.graded == ["student-03"]


def test_autograde_keeps_what_it_replaces_too(graded_class):
    before = graded_class.rows(), graded_class.folders()
    graded_class.widen()
    graded_class.autograde()
    assert graded_class.scores() == AFTER
    undo(graded_class)
    assert (graded_class.rows(), graded_class.folders()) == before


def test_a_due_date_is_previewed_with_its_reason_and_nothing_is_graded(graded_class):
    graded_class.mini.config.AssignLatePenalties.plugin_class = OnePointAnHour
    graded_class.change(move_due_date)
    shown = graded_class.preview()["student-01"]
    assert shown[:2] == (6.0, 4.0)
    [line] = shown[2]
    assert (line.what, line.old, line.new) == ("late penalty", 0.0, -2.0)
    assert "due date 2030-03-01 00:00 → 2030-02-28 21:00" in line.why
    assert graded_class.graded == [] and graded_class.scores()["student-01"] == 6.0


def test_a_due_date_is_applied_undone_and_no_report_follows_it_then(graded_class):
    before = graded_class.rows()
    graded_class.mini.config.AssignLatePenalties.plugin_class = OnePointAnHour
    graded_class.change(move_due_date)
    graded_class.preview()
    graded_class.apply()
    assert graded_class.scores()["student-01"] == 4.0
    undo(graded_class)
    graded_class.autograde()
    with RunGradebook(graded_class.url) as gradebook:  # as `make report` does
        assert follow_lateness(gradebook, graded_class.mini.config, lambda whose: True) == []
    assert graded_class.scores()["student-01"] == 6.0
    graded_class.change(lambda gradebook: move_due_date(gradebook, 0))
    assert graded_class.rows() == before


def test_another_submission_is_told_as_the_reason(graded_class):
    (graded_class.mini.course.submitted("student-02", NAME) / "mended.txt").write_text("new")
    line = Line("test-double", CHECKS[0], 0.0, 1.0, "another submission")
    assert graded_class.preview() == {"student-02": (5.0, 6.0, [line])}


def test_points_given_after_the_preview_are_looked_at_again(graded_class):
    graded_class.widen()
    graded_class.preview()
    graded_class.change(give)
    outcome = graded_class.apply()
    assert outcome.remarks == [f"student-02 {NAME} {AGAIN}"]
    assert {one.student for one in outcome.changes} == {"student-01", "student-03"}


def test_what_was_not_shown_is_not_applied(graded_class):
    with pytest.raises(NothingShown, match="look first"):
        graded_class.apply()
    graded_class.preview()
    graded_class.mini.config.AssignLatePenalties.plugin_class = OnePointAnHour
    graded_class.change(move_due_date)
    assert graded_class.apply().remarks == [f"{student} {NAME} {NEVER}" for student in CLASS]
    assert graded_class.scores() == BEFORE


def test_a_submission_without_grades_is_left_to_autograde(graded_class):
    graded_class.mini.submit("student-09", graded_class.mini.notebook())
    outcome = graded_class.regrade.preview(1, lambda number: pytest.fail("nothing is graded"))
    assert outcome.changes == []
    assert outcome.remarks == ["1 submissions have no grades yet: `make autograde`"]


def test_an_apply_that_fails_halfway_goes_on_and_is_undone_as_one(graded_class, monkeypatch):
    before = graded_class.rows(), graded_class.folders()
    graded_class.widen()
    graded_class.preview()
    killed_before(monkeypatch, "kept_outcomes", "student-02", graded_class.apply)
    assert graded_class.scores() == AFTER  # the second is written, and not known to be
    assert len(survey(graded_class.mini.course, graded_class.mini.config).tasks) == 2
    graded_class.apply()
    assert survey(graded_class.mini.course, graded_class.mini.config).tasks == []
    assert [one.student for one in kept(graded_class)] == CLASS
    assert graded_class.graded == CLASS
    undo(graded_class)
    assert (graded_class.rows(), graded_class.folders()) == before


def test_a_submission_is_old_or_new_wherever_an_apply_is_killed(graded_class, monkeypatch):
    graded_class.widen()
    graded_class.preview()
    old = graded_class.rows()
    killed_before(monkeypatch, "write_comments", "student-01", graded_class.apply)
    assert graded_class.rows() == old and kept(graded_class) == []
    killed_before(monkeypatch, "note", "student-02", graded_class.apply)
    assert [one.student for one in kept(graded_class)] == ["student-01"]
    graded_class.apply()
    assert graded_class.scores() == AFTER


def test_an_undo_that_is_killed_goes_on_with_the_next_command(graded_class, monkeypatch):
    before = graded_class.rows(), graded_class.folders()
    graded_class.widen()
    graded_class.preview()
    graded_class.apply()
    killed_before(monkeypatch, "put_back", "student-02", lambda: undo(graded_class))
    assert graded_class.rows() == before[0]
    graded_class.preview()
    assert graded_class.folders() == before[1]


def killed_before(monkeypatch, what, student, act):
    """Act in a process that is killed as soon as it is about to do something for a student."""

    def stop(original):
        def deadly(*given, **named):
            if student in " ".join(map(str, given)):
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*given, **named)

        return deadly

    with monkeypatch.context() as patched:
        places = {
            "kept_outcomes": "grading.engine.save.kept_outcomes",
            "write_comments": "grading.grades.gradebook.write_comments",
            "note": "grading.grades.gradebook.note",
            "put_back": "grading.engine.regrade.regrade.put_back",
        }
        holder, _, name = places[what].rpartition(".")
        target = import_module(holder)
        patched.setattr(target, name, stop(getattr(target, name)))
        process = multiprocessing.get_context("fork").Process(target=act)
        process.start()
        process.join()
    assert process.exitcode == -signal.SIGKILL
