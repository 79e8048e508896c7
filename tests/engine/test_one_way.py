"""One way to one grade: `make`, nbgrader's command, Formgrader's button and the hub's worker."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from types import SimpleNamespace

import pytest
from nbgrader.api import Gradebook
from ways_to_a_grade import ASSIGNMENT, WAYS, by_command, by_make, press

from grading.course.layout import Course
from grading.engine.tasks import pending
from grading.pipeline.configuration import load_config
from trials.gradebook import db_url_of, gradebook_rows
from trials.mini_course import MiniCourse

pytestmark = pytest.mark.slow

WRONG = "def double(x):\n    return 3 * x"
SETTINGS = """
c.CourseDirectory.student_id_exclude = "excluded"
c.LateSubmissionPlugin.penalty_method = "zero"
"""
GRADED = ["[y]", "empty", "late", "not-json", "renamed", "solved", "two-names"]


@pytest.fixture(scope="module")
def graded(released, tmp_path_factory):
    """Return four copies of one course, each graded in another way, and what each way said."""
    root = tmp_path_factory.mktemp("ways")
    shutil.copytree(released, root / "course")
    before = hand_in(MiniCourse.at(root / "course", ASSIGNMENT))
    courses = {way: copy_of(root / "course", root / way) for way in WAYS}
    with ThreadPoolExecutor(len(WAYS)) as pool:
        running = {way: pool.submit(grade, courses[way]) for way, grade in WAYS.items()}
    said = {way: future.result() for way, future in running.items()}
    return SimpleNamespace(courses=courses, said=said, submitted=before)


def copy_of(course, target):
    shutil.copytree(course, target, symlinks=True, ignore=shutil.ignore_patterns("pipe"))
    os.mkfifo(target / "submitted" / "solved" / ASSIGNMENT / "pipe")
    return Course(target)


def hand_in(mini):
    """Fill `submitted/`; return its state."""
    with (mini.course.root / "nbgrader_config.py").open("a") as file:
        file.write(SETTINGS)
    with Gradebook(db_url_of(mini.course)) as gradebook:
        due = datetime(2026, 9, 14, 12)
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=due)
    solved = mini.submit("solved", mini.notebook())
    (solved / "link").symlink_to("/etc/hostname")
    (solved / "helper.py").write_text("print('mine')\n")
    late = mini.submit("late", mini.notebook(double=WRONG))
    (late / "timestamp.txt").write_text("2026-09-14 13:00:00 UTC")
    renamed = mini.submit("renamed", mini.notebook()) / f"{ASSIGNMENT}.ipynb"
    renamed.rename(renamed.with_name("my notebook.ipynb"))
    two = mini.submit("two-names", mini.notebook()) / f"{ASSIGNMENT}.ipynb"
    shutil.copy(two, two.with_name("copy.ipynb"))
    two.rename(two.with_name("another.ipynb"))
    mini.course.submitted("empty", ASSIGNMENT).mkdir(parents=True)
    mini.submit("not-json", "not a notebook")
    mini.submit("[y]", mini.notebook(double=WRONG))
    mini.submit("excluded", mini.notebook())
    return state_of(mini.course, "submitted")


def state_of(course, folder):
    return {
        str(path.relative_to(course.root)): (
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() and not path.is_symlink() else None,
        )
        for path in (course.root / folder).rglob("*")
        if path.name != "pipe" and not path.is_dir()
    }


def notes_of(course):
    """Return by student: penalty, seconds late, comments."""
    with Gradebook(db_url_of(course)) as gradebook:
        return {
            submission.student.id: (
                submission.notebooks[0].late_submission_penalty,
                submission.total_seconds_late,
                sorted((one.name, one.comment) for one in submission.notebooks[0].comments),
            )
            for submission in gradebook.find_assignment(ASSIGNMENT).submissions
        }


def test_every_way_writes_the_same_scores(graded):
    rows = {way: gradebook_rows(course, ASSIGNMENT) for way, course in graded.courses.items()}
    assert sorted(rows["make"]) == GRADED
    assert rows["make"]["solved"]["test-double"] == (4.0, None, False)
    assert rows["make"]["renamed"] == rows["make"]["solved"]
    assert rows["make"]["[y]"]["test-double"][0] < 4.0
    assert rows["make"]["empty"]["test-double"] == (0.0, None, False)
    for way in WAYS:
        assert rows[way] == rows["make"], way


def test_every_way_writes_the_same_penalties_and_comments(graded):
    notes = {way: notes_of(course) for way, course in graded.courses.items()}
    penalty, seconds, _ = notes["make"]["late"]
    assert seconds == 3600 and penalty > 0
    assert notes["make"]["solved"][:2] == (None, 0)
    for way in WAYS:
        assert notes[way] == notes["make"], way


def test_every_way_keeps_the_same_files(graded):
    notebooks = {f"autograded/{student}/{ASSIGNMENT}/{ASSIGNMENT}.ipynb" for student in GRADED}
    beside = {
        f"autograded/solved/{ASSIGNMENT}/helper.py",
        f"autograded/late/{ASSIGNMENT}/timestamp.txt",
    }
    for way, course in graded.courses.items():
        assert set(state_of(course, "autograded")) == notebooks | beside, way


def test_no_way_touches_what_was_submitted(graded):
    for way, course in graded.courses.items():
        after = state_of(course, "submitted")
        copied = {name: content for name, (_, content) in graded.submitted.items()}
        assert {name: content for name, (_, content) in after.items()} == copied, way
        times = {name: time for name, (time, _) in after.items() if not name.endswith("link")}
        assert times == {name: graded.submitted[name][0] for name in times}, way


def test_what_one_way_has_graded_is_up_to_date_for_the_others(graded):
    before = {way: state_of(course, "autograded") for way, course in graded.courses.items()}
    for course in graded.courses.values():
        assert pending(course, load_config(course.root)) == []
    said = by_make(graded.courses["command"])
    assert "autograding" not in said and said.endswith("exit status 0")
    said = by_command(graded.courses["worker"])
    assert "Nothing is new or changed" in said and said.endswith("exit status 0")
    answer = press(graded.courses["make"], "solved", force=False)
    assert answer["success"] and "Nothing is new or changed" in answer["log"]
    assert before == {way: state_of(course, "autograded") for way, course in graded.courses.items()}


def test_whoever_is_excluded_is_left_out_with_a_reason(graded):
    for way in ("button", "worker"):
        assert "excluded: left out by CourseDirectory.student_id_exclude" in graded.said[way]
    for way in ("make", "command"):
        assert graded.said[way].endswith("exit status 0"), graded.said[way]
