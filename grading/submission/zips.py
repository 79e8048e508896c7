"""Read zips that somebody else has packed: nothing leads out, nothing unpacks without end."""

import io
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path, PurePosixPath

from grading.submission.files import is_junk
from grading.submission.zip_settings import Zips

MB = 1_000_000
SUSPECT = 20 * MB  # the ratio of smaller files does not matter
DEEPEST, LONGEST = 20, 1_000  # folders, and bytes, of a path that is kept as it is
LONGEST_NAME = 200  # bytes of UTF-8
ENCRYPTED, IN_UTF8 = 0x1, 0x800
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How files may be packed: `zipfile` unpacks other methods without any bound."""
CENTRAL = b"PK\x01\x02"  # what begins every file's entry in a zip's table of contents
UNIX_TIME = 0x5455
NO_TIME = 1980
DRIVE = re.compile(r"[A-Za-z]:")
BROKEN = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error),
    *(EOFError, OSError, NotImplementedError, RuntimeError, ValueError, IndexError),
)
"""What `zipfile` raises about zips that are not as they should be."""


class BadZip(ValueError):
    """A zip, or a file in it, cannot be unpacked; the message says why."""


@dataclass(frozen=True)
class Packed:
    """An ordinary file in a zip, not yet unpacked; `time` is UTC, where there is one."""

    path: PurePosixPath
    info: zipfile.ZipInfo = field(compare=False)
    time: datetime | None = None


class Archive:
    """An opened zip: the files that may be unpacked, and why others may not."""

    def __init__(self, packed: zipfile.ZipFile, limits: Zips, zone: tzinfo = UTC) -> None:
        self._zip, self._limits = packed, limits
        self.files: list[Packed] = []
        self.refused: dict[str, str] = {}
        for info in packed.infolist():
            name = name_of(info)
            if info.is_dir() or name.endswith(("/", "\\")):
                continue
            path = safe_path(name)
            if path is not None and is_junk(Path(path)):
                continue
            if (why := self._why_not(info)) or path is None:
                self.refused[name] = why or "its path leads out of the zip"
            else:
                self.files.append(Packed(path, info, time_of(info, zone)))

    def _why_not(self, info: zipfile.ZipInfo) -> str:
        mode = info.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            return "it is a link or a special file"
        if info.flag_bits & ENCRYPTED:
            return "it is locked with a password"
        if info.compress_type not in METHODS:
            return "it is packed in an unusual way"
        if info.file_size > self._limits.file_mb * MB:
            return f"it would have {info.file_size // MB} MB, and {self._limits.file_mb} may be"
        if info.file_size > max(SUSPECT, self._limits.ratio * info.compress_size):
            return f"it would have more than {self._limits.ratio} times its packed size"
        return ""

    def read(self, file: Packed) -> bytes:
        """Unpack one file, no further than it says it is; raise `BadZip` where it is broken."""
        try:
            with self._zip.open(file.info) as opened:
                content = opened.read(self._limits.file_mb * MB + 1)
        except BROKEN as error:
            raise BadZip(f"it is broken ({_said(error)})") from None
        if len(content) > self._limits.file_mb * MB:
            raise BadZip(f"it has more than {self._limits.file_mb} MB")
        return content


@contextmanager
def opened(source: Path | bytes, limits: Zips, zone: tzinfo = UTC) -> Iterator[Archive]:
    """Yield a zip, opened; raise `BadZip` where it is none or holds too much.

    A path is the zip of a class, bytes are a student's: each has limits of its own.
    """
    if isinstance(source, bytes):
        most_files, most_mb = limits.student_files, limits.student_mb
        if source.count(CENTRAL) > most_files:
            raise BadZip(f"it holds more than {most_files} files")
    else:
        most_files, most_mb = limits.class_files, limits.class_mb
    try:
        packed = zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source)
    except BROKEN as error:
        raise BadZip(f"it is no zip, or a broken one ({_said(error)})") from None
    with packed:
        if len(packed.infolist()) > most_files:
            raise BadZip(f"it holds more than {most_files} files")
        if isinstance(source, bytes):
            total = sum(info.file_size for info in packed.infolist())
            if total > most_mb * MB:
                raise BadZip(f"it would unpack to {total // MB} MB, and {most_mb} may be")
        yield Archive(packed, limits, zone)


def is_zip(name: str, content: bytes) -> bool:
    """Return whether a file is a zip by its name, or by its content under a notebook's name."""
    return name.lower().endswith(".zip") or (
        name.lower().endswith(".ipynb") and content.startswith(b"PK\x03\x04")
    )


def name_of(info: zipfile.ZipInfo) -> str:
    """Return a file's name; those not marked as UTF-8 are read as such where they can be."""
    if info.flag_bits & IN_UTF8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def safe_path(name: str) -> PurePosixPath | None:
    """Return where a file may lie below a folder, or None for a path that leads out of it.

    Backslashes of Windows part folders. What no file may be called is put right, and of a path
    that is too deep or too long only the name is left.
    """
    name = unicodedata.normalize("NFC", name.replace("\\", "/"))
    parts = [part for part in name.split("/") if part not in ("", ".")]
    leads_out = name.startswith("/") or DRIVE.match(name) or ".." in parts
    if leads_out or not parts:
        return None
    if len(parts) > DEEPEST or len(name.encode(errors="replace")) > LONGEST:
        parts = parts[-1:]
    return PurePosixPath(*map(_possible, parts))


def _possible(part: str) -> str:
    """Return a name that a file can have, its ending kept."""
    part = "".join(sign if sign.isprintable() else "_" for sign in part)
    if len(part.encode()) <= LONGEST_NAME:
        return part
    ending = part[-20:]
    room = LONGEST_NAME - len(ending.encode())
    return part[:-20].encode()[:room].decode(errors="ignore") + ending


def time_of(info: zipfile.ZipInfo, zone: tzinfo) -> datetime | None:
    """Return the time of a file (UTC, without a zone), or None where the zip says none.

    A zip keeps the time of some clock, read in `zone`; many add one of UTC, which then counts.
    """
    seconds = _unix_time(info.extra)
    try:
        if seconds is not None:
            return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
        if info.date_time[0] <= NO_TIME:
            return None
        local = datetime(*info.date_time, tzinfo=zone)
        return local.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None


def _unix_time(extra: bytes) -> int | None:
    place = 0
    while place + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, place)
        if kind == UNIX_TIME and size >= 5 and place + 9 <= len(extra) and extra[place + 4] & 1:
            return int(struct.unpack_from("<i", extra, place + 5)[0])
        place += 4 + size
    return None


def _said(error: BaseException) -> str:
    return " ".join(str(error).split())[:100] or type(error).__name__
