"""Autograde many submissions in parallel: the one way to a grade.

`make autograde`, `nbgrader autograde`, Formgrader's button and the hub's worker all call
`autograde` with the tasks of `grading.engine.tasks`.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

from traitlets.config import Config

from grading.checks.answer_key import answer_key
from grading.course.errors import NotReleased
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.engine.lock import only_grader
from grading.engine.options import Options
from grading.engine.save import save
from grading.engine.tasks import Task, graded_stamp
from grading.grades.database import GradebookError
from grading.grades.grade import grade_submission
from grading.grades.gradebook import Received, RunGradebook
from grading.grades.graded import GradedNotebook
from grading.grades.received import not_released
from grading.grades.releases import is_released
from grading.sandbox.bubblewrap import SandboxError
from grading.submission.files import read_timestamp

Progress = Callable[[str], None]


def autograde(
    course: Course, config: Config, tasks: list[Task], workers: int, report: Progress
) -> list[str]:
    """Grade the tasks; return a line for each that could not be graded.

    Whatever one submission does, the others are graded. Raises `SandboxError` when nothing can
    be: nothing runs without the sandbox; `GradebookError` when nothing can be written;
    `NotReleased` for an assignment that never was; and `AlreadyGrading` while another run owns the
    gradebook.
    """
    options = Options.of(config)
    with only_grader(course), RunGradebook(options.db_url) as gradebook:
        _prepare(course, options, gradebook, {task.assignment for task in tasks})
        tasks, failures = _of_known_students(options, gradebook, tasks)
        for task in tasks:
            graded_stamp(course, task.student, task.assignment).remove()
        gradebook.mark_pending([_received(course, task) for task in tasks])
        with ThreadPoolExecutor(max(workers, 1)) as pool:
            running = {pool.submit(_grade, course, task, options): task for task in tasks}
            failures += _finish_all(pool, running, course, config, gradebook, report)
    return failures


def _prepare(
    course: Course, options: Options, gradebook: RunGradebook, assignments: set[str]
) -> None:
    for assignment in sorted(assignments):
        released = ReleasedNotebook(course, assignment)
        if not is_released(gradebook, released):
            raise NotReleased(not_released(assignment))
        if options.execute:
            answer_key(course, released, options.sandbox)


def _of_known_students(
    options: Options, gradebook: RunGradebook, tasks: list[Task]
) -> tuple[list[Task], list[str]]:
    if options.create_students:
        return tasks, []
    unknown = gradebook.unknown_students({task.student for task in tasks})
    failures = [
        f"{task.student} {task.assignment}: No student with ID '{task.student}' exists in the "
        "database"
        for task in tasks
        if task.student in unknown
    ]
    return [task for task in tasks if task.student not in unknown], failures


def _grade(course: Course, task: Task, options: Options) -> GradedNotebook:
    released = ReleasedNotebook(course, task.assignment)
    folder = course.submitted(task.student, task.assignment)
    return grade_submission(course, released, folder, options.sandbox, options.execute)


def _finish_all(
    pool: ThreadPoolExecutor,
    running: dict[Future[GradedNotebook], Task],
    course: Course,
    config: Config,
    gradebook: RunGradebook,
    report: Progress,
) -> list[str]:
    failures = []
    for future in as_completed(running):
        task = running[future]
        try:
            save(course, config, task, future.result(), gradebook)
        except (SandboxError, GradebookError):
            pool.shutdown(cancel_futures=True)
            raise
        except Exception as error:
            failures.append(f"{task.student} {task.assignment}: {type(error).__name__}: {error}")
        report(f"{task.student} {task.assignment}")
    return failures


def _received(course: Course, task: Task) -> Received:
    folder = course.submitted(task.student, task.assignment)
    return Received(task.student, task.assignment, read_timestamp(folder))
