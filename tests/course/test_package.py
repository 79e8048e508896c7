import pytest
from course_folders import add_assignment, contents, times

from grading.course.layout import Course
from grading.course.package import INSIDE, lay_out_packages

OURS = {file.name for file in INSIDE.glob("*.py")}


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
    assert package(course, assignment).keys() == {"__init__.py", *modules}


def test_modules_are_those_of_the_reference_and_the_package_is_ours(course):
    lay_out_packages(course)
    files = package(course, "3_layers")
    assert files["tensor.py"] == b"# tensor"
    assert files["__init__.py"] == (INSIDE / "__init__.py").read_bytes()


def test_the_milestones_come_with_a_list_of_all_modules_and_no_module_of_their_own(course):
    lay_out_packages(course)
    files = package(course, "4_loss")
    assert files.keys() == {*OURS, "modules.txt", "tensor.py", "layers.py"}
    assert files["modules.txt"] == b"tensor\nlayers\nloss\n"


def test_milestones_without_a_module_of_their_own_list_those_before(course):
    add_assignment(course, "4_loss", order=4, milestones=True)
    lay_out_packages(course)
    assert package(course, "4_loss")["modules.txt"] == b"tensor\nlayers\n"


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
    assert package(course, "3_layers").keys() == {"__init__.py", "array.py"}
    assert not (folder / "inner").exists()
    assert package(course, "4_loss").keys() == {"__init__.py", "array.py", "layers.py"}
