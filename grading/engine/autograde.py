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
from grading.grades.grade import grade_submission
from grading.grades.gradebook import Received, is_released, mark_pending, unknown_students
from grading.grades.graded import GradedNotebook
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
    with only_grader(course):
        _prepare(course, options, {task.assignment for task in tasks})
        tasks, failures = _of_known_students(options, tasks)
        for task in tasks:
            graded_stamp(course, task.student, task.assignment).remove()
        mark_pending(options.db_url, [_received(course, task) for task in tasks])
        with ThreadPoolExecutor(max(workers, 1)) as pool:
            running = {pool.submit(_grade, course, task, options): task for task in tasks}
            failures += _finish_all(pool, running, course, config, report)
    return failures


def _prepare(course: Course, options: Options, assignments: set[str]) -> None:
    for assignment in sorted(assignments):
        released = ReleasedNotebook(course, assignment)
        if not is_released(options.db_url, assignment):
            raise NotReleased(
                f"The gradebook does not know {assignment}: run `make release A={assignment}`, or "
                f"`nbgrader generate_assignment {assignment} --force`."
            )
        if options.execute:
            answer_key(course, released, options.sandbox)


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


def _grade(course: Course, task: Task, options: Options) -> GradedNotebook:
    released = ReleasedNotebook(course, task.assignment)
    folder = course.submitted(task.student, task.assignment)
    return grade_submission(course, released, folder, options.sandbox, options.execute)


def _finish_all(
    pool: ThreadPoolExecutor,
    running: dict[Future[GradedNotebook], Task],
    course: Course,
    config: Config,
    report: Progress,
) -> list[str]:
    failures = []
    for future in as_completed(running):
        task = running[future]
        try:
            save(course, config, task, future.result())
        except SandboxError:
            pool.shutdown(cancel_futures=True)
            raise
        except Exception as error:
            failures.append(f"{task.student} {task.assignment}: {type(error).__name__}: {error}")
        report(f"{task.student} {task.assignment}")
    return failures


def _received(course: Course, task: Task) -> Received:
    folder = course.submitted(task.student, task.assignment)
    return Received(task.student, task.assignment, read_timestamp(folder))
