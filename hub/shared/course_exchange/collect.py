"""Collect submissions whole, from whom they are, and when they arrived.

What lies in the exchange was put there by students' own processes: its name may claim another
student or an earlier time, and it may hold links to files that only the grader can read.
"""

import contextlib
import os
import pwd
import shutil
import stat
import tempfile
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import parse_utc

from course_exchange.walk import walk

SLACK = timedelta(minutes=5)
SETTLES = timedelta(seconds=10)  # from a folder's arrival until nothing in it changes any more
NOBODY = "nobody"
MOST_OF_ONE_STUDENT = 100  # submissions of one assignment that are looked through, the newest
PIECE = 1024 * 1024


class WholeCollect(ExchangeCollect):
    """Copy every submission beside its place, then move it there: no half of one is ever graded."""

    def _path_to_record(self, path: str) -> dict[str, Any]:
        """Return whose submission a folder is and when it came, whatever its name says."""
        name = Path(path).name
        student = name.rsplit("+", 3)[0]
        try:
            status = Path(path).lstat()
        except FileNotFoundError:  # taken back meanwhile: others are collected all the same
            return _record(NOBODY, name, datetime.min)
        if self.check_owner:
            student = self._owner(name, student, status)
        elif not student:
            student = NOBODY
        return _record(student, name, _moment(status.st_ctime))

    def _sort_by_timestamp(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return a student's submissions, the latest first; only so many are looked through."""
        newest = sorted(records, key=itemgetter("placed"), reverse=True)[:MOST_OF_ONE_STUDENT]
        for record in newest:
            self._look_through(record)
        return list(super()._sort_by_timestamp(newest))

    def _look_through(self, record: dict[str, Any]) -> None:
        """Find out when a submission came, whatever its name says."""
        name = record["filename"]
        try:
            arrived = last_change(Path(self.inbound_path) / name)
        except FileNotFoundError:
            return
        try:
            timestamp = parse_utc(name.rsplit("+", 3)[2])
        except Exception:  # the parser raises errors of many kinds
            timestamp = arrived
        is_rewritten = arrived - record["placed"] > SETTLES
        if is_rewritten or abs(timestamp - arrived) > SLACK:
            self.log.warning("%r arrived at %s UTC, which is what counts", name, arrived)
            timestamp = arrived
        record |= {"timestamp": timestamp, "arrived": arrived}

    def _owner(self, name: str, student: str, status: os.stat_result) -> str:
        try:
            owner = pwd.getpwuid(status.st_uid).pw_name
        except KeyError:
            owner = NOBODY
        if owner != student:
            self.log.warning("%r was handed in by %s, and is taken as theirs", name, owner)
        return owner

    def copy_files(self) -> None:
        """Collect what is new; a submission that cannot be copied leaves the others alone.

        Raises `ExchangeError`, once all others are collected, if there is such a submission.
        """
        left: list[str] = []
        for record in self.src_records:
            student, assignment = record["username"], self.coursedir.assignment_id
            target = Path(
                self.coursedir.format_path(self.coursedir.submitted_directory, student, assignment)
            )
            try:
                if not self._is_new(target, record["timestamp"]):
                    self.log.info("No newer submission to collect: %s %s", student, assignment)
                    continue
                self._collect(Path(self.inbound_path) / record["filename"], target, record)
                self.log.info("Collected: %s %s", student, assignment)
            except Exception as error:  # whatever it is, it is that student's alone
                self.log.error("Not collected: %s %s: %s", student, assignment, error)
                left.append(student)
        if left:
            raise ExchangeError(f"Not collected, see the log: {', '.join(left)}")

    def _is_new(self, target: Path, timestamp: datetime) -> bool:
        if not target.is_dir():
            return True
        try:
            existing = self.coursedir.get_existing_timestamp(str(target))
        except Exception:  # what lies there says no time: what has one is newer
            existing = None
        if self.before_duedate:
            return bool(existing != timestamp)
        return bool(self.update and (existing is None or timestamp > existing))

    def _collect(self, source: Path, target: Path, record: dict[str, Any]) -> None:
        root = Path(self.coursedir.root)
        with tempfile.TemporaryDirectory(dir=root, prefix=".collecting-") as name:
            fresh, old = Path(name) / "new", Path(name) / "old"
            copy_ordinary_files(source, fresh, self.coursedir.max_dir_size * 1000)
            changed = last_change(source)
            timestamp = record["timestamp"] if changed <= record["arrived"] else changed
            (fresh / "timestamp.txt").write_text(f"{timestamp} UTC")
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                target.rename(old)
            fresh.rename(target)
            shutil.rmtree(old, ignore_errors=True)


def _record(student: str, name: str, placed: datetime) -> dict[str, Any]:
    times = {"placed": placed, "timestamp": datetime.min, "arrived": datetime.min}
    return {"username": student, "filename": name, **times}


def last_change(folder: Path) -> datetime:
    """Return when a folder or anything in it last changed; nobody can set that time.

    It is looked through exactly as far as it would be copied.
    """
    times = [folder.lstat().st_ctime]
    with contextlib.suppress(OSError):
        times.extend(status.st_ctime for _, status, _ in walk(folder))
    return _moment(max(times))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def copy_ordinary_files(source: Path, target: Path, room: int) -> None:
    """Copy a folder's ordinary files; follow no link, wait at no pipe, stop at `room` bytes."""
    if not stat.S_ISDIR(source.lstat().st_mode):
        raise OSError("it is not a folder")
    target.mkdir(parents=True)
    for at, status, folder in walk(source):
        if stat.S_ISDIR(status.st_mode):
            (target / at).mkdir()
        else:
            room -= _copy(at.name, folder, target / at, room)


def _copy(name: str, folder: int, target: Path, room: int) -> int:
    """Copy one file out of an opened folder and return its size; links and the like are left."""
    try:
        opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return 0
    with os.fdopen(opened, "rb") as file:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            return 0
        size = 0
        with target.open("wb") as copy:
            while piece := file.read(PIECE):
                size += len(piece)
                if size > room:
                    raise OSError("it is too large")
                copy.write(piece)
        return size
