"""`make source`: what it makes, in which order, what it refuses before anything is removed."""

import shutil

import jupytext
import pytest
from course_folders import add_assignment, code, contents, exported, times

from grading.course import sync
from grading.course.errors import BadCourse
from grading.course.layout import Course
from grading.course.sync import prepare_source

TENSOR = exported("class Tensor: ...")
LAYERS = exported("from tinytorch.tensor import Tensor\nclass Linear(Tensor): ...")

PICTURES = ("__init__", "draw", "graph", "layout", "live", "script", "show")
OURS = (
    *("__init__.py", "_exporting.py", "checks.json", "course.json"),
    *(f"_checking/{name}.py" for name in ("__init__", "listed", "public", "watching")),
    *(f"_pictures/{name}.py" for name in PICTURES),
)


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return a course of two modules and no data, not yet prepared."""
    monkeypatch.setattr(sync, "lay_out_hidden_images", lambda course: None)
    course = Course(tmp_path)
    add_assignment(course, "1_tensor", TENSOR, order=1, module="tensor")
    add_assignment(course, "2_layers", LAYERS, order=2, module="layers")
    return course


def test_everything_is_made_and_named_once(course):
    assert prepare_source(course) == [
        "source/1_tensor/1_tensor.ipynb",
        "source/2_layers/2_layers.ipynb",
        "tinytorch_ref/__init__.py",
        "tinytorch_ref/tensor.py",
        "tinytorch_ref/layers.py",
    ]
    assert contents(course.source("2_layers")).keys() == {
        *("2_layers.py", "2_layers.ipynb", "assignment.toml"),
        *(f"tinytorch/{name}" for name in (*OURS, "tensor.py")),
    }
    before = times(course.root)
    assert prepare_source(course) == []
    assert times(course.root) == before


def test_data_and_hidden_images_are_laid_out(course, monkeypatch):
    laid_out = []
    monkeypatch.setattr(sync, "lay_out_hidden_images", laid_out.append)
    monkeypatch.setattr(sync, "lay_out_data", laid_out.append)
    prepare_source(course)
    assert laid_out == [course, course]


def test_an_edit_in_jupyterlab_reaches_text_reference_and_later_packages(course):
    prepare_source(course)
    notebook = course.text("1_tensor").with_suffix(".ipynb")
    content = jupytext.read(notebook)
    content.cells[0].source += "\n\n\nEDITED = 1"
    jupytext.write(content, notebook)
    assert prepare_source(course) == ["source/1_tensor/1_tensor.py", "tinytorch_ref/tensor.py"]
    package = course.source("2_layers") / "tinytorch" / "tensor.py"
    for file in (course.text("1_tensor"), course.reference / "tensor.py", package):
        assert "EDITED = 1" in file.read_text()


def test_a_module_of_another_name_leaves_the_reference_and_every_later_package(course):
    prepare_source(course)
    add_assignment(course, "1_tensor", TENSOR, order=1, module="array")
    edited = LAYERS.replace("tinytorch.tensor", "tinytorch.array")
    add_assignment(course, "2_layers", edited, order=2, module="layers")
    prepare_source(course)
    assert contents(course.reference).keys() == {"__init__.py", "array.py", "layers.py"}
    package = contents(course.source("2_layers") / "tinytorch")
    assert package.keys() == {*OURS, "array.py"}


def remove_the_first(course):
    shutil.rmtree(course.source("1_tensor"))


def rename_the_first(course):
    course.source("1_tensor").rename(course.source("1_array"))


def rename_its_module(course):
    add_assignment(course, "1_tensor", TENSOR, order=1, module="array")


def put_it_last(course):
    add_assignment(course, "1_tensor", TENSOR, order=3, module="tensor")


def give_both_one_module(course):
    add_assignment(course, "1_tensor", TENSOR, order=1, module="layers")


def lose_the_name(course):
    course.text("1_tensor").write_text(exported("class Array: ..."))


def break_the_module(course):
    course.text("1_tensor").write_text(exported("class Tensor: ...\nunknown"))


def import_outside(course):
    course.text("1_tensor").write_text(
        code("import math") + exported("class Tensor:\n    pi = math.pi")
    )


def mistype_a_key(course):
    (course.source("1_tensor") / "assignment.toml").write_text("order = 1\ntitel = 'x'")


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (remove_the_first, "2_layers.py imports tinytorch.tensor, which no assignment before it"),
        (rename_the_first, r"source/1_array has an assignment.toml, but no 1_array.py"),
        (rename_its_module, "2_layers.py imports tinytorch.tensor, which no assignment before it"),
        (put_it_last, "2_layers.py imports tinytorch.tensor, which no assignment before it"),
        (give_both_one_module, "1_tensor and 2_layers say the same module = layers"),
        (lose_the_name, "2_layers.py imports Tensor, which tinytorch.tensor does not have"),
        (break_the_module, "The module tensor, as exported, cannot be imported: NameError"),
        (import_outside, "exported cells use math, which no exported cell imports"),
        (mistype_a_key, "source/1_tensor/assignment.toml says titel"),
    ],
)
def test_what_breaks_the_course_is_refused_before_a_module_or_package_changes(
    course, break_it, reason
):
    prepare_source(course)
    break_it(course)
    made = [course.reference, course.source("2_layers")]
    before = [times(folder) for folder in made]
    with pytest.raises(BadCourse, match=reason):
        prepare_source(course)
    assert [times(folder) for folder in made] == before


def test_a_notebook_not_called_as_its_folder_is_refused_before_any_is_brought_in_step(course):
    rename_the_first(course)
    with pytest.raises(BadCourse, match=r"no 1_array\.py"):
        prepare_source(course)
    assert list(course.root.rglob("*.ipynb")) == []


def test_a_folder_made_in_jupyterlab_is_taken_in(course):
    folder = course.source("3_more")
    folder.mkdir()
    content = jupytext.reads(code("from tinytorch.layers import Linear"), "py")
    jupytext.write(content, folder / "3_more.ipynb")
    changed = prepare_source(course)
    assert changed[0] == "source/3_more/assignment.toml" and "source/3_more/3_more.py" in changed
    assert {"tensor.py", "layers.py"} < contents(folder / "tinytorch").keys()
