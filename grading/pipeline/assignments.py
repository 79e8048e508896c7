"""Add, rename or remove an assignment: `make new-assignment`, `rename-…`, `remove-assignment`."""

import argparse
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry

from grading.course.assignment import NAME, Assignment, read_assignment, write_assignment
from grading.course.errors import BadCourse, CourseError
from grading.course.layout import Course
from grading.course.soundness import module_of, package_imports
from grading.course.stamp import STAMPS
from grading.course.sync import prepare_source
from grading.engine.options import Options
from grading.grades.database import is_there
from grading.pipeline.configuration import load_config
from grading.pipeline.template import notebook_text

MADE = ("release", "answer_key")


def new(course: Course, name: str, title: str | None, module: str | None) -> list[str]:
    """Write a folder that can be released at once; return the files written.

    Raises `BadCourse` when the name, its title or its module does not fit or is taken.
    """
    if not NAME.fullmatch(name) or not module_of(name):
        raise BadCourse(f"{name!r} is no name for an assignment: try one such as 12_attention.")
    folder = course.source(name)
    if folder.exists():
        raise BadCourse(f"There is a folder source/{name} already: choose another name.")
    others = course.read_assignments()
    order = max([other.order for other in others], default=0) + 1
    title = title or module_of(name).replace("_", " ").capitalize()
    assignment = Assignment(name, title, order, module or module_of(name))
    if assignment.module in course.modules():
        raise BadCourse(f"Another assignment makes {assignment.module}: give MODULE=… as well.")
    folder.mkdir(parents=True)
    try:
        write_assignment(folder, assignment)
        read_assignment(folder)
    except BadCourse:
        shutil.rmtree(folder)
        raise
    course.text(name).write_text(notebook_text(assignment, course.modules_before(name)))
    return [f"source/{name}/{path.name}" for path in sorted(folder.iterdir())]


def rename(course: Course, name: str, to: str) -> list[str]:
    """Rename an assignment and forget what was made under the old name; its module stays.

    Raises `BadCourse` when somebody has handed it in, or the new name is taken.
    """
    course.assignment(name)
    if not NAME.fullmatch(to) or course.source(to).exists():
        raise BadCourse(f"{to!r} cannot be the new name: it is no name, or source/{to} exists.")
    _refuse_handed_in(course, name)
    _forget_what_was_made(course, name)
    for kind in (".py", ".ipynb"):
        file = course.text(name).with_suffix(kind)
        if file.exists():
            file.rename(course.source(name) / f"{to}{kind}")
    course.source(name).rename(course.source(to))
    return [f"source/{name} is source/{to} now", *prepare_source(course)]


def remove(course: Course, name: str) -> list[str]:
    """Remove an assignment and all that was made of it.

    Raises `BadCourse`, saying what depends on it, before anything is removed.
    """
    refuse_needed(course, name)
    _refuse_handed_in(course, name)
    _forget_what_was_made(course, name)
    shutil.rmtree(course.source(name))
    return [f"removed source/{name}", *prepare_source(course)]


def refuse_needed(course: Course, name: str) -> None:
    """Raise `BadCourse`, naming them, when other assignments import what this one makes."""
    module = course.assignment(name).module
    dependents = [
        other.name
        for other in course.read_assignments()
        if other.name != name
        and course.text(other.name).exists()
        and module in {imported for imported, _ in package_imports(course.text(other.name))}
    ]
    if dependents:
        raise BadCourse(
            f"{name} is still needed: {', '.join(dependents)} import tinytorch.{module}. "
            "Change or remove those first. Nothing was removed."
        )


def _refuse_handed_in(course: Course, name: str) -> None:
    students = sorted(student for student, _ in course.submissions(name))
    if students:
        named = ", ".join(students[:3]) + (" …" if len(students) > 3 else "")
        raise BadCourse(
            f"{name} was handed in by {len(students)}: {named}. "
            f"Move submitted/*/{name} away first. Nothing was changed."
        )


def _forget_what_was_made(course: Course, name: str) -> None:
    """Remove releases, keys, graded copies and the gradebook's entry of an assignment."""
    db_url = Options.of(load_config(course.root)).db_url
    if is_there(db_url):
        with Gradebook(db_url) as gradebook, suppress(MissingEntry):
            gradebook.remove_assignment(name)
    for made in MADE:
        shutil.rmtree(course.root / made / name, ignore_errors=True)
        shutil.rmtree(course.root / STAMPS / made / name, ignore_errors=True)
    shutil.rmtree(course.root / STAMPS / "source" / name, ignore_errors=True)
    for handed in ("autograded", "feedback"):
        for folder in course.root.glob(f"{handed}/*/{name}"):
            shutil.rmtree(folder)
        for folder in (course.root / STAMPS).glob(f"{handed}/*/{name}"):
            shutil.rmtree(folder)


def main() -> int:
    """Do what is asked of one assignment; print what changed, or why not in a sentence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["new", "rename", "may-remove", "remove"])
    parser.add_argument("name", nargs="?", default="", help="such as 12_attention")
    parser.add_argument("to", nargs="?", default="", help="the new name")
    parser.add_argument("--title", default=None)
    parser.add_argument("--module", default=None, help="what its exported cells make")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the course folder")
    arguments = parser.parse_args()
    course = Course(arguments.root.resolve())
    try:
        if not arguments.name or (arguments.what == "rename" and not arguments.to):
            raise CourseError("Say which one: NAME=12_attention (and TO=… for its new name).")
        if arguments.what == "new":
            lines = new(course, arguments.name, arguments.title, arguments.module)
        elif arguments.what == "rename":
            lines = rename(course, arguments.name, arguments.to)
        elif arguments.what == "may-remove":
            refuse_needed(course, arguments.name)
            lines = []
        else:
            lines = remove(course, arguments.name)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    for line in lines:
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
