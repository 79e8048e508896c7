"""A gradebook knows a release by its cells; one that does not is filled again, all or nothing."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.preprocessors import SaveCells

from grading.course.errors import BadRelease
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.grades.gradebook import Received, RunGradebook
from grading.grades.releases import enter_release, is_released

NAME, STUDENT = "01_mini", "student-01"
FIELDS = ("grade", "solution", "locked", "task")


def marked(make, name, source, *kinds, points=None):
    ours = {"grade_id": name, "schema_version": 3} | {kind: kind in kinds for kind in FIELDS}
    if points is not None:
        ours["points"] = points
    return make(source, metadata={"nbgrader": ours})


CELLS = {
    "given": marked(new_code_cell, "given", "import numpy", "locked"),
    "double": marked(new_code_cell, "double", "def double(x): ...", "solution"),
    "test": marked(new_code_cell, "test", "assert double(1) == 2", "grade", "locked", points=4),
    "think": marked(new_markdown_cell, "think", "Why?", "grade", "solution", points=3),
    "draw": marked(new_markdown_cell, "draw", "Draw it.", "task", points=5),
    "plain": new_markdown_cell("Read this."),
}


def release_of(course, **changed):
    cells = [cell for cell in (CELLS | changed).values() if cell is not None]
    released = ReleasedNotebook(course, NAME)
    source = course.source(NAME)
    source.mkdir(parents=True, exist_ok=True)
    kernel = {"name": "python3", "language": "python", "display_name": "Python"}
    released.keep(new_notebook(cells=cells, metadata={"kernelspec": kernel}), source)
    return released


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


@pytest.fixture
def url(no_waiting_for_the_disk, tmp_path):
    return f"sqlite:///{tmp_path / 'gradebook.db'}"


@pytest.fixture
def run(url):
    with RunGradebook(url, "tinytorch") as run:
        yield run


def described(url):
    """Return all that a gradebook says of the assignment."""
    with Gradebook(url, "tinytorch") as gradebook:
        assignment = gradebook.find_assignment(NAME)
        [notebook] = assignment.notebooks
        cells = [
            *((cell.name, cell.max_score, cell.cell_type) for cell in notebook.grade_cells),
            *((cell.name, cell.max_score, cell.cell_type) for cell in notebook.task_cells),
            *((cell.name,) for cell in notebook.solution_cells),
            *(
                (cell.name, cell.cell_type, cell.locked, cell.source, cell.checksum)
                for cell in notebook.source_cells
            ),
        ]
        return assignment.course_id, notebook.name, notebook.kernelspec, sorted(cells, key=str)


def by_nbgrader(url, released):
    """Fill a gradebook as nbgrader's generate_assignment does."""
    with Gradebook(url, "tinytorch") as gradebook:
        gradebook.update_or_create_assignment(NAME)
    resources = {"nbgrader": {"notebook": NAME, "assignment": NAME, "db_url": url}}
    SaveCells().preprocess(released.skeleton(), resources)


def test_what_is_entered_is_what_nbgrader_enters(course, url, run, tmp_path):
    released = release_of(course)
    other = f"sqlite:///{tmp_path / 'other.db'}"
    with RunGradebook(other, "tinytorch"):
        by_nbgrader(other, released)
    assert enter_release(run, released)
    assert described(url) == described(other)


def test_an_empty_gradebook_does_not_know_a_release_until_it_is_entered(course, run):
    released = release_of(course)
    assert not is_released(run, released)
    enter_release(run, released)
    assert is_released(run, released)


def test_what_nbgrader_has_entered_is_known_and_not_entered_again(course, url, run):
    released = release_of(course)
    by_nbgrader(url, released)
    assert is_released(run, released)
    assert not enter_release(run, released)


ANOTHER = {
    "another test": {"more": marked(new_code_cell, "more", "1", "grade", "locked", points=1)},
    "other points": {"test": marked(new_code_cell, "test", "1", "grade", "locked", points=5)},
    "another answer": {"more": marked(new_code_cell, "more", "...", "solution")},
    "another task": {"more": marked(new_markdown_cell, "more", "Draw.", "task", points=1)},
    "another given cell": {"more": marked(new_code_cell, "more", "1", "locked")},
    "no task": {"draw": None},
    "no test": {"test": None},
}


@pytest.mark.parametrize("changed", ANOTHER.values(), ids=ANOTHER)
def test_another_release_is_not_known_and_its_cells_are_entered(course, url, run, changed):
    enter_release(run, release_of(course))
    released = release_of(course, **changed)
    assert not is_released(run, released)
    assert enter_release(run, released)
    assert is_released(run, released)


def test_half_a_release_is_not_known_and_made_whole(course, url, run):
    released = release_of(course)
    by_nbgrader(url, released)
    with Gradebook(url) as gradebook:
        gradebook.db.delete(gradebook.find_grade_cell("test", NAME, NAME))
        gradebook.db.commit()
    assert not is_released(run, released)
    enter_release(run, released)
    assert is_released(run, released)


def test_a_due_date_and_a_students_grades_stay_when_cells_are_added(course, url, run):
    enter_release(run, release_of(course))
    run.mark_pending([Received(STUDENT, NAME, None)])
    with Gradebook(url) as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2030-03-01")
        gradebook.find_grade("think", NAME, NAME, STUDENT).manual_score = 2.5
        gradebook.db.commit()
    enter_release(run, release_of(course, **ANOTHER["another test"]))
    run.mark_pending([Received(STUDENT, NAME, None)])
    with Gradebook(url) as gradebook:
        assert gradebook.find_assignment(NAME).duedate.year == 2030
        assert gradebook.find_grade("think", NAME, NAME, STUDENT).manual_score == 2.5
        assert gradebook.find_grade("more", NAME, NAME, STUDENT).needs_manual_grade


def test_cells_that_students_have_grades_for_are_not_taken_away(course, url, run):
    enter_release(run, release_of(course))
    run.mark_pending([Received(STUDENT, NAME, None)])
    before = described(url)
    released = release_of(course, **ANOTHER["no task"] | ANOTHER["another test"])
    with pytest.raises(BadRelease, match=r"no longer has \(draw\)"):
        enter_release(run, released)
    assert described(url) == before


def test_a_notebook_of_another_name_is_named_with_what_to_do(course, url, run):
    with Gradebook(url, "tinytorch") as gradebook:
        gradebook.add_assignment(NAME)
        gradebook.add_notebook("another", NAME)
    with pytest.raises(BadRelease, match="has a notebook another in it"):
        enter_release(run, release_of(course))
