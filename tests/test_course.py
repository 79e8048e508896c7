"""The course itself: its releases, as students get them."""

import shutil

import nbformat
import pytest

from grading.course.assignment import FILE
from grading.course.layout import Course
from grading.course.leaks import find_leaks
from grading.course.package import INSIDE
from grading.course.released import ReleasedNotebook
from grading.course.sync import prepare_source
from grading.pipeline.configuration import load_config, nbgrader_api
from grading.pipeline.release import release_all
from grading.sandbox.settings import PROJECT

pytestmark = pytest.mark.slow

ASSIGNMENTS = Course(PROJECT).assignments()


@pytest.fixture(scope="session")
def releases():
    """Return the releases made so far; each is made once, however tests are shuffled."""
    return {}


@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ASSIGNMENTS]
)
def released(request, releases, tmp_path_factory):
    """Release one assignment; this refuses it unless ours earns every point and stubs none."""
    name = request.param
    if name not in releases:
        releases[name] = release(name, tmp_path_factory.mktemp("course"))
    return releases[name], name


def release(assignment, root):
    """Release an assignment in a course of it and those before it."""
    position = ASSIGNMENTS.index(assignment)
    for name in ASSIGNMENTS[: position + 1]:
        (root / "source" / name).mkdir(parents=True)
        for file in (Course(PROJECT).text(name), Course(PROJECT).source(name) / FILE):
            shutil.copy(file, root / "source" / name)
    shutil.copy(PROJECT / "nbgrader_config.py", root)
    course = Course(root)
    prepare_source(course)
    release_all(course, nbgrader_api(load_config(root)), lambda line: None, assignment)
    return course


def test_a_release_holds_the_earlier_modules_and_nothing_secret(released):
    course, assignment = released
    folder = course.release(assignment)
    modules = {file.stem for file in folder.glob("tinytorch/*.py")} - {
        file.stem for file in INSIDE.glob("*.py")
    }
    assert modules == set(course.modules_before(assignment))
    texts = [(PROJECT / "tinytorch_ref" / f"{module}.py").read_text() for module in modules]
    solved = ReleasedNotebook(course, assignment).solved()
    assert list(find_leaks(folder, solved, "\n".join(texts))) == []


def test_a_release_has_a_written_question_and_the_right_kernel(released):
    course, assignment = released
    notebook = nbformat.read(course.release(assignment) / f"{assignment}.ipynb", as_version=4)
    by_hand = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("grade")
    ]
    assert 1 <= len(by_hand) <= 2
    assert notebook.metadata.kernelspec.name == "python3"
