"""Write what a notebook earned into nbgrader's gradebook, all or nothing, and read it back."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from nbgrader.api import Gradebook, MissingEntry
from traitlets.config import Config

from grading.grades.graded import GradedNotebook
from grading.grades.penalties import late_penalty


class Received(NamedTuple):
    """A submission, and when it was made (UTC) where that is known."""

    student: str
    assignment: str
    timestamp: datetime | None


def mark_pending(db_url: str, submissions: Iterable[Received]) -> None:
    """Record submissions and take back their automatic scores until they are graded again."""
    with Gradebook(db_url) as gradebook:
        for student, assignment, timestamp in submissions:
            gradebook.update_or_create_student(student)
            submission = gradebook.update_or_create_submission(
                assignment, student, timestamp=timestamp
            )
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    grade.auto_score = None
                    grade.needs_manual_grade = True
                notebook.late_submission_penalty = None
        gradebook.db.commit()


def save_grades(
    db_url: str, student: str, assignment: str, graded: GradedNotebook, config: Config
) -> float:
    """Write every score, comment and late penalty of one notebook in a single transaction.

    Return the notebook's score after the penalty.
    """
    with Gradebook(db_url) as gradebook:
        entry = gradebook.find_submission_notebook(assignment, assignment, student)
        for grade in entry.grades:
            score = graded.scores.get(grade.cell.name)
            grade.auto_score = score
            waits = score is None or grade.cell.name in graded.waits
            grade.needs_manual_grade = waits or grade.manual_score is not None
        for comment in entry.comments:
            comment.auto_comment = graded.comments.get(comment.cell.name)
        gradebook.db.flush()
        seconds_late = gradebook.find_submission(assignment, student).total_seconds_late
        gradebook.db.refresh(entry)
        entry.late_submission_penalty = late_penalty(student, entry, seconds_late, config)
        score = float(entry.score) - (entry.late_submission_penalty or 0.0)
        gradebook.db.commit()
    return score


def unknown_students(db_url: str, students: Iterable[str]) -> set[str]:
    """Return those who are not in the gradebook."""
    with Gradebook(db_url) as gradebook:
        return set(students) - {student.id for student in gradebook.students}


def is_released(db_url: str, assignment: str) -> bool:
    """Return whether the gradebook knows an assignment."""
    with Gradebook(db_url) as gradebook:
        try:
            gradebook.find_assignment(assignment)
        except MissingEntry:
            return False
        return True


def told_of(db_url: str, student: str, assignment: str) -> str:
    """Return all that the gradebook tells a student of a submission, as one text."""
    with Gradebook(db_url) as gradebook:
        try:
            submission = gradebook.find_submission(assignment, student)
        except MissingEntry:
            return ""
        lines = [
            f"{grade.name} {grade.score} {grade.needs_manual_grade} {grade.extra_credit}"
            for notebook in submission.notebooks
            for grade in notebook.grades
        ]
        lines += [
            f"{comment.name} {comment.comment}"
            for notebook in submission.notebooks
            for comment in notebook.comments
        ]
        lines += [str(notebook.late_submission_penalty) for notebook in submission.notebooks]
        return "\n".join(sorted(lines))
