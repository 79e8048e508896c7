"""Read a gradebook, to compare what two ways of grading have written."""

from nbgrader.api import Gradebook

from grading.course.layout import Course


def db_url_of(course: Course) -> str:
    """Return the address of the gradebook that nbgrader makes where nothing else is said."""
    return f"sqlite:///{course.root / 'gradebook.db'}"


Grades = dict[str, dict[str, tuple[float | None, float | None, bool]]]


def gradebook_rows(course: Course, assignment: str) -> Grades:
    """Return by student and cell: automatic score, manual score, whether a person must grade."""
    with Gradebook(db_url_of(course)) as gradebook:
        return {
            submission.student.id: {
                grade.cell.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gradebook.find_assignment(assignment).submissions
        }


def gradebook_frame(course: Course, assignment: str) -> dict[str, float]:
    """Return the greatest score of every cell: what no submission may change."""
    with Gradebook(db_url_of(course)) as gradebook:
        return {
            cell.name: float(cell.max_score)
            for notebook in gradebook.find_assignment(assignment).notebooks
            for cell in notebook.grade_cells
        }
