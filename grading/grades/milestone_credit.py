"""Give points for milestones that a student's own framework carries, where the course wants so."""

from nbgrader.api import Grade, Gradebook, MissingEntry, SubmittedNotebook
from traitlets import Float
from traitlets.config import Configurable

from grading.checks.milestones import LEAST, Framework
from grading.course.layout import Course


class MilestoneCredit(Configurable):
    """Hold what a milestone is worth; set it in `nbgrader_config.py` as `c.MilestoneCredit.…`."""

    points = Float(
        0,
        min=0,
        help="Extra credit for each milestone (XOR, MLP, CNN) that the framework assembled from a "
        "student's own submissions carries. It is added to the last assignment that is not "
        "optional; 0 gives none.",
    ).tag(config=True)


def give_credit(
    course: Course, db_url: str, frameworks: list[Framework], points: float
) -> list[str]:
    """Write the extra credit into the gradebook, in one transaction; return a line for each change.

    nbgrader keeps extra credit beside the grade of a cell: here, the first test of the last
    assignment that is not optional. Where milestones are worth nothing, nothing is touched.
    """
    if not points:
        return []
    last = [one.name for one in course.read_assignments() if not one.optional][-1]
    changes = []
    with Gradebook(db_url) as gradebook:
        for framework in frameworks:
            try:
                submission = gradebook.find_submission(last, framework.student)
            except MissingEntry:
                continue
            first = _first_test(submission.notebooks[0])
            credit = points * sum(map(framework.carries, LEAST))
            if (first.extra_credit or 0) != credit:
                first.extra_credit = credit
                amount = f"{credit:g} point{'' if credit == 1 else 's'}"
                changes.append(f"{framework.student}: {amount} of extra credit in {last}")
        gradebook.db.commit()
    return changes


def _first_test(notebook: SubmittedNotebook) -> Grade:
    """Return the grade of the first test by name: credit counts only beside a score.

    What a person grades may have none yet; it is what can be commented on.
    """
    commented = {comment.cell.name for comment in notebook.comments}
    return min(notebook.grades, key=lambda grade: (grade.cell.name in commented, grade.cell.name))
