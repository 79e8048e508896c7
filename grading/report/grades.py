"""Collect grades and check outcomes as tables."""

import pandas as pd

from grading.course.layout import Course
from grading.course.roster import Roster
from grading.grades.class_grades import class_grades
from grading.grades.kept_outcomes import kept_outcomes


def grades_table(db_url: str) -> pd.DataFrame:
    """Return one row a submission: scores, what waits for a person, lateness.

    `to_confirm` are those whose automatic points are only proposed, `not_graded` the points for
    which there is no score yet; where that is all of them, there is no score at all. `attempt` is
    a column where an earlier attempt of anybody counts: which of how many.
    """
    found = class_grades(db_url).submissions
    rows = [
        {
            "student": one.student,
            "assignment": one.assignment,
            "score": one.score,
            "max_score": one.max_score,
            "late_seconds": one.late_seconds,
            "late_penalty": one.late_penalty,
            "needs_manual_grade": one.waiting > 0,
            "to_confirm": one.to_confirm,
            "not_graded": one.not_graded,
            "attempt": one.attempt,
        }
        for one in found
    ]
    columns = ["student", "assignment", "score", "max_score", "late_seconds", "late_penalty"]
    columns += ["needs_manual_grade", "to_confirm", "not_graded"]
    columns += ["attempt"] if any(one.attempt for one in found) else []
    return pd.DataFrame(rows, columns=columns)


def with_everybody(grades: pd.DataFrame, roster: Roster) -> pd.DataFrame:
    """Return the table of a class: everybody of the roster but those who have dropped.

    Whoever has not handed in an assignment has a row without a score. Sections stand in a column,
    if there are any.
    """
    most = grades.groupby("assignment")["max_score"].max()
    there = set(zip(grades["student"], grades["assignment"], strict=True))
    missing = [
        {"student": one.id, "assignment": name, "max_score": points}
        | {"late_seconds": 0.0, "late_penalty": 0.0, "needs_manual_grade": False}
        | {"to_confirm": False, "not_graded": 0.0, "missing": True}
        for one in roster
        for name, points in most.items()
        if (one.id, name) not in there
    ]
    found = grades.assign(missing=False)
    if missing:
        found = pd.concat([found, pd.DataFrame(missing)], ignore_index=True)
    found = found[~found["student"].isin(roster.dropped)]
    found = found.sort_values(["student", "assignment"], ignore_index=True)
    sections = {one.id: one.section for one in roster}
    if any(sections.values()):
        found["section"] = found["student"].map(sections).fillna("")
    return found


def checks_table(course: Course) -> pd.DataFrame:
    """Return one row a check of every graded submission: whether it held, and why not.

    `reached` is what was measured, where something was, and `wanted` the least that holds.
    """
    rows = []
    for student, assignment in course.submissions():
        kept = kept_outcomes(course, student, assignment)
        for one in kept.checks if kept else ():
            place = {"student": student, "assignment": assignment, "cell": one.cell}
            found = {"check": one.name, "passed": one.passed, "hint": one.hint}
            state = {"sealed": kept.sealed, "ended": kept.ended} if kept else {}
            measured = {"reached": one.reached, "wanted": one.wanted}
            rows.append(place | found | state | measured)
    columns = ["student", "assignment", "cell", "check", "passed", "hint", "sealed", "ended"]
    return pd.DataFrame(rows, columns=[*columns, "reached", "wanted"])
