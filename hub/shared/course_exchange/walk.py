"""Walk through a folder that somebody else owns, and may be changing meanwhile."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path, PurePath

MAX_DEPTH = 20
MAX_ENTRIES = 20_000
LEFT_BY_PROGRAMS = {".ipynb_checkpoints", "__pycache__"}
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
Found = tuple[PurePath, os.stat_result, int]


def walk(top: Path) -> Iterator[Found]:
    """Yield what lies below a folder: its path, its status, and the opened folder that it is in.

    No link is followed, and what cannot be looked at is passed over. All that a folder holds comes
    before anything that its own folders hold.

    Raises `OSError` for what is no folder, is nested too deeply or holds too much.
    """
    opened = os.open(top, FOLDER)
    try:
        yield from _walk(opened, PurePath(), count(1))
    finally:
        os.close(opened)


def _walk(folder: int, at: PurePath, counted: Iterator[int]) -> Iterator[Found]:
    if len(at.parts) > MAX_DEPTH:
        raise OSError("its folders are nested too deeply")
    found = list(_entries(folder, counted))
    for name, status in found:
        yield at / name, status, folder
    for name, status in found:
        if not stat.S_ISDIR(status.st_mode):
            continue
        try:
            opened = os.open(name, FOLDER, dir_fd=folder)
        except OSError:
            continue
        try:
            yield from _walk(opened, at / name, counted)
        finally:
            os.close(opened)


def _entries(folder: int, counted: Iterator[int]) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if next(counted) > MAX_ENTRIES:
                raise OSError("it holds too many files")
            with suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                if not (stat.S_ISDIR(status.st_mode) and entry.name in LEFT_BY_PROGRAMS):
                    yield entry.name, status
