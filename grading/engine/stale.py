"""Which grades are of yesterday's tests: seen from the gradebook, reading no submission."""

from traitlets.config import Config

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.engine.options import Options
from grading.engine.tasks import graded_by_today
from grading.grades.gradebook import RunGradebook

Whose = tuple[str, str]
"""A student and an assignment."""


def stale_grades(course: Course, config: Config) -> frozenset[Whose]:
    """Return whose grades were given by other tests, points or limits than those of today.

    What was graded before that was noted is not among them, nor is what is not released.
    """
    options = Options.of(config)
    with RunGradebook(options.db_url) as gradebook:
        bases = gradebook.basis()
    today: dict[str, str] = {}
    for name in sorted({name for _, name in bases}):
        try:
            today[name] = graded_by_today(course, ReleasedNotebook(course, name), options)
        except CourseError:
            continue
    return frozenset(
        whose
        for whose, (basis, _) in bases.items()
        if basis.graded_by and today.get(whose[1], basis.graded_by) != basis.graded_by
    )
