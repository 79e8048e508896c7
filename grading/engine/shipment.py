"""Carry a submission's files to a worker as they are: packed unread, laid out again there.

A link, a pipe or a file that cannot be read becomes a link to nowhere, and of a file that is too
large for any rule only its size arrives, so that a worker meets what a person would. What lies too
deep for a folder elsewhere to hold it is left out.
"""

import contextlib
import io
import os
import stat
import tarfile
from pathlib import Path, PurePath
from typing import IO

from grading.submission.files import walk

MAX_CARRIED = 120_000_000
MAX_DEPTH = 50
MAX_NAME_BYTES = 1_000
NOWHERE = "nowhere"
TOO_DEEP = "too deep"
SIZE = "COURSE.size"


def pack_submission(submitted: Path, target: IO[bytes]) -> None:
    """Write a submitted folder's files into an archive, following no link."""
    room, left_out = MAX_CARRIED, False
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, status in walk(submitted):
            name = path.relative_to(submitted)
            if not is_carried(name):
                left_out = True
                continue
            entry = tarfile.TarInfo(name.as_posix())
            if stat.S_ISREG(status.st_mode) and status.st_size > room:
                entry.pax_headers = {SIZE: str(min(status.st_size, MAX_CARRIED))}
                archive.addfile(entry)
                continue
            content = _content(path, status) if stat.S_ISREG(status.st_mode) else None
            if content is None:
                archive.addfile(_link(entry))
                continue
            room -= len(content)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        if left_out:
            archive.addfile(_link(tarfile.TarInfo(TOO_DEEP)))


def unpack_submission(source: IO[bytes], folder: Path) -> None:
    """Lay an archive's files out in a folder of the worker's own."""
    with tarfile.open(fileobj=source, mode="r:") as archive:
        for entry in archive:
            target = folder / PurePath(entry.name)
            target.parent.mkdir(parents=True, exist_ok=True)
            content = archive.extractfile(entry) if entry.isreg() else None
            if content is None:
                with contextlib.suppress(FileExistsError):
                    target.symlink_to(NOWHERE)
                continue
            target.write_bytes(content.read())
            if SIZE in entry.pax_headers:
                os.truncate(target, int(entry.pax_headers[SIZE]))


def is_carried(name: PurePath) -> bool:
    """Return whether a file can be laid out in any folder, by its name in the submission."""
    return len(name.parts) <= MAX_DEPTH and len(os.fsencode(name)) <= MAX_NAME_BYTES


def _content(path: Path, status: os.stat_result) -> bytes | None:
    """Read a file no further than it was long when it was looked at; None where it cannot be."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            return file.read(status.st_size)
    except OSError:
        return None


def _link(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.type, entry.linkname = tarfile.SYMTYPE, NOWHERE
    return entry
