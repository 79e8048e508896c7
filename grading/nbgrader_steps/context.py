"""What a step in one of nbgrader's pipelines needs to know: the course and the assignment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.preprocessors import NbGraderPreprocessor

from grading.course.layout import Course
from grading.course.released import ReleasedNotebook


@dataclass(frozen=True)
class Context:
    """Where in the course a step is working."""

    course: Course
    assignment: str

    @property
    def released(self) -> ReleasedNotebook:
        """Return the kept original of the assignment's notebook."""
        return ReleasedNotebook(self.course, self.assignment)


def context_of(step: NbGraderPreprocessor, resources: dict[str, Any]) -> Context:
    """Read the context from a step's converter and nbgrader's resources."""
    coursedir = step.parent.parent.coursedir
    return Context(Course(Path(coursedir.root)), resources["nbgrader"]["assignment"])
