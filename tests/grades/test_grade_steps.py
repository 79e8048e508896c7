"""The steps from a submitted folder to a graded notebook, with no kernel behind them."""

import io
import json
import tarfile

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.utils import compute_checksum

from grading.course.cells import is_test
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.grades import grade as module
from grading.grades.grade import grade_submission, settle_submission
from grading.grades.kit import Kit
from grading.inside.check import encode
from grading.sandbox.archive import pack
from grading.sandbox.execute import CellRun, Run
from grading.sandbox.settings import Sandbox

REPORT = {"kind": "value", "name": "a", "value": encode(1.0), "params": {}}
SETTINGS = Sandbox(cell_seconds=7)
KEY = json.dumps({"cells": {"test": {"a": REPORT}}, "stretches": []})


def cell(name, source, **ours):
    ours = {"grade_id": name, "grade": False, "solution": False, "locked": False} | ours
    ours["schema_version"] = 3
    made = new_code_cell(source, metadata={"nbgrader": ours}, id=name)
    made.metadata["nbgrader"]["checksum"] = compute_checksum(made)
    return made


@pytest.fixture
def released(tmp_path):
    """Return a kept release: a stub and its test."""
    course = Course(tmp_path / "course")
    released = ReleasedNotebook(course, "01_mini")
    for folder in (released.handout, course.hidden_data, course.submitted("student-01", "01_mini")):
        folder.mkdir(parents=True)
    (course.root / "salt.txt").write_text("a secret")
    stub = "### BEGIN SOLUTION\nours = 1\n### END SOLUTION"
    cells = [cell("stub", stub, solution=True), cell("test", "1", grade=True, points=2)]
    released.file.write_text(json.dumps(new_notebook(cells=cells)))
    return released


@pytest.fixture
def submit(released):
    """Return what writes a file into the submission."""
    folder = released.course.submitted("student-01", "01_mini")

    def submit(*cells, name="01_mini.ipynb"):
        (folder / name).write_text(json.dumps(new_notebook(cells=list(cells))))
        return folder

    submit.folder = folder
    return submit


@pytest.fixture
def ran(monkeypatch):
    """Return what is handed to the sandbox, which runs everything to the right result."""
    seen = []

    def run(notebook, files, settings, salt, finished, about):
        assert ["test" in cell for cell in about] == [*map(is_test, notebook.cells)]
        seen.append((notebook, files, settings, salt))
        cells = Run([CellRun("ran", evidence=[REPORT]) for _ in notebook.cells])
        for index in range(len(notebook.cells)):
            finished(index, cells)
        return cells

    monkeypatch.setattr(module, "run_notebook", run)
    monkeypatch.setattr("grading.grades.kit.key_text", lambda *_: KEY)
    return seen


def grade(released, folder, **how):
    return grade_submission(Kit.of(released.course, released, SETTINGS), folder, **how)


def names(archive):
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        return files.getnames()


def notes(graded):
    return graded.notebook.metadata["course"]["notes"]


WHOLE = (cell("stub", "mine = 1", solution=True), cell("test", "1", grade=True, points=2))


def test_a_submission_is_restored_run_and_judged(released, submit, ran):
    graded = grade(released, submit(*WHOLE))
    assert graded.scores == {"test": 2.0} and notes(graded) == []
    ((notebook, files, settings, salt),) = ran
    assert [cell.source for cell in notebook.cells] == ["mine = 1", "1"]
    assert (files.handout, files.data) == (
        pack(released.handout),
        pack(released.course.hidden_data),
    )
    assert settings.cell_seconds == 7 and salt == "a secret"


def test_the_files_of_a_submission_are_there_while_it_runs(released, submit, ran):
    folder = submit(*WHOLE)
    (folder / "data.txt").write_text("mine")
    grade(released, folder)
    assert "data.txt" in names(ran[0][1].submission)


def test_the_sandbox_is_given_ordinary_files_alone_and_none_that_is_handed_out(
    released, submit, ran
):
    folder = submit(*WHOLE)
    (folder / "link").symlink_to(released.file)
    (folder / "folder").symlink_to(released.folder)
    for file in (folder / "digits.npz", released.handout / "digits.npz"):
        file.write_text("")
    grade(released, folder)
    assert names(ran[0][1].submission) == ["01_mini.ipynb"]


def test_the_sandbox_runs_no_solution_of_ours(released, submit, ran):
    grade(released, submit(WHOLE[1]))
    ((notebook, *_),) = ran
    assert "ours = 1" not in str(notebook)


def test_each_test_is_told_as_soon_as_it_has_run(released, submit, ran):
    told = []
    grade(released, submit(*WHOLE), earned=lambda *earned: told.append(earned))
    assert told == [("test", 2.0)]


def test_a_check_that_does_not_hold_is_told_as_nothing_earned(released, submit, ran, monkeypatch):
    monkeypatch.setitem(REPORT, "value", encode(2.0))
    told = []
    grade(released, submit(*WHOLE), earned=lambda *earned: told.append(earned))
    assert told == [("test", 0.0)]


def test_what_is_settled_gets_what_is_said_without_being_run(released, submit, ran):
    kit = Kit.of(released.course, released, SETTINGS)
    settled = settle_submission(kit, submit(WHOLE[1]), "It was too large.", {"test": 1.5})
    assert settled.scores == {"test": 1.5} and ran == []
    assert notes(settled) == [
        "The cell stub was missing and has been put back.",
        "It was too large.",
    ]


def test_what_was_put_right_is_noted(released, submit, ran):
    graded = grade(released, submit(WHOLE[1]))
    assert notes(graded) == ["The cell stub was missing and has been put back."]


def test_a_file_that_is_left_out_is_noted(released, submit, ran):
    folder = submit(*WHOLE)
    (folder / "link").symlink_to("/etc/passwd")
    assert any("link" in note for note in notes(grade(released, folder)))


def test_a_notebook_of_another_name_is_noted(released, submit, ran):
    graded = grade(released, submit(*WHOLE, name="mine.ipynb"))
    assert graded.scores == {"test": 2.0}
    assert notes(graded) == [
        "The notebook should be called 01_mini.ipynb; `mine.ipynb` was graded."
    ]


def test_a_submission_that_cannot_be_read_says_why_and_is_graded_as_unsolved(released, submit, ran):
    (submit.folder / "01_mini.ipynb").write_text("not a notebook")
    graded = grade(released, submit.folder)
    assert "not JSON" in " ".join(notes(graded))
    assert graded.comments == {"stub": "No response."}
    ((notebook, *_),) = ran
    assert [cell.metadata["nbgrader"]["grade_id"] for cell in notebook.cells] == ["stub", "test"]


def test_an_empty_folder_says_so(released, submit, ran):
    graded = grade(released, submit.folder)
    assert len(notes(graded)) == 1 and graded.comments == {"stub": "No response."}


def test_without_execution_nothing_runs_and_a_person_grades(released, submit, ran):
    graded = grade(released, submit(WHOLE[1]), execute=False)
    assert ran == [] and graded.scores == {"test": None}
    put_right, not_run = notes(graded)
    assert "was missing" in put_right and "--no-execute" in not_run
