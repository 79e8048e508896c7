"""Write what one submission earned: the gradebook first, then the graded folder, whole."""

import shutil
import tempfile
from pathlib import Path

import nbformat
from traitlets.config import Config

from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.engine.lock import UNFINISHED
from grading.engine.options import Options
from grading.engine.tasks import Task, graded_stamp
from grading.grades.gradebook import RunGradebook
from grading.grades.graded import GradedNotebook
from grading.report.checks_output import show_checks
from grading.submission.files import submission_files


def save(
    course: Course, config: Config, task: Task, graded: GradedNotebook, gradebook: RunGradebook
) -> None:
    """Save grades and folder; a grader killed in between grades the submission again."""
    options = Options.of(config)
    target = course.autograded(task.student, task.assignment)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=course.root, prefix=UNFINISHED) as name:
        fresh = Path(name) / task.assignment
        _copy_other_files(course, task, options, fresh)
        show_checks(graded.notebook)
        nbformat.write(graded.notebook, fresh / f"{task.assignment}.ipynb")
        for file in (path for path in fresh.rglob("*") if path.is_file()):
            file.chmod(options.permissions)
        gradebook.save_grades(task.student, task.assignment, graded, config, task.made_from)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    graded_stamp(course, task.student, task.assignment).put(task.made_from)


def _copy_other_files(course: Course, task: Task, options: Options, target: Path) -> None:
    submitted = course.submitted(task.student, task.assignment)
    handout = ReleasedNotebook(course, task.assignment).handout
    with submission_files(submitted, handout) as (files, _):
        left_out = shutil.ignore_patterns("*.ipynb", *options.ignored)
        shutil.copytree(files, target, ignore=left_out)
