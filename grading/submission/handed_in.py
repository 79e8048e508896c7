"""Lay out what one student has handed in to an LMS: zips unpacked, the newest of each file."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path, PurePosixPath

from grading.submission.files import TIMESTAMP, is_junk
from grading.submission.find import Unreadable, candidates
from grading.submission.zip_settings import Zips
from grading.submission.zips import MB, BadZip, is_zip, opened, safe_path

NUMBERED = re.compile(r"(?P<stem>.+)-(?P<number>\d{1,3})")
BESIDE = "also"
"""The folder for a file whose place another one has."""


@dataclass(frozen=True)
class Sent:
    """A file as an LMS gives it; the greater `order`, the later it was handed in."""

    path: PurePosixPath
    content: bytes
    order: int = 0


@dataclass
class HandedIn:
    """A student's files by their paths, what they replaced, what was refused, and why."""

    files: dict[PurePosixPath, bytes] = field(default_factory=dict)
    earlier: dict[PurePosixPath, bytes] = field(default_factory=dict)
    refused: dict[PurePosixPath, bytes] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def fingerprint(self) -> str:
        """Return a text that differs for different files."""
        return fingerprint_of(self.files)


def fingerprint_of(files: dict[PurePosixPath, bytes]) -> str:
    """Return a text that differs for different files; the time they came at is none of them."""
    whole = hashlib.sha256()
    for path in sorted(files):
        content = hashlib.sha256(files[path]).digest()
        whole.update(str(path).encode(errors="replace") + b"\0" + content)
    return whole.hexdigest()


def lay_out(sent: list[Sent], notebook: str, limits: Zips, numbers: bool = False) -> HandedIn:
    """Lay out a student's files; what cannot be unpacked is refused and said.

    With `numbers`, the LMS adds `-1`, `-2` to the names of what is handed in once more.
    """
    laid = HandedIn()
    sent = [one for one in sent if not is_junk(Path(one.path))]
    if numbers:
        sent = _newest(sent, notebook, laid)
    room = _Room(laid, limits)
    alone = len(sent) == 1
    wanted = f"{notebook}.ipynb"
    for one in sorted(sent, key=lambda one: one.path.name != wanted):
        if is_zip(one.path.name, one.content):
            stem = safe_path(_stem(one.path.name)) or BESIDE
            within = PurePosixPath() if alone else one.path.parent / stem
            _unpack(one, within, wanted, room, limits)
        elif why := room.has_none_for(len(one.content)):
            laid.problems.append(f"{one.path}: {why}")
            room.refuse(one.path, one.content)
        else:
            room.put(one.path, one.content)
    return laid


def holds_a_notebook(folder: Path, notebook: str) -> bool:
    """Return whether the grader would find a notebook in a submitted folder."""
    try:
        return any(one.path.is_file() for one in candidates(folder, notebook))
    except Unreadable:
        return False


class Places:
    """Places for files of which each needs one of its own."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._folders: set[str] = set()

    def take(self, path: PurePosixPath, reserved: str = "") -> PurePosixPath:
        """Return a file's place: its own, unless another has it or it is reserved; then beside it.

        Names that differ in case only are one name: on some systems they are one file.
        """
        choices = () if path.parts[0] == reserved else (path,)
        place = next(one for one in chain(choices, _beside(path)) if self._is_free(one))
        self._taken.add(str(place).casefold())
        self._folders.update(str(one).casefold() for one in place.parents)
        return place

    def _is_free(self, path: PurePosixPath) -> bool:
        key = str(path).casefold()
        around = {str(one).casefold() for one in path.parents}
        return key not in self._taken and key not in self._folders and not around & self._taken


def _beside(path: PurePosixPath) -> Iterator[PurePosixPath]:
    yield BESIDE / path
    yield from (f"{BESIDE}-{number}" / path for number in count(2))


class _Room:
    """The room for a student's files."""

    def __init__(self, laid: HandedIn, limits: Zips) -> None:
        self.laid = laid
        self.left, self.files_left = limits.student_mb * MB, limits.student_files
        self.limits = limits
        self._places, self._refused = Places(), Places()

    def refuse(self, path: PurePosixPath, content: bytes) -> None:
        """Keep a file that was not taken, or not altogether."""
        self.laid.refused[self._refused.take(path)] = content

    def has_none_for(self, size: int) -> str:
        """Return why a file of a size has no place any more; nothing where it has."""
        if self.files_left > 0 and size <= self.left:
            return ""
        return (
            f"there are more than {self.limits.student_files} files or {self.limits.student_mb} MB"
        )

    def put(self, path: PurePosixPath, content: bytes, of: str = "") -> None:
        """Give a file its place, or one beside it where another file has that."""
        if self.laid.files.get(path) == content:
            return
        self.left -= len(content)
        self.files_left -= 1
        place = self._places.take(path, reserved=TIMESTAMP)  # which says when it was handed in
        if place != path and path.parts[0] != TIMESTAMP:
            said = f" in {of}" if of else ""
            self.laid.problems.append(f"{path}{said}: two files of this name; one is {place}")
        self.laid.files[place] = content


def _unpack(one: Sent, within: PurePosixPath, wanted: str, room: _Room, limits: Zips) -> None:
    """Unpack a student's zip, once: zips in it stay as they are."""
    laid, name = room.laid, str(one.path)
    before = len(laid.problems)
    try:
        with opened(one.content, limits) as archive:
            laid.problems += [
                f"{name}: {file}: {why}" for file, why in sorted(archive.refused.items())
            ]
            # of two files of one name the last counts, as for whoever unpacks them all
            files = sorted([*reversed(archive.files)], key=lambda file: file.path.name != wanted)
            if not files and not archive.refused:
                laid.problems.append(f"{name}: there is nothing in it")
            for file in files:
                if why := room.has_none_for(file.info.file_size):
                    laid.problems.append(f"{name}: {file.path}: {why}")
                    break
                try:
                    room.put(within / file.path, archive.read(file), name)
                except BadZip as error:
                    laid.problems.append(f"{name}: {file.path}: {error}")
    except BadZip as error:
        laid.problems.append(f"{name}: {error}")
    if len(laid.problems) > before:
        room.refuse(one.path, one.content)


def _newest(sent: list[Sent], notebook: str, laid: HandedIn) -> list[Sent]:
    """Leave the newest of what was handed in several times, under the name it had at first."""
    names = {one.path.name.casefold() for one in sent}
    versions: dict[PurePosixPath, list[tuple[int, int, Sent]]] = defaultdict(list)
    for one in sent:
        path, number = _unnumbered(one.path, names, notebook)
        key = PurePosixPath(str(path).casefold()) if _is_work(path) else path
        versions[key].append((one.order, number, one))
    newest, places = [], Places()
    for several in versions.values():
        *earlier, (_, _, last) = sorted(several, key=lambda one: one[:2])
        laid.earlier |= {places.take(one.path): one.content for _, _, one in earlier}
        path, number = _unnumbered(last.path, names, notebook)
        newest.append(Sent(path, last.content, last.order))
        if number and not _is_work(path):
            newest.append(last)  # `data-1.csv` may be its own name: a copy stands under each
    return newest


def _unnumbered(path: PurePosixPath, names: set[str], notebook: str) -> tuple[PurePosixPath, int]:
    """Return the path without the number of a resubmission, and the number; 0 for none.

    Notebooks and zips lose it only where the name without it is known.
    """
    stem = _stem(path.name)
    found = NUMBERED.fullmatch(stem)
    if found is None or _same(stem, notebook):
        return path, 0
    bare = path.with_name(found["stem"] + path.name[len(stem) :])
    there = bare.name.casefold() in names
    rivals = sum(_is_numbered(name, bare.name) for name in names)
    once = not there and rivals == 1
    known = there or _same(found["stem"], notebook) if _is_work(path) else once
    return (bare, int(found["number"])) if known else (path, 0)


def _is_numbered(name: str, bare: str) -> bool:
    stem = _stem(bare).casefold()
    ending = bare[len(stem) :].casefold()
    return bool(re.fullmatch(rf"{re.escape(stem)}-\d{{1,3}}{re.escape(ending)}", name))


def _is_work(path: PurePosixPath) -> bool:
    return path.suffix.lower() in (".ipynb", ".zip")


def _same(stem: str, notebook: str) -> bool:
    return re.sub(r"[\s_-]+", " ", stem).casefold() == re.sub(r"[\s_-]+", " ", notebook).casefold()


def _stem(name: str) -> str:
    """Return a name without its ending, if it has one."""
    return PurePosixPath(name).stem
