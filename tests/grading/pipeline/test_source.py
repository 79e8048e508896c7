import os

import jupytext
import pytest

from grading.course import Course
from grading.pipeline.source import sync, text_of
from grading.sandbox.settings import PROJECT

COURSE = Course(PROJECT)


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_a_notebook_that_is_opened_and_saved_stays_as_it_was(assignment, tmp_path):
    text = COURSE.text(assignment)
    notebook = tmp_path / f"{assignment}.ipynb"
    jupytext.write(jupytext.read(text), notebook)
    assert text_of(notebook) == text.read_text()


@pytest.fixture
def text(tmp_path):
    text = tmp_path / "01_pair.py"
    text.write_text(COURSE.text("01_setup").read_text())
    return text


def edit_in_jupyterlab(notebook, later=10):
    content = jupytext.read(notebook)
    content.cells[0].source = "# A new title"
    jupytext.write(content, notebook)
    status = notebook.stat()
    os.utime(notebook, (status.st_atime, status.st_mtime + later))


def test_a_missing_notebook_is_made_from_the_text(text):
    assert sync(text)
    assert text.with_suffix(".ipynb").exists()
    assert not sync(text)


def test_an_edit_in_jupyterlab_reaches_the_text(text):
    sync(text)
    edit_in_jupyterlab(text.with_suffix(".ipynb"))
    assert sync(text)
    assert "# # A new title" in text.read_text()


def test_an_edit_of_the_text_reaches_the_notebook(text):
    sync(text)
    text.write_text(text.read_text().replace("# # 01", "# # One"))
    os.utime(text, (text.stat().st_atime, text.stat().st_mtime + 10))
    assert sync(text)
    assert "# One" in text.with_suffix(".ipynb").read_text()
