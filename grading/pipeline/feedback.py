"""Make the feedback of every graded submission that has none, or old one."""

from nbgrader.apps import NbGraderAPI

from grading.course import Course
from grading.pipeline.autograde import Progress


def outdated(course: Course) -> list[tuple[str, str]]:
    """Return (student, assignment) of graded submissions whose feedback is missing or older."""
    return [
        (student, assignment)
        for student, assignment in course.submissions()
        if _graded_at(course, student, assignment) > _told_at(course, student, assignment)
    ]


def generate_feedback(
    api: NbGraderAPI, submissions: list[tuple[str, str]], report: Progress
) -> list[str]:
    """Run `nbgrader generate_feedback` for each; return a line for each that failed."""
    failures = []
    for student, assignment in submissions:
        answer = api.generate_feedback(assignment, student, force=True)
        if not answer["success"]:
            last = (answer.get("error") or "unknown").strip().split("\n")[-1]
            failures.append(f"{student} {assignment}: no feedback: {last}")
        report(f"{student} {assignment}")
    return failures


def _graded_at(course: Course, student: str, assignment: str) -> float:
    file = course.autograded(student, assignment) / f"{assignment}.ipynb"
    return file.stat().st_mtime if file.exists() else 0.0


def _told_at(course: Course, student: str, assignment: str) -> float:
    file = course.feedback(student, assignment) / f"{assignment}.html"
    return file.stat().st_mtime if file.exists() else 0.0
