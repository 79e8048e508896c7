import shutil

import pytest

from grading.course.errors import BadRelease
from grading.course.layout import Course
from grading.course.leaks import find_leaks, secret_lines
from grading.course.sync import prepare_source
from grading.pipeline.configuration import load_config, nbgrader_api
from grading.pipeline.release import release_all

pytestmark = pytest.mark.slow


def leaks(mini):
    return list(find_leaks(mini.course.release("01_mini"), mini.released.solved()))


def test_a_release_holds_nothing_of_a_solution_or_a_hidden_test(mini):
    assert "twice_the_numbers = 2 * x" in secret_lines(mini.released.solved())
    assert leaks(mini) == []


@pytest.mark.parametrize(
    "planted",
    [
        "twice_the_numbers = 2 * x",
        'check("doubles a matrix", lambda: double(_numbers))',
        "### BEGIN SOLUTION",
    ],
)
@pytest.mark.parametrize("file", ["01_mini.ipynb", "notes.txt", "tinytorch/tensor.py"])
def test_a_planted_leak_is_found(mini, planted, file):
    path = mini.course.release("01_mini") / file
    path.parent.mkdir(exist_ok=True)
    if file.endswith(".ipynb"):
        text = path.read_text()
        planted_json = planted.replace('"', '\\"')
        path.write_text(text.replace('print(\\"double works\\")', planted_json))
    else:
        path.write_text(f"# {planted}\n")
    assert [found.name for found, _ in leaks(mini)] == [path.name]


def test_the_text_notebook_is_not_released(mini):
    assert list(mini.course.release("01_mini").glob("*.py")) == []


@pytest.mark.parametrize("name", ["Untitled.ipynb", "answers.py"])
def test_a_second_notebook_or_text_is_refused(mini, name):
    source = mini.course.source("01_mini")
    (source / name).write_text((source / "01_mini.ipynb").read_text())
    answer = nbgrader_api(load_config(mini.course.root)).generate_assignment("01_mini", force=True)
    assert not answer["success"]
    assert f"Rename, move or remove {name}." in answer["log"]
    assert not list(mini.course.release("01_mini").glob(name))


@pytest.fixture
def rerelease(mini):
    def rerelease(old, new):
        text = mini.course.text("01_mini")
        content = text.read_text()
        assert old in content
        text.write_text(content.replace(old, new))
        shutil.rmtree(mini.course.root / "source" / "01_mini" / "tinytorch", ignore_errors=True)
        text.with_suffix(".ipynb").unlink()
        course = Course(mini.course.root)
        prepare_source(course)
        release_all(course, nbgrader_api(load_config(course.root)), lambda line: None)

    return rerelease


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("twice_the_numbers = 2 * x", "twice_the_numbers = unknown", "unknown|NameError"),
        ("return x / 2", "return np.random.default_rng().normal()", "second run"),
        ("lambda: double(_numbers)", "lambda: _numbers", "the unsolved notebook earns"),
        ("double(np.zeros((0, 2)))", "object()", "cannot be compared"),
        ('"doubles nothing"', '"doubles a matrix"', "there twice"),
    ],
)
def test_an_unfit_release_is_refused_with_the_reason(rerelease, old, new, reason):
    with pytest.raises(BadRelease, match=reason):
        rerelease(old, new)


def test_a_test_cell_without_a_check_is_refused(rerelease):
    hidden = 'check("halves a large number", lambda: halve(3e9))'
    name = "refuses negative numbers, and only those"
    outcomes = f'check.outcomes("{name}", halve, [(3.0,), (-1.0,), (0.5,)])'
    with pytest.raises(BadRelease, match="has no check"):
        rerelease(f"{outcomes}\n{hidden}", "halve(3e9)")


def test_a_changed_hidden_test_changes_the_key(mini, rerelease):
    before = mini.released.solved()
    rerelease("halve(3e9)", "halve(5e9)")
    assert mini.released.solved() != before
