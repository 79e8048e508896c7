"""What a student's own processes may do in the exchange to gain time, read, or stop the others."""

import logging
import os
import pwd
import socket
from pathlib import Path

import pytest
from another_account import error_without_rights
from course_exchange import collect, walk
from course_exchange.collect import copy_ordinary_files, last_change
from exchange import LONG_AGO, Class
from nbgrader.exchange import ExchangeError

ME = pwd.getpwuid(os.getuid()).pw_name
ONE, OTHER = "student-01", "student-02"


def collect_all(klass: Class) -> None:
    klass.collector(check_owner=False).start()


@pytest.mark.parametrize("mode", [0o444, 0o400, 0o000])
def test_a_folder_that_cannot_be_entered_hides_no_change_beside_it(
    klass: Class, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    folder = klass.put(ME)
    for name in "acegikmoq":
        (folder / name).mkdir()
        (folder / name / "file").write_text("early")
    monkeypatch.chdir(klass.inbound)
    for name in "aegimq":
        (folder / name).chmod(mode)
    here, before = Path(folder.name), last_change(folder)
    while (folder / "c/file").stat().st_ctime <= (folder / "q").stat().st_ctime:
        for name in "cko":
            (folder / name / "file").write_text("late")

    def look() -> None:
        if not last_change(here) > before:
            raise AssertionError

    try:
        assert error_without_rights(look) == ""
    finally:
        for name in "aegimq":
            (folder / name).chmod(0o755)


def test_a_folder_that_cannot_be_read_is_that_students_alone(
    klass: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = klass.put(ME)
    (klass.inbound / "out").mkdir()
    (klass.inbound / "out").chmod(0o777)
    folder.chmod(0o000)
    monkeypatch.chdir(klass.inbound)
    here = Path(folder.name)
    try:
        copying = error_without_rights(lambda: copy_ordinary_files(here, Path("out/copy"), 1000))
        assert copying == "PermissionError"
        assert error_without_rights(lambda: last_change(here)) == ""
    finally:
        folder.chmod(0o755)


def test_a_hundred_thousand_tiny_files_are_refused_and_the_others_collected(
    klass: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert walk.MAX_ENTRIES <= 20_000
    monkeypatch.setattr(walk, "MAX_ENTRIES", 50)
    many = klass.put(ONE)
    klass.put(OTHER)
    for number in range(6):
        (many / str(number)).mkdir()
        for file in range(9):
            (many / str(number) / str(file)).touch()
    with pytest.raises(ExchangeError, match=f": {ONE}$"):
        collect_all(klass)
    assert klass.collected() == {OTHER}
    assert [path.name for path in klass.course.glob(".*")] == []


def test_as_many_files_as_there_may_be_are_collected(
    klass: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "MAX_ENTRIES", 3)
    folder = klass.put(ONE)
    (folder / "a").touch(), (folder / "b").touch()
    collect_all(klass)
    assert klass.collected() == {ONE}


def test_what_is_not_collected_hides_no_change_by_its_number(
    klass: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "MAX_ENTRIES", 20)
    folder = klass.put(ME)
    for place in (".ipynb_checkpoints", "sub", "sub/__pycache__"):
        (folder / place).mkdir()
    for number in range(30):
        (folder / ".ipynb_checkpoints" / str(number)).touch()
        (folder / "sub/__pycache__" / str(number)).touch()
    (folder / "sub/data").write_text("early")
    before, early = last_change(folder), (folder / "sub/data").stat().st_ctime_ns
    while (folder / "sub/data").stat().st_ctime_ns == early:
        (folder / "sub/data").write_text("late")
    assert last_change(folder) > before
    collect_all(klass)
    assert (klass.submitted(ME) / "sub/data").read_text() == "late"


def test_of_a_students_thousand_submissions_only_the_newest_are_looked_through(
    klass: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 50 <= collect.MOST_OF_ONE_STUDENT <= 200
    monkeypatch.setattr(collect, "MOST_OF_ONE_STUDENT", 3)
    looked: list[str] = []
    monkeypatch.setattr(
        collect, "last_change", lambda folder: looked.append(folder.name) or last_change(folder)
    )
    for number in range(8):
        folder = klass.inbound / f"{ONE}+one+{LONG_AGO}+{number}"
        folder.mkdir()
        (folder / "one.ipynb").write_text(f"{number}")
        while number and folder.lstat().st_ctime_ns <= older.lstat().st_ctime_ns:  # noqa: F821
            folder.chmod(0o700), folder.chmod(0o755)
        older = folder  # noqa: F841
    klass.put(OTHER)
    collect_all(klass)
    assert (klass.submitted(ONE) / "one.ipynb").read_text() == "7"
    assert klass.collected() == {ONE, OTHER}
    assert len({name for name in looked if name.startswith(ONE)}) == 3


@pytest.mark.parametrize(
    "ending", [b"\nCollected: student-02 one", b"\x1b[2J\r", b"\xff\xfe", b"+"]
)
def test_a_name_writes_no_line_of_its_own_into_the_log(
    klass: Class, caplog: pytest.LogCaptureFixture, ending: bytes
) -> None:
    folder = klass.inbound / f"x+one+{LONG_AGO}+y{os.fsdecode(ending)}"
    folder.mkdir()
    (folder / "one.ipynb").write_text("{}")
    collector = klass.collector()
    collector.log.propagate = True
    with caplog.at_level(logging.DEBUG, collector.log.name):
        collector.start()
    assert klass.collected() == {ME}
    assert any("handed in by" in record.getMessage() for record in caplog.records)
    for record in caplog.records:
        assert record.getMessage().isprintable()


def test_files_of_odd_names_are_collected_as_they_are(klass: Class) -> None:
    folder = klass.put(ONE)
    odd = (b"a\nb", b"\xff\xfe", b"-rf", b"*", b"n" * 255, "\u202egnp.exe".encode(), b" ")
    names = {os.fsdecode(name) for name in odd}
    for name in names:
        (folder / name).write_bytes(os.fsencode(name))
    collect_all(klass)
    found = {path.name: path.read_bytes() for path in klass.submitted(ONE).iterdir()}
    assert names <= found.keys()
    assert all(found[name] == os.fsencode(name) for name in names)


def test_a_file_of_a_terabyte_that_is_a_hole_costs_no_more_than_there_is_room(
    klass: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (klass.put(ONE) / "hole").open("wb") as file:
        file.truncate(1 << 40)
    klass.put(OTHER)
    with pytest.raises(ExchangeError, match=f": {ONE}$"):
        collect_all(klass)
    assert klass.collected() == {OTHER}


def test_sockets_and_pipes_are_not_waited_for(
    klass: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = klass.put(ONE)
    monkeypatch.chdir(folder)
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("listening")
        collect_all(klass)
    assert {path.name for path in klass.submitted(ONE).iterdir()} == {"one.ipynb", "timestamp.txt"}


@pytest.mark.parametrize("becomes", ["a link", "a pipe", "gone"])
def test_a_folder_that_becomes_something_else_while_it_is_copied_leads_nowhere(
    klass: Class, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, becomes: str
) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "gradebook.db").write_text("grades")
    folder = klass.put(ONE)
    (folder / "sub").mkdir()
    open_it = os.open

    def swap_and_open(path: str | Path, flags: int, *more: int, **options: int) -> int:
        if path == "sub" and (folder / "sub").is_dir() and not (folder / "sub").is_symlink():
            (folder / "sub").rmdir()
            if becomes == "a link":
                (folder / "sub").symlink_to(secret)
            elif becomes == "a pipe":
                os.mkfifo(folder / "sub")
        return open_it(path, flags, *more, **options)

    monkeypatch.setattr(os, "open", swap_and_open)
    copy_ordinary_files(folder, tmp_path / "copy", 1000)
    assert {path.name for path in (tmp_path / "copy").rglob("*")} == {"one.ipynb", "sub"}


def test_a_submission_that_becomes_a_link_while_it_is_collected_leads_nowhere(
    klass: Class, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "gradebook.db").write_text("grades")
    folder = klass.put(ONE)
    klass.put(OTHER)
    open_it = os.open

    def swap_and_open(path: str | Path, flags: int, *more: int, **options: int) -> int:
        if path == folder and not folder.is_symlink():
            folder.rename(tmp_path / "away")
            folder.symlink_to(secret)
        return open_it(path, flags, *more, **options)

    monkeypatch.setattr(os, "open", swap_and_open)
    with pytest.raises(ExchangeError, match=f": {ONE}$"):
        collect_all(klass)
    assert klass.collected() == {OTHER}


@pytest.mark.parametrize("kind", ["a folder", "a link"])
def test_a_time_that_is_no_file_is_that_students_alone(
    klass: Class, tmp_path: Path, kind: str
) -> None:
    place, outside = klass.put(ONE) / "timestamp.txt", tmp_path / "outside"
    outside.write_text("untouched")
    place.mkdir() if kind == "a folder" else place.symlink_to(outside)
    klass.put(OTHER)
    if kind == "a folder":
        with pytest.raises(ExchangeError, match=f": {ONE}$"):
            collect_all(klass)
    else:
        collect_all(klass)
        assert (klass.submitted(ONE) / "timestamp.txt").read_text().endswith(" UTC")
    assert OTHER in klass.collected() and outside.read_text() == "untouched"


@pytest.mark.parametrize("how", ["a second name", "moved in", "an open file"])
def test_however_a_file_is_changed_later_it_arrives_then(
    klass: Class, tmp_path: Path, how: str
) -> None:
    folder = klass.put(ME)
    notebook, beside = folder / "one.ipynb", tmp_path / "beside"
    if how == "a second name":
        os.link(notebook, beside)
    else:
        beside.write_text("prepared")
    before = last_change(folder)
    with notebook.open("r+") as opened:
        while last_change(folder) <= before:
            if how == "moved in":
                beside.rename(notebook) if beside.exists() else notebook.rename(beside)
            elif how == "a second name":
                beside.write_text("late")
            else:
                os.pwrite(opened.fileno(), b"late", 0)
            os.utime(notebook if notebook.exists() else beside, (0, 0))
            if how == "an open file":
                os.utime(folder, (0, 0))
    assert last_change(folder) > before
