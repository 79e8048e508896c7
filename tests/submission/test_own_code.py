"""Which code of a graded notebook is a student's own."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.engine.work import page
from grading.submission import own_code as module
from grading.submission.own_code import OWN_CELLS, own_code


def cell(source, name, solution, make=new_code_cell):
    told = {"grade_id": name, "grade": not solution, "solution": solution, "schema_version": 3}
    return make(source, metadata={"nbgrader": told | {"locked": not solution}})


@pytest.fixture
def notebook():
    cells = [
        cell("def f():\n    return 1   ", "f", True),
        cell("assert f() == 1", "test-f", False),
        cell("because", "think", True, new_markdown_cell),
        new_code_cell("f()  "),
        new_code_cell("f() + 1"),
    ]
    return nbformat.writes(new_notebook(cells=cells))


def test_it_is_what_answers_and_cells_of_their_own_hold_in_code(notebook):
    assert own_code(notebook) == {"f": "def f():\n    return 1", OWN_CELLS: "f()\n\nf() + 1"}


def test_what_is_too_long_is_cut(notebook, monkeypatch):
    monkeypatch.setattr(module, "LONGEST", 6)
    assert own_code(notebook)["f"] == "def f("
    assert own_code(notebook)[OWN_CELLS].strip() == ""


def test_a_worker_tells_it_as_json(notebook):
    told = page({"do": "code"}, notebook.encode())
    assert json.loads(told) == own_code(notebook)
