"""How the notebooks read: headings nest, and pictures come with a description."""

import ast
import re
from itertools import pairwise

import pytest

from grading.course.cells import is_graded, nbgrader_of
from grading.course.layout import Course
from grading.course.texts import read_notebook
from grading.sandbox.settings import PROJECT

COURSE = Course(PROJECT)
HEADING = re.compile(r"^(#+) ", re.MULTILINE)
PAPER = re.compile(r"^- [A-Z]\. .+?: \*.+?(?=^$|^- )", re.MULTILINE | re.DOTALL)
YEAR = re.compile(r"\b(18|19|20)\d\d\b")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(params=COURSE.assignments())
def notebook(request):
    return read_notebook(COURSE.text(request.param))


def levels(notebook):
    """Return the level of each heading of a notebook."""
    texts = [FENCED.sub("", cell.source) for cell in notebook.cells if cell.cell_type == "markdown"]
    return [len(mark) for text in texts for mark in HEADING.findall(text)]


def shown(cell):
    """Return the calls of a cell that show a picture, by the name of what is called."""
    if cell.cell_type != "code":
        return []
    calls = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call)]
    return [(ast.unparse(call.func), call) for call in calls if "show" in ast.unparse(call.func)]


def test_headings_nest(notebook):
    found = levels(notebook)
    assert found[0] == 1
    assert found.count(1) == 1
    for above, below in pairwise(found):
        assert below <= above + 1


def test_all_pictures_of_a_notebook_are_described(notebook):
    ways = [name for cell in notebook.cells for name, _ in shown(cell)]
    assert "plt.show" not in ways
    assert "tinytorch.show" in ways


def test_every_notebook_says_at_the_end_of_its_introduction_how_to_see_its_checks(notebook):
    introduction = " ".join(notebook.cells[0].source.split())
    assert "## Where we are" in introduction
    assert introduction.endswith(
        "`tinytorch.check()` in a cell of its own lists what this notebook will be graded by, and "
        "what its visible tests say so far."
    )


def split(answer):
    """Return the points that a model answer gives, paragraph by paragraph."""
    return [int(points) for points in re.findall(r"^\((\d+) points?\) ", answer, re.MULTILINE)]


def test_the_points_of_a_model_answer_add_up_to_those_of_its_question(notebook):
    answers = [c for c in notebook.cells if c.cell_type == "markdown" and is_graded(c)]
    assert answers
    for cell in answers:
        assert sum(split(cell.source)) == nbgrader_of(cell)["points"]


def test_every_notebook_leads_on_to_two_papers_with_authors_and_year(notebook):
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    (reading,) = [text for text in texts if "To read on:" in text]
    papers = PAPER.findall(reading)
    assert len(papers) == 2
    assert all(YEAR.search(paper) for paper in papers)


def test_a_description_says_more_than_a_title(notebook):
    for cell in notebook.cells:
        for name, call in shown(cell):
            if name == "tinytorch.show":
                _, description = call.args
                assert len(ast.unparse(description).split()) >= 15
