"""What is copied out of the exchange, whatever a student put there."""

import os
from pathlib import Path

import pytest
from course_exchange.collect import WholeCollect, copy_ordinary_files
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError

ROOM = 1_000_000


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    folder = tmp_path / "submission"
    (folder / "pictures").mkdir(parents=True)
    (folder / "notebook.ipynb").write_text("{}")
    (folder / "pictures" / "one.txt").write_text("one")
    return folder


def test_ordinary_files_are_copied_whole(submission: Path, tmp_path: Path) -> None:
    copy_ordinary_files(submission, tmp_path / "copy", ROOM)
    files = {str(p.relative_to(tmp_path / "copy")) for p in (tmp_path / "copy").rglob("*.*")}
    assert files == {"notebook.ipynb", "pictures/one.txt"}


def test_links_and_pipes_are_left(submission: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "gradebook.db").write_text("grades")
    (submission / "stolen.db").symlink_to(secret / "gradebook.db")
    (submission / "stolen").symlink_to(secret)
    os.mkfifo(submission / "pipe")
    copy_ordinary_files(submission, tmp_path / "copy", ROOM)
    names = {path.name for path in (tmp_path / "copy").rglob("*")}
    assert names == {"notebook.ipynb", "pictures", "one.txt"}


def test_a_link_is_no_submission(submission: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(submission)
    with pytest.raises(OSError, match="not a folder"):
        copy_ordinary_files(link, tmp_path / "copy", ROOM)


def test_too_much_is_refused(submission: Path, tmp_path: Path) -> None:
    (submission / "large").write_bytes(b"x" * 1000)
    with pytest.raises(OSError, match="too large"):
        copy_ordinary_files(submission, tmp_path / "copy", 900)


def test_one_that_cannot_be_collected_is_named_and_leaves_the_others_alone(tmp_path: Path) -> None:
    inbound = tmp_path / "exchange" / "demo" / "inbound"
    for student, size in (("student-01", 1), ("student-02", 5000), ("student-03", 1)):
        folder = inbound / f"{student}+one+2026-01-01 00:00:00.000000 UTC+secret"
        folder.mkdir(parents=True)
        (folder / "one.ipynb").write_text("x" * size)
    (tmp_path / "course").mkdir()
    coursedir = CourseDirectory(
        root=str(tmp_path / "course"), course_id="demo", assignment_id="one", max_dir_size=2
    )
    collect = WholeCollect(coursedir=coursedir, authenticator=Authenticator())
    collect.root, collect.path_includes_course = str(tmp_path / "exchange"), True
    collect.check_owner = False
    with pytest.raises(ExchangeError, match=r": student-02$"):
        collect.start()
    collected = sorted(path.parent.name for path in tmp_path.glob("course/submitted/*/one"))
    assert collected == ["student-01", "student-03"]
