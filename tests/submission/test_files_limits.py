"""How much of what lies beside a notebook is looked at, copied and described."""

import os
from datetime import datetime
from pathlib import Path

import pytest

from grading.submission.files import describe, read_timestamp, submission_files

TOO_MUCH = "There were too many or too large files beside the notebook."
ODD = "A link or special file was left out."
UNREADABLE = "A file beside the notebook could not be read."


@pytest.fixture
def submitted(tmp_path):
    folder = tmp_path / "submitted"
    folder.mkdir()
    return folder


@pytest.fixture
def handout(tmp_path):
    folder = tmp_path / "handout"
    folder.mkdir()
    return folder


def names_in(handout):
    files = (path for path in handout.rglob("*") if path.is_file())
    return [path.relative_to(handout) for path in files]


@pytest.fixture
def boxed(submitted, handout):
    """A function that returns the names of the files in the box, and the notes."""

    def boxed():
        files, notes = submission_files(submitted, names_in(handout))
        return sorted(str(name) for name, _ in files), notes

    return boxed


def fill(folder, count, size=0):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        os.mknod(folder / f"{number:05}")
        if size:
            os.truncate(folder / f"{number:05}", size)


def test_five_hundred_files_go_in(submitted, boxed):
    fill(submitted / "a", 250)
    fill(submitted / "b" / "c", 250)
    names, notes = boxed()
    assert (len(names), notes) == (500, [])


def test_further_files_are_left_out_and_the_student_told(submitted, boxed):
    fill(submitted, 501)
    names, notes = boxed()
    assert (len(names), notes) == (500, [TOO_MUCH])


def test_fifty_megabytes_go_in(submitted, boxed):
    fill(submitted, 2, size=25_000_000)
    assert boxed() == (["00000", "00001"], [])


def test_a_byte_more_is_left_out_and_the_student_told(submitted, boxed):
    fill(submitted, 1, size=1)
    fill(submitted / "z", 1, size=50_000_000)
    assert boxed() == (["00000"], [TOO_MUCH])


def test_what_is_handed_out_takes_no_room(submitted, handout, boxed):
    fill(submitted / "data", 501, size=1_000_000)
    fill(handout / "data", 501, size=1)
    (submitted / "mine").touch()
    assert boxed() == (["mine"], [])


def test_without_a_handout_everything_goes_in(submitted, handout, boxed):
    handout.rmdir()
    (submitted / "mine").touch()
    assert boxed() == (["mine"], [])


def test_only_the_top_of_a_path_can_be_handed_out(submitted, handout, boxed):
    (handout / "helper.py").touch()
    (submitted / "own").mkdir()
    (submitted / "own" / "helper.py").touch()
    (submitted / "helper.py").touch()
    assert boxed() == (["own/helper.py"], [])


def place_link(path, target):
    path.symlink_to(target)


def place_dangling_link(path, target):
    path.symlink_to("nowhere")


def place_link_to_folder(path, target):
    path.symlink_to(target.parent)


def place_pipe(path, target):
    os.mkfifo(path)


@pytest.mark.parametrize("below", ["", "folder"])
@pytest.mark.parametrize(
    "place", [place_link, place_dangling_link, place_link_to_folder, place_pipe]
)
def test_an_odd_file_is_left_out_and_the_student_told_once(submitted, boxed, place, below):
    folder = submitted / below
    folder.mkdir(exist_ok=True)
    (submitted / "mine").touch()
    for name in ("first", "second"):
        place(folder / name, submitted / "mine")
    assert boxed() == (["mine"], [ODD])


def test_a_file_that_cannot_be_read_is_told_and_leaves_the_others(submitted, boxed, monkeypatch):
    opened = os.open

    def refuse(path, *flags):
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return opened(path, *flags)

    (submitted / "closed").touch()
    (submitted / "open").touch()
    monkeypatch.setattr(os, "open", refuse)
    assert boxed() == (["open"], [UNREADABLE])


def test_a_file_that_has_become_a_link_or_a_pipe_is_not_followed(submitted, boxed, monkeypatch):
    (submitted / "was").write_text("ordinary")
    ordinary = (submitted / "was").lstat()
    (submitted / "was").unlink()
    (submitted / "was").symlink_to("/etc/passwd")
    monkeypatch.setattr(
        "grading.submission.files.walk", lambda folder: [(folder / "was", ordinary)]
    )
    assert boxed() == ([], [UNREADABLE])


def test_a_file_is_read_no_further_than_it_was_long(submitted, handout, monkeypatch):
    file = submitted / "growing"
    file.write_text("1234")
    before = file.lstat()
    file.write_text("1234 and more")
    monkeypatch.setattr("grading.submission.files.walk", lambda folder: [(file, before)])
    assert submission_files(submitted, names_in(handout))[0] == [(Path("growing"), b"1234")]


def test_a_folder_that_cannot_be_entered_leaves_the_others(submitted, boxed, monkeypatch):
    entries = type(submitted).iterdir

    def refuse(folder):
        if folder.name == "closed":
            raise PermissionError(13, "Permission denied")
        return entries(folder)

    fill(submitted / "closed", 1)
    (submitted / "open").touch()
    monkeypatch.setattr(type(submitted), "iterdir", refuse)
    assert boxed()[0] == ["open"]


def test_what_goes_in_keeps_its_content_whatever_its_mode(submitted, handout):
    (submitted / "folder").mkdir()
    (submitted / "folder" / "data").write_bytes(b"\x00mine")
    (submitted / "folder" / "data").chmod(0o600)
    files, _ = submission_files(submitted, names_in(handout))
    assert files == [(Path("folder/data"), b"\x00mine")]


def test_no_more_than_five_thousand_files_are_looked_at(submitted, monkeypatch):
    (submitted / "a").symlink_to("nowhere")
    monkeypatch.setattr(type(submitted), "iterdir", lambda folder: [folder / "a"] * 5_001)
    assert len(describe(submitted).splitlines()) == 5_000


@pytest.fixture(params=["in one folder", "in many"])
def endless(request, submitted, monkeypatch):
    """A submission with a notebook and more files than are looked at."""
    monkeypatch.setattr("grading.submission.files.MAX_WALK", 50)
    if request.param == "in one folder":
        fill(submitted, 60)
    for number in range(20 if request.param == "in many" else 0):
        fill(submitted / f"{number}", 3)
    (submitted / "z.ipynb").write_text("{}")
    return submitted


def test_files_are_counted_in_whatever_folder_they_are(endless):
    assert 25 <= len(describe(endless).splitlines()) <= 50


def test_however_many_files_there_are_a_change_of_the_notebook_is_seen(endless):
    before = describe(endless)
    (endless / "z.ipynb").write_text("2")
    assert describe(endless) != before


def change_content(folder):
    times = (folder / "a").stat()
    (folder / "a").write_text("2")
    os.utime(folder / "a", ns=(times.st_atime_ns, times.st_mtime_ns))


def rename(folder):
    (folder / "a").rename(folder / "b")


def add(folder):
    (folder / "empty").touch()


def link(folder):
    (folder / "b").symlink_to("a")


def move(folder):
    (folder / "inner").mkdir()
    (folder / "a").rename(folder / "inner" / "a")


def become_a_link(folder):
    (folder / "a").rename(folder / "b")
    (folder / "a").symlink_to("b")


@pytest.mark.parametrize("change", [change_content, rename, add, link, move, become_a_link])
def test_any_change_is_seen(submitted, change):
    (submitted / "a").write_text("1")
    before = describe(submitted)
    change(submitted)
    assert describe(submitted) != before


def test_a_new_time_alone_is_no_change(submitted):
    (submitted / "a").write_text("1")
    before = describe(submitted)
    os.utime(submitted / "a", (1, 1))
    assert describe(submitted) == before


def large(submitted, name, size):
    with (submitted / name).open("wb") as file:
        file.truncate(size)
    os.utime(submitted / name, (1, 1))


@pytest.mark.parametrize("sizes", [[50_000_001], [49_999_999, 2]], ids=["one file", "two files"])
def test_what_goes_beyond_fifty_megabytes_counts_by_its_size_and_time(submitted, sizes):
    for name, size in enumerate(sizes):
        large(submitted, f"{name}", size)
    last = submitted / f"{len(sizes) - 1}"
    before = describe(submitted)
    with last.open("r+b") as file:
        file.write(b"x")
    os.utime(last, (1, 1))
    assert describe(submitted) == before
    os.utime(last, (1, 2))
    assert describe(submitted) != before


def test_what_cannot_be_read_is_described_all_the_same(submitted, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    (submitted / "a").write_text("1")
    monkeypatch.setattr(type(submitted), "read_bytes", refuse)
    assert describe(submitted).startswith("a ")


def test_a_link_is_described_without_what_it_leads_to(submitted, tmp_path):
    (tmp_path / "secret").write_text("1")
    (submitted / "link").symlink_to(tmp_path / "secret")
    before = describe(submitted)
    (tmp_path / "secret").write_text("22")
    assert describe(submitted) == before


def test_names_that_are_no_text_are_described(submitted):
    (submitted / os.fsdecode(b"\xff")).touch()
    assert describe(submitted).encode()


def stamp(submitted, content):
    (submitted / "timestamp.txt").write_bytes(content)
    return read_timestamp(submitted)


@pytest.mark.parametrize(
    "content",
    [b"2026-09-14 12:00:00 UTC\n", b"2026-09-14 12:00:00", b"2026-09-14 14:00:00.0 7200"],
)
def test_a_time_is_read_as_universal_time(submitted, content):
    assert stamp(submitted, content) == datetime(2026, 9, 14, 12)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"yesterday",
        b"\xff\xfe",
        b"9" * 150,
        b"2026-99-99 12:00:00 UTC",
        b"0001-01-01 00:00:00 +2300",
        b"2026-09-14 12:00:00 99999999999999999999",
        "\u06631.5h1.5h9999999999999999999999999999999999999999".encode(),
    ],
)
def test_what_is_no_time_counts_as_none(submitted, content):
    assert stamp(submitted, content) is None


def test_a_time_zone_that_is_a_file_of_the_students_counts_as_none(submitted):
    (submitted / "zone").write_bytes(b"TZif")
    assert stamp(submitted, f"2026-09-14 12:00:00 {submitted / 'zone'}".encode()) is None


@pytest.mark.parametrize(("size", "read"), [(200, True), (201, False)])
def test_a_timestamp_of_more_than_two_hundred_bytes_is_not_read(submitted, size, read):
    assert (stamp(submitted, b"2026-09-14 12:00:00 UTC".ljust(size)) is not None) == read


@pytest.mark.parametrize("place", [place_link, place_dangling_link, place_link_to_folder])
def test_a_timestamp_that_is_a_link_is_not_followed(submitted, place):
    (submitted / "real").write_text("2026-09-14 12:00:00 UTC")
    place(submitted / "timestamp.txt", submitted / "real")
    assert read_timestamp(submitted) is None


def test_without_a_timestamp_there_is_no_time(submitted):
    assert read_timestamp(submitted) is None


def test_a_timestamp_that_cannot_be_looked_at_counts_as_none(submitted, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    (submitted / "timestamp.txt").write_text("2026-09-14 12:00:00 UTC")
    monkeypatch.setattr(type(submitted), "lstat", refuse)
    assert read_timestamp(submitted) is None
