"""Collect grades and check outcomes as tables."""

import json

import pandas as pd
from nbgrader.api import Grade, Gradebook, SubmittedAssignment

from grading.course.cells import NOTE
from grading.course.layout import Course


def grades_table(db_url: str) -> pd.DataFrame:
    """Return one row a submission: scores, what waits for a person, lateness.

    `to_confirm` are those whose automatic points are only proposed, `not_graded` the points for
    which there is no score yet; where that is all of them, there is no score at all.
    """
    with Gradebook(db_url) as gradebook:
        rows = [
            {
                "student": submission.student.id,
                "assignment": submission.assignment.name,
                "score": _score(submission),
                "max_score": submission.max_score,
                "late_seconds": submission.total_seconds_late,
                "late_penalty": _penalty(submission),
                "needs_manual_grade": submission.needs_manual_grade,
                "to_confirm": _is_proposed(submission),
                "not_graded": sum(float(grade.max_score) for grade in _without_score(submission)),
            }
            for assignment in gradebook.assignments
            for submission in assignment.submissions
        ]
    columns = ["student", "assignment", "score", "max_score", "late_seconds", "late_penalty"]
    table = pd.DataFrame(rows, columns=[*columns, "needs_manual_grade", "to_confirm", "not_graded"])
    return table.sort_values(["student", "assignment"], ignore_index=True)


def checks_table(course: Course) -> pd.DataFrame:
    """Return one row a check of every graded submission: whether it held, and why not."""
    rows = []
    for student, assignment in course.submissions():
        file = course.autograded(student, assignment) / f"{assignment}.ipynb"
        if not file.exists():
            continue
        notebook = json.loads(file.read_text())
        run = notebook["metadata"].get(NOTE, {})
        for cell in notebook["cells"]:
            for check in cell["metadata"].get(NOTE, {}).get("checks", []):
                place = {"student": student, "assignment": assignment}
                name = cell["metadata"]["nbgrader"]["grade_id"]
                state = {"sealed": run.get("sealed"), "ended": run.get("ended")}
                rows.append(place | {"cell": name, "check": check["name"]} | check | state)
    columns = ["student", "assignment", "cell", "check", "passed", "hint", "sealed", "ended"]
    return pd.DataFrame(rows, columns=columns)


def _penalty(submission: SubmittedAssignment) -> float:
    return sum(float(notebook.late_submission_penalty or 0) for notebook in submission.notebooks)


def _score(submission: SubmittedAssignment) -> float | None:
    grades = sum(len(notebook.grades) for notebook in submission.notebooks)
    if grades and len(_without_score(submission)) == grades:
        return None
    return round(float(submission.score) - _penalty(submission), 4)


def _without_score(submission: SubmittedAssignment) -> list[Grade]:
    return [
        grade
        for notebook in submission.notebooks
        for grade in notebook.grades
        if grade.auto_score is None and grade.manual_score is None
    ]


def _is_proposed(submission: SubmittedAssignment) -> bool:
    """Return whether points of a test were given and nobody has confirmed them yet."""
    return any(
        grade.needs_manual_grade and grade.auto_score is not None and grade.manual_score is None
        for notebook in submission.notebooks
        for grade in notebook.grades
    )
