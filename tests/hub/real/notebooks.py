"""Fill in notebooks as students would, and read what was graded."""

import sqlite3
from contextlib import closing
from pathlib import Path

import nbformat

MARKS = ("### BEGIN", "### END")
Grades = dict[tuple[str, str], float]


def solutions(course: Path, assignment: str) -> dict[str, str]:
    """Return our own answers by cell, without their marks."""
    source = nbformat.read(course / "source" / assignment / f"{assignment}.ipynb", as_version=4)
    return {
        cell.metadata.nbgrader.grade_id: "\n".join(
            line for line in cell.source.split("\n") if not line.strip().startswith(MARKS)
        )
        for cell in source.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }


def solve(notebook: Path, answers: dict[str, str], leave_out: int = 0) -> None:
    """Write answers into a fetched notebook, all but the last few."""
    content = nbformat.read(notebook, as_version=4)
    given = dict(list(answers.items())[: len(answers) - leave_out])
    for cell in content.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = given.get(name, cell.source)
    notebook.write_text(nbformat.writes(content) + "\n")


def automatic_grades(gradebook: Path) -> Grades:
    """Return every automatic score by student and cell."""
    query = """
        select assignment_student.student_id, base_cell.name, grade.auto_score
        from grade
        join base_cell on base_cell.id = grade.cell_id
        join submitted_notebook on submitted_notebook.id = grade.notebook_id
        join submitted_assignment as assignment_student
          on assignment_student.id = submitted_notebook.assignment_id
        where grade.auto_score is not null
    """
    with closing(sqlite3.connect(gradebook)) as database:
        return {(student, cell): score for student, cell, score in database.execute(query)}
