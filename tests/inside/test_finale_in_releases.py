"""The finale in the folders that students have: the releases, solved, as this course makes them."""

import json
import shutil
import subprocess
import sys

import pytest
from framework_folder import run
from unsealed_course import release_unsealed

from grading.course.assignment import FILE
from grading.course.cells import without_marks
from grading.course.layout import Course
from grading.course.leaks import find_leaks
from grading.course.released import ReleasedNotebook
from grading.course.sync import prepare_source
from grading.sandbox.settings import PROJECT

pytestmark = pytest.mark.slow

TRAINED = {
    "07_optimizers": ["XOR", "MLP"],
    "08_spatial": ["XOR", "MLP", "CNN"],
    "09_training": ["XOR", "MLP", "CNN"],
    "10_dataloader": ["XOR", "MLP", "CNN"],
}


def export(folder):
    code = f"import tinytorch; tinytorch.export_mine({folder.name!r})"
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=True, encoding="utf-8"
    ).stdout


def solve(course, assignment):
    notebook = ReleasedNotebook(course, assignment).solved()
    for cell in notebook.cells:
        cell.source = without_marks(cell.source)
    file = course.release(assignment) / f"{assignment}.ipynb"
    file.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Go through the term; return what was said of each export, unsolved and solved, and finale."""
    ours, course = Course(PROJECT), Course(tmp_path_factory.mktemp("course"))
    for name in ours.assignments():
        course.source(name).mkdir(parents=True)
        for file in (ours.text(name), ours.source(name) / FILE):
            shutil.copy(file, course.source(name))
    shutil.copy(PROJECT / "nbgrader_config.py", course.root)
    prepare_source(course)
    release_unsealed(course)
    told = {}
    for name in ours.assignments():
        folder = course.release(name)
        texts = [
            (course.reference / f"{one}.py").read_text() for one in course.modules_before(name)
        ]
        original = ReleasedNotebook(course, name).solved()
        assert list(find_leaks(folder, original, "\n".join(texts))) == []
        unsolved = export(folder)
        solve(course, name)
        solved = export(folder)
        finale = run(folder)[1] if (folder / "tinytorch" / "_finale").exists() else None
        page = folder / "my_framework.html"
        told[name] = unsolved, solved, finale, page.read_text() if page.exists() else ""
    return told


MAKE_A_MODULE = [one.name for one in Course(PROJECT).read_assignments() if one.module]


def test_no_unsolved_release_is_exported_and_every_solved_one_is(told):
    for name in MAKE_A_MODULE:
        unsolved, solved, _, _ = told[name]
        assert "still unsolved" in unsolved, (name, unsolved)
        assert "exported cells, as last saved" in solved, (name, solved)


def test_it_comes_with_the_assignments_where_there_is_something_to_train(told):
    assert [name for name, (_, _, finale, _) in told.items() if finale] == [*TRAINED]


@pytest.mark.parametrize("assignment", TRAINED)
def test_each_release_trains_what_ones_own_modules_carry(told, assignment):
    _, _, finale, page = told[assignment]
    for name in ("XOR", "MLP", "CNN"):
        trained = f"<h2>{name}" in page
        assert trained == (name in TRAINED[assignment]), finale
    assert ("a plain loop stands in" in finale) == (assignment != "10_dataloader")


def test_at_the_end_of_the_term_nothing_is_missing_and_given_lines_are_told_apart(told):
    page = told["10_dataloader"][3]
    assert "Still to come" not in page and "in ten modules" in page
    total = page.partition("together</th>")[2].partition("</tr>")[0]
    mine, given = (int(part.partition("<")[0]) for part in total.split('class="n">')[1:])
    assert 200 < mine < 600 and given > 300
