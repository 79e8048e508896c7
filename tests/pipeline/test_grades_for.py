"""A class of 30 comes in as an LMS gives it, and its grades go out as the LMS takes them."""

import csv
import shutil
import sys

import pytest
from by_hand import grade_by_hand
from lms_imports import canvas_imports, moodle_import, moodle_worksheet
from lms_zips import (
    canvas_name,
    class_roster,
    first_name,
    last_name,
    moodle_name,
    packed,
    sortable,
    student,
)
from nbformat import writes
from nbgrader.api import Gradebook

from grading.engine.autograde import autograde
from grading.engine.tasks import pending
from grading.grades.graded import GradedNotebook
from grading.pipeline import grades_for as command
from grading.pipeline.collect.collect import collect
from trials.gradebook import db_url_of
from trials.mini_course import MiniCourse

ASSIGNMENT = "01_mini"
FILE = f"{ASSIGNMENT}.ipynb"
CLASS = range(1, 31)
HANDED_IN = range(1, 29)
WAITING = (27, 28)
GRADED = {number: 5.0 + (number % 4) * 0.5 for number in HANDED_IN if number not in WAITING}
"""What each earns: 5 points of tests, some of 3 for the written answer; 29 and 30 sent nothing."""
FULL = 8.0
CANVAS_HEADER = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]


def address(number):
    return f"{student(number)}@example.org"


def sent_by(number, notebook):
    """Return a file's name and content, one of the shapes that students send."""
    text = writes(notebook).encode()
    if number % 5 == 0:
        return "My Work.zip", packed({"MY\\Work\\01_MINI.ipynb": text, "__MACOSX/._x": b"x"})
    if number % 7 == 0:
        return f"{ASSIGNMENT}-2.ipynb", text
    return FILE, text


def canvas_zip(notebook):
    files = {}
    for number in HANDED_IN:
        name, content = sent_by(number, notebook)
        late = number % 9 == 0
        files[canvas_name(sortable(number), 5000 + number, 90_000 + number, name, late)] = content
    return packed(files)


def moodle_zip(notebook):
    files = {}
    for number in HANDED_IN:
        name, content = sent_by(number, notebook)
        full = f"{first_name(number)} {last_name(number)}"
        files[moodle_name(full, 310 + number, name)] = content
        files[moodle_name(full, 310 + number, "onlinetext.html", plugin="onlinetext")] = b"<p>"
    return packed(files)


def graded(kept, root, zip_of):
    """Make a course into which the zip of a class was collected, and graded by hand."""
    shutil.copytree(kept, root)
    mini = MiniCourse.at(root, ASSIGNMENT)
    class_roster(root, CLASS)
    file = root.with_name(f"{root.name}.zip")
    file.write_bytes(zip_of(mini.notebook()))
    done = collect(mini.course, mini.config, file, None)
    assert done.outcomes == {"new": len(HANDED_IN)} and not done.waiting
    scores = {"test-double": 3.0, "test-halve": 2.0, "think": None}
    with pytest.MonkeyPatch.context() as monkeypatch:
        skeleton = mini.released.skeleton()
        grade_by_hand(monkeypatch, lambda *_: GradedNotebook(skeleton, dict(scores)))
        tasks = pending(mini.course, mini.config, ASSIGNMENT)
        assert autograde(mini.course, mini.config, tasks, 1, lambda _: None) == []
    with Gradebook(db_url_of(mini.course)) as gradebook:
        for number, score in GRADED.items():
            grade = gradebook.find_grade("think", ASSIGNMENT, ASSIGNMENT, student(number))
            grade.manual_score, grade.needs_manual_grade = score - 5.0, False
        gradebook.db.commit()
    return mini


@pytest.fixture(scope="module")
def canvas_course(kept, tmp_path_factory):
    """Return a graded class that came from Canvas; it is only read."""
    return graded(kept, tmp_path_factory.mktemp("canvas") / "course", canvas_zip).course


@pytest.fixture(scope="module")
def moodle_course(kept, tmp_path_factory):
    """Return a graded class that came from Moodle; it is only read."""
    return graded(kept, tmp_path_factory.mktemp("moodle") / "course", moodle_zip).course


@pytest.fixture
def moodle_copy(moodle_course, tmp_path):
    """Return a copy of it to be changed."""
    shutil.copytree(moodle_course.root, tmp_path / "copy")
    return MiniCourse.at(tmp_path / "copy", ASSIGNMENT)


def run(course, monkeypatch, capsys, *arguments):
    """Run the command; return its exit status, and what it said."""
    monkeypatch.setattr(sys, "argv", ["grades_for", "--root", str(course.root), *arguments])
    return command.main(), capsys.readouterr().out


def table(course, name):
    return (course.root / "reports" / name).read_text(encoding="utf-8")


def canvas_class():
    """Return the students as Canvas knows them."""
    return [(5000 + n, f"sis{n}", f"login{n}", sortable(n)) for n in (*CLASS, 99)]


def canvas_export(tmp_path, *more):
    """Write the gradebook that Canvas exports, with its own columns and its test student."""
    header = [*CANVAS_HEADER, "Essay (70)", f"{ASSIGNMENT} (71)", "Current Score", "Final Score"]
    rows = [
        ["", "", "", "", "", "", "Manual Posting", "", ""],
        ["    Points Possible", "", "", "", "", "5.00", "16.00", "(read only)", "(read only)"],
        *[
            [sortable(n), 5000 + n, f"sis{n}", f"login{n}", "A", "4.00", "", "80", "80"]
            for n in CLASS
        ],
        ["Student, Test", 5099, "", "x", "A", "", "", "", ""],
    ]
    file = tmp_path / "Grades-Course.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        csv.writer(opened).writerows([header, *rows])
    return file


def worksheet(tmp_path):
    """Write the grading worksheet that Moodle gives for an assignment."""
    header = [
        *("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade"),
        *("Grade can be changed", "Last modified (submission)", "Last modified (grade)"),
        "Feedback comments",
    ]
    rows = [
        [
            *(f"Participant {310 + n}", f"{first_name(n)} {last_name(n)}", address(n), "Submitted"),
            *("", "100.00", "Yes", "Monday, 5 October 2026, 3:15 PM", "-", ""),
        ]
        for n in CLASS
    ]
    file = tmp_path / "Grades.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        csv.writer(opened).writerows([header, *rows])
    return file


def test_a_class_from_canvas_goes_back_to_canvas(canvas_course, tmp_path, monkeypatch, capsys):
    into = canvas_export(tmp_path)
    code, out = run(canvas_course, monkeypatch, capsys, "canvas", "--into", str(into))
    assert code == 0
    changes, points = canvas_imports(
        table(canvas_course, "grades-for-canvas.csv").removeprefix("\ufeff"), canvas_class()
    )
    column = f"{ASSIGNMENT} (71)"
    assert {user: row[column] for user, row in changes.items()} == {
        **{5000 + n: 2 * GRADED[n] if n in GRADED else "" for n in CLASS},
        5099: "",
    }
    assert points == {column: "16.00"}
    for number in WAITING:
        assert f"{student(number)}: {ASSIGNMENT} waits for a person; left empty" in out
    assert "Student, Test: not in the roster; left as it was" in out
    assert "scaled from 8.00 to 16.00 points" in out and "Upload CSV" in out


def test_without_canvas_own_table_canvas_still_knows_everybody(canvas_course, monkeypatch, capsys):
    assert run(canvas_course, monkeypatch, capsys, "canvas", "--assignment", ASSIGNMENT)[0] == 0
    text = table(canvas_course, f"grades-for-canvas-{ASSIGNMENT}.csv")
    changes, points = canvas_imports(text, canvas_class())
    assert {user: row[ASSIGNMENT] for user, row in changes.items()} == {
        5000 + n: GRADED.get(n, "") for n in CLASS
    }
    assert points == {ASSIGNMENT: f"{FULL:.2f}"}


def test_a_class_from_moodle_goes_back_to_moodle(moodle_course, tmp_path, monkeypatch, capsys):
    into = worksheet(tmp_path)
    code, out = run(moodle_course, monkeypatch, capsys, "moodle", "--into", str(into))
    assert code == 0 and "Upload grading worksheet" in out
    grades = moodle_worksheet(
        table(moodle_course, "grades-for-moodle.csv"), {310 + n for n in CLASS}
    )
    assert grades == {310 + n: round(100 * score / FULL, 2) for n, score in GRADED.items()}


def test_without_moodles_own_table_its_import_knows_everybody(moodle_course, monkeypatch, capsys):
    assert run(moodle_course, monkeypatch, capsys, "moodle")[0] == 0
    text = table(moodle_course, "grades-for-moodle.csv")
    grades = moodle_import(text, {address(n) for n in CLASS}, ASSIGNMENT)
    assert grades == {address(n): score for n, score in GRADED.items()}


def test_newer_work_that_is_not_graded_yet_is_told(moodle_copy, monkeypatch, capsys):
    mini = moodle_copy
    mini.submit(student(1), mini.notebook(think="Something else."))
    out = run(mini.course, monkeypatch, capsys, "moodle")[1]
    assert "student-01: 01_mini has changed since it was graded; run `make autograde`" in out


def test_whom_the_roster_does_not_know_no_grade_goes_out_for(moodle_copy, monkeypatch, capsys):
    mini = moodle_copy
    class_roster(mini.course.root, range(2, 31))
    out = run(mini.course, monkeypatch, capsys, "moodle")[1]
    assert "student-01: not in the roster; no grade goes out" in out
    assert student(1) not in table(mini.course, "grades-for-moodle.csv")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "LMS=canvas or LMS=moodle"),
        (["blackboard"], "LMS=canvas or LMS=moodle"),
        (["canvas", "--assignment", "01_mimi"], "did you mean 01_mini"),
        (["canvas"], "run `make autograde`"),
        (["canvas", "--into", "none.csv"], "run `make autograde`"),
    ],
)
def test_the_command_says_what_is_missing(unrun, monkeypatch, capsys, arguments, said):
    class_roster(unrun.course.root, CLASS)
    (unrun.course.root / "gradebook.db").unlink()
    code, out = run(unrun.course, monkeypatch, capsys, *arguments)
    assert code == 1 and said in " ".join(out.split())


def test_before_anybody_has_handed_in_there_are_no_grades(unrun, monkeypatch, capsys):
    class_roster(unrun.course.root, CLASS)
    code, out = run(unrun.course, monkeypatch, capsys, "CANVAS")
    assert code == 1 and "there are no grades" in " ".join(out.split())


def test_a_table_of_another_lms_is_refused(moodle_course, tmp_path, monkeypatch, capsys):
    for lms, file in (("canvas", worksheet(tmp_path)), ("moodle", canvas_export(tmp_path))):
        code, out = run(moodle_course, monkeypatch, capsys, lms, "--into", str(file))
        assert code == 1 and f"is not {lms.capitalize()}'s" in " ".join(out.split())


def test_who_has_dropped_is_in_no_table_for_an_lms(moodle_copy, monkeypatch, capsys):
    course = moodle_copy.course
    file = course.root / "roster.csv"
    head, first, *others = file.read_text().splitlines()
    lines = [f"{head},dropped", f"{first},2026-10-01", *(f"{line}," for line in others)]
    file.write_text("\n".join(lines))
    gone = first.partition(",")[0]
    status, said = run(course, monkeypatch, capsys, "moodle")
    assert status == 0 and gone not in said
    written = table(course, "grades-for-moodle.csv")
    assert address(1) not in written and address(2) in written
