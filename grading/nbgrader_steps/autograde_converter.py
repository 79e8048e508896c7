"""Let `nbgrader autograde` and Formgrader's button grade as `make autograde` does.

nbgrader's converter copies what it finds in a submission, links included, skips folders without a
notebook of the right name, writes scores in many transactions and grades one after the other. Its
applications have no setting for another converter, so ours takes the place of its name in them.
"""

import fnmatch
import os
from pathlib import Path

from nbgrader.apps import api, autogradeapp
from nbgrader.converters import Autograde, NbGraderException

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.engine.autograde import autograde
from grading.engine.done import Done
from grading.engine.options import Options
from grading.engine.tasks import refuse_nothing, survey
from grading.sandbox.bubblewrap import SandboxError


class SealedAutograde(Autograde):
    """Grade the chosen submissions with the course's own engine."""

    def start(self) -> None:
        """Grade them; raise `NbGraderException`, with every reason in the log, if any is left."""
        chosen = self.coursedir
        course = Course(Path(chosen.root).resolve())
        config = self.config.copy()
        config.CourseDirectory.root, config.CourseDirectory.db_url = str(course.root), chosen.db_url
        config.Autograde.create_student = self.create_student and Options.of(config).create_students
        try:
            self._refuse_other_notebooks()
            found = survey(course, config, chosen.assignment_id, chosen.student_id, self.force)
            if not found.tasks:
                refuse_nothing(course, config, chosen.assignment_id, chosen.student_id)
                self.log.info("Nothing is new or changed; --force grades again")
            failures = autograde(
                course,
                config,
                found.tasks,
                os.cpu_count() or 1,
                self._graded,
                found.up_to_date,
            )
        except (CourseError, SandboxError) as error:
            failures = [str(error)]
        for failure in failures:
            self.log.error(failure)
        if failures:
            raise NbGraderException(failures[0])

    def _refuse_other_notebooks(self) -> None:
        chosen = self.coursedir
        if not fnmatch.fnmatchcase(chosen.assignment_id, chosen.notebook_id):
            raise CourseError(
                f"No notebooks were matched by '{chosen.notebook_id}': the one of "
                f"{chosen.assignment_id} is called {chosen.assignment_id}."
            )

    def _graded(self, done: Done) -> None:
        if done.remark:
            self.log.warning(done.remark)
        if done.outcome != "failed":
            self.log.info("Autograded, sealed: %s", done)


def install() -> None:
    """Put our converter where nbgrader's applications look for theirs."""
    for application in (autogradeapp, api):
        application.Autograde = SealedAutograde
