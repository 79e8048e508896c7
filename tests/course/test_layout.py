import pytest
from course_folders import add_assignment

from grading.course.errors import BadCourse, UnknownAssignment
from grading.course.layout import DEFAULT_SALT, Course


@pytest.fixture
def course(tmp_path):
    """Return a course whose order is not that of its names; one assignment makes no module."""
    course = Course(tmp_path)
    add_assignment(course, "a_layers", order=30, module="layers")
    add_assignment(course, "b_tensor", order=10, module="tensor")
    add_assignment(course, "c_essay", order=20)
    return course


def test_the_order_is_what_the_files_say(course):
    assert course.assignments() == ["b_tensor", "c_essay", "a_layers"]
    assert course.modules() == ["tensor", "layers"]


@pytest.mark.parametrize(
    ("assignment", "modules"),
    [("b_tensor", []), ("c_essay", ["tensor"]), ("a_layers", ["tensor"])],
)
def test_the_modules_before_an_assignment_are_those_of_a_lower_order(course, assignment, modules):
    assert course.modules_before(assignment) == modules


def test_two_of_one_order_are_both_named(course):
    add_assignment(course, "d_loss", order=20, module="loss")
    with pytest.raises(BadCourse) as refused:
        course.assignments()
    assert str(refused.value) == (
        "c_essay and d_loss say the same order = 20 in assignment.toml: give each its own."
    )


def test_two_of_one_module_are_both_named(course):
    add_assignment(course, "d_loss", order=40, module="tensor")
    with pytest.raises(BadCourse, match="b_tensor and d_loss say the same module = tensor"):
        course.assignments()


def test_two_that_make_no_module_are_no_conflict(course):
    add_assignment(course, "d_essay", order=40)
    assert course.assignments()[-1] == "d_essay"


def test_a_folder_without_the_file_is_no_assignment(course):
    course.source("e_draft").mkdir()
    assert "e_draft" not in course.assignments()


def test_a_mistyped_name_is_told_the_nearest(course):
    with pytest.raises(UnknownAssignment) as refused:
        course.assignment("b_tensr")
    assert str(refused.value) == "There is no assignment b_tensr; did you mean b_tensor?"


def test_a_name_like_no_other_is_told_which_there_are(course):
    with pytest.raises(UnknownAssignment, match=r"; there are b_tensor, c_essay, a_layers\.$"):
        course.assignment("zzz")


def test_a_course_without_assignments_says_so(tmp_path):
    with pytest.raises(UnknownAssignment, match=r"There is no assignment x; there are none\.$"):
        Course(tmp_path).assignment("x")


def test_only_folders_of_assignments_are_submissions(course):
    for student, work in [("student-02", "b_tensor"), ("student-01", "a_layers")]:
        course.submitted(student, work).mkdir(parents=True)
    course.submitted("student-01", "old_work").mkdir()
    course.submitted("student-01", "c_essay").write_text("a file")
    assert list(course.submissions()) == [("student-01", "a_layers"), ("student-02", "b_tensor")]
    assert list(course.submissions("b_tensor")) == [("student-02", "b_tensor")]


def test_the_salt_is_what_its_file_says_or_the_public_one(course):
    assert course.salt == DEFAULT_SALT
    (course.root / "salt.txt").write_text("a secret\n")
    assert course.salt == "a secret"
