"""What the kernel is told of names stands in the released notebook, not in what was submitted."""

import copy

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.submission.names import about_names


def cell(name, source, solution=False, grade=False):
    ours = {"grade_id": name, "solution": solution, "grade": grade, "locked": not solution}
    return new_code_cell(source, metadata={"nbgrader": ours})


def given(name, source):
    return cell(name, source)


def answer(name, source):
    return cell(name, source, solution=True)


def test(name, source=""):
    return cell(name, source, grade=True)


test.__test__ = False


def told(*cells, defines=None, restored=None):
    """Return what is told of the last cell of a notebook, or of that of another."""
    notebook = new_notebook(cells=list(cells))
    return about_names(notebook, new_notebook(cells=restored or list(cells)), defines)[-1]


def test_names_that_a_cell_of_ours_binds_are_given_from_its_place():
    ours = given("helpers", "x = 1\ndef f(): y = 2\nclass C: z = 3\nfor i in (1, 2): pass")
    assert told(ours, test("t"))["test"]["given"] == dict.fromkeys(["x", "f", "C", "i"], "helpers")
    assert told(ours) == {"gives": {"helpers": ["C", "f", "i", "x"]}}


def test_names_that_an_answer_defines_are_asked_for():
    known = told(answer("a", "def f(): ..."), test("t"))["test"]
    assert known["asked"] == {"f": "a"} and known["given"] == {}


def test_what_only_our_solution_defines_is_asked_for_too():
    cells = (answer("a", "# write f and g here"), test("t"))
    known = told(*cells, defines={"a": ["f", "g", "rule(Add)"], "t": ["h"]})["test"]
    assert known["asked"] == {"f": "a", "g": "a"}


def test_an_answer_hands_over_what_it_was_asked_for():
    ours = answer("a", "import numpy as np\ndef f(): ...")
    assert told(ours, defines={"a": ["g"]}) == {"gives": {"a": ["f", "g"]}}


@pytest.mark.parametrize("make", [given, answer, lambda name, source: new_code_cell(source)])
def test_what_a_cell_imports_is_imported_for_tests(make):
    source = "import numpy as np, os.path\nfrom a.b import (c as d,\n  e)\nfrom . import f"
    assert told(make("a", source), test("t"))["test"] == {
        "asked": {},
        "given": {},
        "imports": {
            "np": "import numpy as np",
            "os": "import os.path",
            "d": "from a.b import c as d",
            "e": "from a.b import e",
            "f": "from . import f",
        },
        "shown": [],
    }


def test_whichever_cell_binds_a_name_last_before_the_test_counts():
    cells = (given("one", "x = 1"), given("two", "x = 2"), test("t"), given("three", "x = 3"))
    assert about_names(*[new_notebook(cells=cells)] * 2)[2]["test"]["given"] == {"x": "two"}


def test_a_name_that_was_asked_for_before_it_was_given_is_given():
    cells = (answer("a", "model = f"), given("run", "model = g"), test("t"))
    known = told(*cells)["test"]
    assert (known["asked"], known["given"]) == ({}, {"model": "run"})


@pytest.mark.parametrize(
    "source", ["x = 2", "### BEGIN HIDDEN TESTS\nx = 2\n### END HIDDEN TESTS", "import x"]
)
def test_what_a_test_has_bound_since_is_the_tests(source):
    cells = (given("one", "x = 1"), test("t", source), test("u"))
    assert told(*cells)["test"]["given"] == {}


def test_only_what_students_see_of_a_test_is_shown_to_their_cells():
    source = "### BEGIN HIDDEN TESTS\nx = 1\n### END HIDDEN TESTS\nimport y\nz = x"
    assert told(test("t", source))["test"]["shown"] == ["y", "z"]


def test_magic_lines_are_passed_over():
    ours = given("a", "%matplotlib inline\n!ls\nx = 1")
    assert told(ours) == {"gives": {"a": ["x"]}}


def test_a_released_cell_without_a_name_gives_what_it_binds_unless_it_was_edited():
    ours = (new_code_cell("x = 1"), test("t"))
    assert told(*ours, restored=[ours[1], new_code_cell("x = 1  ")]) == {"gives": {"cell 0": ["x"]}}
    assert told(*ours, restored=[ours[1], new_code_cell("x = 2")]) == {}
    assert told(*ours, restored=[new_code_cell("x = 2"), ours[1]])["test"]["given"] == {
        "x": "cell 0"
    }


def test_nothing_is_told_of_a_students_own_cells_and_of_texts():
    ours = (new_markdown_cell("x = 1"), new_code_cell("y = 1"), test("t"))
    for own in (new_code_cell("sum = 0"), new_code_cell("def ("), ours[0]):
        assert told(*ours, restored=[own]) == {}


def test_what_a_student_writes_changes_nothing_that_is_told():
    ours = (answer("a", "def f(): ..."), test("t"))
    theirs = copy.deepcopy(list(ours))
    theirs[0].source = "import os as f\nx = ("
    assert told(*ours, restored=theirs) == told(*ours)
    assert told(*ours, restored=theirs[:1]) == {"gives": {"a": ["f"]}}
