"""A backup holds everything, with databases that are whole."""

import os
import sqlite3
import stat
import subprocess
import tarfile
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hub import backup
from hub.backup import DEEPEST, KEPT, back_up
from hub.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    places = {name: tmp_path / name for name in ("course", "exchange", "state")}
    for folder in places.values():
        folder.mkdir()
    (places["course"] / "submitted").mkdir()
    (places["course"] / "submitted" / "work.ipynb").write_text("{}")
    (places["exchange"] / ".arriving-x").mkdir()
    named = {name: str(folder) for name, folder in places.items()}
    return Settings("tinytorch", "/code", "/grading", environment="/env", grader="g", **named)


def test_a_database_in_use_is_whole(settings: Settings, tmp_path: Path) -> None:
    gradebook = Path(settings.course) / "gradebook.db"
    with closing(sqlite3.connect(gradebook)) as database:
        database.execute("create table grade (score real)")
        database.execute("insert into grade values (3)")
        database.commit()
        database.execute("insert into grade values (4)")
        archive = back_up(settings, tmp_path / "backups")
    restored = tmp_path / "restored"
    restored.mkdir()
    subprocess.run(["tar", "-xpzf", archive, "-C", restored], check=True)
    assert (restored / "course" / "submitted" / "work.ipynb").exists()
    assert not (restored / "exchange" / ".arriving-x").exists()
    with closing(sqlite3.connect(restored / "course" / "gradebook.db")) as database:
        assert database.execute("select score from grade").fetchall() == [(3.0,)]


def test_a_database_in_use_is_copied_by_sqlite_itself(settings: Settings, tmp_path: Path) -> None:
    gradebook = Path(settings.course) / "gradebook.db"
    with closing(sqlite3.connect(gradebook)) as database:
        database.execute("pragma journal_mode = wal")  # what is written is not in the file yet
        database.execute("create table grade (score real)")
        database.execute("insert into grade values (3)")
        database.commit()
        archive = back_up(settings, tmp_path / "backups")
    with tarfile.open(archive) as tar:
        kept = tar.extractfile("course/gradebook.db")
        assert kept is not None
        (tmp_path / "restored.db").write_bytes(kept.read())
    with closing(sqlite3.connect(tmp_path / "restored.db")) as database:
        assert database.execute("select score from grade").fetchall() == [(3.0,)]


def test_old_backups_go(settings: Settings, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    target.mkdir()
    for number in range(KEPT + 3):
        (target / f"tinytorch-20200101-0000{number:02}.tar.gz").touch()
    newest = back_up(settings, target)
    kept = sorted(target.glob("*.tar.gz"))
    assert len(kept) == KEPT
    assert newest in kept


def test_what_vanishes_meanwhile_is_left_out(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("vanishing", "staying"):
        (Path(settings.exchange) / name).touch()
    look = os.lstat

    def look_too_late(name: str | Path, **options: int) -> os.stat_result:
        status = look(name, **options)
        if Path(name).name == "vanishing":
            Path(name).unlink()
        return status

    monkeypatch.setattr(os, "lstat", look_too_late)
    with tarfile.open(back_up(settings, tmp_path / "backups")) as tar:
        names = set(tar.getnames())
    assert "exchange/staying" in names
    assert "exchange/vanishing" not in names


def test_a_folder_that_is_missing_fails(settings: Settings, tmp_path: Path) -> None:
    Path(settings.exchange).joinpath(".arriving-x").rmdir()
    Path(settings.exchange).rmdir()
    with pytest.raises(FileNotFoundError, match="exchange"):
        back_up(settings, tmp_path / "backups")
    assert not list((tmp_path / "backups").glob("*.tar.gz"))


def test_two_weeks_are_kept() -> None:
    assert KEPT == 14


def test_only_archives_of_this_course_go(settings: Settings, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    target.mkdir()
    (target / "another-20200101-000000.tar.gz").touch()
    for number in range(KEPT + 3):
        (target / f"tinytorch-20200101-0000{number:02}.tar.gz").touch()
    back_up(settings, target)
    assert (target / "another-20200101-000000.tar.gz").exists()


def test_only_root_can_read_a_backup_from_its_first_byte(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "backups"
    seen: set[int] = set()
    copy = backup._copy_database

    def copy_and_look(source: Path, place: Path) -> None:
        seen.update(path.stat().st_mode & 0o077 for path in target.iterdir())
        copy(source, place)

    monkeypatch.setattr(backup, "_copy_database", copy_and_look)
    sqlite3.connect(Path(settings.course) / "gradebook.db").close()
    old = os.umask(0)
    try:
        archive = back_up(settings, target)
    finally:
        os.umask(old)
    assert seen == {0}
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600


def test_a_backup_that_fails_counts_for_nothing_and_is_gone_after_the_next(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "backups"
    target.mkdir()
    older = target / "tinytorch-20200101-000000.tar.gz"
    older.touch()

    def fail(source: Path, place: Path) -> None:
        raise OSError("no room")

    (Path(settings.course) / "gradebook.db").touch()
    with monkeypatch.context() as broken:
        broken.setattr(backup, "_copy_database", fail)
        with pytest.raises(OSError, match="no room"):
            back_up(settings, target)
    assert list(target.glob("*.tar.gz")) == [older]
    [unfinished] = target.glob("*.partial")
    unfinished.rename(target / "tinytorch-20200102-000000.tar.partial")
    archive = back_up(settings, target)
    assert set(target.iterdir()) == {older, archive}


def test_every_database_is_a_copy_of_its_own_and_nothing_beside_it_is_kept(
    settings: Settings, tmp_path: Path
) -> None:
    for folder, name in ((settings.course, "gradebook.db"), (settings.state, "jupyterhub.sqlite")):
        sqlite3.connect(Path(folder) / name).close()
        (Path(folder) / f"{name}-journal").touch()
    with tarfile.open(back_up(settings, tmp_path / "backups")) as tar:
        names = [name for name in tar.getnames() if ".db" in name or ".sqlite" in name]
    assert sorted(names) == ["course/gradebook.db", "state/jupyterhub.sqlite"]


def test_a_students_database_in_a_submission_is_kept(settings: Settings, tmp_path: Path) -> None:
    file = Path(settings.course) / "submitted" / "student-01" / "one" / "my.db"
    file.parent.mkdir(parents=True)
    file.write_text("no database at all")
    with tarfile.open(back_up(settings, tmp_path / "backups")) as tar:
        assert "course/submitted/student-01/one/my.db" in tar.getnames()


def test_copies_of_databases_keep_owner_and_mode(settings: Settings, tmp_path: Path) -> None:
    gradebook = Path(settings.course) / "gradebook.db"
    sqlite3.connect(gradebook).close()
    gradebook.chmod(0o640)
    with tarfile.open(back_up(settings, tmp_path / "backups")) as tar:
        member = tar.getmember("course/gradebook.db")
    status = gradebook.stat()
    assert (member.uid, member.gid, oct(member.mode)) == (status.st_uid, status.st_gid, "0o640")


def test_as_root_a_copy_is_given_to_the_owner_of_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy"
    copy.touch()
    status = SimpleNamespace(st_uid=1007, st_gid=1008, st_mode=0o100640)
    database = SimpleNamespace(stat=lambda: status)
    given: list[tuple[Path, int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "chown", lambda *arguments: given.append(arguments))
    backup._match_owner(database, copy)
    assert given == [(copy, 1007, 1008)]
    assert oct(stat.S_IMODE(copy.stat().st_mode)) == "0o640"


def test_what_is_only_half_there_is_left_out(settings: Settings, tmp_path: Path) -> None:
    for name in (".collecting-x", ".grading-x"):
        (Path(settings.course) / name).mkdir()
    inbound = Path(settings.exchange) / "tinytorch" / "inbound"
    (inbound / ".arriving-y").mkdir(parents=True)
    (inbound / "student-01+one+now+x").mkdir()
    with tarfile.open(back_up(settings, tmp_path / "backups")) as tar:
        names = {Path(name).name for name in tar.getnames()}
    assert "student-01+one+now+x" in names
    assert not [name for name in names if name.startswith(".")]


def test_the_exchange_and_the_hubs_state_are_in_it(settings: Settings, tmp_path: Path) -> None:
    (Path(settings.state) / "cookie_secret").write_text("x")
    (Path(settings.exchange) / "handed-in").write_text("x")
    with tarfile.open(back_up(settings, tmp_path / "backups")) as tar:
        assert {"state/cookie_secret", "exchange/handed-in"} <= set(tar.getnames())


def test_by_hand_it_goes_beside_the_hubs_state(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.write(tmp_path / "hub.toml")
    monkeypatch.setattr("sys.argv", ["backup", "--settings", str(tmp_path / "hub.toml")])
    backup.main()
    assert len(list((tmp_path / "backups").glob("tinytorch-*.tar.gz"))) == 1


def kept(settings: Settings, target: Path) -> tuple[set[str], tarfile.TarFile]:
    """Return the names in a new backup, every file of which can be read, and the archive."""
    with tarfile.open(back_up(settings, target)) as tar:
        for member in tar:
            if member.isreg():
                found = tar.extractfile(member)
                assert found is not None and len(found.read()) == member.size
        return set(tar.getnames()), tar


@pytest.mark.parametrize("how", ["nested", "a path without end"])
def test_folders_without_end_are_left_out_and_the_rest_is_kept(
    settings: Settings, tmp_path: Path, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = os.open(settings.exchange, os.O_RDONLY)
    name, depth = ("d", 1500) if how == "nested" else ("d" * 250, 30)
    for _ in range(depth):
        os.mkdir(name, dir_fd=opened)
        opened, above = os.open(name, os.O_RDONLY, dir_fd=opened), opened
        os.close(above)
    os.close(opened)
    (Path(settings.exchange) / "z").write_text("the rest")
    try:
        names, _ = kept(settings, tmp_path / "backups")
    finally:
        subprocess.run(["rm", "-r", Path(settings.exchange) / name], check=True)
    assert {"exchange/z", "course/submitted/work.ipynb"} <= names
    assert max(len(Path(one).parts) for one in names) <= DEEPEST
    assert "Left out: " in capsys.readouterr().err


def test_a_file_that_shrinks_while_it_is_read_spoils_no_other(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrinking = Path(settings.exchange) / "a"
    shrinking.write_bytes(b"x" * 100_000)
    (Path(settings.exchange) / "b").write_text("whole")
    describe = backup.Live.gettarinfo

    def describe_and_shrink(*arguments: Any) -> tarfile.TarInfo:
        described = describe(*arguments)
        shrinking.write_bytes(b"x")
        return described

    monkeypatch.setattr(backup.Live, "gettarinfo", describe_and_shrink)
    names, _ = kept(settings, tmp_path / "backups")
    assert {"exchange/a", "exchange/b", "state"} <= names


def test_what_is_nearly_nothing_but_long_is_left_out_and_named(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hole = Path(settings.exchange) / "hole"
    with hole.open("wb") as file:
        file.truncate(1 << 40)
    names, _ = kept(settings, tmp_path / "backups")
    assert "exchange/hole" not in names and "exchange/.arriving-x" not in names
    assert "hole" in capsys.readouterr().err


@pytest.mark.parametrize("becomes", ["a link", "a pipe"])
def test_a_file_that_becomes_something_else_is_not_followed_and_not_waited_for(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, becomes: str
) -> None:
    (tmp_path / "secret").write_text("cookie")
    swapped = Path(settings.exchange) / "swapped"
    swapped.write_text("mine")
    (Path(settings.exchange) / "z").touch()
    look = os.lstat

    def look_and_swap(name: str | Path, **options: int) -> os.stat_result:
        status = look(name, **options)
        if Path(name) == swapped:
            swapped.unlink()
            swapped.symlink_to(tmp_path / "secret") if becomes == "a link" else os.mkfifo(swapped)
        return status

    monkeypatch.setattr(os, "lstat", look_and_swap)
    names, _ = kept(settings, tmp_path / "backups")
    assert "exchange/z" in names and "exchange/swapped" not in names


def test_names_that_are_no_text_and_times_that_are_none_are_kept(
    settings: Settings, tmp_path: Path
) -> None:
    odd = os.fsencode(settings.exchange) + b"/\xff\n+one"
    os.close(os.open(odd, os.O_CREAT | os.O_WRONLY))
    os.utime(odd, (-1e9, 4e9))
    names, _ = kept(settings, tmp_path / "backups")
    assert os.fsdecode(b"exchange/\xff\n+one") in names


def test_a_disk_that_is_full_is_no_students_file(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    (Path(settings.exchange) / "a").touch()
    monkeypatch.setattr(backup.Live, "addfile", fail)
    with pytest.raises(OSError, match="No space"):
        back_up(settings, tmp_path / "backups")
    assert not list((tmp_path / "backups").glob("*.tar.gz"))
