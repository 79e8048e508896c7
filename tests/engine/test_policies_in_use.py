"""What `policies.toml` says is followed by every run, shown in feedback, and seen by a regrade."""

from datetime import datetime, timedelta

import pytest
from graded_class import CLASS, DUE, NAME
from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin

from grading.course.policies import BadPolicies
from grading.grades.class_grades import class_grades
from grading.grades.gradebook import RunGradebook
from grading.grades.told import told_of_all
from grading.nbgrader_steps.autograde_converter import SealedAutograde
from grading.report.feedback_page import _times

LATE = """
[late]
per_day = 10
grace = "30 min"
at_most = 50
[due]
01_mini = 2030-02-27T20:00:00
"""
MINUS = "\N{MINUS SIGN}"


def write(graded_class, text):
    (graded_class.mini.course.root / "policies.toml").write_text(text)


def penalties(graded_class):
    found = class_grades(graded_class.url).submissions
    return {one.student: one.late_penalty for one in found if one.handed_in}


def test_due_date_and_penalty_follow_the_file_without_a_kernel(graded_class):
    write(graded_class, LATE)
    graded_class.autograde()
    [work] = class_grades(graded_class.url).assignments
    assert work.due == datetime(2030, 2, 27, 20)
    assert penalties(graded_class) == {"student-01": 1.2, "student-02": 1.0, "student-03": 1.0}
    assert graded_class.graded == []


def test_nbgraders_own_command_follows_it_too(graded_class):
    write(graded_class, LATE)
    coursedir = graded_class.mini.api.coursedir
    coursedir.assignment_id = NAME
    SealedAutograde(coursedir, config=graded_class.mini.config).start()
    assert penalties(graded_class)["student-01"] == 1.2


def test_a_student_who_has_longer_loses_less_and_others_do_not(graded_class):
    write(graded_class, LATE + '[extensions.student-01]\n01_mini = "1 day"\n')
    graded_class.autograde()
    assert penalties(graded_class) == {"student-01": 0.6, "student-02": 1.0, "student-03": 1.0}


def test_who_has_longer_and_has_handed_in_nothing_is_entered(graded_class):
    write(graded_class, LATE + '[extensions.student-09]\n01_mini = "1 day"\n')
    graded_class.autograde()
    found = {one.student: one for one in class_grades(graded_class.url).submissions}
    assert found["student-09"].extension == timedelta(days=1)
    assert found["student-09"].handed_in is None


def test_an_extension_that_is_taken_out_of_the_file_is_gone(graded_class):
    write(graded_class, LATE + '[extensions.student-01]\n01_mini = "1 day"\n')
    graded_class.autograde()
    write(graded_class, LATE + "[extensions]\n")
    graded_class.autograde()
    assert penalties(graded_class)["student-01"] == 1.2


def test_what_the_file_does_not_say_is_as_formgrader_says(graded_class):
    def extend(gradebook):
        gradebook.find_submission(NAME, "student-01").extension = timedelta(hours=5)

    graded_class.change(extend)
    write(graded_class, "[late]\nper_day = 10\n")
    graded_class.autograde()
    [work] = class_grades(graded_class.url).assignments
    found = {one.student: one.extension for one in class_grades(graded_class.url).submissions}
    assert work.due == DUE and found["student-01"] == timedelta(hours=5)


def test_the_rule_that_was_applied_is_shown_in_feedback(graded_class):
    write(graded_class, LATE)
    graded_class.autograde()
    with RunGradebook(graded_class.url) as gradebook:
        told = told_of_all(gradebook, NAME)
    assert _times(told["student-01"]) == (
        "Handed in 2030-02-28 23:00:00 UTC, due 2030-02-27 20:00:00 UTC, 1 day 3 hours late: "
        f"{MINUS}10 % of the points for each day begun after 30 minutes of grace, at most 50 %"
    )


def test_of_what_is_in_time_no_rule_is_told(graded_class):
    write(graded_class, "[late]\nper_day = 10\n")
    graded_class.widen()  # so that all are graded by the rule
    graded_class.autograde()
    with RunGradebook(graded_class.url) as gradebook:
        told = told_of_all(gradebook, NAME)
    assert {told[student].late_rule for student in CLASS} == {""}


def test_a_regrade_shows_another_rule_before_any_penalty_is_written(graded_class):
    write(graded_class, LATE)
    graded_class.autograde()
    write(graded_class, LATE.replace("per_day = 10", "per_day = 5"))
    [line] = graded_class.preview()["student-01"][2]
    assert (line.what, line.old, line.new) == ("late penalty", -1.2, -0.6)
    assert f"late policy changed: {MINUS}10 %" in line.why and f"→ {MINUS}5 %" in line.why
    assert penalties(graded_class)["student-01"] == 1.2


def test_a_file_that_cannot_be_used_stops_a_run_before_anything_is_done(graded_class):
    before = graded_class.rows()
    write(graded_class, "[late]\nper_day = 'much'\n")
    graded_class.widen()
    with pytest.raises(BadPolicies, match="line 2: per_day cannot be so"):
        graded_class.autograde()
    assert graded_class.rows() == before and graded_class.graded == []


@pytest.mark.parametrize(
    ("setting", "name", "value"),
    [
        ("LateSubmissionPlugin", "penalty_method", "zero"),
        ("AssignLatePenalties", "plugin_class", LateSubmissionPlugin),
    ],
)
def test_lateness_is_said_in_one_place_only(graded_class, setting, name, value):
    before = graded_class.rows()
    write(graded_class, LATE)
    graded_class.mini.config[setting][name] = value
    graded_class.widen()
    with pytest.raises(BadPolicies, match=f"so does c.{setting}.{name} .* remove one of them"):
        graded_class.autograde()
    assert graded_class.rows() == before


def test_without_the_file_nbgraders_own_setting_counts(graded_class):
    graded_class.mini.config.LateSubmissionPlugin.penalty_method = "zero"
    with Gradebook(graded_class.url) as gradebook:
        gradebook.find_assignment(NAME).duedate = DUE - timedelta(days=9)
        gradebook.db.commit()
    graded_class.autograde()
    assert penalties(graded_class)["student-01"] == 6.0
