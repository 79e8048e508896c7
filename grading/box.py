"""Collect the files of a submission that a sealed run may see."""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from grading.master import make_readable

MAX_FILES = 500
MAX_TOTAL_BYTES = 50_000_000


@contextmanager
def submission_box(submitted: Path, handout: Path) -> Iterator[tuple[Path, list[str]]]:
    """Give a temporary folder with a submission's ordinary files, and notes on what was left out.

    Links, pipes and other odd files are not followed or opened; what is handed out is left out
    too, since the sandbox gets our copy of it.
    """
    handed_out = {path.name for path in handout.iterdir()} if handout.is_dir() else set()
    notes: list[str] = []
    room, count = MAX_TOTAL_BYTES, 0
    with TemporaryDirectory(prefix="submission-") as name:
        target = Path(name) / "files"
        target.mkdir()
        for path, status in _walk(submitted):
            relative = path.relative_to(submitted)
            if relative.parts[0] in handed_out:
                continue
            if not stat.S_ISREG(status.st_mode):
                notes.append("A link or special file was left out.")
                continue
            count, room = count + 1, room - status.st_size
            if count > MAX_FILES or room < 0:
                notes.append("There were too many or too large files beside the notebook.")
                break
            destination = target / relative
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, destination, follow_symlinks=False)
        make_readable(target)
        yield target, sorted(set(notes))


def _walk(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for path in sorted(folder.iterdir()):
        status = path.lstat()
        if stat.S_ISDIR(status.st_mode):
            yield from _walk(path)
        else:
            yield path, status
