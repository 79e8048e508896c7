"""What is copied out of the exchange, whatever a student put there."""

import os
from pathlib import Path

import pytest
from course_exchange.collect import copy_ordinary_files
from course_exchange.walk import MAX_DEPTH

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


def test_every_file_is_opened_without_waiting_and_without_following(
    submission: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    how = []
    open_file = os.open

    def noted(path: str, flags: int, *more: int, **options: int) -> int:
        if path in ("notebook.ipynb", "one.txt"):
            how.append(flags & (os.O_NONBLOCK | os.O_NOFOLLOW))
        return open_file(path, flags, *more, **options)

    monkeypatch.setattr(os, "open", noted)
    copy_ordinary_files(submission, tmp_path / "copy", ROOM)
    assert how == [os.O_NONBLOCK | os.O_NOFOLLOW] * 2


def test_a_link_is_no_submission(submission: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(submission)
    with pytest.raises(OSError, match="not a folder"):
        copy_ordinary_files(link, tmp_path / "copy", ROOM)


def test_too_much_is_refused(submission: Path, tmp_path: Path) -> None:
    (submission / "large").write_bytes(b"x" * 1000)
    with pytest.raises(OSError, match="too large"):
        copy_ordinary_files(submission, tmp_path / "copy", 900)


def test_what_fits_exactly_is_taken(submission: Path, tmp_path: Path) -> None:
    copy_ordinary_files(submission, tmp_path / "copy", len("{}") + len("one"))
    assert (tmp_path / "copy" / "pictures" / "one.txt").read_text() == "one"


def test_all_files_together_must_fit(submission: Path, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="too large"):
        copy_ordinary_files(submission, tmp_path / "copy", len("{}") + len("one") - 1)


def test_a_file_that_grows_while_it_is_copied_is_refused(
    submission: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = os.fstat

    def look_and_let_it_grow(descriptor: int) -> os.stat_result:
        status = look(descriptor)
        (submission / "notebook.ipynb").write_text("x" * 1000)
        return status

    monkeypatch.setattr(os, "fstat", look_and_let_it_grow)
    with pytest.raises(OSError, match="too large"):
        copy_ordinary_files(submission, tmp_path / "copy", 900)


def test_folders_are_followed_only_so_deep(submission: Path, tmp_path: Path) -> None:
    deepest = submission.joinpath(*["d"] * MAX_DEPTH)
    deepest.mkdir(parents=True)
    copy_ordinary_files(submission, tmp_path / "copy", ROOM)
    (deepest / "d").mkdir()
    with pytest.raises(OSError, match="too deeply"):
        copy_ordinary_files(submission, tmp_path / "again", ROOM)


@pytest.mark.parametrize("name", [".ipynb_checkpoints", "__pycache__"])
def test_what_programs_leave_behind_is_not_collected(
    submission: Path, tmp_path: Path, name: str
) -> None:
    (submission / "pictures" / name).mkdir()
    (submission / "pictures" / name / "left").touch()
    copy_ordinary_files(submission, tmp_path / "copy", ROOM)
    assert {path.name for path in (tmp_path / "copy" / "pictures").iterdir()} == {"one.txt"}
