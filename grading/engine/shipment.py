"""Carry a submission's files to a worker as they are: packed unread, laid out again there.

A link, a pipe or a file that cannot be read becomes a link to nowhere, and of a file that is too
large for any rule only its size arrives, so that a worker meets what a person would.
"""

import os
import stat
import tarfile
from pathlib import Path, PurePath
from typing import IO

from grading.submission.files import walk

MAX_CARRIED = 120_000_000
NOWHERE = "nowhere"
SIZE = "COURSE.size"


def pack_submission(submitted: Path, target: IO[bytes]) -> None:
    """Write a submitted folder's files into an archive, following no link."""
    room = MAX_CARRIED
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, status in walk(submitted):
            entry = tarfile.TarInfo(path.relative_to(submitted).as_posix())
            entry.mtime = status.st_mtime
            if stat.S_ISREG(status.st_mode) and status.st_size > room:
                entry.pax_headers = {SIZE: str(status.st_size)}
                archive.addfile(entry)
                continue
            file = _opened(path) if stat.S_ISREG(status.st_mode) else None
            if file is None:
                entry.type, entry.linkname = tarfile.SYMTYPE, NOWHERE
                archive.addfile(entry)
                continue
            with file:
                room -= status.st_size
                entry.size = status.st_size
                archive.addfile(entry, file)


def unpack_submission(source: IO[bytes], folder: Path) -> None:
    """Lay an archive's files out in a folder of the worker's own."""
    with tarfile.open(fileobj=source) as archive:
        for entry in archive:
            target = folder / PurePath(entry.name)
            target.parent.mkdir(parents=True, exist_ok=True)
            content = archive.extractfile(entry) if entry.isreg() else None
            if content is None:
                target.symlink_to(NOWHERE)
                continue
            target.write_bytes(content.read())
            if SIZE in entry.pax_headers:
                os.truncate(target, int(entry.pax_headers[SIZE]))


def _opened(path: Path) -> IO[bytes] | None:
    try:
        return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    except OSError:
        return None
