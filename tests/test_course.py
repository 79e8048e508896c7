"""The course itself: its releases, as students get them."""

import shutil
from concurrent.futures import Future

import nbformat
import pytest

from grading.checks import answer_key
from grading.checks.answer_key import run_solution
from grading.course.assignment import FILE
from grading.course.layout import Course
from grading.course.leaks import find_leaks
from grading.course.package import INSIDE
from grading.course.released import ReleasedNotebook
from grading.course.sync import prepare_source
from grading.pipeline import try_release
from grading.pipeline.configuration import load_config, nbgrader_api
from grading.pipeline.release import release_all
from grading.sandbox.settings import PROJECT

pytestmark = pytest.mark.slow

ASSIGNMENTS = Course(PROJECT).assignments()
BEGIN = "### BEGIN SOLUTION"


@pytest.fixture(scope="session")
def releases():
    """Return the releases made so far; each is made once, however tests are shuffled."""
    return {}


@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ASSIGNMENTS]
)
def released(request, releases, tmp_path_factory):
    """Release one assignment; it is refused unless ours earns every point and the stubs none."""
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
    with pytest.MonkeyPatch.context() as patch:
        run_ours_once(patch)
        release_all(course, nbgrader_api(load_config(root)), lambda line: None, assignment)
    return course


def run_ours_once(patch):
    """Let a release judge the very run that its key was made from, where that timed nothing.

    Two runs of a notebook that trains a CNN would take minutes. What a second run finds is held by
    `tests/pipeline/test_try_release.py` on a small one, and every `make release` does it. A run for
    the key is no student's where a speed is taken: there it computes for more seeds.
    """
    for_the_key = Future()

    def run_for_the_key(*given, **how):
        try:
            for_the_key.set_result(run_solution(*given, **how))
        except BaseException as error:
            for_the_key.set_exception(error)
        return for_the_key.result()

    def run_again(notebook, *given):
        solved = any(BEGIN in cell.source for cell in notebook.cells)
        if solved and not for_the_key.result().stretches:
            return for_the_key.result()
        return run_solution(notebook, *given)

    patch.setattr(answer_key, "run_solution", run_for_the_key)
    patch.setattr(try_release, "run_solution", run_again)


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
