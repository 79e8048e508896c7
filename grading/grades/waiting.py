"""What waits for a person, by student."""

from nbgrader.api import Assignment, Grade, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import func, select

from grading.grades.gradebook import RunGradebook


def waiting_answers(gradebook: RunGradebook, assignment: str) -> dict[str, int]:
    """Return how many cells of an assignment wait for a person, of each student with any."""
    query = (
        select(SubmittedAssignment.student_id, func.count(Grade.id))
        .join(SubmittedAssignment.assignment)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .where(Assignment.name == assignment, Grade.needs_manual_grade)
        .group_by(SubmittedAssignment.student_id)
    )
    with gradebook.reading() as session:
        return dict(iter(session.execute(query)))
