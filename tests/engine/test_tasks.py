"""What is new or changed is graded, nothing else; changed tests and limits grade everybody."""

import shutil

import nbformat
import pytest

from grading.course.errors import NotReleased, UnknownAssignment
from grading.course.released import ReleasedNotebook
from grading.engine.autograde import autograde
from grading.engine.options import Options
from grading.engine.tasks import NothingSubmitted, graded_stamp, pending, refuse_nothing
from grading.grades.gradebook import RunGradebook
from grading.sandbox.settings import Sandbox

BOTH = ["student-01", "student-02"]


@pytest.fixture
def submitted(unrun):
    for student in BOTH:
        unrun.submit(student, unrun.notebook())
    return unrun


def waiting(mini, **options):
    return [task.student for task in pending(mini.course, mini.config, **options)]


def grade(mini):
    tasks = pending(mini.course, mini.config)
    assert autograde(mini.course, mini.config, tasks, 1, lambda last: None) == []


def test_everything_new_waits_in_order_and_nothing_graded_does(submitted):
    assert waiting(submitted) == BOTH
    grade(submitted)
    assert waiting(submitted) == []


def test_force_grades_what_is_up_to_date(submitted):
    grade(submitted)
    assert waiting(submitted, force=True) == BOTH


@pytest.mark.parametrize(
    "name", ["01_mini.ipynb", "helper.py", "data/own.csv", "data/timestamp.txt"]
)
def test_a_change_of_any_submitted_file_grades_that_student_again(submitted, name):
    grade(submitted)
    file = submitted.course.submitted("student-02", "01_mini") / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("changed")
    assert waiting(submitted) == ["student-02"]


def test_another_time_of_handing_in_grades_nobody(submitted):
    grade(submitted)
    (submitted.course.submitted("student-02", "01_mini") / "timestamp.txt").write_text("changed")
    assert waiting(submitted) == []


def test_a_file_that_is_taken_away_grades_that_student_again(submitted):
    helper = submitted.course.submitted("student-02", "01_mini") / "helper.py"
    helper.write_text("mine")
    grade(submitted)
    helper.unlink()
    assert waiting(submitted) == ["student-02"]


def test_a_graded_folder_that_is_gone_is_made_again(submitted):
    grade(submitted)
    submitted.course.autograded("student-01", "01_mini").rename(submitted.course.root / "away")
    assert waiting(submitted) == ["student-01"]


def test_what_another_gradebook_does_not_know_is_graded_again(submitted):
    grade(submitted)
    url = f"sqlite:///{submitted.course.root}/other.db"
    submitted.config.CourseDirectory.db_url = url
    assert waiting(submitted) == BOTH


def test_what_an_older_gradebook_was_graded_from_is_graded_again(submitted):
    grade(submitted)
    file = submitted.course.root / "gradebook.db"
    older = file.read_bytes()
    submitted.submit("student-02", submitted.notebook(double="changed"))
    grade(submitted)
    file.write_bytes(older)
    assert waiting(submitted) == ["student-02"]


def test_every_changed_limit_of_the_sandbox_grades_everybody_again(submitted):
    grade(submitted)
    limits = Sandbox.class_own_traits(config=True)
    assert len(limits) > 10
    unnoticed = [name for name in limits if waiting_with_another(name, submitted) != BOTH]
    assert unnoticed == []


def waiting_with_another(limit, mini):
    now = getattr(Options.of(mini.config).sandbox, limit)
    config = mini.config.copy()
    config.Sandbox[limit] = (not now) if isinstance(now, bool) else now * 2
    return [task.student for task in pending(mini.course, config)]


@pytest.mark.parametrize("name", ["cell_seconds", "memory_mb"])
def test_a_limit_that_is_set_to_what_it_was_grades_nobody(submitted, name):
    grade(submitted)
    submitted.config.Sandbox[name] = getattr(Options.of(submitted.config).sandbox, name)
    assert waiting(submitted) == []


def test_grading_without_running_counts_as_something_else(submitted):
    grade(submitted)
    submitted.config.Execute.enabled = False
    assert waiting(submitted) == BOTH


def change_released(mini, change):
    notebook = mini.released.solved()
    change({cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells})
    nbformat.write(notebook, mini.released.file)


def test_other_points_grade_everybody_again(submitted):
    grade(submitted)
    change_released(
        submitted, lambda cells: cells["test-double"].metadata.nbgrader.update(points=5)
    )
    assert waiting(submitted) == BOTH


@pytest.mark.parametrize("name", ["test-double", "double", "imports"])
def test_other_code_in_the_release_grades_everybody_again(submitted, name):
    grade(submitted)

    def edit(cells):
        cells[name].source += "\npass"

    change_released(submitted, edit)
    assert waiting(submitted) == BOTH


def test_another_handed_out_file_grades_everybody_again(submitted):
    grade(submitted)
    (submitted.released.handout / "numbers.csv").write_text("1,2")
    assert waiting(submitted) == BOTH


@pytest.fixture
def two_assignments(submitted, monkeypatch):
    """Return a course with a second assignment like the first; both are graded."""
    in_gradebook = {}
    monkeypatch.setattr(RunGradebook, "made_from", lambda self: in_gradebook)
    course = submitted.course
    for folder in (course.source, course.answer_key):
        shutil.copytree(folder("01_mini"), folder("02_more"))
    described = course.source("02_more") / "assignment.toml"
    described.write_text('title = "More"\norder = 2\n')
    shutil.copytree(
        course.submitted("student-01", "01_mini"), course.submitted("student-01", "02_more")
    )
    for task in pending(course, submitted.config):
        course.autograded(task.student, task.assignment).mkdir(parents=True)
        graded_stamp(course, task.student, task.assignment).put(task.made_from)
        in_gradebook[task.student, task.assignment] = task.made_from
    assert waiting(submitted) == []
    return submitted


@pytest.mark.parametrize(
    ("changed", "waits"),
    [
        ("01_mini", [("student-01", "01_mini"), ("student-02", "01_mini")]),
        ("02_more", [("student-01", "02_more")]),
    ],
)
def test_each_assignment_is_graded_by_its_own_release(two_assignments, changed, waits):
    handout = ReleasedNotebook(two_assignments.course, changed).handout
    (handout / "numbers.csv").write_text("1,2")
    tasks = pending(two_assignments.course, two_assignments.config)
    assert [(task.student, task.assignment) for task in tasks] == waits


def test_another_salt_grades_everybody_again(submitted):
    grade(submitted)
    (submitted.course.root / "salt.txt").write_text("another secret")
    assert waiting(submitted) == BOTH


def test_only_the_student_who_is_named_is_graded(submitted):
    assert waiting(submitted, student="student-02") == ["student-02"]
    assert waiting(submitted, student="student-03") == []


def test_a_pattern_names_several_students_by_case(submitted):
    submitted.submit("other", submitted.notebook())
    assert waiting(submitted, student="student-*") == BOTH
    assert waiting(submitted, student="Student-*") == []


def test_a_student_who_is_called_like_a_pattern_stands_for_no_other(submitted):
    for student in ("y", "[y]"):
        submitted.submit(student, submitted.notebook())
    assert waiting(submitted, student="[y]") == ["[y]"]
    assert waiting(submitted, student="y") == ["y"]


@pytest.mark.parametrize("force", [False, True])
def test_an_excluded_student_never_waits(submitted, force):
    submitted.config.CourseDirectory.student_id_exclude = "student-01"
    assert waiting(submitted, force=force) == ["student-02"]
    assert waiting(submitted, student="student-01", force=force) == []


def test_an_assignment_that_is_mistyped_is_refused_with_the_nearest(submitted):
    with pytest.raises(UnknownAssignment, match="did you mean 01_mini"):
        waiting(submitted, assignment="01_mimi")


def test_an_assignment_that_was_never_released_is_refused_with_what_to_do(submitted):
    submitted.released.file.unlink()
    with pytest.raises(NotReleased, match="make release"):
        waiting(submitted)


def test_a_folder_of_no_assignment_is_nobodys_submission(submitted):
    (submitted.course.root / "submitted" / "student-01" / "holiday").mkdir()
    (submitted.course.root / "submitted" / "notes.txt").write_text("of the teacher's")
    assert waiting(submitted) == BOTH


def test_a_student_who_handed_in_nothing_is_named(submitted):
    with pytest.raises(NothingSubmitted, match="submitted/student-03/01_mini"):
        refuse_nothing(submitted.course, submitted.config, "01_mini", "student-03")


def test_an_excluded_student_is_named_with_the_setting(submitted):
    submitted.config.CourseDirectory.student_id_exclude = "student-01"
    with pytest.raises(NothingSubmitted, match=r"student-01: .*student_id_exclude"):
        refuse_nothing(submitted.course, submitted.config, "01_mini", "student-01")
    refuse_nothing(submitted.course, submitted.config, "01_mini", "*")
