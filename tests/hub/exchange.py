"""A course and its exchange for one test, with what students have put into it."""

from pathlib import Path

from course_exchange.collect import WholeCollect
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

ASSIGNMENT = "one"
LONG_AGO = "2020-01-01 00:00:00.000000 UTC"


class Class:
    """A course whose students hand in below a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.course, self.root = folder / "course", folder / "exchange"
        self.inbound = self.root / "demo" / "inbound"
        self.outbound = self.root / "demo" / "outbound" / ASSIGNMENT
        for place in (self.course, self.inbound, self.outbound):
            place.mkdir(parents=True)

    def put(self, student: str, claimed: str = LONG_AGO, text: str = "{}") -> Path:
        """Let a folder lie in the exchange, under a name that claims a student and a time."""
        folder = self.inbound / f"{student}+{ASSIGNMENT}+{claimed}+secret"
        folder.mkdir()
        (folder / f"{ASSIGNMENT}.ipynb").write_text(text)
        return folder

    def coursedir(self, **traits: object) -> CourseDirectory:
        """Return nbgrader's view of the course."""
        named = {"root": str(self.course), "course_id": "demo", "assignment_id": ASSIGNMENT}
        return CourseDirectory(**(named | traits))

    def collector(self, check_owner: bool = True, update: bool = True) -> WholeCollect:
        """Return what collects the assignment."""
        collect = WholeCollect(
            coursedir=self.coursedir(max_dir_size=20), authenticator=Authenticator()
        )
        collect.update_config(Config())
        collect.root, collect.path_includes_course = str(self.root), True
        collect.check_owner, collect.update = check_owner, update
        return collect

    def submitted(self, student: str) -> Path:
        """Return where a student's submission is once it is collected."""
        return self.course / "submitted" / student / ASSIGNMENT

    def collected(self) -> set[str]:
        """Return whose submissions are collected."""
        return {folder.parent.name for folder in self.course.glob(f"submitted/*/{ASSIGNMENT}")}
