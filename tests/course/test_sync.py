import os
import shutil

import jupytext
import pytest

from grading.course.errors import BadCourse
from grading.course.layout import Course
from grading.course.sync import sync, text_of
from grading.sandbox.settings import PROJECT

COURSE = Course(PROJECT)


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_a_notebook_that_is_opened_and_saved_stays_as_it_was(assignment, tmp_path):
    text = COURSE.text(assignment)
    notebook = tmp_path / f"{assignment}.ipynb"
    jupytext.write(jupytext.read(text), notebook)
    assert text_of(notebook) == text.read_text()


@pytest.fixture
def pair(tmp_path):
    """Return a course of one assignment: its text, its notebook and how to bring them in step."""
    folder = tmp_path / "source" / "01_pair"
    folder.mkdir(parents=True)
    text = folder / "01_pair.py"
    text.write_text(COURSE.text("01_setup").read_text())
    return text, text.with_suffix(".ipynb"), lambda: sync(Course(tmp_path), "01_pair")


def edit_in_jupyterlab(notebook):
    content = jupytext.read(notebook)
    content.cells[0].source = "# A new title"
    jupytext.write(content, notebook)


def edit_as_text(text):
    text.write_text(text.read_text().replace("# # 01", "# # One"))


def test_a_missing_notebook_is_made_from_the_text(pair):
    _, notebook, sync_it = pair
    assert sync_it() == notebook
    assert notebook.exists()
    assert sync_it() is None


def test_an_edit_in_jupyterlab_reaches_the_text(pair):
    text, notebook, sync_it = pair
    sync_it()
    edit_in_jupyterlab(notebook)
    assert sync_it() == text
    assert "# # A new title" in text.read_text()
    assert sync_it() is None


def test_an_edit_of_the_text_reaches_the_notebook(pair):
    text, notebook, sync_it = pair
    sync_it()
    edit_as_text(text)
    assert sync_it() == notebook
    assert "# One" in notebook.read_text()
    assert sync_it() is None


def test_when_both_were_edited_nothing_is_lost_and_it_says_so(pair):
    text, notebook, sync_it = pair
    sync_it()
    edit_in_jupyterlab(notebook)
    edit_as_text(text)
    before = text.read_text(), notebook.read_text()
    with pytest.raises(BadCourse, match="both changed"):
        sync_it()
    assert (text.read_text(), notebook.read_text()) == before


def test_a_notebook_saved_with_its_text_is_in_step(pair):
    text, notebook, sync_it = pair
    sync_it()
    edit_in_jupyterlab(notebook)
    text.write_text(text_of(notebook))
    assert sync_it() is None


def test_whatever_its_time_an_older_file_that_was_edited_is_followed(pair):
    text, notebook, sync_it = pair
    sync_it()
    edit_as_text(text)
    os.utime(text, (0, 0))
    assert sync_it() == notebook


def test_an_unknown_pair_that_differs_is_not_guessed_at(pair):
    text, _, sync_it = pair
    sync_it()
    shutil.rmtree(text.parents[2] / ".stamps")
    edit_as_text(text)
    with pytest.raises(BadCourse, match="both changed"):
        sync_it()


def test_a_text_that_is_gone_is_made_from_its_notebook(pair):
    text, notebook, sync_it = pair
    sync_it()
    before = text.read_text(), notebook.read_bytes()
    text.unlink()
    assert sync_it() == text
    assert (text.read_text(), notebook.read_bytes()) == before
    assert sync_it() is None


def test_running_a_notebook_in_jupyterlab_changes_no_text(pair):
    text, notebook, sync_it = pair
    sync_it()
    content = jupytext.read(notebook)
    for cell in content.cells:
        if cell.cell_type == "code":
            cell.execution_count = 3
    jupytext.write(content, notebook)
    before = text.stat().st_mtime_ns
    assert sync_it() is None
    assert text.stat().st_mtime_ns == before


def test_the_conflict_names_both_files_and_says_what_to_do(pair):
    text, notebook, sync_it = pair
    sync_it()
    edit_in_jupyterlab(notebook)
    edit_as_text(text)
    with pytest.raises(BadCourse) as refused:
        sync_it()
    assert str(refused.value) == (
        "01_pair.py and 01_pair.ipynb in source/01_pair were both changed since they last agreed. "
        "Keep one of them: move the other away, and say `make source` again."
    )


@pytest.mark.parametrize("keep", ["text", "notebook"])
def test_the_conflict_is_over_when_one_is_moved_away(pair, keep):
    text, notebook, sync_it = pair
    sync_it()
    edit_in_jupyterlab(notebook)
    edit_as_text(text)
    (notebook if keep == "text" else text).unlink()
    sync_it()
    assert ("# One" if keep == "text" else "A new title") in text.read_text()
    assert text_of(notebook) == text.read_text()


def test_a_notebook_that_is_no_notebook_is_refused_in_a_sentence_and_nothing_is_lost(pair):
    text, notebook, sync_it = pair
    sync_it()
    notebook.write_text('{"cells": [')
    before = text.read_text()
    with pytest.raises(
        BadCourse, match=r"^source/01_pair/01_pair.ipynb is no notebook \(.*\): put"
    ):
        sync_it()
    assert text.read_text() == before and notebook.read_text() == '{"cells": ['


def test_cells_keep_their_ids_whatever_changes_above_them(pair):
    text, notebook, sync_it = pair
    sync_it()
    ids = {cell.id for cell in jupytext.read(notebook).cells if "nbgrader" in cell.metadata}
    named = {
        cell.metadata["nbgrader"]["grade_id"]
        for cell in jupytext.read(text).cells
        if "nbgrader" in cell.metadata
    }
    assert ids == named


def test_a_pair_that_jupyterlab_saved_is_in_step_whatever_the_headers_say(pair):
    text, notebook, sync_it = pair
    sync_it()
    edit_in_jupyterlab(notebook)
    jupytext.write(jupytext.read(notebook), text, fmt="py:percent")
    assert "jupytext_version" in text.read_text()
    assert sync_it() is None


@pytest.mark.parametrize(
    ("old", "new"),
    [('"points": 2', '"points": 5'), ('tags=["export"]', 'tags=["other"]')],
    ids=["points", "tags"],
)
def test_a_pair_that_differs_in_more_than_its_header_is_not_guessed_at(pair, old, new):
    text, notebook, sync_it = pair
    sync_it()
    edit_in_jupyterlab(notebook)
    changed = text_of(notebook)
    assert old in changed
    text.write_text(changed.replace(old, new, 1))
    with pytest.raises(BadCourse, match="both changed"):
        sync_it()
