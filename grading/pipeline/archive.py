"""Put a term into one file, checked by restoring it: `make archive [TO=term.tar.gz]`."""

import argparse
import hashlib
import io
import os
import stat
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from grading.course.data import FILES
from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.course.stamp import STAMPS
from grading.course.sync import sync
from grading.engine.lock import UNFINISHED, only_grader
from grading.engine.options import Options
from grading.engine.regrade.previews import FOLDER as PREVIEWS
from grading.grades.database import is_there
from grading.pipeline.configuration import load_config
from grading.pipeline.move_gradebook import move

FOLDER = "archives"
GRADEBOOK = "gradebook.db"
MADE_AGAIN = {
    *("release", "answer_key", "feedback", "reports", "data", "build", FOLDER, PREVIEWS),
    *(".git", ".make", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"),
}
"""Folders of the course that commands make again, or git keeps."""
CACHES = {"__pycache__", ".ipynb_checkpoints"}
KEPT_OF_REPORTS = ("reports/autograding.jsonl", "reports/frameworks.csv")
Hashes = dict[str, str]
"""The SHA-256 of files, by their names below the course's folder."""


class CannotArchive(CourseError):
    """There is no archive; the message says why."""


def archive(root: Path, file: Path) -> tuple[int, list[str]]:
    """Write what cannot be made again, then restore it elsewhere and compare every file.

    Return how many files are in it, and the names of links and other odd files, which are not. The
    gradebook, wherever it lies, goes in as a file of SQLite's whose rows were compared with it.
    Raises `CannotArchive`, and leaves no archive, where anything is not as it was.
    """
    course, db_url = Course(root), Options.of(load_config(root)).db_url
    if file.exists():
        raise CannotArchive(f"{file} is there already: name another one, TO=….tar.gz.")
    file.parent.mkdir(parents=True, exist_ok=True)
    with only_grader(course) as folder:
        for name in course.assignments():
            if course.text(name).with_suffix(".ipynb").exists():
                sync(course, name)
        fresh = folder / file.name
        packed, odd = _pack(root, file, fresh, _gradebook(db_url, folder))
        _check(fresh, packed, folder)
        os.link(fresh, file)
    return len(packed), odd


def _gradebook(db_url: str, folder: Path) -> Path | None:
    """Return a copy of the gradebook in a file, every row compared; None where there is none."""
    if not is_there(db_url):
        return None
    copy = folder / GRADEBOOK
    move(db_url, f"sqlite:///{copy}")
    return copy


def _pack(root: Path, file: Path, target: Path, gradebook: Path | None) -> tuple[Hashes, list[str]]:
    packed: Hashes = {}
    odd: list[str] = []
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as raw, tarfile.open(fileobj=raw, mode="w:gz") as tar:
        for name, path in _files(root, file):
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode):
                odd.append(name)
                continue
            packed[name] = _add(tar, name, path)
        if gradebook is not None:
            packed[GRADEBOOK] = _add(tar, GRADEBOOK, gradebook)
    return packed, odd


def _files(root: Path, file: Path) -> Iterator[tuple[str, Path]]:
    """Yield what cannot be made again, following no link."""
    for folder, folders, names in os.walk(root):
        below = Path(folder).relative_to(root)
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        folders[:] = sorted(
            name for name in folders if name not in links and not _is_made(root, below / name)
        )
        for name in sorted([*names, *links]):
            relative = below / name
            if not _is_made(root, relative) and root / relative != file:
                yield relative.as_posix(), root / relative
    for name in KEPT_OF_REPORTS:
        if (root / name).is_file():
            yield name, root / name


def _is_made(root: Path, relative: Path) -> bool:
    top, name = relative.parts[0], relative.name
    if top in MADE_AGAIN or top.startswith((".venv", UNFINISHED, "gradebook.db", ".grading.lock")):
        return True
    if top == STAMPS and len(relative.parts) > 1:
        return relative.parts[1] != "autograded"
    if name in CACHES and top not in ("submitted", "downloaded"):
        return True
    if top != "source":
        return False
    if relative.parts[2:3] == ("data",) and name in FILES.values():
        return True
    in_folder = len(relative.parts) == 3
    of_text = relative.suffix == ".ipynb" and (root / relative).with_suffix(".py").exists()
    return in_folder and (of_text or name == "tinytorch")


def _add(tar: tarfile.TarFile, name: str, path: Path) -> str:
    content = path.read_bytes()
    entry = tarfile.TarInfo(name)
    status = path.stat()
    entry.size, entry.mtime = len(content), int(status.st_mtime)
    entry.mode = stat.S_IMODE(status.st_mode)
    tar.addfile(entry, io.BytesIO(content))
    return hashlib.sha256(content).hexdigest()


def restore(file: Path, folder: Path) -> Hashes:
    """Lay an archive's files out in a folder that is empty; return their hashes as read there."""
    if folder.exists() and any(folder.iterdir()):
        raise CannotArchive(f"{folder} is not empty: restore into a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(file, "r:gz") as tar:
        for entry in tar:
            inside = PurePosixPath(entry.name)
            if not entry.isreg() or inside.is_absolute() or ".." in inside.parts:
                raise CannotArchive(f"{entry.name} is not a file that belongs into a course.")
            tar.extract(entry, folder, set_attrs=True, filter="fully_trusted")
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _check(file: Path, packed: Hashes, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as name:
        restored = restore(file, Path(name) / "course")
    if wrong := sorted({name for name, _ in packed.items() ^ restored.items()}):
        raise CannotArchive(
            f"Restored, {len(wrong)} files are not as they were ({', '.join(wrong[:3])}): there is "
            "no archive."
        )


def main() -> int:
    """Archive the course, or restore one; say what is in it, or why there is none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=None, help="the archive, or where to restore")
    parser.add_argument("--restore", type=Path, default=None, help="an archive to restore")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the course folder")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    try:
        if arguments.restore is not None:
            if arguments.to is None:
                raise CannotArchive("Say where to: TO=a-new-folder.")
            number = len(restore(arguments.restore, arguments.to))
            print(f"{number} files are in {arguments.to}: `make`, there, makes the rest again.")
            return 0
        file = arguments.to or root / FOLDER / f"term-{datetime.now(UTC):%Y-%m-%d}.tar.gz"
        number, odd = archive(root, file.absolute())
    except (CourseError, OSError, tarfile.TarError) as error:
        print(f"Stopped. {error}", file=sys.stderr)
        return 1
    for name in odd:
        print(f"left out, for it is a link or no ordinary file: {name}")
    print(f"{number} files are in {file}, restored once and compared. It holds students' work.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
