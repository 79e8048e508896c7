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
