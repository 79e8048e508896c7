"""What happened to an honest notebook on its way costs nothing, whichever way it is graded."""

import copy
import json
import shutil

import pytest
from nbformat.v4 import new_code_cell
from ways_to_a_grade import WAYS

from trials.gradebook import gradebook_rows

pytestmark = pytest.mark.slow

FULL = {"test-double": (4.0, None, False), "test-halve": (2.0, None, False)}
PROPOSED = {name: (points, None, True) for name, (points, _, _) in FULL.items()}


def named(cells, name):
    return next(one for one in cells if one.metadata.get("nbgrader", {}).get("grade_id") == name)


def split(cells):
    answer = named(cells, "double")
    below = copy.deepcopy(answer)
    answer.source, below.source = answer.source.rsplit("\n", 1)
    below["id"] = "below"
    cells.insert(cells.index(answer) + 1, below)


def merge(cells):
    test, answer = named(cells, "test-halve"), named(cells, "halve")
    test.source = f"{answer.source}\n\n{test.source}"
    cells.remove(answer)


def rewrite(cells):
    cells[cells.index(named(cells, "double"))] = new_code_cell(named(cells, "double").source)


def strip(cells):
    for number, cell in enumerate(cells):
        cell["metadata"], cell["id"] = {}, f"new-{number}"


CHANGES = {"student-01": split, "student-02": merge, "student-03": rewrite, "student-04": strip}


@pytest.mark.parametrize("way", ["make", "command"])
def test_everything_counts_and_what_is_not_certain_waits(mini, way):
    for student, change in CHANGES.items():
        notebook = mini.notebook()
        change(notebook.cells)
        mini.submit(student, json.dumps(notebook))
    nested = mini.submit("student-05", mini.notebook()) / "01_mini.ipynb"
    (nested.parent / "work").mkdir()
    nested.rename(nested.parent / "work" / "01_mini (1).ipynb")
    copied = mini.submit("student-06", mini.notebook()) / "01_mini.ipynb"
    copied.rename(copied.with_name("01_mini-Copy1.ipynb"))
    shutil.copy(mini.course.release("01_mini") / "01_mini.ipynb", copied)
    WAYS[way](mini.course)
    rows = gradebook_rows(mini.course, "01_mini")
    got = {
        student: {name: row for name, row in cells.items() if name in FULL}
        for student, cells in rows.items()
    }
    assert got == {**dict.fromkeys([*CHANGES, "student-05"], FULL), "student-06": PROPOSED}
