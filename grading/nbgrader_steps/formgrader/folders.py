"""What lies in the folders of submissions, asked of the file system as seldom as can be."""

import os
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from grading.submission.files import TIMESTAMP, read_timestamp

REMEMBERED = 50_000  # timestamps of as many submissions are not read again until they change


class SubmissionFolders:
    """The folders of a course in which submissions lie."""

    def __init__(self, coursedir: CourseDirectory) -> None:
        self._coursedir = coursedir

    @property
    def usual(self) -> bool:
        """Return whether folders are laid out as nbgrader does where nothing else is said."""
        trait = CourseDirectory.directory_structure
        return bool(self._coursedir.directory_structure == trait.default_value)

    def students(self) -> set[str]:
        """Return the names of all that lies in `submitted/`."""
        return {entry.name for entry in _visible(self._of_everybody())}

    def who_handed_in(self, assignment: str, known: Collection[str] = ()) -> set[str]:
        """Return the students who have a folder of an assignment, without asking of the known."""
        others = self.students().difference(known)
        return {name for name in others if self.is_submitted(name, assignment)}

    def who_handed_in_anything(self, students: set[str]) -> set[str]:
        """Return those who have a folder of any assignment."""
        return {name for name in students if any(self._assignments_of(name))}

    def assignments_of(self, student: str) -> set[str]:
        """Return the assignments of which a student has a folder, where these lie as usual."""
        named = self.usual and is_name(student)
        return {*self._assignments_of(student)} if named else set()

    def how_many_handed_in(self) -> Counter[str]:
        """Return by assignment how many students have a folder of it."""
        return Counter(
            assignment for name in self.students() for assignment in self._assignments_of(name)
        )

    def is_submitted(self, student: str, assignment: str) -> bool:
        """Return whether a student has handed an assignment in."""
        folder = self._path(self._coursedir.submitted_directory, student, assignment)
        return is_name(student) and os.path.isdir(folder)  # noqa: PTH112

    def is_graded_as_submitted(
        self, student: str, assignment: str, recorded: datetime | None
    ) -> bool:
        """Return whether what was graded, with its recorded time, is what was handed in."""
        folder = self._path(self._coursedir.autograded_directory, student, assignment)
        return (
            self.timestamp(student, assignment) == recorded and os.path.isdir(folder)  # noqa: PTH112
        )

    def timestamp(self, student: str, assignment: str) -> datetime | None:
        """Return when an assignment was handed in (UTC), or None where that is not known."""
        folder = self._path(self._coursedir.submitted_directory, student, assignment)
        try:
            status = os.lstat(os.path.join(folder, TIMESTAMP))  # noqa: PTH118
        except (OSError, ValueError):
            return None
        changed = (status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size)
        return _timestamp(folder, changed)

    def _of_everybody(self) -> str:
        return str(Path(self._path(self._coursedir.submitted_directory, "*", "*")).parents[1])

    def _assignments_of(self, student: str) -> Iterator[str]:
        folder = os.path.join(self._of_everybody(), student)  # noqa: PTH118
        return (entry.name for entry in _visible(folder) if entry.is_dir())

    def _path(self, step: str, student: str, assignment: str) -> str:
        return str(self._coursedir.format_path(step, student, assignment))


def is_name(student: str) -> bool:
    """Return whether a folder of that name can be a student's."""
    return bool(student) and not student.startswith(".") and os.sep not in student


def may_be_assignment(folder: Path) -> bool:
    """Return whether a folder of sources is an assignment's: of one that is begun it is empty.

    Cells that a notebook exports lie in a folder beside it that has neither.
    """
    files = _visible(str(folder))
    return not files or any(Path(file.name).suffix in (".ipynb", ".toml") for file in files)


def _visible(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not entry.name.startswith(".")]
    except OSError:
        return []


@lru_cache(REMEMBERED)
def _timestamp(folder: str, changed: tuple[int, ...]) -> datetime | None:
    """Return the time in a folder's file, which is read once for each state of the file."""
    return read_timestamp(Path(folder))
