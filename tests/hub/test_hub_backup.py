"""A backup holds everything, with databases that are whole."""

import os
import sqlite3
import stat
import subprocess
import tarfile
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from hub import backup
from hub.backup import KEPT, Live, back_up
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
    look = Live.gettarinfo

    def look_too_late(tar: Live, name: object, *rest: object) -> tarfile.TarInfo:
        if Path(str(name)).name == "vanishing":
            Path(str(name)).unlink()
        return look(tar, name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Live, "gettarinfo", look_too_late)
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
