"""A grade is written whole: the gradebook first, then the folder, and nothing of `submitted/`."""

import os
import stat

import nbformat
import pytest
from nbgrader.api import Gradebook

from grading.checks.base import Outcome
from grading.course.cells import NOTE
from grading.engine.options import Options
from grading.engine.save import save
from grading.engine.tasks import graded_stamp, pending
from grading.engine.work import finish
from grading.grades.gradebook import Received, RunGradebook
from grading.grades.graded import GradedNotebook
from trials.gradebook import db_url_of, gradebook_rows

WHO = ("student-01", "01_mini")


@pytest.fixture
def submitted(unrun):
    folder = unrun.submit("student-01", unrun.notebook())
    (folder / "helper.py").write_text("print('mine')")
    (folder / "data").mkdir()
    (folder / "data" / "own.csv").write_text("1,2")
    (folder / "timestamp.txt").write_text("2026-09-14 12:00:00 UTC")
    (folder / "copy.ipynb").write_text("{}")
    return unrun


def graded(mini, points=3.0):
    notebook = mini.released.skeleton()
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "test-double":
            cell.metadata[NOTE] = {"checks": [vars(Outcome("doubles a matrix", False, "why not"))]}
    scores = {"test-double": points, "test-halve": 2.0, "think": None}
    return finish(GradedNotebook(notebook, scores))


def saved(mini, result=None, config=None):
    [task] = pending(mini.course, mini.config, force=True)
    options = Options.of(mini.config)
    with RunGradebook(db_url_of(mini.course)) as gradebook:
        gradebook.mark_pending([Received(*WHO, None)])
        where = mini.course, config or mini.config, options, gradebook
        save(*where, task, result or graded(mini), unfinished_in(mini))
    return mini.course.autograded(*WHO)


def unfinished_in(mini):
    """Return the folder that a run has for what is unfinished."""
    folder = mini.course.root / ".grading-here"
    folder.mkdir(exist_ok=True)
    return folder


def test_what_is_unfinished_lies_in_the_runs_own_folder_alone(submitted, monkeypatch):
    seen = []

    def save_grades(*_):
        root = submitted.course.root
        seen.append(sorted(path.name for path in root.glob(".grading-*")))
        seen.append(len(list(unfinished_in(submitted).iterdir())))

    monkeypatch.setattr(RunGradebook, "save_grades", save_grades)
    saved(submitted)
    assert seen == [[".grading-here"], 1] and not list(unfinished_in(submitted).iterdir())


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def test_the_students_other_files_are_copied_and_other_notebooks_are_not(submitted):
    assert files(saved(submitted)) == {
        *("01_mini.ipynb", "helper.py", "data/own.csv", "timestamp.txt")
    }


def test_a_copied_file_holds_what_was_submitted(submitted):
    assert (saved(submitted) / "helper.py").read_text() == "print('mine')"


def test_links_and_pipes_are_not_copied(submitted):
    folder = submitted.course.submitted(*WHO)
    (folder / "link").symlink_to("/etc/hostname")
    (folder / "folder").symlink_to("/etc")
    os.mkfifo(folder / "pipe")
    assert not {"link", "folder", "pipe"} & {name.split("/")[0] for name in files(saved(submitted))}


@pytest.mark.parametrize("deep", ["d/" * 60, f"{'d' * 200}/" * 6])
def test_a_file_that_lies_too_deep_is_not_copied(submitted, deep):
    folder = submitted.course.submitted(*WHO) / deep
    folder.mkdir(parents=True)
    (folder / "far").touch()
    assert not any(name.endswith("far") for name in files(saved(submitted)))


def test_a_file_that_is_handed_out_is_not_taken_from_the_student(submitted):
    (submitted.released.handout / "helper.py").write_text("ours")
    assert "helper.py" not in files(saved(submitted))


@pytest.mark.parametrize("name", ["helper.pyc", "__pycache__/a.txt", ".ipynb_checkpoints/a.txt"])
def test_names_that_nbgrader_ignores_are_not_copied(submitted, name):
    file = submitted.course.submitted(*WHO) / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("made by a tool")
    assert name not in files(saved(submitted))


def test_names_that_the_course_ignores_are_not_copied(submitted):
    submitted.config.CourseDirectory.ignore = ["helper.*"]
    assert "helper.py" not in files(saved(submitted))


def test_graded_files_are_for_reading_as_nbgraders_are(submitted):
    folder = saved(submitted)
    modes = {stat.S_IMODE((folder / name).stat().st_mode) for name in files(folder)}
    assert modes == {0o444}


def test_other_permissions_of_graded_files_can_be_set(submitted):
    submitted.config.Autograde.permissions = 640
    assert stat.S_IMODE((saved(submitted) / "01_mini.ipynb").stat().st_mode) == 0o640


def test_a_graded_notebook_shows_its_checks(submitted):
    notebook = nbformat.read(saved(submitted) / "01_mini.ipynb", as_version=4)
    outputs = [str(cell.get("outputs", "")) for cell in notebook.cells]
    assert sum("doubles a matrix" in output and "why not" in output for output in outputs) == 1


def test_a_grade_is_in_the_gradebook(submitted):
    saved(submitted)
    assert gradebook_rows(submitted.course, "01_mini")["student-01"] == {
        "test-double": (3.0, None, False),
        "test-halve": (2.0, None, False),
        "think": (None, None, True),
    }


def test_the_settings_of_the_course_cost_a_late_submission_its_points(submitted):
    submitted.config.LateSubmissionPlugin.penalty_method = "zero"
    with RunGradebook(db_url_of(submitted.course)) as gradebook:
        gradebook.mark_pending([Received(*WHO, None)])
    with Gradebook(db_url_of(submitted.course)) as gradebook:
        gradebook.update_or_create_assignment("01_mini", duedate="2026-09-13 12:00:00 UTC")
        gradebook.update_or_create_submission(*reversed(WHO), timestamp="2026-09-14 12:00:00 UTC")
    [task] = pending(submitted.course, submitted.config)
    options = Options.of(submitted.config)
    with RunGradebook(db_url_of(submitted.course)) as gradebook:
        where = submitted.course, submitted.config, options, gradebook
        save(*where, task, graded(submitted), unfinished_in(submitted))
    with Gradebook(db_url_of(submitted.course)) as gradebook:
        [notebook] = gradebook.find_submission(*reversed(WHO)).notebooks
        assert notebook.late_submission_penalty == notebook.score == 5.0


def test_a_graded_submission_is_up_to_date(submitted):
    [task] = pending(submitted.course, submitted.config)
    saved(submitted)
    assert graded_stamp(submitted.course, *WHO).read() == task.made_from
    assert pending(submitted.course, submitted.config) == []


def test_a_new_grade_replaces_the_whole_folder(submitted):
    saved(submitted)
    (submitted.course.submitted(*WHO) / "helper.py").unlink()
    assert "helper.py" not in files(saved(submitted))


@pytest.fixture
def broken_gradebook(monkeypatch):
    def refuse(*_):
        raise OSError("no space left")

    monkeypatch.setattr(RunGradebook, "save_grades", refuse)


def test_a_gradebook_that_cannot_be_written_leaves_the_old_folder(submitted, broken_gradebook):
    folder = submitted.course.autograded(*WHO)
    folder.mkdir(parents=True)
    (folder / "old").touch()
    with pytest.raises(OSError, match="no space"):
        saved(submitted)
    assert files(folder) == {"old"}


def test_a_grade_that_was_not_written_is_not_up_to_date(submitted, broken_gradebook):
    with pytest.raises(OSError, match="no space"):
        saved(submitted)
    assert graded_stamp(submitted.course, *WHO).read() is None


def test_nothing_half_made_stays(submitted, broken_gradebook):
    with pytest.raises(OSError, match="no space"):
        saved(submitted)
    assert list(unfinished_in(submitted).iterdir()) == []


def test_what_was_submitted_is_not_touched(submitted):
    folder = submitted.course.submitted(*WHO)
    before = {path: path.stat() for path in folder.rglob("*")}
    saved(submitted)
    after = {path: path.stat() for path in folder.rglob("*")}
    assert {path: (s.st_mtime_ns, s.st_mode, s.st_ino) for path, s in before.items()} == {
        path: (s.st_mtime_ns, s.st_mode, s.st_ino) for path, s in after.items()
    }


def test_the_outcomes_of_its_checks_are_kept_beside_so_that_no_report_parses_it(submitted):
    saved(submitted)
    [file] = submitted.course.root.glob("reports/outcomes/01_mini/student-01.json")
    assert "doubles a matrix" in file.read_text()
