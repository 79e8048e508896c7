"""What nbgrader, with our configuration, puts into a release; nothing is run here."""

import shutil
from pathlib import Path

import nbformat
import pytest
from course_folders import contents
from unsealed_course import release_unsealed, write_course

from grading.course.errors import BadRelease
from grading.course.layout import Course
from grading.course.leaks import find_leaks
from grading.course.released import ReleasedNotebook
from grading.course.sync import prepare_source
from grading.pipeline.try_release import refuse_leaks

pytestmark = pytest.mark.slow

PACKAGE = (
    *("__init__.py", "_exporting.py", "checks.json", "course.json"),
    *(f"_checking/{name}.py" for name in ("__init__", "listed", "public", "watching")),
    *(
        f"_pictures/{name}.py"
        for name in ("__init__", "draw", "graph", "layout", "live", "script", "show")
    ),
)

TEXT = Path(__file__).parents[1] / "mini" / "01_mini.py"
TASK = """

# %% [markdown] nbgrader={"grade": true, "grade_id": "draw", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": true}
# Draw what doubling does.
# ### BEGIN MARK SCHEME
# A point for the word inverse.
# ### END MARK SCHEME
"""  # noqa: E501


def write_released(root, name):
    """Write and release a course; beside its notebook lies what must not be handed out."""
    course = write_course(root, TEXT, name, lambda text: text + TASK)
    source = course.source(name)
    for file in (".ipynb_checkpoints/old.txt", "__pycache__/a.txt", "data/small.csv", "my.pyc"):
        (source / file).parent.mkdir(exist_ok=True)
        (source / file).write_text("secret")
    release_unsealed(course)
    return course


@pytest.fixture(scope="module", params=["01_mini", "mini"])
def released(request, tmp_path_factory):
    """Return a course, released, and the name of its assignment."""
    return write_released(tmp_path_factory.mktemp("course"), request.param), request.param


def files(folder):
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def cells(course, name):
    notebook = nbformat.read(course.release(name) / f"{name}.ipynb", as_version=4)
    return {
        cell.metadata.nbgrader.grade_id: cell
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    }


def test_students_get_the_notebook_the_package_and_the_data(released):
    course, name = released
    assert files(course.release(name)) == {
        *(f"{name}.ipynb", "data/small.csv"),
        *(f"tinytorch/{file}" for file in PACKAGE),
    }


def test_nothing_of_a_solution_a_hidden_test_or_a_mark_scheme_is_left(released):
    course, name = released
    original = ReleasedNotebook(course, name).solved()
    assert "A point for the word inverse." in "".join(cell.source for cell in original.cells)
    assert list(find_leaks(course.release(name), original)) == []


def test_answers_are_stubs_and_visible_tests_stay(released):
    ours = cells(*released)
    assert "raise NotImplementedError()" in ours["double"].source
    assert '"""Return twice the numbers."""' in ours["double"].source
    assert ours["test-double"].source == (
        'assert float(double(np.float64(1.5))) == 3.0\nprint("double works")'
    )
    assert ours["draw"].source.strip() == "Draw what doubling does."
    assert ours["think"].source.strip() == "YOUR ANSWER HERE"


def test_tests_are_locked_and_answers_can_be_edited(released):
    ours = cells(*released)
    assert ours["test-double"].metadata.editable is False
    assert ours["double"].metadata.get("editable", True) is True
    assert ours["test-double"].metadata.deletable is False


def test_what_is_kept_for_grading_is_the_original(released):
    course, name = released
    kept = ReleasedNotebook(course, name)
    assert "twice_the_numbers = 2 * x" in kept.solved().cells[2].source
    assert files(kept.handout) == {"data/small.csv", *(f"tinytorch/{file}" for file in PACKAGE)}


# --- what is refused, and that the release of before stays


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    return write_released(tmp_path_factory.mktemp("course"), "01_mini")


@pytest.fixture
def course(once, tmp_path):
    shutil.copytree(once.root, tmp_path / "course")
    return Course(tmp_path / "course")


def refused(course, check=None):
    made = [course.release("01_mini"), course.answer_key("01_mini")]
    before = [contents(folder) for folder in made]
    with pytest.raises(BadRelease) as refusal:
        release_unsealed(course, check)
    assert [contents(folder) for folder in made] == before
    return str(refusal.value)


def test_a_grade_id_that_stands_twice_is_refused(course):
    text = course.text("01_mini")
    text.write_text(text.read_text().replace('"grade_id": "halve"', '"grade_id": "double"'))
    prepare_source(course)
    assert refused(course) == "01_mini is not released: Duplicate grade id: double"


@pytest.mark.parametrize("file", ["notes.txt", "drafts/answers.py"])
def test_a_file_that_tells_of_a_solution_is_refused(course, file):
    planted = course.source("01_mini") / file
    planted.parent.mkdir(exist_ok=True)
    planted.write_text("    twice_the_numbers = 2 * x\n")

    def check(released, notebook, settings, unsolved_points):
        refuse_leaks(released.course, released.assignment, notebook)

    assert f"{file} would be handed out, and it tells 'twice_the_numbers = 2 * x'" in refused(
        course, check
    )


def test_a_notebook_in_an_inner_folder_is_not_handed_out(course):
    (course.source("01_mini") / "drafts").mkdir()
    shutil.copy(course.source("01_mini") / "01_mini.ipynb", course.source("01_mini") / "drafts")
    release_unsealed(course)
    assert "drafts/01_mini.ipynb" not in files(course.release("01_mini"))


def test_the_settings_reach_the_check(course):
    seen = []
    course.text("01_mini").write_text(course.text("01_mini").read_text() + "\n# more\n")
    release_unsealed(course, lambda *given: seen.append(given[3]))
    config = course.root / "nbgrader_config.py"
    config.write_text(
        config.read_text() + "\nc.CheckAndKeepRelease.unsolved_points = 1.5\n"
        "c.Sandbox.memory_mb = 123\n"
    )
    release_unsealed(course, lambda *given: seen.append((given[2].memory_mb, given[3])))
    assert seen == [0, (123, 1.5)]
