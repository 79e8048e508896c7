"""Read what an LMS calls the files of a class: whose they are, and whether they came late."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from nbgrader.plugins import FileNameCollectorPlugin
from traitlets import Unicode
from traitlets.config import Config

from grading.course.errors import CourseError
from grading.submission.zips import safe_path

MOODLE = re.compile(
    r"(?P<name>[^_/]*)(?:_(?P<student_id>\d+))?_assignsubmission_(?P<plugin>[a-z]+)"
    r"(?:_?/|_)(?P<file_id>.+)",
    re.DOTALL,
)
"""`Moodle`: a folder, or a part of the name, for each student and way to hand in. It takes `_` out
of people's names. The number stands for a person in this assignment only; the group of all who
are in no group has none."""
UPLOAD = r"(?:(?P<attachment>\d+)_(?P<file_id>[^/]+)|(?P<online>(?:text|link)\.html))"
ANONYMOUS = re.compile(
    rf"(?:(?P<late>LATE)_)?(?P<student_id>anon_[A-Za-z0-9]+)_{UPLOAD}(?P<name>)", re.DOTALL
)
CANVAS = re.compile(
    rf"(?:(?P<name>[^/]*?)_)?(?:(?P<late>LATE)_)?(?P<student_id>\d+)_{UPLOAD}", re.DOTALL
)
"""`Canvas`: the name sorted by last name, all but letters and digits taken out; the id of the user,
of an upload, and the name of the file. Names are in small letters, so `LATE` is none."""
AGAIN = re.compile(r"\d+_.+", re.DOTALL)


@dataclass(frozen=True)
class Named:
    """What the name of a file says; `late` is None where the LMS does not say it.

    `other_ids` are what the student's id could be if a person's name ended in a number.
    """

    lms: str
    student_id: str
    file: PurePosixPath
    name: str = ""
    late: bool | None = None
    attachment: int = 0
    other_ids: tuple[str, ...] = ()
    timestamp: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what all files of one person, or group, have in common."""
        return self.lms, self.name, self.student_id


class LmsNames(FileNameCollectorPlugin):
    """nbgrader's plug-in for names of files, which knows those of Canvas and Moodle.

    Where `named_regexp` is set, nbgrader's own setting, it alone says what the names mean.
    """

    timezone = Unicode(
        "UTC", help="Time zone of the clock by which an LMS writes times into its zips and tables."
    ).tag(config=True)

    @classmethod
    def quiet(cls, config: Config) -> "LmsNames":
        """Return the plug-in as the course sets it; what it cannot read is told elsewhere.

        Raises `CourseError` for a `named_regexp` that is none.
        """
        names = cls(config=config)
        try:
            groups = re.compile(names.named_regexp).groupindex
        except re.error as error:
            raise CourseError(f"named_regexp cannot be read: {error}.") from None
        if names.named_regexp and "student_id" not in groups:
            raise CourseError("named_regexp must have a group (?P<student_id>…).")
        return names

    def read(self, path: str) -> Named | None:
        """Return what a path in the zip of a class says, or None where it is not an LMS's."""
        if self.named_regexp:
            match = re.match(self.named_regexp, path)
            said = match.groupdict() if match else {}
            if not said.get("student_id"):
                return None
            name = " ".join(said.get(part) or "" for part in ("first_name", "last_name"))
            file = _file(said.get("file_id") or path)
            file = file.with_name(file.stem + PurePosixPath(path).suffix)  # as nbgrader does
            time = said.get("timestamp") or ""
            return Named("other", said["student_id"], file, name.strip(), timestamp=time)
        if found := MOODLE.fullmatch(path):
            name, number = found["name"].strip(), found["student_id"] or ""
            return Named("moodle", number, _file(found["file_id"]), name)
        if (found := ANONYMOUS.fullmatch(path) or CANVAS.fullmatch(path)) is None:
            return None
        name, late = found["name"] or "", found["late"] is not None
        if found["online"]:
            file = PurePosixPath(found["online"])
            return Named("canvas", found["student_id"], file, name, late)
        others = (found["attachment"],) if AGAIN.fullmatch(found["file_id"]) else ()
        file, upload = _file(found["file_id"]), int(found["attachment"])
        return Named("canvas", found["student_id"], file, name, late, upload, others)


def _file(said: str) -> PurePosixPath:
    """Return a student's name for a file, which may be one that no file can have."""
    return safe_path(said) or PurePosixPath("unnamed")
