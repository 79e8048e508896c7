"""What is left to do for a whole class, and what must be asked before its feedback goes out."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.engine.options import Options
from grading.engine.tasks import chosen_students, survey
from grading.grades.gradebook import RunGradebook
from grading.grades.waiting import waiting_answers
from grading.nbgrader_steps.formgrader.jobs import Target
from grading.nbgrader_steps.release_feedback import NAMED, ReleaseFeedback
from grading.pipeline.feedback import outdated


@dataclass
class Left:
    """Of one assignment: who has handed in, and whom each step would still concern."""

    assignment: str
    handed_in: int = 0
    to_grade: list[str] = field(default_factory=list)
    to_tell: list[str] = field(default_factory=list)
    waiting: int = 0
    why: str = ""

    def row(self) -> dict[str, Any]:
        """Return it in numbers; None for what is not known."""
        to_grade = None if self.why else len(self.to_grade)
        numbers = {"to_grade": to_grade, "to_tell": len(self.to_tell)}
        return asdict(self) | numbers


class ClassLeft:
    """What is left on one course."""

    def __init__(self, course: Course, config: Config) -> None:
        self.course, self.config = course, config
        self.options = Options.of(config)

    def assignments(self, one: str | None = None) -> list[str]:
        """Return the names of one assignment or all; raise `UnknownAssignment` for no name."""
        return self.course.assignments() if one is None else [self.course.assignment(one).name]

    def of(self, assignment: str) -> Left:
        """Look at one assignment; `why` says what keeps it from being graded."""
        left = Left(assignment)
        chosen = chosen_students(self.course, "*") - self.options.excluded
        theirs = [name for name, _ in self.course.submissions(assignment) if name in chosen]
        left.handed_in = len(theirs)
        try:
            left.to_grade = self.to_grade(assignment)
        except CourseError as error:
            left.why = str(error)
        left.to_tell = self.to_tell(assignment)
        with RunGradebook(self.options.db_url) as gradebook:
            left.waiting = len(waiting_answers(gradebook, assignment).keys() & set(theirs))
        return left

    def to_grade(self, assignment: str) -> list[str]:
        """Return the students whose submissions are new or changed."""
        return [task.student for task in survey(self.course, self.config, assignment).tasks]

    def to_tell(self, assignment: str) -> list[str]:
        """Return the students whose feedback is missing or tells other grades than there are."""
        chosen = chosen_students(self.course, "*") - self.options.excluded
        pages = outdated(self.course, self.options.db_url, assignment, chosen)
        return [page.student for page in pages]

    def question(self, assignments: Iterable[str]) -> str:
        """Return what is not ready to be released, in sentences; empty where all is."""
        asked = ((name, self._question(name)) for name in assignments)
        return "\n".join(f"{name}: {question}" for name, question in asked if question)

    def _question(self, assignment: str) -> str:
        left = self.of(assignment)
        coursedir = CourseDirectory(config=self.config)
        coursedir.assignment_id = assignment
        waits = ReleaseFeedback(coursedir=coursedir, config=self.config).question()
        said = (
            waits,
            _named("handed in and not autograded as it is now", left.to_grade),
            _named("feedback missing or older than the grades", left.to_tell),
        )
        return " ".join(sentence for sentence in said if sentence)


def targets(assignment: str, students: Iterable[str]) -> list[Target]:
    """Return what a step is to be carried out on."""
    return [(assignment, student) for student in students]


def _named(what: str, students: list[str]) -> str:
    others = f" and {len(students) - NAMED} more" if len(students) > NAMED else ""
    named = ", ".join(students[:NAMED])
    return f"{what[0].upper()}{what[1:]}: {named}{others}." if students else ""
