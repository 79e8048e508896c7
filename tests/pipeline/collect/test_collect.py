"""The zip of a class goes in with one command; run again or out of order, nothing is lost."""

import shutil
import sys
import zipfile
from datetime import datetime, timedelta

import pytest
from lms_zips import (
    DOWNLOADED,
    canvas_name,
    class_roster,
    files_below,
    first_name,
    last_name,
    moodle_name,
    packed,
    sortable,
    student,
    write_roster,
)
from nbgrader.api import Gradebook

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.engine.lock import only_grader
from grading.grades.tables import make_ready
from grading.pipeline.collect import __main__ as command
from grading.pipeline.collect.collect import collect
from grading.pipeline.collect.kept import Kept
from grading.pipeline.configuration import load_config
from grading.sandbox.settings import PROJECT
from grading.submission.files import read_timestamp
from trials.gradebook import db_url_of

ASSIGNMENT = "01_mini"
FILE = f"{ASSIGNMENT}.ipynb"
DUE = datetime(2026, 10, 10, 12)
EARLY, AFTER = DUE - timedelta(days=2), DUE + timedelta(days=1)


def work(number, version=1):
    return f'{{"cells": [], "metadata": {{"of": [{number}, {version}]}}}}'.encode()


class Class:
    """A course with a roster, into which zips are collected."""

    def __init__(self, root):
        self.root, self.course = root, Course(root)
        self.count = 0

    def settings(self, line):
        with (self.root / "nbgrader_config.py").open("a") as file:
            file.write(f"{line}\n")

    def zip(self, files, name="submissions.zip", time=DOWNLOADED):
        self.count += 1
        folder = self.root.parent / f"downloads-{self.count}"
        folder.mkdir()
        (folder / name).write_bytes(files if isinstance(files, bytes) else packed(files, time))
        return folder / name

    def collect(self, files, assignment=ASSIGNMENT, table=None, **how):
        file = self.zip(files, **how)
        return collect(self.course, load_config(self.root), file, assignment, table)

    def submitted(self, number):
        return files_below(self.course.submitted(student(number), ASSIGNMENT))

    def notebook(self, number):
        return self.submitted(number)[FILE]

    def arrived(self, number):
        return read_timestamp(self.course.submitted(student(number), ASSIGNMENT))

    def downloaded(self, part):
        return files_below(self.root / "downloaded" / ASSIGNMENT / part)

    def is_due(self, due=DUE):
        url = db_url_of(self.course)
        make_ready(url, "tinytorch")
        with Gradebook(url) as gradebook:
            gradebook.update_or_create_assignment(ASSIGNMENT, duedate=due)


@pytest.fixture
def room(tmp_path):
    """Return a course of one assignment with a class of five."""
    root = tmp_path / "course"
    source = root / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    shutil.copy(PROJECT / "tests" / "mini" / "assignment.toml", source)
    shutil.copy(PROJECT / "nbgrader_config.py", root)
    class_roster(root, range(1, 6))
    return Class(root)


def canvas(number, file=FILE, upload=900, late=False):
    return canvas_name(sortable(number), 5000 + number, upload + number, file, late)


def moodle(number, file=FILE, **how):
    return moodle_name(f"{first_name(number)} {last_name(number)}", 70 + number, file, **how)


def test_each_students_file_lies_in_their_folder(room):
    done = room.collect({canvas(n): work(n) for n in (1, 2)})
    assert room.notebook(1) == work(1) and room.notebook(2) == work(2)
    assert done.outcomes == {"new": 2} and not done.waiting


def test_run_twice_it_changes_nothing(room):
    files = {
        **{canvas(n): work(n) for n in (1, 2)},
        canvas(3, "work.zip"): packed({"../up": b"", FILE: work(3)}),
        canvas(4): work(4),
        canvas(4, f"{ASSIGNMENT}-1.ipynb", 950): work(4, 2),
        canvas(99): b"x",
    }
    room.collect(files)
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in room.root.rglob("*")}
    done = room.collect(files)
    after = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in room.root.rglob("*")}
    top = {room.root, room.root / ".grading.lock"}
    assert {p: s for p, s in before.items() if p not in top} == {
        p: s for p, s in after.items() if p not in top
    }
    assert done.outcomes == {"same": 4} and len(done.waiting) == 2


def test_a_newer_upload_replaces_and_the_old_one_is_kept(room):
    room.collect({canvas(1): work(1)})
    done = room.collect({canvas(1, f"{ASSIGNMENT}-1.ipynb", 950): work(1, 2)})
    assert done.outcomes == {"replaced": 1}
    assert {*room.submitted(1)} == {FILE} and room.notebook(1) == work(1, 2)
    assert work(1) in room.downloaded("earlier").values()


@pytest.mark.parametrize("lms", [canvas, moodle])
def test_an_older_zip_never_replaces_newer_work_and_is_kept(room, lms):
    room.collect({lms(1): work(1, 2)})
    done = room.collect({lms(1): work(1, 1)}, time=DOWNLOADED - timedelta(days=3))
    assert done.outcomes == {"earlier": 1}
    assert room.notebook(1) == work(1, 2)
    assert work(1, 1) in room.downloaded("earlier").values()


def test_an_upload_counts_before_the_time_at_which_its_zip_was_made(room):
    room.collect({canvas(1, upload=950): work(1, 2)})
    room.collect({canvas(1, upload=900): work(1, 1)}, time=DOWNLOADED + timedelta(days=1))
    assert room.notebook(1) == work(1, 2)


def test_all_versions_in_any_order_end_alike(room):
    zips = [
        ({canvas(1, upload=900 + n): work(1, n)}, DOWNLOADED + timedelta(days=n)) for n in range(3)
    ]
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        for at in order:
            room.collect(zips[at][0], time=zips[at][1])
        assert room.notebook(1) == work(1, 2)
        kept = [*room.downloaded("earlier").values(), room.notebook(1)]
        assert {work(1, n) for n in range(3)} <= {*kept}


def test_what_a_person_has_mended_stays_when_the_same_zip_comes_again(room):
    room.collect({canvas(1): work(1)})
    mended = room.course.submitted(student(1), ASSIGNMENT) / FILE
    mended.write_bytes(b"mended")
    assert room.collect({canvas(1): work(1)}).outcomes == {"same": 1}
    assert mended.read_bytes() == b"mended"


def test_what_a_person_has_mended_is_kept_when_newer_work_comes(room):
    room.collect({canvas(1): work(1)})
    (room.course.submitted(student(1), ASSIGNMENT) / FILE).write_bytes(b"mended")
    room.collect({canvas(1, upload=950): work(1, 2)})
    assert room.notebook(1) == work(1, 2)
    assert b"mended" in room.downloaded("earlier").values()


def test_what_came_another_way_later_stays(room):
    folder = room.course.submitted(student(1), ASSIGNMENT)
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(work(1, 9))
    (folder / "timestamp.txt").write_text(f"{DOWNLOADED + timedelta(days=1)} UTC")
    assert room.collect({canvas(1): work(1)}).outcomes == {"earlier": 1}
    assert room.notebook(1) == work(1, 9)


def test_what_came_another_way_earlier_is_replaced_and_kept(room):
    folder = room.course.submitted(student(1), ASSIGNMENT)
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(work(1, 0))
    assert room.collect({canvas(1): work(1)}).outcomes == {"replaced": 1}
    assert work(1, 0) in room.downloaded("earlier").values()


def test_without_its_record_a_course_goes_on(room):
    room.collect({canvas(1): work(1)})
    (room.root / "downloaded" / ASSIGNMENT / "collected.json").write_text("[broken")
    assert room.collect({canvas(1): work(1)}).outcomes == {"same": 1}


def test_work_without_a_notebook_does_not_replace_a_notebook(room):
    room.collect({canvas(1): work(1)})
    done = room.collect({canvas(1, "report.pdf", 950): b"%PDF"})
    assert done.waiting == ["student-01: no notebook in it; the one before stays"]
    assert room.notebook(1) == work(1) and b"%PDF" in room.downloaded("earlier").values()


def test_work_without_a_notebook_is_told(room):
    done = room.collect({canvas(1, "report.pdf"): b"%PDF"})
    assert room.submitted(1)["report.pdf"] == b"%PDF"
    assert done.waiting == ["student-01: no notebook in it"]


def test_whose_nobody_knows_is_kept_and_named_and_goes_in_when_the_roster_knows(room):
    files = {canvas(1): work(1), canvas(77): work(77), "README.md": b"r"}
    done = room.collect(files)
    assert sorted(room.downloaded("unknown").values()) == sorted([work(77), b"r"])
    assert any("5077: nobody in the roster" in line for line in done.waiting)
    assert "README.md: not a name that an LMS gives" in done.waiting
    class_roster(room.root, range(1, 80))
    room.collect(files)
    assert room.notebook(77) == work(77)
    assert [*room.downloaded("unknown").values()] == [b"r"]


def test_a_bomb_costs_only_its_student(room):
    done = room.collect(
        {canvas(1): bytes(60_000_000), canvas(2, "w.zip"): b"PK\x05\x06", canvas(3): work(3)}
    )
    assert room.notebook(3) == work(3) and not room.submitted(1) and not room.submitted(2)
    assert any("250 times" in line for line in done.waiting)
    assert "student-02: nothing of it could be taken" in done.waiting
    assert room.downloaded("refused") == {"student-02/w.zip": b"PK\x05\x06"}


def test_what_a_class_unpacks_to_has_an_end(room):
    room.settings("c.Zips.class_mb = 1")
    done = room.collect({canvas(n): work(n) + b" " * 600_000 for n in (1, 2)})
    assert done.outcomes == {"new": 1}
    assert any("the class has more than 1 MB" in line for line in done.waiting)


def test_a_folder_around_everything_does_not_count(room):
    files = {f"submissions/{canvas(n)}": work(n) for n in (1, 2)}
    room.collect({**files, f"__MACOSX/submissions/._{canvas(1)}": b"x"})
    assert room.notebook(1) == work(1) and room.notebook(2) == work(2)


@pytest.mark.parametrize(
    "file", [FILE, "01_MINI.IPYNB", "01_mini-2.ipynb", "01_mini (1).ipynb", "01_mini.zip"]
)
def test_the_names_of_files_say_which_assignment_it_is(room, file):
    done = room.collect({canvas(1, file): packed({"a": b""})}, assignment=None)
    assert done.assignment == ASSIGNMENT


def test_where_no_name_says_the_assignment_it_must_be_said(room):
    with pytest.raises(CourseError, match="A=…"):
        room.collect({canvas(1, "work.pdf"): b""}, assignment=None)
    assert not (room.root / "submitted").exists()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (b"no zip", "no zip"),
        ({"a.ipynb": b""}, "named_regexp"),
        ({}, "named_regexp"),
    ],
)
def test_of_what_is_no_zip_of_an_lms_nothing_is_taken(room, files, said):
    with pytest.raises(CourseError, match=said):
        room.collect(files)
    assert not (room.root / "submitted").exists() and not (room.root / "downloaded").exists()


def test_an_unknown_assignment_is_named(room):
    with pytest.raises(CourseError, match="did you mean 01_mini"):
        room.collect({canvas(1): b""}, assignment="01_mimi")


def test_nothing_is_collected_while_the_course_is_graded(room):
    with only_grader(room.course), pytest.raises(CourseError, match="grading this course"):
        room.collect({canvas(1): b""})


def test_a_zone_that_is_none_is_named(room):
    room.settings("c.LmsNames.timezone = 'Mars'")
    with pytest.raises(CourseError, match="there is no Mars"):
        room.collect({canvas(1): b""})


def test_nobody_is_late_because_a_zip_was_downloaded_later(room):
    room.is_due()
    room.collect({**{canvas(n): work(n) for n in (1, 2)}, canvas(3, late=True): work(3)})
    assert room.arrived(1) == room.arrived(2) == DUE
    assert room.arrived(3) == DUE + timedelta(seconds=1)


def test_late_work_has_the_time_of_its_file_where_that_can_be_its_own(room):
    room.is_due()
    entries = {canvas(1): EARLY, canvas(2, late=True): AFTER}
    files = [
        (zipfile.ZipInfo(name, time.timetuple()[:6]), work(1)) for name, time in entries.items()
    ]
    done = room.collect(files)
    assert room.arrived(1) == EARLY and room.arrived(2) == AFTER
    assert done.remarks == ["student-02: late, as the LMS says"]


def test_moodles_worksheet_says_when_work_came(room, tmp_path):
    room.is_due()
    table = tmp_path / "Grades.csv"
    table.write_text(
        "Identifier,Full name,Email address,Grade,Last modified (submission),"
        "Last modified (grade)\n"
        f'Participant 71,X,{student(1)}@example.org,,"Sunday, 11 October 2026, 2:00 PM",-\n'
        f"Participant 72,X,{student(2)}@example.org,,-,-\n"
    )
    room.settings("c.LmsNames.timezone = 'Europe/Berlin'")
    done = room.collect({moodle(n): work(n) for n in (1, 2)}, table=table)
    assert room.arrived(1) == datetime(2026, 10, 11, 12)
    assert room.arrived(2) == DUE
    assert "student-01: late" in done.remarks


def test_a_group_hands_in_for_all_of_it(room):
    write_roster(room.root, "a,,,,5001,Team A", "b,,,,5002,Team A", "c,,,,5003,")
    text = (room.root / "roster.csv").read_text().replace("lms_id\n", "lms_id,group\n", 1)
    (room.root / "roster.csv").write_text(text)
    room.collect({canvas_name("Team A", 5002, 900, FILE): work(1)})
    for id in "ab":
        assert files_below(room.course.submitted(id, ASSIGNMENT))[FILE] == work(1)
    assert not room.course.submitted("c", ASSIGNMENT).exists()


@pytest.mark.parametrize("folders", [True, False])
def test_moodle_gives_folders_or_names(room, folders):
    files = {moodle(n, folders=folders): work(n) for n in (1, 2)}
    files[moodle(1, "onlinetext.html", folders=folders, plugin="onlinetext")] = b"<p>"
    room.collect(files)
    assert room.notebook(2) == work(2)
    assert room.submitted(1).items() >= {FILE: work(1), "onlinetext.html": b"<p>"}.items()


def test_another_lms_is_read_by_nbgraders_own_setting(room):
    room.settings(
        "c.FileNameCollectorPlugin.named_regexp = "
        r"r'(?P<student_id>student-\d+)_attempt_(?P<timestamp>[\d-]+)_(?P<file_id>\w+)'"
    )
    old, new = (f"student-01_attempt_2026-10-0{n}-10-00-00_01_mini.ipynb" for n in (1, 2))
    room.collect({new: work(1, 2)}, time=DOWNLOADED)
    assert room.notebook(1) == work(1, 2)
    assert room.arrived(1) == datetime(2026, 10, 2, 10)
    assert room.collect({old: work(1, 1)}).outcomes == {"earlier": 1}
    assert room.notebook(1) == work(1, 2)


def run(room, monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["collect", "--root", str(room.root), *arguments])
    return command.main(), capsys.readouterr().out


def test_the_command_says_what_was_put_where_and_what_waits(room, monkeypatch, capsys):
    file = room.zip({canvas(1, late=True): work(1), canvas(77): b"\x1b[31m"})
    code, out = run(room, monkeypatch, capsys, str(file))
    assert code == 0
    assert out.splitlines() == [
        "01_mini: 1 submission: 1 new",
        "  student-01: late, as the LMS says",
        "for a person (1), in downloaded/01_mini/:",
        "  lasthhfirsthh 5077: nobody in the roster has this id or name",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [([], "ZIP=submissions.zip"), (["none.zip"], "There is no file none.zip")],
)
def test_the_command_says_what_is_missing(room, monkeypatch, capsys, arguments, said):
    code, out = run(room, monkeypatch, capsys, *arguments)
    assert code == 1 and said in " ".join(out.split())


def test_where_names_say_two_assignments_it_must_be_said(room):
    other = room.root / "source" / "02_more"
    other.mkdir()
    (other / "assignment.toml").write_text('title = "More"\norder = 2\n')
    files = {canvas(1): b"", canvas(2, "02_more.ipynb"): b""}
    with pytest.raises(CourseError, match="A=…"):
        room.collect(files, assignment=None)


def test_files_of_nobodys_that_cannot_lie_side_by_side_are_all_kept(room):
    strange = [("a", b"1"), ("a/b", b"2"), ("A", b"3"), (canvas(1), work(1))]
    room.collect(packed(strange))
    assert sorted(room.downloaded("unknown").values()) == [b"1", b"2", b"3"]


@pytest.mark.parametrize("file", ["..", ".", "...", "C:", "\u202e"])
def test_an_odd_name_of_a_students_costs_nobody_anything(room, file):
    done = room.collect({f"{canvas(1, '')}{file}": b"odd", canvas(2): work(2)})
    assert room.notebook(2) == work(2) and b"odd" in room.submitted(1).values()
    assert done.outcomes == {"new": 2}
    assert {p.name for p in (room.root / "submitted").iterdir()} == {student(1), student(2)}


def test_what_cannot_be_written_costs_only_its_student(room, monkeypatch):
    put = Kept.put

    def full(self, student, *rest):
        if student == "student-01":
            raise OSError("No space left on device")
        return put(self, student, *rest)

    monkeypatch.setattr(Kept, "put", full)
    done = room.collect({canvas(n): work(n) for n in (1, 2)})
    assert room.notebook(2) == work(2)
    assert done.waiting == ["student-01: could not be written: No space left on device"]


def test_the_zip_of_another_assignment_is_refused(room):
    other = room.root / "source" / "02_more"
    other.mkdir()
    (other / "assignment.toml").write_text('title = "More"\norder = 2\n')
    with pytest.raises(CourseError, match=r"said to be 02_more, but its files are 01_mini's"):
        room.collect({canvas(n): work(n) for n in (1, 2)}, assignment="02_more")
    assert not (room.root / "submitted").exists()
    files = {canvas(1): work(1), canvas(2, "work.zip"): b"", canvas(3, "x.ipynb"): b""}
    assert room.collect(files, assignment="02_more").assignment == "02_more"


def test_a_folder_is_no_zip_and_says_what_to_do(room):
    with pytest.raises(CourseError, match="is a folder: pack it"):
        collect(room.course, load_config(room.root), room.root, ASSIGNMENT)


def test_two_students_of_one_name_with_files_of_one_name_stay_two(room):
    write_roster(room.root, "a,Same Name,,,5001", "b,Same Name,,,5002")
    room.collect({canvas_name("Name, Same", 5000 + n, 900, FILE): work(n) for n in (1, 2)})
    for number, id in enumerate("ab", start=1):
        assert files_below(room.course.submitted(id, ASSIGNMENT))[FILE] == work(number)


def test_many_uploads_of_one_student_are_not_all_unpacked(room):
    room.settings("c.Zips.student_mb = 1")
    files = {canvas(1, f"{n}.bin", 900 + n): b"x" * 400_000 for n in range(3)}
    done = room.collect({**files, canvas(1, FILE, 950): work(1)})
    assert {*room.submitted(1)} == {FILE, "1.bin", "2.bin"}
    assert done.waiting == [f"{canvas(1, '0.bin')}: the student has more than 1 MB"]


def test_folders_of_somebody_elses_making_are_nobodys(room):
    with pytest.raises(CourseError, match="named_regexp"):
        room.collect({f"{id}/{canvas(1)}": work(1) for id in "ab"})


def test_nobody_is_late_because_it_was_due_only_after_it_was_collected(room):
    files = {canvas(n): work(n) for n in (1, 2)}
    room.collect(files)
    assert room.arrived(1) is None
    room.is_due()
    assert room.collect(files).outcomes == {"same": 2}
    assert room.arrived(1) == DUE


@pytest.fixture
def told(tmp_path):
    """Return Moodle's worksheet, which says when the first student handed in."""
    table = tmp_path / "Grades.csv"
    table.write_text(
        "Identifier,Full name,Email address,Grade,Last modified (submission),"
        f"Last modified (grade)\nParticipant 71,X,{student(1)}@example.org,,"
        '"Sunday, 11 October 2026, 2:00 PM",-\n'
    )
    return table


def test_what_is_known_better_later_is_put_right_and_stays(room, told):
    room.is_due()
    files = {moodle(1): work(1), moodle(2): work(2)}
    assert room.collect(files).remarks[0].startswith("student-01: perhaps late")
    assert room.arrived(1) == DUE
    room.collect(files, table=told)
    assert room.arrived(1) == datetime(2026, 10, 11, 14)
    room.collect(files)
    assert room.arrived(1) == datetime(2026, 10, 11, 14)


def test_a_time_that_a_person_has_written_stays(room, told):
    room.is_due()
    files = {moodle(1): work(1), moodle(2): work(2)}
    room.collect(files)
    written = room.course.submitted(student(1), ASSIGNMENT) / "timestamp.txt"
    written.write_text("2026-10-01 10:00:00 UTC")
    room.collect(files, table=told)
    assert room.arrived(1) == datetime(2026, 10, 1, 10)


def test_what_a_person_has_mended_is_kept_beside_what_it_was(room):
    first, second = {canvas(1): work(1)}, {canvas(1, upload=950): work(1, 2)}
    room.collect(first)
    room.collect(second)
    shutil.rmtree(room.course.submitted(student(1), ASSIGNMENT))
    room.collect(first)
    (room.course.submitted(student(1), ASSIGNMENT) / FILE).write_bytes(b"mended")
    room.collect(second)
    assert {work(1), b"mended"} <= {*room.downloaded("earlier").values()}
