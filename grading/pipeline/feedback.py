"""Make the feedback of every graded submission that has none, or old one."""

from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from multiprocessing import get_context

from nbgrader.apps import NbGraderAPI

from grading.course import Course
from grading.pipeline.autograde import Progress

_api: NbGraderAPI


def outdated(course: Course) -> list[tuple[str, str]]:
    """Return (student, assignment) of graded submissions whose feedback is missing or older."""
    return [
        (student, assignment)
        for student, assignment in course.submissions()
        if _graded_at(course, student, assignment) > _told_at(course, student, assignment)
    ]


def generate_feedback(
    api: NbGraderAPI, submissions: list[tuple[str, str]], report: Progress, workers: int = 1
) -> list[str]:
    """Run `nbgrader generate_feedback` for each; return a line for each that failed.

    Pages only read the gradebook, so several processes, forks of this one, can write them.
    """
    failures = []
    with _executor(api, workers) as pool:
        running = {pool.submit(_generate, *place): place for place in submissions}
        for future in as_completed(running):
            student, assignment = running[future]
            if reason := future.result():
                failures.append(f"{student} {assignment}: no feedback: {reason}")
            report(f"{student} {assignment}")
    return failures


def _executor(api: NbGraderAPI, workers: int) -> Executor:
    if workers == 1:
        return ThreadPoolExecutor(1, initializer=_use, initargs=(api,))
    return ProcessPoolExecutor(workers, get_context("fork"), initializer=_use, initargs=(api,))


def _use(api: NbGraderAPI) -> None:
    global _api
    _api = api


def _generate(student: str, assignment: str) -> str | None:
    answer = _api.generate_feedback(assignment, student, force=True)
    if answer["success"]:
        return None
    return (answer.get("error") or "unknown").strip().split("\n")[-1]


def _graded_at(course: Course, student: str, assignment: str) -> float:
    file = course.autograded(student, assignment) / f"{assignment}.ipynb"
    return file.stat().st_mtime if file.exists() else 0.0


def _told_at(course: Course, student: str, assignment: str) -> float:
    file = course.feedback(student, assignment) / f"{assignment}.html"
    return file.stat().st_mtime if file.exists() else 0.0
