"""Names of files say whose they are, as Canvas's and Moodle's own sources write them."""

from pathlib import PurePosixPath

import pytest
from lms_zips import canvas_name, moodle_name
from traitlets.config import Config

from grading.course.errors import CourseError
from grading.pipeline.collect.names import LmsNames, Named


def read(path, **settings):
    return LmsNames(config=Config(FileNameCollectorPlugin=settings)).read(path)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(
    "file",
    [
        "mini.ipynb",
        "mini-1.ipynb",
        "a b (1).zip",
        "x_12_34_y.ipynb",
        "One_9_assignsubmission_file_y",
    ],
)
@pytest.mark.parametrize(
    ("person", "name"),
    [
        ("Last, First", "lastfirst"),
        ("O'Née-Zo, É", "onéezoé"),
        ("late, LATE", "latelate"),
        ("Team_A 7", "team_a7"),
        ("???", ""),
    ],
)
def test_canvas(person, name, file, late):
    named = read(canvas_name(person, 5001, 900, file, late))
    assert named == Named("canvas", "5001", PurePosixPath(file), name, late, 900)


@pytest.mark.parametrize("late", ["", "LATE_"])
def test_canvas_without_names(late):
    named = read(f"{late}anon_aB3dE_900_mini.ipynb")
    assert named == Named("canvas", "anon_aB3dE", PurePosixPath("mini.ipynb"), "", bool(late), 900)


@pytest.mark.parametrize("kind", ["text", "link"])
def test_canvas_what_was_written_there(kind):
    named = read(f"lastfirst_LATE_5001_{kind}.html")
    assert named == Named("canvas", "5001", PurePosixPath(f"{kind}.html"), "lastfirst", True)


def test_canvas_a_file_whose_name_begins_with_a_number_could_be_of_another_upload():
    named = read("lastfirst_5001_900_02_tensor.ipynb")
    assert (named.student_id, named.other_ids) == ("5001", ("900",))
    assert named.file == PurePosixPath("02_tensor.ipynb")


@pytest.mark.parametrize("mark", ["_/", "/", "_"])
@pytest.mark.parametrize("file", ["mini.ipynb", "x_9_assignsubmission_file_y.ipynb", "12_34_z"])
def test_moodle_folders_new_and_old_and_none(mark, file):
    named = read(f"First Last_77_assignsubmission_file{mark}{file}")
    assert named == Named("moodle", "77", PurePosixPath(file), "First Last")


def test_moodle_folders_in_a_students_folder():
    named = read(moodle_name("First_Last", 77, "my/deep/mini.ipynb"))
    assert (named.name, named.file) == ("First Last", PurePosixPath("my/deep/mini.ipynb"))


def test_moodle_what_was_written_there():
    named = read(moodle_name("First Last", 77, "onlinetext.html", plugin="onlinetext"))
    assert (named.student_id, named.file) == ("77", PurePosixPath("onlinetext.html"))


def test_moodle_the_group_of_those_in_none_has_no_number():
    assert read("Default group_assignsubmission_file_/a").student_id == ""


@pytest.mark.parametrize(
    "path", ["mini.ipynb", "a/b_1_2_c", "lastfirst_5001_mini.ipynb", "_assign", "1", "a_b_c_d"]
)
def test_other_names_are_nobodys(path):
    assert read(path) is None


def test_nbgraders_own_setting_alone_says_what_names_of_another_lms_mean():
    expression = (
        r"(?P<last_name>\w+?)-(?P<student_id>s\d+)_attempt_(?P<timestamp>[\d-]+)_(?P<file_id>\w+)"
    )
    named = read("last-s7_attempt_2026-01-30-15-00-00_mini.ipynb", named_regexp=expression)
    assert named == Named(
        *("other", "s7", PurePosixPath("mini.ipynb"), "last"), timestamp="2026-01-30-15-00-00"
    )
    assert read(canvas_name("Last, First", 5001, 900, "a"), named_regexp=expression) is None


@pytest.mark.parametrize(
    ("expression", "said"), [("(", "cannot be read"), (r"(?P<id>\w+)", r"\(\?P<student_id>")]
)
def test_a_setting_that_cannot_be_used_is_named(expression, said):
    config = Config(LmsNames={"named_regexp": expression})
    with pytest.raises(CourseError, match=said):
        LmsNames.quiet(config)
