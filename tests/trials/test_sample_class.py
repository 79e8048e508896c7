"""What the sample class puts into `submitted/`, takes away again, and when it is graded."""

import sys
from contextlib import contextmanager
from datetime import datetime
from types import SimpleNamespace

import nbformat
import pytest
from course_folders import add_assignment, contents
from nbformat.v4 import new_code_cell, new_notebook

from grading.course.layout import Course
from grading.course.released import ReleasedNotebook, without_solutions
from trials.sample_class import __main__ as command
from trials.sample_class import submit
from trials.sample_class.students import CLASS
from trials.sample_class.submit import remove_sample_class, submit_sample_class

NAMES = ["1_tensor", "2_layers"]
MARKS = {"schema_version": 3, "grade": False, "solution": True, "locked": False, "task": False}
SOLVED = new_notebook(
    cells=[
        new_code_cell(
            f"def {name}():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION",
            metadata={"nbgrader": MARKS | {"grade_id": name}},
        )
        for name in ("one", "two", "three")
    ]
)


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return a course of two released assignments, the second with a due date of its own."""
    course = Course(tmp_path)
    for order, name in enumerate(NAMES, start=1):
        folder = add_assignment(course, name, order=order)
        ReleasedNotebook(course, name).keep(SOLVED.copy(), folder)
        course.release(name).mkdir(parents=True)
        skeleton = without_solutions(ReleasedNotebook(course, name).solved())
        nbformat.write(skeleton, course.release(name) / f"{name}.ipynb")
    due = {name: SimpleNamespace(duedate=None) for name in NAMES}
    due["2_layers"].duedate = datetime(2026, 12, 24, 18, 0)

    @contextmanager
    def gradebook(url):
        assert url == "the gradebook"
        commit = SimpleNamespace(commit=lambda: None)
        yield SimpleNamespace(find_assignment=due.__getitem__, db=commit)

    monkeypatch.setattr(submit, "Gradebook", gradebook)
    course_due.clear()
    course_due.update(due)
    return course


course_due = {}


def submit_all(course):
    return submit_sample_class(course, "the gradebook")


def timestamp(course, student, assignment):
    return (course.submitted(student, assignment) / "timestamp.txt").read_text()


def test_everyone_submits_every_assignment_once(course):
    assert submit_all(course) == len(CLASS) * len(NAMES)
    assert set(course.submissions()) == {
        (student.name, name) for student in CLASS for name in NAMES
    }
    before = contents(course.root / "submitted")
    assert submit_all(course) == 0
    assert contents(course.root / "submitted") == before


def test_what_is_optional_is_handed_in_by_a_few(course):
    add_assignment(course, "2_layers", order=2, optional=True)
    submit_all(course)
    who = {student for student, name in course.submissions() if name == "2_layers"}
    assert who == {student.name for student in CLASS if student.keen}
    assert 0 < len(who) < 5


def test_what_is_of_another_release_or_missing_is_submitted_again(course):
    submit_all(course)
    release = course.release("1_tensor") / "1_tensor.ipynb"
    notebook = nbformat.read(release, as_version=4)
    notebook.metadata["changed"] = True
    nbformat.write(notebook, release)
    (course.submitted("student-02", "2_layers") / "2_layers.ipynb").unlink()
    assert submit_all(course) == len(CLASS) + 1


def test_what_somebody_else_has_handed_in_under_such_a_name_is_neither_changed_nor_removed(course):
    hand_in(course, "student-01", "1_tensor")
    submit_all(course)
    theirs = course.submitted("student-02", "1_tensor")
    (theirs / "1_tensor.ipynb").write_text("{}")
    (course.submitted("student-03", "1_tensor") / "notes.txt").write_text("mine")
    submit_all(course)
    remove_sample_class(course)
    left = contents(course.root / "submitted")
    assert {path: text for path, text in left.items() if "timestamp" not in path} == {
        "student-01/1_tensor/1_tensor.ipynb": b"{}",
        "student-02/1_tensor/1_tensor.ipynb": b"{}",
        "student-03/1_tensor/notes.txt": b"mine",
    }


def test_a_submission_is_the_release_with_that_students_answers(course):
    submit_all(course)
    release = course.release("1_tensor") / "1_tensor.ipynb"
    solved, untouched = (
        nbformat.read(course.submitted(student, "1_tensor") / "1_tensor.ipynb", as_version=4)
        for student in ("student-01", "student-10")
    )
    assert solved.cells[0].source == "def one():\n    return 1"
    assert untouched == nbformat.read(release, as_version=4)


def test_due_dates_are_a_week_apart_where_the_gradebook_has_none(course):
    submit_all(course)
    assert course_due["1_tensor"].duedate == submit.FIRST_DUE
    assert course_due["2_layers"].duedate == datetime(2026, 12, 24, 18, 0)


def test_all_submit_before_the_due_date_but_the_late_one(course):
    submit_all(course)
    assert timestamp(course, "student-01", "2_layers") == "2026-12-23 18:00:00 UTC\n"
    assert timestamp(course, "student-02", "2_layers") == "2026-12-24 23:00:00 UTC\n"


def hand_in(course, student, assignment):
    folder = course.submitted(student, assignment)
    folder.mkdir(parents=True)
    (folder / f"{assignment}.ipynb").write_text("{}")


def test_only_the_sample_class_is_removed(course):
    submit_all(course)
    hand_in(course, "student-99", "1_tensor")
    remove_sample_class(course)
    assert list(course.submissions()) == [("student-99", "1_tensor")]
    assert [path.name for path in (course.root / "submitted").iterdir()] == ["student-99"]


def test_one_assignment_of_the_sample_class_is_removed_alone(course):
    submit_all(course)
    remove_sample_class(course, "1_tensor")
    assert set(course.submissions()) == {(student.name, "2_layers") for student in CLASS}
    remove_sample_class(course, "2_layers")
    assert list((course.root / "submitted").iterdir()) == []


def test_removing_a_class_that_is_not_there_is_no_error(course):
    remove_sample_class(course)
    remove_sample_class(course, "1_tensor")


@pytest.fixture
def taken(monkeypatch):
    """Return a list of what the command does; a step's exit status is what `failing` names."""
    taken = []
    monkeypatch.setattr(command, "load_config", lambda root: None)
    monkeypatch.setattr(
        command, "Options", SimpleNamespace(of=lambda _: SimpleNamespace(db_url=""))
    )
    monkeypatch.setattr(command, "submit_sample_class", lambda *_: taken.append("submit") or 3)
    monkeypatch.setattr(command, "run_steps", lambda arguments, names: taken.extend(names) or 0)
    return taken


def run(monkeypatch, course, *arguments):
    monkeypatch.setattr(sys, "argv", ["sample_class", "--root", str(course.root), *arguments])
    return command.main()


ALL = ["source", "release", "submit", "autograde", "feedback", "report"]


def test_the_class_submits_between_release_and_grading(course, taken, monkeypatch):
    (course.root / "autograded" / "student-01" / "1_tensor").mkdir(parents=True)
    assert run(monkeypatch, course) == 0
    assert taken == ALL


def test_the_first_time_the_first_grades_are_shown_before_all_else(course, taken, monkeypatch):
    asked = []

    def steps(arguments, names):
        asked.append(arguments.assignment)
        taken.extend(names)
        return 0

    monkeypatch.setattr(command, "run_steps", steps)
    assert run(monkeypatch, course) == 0
    assert taken == ["source", "release", "submit", "autograde", "report", *ALL]
    assert asked == ["1_tensor", "1_tensor", None, None]


def test_submitting_needs_the_releases_and_grades_nothing(course, taken, monkeypatch):
    assert run(monkeypatch, course, "submit") == 0
    assert taken == ["source", "release", "submit"]


def test_removing_takes_no_step(course, taken, monkeypatch):
    submit_all(course)
    assert run(monkeypatch, course, "remove", "--assignment", "1_tensor") == 0
    assert taken == []
    assert {work for _, work in course.submissions()} == {"2_layers"}


@pytest.mark.parametrize("failing", ["release", "report"])
def test_a_step_that_fails_is_the_exit_status_and_nothing_comes_after_it(
    course, taken, monkeypatch, failing
):
    def steps(arguments, names):
        taken.extend(names)
        return 1 if failing in names else 0

    monkeypatch.setattr(command, "run_steps", steps)
    assert run(monkeypatch, course) == 1
    assert taken[-1] == failing
