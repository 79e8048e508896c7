"""What is not graded again still follows: lateness, without a kernel; and what a person gave."""

from datetime import datetime, timedelta

import pytest
from by_hand import grade_by_hand
from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin

from grading.engine.autograde import autograde
from grading.engine.tasks import survey
from grading.grades.grade import grade_submission
from grading.nbgrader_steps.autograde_converter import SealedAutograde
from grading.pipeline.feedback import outdated
from grading.report.grades import grades_table
from trials.gradebook import db_url_of

DUE = datetime(2030, 3, 1)
BOTH = ["student-01", "student-02"]


class OnePointAnHour(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return total_seconds_late / 3600


def hand_in(mini, student, hours_late, **answers):
    mini.submit(student, mini.notebook(**answers))
    moment = DUE + timedelta(hours=hours_late)
    (mini.course.submitted(student, "01_mini") / "timestamp.txt").write_text(f"{moment} UTC")


@pytest.fixture
def pools(unrun, monkeypatch):
    """Return the pools of all runs, in which answers are read as they are but nothing is run."""

    def graded(kit, submitted, how):
        graded = grade_submission(kit, submitted, execute=False)
        graded.scores |= {"test-double": 3.0, "test-halve": 2.0}
        return graded

    return grade_by_hand(monkeypatch, graded)


@pytest.fixture
def late(unrun, pools):
    """Return a course with two submissions, each two hours late, of which each cost a point."""
    unrun.config.AssignLatePenalties.plugin_class = OnePointAnHour
    with Gradebook(db_url_of(unrun.course)) as gradebook:
        gradebook.update_or_create_assignment("01_mini", duedate=DUE)
    for student in BOTH:
        hand_in(unrun, student, 2, think="Because.")
    by_make(unrun)
    pools.clear()
    return unrun


def by_make(mini, **which):
    found = survey(mini.course, mini.config, "01_mini", **which)
    return autograde(mini.course, mini.config, found.tasks, 1, lambda done: None, found.up_to_date)


def by_nbgrader(mini, student="*", force=False):
    coursedir = mini.api.coursedir
    coursedir.assignment_id, coursedir.student_id = "01_mini", student
    SealedAutograde(coursedir, config=mini.config, force=force).start()


WAYS = pytest.mark.parametrize("grade", [by_make, by_nbgrader])


def penalties(mini):
    table = grades_table(db_url_of(mini.course))
    return dict(zip(table["student"], table["late_penalty"], strict=True))


def change(mini, edit):
    with Gradebook(db_url_of(mini.course)) as gradebook:
        edit(gradebook)
        gradebook.db.commit()


def move_due_date(gradebook):
    gradebook.find_assignment("01_mini").duedate = DUE + timedelta(hours=1)


def extend(gradebook):
    submission = gradebook.find_submission("01_mini", "student-01")
    submission.extension = timedelta(hours=1)


@WAYS
@pytest.mark.parametrize(("edit", "lost"), [(move_due_date, [1, 1]), (extend, [1, 2])])
def test_penalties_follow_without_a_kernel(late, pools, grade, edit, lost):
    change(late, edit)
    grade(late)
    assert [*penalties(late).values()] == lost
    assert pools == []


@WAYS
def test_a_penalty_follows_the_policy(late, pools, grade):
    late.config.AssignLatePenalties.plugin_class = LateSubmissionPlugin
    grade(late)
    assert [*penalties(late).values()] == [0, 0]
    assert pools == []


@WAYS
def test_a_penalty_follows_the_time_of_handing_in(late, pools, grade):
    hand_in(late, "student-02", 1, think="Because.")
    grade(late)
    assert [*penalties(late).values()] == [2, 1]
    assert pools == []
    graded = late.course.autograded("student-02", "01_mini") / "timestamp.txt"
    assert graded.read_text() == f"{DUE + timedelta(hours=1)} UTC"
    assert graded.stat().st_mode & 0o777 == 0o444


@WAYS
def test_a_time_that_is_taken_away_is_gone_from_the_graded_folder(late, grade):
    (late.course.submitted("student-02", "01_mini") / "timestamp.txt").unlink()
    grade(late)
    assert [*penalties(late).values()] == [2, 0]
    assert not (late.course.autograded("student-02", "01_mini") / "timestamp.txt").exists()


@WAYS
def test_students_who_are_not_chosen_are_left(late, grade):
    change(late, move_due_date)
    grade(late, student="student-02")
    assert [*penalties(late).values()] == [2, 1]


@WAYS
def test_excluded_students_are_left(late, grade):
    late.config.CourseDirectory.student_id_exclude = "student-01"
    change(late, move_due_date)
    grade(late)
    assert [*penalties(late).values()] == [2, 1]


def test_a_due_date_that_moves_makes_feedback_old(late):
    before = {page.student: page.made_from for page in pages(late)}
    change(late, extend)
    by_make(late)
    after = {page.student: page.made_from for page in pages(late)}
    assert [student for student in BOTH if before[student] != after[student]] == ["student-01"]


def pages(mini):
    return outdated(mini.course, db_url_of(mini.course))


def give(gradebook):
    """Give points for the written answer and overrule a test, as a person does in Formgrader."""
    for cell in ("think", "test-double"):
        grade = gradebook.find_grade(cell, "01_mini", "01_mini", "student-01")
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 1.5, 0.5, False
    gradebook.find_comment("think", "01_mini", "01_mini", "student-01").manual_comment = "Nice."


def given(mini):
    """Return which cells wait, having seen that what a person gave is there."""
    with Gradebook(db_url_of(mini.course)) as gradebook:
        submission = gradebook.find_submission("01_mini", "student-01")
        grades = {grade.cell.name: grade for grade in submission.notebooks[0].grades}
        for cell in ("think", "test-double"):
            assert (grades[cell].manual_score, grades[cell].extra_credit) == (1.5, 0.5)
        comment = gradebook.find_comment("think", "01_mini", "01_mini", "student-01")
        assert comment.comment == "Nice."
        return {name for name, grade in grades.items() if grade.needs_manual_grade}


@WAYS
def test_a_regrade_of_the_same_answers_waits_for_nobody(late, grade):
    change(late, give)
    grade(late, force=True)
    assert given(late) == set()


@WAYS
def test_another_file_or_secret_makes_no_other_answer(late, pools, grade):
    change(late, give)
    folder = late.course.submitted("student-01", "01_mini")
    (folder / "submission_secret.txt").write_text("another")
    notebook = folder / "01_mini.ipynb"
    notebook.write_text(notebook.read_text() + "\n")
    grade(late)
    assert len(pools) == 1 and given(late) == set()


@WAYS
@pytest.mark.parametrize(
    ("answers", "waits"),
    [
        ({"think": "Another thought."}, {"think"}),
        ({"think": "Because.", "double": "def double(x):\n    return x"}, {"test-double"}),
    ],
)
def test_an_answer_that_changed_waits_and_no_other(late, grade, answers, waits):
    change(late, give)
    hand_in(late, "student-01", 2, **answers)
    grade(late)
    assert given(late) == waits


@WAYS
def test_another_hidden_test_leaves_what_a_person_gave(late, pools, grade):
    change(late, give)
    file = late.released.file
    file.write_text(file.read_text().replace("doubles nothing", "doubles nothing at all"))
    grade(late)
    assert len(pools) == 1 and given(late) == set()


@WAYS
def test_a_submission_that_cannot_be_read_is_the_same_as_long_as_its_files_are(late, grade):
    file = late.course.submitted("student-01", "01_mini") / "01_mini.ipynb"
    file.write_text("{")
    grade(late)
    change(late, give)
    grade(late, force=True)
    waiting = given(late)
    assert not {"think", "test-double"} & waiting
    file.write_text("{{")
    grade(late)
    assert {"think", "test-double"} <= given(late)
