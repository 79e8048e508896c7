"""Back up what cannot be made again: gradebook, course, exchange and the hub's own state.

`python -m hub.backup` makes one archive; how to restore it stands in hub/README.md.
"""

import argparse
import errno
import os
import sqlite3
import stat
import sys
import tarfile
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from hub.settings import Settings, load

KEPT = 14
LARGE = 100_000_000
DEEPEST = 100
OF_ITS_OWN = {errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.ENXIO, errno.EWOULDBLOCK}
"""Errors that a file's owner can make, and a full disk cannot."""


class NotKept(OSError):
    """This one is left out, and all others are kept."""


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
    """An archive of folders in use, in which others may do whatever they like meanwhile.

    What is gone before it was reached is left out. What cannot be kept (folders nested without end,
    a path too long) is left out and named, and costs nothing else.
    """

    def add(
        self, name: Any, arcname: Any = None, recursive: bool = True, *, filter: Any = None
    ) -> None:
        """Add a file or folder as it is now."""
        try:
            if len(Path(arcname).parts) > DEEPEST:
                raise NotKept("it is nested too deeply")
            if stat.S_ISREG(os.lstat(name).st_mode):
                self._add_file(name, arcname, filter)
            else:
                super().add(name, arcname, recursive, filter=filter)
        except FileNotFoundError:
            pass
        except OSError as error:
            if not isinstance(error, NotKept) and error.errno not in OF_ITS_OWN:
                raise
            print(f"Left out: {str(name)[:200]!r}: {error.strerror or error}", file=sys.stderr)

    def _add_file(self, name: Any, arcname: Any, wanted: Any) -> None:
        with os.fdopen(os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise NotKept("it is no file any more")
            if status.st_size > LARGE and status.st_blocks * 512 < status.st_size // 100:
                raise NotKept("it is very large, and nearly nothing is in it")
            described = self.gettarinfo(name, arcname, file)
            if wanted is None or wanted(described) is not None:
                self.addfile(described, file if described.isreg() else None)

    def addfile(self, tarinfo: tarfile.TarInfo, fileobj: Any = None) -> None:
        """Add a file at the length that was told of it, even if it has become shorter since."""
        super().addfile(tarinfo, _Filled(fileobj) if fileobj else None)


class _Filled:
    """A file that is as long as is asked for: what is missing of it is zeros."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """Return that many bytes."""
        return self._file.read(size).ljust(size, b"\0")


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
