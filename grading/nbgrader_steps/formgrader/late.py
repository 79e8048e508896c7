"""Say in Formgrader's lists of submissions how late each is, its extension counted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment

from grading.course.policies import in_words
from grading.nbgrader_steps.formgrader.gradebook import Answer

TIMESTAMP = "timestamp"
NO_EXTENSION = timedelta(0)


@dataclass(frozen=True)
class Deadlines:
    """Due dates in UTC by assignment, and extensions by student and assignment."""

    due: Mapping[str, datetime]
    extensions: Mapping[tuple[str, str], timedelta]

    @classmethod
    def read(cls, gradebook: Gradebook, assignments: Collection[str]) -> "Deadlines":
        """Read those of some assignments."""
        of_them = Assignment.name.in_(assignments)
        due = gradebook.db.query(Assignment.name, Assignment.duedate).filter(
            of_them, Assignment.duedate.is_not(None)
        )
        extended = (
            gradebook.db.query(
                SubmittedAssignment.student_id, Assignment.name, SubmittedAssignment.extension
            )
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .filter(of_them, SubmittedAssignment.extension.is_not(None))
        )
        return cls(dict(due.all()), {(who, name): longer for who, name, longer in extended})

    def show(self, submissions: list[Answer]) -> list[Answer]:
        """Return submissions, each with how late it is beside the time it was handed in."""
        return [self._shown(one) for one in submissions]

    def _shown(self, one: Answer) -> Answer:
        due = self.due.get(one["name"])
        if due is None or one[TIMESTAMP] is None:
            return one
        extension = self.extensions.get((one["student"], one["name"]), NO_EXTENSION)
        said = lateness(_in_utc(datetime.fromisoformat(one[TIMESTAMP])), due, extension)
        shown = {TIMESTAMP: f"{one['display_timestamp']}, {said}"} if said else {}
        return one | {"instead": one["instead"] | shown}


def lateness(handed_in: datetime, due: datetime, extension: timedelta) -> str:
    """Return how late a submission is, in words; nothing where it came before its due date."""
    if handed_in <= due:
        return ""
    longer = f"extension of {in_words(extension)}" if extension else ""
    if handed_in <= due + extension:
        return f"in time: {longer}"
    late = f"late by {in_words(handed_in - due - extension)}"
    return f"{late}, after an {longer}" if longer else late


def _in_utc(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
