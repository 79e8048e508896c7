"""Tell submissions that nobody has graded from those that earned nothing."""

from nbgrader.api import Assignment, Grade, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import func, select

from grading.grades.gradebook import RunGradebook


def never_graded(gradebook: RunGradebook) -> set[tuple[str, str]]:
    """Return by student and assignment the submissions of which no cell has anybody's score."""
    scores = func.count(Grade.auto_score) + func.count(Grade.manual_score)
    query = (
        select(SubmittedAssignment.student_id, Assignment.name)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .outerjoin(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .outerjoin(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .group_by(SubmittedAssignment.student_id, Assignment.name)
        .having(scores == 0)
    )
    with gradebook.reading() as session:
        return {(student, name) for student, name in session.execute(query)}
