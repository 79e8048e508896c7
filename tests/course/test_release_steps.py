"""A release's own delimiters and stubs hold wherever it is cleared again."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.preprocessors import ClearHiddenTests
from traitlets.config import Config

from grading.course.leaks import secret_lines
from grading.course.release_steps import settings_of, take_step, with_settings
from grading.course.released import without_solutions
from grading.report.student_view import show_to_student
from grading.submission.released_cells import ReleasedCells

SECRET = "twice_the_numbers = 2 * x"


def cell(make, name, source, **told):
    ours = {"grade_id": name, "schema_version": 3, "locked": False, "grade": False, "task": False}
    return make(source, metadata={"nbgrader": ours | {"solution": False} | told})


@pytest.fixture
def notebook():
    test = f"#( \nassert {SECRET!r}\n#)\nprint('seen')"
    return new_notebook(
        cells=[
            cell(new_code_cell, "double", f"#<\n{SECRET}\n#>", solution=True),
            cell(new_code_cell, "test", test, grade=True, points=1, locked=True),
            cell(new_markdown_cell, "think", "Mine.", solution=True, grade=True, points=1),
        ]
    )


@pytest.fixture
def config():
    config = Config()
    config.ClearSolutions.begin_solution_delimeter = "#<"
    config.ClearSolutions.end_solution_delimeter = "#>"
    config.ClearSolutions.code_stub = {"python": "# your turn"}
    config.ClearSolutions.text_stub = "Your words."
    config.ClearHiddenTests.begin_test_delimeter = "#("
    config.ClearHiddenTests.end_test_delimeter = "#)"
    return config


def test_submissions_are_rebuilt_with_the_releases_own_delimiters_and_stubs(notebook, config):
    kept = with_settings(notebook, config)
    skeleton = without_solutions(kept)
    sources = [one.source for one in skeleton.cells]
    assert (sources[0], sources[2]) == ("# your turn", "Your words.")
    assert SECRET in sources[1]
    assert ReleasedCells(skeleton).seen["test"] == ("print('seen')",)


def test_a_student_sees_no_hidden_test_whatever_its_delimiters(notebook, config):
    graded = without_solutions(with_settings(notebook, config))
    show_to_student(graded)
    assert all(SECRET not in one.source for one in graded.cells)


def test_what_stands_between_other_delimiters_is_secret(notebook, config):
    assert SECRET in secret_lines(with_settings(notebook, config))
    assert SECRET not in secret_lines(notebook)


def test_the_notebook_that_is_released_says_nothing_of_settings(notebook, config):
    kept = with_settings(notebook, config)
    assert kept is not notebook and settings_of(notebook) == {}
    assert settings_of(kept).keys() == {"ClearSolutions", "ClearHiddenTests"}


def test_where_nothing_is_said_nothing_is_noted(notebook):
    assert with_settings(notebook, Config()) is notebook
    told = Config()
    told.ClearSolutions.text_stub = "YOUR ANSWER HERE"
    assert with_settings(notebook, told) is notebook


def test_cells_can_be_cleared_by_the_settings_of_their_notebook(notebook, config):
    part = new_notebook(cells=notebook.cells[1:2])
    assert SECRET in take_step(ClearHiddenTests, part).cells[0].source
    cleared = take_step(ClearHiddenTests, part, of=with_settings(notebook, config))
    assert SECRET not in cleared.cells[0].source
