"""Make the feedback of every graded submission that has none, or old one."""

from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context

from nbgrader.apps import NbGraderAPI

from grading.course.layout import Course
from grading.course.stamp import Stamp, fingerprint
from grading.engine.autograde import Progress
from grading.grades.gradebook import RunGradebook

_api: NbGraderAPI


@dataclass(frozen=True)
class Page:
    """One submission's feedback that is to be made, and the fingerprint of what it tells."""

    student: str
    assignment: str
    made_from: str


def outdated(course: Course, db_url: str, assignment: str | None = None) -> list[Page]:
    """Return the feedback that is missing, or tells other grades or comments than there are."""
    pages = []
    with RunGradebook(db_url) as gradebook:
        for student, name in course.submissions(assignment):
            graded = course.autograded(student, name) / f"{name}.ipynb"
            if graded.exists():
                made_from = fingerprint(graded, gradebook.told_of(student, name))
                if not _stamp(course, student, name).holds(made_from):
                    pages.append(Page(student, name, made_from))
    return pages


def generate_feedback(
    course: Course, api: NbGraderAPI, pages: list[Page], report: Progress, workers: int = 1
) -> list[str]:
    """Run `nbgrader generate_feedback` for each; return a line for each that failed.

    Pages only read the gradebook, so several processes, forks of this one, can write them.
    """
    failures = []
    with _executor(api, workers) as pool:
        running = {pool.submit(_generate, page.student, page.assignment): page for page in pages}
        for future in as_completed(running):
            page = running[future]
            if reason := future.result():
                failures.append(f"{page.student} {page.assignment}: no feedback: {reason}")
            else:
                _stamp(course, page.student, page.assignment).put(page.made_from)
            report(f"{page.student} {page.assignment}")
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


def _stamp(course: Course, student: str, assignment: str) -> Stamp:
    return Stamp(course.root, course.feedback(student, assignment) / f"{assignment}.html")
