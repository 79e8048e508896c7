"""Notebooks of a few cells, and runs of them made by hand."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from reported import graded_cell

from grading.sandbox.execute import CellRun, Run


@pytest.fixture
def one_test():
    """Return what makes a notebook with one test, and a run in which it reports some evidence."""

    def make(*reported, **how):
        notebook = new_notebook(cells=[new_code_cell("import os"), graded_cell("test-a")])
        return notebook, Run([CellRun("ran"), CellRun("ran", evidence=list(reported))], **how)

    return make
