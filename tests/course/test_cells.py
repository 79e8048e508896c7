import ast

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.course.cells import (
    MAGIC,
    exported_sources,
    grade_id_of,
    is_answer,
    is_exported,
    is_test,
    nbgrader_of,
    parsed,
    without_marks,
)

TEST = {"grade": True, "solution": False, "grade_id": "test-one"}
ANSWER = {"grade": False, "solution": True, "grade_id": "one"}
GRADED_ANSWER = {"grade": True, "solution": True, "grade_id": "both"}
LOCKED = {"grade": False, "solution": False, "grade_id": "read"}


def cell(marks, make=new_code_cell):
    return make("", metadata={"nbgrader": marks})


@pytest.mark.parametrize(("marks", "is_one"), [(TEST, True), (ANSWER, False), (LOCKED, False)])
def test_a_test_is_graded_and_no_answer(marks, is_one):
    assert is_test(cell(marks)) is is_one
    assert not is_test(cell(GRADED_ANSWER))


def test_text_is_never_an_autograded_test():
    assert not is_test(cell(TEST, new_markdown_cell))


@pytest.mark.parametrize(
    ("marks", "is_one"), [(ANSWER, True), (GRADED_ANSWER, True), (TEST, False), (LOCKED, False)]
)
def test_an_answer_is_what_students_write_in(marks, is_one):
    assert is_answer(cell(marks)) is is_one


@pytest.mark.parametrize("marks", [None, "text", 3, ["grade"]])
def test_metadata_of_another_kind_are_none(marks):
    assert nbgrader_of(cell(marks)) == {}
    assert not is_answer(cell(marks)) and not is_test(cell(marks))
    assert grade_id_of(cell(marks)) is None


def test_a_cell_without_metadata_is_neither():
    assert nbgrader_of(new_code_cell("x")) == {} and grade_id_of(new_code_cell("x")) is None


def test_the_grade_id_is_read():
    assert grade_id_of(cell(TEST)) == "test-one"


def test_only_code_with_the_tag_is_exported():
    tags = {"tags": ["export"]}
    assert is_exported(new_code_cell("", metadata=tags))
    assert not is_exported(new_markdown_cell("", metadata=tags))
    assert not is_exported(new_code_cell("", metadata={"tags": ["exported"]}))
    assert not is_exported(new_code_cell(""))


def test_exported_sources_are_in_order_and_without_marks():
    tags = {"tags": ["export"]}
    solved = "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"
    cells = [
        new_code_cell("a", metadata=tags),
        new_code_cell("not me"),
        new_code_cell(solved, metadata=tags),
    ]
    assert exported_sources(new_notebook(cells=cells)) == ["a", "def f():\n    return 1"]


@pytest.mark.parametrize("line", ["x = '### BEGIN SOLUTION'", "# BEGIN SOLUTION", "### BEGIN"])
def test_only_the_marks_themselves_are_left_out(line):
    assert without_marks(line) == line


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\nimport math",
        "!ls\nimport math",
        "if True:\n    %time f()\n    import math",
        "%%time\nimport math",
    ],
)
def test_a_cell_with_lines_for_ipython_is_still_read(source):
    assert any(isinstance(node, ast.Import) for node in ast.walk(parsed(new_code_cell(source))))


def test_a_remainder_over_two_lines_is_no_line_for_ipython():
    tree = parsed(new_code_cell("import math\nx = (5\n     % 3)"))
    assert ast.unparse(tree) == "import math\nx = 5 % 3"


def test_what_is_no_python_does_nothing():
    assert parsed(new_code_cell("def (:")).body == []


def test_a_magic_stands_in_one_line_whatever_blank_lines_are_above():
    """A search that began at each blank line anew would take minutes for a long run of them."""
    assert [found.span() for found in MAGIC.finditer("\n \n  %time x\n\n!ls")] == [
        (3, 12),
        (14, 17),
    ]
