"""Let `nbgrader autograde` and Formgrader's button grade as `make autograde` does.

nbgrader's converter copies what it finds in a submission, links included, skips folders without a
notebook of the right name, writes scores in many transactions and grades one after the other. Its
applications have no setting for another converter, so ours takes the place of its name in them.
"""

import os
from pathlib import Path

from nbgrader.apps import api, autogradeapp
from nbgrader.converters import Autograde, NbGraderException

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.engine.autograde import autograde
from grading.engine.tasks import pending
from grading.sandbox.bubblewrap import SandboxError


class SealedAutograde(Autograde):
    """Grade the chosen submissions with the course's own engine."""

    def start(self) -> None:
        """Grade them; raise `NbGraderException`, with every reason in the log, if any is left."""
        chosen = self.coursedir
        course = Course(Path(chosen.root).resolve())
        config = self.config.copy()
        config.CourseDirectory.root, config.CourseDirectory.db_url = str(course.root), chosen.db_url
        try:
            tasks = pending(course, config, chosen.assignment_id, chosen.student_id, self.force)
            if not tasks:
                self._say_why_nothing(course)
            failures = autograde(course, config, tasks, os.cpu_count() or 1, self._graded)
        except (CourseError, SandboxError) as error:
            failures = [str(error)]
        for failure in failures:
            self.log.error(failure)
        if failures:
            raise NbGraderException(failures[0])

    def _say_why_nothing(self, course: Course) -> None:
        chosen = self.coursedir
        matching = chosen.format_path(
            chosen.submitted_directory, chosen.student_id, chosen.assignment_id
        )
        if not any(True for _ in course.root.glob(os.path.relpath(matching, course.root))):
            raise CourseError(f"No submissions were matched by '{matching}'")
        self.log.info("Nothing is new or changed; --force grades again")

    def _graded(self, which: str) -> None:
        self.log.info("Autograded, sealed: %s", which)


def install() -> None:
    """Put our converter where nbgrader's applications look for theirs."""
    for application in (autogradeapp, api):
        application.Autograde = SealedAutograde
