"""A backup holds everything, with databases that are whole."""

import sqlite3
import subprocess
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from hub.backup import KEPT, Live, back_up
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
    restored = tmp_path / "restored"
    restored.mkdir()
    subprocess.run(["tar", "-xpzf", archive, "-C", restored], check=True)
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
