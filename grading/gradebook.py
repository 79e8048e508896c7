"""Write what a notebook earned into nbgrader's gradebook, all or nothing."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from nbgrader.api import Gradebook, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import Config

from grading.verdict import Verdict


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


def save_verdict(
    db_url: str,
    student: str,
    assignment: str,
    notebook: str,
    verdict: Verdict,
    config: Config,
) -> float:
    """Write every score, comment and late penalty of one notebook in a single transaction.

    Return the notebook's score after the penalty.
    """
    with Gradebook(db_url) as gradebook:
        entry = gradebook.find_submission_notebook(notebook, assignment, student)
        for grade in entry.grades:
            score = verdict.scores.get(grade.cell.name, 0.0)
            grade.auto_score = score
            grade.needs_manual_grade = score is None or grade.manual_score is not None
        for comment in entry.comments:
            comment.auto_comment = verdict.comments.get(comment.cell.name)
        gradebook.db.flush()
        late = gradebook.find_submission(assignment, student).total_seconds_late
        gradebook.db.refresh(entry)
        entry.late_submission_penalty = _penalty(student, entry, late, config)
        score = float(entry.score) - (entry.late_submission_penalty or 0.0)
        gradebook.db.commit()
    return score


def _penalty(student: str, entry: SubmittedNotebook, late: float, config: Config) -> float | None:
    if late <= 0:
        return None
    policy = AssignLatePenalties(config=config)
    policy.init_plugin()
    penalty = policy.plugin_inst.late_submission_penalty(student, entry.score, late)
    return None if penalty is None else policy._check_late_penalty(entry, penalty)
