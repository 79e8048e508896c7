"""What is to be graded: submissions that are new or changed, or whose tests have changed."""

import fnmatch
import json
from dataclasses import dataclass, field
from datetime import datetime

from traitlets.config import Config

from grading.checks.answer_key import key_fingerprint
from grading.course.cells import nbgrader_of
from grading.course.errors import CourseError
from grading.course.layout import Course
from grading.course.release_steps import settings_of
from grading.course.released import ReleasedNotebook
from grading.course.stamp import Stamp, fingerprint
from grading.engine.options import Options
from grading.grades.gradebook import RunGradebook
from grading.grades.saved import UNKNOWN, Basis
from grading.submission.files import describe, read_timestamp


class NothingSubmitted(CourseError):
    """Nothing that was asked for can be graded."""


@dataclass(frozen=True)
class Task:
    """One submission to grade, and the fingerprint of what its grade will be made from."""

    student: str
    assignment: str
    made_from: str
    basis: Basis = field(default=UNKNOWN, compare=False)


@dataclass(frozen=True)
class Survey:
    """What is to be graded, and of chosen submissions that are up to date, when they were made.

    `held` would have to be graded, if a person had not brought their grades back.
    """

    tasks: list[Task]
    up_to_date: dict[tuple[str, str], datetime | None]
    held: list[Task] = field(default_factory=list)


def pending(
    course: Course,
    config: Config,
    assignment: str | None = None,
    student: str = "*",
    force: bool = False,
) -> list[Task]:
    """Return what is to be graded, as `survey` finds it."""
    return survey(course, config, assignment, student, force).tasks


def survey(
    course: Course,
    config: Config,
    assignment: str | None = None,
    student: str = "*",
    force: bool = False,
) -> Survey:
    """Look at the submissions of one assignment or all, of students whose ids match.

    What is up to date was graded from the same, in this gradebook and in `autograded/`; with
    `force`, it is returned, too. Raises `UnknownAssignment` for a name that is none, `NotReleased`
    where there is nothing to grade by, `GradebookError` where the gradebook cannot be read.
    """
    options = Options.of(config)
    if assignment is not None:
        course.assignment(assignment)
    with RunGradebook(options.db_url) as gradebook:
        in_gradebook, brought_back = gradebook.made_from(), gradebook.held()
    graded_by: dict[str, str] = {}
    found = Survey([], {})
    chosen = chosen_students(course, student) - options.excluded
    for name, work in course.submissions(assignment):
        if name not in chosen:
            continue
        if work not in graded_by:
            graded_by[work] = graded_by_today(course, ReleasedNotebook(course, work), options)
        files = describe(course.submitted(name, work))
        basis = Basis(graded_by[work], fingerprint(files))
        made_from = fingerprint(graded_by[work], files)
        task = Task(name, work, made_from, basis)
        holds = graded_stamp(course, name, work).holds(made_from)
        holds = holds and in_gradebook.get((name, work)) == made_from
        if not force and brought_back.get((name, work)) == basis.submitted:
            if not holds:
                found.held.append(task)
        elif force or not holds:
            found.tasks.append(task)
        else:
            found.up_to_date[name, work] = read_timestamp(course.submitted(name, work))
    return found


def refuse_nothing(course: Course, config: Config, assignment: str, student: str) -> None:
    """Raise `NothingSubmitted` where nothing that matches could ever be graded."""
    matching = {name for name, _ in course.submissions(assignment)} & chosen_students(
        course, student
    )
    if not matching:
        wanted = course.submitted(student, assignment).relative_to(course.root)
        raise NothingSubmitted(f"No submissions were matched by '{wanted}'.")
    if matching <= Options.of(config).excluded:
        raise NothingSubmitted(
            f"{', '.join(sorted(matching))}: left out by CourseDirectory.student_id_exclude."
        )


def chosen_students(course: Course, pattern: str) -> set[str]:
    """Return the students who have submitted anything and whose ids match."""
    return matching({name for name, _ in course.submissions()}, pattern)


def matching(students: set[str], pattern: str) -> set[str]:
    """Return those whose ids match; one who is called like the pattern stands for no other."""
    if pattern == "*":
        return students
    if pattern in students:
        return {pattern}
    return {name for name in students if fnmatch.fnmatchcase(name, pattern)}


def graded_stamp(course: Course, student: str, assignment: str) -> Stamp:
    """Return the stamp of a graded submission."""
    return Stamp(course.root, course.autograded(student, assignment))


def graded_by_today(course: Course, released: ReleasedNotebook, options: Options) -> str:
    """Return the fingerprint of what an assignment is graded by: key, points, limits."""
    solved = released.solved()
    cells = [nbgrader_of(cell) for cell in solved.cells]
    limits = {name: getattr(options.sandbox, name) for name in options.sandbox.trait_names()}
    limits = {name: limit for name, limit in limits.items() if isinstance(limit, int | float | str)}
    return fingerprint(
        key_fingerprint(course, released),
        json.dumps([cells, settings_of(solved)], sort_keys=True),
        json.dumps(limits, sort_keys=True),
        str(options.execute),
    )
