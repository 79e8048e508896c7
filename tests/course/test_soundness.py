import jupytext
import pytest
from course_folders import add_assignment, code, contents, exported

from grading.course.assignment import Assignment, read_assignment
from grading.course.errors import BadCourse
from grading.course.layout import Course
from grading.course.soundness import (
    adopt_new_folders,
    module_of,
    refuse_misnamed,
    refuse_strangers,
    refuse_unsound,
    remarks,
)

TENSOR = exported("import math as maths\nfrom os import path\nclass Tensor:\n    inside = 1\n")


@pytest.fixture
def course(tmp_path):
    course = Course(tmp_path)
    add_assignment(course, "01_tensor", TENSOR, order=1, module="tensor")
    return course


def complaints(course):
    with pytest.raises(BadCourse) as refused:
        refuse_unsound(course)
    *each, advice = str(refused.value).split("\n")
    assert advice == "Put back what is missing, or change those first."
    return each


def later(course, *cells, order=2, **more):
    add_assignment(course, "02_layers", *cells, order=order, **more)


# --- what a text may import


@pytest.mark.parametrize(
    "line",
    [
        "import tinytorch",
        "from tinytorch import tensor",
        "from tinytorch import use_mine, export_mine",
        "from tinytorch import *",
        "import tinytorch.tensor as t",
        "from tinytorch.tensor import Tensor",
        "from tinytorch.tensor import Tensor as T, maths, path",
        "from tinytorch.tensor import *",
        "import numpy as np\nfrom tinytorchlike.other import thing",
        "from .other import thing",
    ],
)
def test_what_there_is_may_be_imported(course, line):
    later(course, code(line))
    refuse_unsound(course)


PLACE = "source/02_layers/02_layers.py"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("from tinytorch.loss import mse", "tinytorch.loss, which no assignment before it makes"),
        ("import tinytorch.loss", "tinytorch.loss, which no assignment before it makes"),
        ("import tinytorch.loss as l", "tinytorch.loss, which no assignment before it makes"),
        ("from tinytorch import loss", "tinytorch.loss, which no assignment before it makes"),
        ("def f():\n    import tinytorch.loss", "tinytorch.loss, which no assignment before"),
        ("%matplotlib inline\nimport tinytorch.loss", "tinytorch.loss, which no assignment"),
        ("from tinytorch.tensor import Tensr", "Tensr, which tinytorch.tensor does not have"),
        ("from tinytorch.tensor import inside", "inside, which tinytorch.tensor does not have"),
        ("from tinytorch.tensor import math", "math, which tinytorch.tensor does not have"),
        ("from tinytorch.milestones import x", "tinytorch.milestones, which no assignment before"),
        ("from tinytorch.layers import Linear", "tinytorch.layers, which no assignment before it"),
    ],
)
def test_what_there_is_not_is_named_with_who_wants_it(course, line, complaint):
    later(course, code(line), exported("class Linear: ..."), module="layers")
    (told,) = complaints(course)
    assert told.startswith(f"{PLACE} imports {complaint}")


def test_hidden_tests_and_exported_cells_count_too(course):
    hidden = "### BEGIN HIDDEN TESTS\nfrom tinytorch.tensor import gone\n### END HIDDEN TESTS"
    later(course, code(hidden, grade=True, grade_id="t", points=1))
    assert "imports gone" in complaints(course)[0]
    later(course, exported("from tinytorch.tensor import gone"), module="layers")
    assert "imports gone" in complaints(course)[0]


def test_text_is_no_import(course):
    later(course, "# %% [markdown]\n# from tinytorch.loss import mse\n")
    refuse_unsound(course)


def test_everyone_who_wants_what_is_missing_is_named_once(course):
    later(course, code("import tinytorch.loss"), code("from tinytorch.loss import mse"))
    add_assignment(course, "03_more", code("import tinytorch.loss, tinytorch.more"), order=3)
    made = "which no assignment before it makes."
    assert complaints(course) == [
        f"{PLACE} imports tinytorch.loss, {made}",
        f"source/03_more/03_more.py imports tinytorch.loss, {made}",
        f"source/03_more/03_more.py imports tinytorch.more, {made}",
    ]


def test_what_only_a_later_assignment_makes_is_missing(course):
    later(course, code("from tinytorch.tensor import Tensor"), order=0)
    assert complaints(course) == [
        f"{PLACE} imports tinytorch.tensor, which no assignment before it makes."
    ]


def test_the_milestones_may_be_imported_where_they_come_with_the_assignment(course):
    later(course, code("from tinytorch.milestones import x"), milestones=True)
    refuse_unsound(course)


@pytest.mark.parametrize(
    "source",
    [
        "Tensor = object",
        "Tensor, other = 1, 2",
        "Tensor: int = 3",
        "def Tensor(): ...",
        "async def Tensor(): ...",
        "try:\n    import fast as Tensor\nexcept ImportError:\n    Tensor = None",
        "if True:\n    from fast import Tensor",
        "for Tensor in range(3):\n    pass",
        "with open('x') as Tensor:\n    pass",
        "from os.path import *",
    ],
)
def test_a_module_has_every_name_that_it_binds(course, source):
    add_assignment(course, "01_tensor", exported(source), order=1, module="tensor")
    later(course, code("from tinytorch.tensor import Tensor"))
    refuse_unsound(course)


@pytest.mark.parametrize(
    "source",
    [
        "print(Tensor)",
        "def f():\n    Tensor = 1",
        "class A:\n    Tensor = 1",
        "x = lambda Tensor: 1",
    ],
)
def test_a_module_has_no_name_that_it_only_reads_or_binds_inside(course, source):
    add_assignment(course, "01_tensor", exported(source), order=1, module="tensor")
    later(course, code("from tinytorch.tensor import Tensor"))
    assert "imports Tensor, which" in complaints(course)[0]


def test_a_name_in_a_cell_that_is_not_exported_is_not_in_the_module(course):
    cells = (TENSOR, code("class Extra: ..."))
    add_assignment(course, "01_tensor", *cells, order=1, module="tensor")
    later(course, code("from tinytorch.tensor import Extra"))
    assert "imports Extra, which tinytorch.tensor does not have" in complaints(course)[0]


def test_exported_cells_without_a_module_to_go_into_are_named(course):
    later(course, exported("class Linear: ..."))
    assert complaints(course) == [
        f"{PLACE} has cells tagged `export`, but its assignment.toml names no module for them."
    ]


# --- names of folders and notebooks


def test_a_notebook_that_is_not_called_as_its_folder_is_refused_with_both_names(course):
    course.source("01_tensor").rename(course.source("01_array"))
    with pytest.raises(BadCourse) as refused:
        refuse_misnamed(course)
    assert str(refused.value) == (
        "source/01_array has an assignment.toml, but no 01_array.py (notebooks there: "
        "01_tensor.py). Call the notebook as its folder, or the folder as its notebook."
    )


def test_a_folder_without_any_notebook_says_none(course):
    course.text("01_tensor").unlink()
    with pytest.raises(BadCourse, match=r"\(notebooks there: none\)"):
        refuse_misnamed(course)


def test_a_notebook_made_in_jupyterlab_is_enough(course):
    jupytext.write(
        jupytext.read(course.text("01_tensor")), course.text("01_tensor").with_suffix(".ipynb")
    )
    course.text("01_tensor").unlink()
    refuse_misnamed(course)


@pytest.mark.parametrize("stranger", ["Untitled.ipynb", "answers.py", "01_tensor-Copy1.ipynb"])
def test_another_notebook_in_the_folder_is_refused_by_name(course, stranger):
    source = course.source("01_tensor")
    (source / stranger).write_text("")
    with pytest.raises(BadCourse) as refused:
        refuse_strangers("01_tensor", source)
    assert str(refused.value) == (
        "01_tensor is not released: its one notebook is 01_tensor.ipynb. "
        f"Rename, move or remove {stranger}."
    )


def test_the_pair_of_an_assignment_is_no_stranger(course):
    (course.source("01_tensor") / "01_tensor.ipynb").write_text("")
    (course.source("01_tensor") / "notes.txt").write_text("")
    refuse_strangers("01_tensor", course.source("01_tensor"))


# --- new folders


def write_folder(course, name, *notebooks, cell=""):
    course.source(name).mkdir(parents=True)
    for notebook in notebooks:
        (course.source(name) / notebook).write_text(cell or code("x = 1"))
        if notebook.endswith(".ipynb"):
            jupytext.write(
                jupytext.reads(cell or code("x = 1"), "py"), course.source(name) / notebook
            )


@pytest.mark.parametrize("suffix", [".py", ".ipynb"])
def test_a_new_folder_with_a_notebook_of_its_name_becomes_the_last_assignment(course, suffix):
    add_assignment(course, "00_first", order=11)
    write_folder(course, "02-Two_Layers", f"02-Two_Layers{suffix}", cell=exported("y = 2"))
    assert adopt_new_folders(course) == ["source/02-Two_Layers/assignment.toml"]
    adopted = Assignment("02-Two_Layers", "02-Two_Layers", 12, "two_layers")
    assert read_assignment(course.source("02-Two_Layers")) == adopted
    assert adopt_new_folders(course) == []


def test_the_first_folders_of_a_course_are_adopted_in_the_order_of_their_names(tmp_path):
    for name in ("02_b", "01_a"):
        write_folder(Course(tmp_path), name, f"{name}.py")
    assert len(adopt_new_folders(Course(tmp_path))) == 2
    orders = [(one.name, one.order) for one in Course(tmp_path).read_assignments()]
    assert orders == [("01_a", 1), ("02_b", 2)]


def test_an_assignment_that_exports_nothing_makes_no_module(course):
    write_folder(course, "02_essay", "02_essay.py")
    adopt_new_folders(course)
    assert read_assignment(course.source("02_essay")).module is None


@pytest.mark.parametrize("name", ["11", "__"])
def test_a_name_that_gives_no_module_gives_none(course, name):
    assert module_of(name) == ""


@pytest.mark.parametrize("name", ["02 my layers", "02_läyers"])
def test_a_new_folder_of_an_unfit_name_is_refused_before_anything_is_written(course, name):
    write_folder(course, name, f"{name}.py")
    before = contents(course.root)
    with pytest.raises(BadCourse, match=f"source/{name}: rename it"):
        adopt_new_folders(course)
    assert contents(course.root) == before


def test_a_folder_with_notebooks_of_other_names_only_is_left_out_with_a_remark(course):
    write_folder(course, "02_layers", "layers.py", "Untitled.ipynb")
    write_folder(course, "pictures")
    write_folder(course, ".ipynb_checkpoints", "left.ipynb")
    assert adopt_new_folders(course) == []
    assert list(remarks(course)) == [
        "source/02_layers is left out: it holds Untitled.ipynb, layers.py, and the notebook "
        "of an assignment is called as its folder, 02_layers.py"
    ]
