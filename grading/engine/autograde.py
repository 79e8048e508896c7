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
from grading.engine.done import Done, has_failed, was_graded, was_settled
from grading.engine.earlier import keep_earlier
from grading.engine.lock import only_grader
from grading.engine.log import Log
from grading.engine.messages import Graded
from grading.engine.options import Options
from grading.engine.pool import LocalPool, Pool
from grading.engine.rules import rules_text
from grading.engine.save import save, save_timestamp
from grading.engine.slot import GradingFailed, WorkerDown, WorkerNotStarted
from grading.engine.tasks import Task, graded_stamp
from grading.engine.work import finish
from grading.grades.course_policy import policies_of
from grading.grades.enter_policies import enter_policies
from grading.grades.gradebook import Received, RunGradebook
from grading.grades.graded import UNREAD, settle
from grading.grades.kit import Kit
from grading.grades.lateness import AS_RECORDED, Times, follow_lateness
from grading.grades.received import not_released
from grading.grades.releases import is_released
from grading.sandbox.bubblewrap import SandboxError
from grading.sandbox.kernel import KernelNotStarted
from grading.submission.files import read_timestamp

Report = Callable[[Done], None]
Save = Callable[[Task, Graded], None]
LONGEST_NAME = 128  # of a student's id in nbgrader's tables
MISREAD = frozenset('*?#%/\\"`<>')  # as a pattern, or in the addresses and scripts of Formgrader
NO_NAME = (
    "the folder's name can be no student's id: rename it to printable characters, at most "
    f"{LONGEST_NAME} of them, none of {' '.join(sorted(MISREAD))} and no point at the beginning"
)


def autograde(
    course: Course,
    config: Config,
    tasks: list[Task],
    workers: int,
    report: Report,
    up_to_date: Times = AS_RECORDED,
) -> list[str]:
    """Grade the tasks; return a line for each that could not be graded.

    What is `up_to_date` is not graded, but is as late as it is known to be today.
    Whatever one submission does, the others are graded; `report` is told of each as soon as it is
    dealt with, and so is `reports/autograding.jsonl`. Raises `SandboxError` when nothing can
    be: nothing runs without the sandbox; `NotReleased` for an assignment that never was; and
    `AlreadyGrading` while another run owns the gradebook. A run that is interrupted leaves no
    process behind, and the next goes on where it was.
    """
    options = Options.of(config)
    policies_of(config)  # a file that cannot be used stops everything before anything is done
    with only_grader(course) as folder, RunGradebook(options.db_url) as gradebook:
        log = Log(course)

        def tell(done: Done) -> None:
            log.write(done)
            report(done)

        def save_grades(task: Task, graded: Graded) -> None:
            save(course, config, options, gradebook, task, graded, folder)

        kits = prepare(course, options, gradebook, tasks)
        tasks, strangers = _of_known_students(options, gradebook, tasks)
        for stranger in strangers:
            tell(stranger)
        failures = [done.remark for done in strangers]
        if tasks:
            with open_pool(options, min(workers, len(tasks)), folder) as pool:
                for task in tasks:
                    keep_earlier(course, task.student, task.assignment)
                    graded_stamp(course, task.student, task.assignment).remove()
                gradebook.mark_pending([_received(course, task) for task in tasks])
                enter_policies(gradebook, config)
                run = Run(course, options, kits, pool, save_grades, tell)
                run.grade_all(tasks)
                failures += run.failures
        for student, assignment in up_to_date:
            save_timestamp(course, options, student, assignment)
        return failures + follow_lateness(gradebook, config, up_to_date.__contains__, up_to_date)


def open_pool(options: Options, workers: int, folder: Path | None = None) -> Pool:
    """Return the places of a run: on the course's cluster, or so many workers on this machine.

    What workers here write lies in `folder`.
    """
    if options.workers.scheduler:
        return DaskPool(options.workers.scheduler, options.workers)
    return LocalPool(workers, options.workers, folder)


class Run:
    """One run: its submissions on their way from the pool to where they are saved."""

    def __init__(
        self,
        course: Course,
        options: Options,
        kits: dict[str, Kit],
        pool: Pool,
        save: Save,
        report: Report,
    ) -> None:
        self._course, self._options, self._kits = course, options, kits
        self._pool, self._write, self._report = pool, save, report
        self._any_ran = False
        self.failures: list[str] = []

    def grade_all(self, tasks: list[Task]) -> None:
        """Grade the tasks side by side, then each that did not come to an end once more, alone."""
        how = {"execute": self._options.execute}
        for task, first in self._grade(tasks, how, attempt=1).items():
            for again, error in self._grade([task], how, attempt=2).items():
                if isinstance(error, WorkerDown):
                    self._settle(again, error, _best(first, error))
                else:
                    self._failed(again, error, attempt=2)

    def _grade(
        self, tasks: Iterable[Task], how: dict[str, Any], attempt: int
    ) -> dict[Task, Exception]:
        """Return those that may be tried again, with the reason; all others are dealt with."""
        running = {self._submit(task, how): task for task in tasks}
        again: dict[Task, Exception] = {}
        for future in as_completed(running):
            task = running.pop(future)
            try:
                graded = future.result()
            except (WorkerDown, WorkerNotStarted, KernelNotStarted) as error:
                again[task] = error
            except SandboxError as error:
                if not (self._any_ran or any(map(_has_run, running))):
                    self._pool.stop()
                    raise
                again[task] = error
            except Exception as error:
                self._failed(task, error, attempt)
            else:
                self._any_ran = True
                self._save(task, graded, was_graded(task, graded, attempt))
        return again

    def _settle(self, task: Task, down: WorkerDown, earned: dict[str, float]) -> None:
        """Give a submission that cannot be graded what it had earned, and say why."""
        note = f"This notebook could not be graded to its end: {down}. What it had earned counts."
        instead = {"instead": {"earned": earned, "note": note}}
        try:
            graded = self._submit(task, instead).result()
        except (WorkerDown, GradingFailed):  # not even reading it comes to an end
            notes = [note, UNREAD]
            stand_in = settle(self._kits[task.assignment].notebook, notes, earned, read=False)
            graded = finish(stand_in)
        except Exception as error:
            return self._failed(task, error, attempt=2)
        graded.seconds = down.seconds
        self._save(task, graded, was_settled(task, graded, down.code, str(down), attempt=2))

    def _submit(self, task: Task, how: dict[str, Any]) -> Future[Graded]:
        folder = self._course.submitted(task.student, task.assignment)
        return self._pool.submit(self._kits[task.assignment], folder, how)

    def _save(self, task: Task, graded: Graded, done: Done) -> None:
        try:
            self._write(task, graded)
        except CourseError:
            raise
        except Exception as error:
            self._failed(task, error, done.attempt)
        else:
            self._report(done)

    def _failed(self, task: Task, error: Exception, attempt: int) -> None:
        done = has_failed(task, f"{type(error).__name__}: {error}", attempt)
        self.failures.append(done.remark)
        self._report(done)


def _has_run(future: Future[Graded]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _best(first: Exception, last: WorkerDown) -> dict[str, float]:
    """Return what two attempts had earned, of each cell the better."""
    before = first.earned if isinstance(first, WorkerDown) else {}
    return {
        cell: max(before.get(cell, 0.0), last.earned.get(cell, 0.0))
        for cell in before.keys() | last.earned.keys()
    }


def prepare(
    course: Course, options: Options, gradebook: RunGradebook, tasks: Iterable[Task]
) -> dict[str, Kit]:
    """Return what workers need of each assignment, having noted what it is graded by."""
    kits = {}
    graded_by = {task.assignment: task.basis.graded_by for task in tasks}
    for assignment in sorted(graded_by):
        released = ReleasedNotebook(course, assignment)
        if not is_released(gradebook, released):
            raise NotReleased(not_released(assignment))
        kits[assignment] = Kit.of(course, released, options.sandbox, options.execute)
        gradebook.keep_rules(graded_by[assignment], rules_text(course, kits[assignment], released))
    return kits


def _of_known_students(
    options: Options, gradebook: RunGradebook, tasks: list[Task]
) -> tuple[list[Task], list[Done]]:
    students = {task.student for task in tasks}
    unfit = {student for student in students if not _fits(student)}
    unknown = set() if options.create_students else gradebook.unknown_students(students - unfit)
    strangers = [has_failed(task, NO_NAME) for task in tasks if task.student in unfit]
    strangers += [
        has_failed(task, f"No student with ID '{task.student}' exists in the database")
        for task in tasks
        if task.student in unknown
    ]
    return [task for task in tasks if task.student not in unfit | unknown], strangers


def _fits(student: str) -> bool:
    """Return whether the folder's name can be a student's id in the gradebook."""
    fits = student.isprintable() and len(student) <= LONGEST_NAME
    return fits and not student.startswith(".") and not MISREAD & {*student}


def _received(course: Course, task: Task) -> Received:
    folder = course.submitted(task.student, task.assignment)
    return Received(task.student, task.assignment, read_timestamp(folder))
