"""An answer is another one when what a person gave points for is another, and only then."""

import copy
from pathlib import PurePath

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.grades.answers import answers_of
from grading.submission.restore import ELSEWHERE

GRADED = {"grade": True, "points": 1}
HELPER = [(PurePath("helper.py"), b"x = 1")]


def ours(make, name, source, **told):
    return make(source, metadata={"nbgrader": {"grade_id": name} | told})


@pytest.fixture
def skeleton():
    cells = [
        new_markdown_cell("Our text."),
        ours(new_code_cell, "double", "stub", solution=True),
        ours(new_code_cell, "test", "hidden", **GRADED),
        ours(new_code_cell, "free", "stub of the free one", solution=True, **GRADED),
        ours(new_markdown_cell, "think", "Write here.", solution=True, **GRADED),
        ours(new_markdown_cell, "task", "Draw it.", task=True, points=1),
    ]
    return new_notebook(cells=cells)


@pytest.fixture
def submitted(skeleton):
    notebook = copy.deepcopy(skeleton)
    for place, source in ((1, "mine"), (3, "my free code"), (4, "My thought.")):
        notebook.cells[place].source = source
    notebook.cells += [new_code_cell("my own code"), new_markdown_cell("My own text.")]
    return notebook


def changed(submitted, skeleton, edit, files=()):
    """Return the cells whose answers are others after an edit."""
    before = answers_of(submitted, skeleton, [])
    edited = copy.deepcopy(submitted)
    edit(edited.cells)
    after = answers_of(edited, skeleton, files)
    assert before.keys() == after.keys() == {"test", "free", "think", "task"}
    return {name for name in before if before[name] != after[name]}


def set_source(place, source="another"):
    return lambda cells: cells[place].update(source=source)


EDITS = {
    "nothing": (lambda cells: None, set()),
    "a solution": (set_source(1), {"test", "task"}),
    "a free answer in code": (set_source(3), {"test", "free", "task"}),
    "a written answer": (set_source(4), {"think", "task"}),
    "code of one's own": (set_source(6), {"test", "task"}),
    "text of one's own": (set_source(7), {"task"}),
    "a test of ours": (set_source(2), set()),
    "a picture in an answer": (
        lambda cells: cells[4].update(attachments={"a.png": {"image/png": "AAAA"}}),
        {"think", "task"},
    ),
}


@pytest.mark.parametrize("what", EDITS)
def test_which_answers_are_others_after_another(submitted, skeleton, what):
    edit, others = EDITS[what]
    assert changed(submitted, skeleton, edit) == others


def test_a_file_beside_the_notebook_is_part_of_what_is_tested(submitted, skeleton):
    assert changed(submitted, skeleton, EDITS["nothing"][0], HELPER) == {"test", "task"}


@pytest.mark.parametrize("name", ["timestamp.txt", "submission_secret.txt"])
def test_when_and_how_it_was_handed_in_is_no_part(submitted, skeleton, name):
    files = [(PurePath(name), b"another")]
    assert changed(submitted, skeleton, EDITS["nothing"][0], files) == set()


@pytest.mark.parametrize("place", [0, 1])
def test_what_we_hand_out_may_change(skeleton, place):
    later = copy.deepcopy(skeleton)
    later.cells[place].source = "Said better."
    assert answers_of(later, later, []) == answers_of(skeleton, skeleton, [])


def test_an_answer_that_stands_elsewhere_is_all_that_was_written(submitted, skeleton):
    submitted.cells[4].source = ELSEWHERE
    assert changed(submitted, skeleton, set_source(7)) == {"think", "task"}
