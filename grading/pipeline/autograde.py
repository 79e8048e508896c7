"""Autograde many submissions: in parallel, and only those that need it."""

import fcntl
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from grading.answer_key import answer_key, dependencies
from grading.box import describe, read_timestamp, submission_box
from grading.course import Course, fingerprint
from grading.grade import grade_submission
from grading.gradebook import Received, mark_pending, save_verdict
from grading.master import Master
from grading.restore import NOTE
from grading.sandbox.settings import Sandbox
from grading.sandbox.wall import SandboxError
from grading.verdict import Verdict

Progress = Callable[[str], None]


class AlreadyGrading(RuntimeError):
    """Another grading run owns the gradebook."""


@dataclass(frozen=True)
class Task:
    """One submission to grade."""

    student: str
    assignment: str
    made_from: str


def pending(course: Course, config: Config, only: str | None = None) -> list[Task]:
    """Return the submissions that are new or changed, or whose tests have changed."""
    keys: dict[str, str] = {}
    tasks = []
    for student, assignment in course.submissions(only):
        if assignment not in keys:
            keys[assignment] = dependencies(course, Master(course, assignment, assignment))
        folder = course.submitted(student, assignment)
        made_from = fingerprint(keys[assignment], _settings_text(config), describe(folder))
        if _graded_from(course, student, assignment) != made_from:
            tasks.append(Task(student, assignment, made_from))
    return tasks


def autograde(
    course: Course, config: Config, tasks: list[Task], workers: int, report: Progress
) -> list[str]:
    """Grade the tasks; return a line for each that could not be graded.

    Whatever one submission does, the others are graded. Raises `SandboxError` when nothing can
    be: nothing runs without the sandbox.
    """
    with _only_grader(course):
        return _autograde(course, config, tasks, workers, report)


def _autograde(
    course: Course, config: Config, tasks: list[Task], workers: int, report: Progress
) -> list[str]:
    settings = Sandbox(config=config)
    for assignment in sorted({task.assignment for task in tasks}):
        answer_key(course, Master(course, assignment, assignment), settings)
    coursedir = CourseDirectory(config=config)
    mark_pending(coursedir.db_url, [_received(course, task) for task in tasks])
    failures: list[str] = []
    with ThreadPoolExecutor(workers) as pool:
        running: dict[Future[Verdict], Task] = {}
        for task in tasks:
            folder = course.submitted(task.student, task.assignment)
            master = Master(course, task.assignment, task.assignment)
            running[pool.submit(grade_submission, course, master, folder, settings)] = task
        for future in as_completed(running):
            task = running[future]
            try:
                _finish(course, coursedir, config, task, future.result())
            except SandboxError:
                pool.shutdown(cancel_futures=True)
                raise
            except Exception as error:
                failures.append(
                    f"{task.student} {task.assignment}: {type(error).__name__}: {error}"
                )
            report(f"{task.student} {task.assignment}")
    return failures


@contextmanager
def _only_grader(course: Course) -> Iterator[None]:
    """Own the gradebook while grading, and clear away what a killed grader left behind."""
    with (course.root / ".grading.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyGrading("Somebody is grading this course; wait until that ends.") from None
        for left in course.root.glob(".grading-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def _received(course: Course, task: Task) -> Received:
    folder = course.submitted(task.student, task.assignment)
    return Received(task.student, task.assignment, read_timestamp(folder))


def _finish(
    course: Course, coursedir: CourseDirectory, config: Config, task: Task, verdict: Verdict
) -> None:
    """Write the grades, then move the finished folder into place whole."""
    verdict.notebook.metadata[NOTE]["made_from"] = task.made_from
    target = course.autograded(task.student, task.assignment)
    target.parent.mkdir(parents=True, exist_ok=True)
    submitted = course.submitted(task.student, task.assignment)
    with tempfile.TemporaryDirectory(dir=course.root, prefix=".grading-") as name:
        fresh = Path(name) / task.assignment
        master = Master(course, task.assignment, task.assignment)
        with submission_box(submitted, master.handout) as (files, _):
            shutil.copytree(files, fresh, ignore=shutil.ignore_patterns("*.ipynb"))
        finished = fresh / f"{task.assignment}.ipynb"
        nbformat.write(verdict.notebook, finished)
        place = (task.student, task.assignment, task.assignment)
        save_verdict(coursedir.db_url, *place, verdict, config)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)


def _graded_from(course: Course, student: str, assignment: str) -> str | None:
    file = course.autograded(student, assignment) / f"{assignment}.ipynb"
    if not file.exists():
        return None
    try:
        return json.loads(file.read_text())["metadata"][NOTE].get("made_from")
    except (ValueError, KeyError):
        return None


def _settings_text(config: Config) -> str:
    return json.dumps(config.get("Sandbox", {}), sort_keys=True, default=str)
