"""Write what one submission earned: the gradebook first, then the graded folder, whole."""

import shutil
import tempfile
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

from traitlets.config import Config

from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.engine.messages import Graded
from grading.engine.options import Options
from grading.engine.shipment import is_carried
from grading.engine.tasks import Task, graded_stamp
from grading.grades.gradebook import RunGradebook
from grading.grades.kept_outcomes import kept_outcomes
from grading.submission.files import TIMESTAMP, submission_files, timestamp_bytes


def save(
    course: Course,
    config: Config,
    options: Options,
    gradebook: RunGradebook,
    task: Task,
    graded: Graded,
    unfinished: Path,
) -> None:
    """Save grades and folder; a grader killed in between grades the submission again."""

    def write() -> None:
        whose = task.student, task.assignment
        gradebook.save_grades(*whose, graded, config, task.made_from, task.basis)

    save_folder(course, options, task, graded, unfinished, write)


def save_folder(
    course: Course,
    options: Options,
    task: Task,
    graded: Graded,
    unfinished: Path,
    write: Callable[[], object],
) -> None:
    """Write the grades when the folder is ready, then put it in its place.

    What is unfinished lies in a folder of the run's, which clears it away however the run ends.
    """
    target = course.autograded(task.student, task.assignment)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=unfinished) as name:
        fresh = Path(name) / task.assignment
        _copy_other_files(course, task, options, fresh)
        (fresh / f"{task.assignment}.ipynb").write_bytes(graded.notebook)
        for file in (path for path in fresh.rglob("*") if path.is_file()):
            file.chmod(options.permissions)
        write()
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    kept_outcomes(course, task.student, task.assignment)
    graded_stamp(course, task.student, task.assignment).put(task.made_from)


def save_timestamp(course: Course, options: Options, student: str, assignment: str) -> None:
    """Let a graded folder say when its submission was made, as the submitted one says today."""
    content = timestamp_bytes(course.submitted(student, assignment))
    file = course.autograded(student, assignment) / TIMESTAMP
    if content == timestamp_bytes(file.parent):
        return
    file.unlink(missing_ok=True)
    if content is not None:
        file.write_bytes(content)
        file.chmod(options.permissions)


def _copy_other_files(course: Course, task: Task, options: Options, target: Path) -> None:
    submitted = course.submitted(task.student, task.assignment)
    handed_out = ReleasedNotebook(course, task.assignment).handed_out
    files, _ = submission_files(submitted, handed_out)
    target.mkdir()
    for name, content in files:
        if not is_carried(name):
            continue
        parts = [*name.parents, name]
        patterns = ["*.ipynb", *options.ignored]
        if any(fnmatch(part.name, pattern) for part in parts for pattern in patterns):
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)
