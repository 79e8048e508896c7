"""What is unfinished in a student's notebook, and in which section a cell stands."""

import pytest
from course_page.cells import is_changed, is_test, places, unfinished, unwritten
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.utils import compute_checksum

STUB = "    # YOUR CODE HERE\n    raise NotImplementedError()"


def cell(make, source: str, name: str, checksum: str | None = None, **about: object):
    made = make(source, metadata={"nbgrader": {"grade_id": name, "cell_type": "code"} | about})
    made.metadata.nbgrader["cell_type"] = made.cell_type
    made.metadata.nbgrader["checksum"] = compute_checksum(made) if checksum is None else checksum
    return made


def answer(source: str, make=new_code_cell, checksum: str | None = None):
    return cell(make, source, "answer", checksum, solution=True)


def of(*cells: NotebookNode) -> NotebookNode:
    return new_notebook(cells=list(cells))


def test_a_section_is_called_by_its_words_without_their_marks() -> None:
    notebook = new_notebook(cells=[new_markdown_cell("## **The** `Linear` layer, x**2")])
    [(_, place)] = places(notebook)
    assert place.section == "The Linear layer, x**2"


def test_a_cell_stands_in_the_section_of_the_last_heading_above_it():
    notebook = of(
        new_code_cell("1"),
        new_markdown_cell("# Title\n\ntext\n\n## 1. First"),
        new_code_cell("2"),
        new_markdown_cell("no heading here"),
        new_code_cell("3"),
        new_markdown_cell("```python\n# a comment\n```"),
        new_code_cell("4"),
    )
    sections = [place.section for cell, place in places(notebook) if cell.cell_type == "code"]
    assert sections == ["", "1. First", "1. First", "1. First"]


@pytest.mark.parametrize("make", [new_code_cell, new_markdown_cell])
def test_an_answer_that_is_as_it_was_handed_out_is_unfinished(make):
    [found] = unfinished(of(answer("anything", make)))
    assert (found.place.name, found.functions) == ("answer", ())


def test_an_answer_that_was_changed_is_not():
    assert unfinished(of(answer("x = 1", checksum="another"))) == []
    assert unfinished(of(answer("It is so.", new_markdown_cell, "another"))) == []


@pytest.mark.parametrize("text", ["YOUR ANSWER HERE", "# YOUR CODE HERE"])
def test_without_a_checksum_the_stubs_words_tell(text):
    untouched = answer(text, new_markdown_cell)
    del untouched.metadata.nbgrader["checksum"]
    assert len(unfinished(of(untouched))) == 1
    untouched.source = "It is so."
    assert unfinished(of(untouched)) == []


def test_functions_that_are_still_stubs_are_named_though_others_are_written():
    sums = "class Sum:\n  def forward(self):\n    raise NotImplementedError()"
    source = f"def done():\n    return 1\n{sums}"
    [found] = unfinished(of(answer(source, checksum="another")))
    assert found.functions == ("Sum.forward",)


@pytest.mark.parametrize(
    "source",
    [
        "def forward(self):\n    raise NotImplementedError('each operation has its own')",
        "def f():\n    raise ValueError()",
        "def f(:",
        "def f():\n    pass",
    ],
)
def test_what_is_no_stub_is_not_taken_for_one(source):
    assert unwritten(source) == []


def test_only_answers_are_looked_at():
    assert unfinished(of(new_code_cell(f"def f():\n{STUB}"))) == []
    assert unfinished(of(cell(new_code_cell, f"def f():\n{STUB}", "given", locked=True))) == []


def test_a_test_is_graded_code_that_students_do_not_write():
    assert is_test(cell(new_code_cell, "1", "t", "", grade=True))
    assert not is_test(cell(new_code_cell, "1", "t", "", grade=True, solution=True))
    assert not is_test(cell(new_markdown_cell, "1", "t", "", grade=True))
    assert not is_test(new_code_cell("1", metadata={"nbgrader": "nonsense"}))


def test_metadata_that_are_not_whole_are_no_error():
    broken = new_code_cell("1", metadata={"nbgrader": {"grade_id": "t", "grade": True}})
    broken.metadata.nbgrader |= {"locked": True, "checksum": "another"}
    assert is_changed(broken)


def test_a_locked_cell_that_is_another_than_handed_out_is_changed():
    assert is_changed(cell(new_code_cell, "1", "t", "another", locked=True))
    assert not is_changed(cell(new_code_cell, "1", "t", locked=True))
    assert not is_changed(answer("1", checksum="another"))
