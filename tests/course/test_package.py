import json

import pytest
from course_folders import add_assignment, code, contents, exported, times

from grading.course.layout import Course
from grading.course.package import INSIDE, lay_out_packages

OURS = {file.relative_to(INSIDE).as_posix() for file in INSIDE.rglob("*.py")}
FOLDERS = {name for name in OURS if name.startswith(("_checking/", "_pictures/"))}
ALWAYS = {"__init__.py", "_exporting.py", "course.json", "checks.json", *FOLDERS}


@pytest.fixture
def course(tmp_path):
    """Return a course of three modules; the last assignment comes with the milestones."""
    course = Course(tmp_path)
    add_assignment(course, "1_tensor", order=1, module="tensor")
    add_assignment(course, "2_essay", order=2)
    add_assignment(course, "3_layers", order=3, module="layers")
    add_assignment(course, "4_loss", order=4, module="loss", milestones=True)
    course.reference.mkdir()
    for module in course.modules():
        (course.reference / f"{module}.py").write_text(f"# {module}")
    return course


def package(course, assignment):
    return contents(course.source(assignment) / "tinytorch")


@pytest.mark.parametrize(
    ("assignment", "modules"),
    [
        ("1_tensor", set()),
        ("2_essay", {"tensor.py"}),
        ("3_layers", {"tensor.py"}),
    ],
)
def test_each_assignment_gets_the_modules_before_it_and_no_others(course, assignment, modules):
    lay_out_packages(course)
    assert package(course, assignment).keys() == {*ALWAYS, *modules}


def test_modules_are_those_of_the_reference_and_the_package_is_ours(course):
    lay_out_packages(course)
    files = package(course, "3_layers")
    assert files["tensor.py"] == b"# tensor"
    assert files["__init__.py"] == (INSIDE / "__init__.py").read_bytes()


def told(course, assignment):
    return json.loads(package(course, assignment)["course.json"])


def test_where_milestones_make_sense_all_of_ours_is_handed_out_and_no_module_of_its_own(course):
    lay_out_packages(course)
    files = package(course, "4_loss")
    assert files.keys() == {*OURS, "course.json", "checks.json", "tensor.py", "layers.py"}
    assert [one["module"] for one in told(course, "4_loss")] == ["tensor", "layers", "loss"]


def test_an_assignment_tells_of_its_own_module_and_those_before_only(course):
    lay_out_packages(course)
    assert [one["module"] for one in told(course, "1_tensor")] == ["tensor"]
    assert [one["assignment"] for one in told(course, "3_layers")] == ["1_tensor", "3_layers"]


def test_milestones_without_a_module_of_their_own_tell_of_those_before(course):
    add_assignment(course, "4_loss", order=4, milestones=True)
    lay_out_packages(course)
    assert [one["module"] for one in told(course, "4_loss")] == ["tensor", "layers"]


SOLVED = """import numpy as np

class Sum:
    fits = True

    def forward(self, x):
        ### BEGIN SOLUTION
        total = x.sum()
        return total
        ### END SOLUTION
"""


def test_exercises_and_given_lines_are_told_and_no_line_of_a_solution(course):
    cells = (exported(SOLVED), exported("x = 1"), code("y = 2"))
    add_assignment(course, "1_tensor", *cells, order=1, module="tensor")
    lay_out_packages(course)
    one = told(course, "1_tensor")[0]
    assert one["exercises"] == ["Sum.forward"]
    given = ["import numpy as np", "class Sum:", "fits = True", "def forward(self, x):", "x = 1"]
    assert one["given"] == given


def test_an_answer_without_marks_is_an_exercise_as_a_whole(course):
    cell = code("secret = 1", "export", solution=True, locked=False, grade_id="free")
    add_assignment(course, "1_tensor", cell, order=1, module="tensor")
    lay_out_packages(course)
    one = told(course, "1_tensor")[0]
    assert (one["exercises"], one["given"]) == (["cell free"], [])


def test_a_cell_that_is_no_python_is_left_to_those_who_refuse_it(course):
    add_assignment(course, "1_tensor", exported("def f(:"), order=1, module="tensor")
    lay_out_packages(course)
    assert told(course, "1_tensor")[0]["given"] == []


def test_laying_out_again_writes_nothing(course):
    lay_out_packages(course)
    before = times(course.root)
    lay_out_packages(course)
    assert times(course.root) == before


def test_a_module_that_changed_reaches_every_later_package(course):
    lay_out_packages(course)
    (course.reference / "tensor.py").write_text("# changed")
    lay_out_packages(course)
    for assignment in ("2_essay", "3_layers", "4_loss"):
        assert package(course, assignment)["tensor.py"] == b"# changed"


def test_what_no_longer_belongs_to_a_package_is_removed(course):
    lay_out_packages(course)
    folder = course.source("3_layers") / "tinytorch"
    (folder / "own.py").write_text("")
    (folder / "inner").mkdir()
    (folder / "inner" / "own.py").write_text("")
    add_assignment(course, "1_tensor", order=1, module="array")
    add_assignment(course, "4_loss", order=4, module="loss")
    (course.reference / "array.py").write_text("# array")
    lay_out_packages(course)
    assert package(course, "3_layers").keys() == {*ALWAYS, "array.py"}
    assert not (folder / "inner").exists()
    assert package(course, "4_loss").keys() == {*ALWAYS, "array.py", "layers.py"}
    assert not (course.source("4_loss") / "tinytorch" / "_finale").exists()
