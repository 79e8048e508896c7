"""`python -m grading.pipeline`: which steps it takes, what it says and its exit status."""

import shutil
import sys

import pytest
from course_folders import add_assignment

from grading.course.errors import BadCourse
from grading.course.layout import Course
from grading.engine.done import Done
from grading.engine.tasks import Survey
from grading.pipeline import command_line as command
from grading.pipeline import steps as steps_module
from grading.pipeline.command_line import main
from grading.pipeline.steps import STEPS, Steps
from grading.sandbox.bubblewrap import SandboxError
from grading.sandbox.settings import PROJECT


@pytest.fixture
def course(tmp_path):
    shutil.copy(PROJECT / "nbgrader_config.py", tmp_path)
    course = Course(tmp_path)
    add_assignment(course, "01_tensor", order=1)
    add_assignment(course, "02_layers", order=2)
    return course


@pytest.fixture
def taken(monkeypatch):
    """Return a list of the steps that are taken; none does anything."""
    taken = []
    for name in STEPS:
        monkeypatch.setattr(Steps, name, lambda self, name=name: taken.append((name, self)))
    return taken


def run(monkeypatch, course, *arguments):
    monkeypatch.setattr(sys, "argv", ["pipeline", "--root", str(course.root), *arguments])
    return main()


def said(capsys):
    return " ".join(capsys.readouterr().out.split())


def test_without_a_step_all_are_taken_in_order(course, taken, monkeypatch):
    assert run(monkeypatch, course) == 0
    assert [name for name, _ in taken] == [
        *("source", "release", "autograde", "feedback", "report")
    ]


def test_named_steps_are_taken_as_they_are_named(course, taken, monkeypatch):
    assert run(monkeypatch, course, "report", "source") == 0
    assert [name for name, _ in taken] == ["report", "source"]


def test_an_unknown_step_is_named_with_those_there_are_and_none_is_taken(
    course, taken, monkeypatch, capsys
):
    with pytest.raises(SystemExit) as stopped:
        run(monkeypatch, course, "source", "sample", "grade")
    assert stopped.value.code == 2 and taken == []
    assert (
        "no such step: grade, sample (choose from source, release, autograde, feedback, report)"
    ) in " ".join(capsys.readouterr().err.split())


def test_what_is_no_step_but_a_method_is_unknown(course, taken, monkeypatch):
    with pytest.raises(SystemExit):
        run(monkeypatch, course, "say")


def test_options_reach_the_steps(course, taken, monkeypatch):
    options = ("--assignment", "02_layers", "--force", "--workers", "3")
    run(monkeypatch, course, "report", *options)
    ((_, steps),) = taken
    assert (steps.assignment, steps.force, steps.workers) == ("02_layers", True, 3)
    assert steps.course.root == course.root.resolve()


def test_by_default_all_assignments_on_every_core_and_nothing_by_force(course, taken, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 7)
    run(monkeypatch, course, "report")
    ((_, steps),) = taken
    assert (steps.assignment, steps.force, steps.workers) == (None, False, 7)


def test_a_mistyped_assignment_stops_before_any_step_with_the_nearest(
    course, taken, monkeypatch, capsys
):
    assert run(monkeypatch, course, "--assignment", "02_layer") == 1
    assert taken == []
    assert said(capsys) == "Stopped. There is no assignment 02_layer; did you mean 02_layers?"


def test_a_folder_that_is_still_to_be_taken_in_may_be_asked_for(course, taken, monkeypatch):
    course.source("03_new").mkdir()
    assert run(monkeypatch, course, "source", "--assignment", "03_new") == 0
    assert [name for name, _ in taken] == ["source"]


def test_a_folder_that_is_no_course_is_told_in_a_sentence(course, taken, monkeypatch, capsys):
    (course.root / "nbgrader_config.py").unlink()
    assert run(monkeypatch, course) == 1
    assert said(capsys).startswith("Stopped.") and taken == []


@pytest.mark.parametrize("error", [BadCourse, SandboxError])
def test_an_error_stops_the_steps_with_its_sentence(course, taken, monkeypatch, capsys, error):
    def fail(self):
        raise error("Put [it] right.")

    monkeypatch.setattr(Steps, "release", fail)
    assert run(monkeypatch, course) == 1
    assert [name for name, _ in taken] == ["source"]
    assert said(capsys) == "Stopped. Put [it] right."


def test_ctrl_c_stops_the_steps_with_a_sentence_and_its_own_status(
    course, taken, monkeypatch, capsys
):
    def interrupt(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Steps, "release", interrupt)
    try:
        status = run(monkeypatch, course)
    except KeyboardInterrupt:  # which would end pytest, too
        status = None
    assert status == 130
    assert [name for name, _ in taken] == ["source"]
    assert said(capsys) == "Stopped, as you asked; say it again to go on."


def test_an_error_of_ours_is_not_hidden(course, taken, monkeypatch):
    def fail(self):
        raise KeyError("a defect")

    monkeypatch.setattr(Steps, "release", fail)
    with pytest.raises(KeyError):
        run(monkeypatch, course)


def test_what_could_not_be_done_is_told_and_is_the_exit_status(course, taken, monkeypatch, capsys):
    monkeypatch.setattr(Steps, "autograde", lambda self: self.failures.append("student-01 [x]: no"))
    assert run(monkeypatch, course) == 1
    assert [name for name, _ in taken] == ["source", "release", "feedback", "report"]
    assert said(capsys) == "not graded: student-01 [x]: no"


def test_a_course_that_does_not_fit_together_is_told_in_a_sentence(course, monkeypatch, capsys):
    (course.source("01_tensor") / "assignment.toml").write_text("order = 1")
    assert run(monkeypatch, course, "source") == 1
    assert said(capsys) == (
        "Stopped. source/01_tensor/assignment.toml: title must be a line of text, "
        "and there is none."
    )


# --- what the steps pass on


def test_the_source_is_prepared_and_what_is_left_out_is_said(course, monkeypatch, capsys):
    monkeypatch.setattr(steps_module, "prepare_source", lambda course: ["a file"])
    monkeypatch.setattr(steps_module, "remarks", lambda course: ["a remark"])
    assert run(monkeypatch, course, "source") == 0
    assert capsys.readouterr().out == "updated a file\na remark\n"


def test_one_assignment_is_released_graded_and_fed_back_alone(course, monkeypatch):
    asked = {}
    graded = {"failures": ["one"], "feedback": ["two"]}
    monkeypatch.setattr(
        steps_module, "release_all", lambda *given: asked.__setitem__("release", given[3])
    )
    monkeypatch.setattr(
        steps_module,
        "survey",
        lambda course, config, one, force: (
            asked.__setitem__("pending", (one, force)) or Survey([], {})
        ),
    )
    monkeypatch.setattr(
        steps_module,
        "outdated",
        lambda course, url, one, students: asked.__setitem__("due", one) or [],
    )
    monkeypatch.setattr(steps_module, "autograde", lambda *given: graded["failures"])
    monkeypatch.setattr(steps_module, "generate_feedback", lambda *given: graded["feedback"])
    steps = Steps(course.root, command.Console(quiet=True), 1, "02_layers", force=True)
    steps.run("release", "autograde", "feedback")
    assert asked == {"release": "02_layers", "pending": ("02_layers", True), "due": "02_layers"}
    assert steps.failures == ["one", "two"]


def test_grading_tells_what_went_wrong_at_once_and_what_it_came_to_at_the_end(
    course, monkeypatch, capsys
):
    told = [
        Done("student-01", "02_layers", "graded", waiting=1),
        Done("student-[b]", "02_layers", "settled", "memory", "settled: too much memory"),
    ]

    def grade(course, config, tasks, workers, report, up_to_date):
        for done in told:
            report(done)
        return []

    monkeypatch.setattr(steps_module, "survey", lambda *_, **__: Survey([None, None], {}))
    monkeypatch.setattr(steps_module, "autograde", grade)
    assert run(monkeypatch, course, "autograde") == 0
    remark, progress, summary = capsys.readouterr().out.strip().split("\n")
    assert remark == "student-[b] 02_layers: settled: too much memory"
    assert progress == "autograding 2/2"
    assert summary == "1 graded, 1 waiting for a person, 1 settled, in 0 s"


@pytest.mark.parametrize(
    ("arguments", "hidden"),
    [((), False), (("--names", "hidden"), True), (("--names", "shown"), False)],
)
def test_names_are_hidden_when_that_is_asked_for(course, taken, monkeypatch, arguments, hidden):
    assert run(monkeypatch, course, "report", *arguments) == 0
    [(_, steps)] = taken
    assert steps.hide_names is hidden


def test_what_is_neither_shown_nor_hidden_shows_no_names(course, taken, monkeypatch):
    with pytest.raises(SystemExit):
        run(monkeypatch, course, "report", "--names", "hiden")
    assert taken == []
