"""Make the feedback of every graded submission that has none, or old one."""

import json
import shutil
from collections import defaultdict
from collections.abc import Container, Iterable
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from grading.course.files import write_whole
from grading.course.layout import Course
from grading.course.stamp import Stamp, fingerprint
from grading.engine.autograde import open_pool
from grading.engine.earlier import folder_of
from grading.engine.options import Options
from grading.grades.gradebook import RunGradebook
from grading.grades.late_rule import late_rule
from grading.grades.told import Told, told_of_all
from grading.report.feedback_index import Result, feedback_index
from grading.report.progress import Progress

INDEX = "index.html"
LAST_SHOWN = "Its work is no longer kept: below stands that of the last attempt."


@dataclass(frozen=True)
class Page:
    """One submission's feedback that is to be made, and the fingerprint of what it tells."""

    student: str
    assignment: str
    told: Told
    made_from: str


def outdated(
    course: Course,
    db_url: str,
    assignment: str | None = None,
    students: Container[str] | None = None,
    force: bool = False,
) -> list[Page]:
    """Return the feedback that is missing, or tells other grades or comments than there are.

    It is that of one assignment or all, of some students or all; with `force`, also what holds.
    """
    told: dict[str, dict[str, Told]] = {}
    pages = []
    with RunGradebook(db_url) as gradebook:
        for student, name in course.submissions(assignment):
            graded = course.autograded(student, name) / f"{name}.ipynb"
            if not graded.exists() or not (students is None or student in students):
                continue
            if name not in told:
                told[name] = told_of_all(gradebook, name)
            if (theirs := told[name].get(student)) is not None:
                graded = _notebook(course, student, name, theirs)
                if theirs.made_from and graded.parent == course.autograded(student, name):
                    theirs = replace(theirs, attempt=f"{theirs.attempt} {LAST_SHOWN}")
                made_from = fingerprint(graded, theirs.text())
                if force or not _stamp(course, student, name).holds(made_from):
                    pages.append(Page(student, name, theirs, made_from))
    return pages


def generate_feedback(
    course: Course, config: Config, pages: list[Page], report: Progress, workers: int = 1
) -> list[str]:
    """Render the pages in workers and write them; return a line for each that failed.

    They are what `nbgrader generate_feedback` writes: the page, and the other graded files.
    """
    failures = []
    settings, rule = dict(config.HTMLExporter), late_rule(config)
    permissions = GenerateFeedback(CourseDirectory(config=config), config=config).permissions
    with open_pool(Options.of(config), min(workers, len(pages))) as pool:
        running = {}
        for page in pages:
            request: dict[str, Any] = {"do": "feedback page", "name": page.assignment}
            request |= {"told": json.loads(page.told.text()), "settings": settings, "rule": rule}
            running[pool.submit_page(request, _graded_of(course, page))] = page
        for future in as_completed(running):
            page = running[future]
            try:
                _write(course, page, future.result(), int(str(permissions), 8))
            except Exception as error:
                failures.append(f"{page.student} {page.assignment}: no feedback: {error}")
            report(f"{page.student} {page.assignment}")
    return failures


def write_indexes(course: Course, db_url: str, students: Container[str] | None = None) -> int:
    """Write a page that leads to all their feedback for each of the students who have any.

    Return how many have changed.
    """
    titles = {one.name: one.title for one in course.read_assignments()}
    told: dict[str, dict[str, Told]] = {}
    results: dict[str, list[Result]] = defaultdict(list)
    with RunGradebook(db_url) as gradebook:
        for student, name in course.submissions(None):
            page = course.feedback(student, name) / f"{name}.html"
            if not page.is_file() or not (students is None or student in students):
                continue
            if name not in told:
                told[name] = told_of_all(gradebook, name)
            if (theirs := told[name].get(student)) is not None:
                results[student].append(Result(titles.get(name, name), name, theirs))
    changed = 0
    for student, theirs_all in results.items():
        file = course.root / "feedback" / student / INDEX
        order = sorted(theirs_all, key=lambda one: one.assignment)
        text = feedback_index(student, order)
        if not file.is_file() or file.read_text() != text:
            write_whole(file, text)
            changed += 1
    return changed


def _write(course: Course, page: Page, html: bytes, permissions: int) -> None:
    """Put the page, and the student's other graded files, in the place of the old ones."""
    target = course.feedback(page.student, page.assignment)
    fresh = target.with_name(f".{target.name}")
    shutil.rmtree(fresh, ignore_errors=True)
    graded = _graded_of(course, page).parent
    shutil.copytree(graded, fresh, ignore=shutil.ignore_patterns("*.ipynb"))
    (fresh / f"{page.assignment}.html").write_bytes(html)
    for file in _files(fresh):
        file.chmod(permissions)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    _stamp(course, page.student, page.assignment).put(page.made_from)


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _graded_of(course: Course, page: Page) -> Path:
    return _notebook(course, page.student, page.assignment, page.told)


def _notebook(course: Course, student: str, assignment: str, told: Told) -> Path:
    """Return the graded notebook of the attempt that counts; the last one's if it is not kept."""
    graded = course.autograded(student, assignment)
    if told.made_from:
        kept = folder_of(course, student, assignment, told.made_from)
        graded = kept if kept.is_dir() else graded
    return graded / f"{assignment}.ipynb"


def _stamp(course: Course, student: str, assignment: str) -> Stamp:
    return Stamp(course.root, course.feedback(student, assignment) / f"{assignment}.html")
