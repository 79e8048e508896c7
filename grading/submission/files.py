"""Take the files of a submission that a sealed run may see, and tell when they change."""

import hashlib
import os
import stat
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path, PurePath

from nbgrader.utils import parse_utc

TIMESTAMP = "timestamp.txt"  # nbgrader's name for it
SECRET = "submission_secret.txt"  # nbgrader's too: another one each time
BESIDE = (TIMESTAMP, SECRET)
"""What says something about a submission and is no part of it."""
MAX_TIMESTAMP_BYTES = 200
MAX_FILES = 500
MAX_TOTAL_BYTES = 50_000_000
MAX_WALK = 5_000
JUNK = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints", "__pycache__"}


def submission_files(
    submitted: Path, handed_out: Collection[PurePath]
) -> tuple[list[tuple[PurePath, bytes]], list[str]]:
    """Return a submission's ordinary files, by name and content, and notes on what was left out.

    Links, pipes and other odd files are not followed or opened; files that are handed out are left
    out too, since the sandbox gets our copies of them.
    """
    ours = _ours(handed_out)
    files: list[tuple[PurePath, bytes]] = []
    notes: list[str] = []
    room, count = MAX_TOTAL_BYTES, 0
    for path, status in walk(submitted):
        relative = path.relative_to(submitted)
        if not _taken(relative, ours):
            continue
        if not stat.S_ISREG(status.st_mode):
            notes.append("A link or special file was left out.")
            continue
        count, room = count + 1, room - status.st_size
        if count > MAX_FILES or room < 0:
            notes.append("There were too many or too large files beside the notebook.")
            break
        try:
            files.append((relative, _content(path, status.st_size)))
        except OSError:
            notes.append("A file beside the notebook could not be read.")
    return files, sorted(set(notes))


def _content(path: Path, size: int) -> bytes:
    """Read an ordinary file, no further than it was long when it was looked at."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        return file.read(size)


def is_junk(relative: Path) -> bool:
    """Return whether a file is one that systems add on their own: previews, copies, checkpoints."""
    return any(part in JUNK or part.startswith("._") for part in relative.parts)


def _ours(handed_out: Collection[PurePath]) -> frozenset[PurePath]:
    """Return the files that are handed out, without the endings of modules."""
    return frozenset(path.with_suffix("") if path.suffix == ".py" else path for path in handed_out)


def _taken(relative: Path, handed_out: frozenset[PurePath]) -> bool:
    """Return whether a submitted file is given to the sandbox.

    A file takes no place of one that is handed out: its own, that of a folder around it, or that
    of a module under another ending.
    """
    if is_junk(relative):
        return False
    around = [relative, *relative.parents]
    stems = [one.with_name(stem) for one in around if (stem := one.name.partition(".")[0])]
    inside = [one for known in handed_out for one in known.parents]
    return not handed_out & {*around, *stems} and relative not in inside


def describe(submitted: Path) -> str:
    """Return a text that changes when a submission does, reading no more than it must.

    When it was made is no part of it: that changes no answer, only what it loses by being late.
    Files beyond `MAX_TOTAL_BYTES` count by size and time, links and odd files by their kind.
    """
    lines, room = [], MAX_TOTAL_BYTES
    for path, status in walk(submitted):
        if path == submitted / TIMESTAMP:
            continue
        state = f"{stat.S_IFMT(status.st_mode)} {status.st_size}"
        if stat.S_ISREG(status.st_mode) and status.st_size <= room:
            room -= status.st_size
            with suppress(OSError):
                state = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            state += f" {status.st_mtime_ns}"
        lines.append(f"{path.relative_to(submitted)} {state}")
    return "\n".join(lines).encode(errors="replace").decode()


def read_timestamp(submitted: Path) -> datetime | None:
    """Return when a submission was made (UTC), or None where its file does not say."""
    content = timestamp_bytes(submitted)
    try:
        return None if content is None else parse_utc(content.decode().strip())
    except Exception:  # what students write makes the parser raise errors of many kinds
        return None


def timestamp_bytes(submitted: Path) -> bytes | None:
    """Return the file that says when a submission was made; None where it is no small file."""
    file = submitted / TIMESTAMP
    try:
        status = file.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_TIMESTAMP_BYTES:
            return None
        return _content(file, status.st_size)
    except OSError:
        return None


def walk(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield the files below a folder, following no link and stopping at `MAX_WALK`.

    Notebooks come first of each folder: whatever else lies there, they are seen.
    """
    folders, room = [folder], MAX_WALK
    while folders and room:
        try:
            entries = sorted(
                folders.pop().iterdir(), key=lambda one: (".ipynb" not in one.name.lower(), one)
            )
        except OSError:
            continue
        entries = entries[:room]
        room -= len(entries)
        for path in entries:
            try:
                status = path.lstat()
            except OSError:
                continue
            if stat.S_ISDIR(status.st_mode):
                folders.append(path)
            else:
                yield path, status
