"""Autograde many submissions in parallel: the one way to a grade.

`make autograde`, `nbgrader autograde`, Formgrader's button and the hub's worker all call
`autograde` with the tasks of `grading.engine.tasks`. This process is the coordinator: it owns the
gradebook and reads no student bytes; workers do, and can be killed.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, as_completed
from pathlib import Path
from typing import Any

from traitlets.config import Config

from grading.course.errors import CourseError, NotReleased
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.engine.cluster import DaskPool
from grading.engine.lock import only_grader
from grading.engine.messages import Graded
from grading.engine.options import Options
from grading.engine.pool import LocalPool, Pool
from grading.engine.save import save
from grading.engine.slot import WorkerDown
from grading.engine.tasks import Task, graded_stamp
from grading.engine.work import finish
from grading.grades.gradebook import Received, is_released, mark_pending, unknown_students
from grading.grades.graded import settle
from grading.grades.kit import Kit
from grading.sandbox.bubblewrap import SandboxError
from grading.submission.files import read_timestamp

Progress = Callable[[str], None]


def autograde(
    course: Course, config: Config, tasks: list[Task], workers: int, report: Progress
) -> list[str]:
    """Grade the tasks; return a line for each that could not be graded.

    Whatever one submission does, the others are graded. Raises `SandboxError` when nothing can
    be: nothing runs without the sandbox; `NotReleased` for an assignment that never was; and
    `AlreadyGrading` while another run owns the gradebook.
    """
    options = Options.of(config)
    with only_grader(course) as folder:
        kits = _prepare(course, options, {task.assignment for task in tasks})
        tasks, failures = _of_known_students(options, tasks)
        for task in tasks:
            graded_stamp(course, task.student, task.assignment).remove()
        mark_pending(options.db_url, [_received(course, task) for task in tasks])
        with open_pool(options, min(workers, len(tasks)), folder) as pool:
            run = _Run(course, config, options, kits, pool, report)
            run.grade_all(tasks)
    return failures + run.failures


def open_pool(options: Options, workers: int, folder: Path | None = None) -> Pool:
    """Return the places of a run: on the course's cluster, or so many workers on this machine.

    What workers here write lies in `folder`.
    """
    if options.workers.scheduler:
        return DaskPool(options.workers.scheduler, options.workers)
    return LocalPool(workers, options.workers, folder)


class _Run:
    """One run: its submissions on their way from the pool into the gradebook."""

    def __init__(
        self,
        course: Course,
        config: Config,
        options: Options,
        kits: dict[str, Kit],
        pool: Pool,
        report: Progress,
    ) -> None:
        self._course, self._config, self._options = course, config, options
        self._kits, self._pool, self._report = kits, pool, report
        self.failures: list[str] = []

    def grade_all(self, tasks: list[Task]) -> None:
        """Grade the tasks side by side, then each that took a worker down once more, alone."""
        how = {"execute": self._options.execute}
        for task in self._grade(tasks, how):
            for again, down in self._grade([task], how).items():
                self._settle(again, down)

    def _grade(self, tasks: Iterable[Task], how: dict[str, Any]) -> dict[Task, WorkerDown]:
        """Return those that took their workers down; all others are dealt with."""
        running = {self._submit(task, how): task for task in tasks}
        down: dict[Task, WorkerDown] = {}
        for future in as_completed(running):
            task = running.pop(future)
            try:
                self._save(task, future.result())
            except WorkerDown as error:
                down[task] = error
            except SandboxError:
                self._pool.stop()
                raise
            except Exception as error:
                self._failed(task, error)
        return down

    def _settle(self, task: Task, down: WorkerDown) -> None:
        """Give a submission that cannot be graded what it had earned, and say why."""
        kit = self._kits[task.assignment]
        note = f"This notebook could not be graded to its end: {down}. What it had earned counts."
        instead = {"earned": down.earned, "note": note}
        for _ in self._grade([task], {"instead": instead}):
            self._save(task, finish(settle(kit.notebook, [note], down.earned)))

    def _submit(self, task: Task, how: dict[str, Any]) -> Future[Graded]:
        folder = self._course.submitted(task.student, task.assignment)
        return self._pool.submit(self._kits[task.assignment], folder, how)

    def _save(self, task: Task, graded: Graded) -> None:
        try:
            save(self._course, self._config, self._options, task, graded)
        except CourseError:
            raise
        except Exception as error:
            self._failed(task, error)
        else:
            self._report(f"{task.student} {task.assignment}")

    def _failed(self, task: Task, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        self.failures.append(f"{task.student} {task.assignment}: {reason}")
        self._report(f"{task.student} {task.assignment}")


def _prepare(course: Course, options: Options, assignments: set[str]) -> dict[str, Kit]:
    kits = {}
    for assignment in sorted(assignments):
        released = ReleasedNotebook(course, assignment)
        if not is_released(options.db_url, assignment):
            raise NotReleased(
                f"The gradebook does not know {assignment}: run `make release A={assignment}`, or "
                f"`nbgrader generate_assignment {assignment} --force`."
            )
        kits[assignment] = Kit.of(course, released, options.sandbox, options.execute)
    return kits


def _of_known_students(options: Options, tasks: list[Task]) -> tuple[list[Task], list[str]]:
    if options.create_students:
        return tasks, []
    unknown = unknown_students(options.db_url, {task.student for task in tasks})
    failures = [
        f"{task.student} {task.assignment}: No student with ID '{task.student}' exists in the "
        "database"
        for task in tasks
        if task.student in unknown
    ]
    return [task for task in tasks if task.student not in unknown], failures


def _received(course: Course, task: Task) -> Received:
    folder = course.submitted(task.student, task.assignment)
    return Received(task.student, task.assignment, read_timestamp(folder))
