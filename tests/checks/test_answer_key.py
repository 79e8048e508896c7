"""The answer key: made again when anything it depends on changes, refused where it is unfit."""

import fcntl
import shutil

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from reported import contents, evidence, graded_cell, outcomes, stretches

from grading.checks import answer_key as module
from grading.checks.answer_key import answer_key, evidence_by_cell, key_fingerprint
from grading.course.cells import is_test
from grading.course.errors import BadSolution, NotReleased
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.inside.check import encode
from grading.sandbox.execute import CellRun, Run
from grading.sandbox.settings import PROJECT, Sandbox


@pytest.fixture
def released(tmp_path, monkeypatch):
    """Return the kept notebook of an assignment, and all that its key is made from."""
    course = Course(tmp_path / "course")
    released = ReleasedNotebook(course, "01_mini")
    for folder in (released.handout, course.hidden_data):
        folder.mkdir(parents=True)
        (folder / "file").write_text("as it was")
    for name in ("CHECK_MODULE", "STUDENT_LOCK"):
        copy = tmp_path / name
        shutil.copy(getattr(module, name), copy)
        monkeypatch.setattr(module, name, copy)
    (course.root / "salt.txt").write_text("a secret")
    cells = [new_markdown_cell("Read this."), new_code_cell("import os"), graded_cell("test-a")]
    write(released, new_notebook(cells=cells))
    return released


def write(released, notebook):
    nbformat.write(notebook, released.file)


def edit(change):
    """Return what changes the kept notebook's cells."""

    def edit_cells(released):
        notebook = released.solved()
        change(notebook.cells)
        write(released, notebook)

    return edit_cells


def rename_test(cells):
    cells[2].metadata["nbgrader"]["grade_id"] = "test-b"


def no_longer_a_test(cells):
    cells[2].metadata["nbgrader"]["grade"] = False


CHANGES = {
    "the code": edit(lambda cells: cells[1].update(source="import sys")),
    "a hidden test": edit(lambda cells: cells[2].update(source="2")),
    "the order of cells": edit(lambda cells: cells.reverse()),
    "the name of a test": edit(rename_test),
    "what is a test": edit(no_longer_a_test),
    "a file handed out": lambda released: (released.handout / "file").write_text("changed"),
    "one more file handed out": lambda released: (released.handout / "new").write_text(""),
    "the unlabelled images": lambda released: (released.course.hidden_data / "file").write_text(
        "changed"
    ),
    "the salt": lambda released: (released.course.root / "salt.txt").write_text("another"),
    "the check module": lambda released: module.CHECK_MODULE.write_text("changed"),
    "the students' packages": lambda released: module.STUDENT_LOCK.write_text("numpy==1"),
}


@pytest.fixture
def runs(monkeypatch):
    """Return the runs of our solution that were made, each reporting another number."""
    made = []

    def run(notebook, handout, course, settings, records):
        assert records
        made.append(handout)
        value = evidence(value=len(made))
        cells = [
            CellRun("ran", evidence=[value] if module.is_test(cell) else [])
            for cell in notebook.cells
        ]
        return Run(cells, stretches=stretches(fast=0.1 * len(made)))

    monkeypatch.setattr(module, "run_solution", run)
    return made


def make_key(released):
    return answer_key(released.course, released, Sandbox())


@pytest.mark.parametrize("what", CHANGES)
def test_the_key_is_made_again_when_something_it_depends_on_changes(released, runs, what):
    make_key(released)
    before = key_fingerprint(released.course, released)
    CHANGES[what](released)
    assert key_fingerprint(released.course, released) != before
    make_key(released)
    assert len(runs) == 2


def test_the_students_packages_and_the_check_module_are_the_projects():
    assert PROJECT / "environment" / "student.lock" == module.STUDENT_LOCK
    assert PROJECT / "grading" / "inside" / "check.py" == module.CHECK_MODULE
    assert module.STUDENT_LOCK.is_file() and module.CHECK_MODULE.is_file()


def test_a_key_that_holds_is_read_and_not_made(released, runs):
    made = make_key(released)
    read = make_key(released)
    assert len(runs) == 1
    assert read.stretches == made.stretches == stretches(fast=0.1)
    for key in (made, read):
        assert list(key.cells) == ["test-a"]
        assert key.cells["test-a"]["a"].value.scalar == 1
        assert key.cells["test-a"]["a"].name == "a"


def test_text_cells_are_no_part_of_the_key(released, runs):
    make_key(released)
    edit(lambda cells: cells[0].update(source="Read that."))(released)
    make_key(released)
    assert len(runs) == 1


def test_a_key_that_was_removed_is_made_again(released, runs):
    make_key(released)
    (released.folder / "key.json").unlink()
    make_key(released)
    assert len(runs) == 2


def test_a_key_is_made_by_one_at_a_time(released, monkeypatch):
    def run(notebook, handout, course, settings, records):
        with (released.folder / ".lock").open("w") as second, pytest.raises(BlockingIOError):
            fcntl.flock(second, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return Run([CellRun(evidence=[evidence()]) for _ in notebook.cells])

    monkeypatch.setattr(module, "run_solution", run)
    make_key(released)
    with (released.folder / ".lock").open("w") as second:
        fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_our_solution_runs_with_the_courses_salt_and_data_and_nothing_submitted(
    released, monkeypatch
):
    seen = []
    monkeypatch.setattr(module, "run_notebook", lambda *given, **more: seen.append((given, more)))
    settings = Sandbox()
    module.run_solution(released.solved(), released.handout, released.course, settings)
    (((notebook, files, given_settings, salt), more),) = seen
    assert ["test" in cell for cell in more["about"]] == [*map(is_test, notebook.cells)]
    assert contents(files.handout) == contents(files.data) == {"file": "as it was"}
    assert contents(files.submission) == {}
    assert given_settings is settings and salt == "a secret" and not more["records"]


def test_an_assignment_that_was_never_released_has_no_key(tmp_path):
    course = Course(tmp_path)
    with pytest.raises(NotReleased, match="01_mini has not been released"):
        key_fingerprint(course, ReleasedNotebook(course, "01_mini"))


def refused(notebook, run):
    with pytest.raises(BadSolution) as error:
        evidence_by_cell(notebook, run)
    return str(error.value)


@pytest.mark.parametrize("ended", ["too slow", "memory", "output", "processes", "died"])
def test_a_solution_that_does_not_finish_is_refused(one_test, ended):
    notebook, run = one_test(evidence(), ended=ended, message="It was ended.")
    assert refused(notebook, run) == "our own solution did not finish: It was ended."


@pytest.mark.parametrize(("place", "where"), [(0, "?"), (1, "test-a")])
def test_a_solution_that_raises_is_refused(one_test, place, where):
    notebook, run = one_test(evidence())
    run.cells[place].error = "NameError"
    assert refused(notebook, run) == f"our own solution raises NameError in the cell {where}"


@pytest.mark.parametrize(
    ("reason", "reported"),
    [
        ("reports ValueError", evidence(value=ValueError())),
        ("reports a value that cannot be compared", evidence(value=object())),
        ("reports a value that cannot be compared", evidence(value=np.array(["a"]))),
        ("is of a kind that nothing judges: guess", evidence(kind="guess")),
        ("has no case that should work", outcomes(ValueError(), ValueError())),
        (
            "asks for the labels of 'letters'; there are those of 'digits'",
            evidence(value=[1], kind="accuracy", at_least=0.5, of="letters"),
        ),
        (
            "was not timed: both sides must run, and start no process",
            evidence(kind="speedup", at_least=2),
        ),
    ],
)
def test_unfit_evidence_is_refused_with_the_reason(one_test, reason, reported):
    assert refused(*one_test(reported)) == f"the check 'a' in test-a {reason}"


def test_a_test_without_a_check_is_refused(one_test):
    told = "the test cell test-a has no check, so nothing could earn its points"
    assert refused(*one_test()) == told


def test_a_name_that_is_there_twice_is_refused(one_test):
    told = refused(*one_test(evidence("b"), evidence("a"), evidence("a")))
    assert told == "the check 'a' in test-a is there twice"


def test_evidence_that_cannot_be_read_is_refused(one_test):
    assert refused(*one_test(evidence() | {"value": {"t": "int", "v": "much"}})) == (
        "a check in test-a reports a number that is none"
    )


def test_the_key_has_the_checks_of_a_test_in_order(one_test):
    reported = [evidence(name) for name in ("b", "a", "c")]
    notebook, run = one_test(*reported)
    assert [*evidence_by_cell(notebook, run)["test-a"]] == ["b", "a", "c"]


def test_what_another_cell_reports_is_no_part_of_the_key(one_test):
    notebook, run = one_test(evidence())
    run.cells[0].evidence.append(evidence("stray") | {"value": encode(3)})
    assert evidence_by_cell(notebook, run) == {"test-a": {"a": evidence()}}


def test_timed_evidence_is_fit_with_its_stretches(one_test):
    timed = evidence("s", kind="speedup", at_least=2)
    notebook, run = one_test(timed, stretches=stretches())
    assert evidence_by_cell(notebook, run) == {"test-a": {"s": timed}}
