"""What a worker does with one submission, from the archive to the message."""

import io
import tempfile
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grading.course.cells import NOTE
from grading.engine import work
from grading.engine.shipment import pack_submission
from grading.engine.work import finish, grade
from grading.grades.graded import GradedNotebook


@pytest.fixture
def archive(tmp_path):
    (tmp_path / "submitted").mkdir()
    (tmp_path / "submitted" / "01_mini.ipynb").write_text(nbformat.writes(new_notebook()))
    packed = io.BytesIO()
    pack_submission(tmp_path / "submitted", packed)
    return packed.getvalue()


@pytest.fixture
def seen(monkeypatch, tmp_path):
    """Return what is graded, and where; grading earns what is told."""
    seen = []

    def grade_submission(kit, folder, execute, earned):
        seen.append((folder, [path.name for path in folder.iterdir()], execute))
        earned("test", 1.0)
        return GradedNotebook(new_notebook(), {"test": 1.0})

    monkeypatch.setattr(work, "grade_submission", grade_submission)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return seen


@pytest.mark.parametrize("execute", [True, False])
def test_the_archive_is_laid_out_graded_and_cleared_away(kit, archive, seen, execute):
    told = []
    graded = grade(kit, archive, {"execute": execute}, lambda *earned: told.append(earned))
    [(folder, names, executed)] = seen
    assert (names, executed) == (["01_mini.ipynb"], execute)
    assert graded.scores == {"test": 1.0} and told == [("test", 1.0)]
    assert not folder.exists()


def test_a_submission_whose_grading_fails_is_cleared_away(kit, archive, seen, tmp_path):
    def fail(*_):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        grade(kit, archive, {"execute": True}, fail)
    assert not Path(seen[0][0]).exists()


def test_what_it_is_to_get_instead_is_given_without_running_it(kit, archive, seen):
    instead = {"earned": {"test": 0.5}, "note": "It was too large."}
    graded = grade(kit, archive, {"instead": instead}, lambda *_: None)
    assert seen == [] and (graded.scores["test"], graded.scores["more"]) == (0.5, 0.0)
    assert "It was too large." in graded.notebook.decode()


def test_the_message_tells_how_the_run_ended():
    notebook = new_notebook(cells=[new_code_cell("é")])
    notebook.metadata[NOTE] = {
        "ended": "memory",
        "stopped_in": "double",
        "cold": "no template",
        "cpu_seconds": 1.5,
    }
    graded = finish(GradedNotebook(notebook, {"a": None}, {"a": "No response."}))
    assert (graded.ended, graded.stopped_in) == ("memory", "double")
    assert (graded.cold, graded.cpu_seconds) == ("no template", 1.5)
    assert (graded.scores, graded.comments) == ({"a": None}, {"a": "No response."})
    assert nbformat.reads(graded.notebook.decode(), as_version=4) == notebook


def test_a_notebook_that_was_not_run_is_told_as_that():
    notebook = new_notebook()
    notebook.metadata[NOTE] = {"ended": "not run", "notes": []}
    graded = finish(GradedNotebook(notebook))
    assert (graded.ended, graded.stopped_in, graded.cold, graded.cpu_seconds) == (
        *("not run", "", ""),
        0.0,
    )
