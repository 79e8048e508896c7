"""The section of a cell is the last heading above it that is not a student's."""

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.course.sections import headings, sections_of, title_of


def named(make, name, source="", **about):
    return make(source, metadata={"nbgrader": {"grade_id": name} | about})


def test_headings_are_found_but_in_code():
    text = "# One #\ntext # no\n```python\n# no\n```\n## Two\n#no"
    assert headings(text) == ["One", "Two"]


def test_a_heading_is_its_words_without_their_marks():
    assert headings("## Exercise: `Linear`") == ["Exercise: Linear"]
    assert headings("## **Think** about `a**b` and *why*") == ["Think about a**b and why"]
    assert headings("## a * b, x**2 and one ` alone") == ["a * b, x**2 and one ` alone"]


def test_a_heading_is_never_longer_than_a_line_of_a_list():
    assert len(headings("# " + "x" * 9999)[0]) == 200


def test_cells_stand_below_the_last_heading_of_the_course():
    notebook = new_notebook(
        cells=[
            named(new_code_cell, "first"),
            new_markdown_cell("# Title\n## 1. Adding"),
            named(new_markdown_cell, "answer", "# My own", solution=True),
            named(new_code_cell, "test"),
            new_code_cell("# a comment"),
        ]
    )
    wanted = {"first": "first", "answer": "1. Adding", "test": "1. Adding"}
    assert sections_of(notebook) == wanted
    assert title_of(notebook) == "Title" and title_of(new_notebook()) == ""
