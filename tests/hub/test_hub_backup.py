"""A backup holds everything, with databases that are whole."""

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from hub.backup import KEPT, back_up
from hub.settings import Settings, load


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
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path / "restored", filter="data")
    restored = tmp_path / "restored"
    assert (restored / "course" / "submitted" / "work.ipynb").exists()
    assert not (restored / "exchange" / ".arriving-x").exists()
    with closing(sqlite3.connect(restored / "course" / "gradebook.db")) as database:
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


def test_settings_are_read_back(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "hub.toml"
    settings.write(file)
    assert load(str(file)) == settings
