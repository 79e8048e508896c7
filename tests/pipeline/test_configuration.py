import os
import shutil
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.utils import ignore_patterns

from grading.pipeline.configuration import NoCourse, load_config, nbgrader_api
from grading.sandbox.settings import PROJECT


def test_the_root_of_a_course_is_the_folder_of_its_configuration(tmp_path):
    shutil.copy(PROJECT / "nbgrader_config.py", tmp_path)
    (tmp_path / "here").mkdir()
    (tmp_path / "link").symlink_to(tmp_path)
    for root in (tmp_path, tmp_path / "link", tmp_path / "here" / ".."):
        config = load_config(root)
        assert config.CourseDirectory.root == str(tmp_path.resolve())
        assert config.CourseDirectory.course_id == "tinytorch"


def test_a_folder_that_is_no_course_says_so(tmp_path):
    with pytest.raises(NoCourse) as missing:
        load_config(tmp_path)
    assert str(missing.value) == (
        f"{tmp_path} is no course, for it has no nbgrader_config.py: go to the course's folder."
    )


@pytest.fixture
def config(tmp_path):
    shutil.copy(PROJECT / "nbgrader_config.py", tmp_path)
    return load_config(tmp_path)


def test_nbgrader_works_on_that_course_with_that_configuration(config, tmp_path):
    api = nbgrader_api(config)
    assert api.coursedir.root == str(tmp_path.resolve())
    assert api.config.Sandbox.memory_mb == config.Sandbox.memory_mb


def test_nbgrader_finds_our_environments_programs_once(config, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin")
    for _ in range(2):
        nbgrader_api(config)
    here = str(Path(sys.executable).parent)
    assert os.environ["PATH"].split(os.pathsep) == [here, "/usr/bin"]


NEED_A_COURSE = {"CheckAndKeepRelease", "CountHiddenChecks", "SaveCells", "TellChecks"}


def nbgrader_cell(make, source, **marks):
    ours = {"schema_version": 3, "grade_id": "x", "grade": False, "solution": False}
    ours |= {"locked": False, "task": False}
    return make(source, metadata={"nbgrader": ours | marks})


def released(config, cell):
    """Take the steps of a release with one cell; return what students get of it."""
    notebook, resources = new_notebook(cells=[cell]), {}
    for step in config.GenerateAssignment.preprocessors:
        if step.__name__ not in NEED_A_COURSE:
            notebook, resources = step(config=config).preprocess(notebook, resources)
    return notebook.cells[0]


def marked(kind):
    return f"before\n### BEGIN {kind}\nsecret\n### END {kind}\nafter"


@pytest.mark.parametrize(
    ("make", "kind", "marks", "left"),
    [
        (
            new_code_cell,
            "SOLUTION",
            {"solution": True},
            "before\n# YOUR CODE HERE\nraise NotImplementedError()\nafter",
        ),
        (
            new_code_cell,
            "HIDDEN TESTS",
            {"grade": True, "locked": True, "points": 1},
            "before\nafter",
        ),
        (new_markdown_cell, "MARK SCHEME", {"task": True, "points": 1}, "before\nafter"),
    ],
)
def test_what_is_marked_as_ours_is_not_handed_out(config, make, kind, marks, left):
    assert released(config, nbgrader_cell(make, marked(kind), **marks)).source == left


def test_a_release_has_no_outputs_and_its_tests_cannot_be_edited(config):
    cell = nbgrader_cell(new_code_cell, "1 + 1", grade=True, locked=True, points=1)
    cell.outputs = [new_output("stream", text="2")]
    cell = released(config, cell)
    assert cell.outputs == []
    assert cell.metadata.editable is False and cell.metadata.deletable is False


def test_a_release_is_tried_before_anything_is_taken_out_of_it(config):
    names = [step.__name__ for step in config.GenerateAssignment.preprocessors]
    assert names.index("CheckAndKeepRelease") < min(
        names.index(name) for name in names if name.startswith("Clear")
    )


@pytest.mark.parametrize(
    ("file", "is_handed_out"),
    [
        ("01_mini.py", False),
        ("assignment.toml", False),
        (".ipynb_checkpoints", False),
        ("__pycache__", False),
        ("compiled.pyc", False),
        ("feedback", False),
        ("01_mini.ipynb", True),
        ("data.csv", True),
        ("tinytorch", True),
    ],
)
def test_of_a_source_folder_only_what_students_need_is_handed_out(config, file, is_handed_out):
    source = Path(config.CourseDirectory.root, "source", "01_mini")
    left_out = ignore_patterns(config.CourseDirectory.ignore)(str(source), [file])
    assert (left_out == []) == is_handed_out
