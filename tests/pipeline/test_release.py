"""Which assignments `make release` releases, what it says, and what a refusal leaves as it was."""

import shutil
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from course_folders import add_assignment, code, contents
from traitlets.config import Config

from grading.course.errors import BadRelease, UnknownAssignment
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.course.stamp import Stamp
from grading.pipeline import release
from grading.pipeline.release import reason_of, release_all, release_fingerprint

NAMES = ["1_tensor", "2_layers"]


class Api:
    """Stands in for nbgrader: writes a release as it does, removes it when it refuses."""

    def __init__(self, course):
        self.course, self.config, self.asked, self.refusing = course, Config(), [], ""
        self.coursedir = SimpleNamespace(db_url="the gradebook", course_id="the course")

    def generate_assignment(self, assignment, force):
        self.asked.append((assignment, force))
        folder = self.course.release(assignment)
        shutil.rmtree(folder, ignore_errors=True)
        if self.refusing:
            return {"success": False, "log": self.refusing}
        folder.mkdir(parents=True)
        (folder / f"{assignment}.ipynb").write_text(self.course.text(assignment).read_text())
        kept = ReleasedNotebook(self.course, assignment).file
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text("the original")
        return {"success": True}

    def fingerprint(self, assignment="2_layers"):
        return release_fingerprint(self.course, self.config, assignment)


@pytest.fixture
def course(tmp_path):
    """Return a course of two assignments with everything that is handed out beside a notebook."""
    course = Course(tmp_path)
    for order, name in enumerate(NAMES, start=1):
        folder = add_assignment(course, name, order=order, data=("digits",))
        for file in ("tinytorch/one.py", "data/digits.npz", "notes.txt", f"{name}.ipynb"):
            (folder / file).parent.mkdir(exist_ok=True)
            (folder / file).write_text("as it was")
    return course


@pytest.fixture
def unknown(monkeypatch):
    """Return the assignments that the gradebook does not know; it knows what is entered."""
    unknown = set()

    def enter(gradebook, kept):
        assert gradebook == ("the gradebook", "the course")
        missing = kept.assignment in unknown
        unknown.discard(kept.assignment)
        return missing

    monkeypatch.setattr(release, "RunGradebook", lambda *where: nullcontext(where))
    monkeypatch.setattr(release, "enter_release", enter)
    return unknown


@pytest.fixture
def api(course, unknown):
    return Api(course)


def released(course, api, only=None):
    """Release what is due; return the names asked of nbgrader."""
    api.asked.clear()
    release_all(course, api, lambda line: None, only)
    return [name for name, _ in api.asked]


# --- what makes a release stale


def write(name, text="changed"):
    def change(course, monkeypatch):
        file = course.root / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    return change


def remove_data(course, monkeypatch):
    shutil.rmtree(course.source("2_layers") / "data")


def rename_a_file(course, monkeypatch):
    notes = course.source("2_layers") / "notes.txt"
    notes.rename(notes.with_name("hints.txt"))


def other_checks(course, monkeypatch):
    (course.root / "check.py").write_text("another check")
    monkeypatch.setattr(release, "CHECK_MODULE", course.root / "check.py")


CHANGES = {
    "the text": write("source/2_layers/2_layers.py", code("changed = 1")),
    "points in the text": write("source/2_layers/2_layers.py", code("x = 1", grade=True, points=2)),
    "a module handed out": write("source/2_layers/tinytorch/one.py"),
    "another module": write("source/2_layers/tinytorch/two.py", "as it was"),
    "the data": write("source/2_layers/data/digits.npz"),
    "no data": remove_data,
    "a file beside the notebook": write("source/2_layers/notes.txt"),
    "a file of another name": rename_a_file,
    "a file in a new folder": write("source/2_layers/pictures/one.png"),
    "the salt": write("salt.txt", "a secret"),
    "the check module": other_checks,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_a_release_is_made_from_makes_it_stale(course, api, monkeypatch, change):
    assert released(course, api) == NAMES
    assert released(course, api) == []
    change(course, monkeypatch)
    assert "2_layers" in released(course, api)
    assert released(course, api) == []


@pytest.mark.parametrize(
    "change",
    [
        write("source/2_layers/2_layers.ipynb"),
        write("source/2_layers/__pycache__/one.pyc"),
        write("notes.txt"),
    ],
)
def test_what_students_do_not_get_makes_nothing_stale(course, api, monkeypatch, change):
    released(course, api)
    before = api.fingerprint()
    change(course, monkeypatch)
    assert api.fingerprint() == before


def test_one_assignment_that_changed_is_released_alone(course, api):
    released(course, api)
    (course.source("2_layers") / "notes.txt").write_text("changed")
    assert released(course, api) == ["2_layers"]


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("CheckAndKeepRelease", "unsolved_points", 2.0),
        ("ClearSolutions", "code_stub", {"python": "..."}),
        ("GenerateAssignment", "create_assignment", False),
        ("CourseDirectory", "ignore", ["*.csv"]),
    ],
)
def test_a_setting_of_a_step_that_makes_releases_makes_them_stale(
    course, api, section, name, value
):
    class ClearSolutions:
        """A step as nbgrader's configuration names it."""

    steps = ["grading.steps.CheckAndKeepRelease", ClearSolutions]
    api.config.GenerateAssignment.preprocessors = steps
    before = api.fingerprint()
    api.config.GenerateFeedback.preprocessors = []
    api.config.CourseDirectory.root = "elsewhere"
    assert api.fingerprint() == before
    api.config[section][name] = value
    assert api.fingerprint() != before


def test_a_step_more_or_less_makes_releases_stale(course, api):
    api.config.GenerateAssignment.preprocessors = ["ClearSolutions", "ClearHiddenTests"]
    before = api.fingerprint()
    api.config.GenerateAssignment.preprocessors = ["ClearSolutions"]
    assert api.fingerprint() != before


def test_a_release_that_is_gone_is_made_again(course, api):
    released(course, api)
    shutil.rmtree(course.release("2_layers"))
    assert released(course, api) == ["2_layers"]


def test_a_release_whose_original_is_gone_is_made_again(course, api):
    released(course, api)
    shutil.rmtree(course.answer_key("1_tensor"))
    assert released(course, api) == ["1_tensor"]


def test_a_release_that_the_gradebook_does_not_know_is_entered_and_not_made_again(
    course, api, unknown
):
    released(course, api)
    unknown.add("2_layers")
    said = []
    release_all(course, api, said.append)
    assert said == ["entered 2_layers into the gradebook; its due date is set in Formgrader"]
    assert unknown == set()
    assert released(course, api) == []


def test_what_is_not_asked_for_is_not_entered(course, api, unknown):
    released(course, api)
    unknown.update(NAMES)
    released(course, api, "2_layers")
    assert unknown == {"1_tensor"}


# --- one assignment, and what is said


def test_only_the_assignment_asked_for_is_released(course, api):
    assert released(course, api, "2_layers") == ["2_layers"]
    assert not course.release("1_tensor").exists()


def test_an_unknown_assignment_is_told_the_nearest(course, api):
    with pytest.raises(UnknownAssignment, match=r"did you mean 2_layers\?$"):
        released(course, api, "2_layer")


def test_nbgrader_is_told_to_write_over_the_old_release(course, api):
    released(course, api)
    assert all(force for _, force in api.asked)


def test_it_says_what_it_releases(course, api):
    said = []
    release_all(course, api, said.append)
    assert said == [
        f"releasing {name}: running our solution and the unsolved notebook" for name in NAMES
    ]


# --- a refusal


def test_a_refusal_stops_with_its_reason_and_is_tried_again(course, api):
    api.refusing = "[ERROR] not today"
    with pytest.raises(BadRelease, match=r"^1_tensor is not released: \[ERROR\] not today$"):
        released(course, api)
    assert [name for name, _ in api.asked] == ["1_tensor"]
    api.refusing = ""
    assert released(course, api) == NAMES


CANCELED = "[WARNING] Removing failed assignment\n[ERROR] Canceled\n"


@pytest.mark.parametrize(("said", "raised"), [("no", BadRelease), (CANCELED, KeyboardInterrupt)])
def test_a_refusal_and_ctrl_c_leave_the_release_of_before(course, api, said, raised):
    released(course, api)
    before = contents(course.root / "release")
    text = course.text("1_tensor").read_text()
    course.text("1_tensor").write_text(code("changed = 1"))
    api.refusing = said
    with pytest.raises(raised):
        released(course, api)
    assert contents(course.root / "release") == before
    course.text("1_tensor").write_text(text)
    assert released(course, api) == []


def test_a_first_release_that_is_refused_leaves_nothing(course, api):
    api.refusing = "no"
    with pytest.raises(BadRelease):
        released(course, api)
    assert not course.release("1_tensor").exists()
    assert Stamp(course.root, course.release("1_tensor")).read() is None


def test_a_release_that_was_cut_short_is_made_again_though_the_text_is_as_before(course, api):
    released(course, api)
    text = course.text("1_tensor").read_text()
    course.text("1_tensor").write_text(code("changed = 1"))

    def cut_short(assignment, force):
        (course.release(assignment) / "half.txt").write_text("")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        whole = SimpleNamespace(config=api.config, generate_assignment=cut_short)
        release_all(course, whole, lambda line: None)
    course.text("1_tensor").write_text(text)
    assert released(course, api) == ["1_tensor"]


# --- what nbgrader's log says


def log(error):
    return f"""\
[WARNING] No files to exclude
[ERROR] There was an error processing assignment: source/1_tensor
[ERROR] Traceback (most recent call last):
      File "base.py", line 1, in first
    ValueError: this was handled
    During handling of the above exception, another exception occurred:
    Traceback (most recent call last):
      File "base.py", line 390, in convert_notebooks
        raise
    {error}

[WARNING] Removing failed assignment: release/1_tensor
[ERROR] Please see the the above traceback for details on the specific errors.
"""


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            "grading.course.errors.BadRelease: 1_tensor is not released: no.",
            "1_tensor is not released: no.",
        ),
        ("grading.sandbox.bubblewrap.SandboxError: install bubblewrap", "install bubblewrap"),
        ("grading.course.errors.BadRelease: two\n    lines", "two\nlines"),
        (
            "RuntimeError: Duplicate grade id: one",
            "1_tensor is not released: Duplicate grade id: one",
        ),
        ("KeyError: 'points'", "1_tensor is not released: 'points'"),
        ("AssertionError", "1_tensor is not released: AssertionError"),
    ],
)
def test_the_reason_is_the_error_that_nbgrader_logged_last(error, reason):
    assert reason_of("1_tensor", {"log": log(error)}) == reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"log": "[INFO] one\n[ERROR] two\n"}, "[ERROR] two"),
        ({"log": None, "error": "three"}, "three"),
        ({"log": "", "error": ""}, "nbgrader gives no reason"),
        ({}, "nbgrader gives no reason"),
    ],
)
def test_without_an_error_the_reason_is_the_last_line(answer, reason):
    assert reason_of("1_tensor", answer) == f"1_tensor is not released: {reason}"
