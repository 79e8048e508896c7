"""What every step needs to know: the course, the assignment, the student."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.preprocessors import NbGraderPreprocessor

from grading.course import Course
from grading.master import Master


@dataclass(frozen=True)
class Context:
    """Where in the course a pipeline step is working."""

    course: Course
    student: str
    assignment: str
    notebook: str
    db_url: str

    @property
    def master(self) -> Master:
        """Return the kept original of the notebook."""
        return Master(self.course, self.assignment, self.notebook)


def context_of(step: NbGraderPreprocessor, resources: dict[str, Any]) -> Context:
    """Read the context from a step's converter and nbgrader's resources."""
    coursedir = step.parent.parent.coursedir
    ours = resources["nbgrader"]
    return Context(
        Course(Path(coursedir.root)),
        ours["student"],
        ours["assignment"],
        ours["notebook"],
        ours["db_url"],
    )
