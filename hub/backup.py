"""Back up what cannot be made again: gradebook, course, exchange and the hub's own state.

`python -m hub.backup` makes one archive; how to restore it stands in hub/README.md.
"""

import argparse
import contextlib
import os
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub.settings import Settings, load

KEPT = 14


def back_up(settings: Settings, target: Path) -> Path:
    """Write an archive into `target`, keep the newest ones, and return its path.

    Databases are copied by SQLite itself, so that one that is being written to is whole.
    """
    target.mkdir(parents=True, exist_ok=True)
    archive = target / f"{settings.course_id}-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz"
    partial = archive.with_suffix(".partial")
    for unfinished in target.glob("*.partial"):
        unfinished.unlink()
    partial.touch(mode=0o600)
    folders = [Path(place) for place in (settings.course, settings.exchange, settings.state)]
    with tempfile.TemporaryDirectory(dir=target) as name, Live.open(partial, "w:gz") as tar:
        for folder in folders:
            folder.stat()  # an installation without it is not one
            tar.add(folder, folder.name, filter=_without_databases)
            for database in (*folder.glob("*.db"), *folder.glob("*.sqlite")):
                copy = Path(name) / database.name
                _copy_database(database, copy)
                _match_owner(database, copy)
                tar.add(copy, f"{folder.name}/{database.name}")
    partial.rename(archive)
    for old in sorted(target.glob(f"{settings.course_id}-*.tar.gz"))[:-KEPT]:
        old.unlink()
    return archive


class Live(tarfile.TarFile):
    """An archive of folders in use: what is gone before it was reached is left out."""

    def add(self, *args: Any, **kwargs: Any) -> None:
        """Add a file or folder, unless it has just been removed."""
        with contextlib.suppress(FileNotFoundError):
            super().add(*args, **kwargs)


def _copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


def _match_owner(original: Path, copy: Path) -> None:
    status = original.stat()
    if os.geteuid() == 0:
        os.chown(copy, status.st_uid, status.st_gid)
    copy.chmod(status.st_mode & 0o777)


def _without_databases(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    name = Path(member.name)
    inside = len(name.parts) == 2
    if inside and any(part in name.name for part in (".db", ".sqlite")):
        return None
    return None if name.name.startswith((".arriving-", ".collecting-", ".grading-")) else member


def main() -> None:
    """Back up the installation whose settings are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settings", default=None)
    parser.add_argument("--target", type=Path, default=None)
    arguments = parser.parse_args()
    settings = load(arguments.settings)
    target = arguments.target or Path(settings.state).parent / "backups"
    print(back_up(settings, target))


if __name__ == "__main__":
    main()
