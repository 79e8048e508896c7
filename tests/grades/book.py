"""A gradebook without a course around it: two tests, a written answer, a task, a stub."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from nbformat.v4 import new_notebook
from nbgrader.api import Grade, Gradebook
from traitlets.config import Config

from grading.grades.gradebook import Received, RunGradebook
from grading.grades.graded import GradedNotebook
from grading.grades.saved import Basis
from grading.grades.tables import make_ready
from grading.grades.told import told_of_all

ASSIGNMENT, EARLIER = "02_last", "01_first"
STUDENT = "student-01"
DUE = datetime(2030, 3, 1)
CELLS = ("task", "test-a", "test-b", "think")
FULL = {"test-a": 4.0, "test-b": 2.0, "think": None}


def make_book(url: str) -> None:
    """Write the gradebook of a course with two assignments of the same cells."""
    make_ready(url, "default_course")  # else nbgrader starts alembic, for seconds
    with Gradebook(url) as gradebook:
        for name in (EARLIER, ASSIGNMENT):
            gradebook.add_assignment(name, duedate=DUE)
            gradebook.add_notebook(name, name)
            for cell, points, kind in (("test-a", 4, "code"), ("test-b", 2, "code")):
                gradebook.add_grade_cell(cell, name, name, max_score=points, cell_type=kind)
            gradebook.add_grade_cell("think", name, name, max_score=3, cell_type="markdown")
            gradebook.add_solution_cell("think", name, name)
            gradebook.add_solution_cell("stub", name, name)
            gradebook.add_task_cell("task", name, name, max_score=5, cell_type="markdown")


class Book:
    """A gradebook, and short ways to write and read it as the grader does."""

    def __init__(self, url: str) -> None:
        self.url = url

    @contextmanager
    def run(self) -> Iterator[RunGradebook]:
        """Open the gradebook as a run does."""
        with RunGradebook(self.url) as gradebook:
            yield gradebook

    @contextmanager
    def opened(self) -> Iterator[Gradebook]:
        """Open the gradebook with nbgrader's own interface, and keep what is changed."""
        with Gradebook(self.url) as gradebook:
            yield gradebook
            gradebook.db.commit()

    def receive(
        self, late: timedelta | None = None, student: str = STUDENT, assignment: str = ASSIGNMENT
    ) -> None:
        """Record a submission, made so much after the due date, or nobody knows when."""
        timestamp = None if late is None else DUE + late
        with self.run() as gradebook:
            gradebook.mark_pending([Received(student, assignment, timestamp)])

    def save(
        self,
        scores: dict[str, float | None] | None = None,
        comments: dict[str, str | None] | None = None,
        config: Config | None = None,
        student: str = STUDENT,
        made_from: str = "a submission",
        waits: Collection[str] = (),
        answers: str = "",
        submitted: str = "",
    ) -> float:
        """Write what a notebook earned; `answers` is what all of it was given for.

        `submitted` is the fingerprint of the files that were handed in.
        """
        graded = GradedNotebook(new_notebook(), dict(scores or FULL), dict(comments or {}))
        graded.waits = set(waits)
        graded.answers = dict.fromkeys(CELLS, answers) if answers else {}
        with self.run() as gradebook:
            return gradebook.save_grades(
                *(student, ASSIGNMENT, graded, config or Config()),
                made_from,
                Basis("", submitted),
            )

    def told_of(self, student: str = STUDENT) -> str:
        """Return what the gradebook tells a student."""
        with self.run() as gradebook:
            told = told_of_all(gradebook, ASSIGNMENT).get(student)
        return told.text() if told else ""

    def made_from(self) -> dict[tuple[str, str], str]:
        """Return what the gradebook says that its grades were made from."""
        with self.run() as gradebook:
            return gradebook.made_from()

    def by_hand(self, cell: str, assignment: str = ASSIGNMENT, **values: Any) -> None:
        """Change the grade of a cell, as Formgrader does."""
        with self.opened() as gradebook:
            grade = gradebook.find_grade(cell, assignment, assignment, STUDENT)
            for name, value in values.items():
                setattr(grade, name, value)

    def grades(self, *fields: str, student: str = STUDENT, assignment: str = ASSIGNMENT) -> dict:
        """Return fields of every cell's grade, by cell."""
        with self.opened() as gradebook:
            (notebook,) = gradebook.find_submission(assignment, student).notebooks
            found: list[Grade] = sorted(notebook.grades, key=lambda grade: grade.cell.name)
            values = {grade.cell.name: [getattr(grade, name) for name in fields] for grade in found}
        return {name: row[0] if len(row) == 1 else tuple(row) for name, row in values.items()}

    def comments(self) -> dict[str, str | None]:
        """Return the automatic comment of every cell."""
        with self.opened() as gradebook:
            (notebook,) = gradebook.find_submission(ASSIGNMENT, STUDENT).notebooks
            return {comment.cell.name: comment.auto_comment for comment in notebook.comments}

    def penalty(self) -> float | None:
        """Return what the submission lost by being late."""
        with self.opened() as gradebook:
            (notebook,) = gradebook.find_submission(ASSIGNMENT, STUDENT).notebooks
            return notebook.late_submission_penalty
