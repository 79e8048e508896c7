"""Let `nbgrader generate_feedback` and Formgrader's button make feedback as `make feedback` does.

nbgrader's converter takes ids for patterns, parses what students wrote in the process that owns the
gradebook, and leaves a page as it is where only its points, comments or penalty have changed.
"""

import os
from pathlib import Path

from nbgrader.apps import api, generatefeedbackapp
from nbgrader.converters import GenerateFeedback, NbGraderException

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.engine.options import Options
from grading.engine.tasks import chosen_students
from grading.grades.gradebook import RunGradebook
from grading.grades.lateness import follow_lateness
from grading.pipeline.feedback import generate_feedback, outdated
from grading.sandbox.bubblewrap import SandboxError


class WorkerFeedback(GenerateFeedback):
    """Render the chosen pages that are missing or old in workers; with `force`, all of them."""

    def start(self) -> None:
        """Make them; raise `NbGraderException`, with every reason in the log, if any is left."""
        try:
            failures = self._make()
        except (CourseError, SandboxError) as error:
            failures = [str(error)]
        for failure in failures:
            self.log.error(failure)
        if failures:
            raise NbGraderException(failures[0])

    def _make(self) -> list[str]:
        course = Course(Path(self.coursedir.root).resolve())
        config = self.config.copy()
        config.CourseDirectory.root = str(course.root)
        config.CourseDirectory.db_url = self.coursedir.db_url
        assignment, pattern = self.coursedir.assignment_id, self.coursedir.student_id
        course.assignment(assignment)
        excluded = Options.of(config).excluded
        students = chosen_students(course, pattern) - excluded
        graded = {name for name in students if course.autograded(name, assignment).is_dir()}
        if not graded:
            wanted = course.autograded(pattern, assignment).relative_to(course.root)
            raise CourseError(f"No graded submissions were matched by '{wanted}'.")

        def is_meant(whose: tuple[str, str]) -> bool:
            return whose[0] in graded and whose[1] == assignment

        with RunGradebook(self.coursedir.db_url) as gradebook:
            failures = follow_lateness(gradebook, config, is_meant)
        pages = outdated(course, self.coursedir.db_url, assignment, graded, self.force)
        if not pages:
            self.log.info("No page is missing or old; --force makes them again")
        return failures + generate_feedback(
            course, config, pages, self.log.info, os.cpu_count() or 1
        )


def install() -> None:
    """Put our converter where nbgrader's applications look for theirs."""
    for application in (generatefeedbackapp, api):
        application.GenerateFeedback = WorkerFeedback
