"""nbgrader's command and interface grade by our engine, and obey nbgrader's own options."""

import shutil

import pytest
from by_hand import grade_by_hand
from nbgrader.api import Gradebook
from nbgrader.apps import api, autogradeapp
from nbgrader.converters import Autograde

from grading.engine import autograde as engine
from grading.engine.lock import only_grader
from grading.engine.slot import WorkerDown
from grading.nbgrader_steps.autograde_converter import SealedAutograde, install
from grading.sandbox.bubblewrap import SandboxError
from trials.gradebook import db_url_of, gradebook_rows

pytestmark = pytest.mark.usefixtures("submitted")

BOTH = ["student-01", "student-02"]


@pytest.fixture
def submitted(unrun):
    for student in BOTH:
        unrun.submit(student, unrun.notebook())
    return unrun


def graded(mini):
    return sorted(path.parts[-3] for path in mini.course.root.glob("autograded/*/*/*.ipynb"))


def press(mini, student="student-01", assignment="01_mini", **options):
    return mini.api.autograde(assignment, student, **options)


def test_both_of_nbgraders_applications_look_for_ours(monkeypatch):
    for application in (autogradeapp, api):
        monkeypatch.setattr(application, "Autograde", Autograde)
    install()
    assert autogradeapp.Autograde is api.Autograde is SealedAutograde


def test_the_command_grades_everybody_and_names_them(command, submitted):
    status, log = command()
    assert status == 0 and graded(submitted) == BOTH
    assert all(f"Autograded, sealed: {student} 01_mini" in log for student in BOTH)


def test_what_could_not_be_graded_is_not_told_as_graded(command, monkeypatch):
    def burn(kit, folder, how):
        raise RuntimeError("the disk is on fire")

    grade_by_hand(monkeypatch, burn)
    status, log = command()
    assert status == 1 and "Autograded" not in log
    assert "student-01 01_mini: RuntimeError: the disk is on fire" in log


def test_what_was_settled_is_told_with_the_reason(command, monkeypatch):
    by_hand = engine.open_pool(None, 1, None).grade

    def go_down(kit, folder, how):
        if "execute" in how:
            raise WorkerDown("its worker is gone", {}, "died", 1.0)
        return by_hand(kit, folder, how)

    grade_by_hand(monkeypatch, go_down)
    status, log = command()
    assert status == 0 and "Autograded, sealed: student-01 01_mini" in log
    assert "student-01 01_mini: settled with what it had earned: its worker is gone" in log


def test_the_button_grades_one(submitted):
    assert press(submitted)["success"]
    assert graded(submitted) == ["student-01"]


def test_the_command_can_be_told_one_student(command, submitted):
    command("--student=student-02")
    assert graded(submitted) == ["student-02"]


def test_what_is_up_to_date_is_not_graded_again_and_that_is_said(command):
    command()
    status, log = command()
    assert status == 0 and "Nothing is new or changed; --force" in log
    assert "Autograded" not in log


@pytest.mark.parametrize("force", ["--force", "-f", "--BaseConverter.force=True"])
def test_force_grades_again(command, force):
    command()
    assert command(force)[1].count("Autograded, sealed") == 2


def test_the_button_grades_again_unless_told_otherwise(submitted):
    press(submitted)
    assert "Autograded, sealed" in press(submitted)["log"]
    assert "Nothing is new" in press(submitted, force=False)["log"]


def test_a_student_with_a_pattern_for_a_name_who_is_up_to_date_is_found(command, submitted):
    submitted.submit("[y]", submitted.notebook())
    command()
    status, log = command("--student=[y]")
    assert status == 0 and "Nothing is new or changed" in log


@pytest.mark.parametrize("no", ["--no-execute", "--Execute.enabled=False"])
def test_notebooks_that_are_not_to_be_run_are_not(command, monkeypatch, no):
    executed = []

    def note(kit, folder, how):
        executed.append(how["execute"])
        raise RuntimeError("enough")

    grade_by_hand(monkeypatch, note)
    command(no)
    assert executed == [False, False]


def test_strangers_are_taken_in_where_nothing_else_is_said(command, submitted):
    command()
    assert sorted(gradebook_rows(submitted.course, "01_mini")) == BOTH


def test_the_command_can_refuse_strangers_by_name(command, submitted):
    status, log = command("--Autograde.create_student=False")
    assert status == 1 and graded(submitted) == []
    assert all(f"No student with ID '{student}' exists in the database" in log for student in BOTH)
    assert gradebook_rows(submitted.course, "01_mini") == {}


def test_the_interface_can_refuse_strangers(submitted):
    answer = press(submitted, create=False)
    assert not answer["success"] and "No student with ID 'student-01'" in answer["log"]
    assert gradebook_rows(submitted.course, "01_mini") == {}


def test_the_button_takes_in_no_stranger_where_the_course_refuses_them(submitted):
    submitted.config.Autograde.create_student = False
    answer = press(submitted, create=True)
    assert not answer["success"] and "No student with ID 'student-01'" in answer["log"]
    assert gradebook_rows(submitted.course, "01_mini") == {}


def test_a_known_student_is_graded_where_strangers_are_refused(command, submitted):
    with Gradebook(db_url_of(submitted.course)) as gradebook:
        gradebook.add_student("student-02")
    assert command("--Autograde.create_student=False")[0] == 1
    assert graded(submitted) == ["student-02"]


def test_excluded_students_are_left_out(command, submitted):
    assert command("--CourseDirectory.student_id_exclude=student-01,other")[0] == 0
    assert graded(submitted) == ["student-02"]


def test_asking_for_an_excluded_student_is_refused_with_the_setting(command, submitted):
    exclude = "--CourseDirectory.student_id_exclude=student-01"
    status, log = command(exclude, "--student=student-01")
    assert status == 1 and "left out by CourseDirectory.student_id_exclude" in log
    assert graded(submitted) == []


def test_a_student_who_handed_in_nothing_is_refused(submitted):
    answer = press(submitted, student="student-03")
    assert not answer["success"]
    assert "No submissions were matched by 'submitted/student-03/01_mini'" in answer["log"]


def test_a_mistyped_assignment_is_refused_with_the_nearest(command):
    status, log = command(assignment="01_mimi")
    assert status == 1 and "did you mean 01_mini?" in log


def test_an_assignment_that_was_never_released_is_refused_with_what_to_do(command, submitted):
    submitted.released.file.unlink()
    status, log = command()
    assert status == 1 and "make release" in log and "generate_assignment" in log


def test_an_assignment_that_the_gradebook_does_not_know_is_refused(command, submitted):
    with Gradebook(db_url_of(submitted.course)) as gradebook:
        gradebook.remove_assignment("01_mini")
    status, log = command()
    assert status == 1 and "The gradebook does not know 01_mini" in log


def test_another_notebook_than_the_assignments_is_refused_by_name(command, submitted):
    status, log = command("--notebook=p2")
    assert status == 1 and "No notebooks were matched by 'p2'" in log
    assert graded(submitted) == []
    assert command("--notebook=01*")[0] == 0


def test_another_run_at_the_same_time_is_refused_in_a_sentence(command, submitted):
    with only_grader(submitted.course):
        status, log = command()
    assert status == 1 and "Somebody is grading this course" in log and "Traceback" not in log


def test_without_a_sandbox_nothing_is_graded_and_that_is_said(command, submitted, monkeypatch):
    def refuse(*_):
        raise SandboxError("bubblewrap is missing")

    grade_by_hand(monkeypatch, refuse)
    status, log = command()
    assert status == 1 and "bubblewrap is missing" in log and "Traceback" not in log
    assert graded(submitted) == []


def test_one_that_fails_is_named_and_the_others_are_graded(command, submitted, monkeypatch):
    by_hand = engine.open_pool(None, 1, None).grade

    def fail_for_one(kit, folder, how):
        if folder.parent.name == "student-01":
            raise RuntimeError("the disk is on fire")
        return by_hand(kit, folder, how)

    grade_by_hand(monkeypatch, fail_for_one)
    status, log = command()
    assert status == 1 and "student-01 01_mini: RuntimeError: the disk is on fire" in log
    assert graded(submitted) == ["student-02"]


def test_every_reason_is_in_the_log(command, monkeypatch):
    def fail(*_):
        raise RuntimeError("the disk is on fire")

    grade_by_hand(monkeypatch, fail)
    assert command()[1].count("the disk is on fire") >= 2


def test_another_gradebook_can_be_named(command, submitted):
    root = submitted.course.root
    (root / "gradebook.db").rename(root / "other.db")
    assert command(f"--db=sqlite:///{root}/other.db")[0] == 0
    (root / "other.db").rename(root / "gradebook.db")
    assert sorted(gradebook_rows(submitted.course, "01_mini")) == BOTH


def test_the_interface_writes_into_the_gradebook_it_was_given(submitted):
    root = submitted.course.root
    shutil.copy(root / "gradebook.db", root / "other.db")
    submitted.api.coursedir.db_url = f"sqlite:///{root}/other.db"
    assert press(submitted)["success"]
    assert gradebook_rows(submitted.course, "01_mini") == {}
    (root / "other.db").rename(root / "gradebook.db")
    assert sorted(gradebook_rows(submitted.course, "01_mini")) == ["student-01"]


def test_a_limit_said_to_the_command_holds_for_its_grading(command, monkeypatch):
    limits = []

    def note(kit, folder, how):
        limits.append(kit.settings.cell_seconds)
        raise RuntimeError("enough")

    grade_by_hand(monkeypatch, note)
    command("--Sandbox.cell_seconds=7")
    assert limits == [7, 7]
