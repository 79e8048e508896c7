"""Keep submissions: the newest in `submitted/`, and nothing else is lost.

Beside it, in nbgrader's folder `downloaded/<assignment>/`: the zips themselves, what is nobody's,
what was refused, and submissions that were handed in earlier.
"""

import hashlib
import json
import shutil
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath

from grading.course.files import write_whole
from grading.course.layout import Course
from grading.submission.files import TIMESTAMP, read_timestamp, walk
from grading.submission.handed_in import fingerprint_of, holds_a_notebook

ARCHIVE, UNKNOWN, REFUSED, EARLIER = "archive", "unknown", "refused", "earlier"
RECORD = "collected.json"


@dataclass(frozen=True)
class Version:
    """What tells an earlier submission from a later one: uploads are counted, times pass.

    `arrived` is what was written of when it came, `sure` whether that is known and not guessed.
    """

    content: str
    upload: int = 0
    time: str = ""
    arrived: str = ""
    sure: bool = False

    def is_later(self, other: "Version") -> bool:
        """Return whether this was handed in after another; read anew, it counts anew."""
        if self.upload and other.upload and self.upload != other.upload:
            return self.upload > other.upload
        if self.time and other.time:
            return self.time >= other.time
        return not other.time


class Kept:
    """The submissions of an assignment that came from an LMS, and how they are put in."""

    def __init__(self, course: Course, assignment: str, scratch: Path) -> None:
        self.course, self.assignment, self.scratch = course, assignment, scratch
        self.folder = course.root / "downloaded" / assignment
        self._record = self._read_record()

    def _read_record(self) -> dict[str, Version]:
        try:
            found = json.loads((self.folder / RECORD).read_text(encoding="utf-8"))
            return {student: Version(**one) for student, one in found.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def write_record(self) -> None:
        """Write down which submissions are the newest."""
        lines = {student: asdict(one) for student, one in sorted(self._record.items())}
        text = json.dumps(lines, indent=1) + "\n"
        file = self.folder / RECORD
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            write_whole(file, text)

    def place_of(self, student: str) -> Path:
        """Return the folder of a student's submission."""
        return self.course.submitted(student, self.assignment)

    def put(self, student: str, files: dict[PurePosixPath, bytes], version: Version) -> str:
        """Put a submission into its place, unless a later one is there; say what became of it.

        What it replaces is kept, and so is what came too late to replace anything.
        """
        target = self.place_of(student)
        there = self._there(student, target)
        known = self._record.get(student, there)
        if there is not None and version.content in (there.content, known and known.content):
            self._correct_arrival(student, target, version)
            return "same"
        with tempfile.TemporaryDirectory(dir=self.scratch) as own:
            fresh, old = Path(own) / "new", Path(own) / "old"
            write_files(fresh, files)
            if version.arrived:
                (fresh / TIMESTAMP).write_text(version.arrived)
            if there is not None:
                loses = self._holds_a_notebook(target) and not self._holds_a_notebook(fresh)
                if loses or not version.is_later(there):
                    self._keep_earlier(student, fresh, version)
                    return "no notebook" if loses else "earlier"
                self._keep_earlier(student, target, there)
                target.rename(old)
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh.rename(target)
        self._record[student] = version
        return "new" if there is None else "replaced"

    def _holds_a_notebook(self, folder: Path) -> bool:
        return holds_a_notebook(folder, self.assignment)

    def _correct_arrival(self, student: str, target: Path, version: Version) -> None:
        """Write anew when work came, where more is known now and no person has written it."""
        known = self._record.setdefault(student, version)
        file = target / TIMESTAMP
        written = file.read_text() if file.is_file() and not file.is_symlink() else ""
        if written != known.arrived or (known.sure and not version.sure):
            return
        if version.arrived and version.arrived != written:
            file.write_text(version.arrived)
            self._record[student] = replace(known, arrived=version.arrived, sure=version.sure)

    def _there(self, student: str, target: Path) -> Version | None:
        """Return what is in a submission's place, also where it did not come from an LMS."""
        if not target.is_dir():
            return None
        files = {
            PurePosixPath(path.relative_to(target)): path.read_bytes()
            for path, _ in walk(target)
            if path.is_file() and not path.is_symlink() and path != target / TIMESTAMP
        }
        content = fingerprint_of(files)
        if student in self._record:
            return replace(self._record[student], content=content)
        time = read_timestamp(target)
        return Version(content, 0, time.isoformat() if time else "")

    def _keep_earlier(self, student: str, folder: Path, version: Version) -> None:
        place = self.folder / EARLIER / student / version.content[:12]
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.scratch) as own:
                copy = Path(own) / "copy"
                shutil.copytree(folder, copy, symlinks=True)
                copy.rename(place)

    def keep_versions(self, student: str, files: dict[PurePosixPath, bytes]) -> None:
        """Keep files that the student has replaced by newer ones of the same name."""
        if files:
            write_files(self.folder / EARLIER / student / fingerprint_of(files)[:12], files)

    def keep_refused(self, student: str, files: dict[PurePosixPath, bytes]) -> None:
        """Keep files that were not unpacked, or not altogether."""
        write_files(self.folder / REFUSED / student, files)

    def keep_archive(self, file: Path) -> str:
        """Keep the zip itself, once; return the name under which the course knows it."""
        with file.open("rb") as opened:
            content = hashlib.file_digest(opened, "sha256").hexdigest()[:8]
        name = f"{file.stem}-{content}"
        kept = self.folder / ARCHIVE / f"{name}.zip"
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            copy = self.scratch / "archive.zip"
            shutil.copyfile(file, copy)
            copy.rename(kept)
        return name

    def unknown_of(self, archive: str) -> Path:
        """Return the folder for what nobody owns of a zip."""
        return self.folder / UNKNOWN / archive


def write_files(folder: Path, files: dict[PurePosixPath, bytes]) -> None:
    """Write files below a folder; those that are there with the same content stay untouched."""
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if not (file.is_file() and file.read_bytes() == content):
            file.write_bytes(content)
