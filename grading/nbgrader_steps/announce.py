"""Tell students titles, due dates and the late rule: a small file of the course in the exchange.

It names released assignments only, and nobody's extension: everybody can read it.
"""

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeReleaseAssignment
from nbgrader.server_extensions.formgrader import apihandlers
from nbgrader.server_extensions.formgrader.apihandlers import AssignmentHandler
from nbgrader.server_extensions.formgrader.base import check_notebook_dir, check_xsrf
from tornado import web
from traitlets.config import Config

from grading.course.assignment import read_assignment
from grading.course.errors import BadCourse
from grading.course.files import write_whole
from grading.course.layout import Course
from grading.course.policies import BadPolicies
from grading.grades.course_policy import policies_of
from grading.grades.gradebook import RunGradebook
from grading.grades.late_rule import late_rule

FILE = "course.json"


def announce(
    coursedir: CourseDirectory, exchange: Path, config: Config, log: logging.Logger
) -> None:
    """Write what students may know of the released assignments into the course's exchange.

    Where it cannot be written the log says so: what was asked for beside it is done all the same.
    """
    folder = exchange / coursedir.course_id
    if (folder / "outbound").is_dir():
        try:
            file = folder / FILE
            write_whole(file, json.dumps(announcement(coursedir, folder, config), indent=1))
            file.chmod(0o644)
        except OSError as error:
            log.warning("Students are not told of titles and due dates: %s", error)


def announcement(coursedir: CourseDirectory, folder: Path, config: Config) -> dict[str, Any]:
    """Return what is announced of the assignments that are released below a folder."""
    course = Course(Path(coursedir.root).resolve())
    with RunGradebook(coursedir.db_url) as gradebook, gradebook.reading() as session:
        due = dict(session.query(Assignment.name, Assignment.duedate).all())
    released = sorted(path.name for path in (folder / "outbound").iterdir() if path.is_dir())
    said = {
        name: {
            "title": _title(course, name),
            "due": _in_utc(due.get(name)),
            "counts": _counts(config, name),
        }
        for name in released
    }
    return {"late_rule": late_rule(config), "assignments": said}


def _in_utc(moment: datetime | None) -> str | None:
    return moment.replace(tzinfo=UTC).isoformat() if moment else None


def _counts(config: Config, assignment: str) -> str:
    """Return which of several submissions counts; nothing where the policies cannot be read."""
    try:
        return policies_of(config).attempt_of(assignment)
    except BadPolicies:
        return ""


def _title(course: Course, assignment: str) -> str:
    try:
        return read_assignment(course.source(assignment)).title
    except (OSError, BadCourse):
        return assignment


class ReleaseAssignment(ExchangeReleaseAssignment):
    """Release an assignment as nbgrader does, and announce it."""

    def copy_files(self) -> None:
        """Put it into the exchange, and its due date beside it."""
        super().copy_files()
        announce(self.coursedir, Path(self.root), self.config, self.log)


class DueDate(AssignmentHandler):
    """Change an assignment as Formgrader does, and announce what students see of it."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    def put(self, assignment_id: str) -> None:
        """Change its due date, also in what is announced."""
        super().put(assignment_id)
        if self.api.exchange_is_functional:
            exchange = Path(self.api.exchange_root)
            announce(self.coursedir, exchange, self.api.config, self.log)


def install() -> None:
    """Put ours in the place of Formgrader's handler of an assignment."""
    apihandlers.default_handlers[:] = [
        (path, DueDate if handler is AssignmentHandler else handler, *rest)
        for path, handler, *rest in apihandlers.default_handlers
    ]
