"""An assignment is added, renamed or removed whole, or nothing is changed and it is said why."""

import shutil
from pathlib import Path

import pytest
from course_folders import add_assignment, code, contents, exported
from nbgrader.api import Gradebook

from grading.course.errors import BadCourse
from grading.course.layout import Course
from grading.course.sync import prepare_source
from grading.pipeline import assignments
from grading.pipeline.configuration import nbgrader_api
from grading.sandbox.settings import PROJECT

NEW = "03_attention"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Return a course of two assignments, the second built on the first."""
    course = Course(tmp_path)
    course.reference.mkdir()
    shutil.copy(PROJECT / "nbgrader_config.py", tmp_path)
    add_assignment(course, "01_tensor", exported("one = 1"), order=1, module="tensor")
    uses = code("from tinytorch.tensor import one")
    add_assignment(course, "02_layers", uses, exported("two = 2"), order=2, module="layers")
    prepare_source(course)
    return course


def test_a_new_one_comes_last_and_builds_on_the_one_before(course: Course) -> None:
    assignments.new(course, NEW, "Attention", None)
    made = course.assignment(NEW)
    assert (made.title, made.order, made.module) == ("Attention", 3, "attention")
    assert "from tinytorch import layers" in course.text(NEW).read_text()
    assert "tinytorch_ref/attention.py" in prepare_source(course)


def test_a_title_and_a_module_are_found_where_none_are_said(course: Course) -> None:
    assignments.new(course, "03_own-loops", None, None)
    made = course.assignment("03_own-loops")
    assert (made.title, made.module) == ("Own loops", "own_loops")


@pytest.mark.parametrize(
    ("name", "module", "reason"),
    [
        ("02_layers", None, "already"),
        ("with space", None, "no name"),
        ("12", None, "no name"),
        *(
            (name, None, "no name")
            for name in ("", "..", "a/b", "../away", "-x", "%41", "[y]", "*", "ü", "a'b", "{0}")
        ),
        ("1_" + "a" * 99, None, "no name"),
        ("a" * 5_000, None, "no name"),
        ("11_class", None, "module must be"),
        (NEW, "tensor", "MODULE="),
    ],
)
def test_a_new_one_that_does_not_fit_writes_nothing(
    course: Course, name: str, module: str | None, reason: str
) -> None:
    before = contents(course.root)
    with pytest.raises(BadCourse, match=reason):
        assignments.new(course, name, None, module)
    assert contents(course.root) == before


def test_a_renamed_one_keeps_its_module_so_that_others_still_find_it(course: Course) -> None:
    assignments.rename(course, "01_tensor", "01_array")
    assert course.assignments() == ["01_array", "02_layers"]
    assert course.assignment("01_array").module == "tensor"
    assert not course.source("01_tensor").exists()
    assert course.text("01_array").with_suffix(".ipynb").exists()


@pytest.mark.parametrize("to", ["02_layers", "no name"])
def test_renaming_to_a_name_that_is_taken_or_none_changes_nothing(course: Course, to: str) -> None:
    before = contents(course.root)
    with pytest.raises(BadCourse, match="cannot be the new name"):
        assignments.rename(course, "01_tensor", to)
    assert contents(course.root) == before


def test_one_that_others_import_is_not_removed_and_they_are_named(course: Course) -> None:
    before = contents(course.root)
    with pytest.raises(BadCourse, match=r"02_layers import tinytorch\.tensor"):
        assignments.remove(course, "01_tensor")
    assert contents(course.root) == before


@pytest.mark.parametrize("change", ["rename", "remove"])
def test_one_that_was_handed_in_stays_and_the_students_are_named(
    course: Course, change: str
) -> None:
    course.submitted("student-01", "02_layers").mkdir(parents=True)
    before = contents(course.root)
    with pytest.raises(BadCourse, match="student-01"):
        if change == "remove":
            assignments.remove(course, "02_layers")
        else:
            assignments.rename(course, "02_layers", NEW)
    assert contents(course.root) == before


@pytest.mark.slow
def test_of_a_removed_one_nothing_is_left(course: Course) -> None:
    before = contents(course.root)
    assignments.new(course, NEW, None, None)
    prepare_source(course)
    made = [course.release(NEW), course.answer_key(NEW), course.autograded("student-01", NEW)]
    for folder in (*made, course.feedback("student-01", NEW)):
        folder.mkdir(parents=True)
    db_url = f"sqlite:///{course.root / 'gradebook.db'}"
    nbgrader_api(assignments.load_config(course.root))  # puts alembic on PATH
    with Gradebook(db_url) as gradebook:
        gradebook.add_assignment(NEW)
    assignments.remove(course, NEW)
    with Gradebook(db_url) as gradebook:
        assert gradebook.assignments == []
    left = {name: text for name, text in contents(course.root).items() if name != "gradebook.db"}
    assert left == before
    assert not any(NEW in str(path) for path in course.root.rglob("*"))


def test_a_command_without_a_name_says_which_word_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["assignments", "remove"])
    assert assignments.main() == 1
    assert "NAME=12_attention" in capsys.readouterr().err


def test_whether_one_may_be_removed_is_asked_before_anything_of_it_goes(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(course.root)
    for name, status in (("01_tensor", 1), ("02_layers", 0)):
        arguments = ["assignments", "may-remove", name, "--root", str(course.root)]
        monkeypatch.setattr("sys.argv", arguments)
        assert assignments.main() == status
    assert contents(course.root) == before
    recipe = (PROJECT / "Makefile").read_text().partition("\nremove-assignment:")[2]
    assert recipe.index("may-remove") < recipe.index("sample_class remove")
