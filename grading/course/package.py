"""Lay out the package `tinytorch/` that is handed out with each assignment."""

import json
import shutil
from pathlib import Path

from grading.course.assignment import Assignment
from grading.course.files import write_if_changed
from grading.course.given import exercises_of, given_lines_of, given_sources
from grading.course.layout import Course
from grading.course.texts import read_notebook
from grading.sandbox.settings import PROJECT

INSIDE = PROJECT / "grading" / "inside" / "tinytorch"
COURSE_FILE = "course.json"
CHECKS_FILE = "checks.json"
NO_CHECKS = "{}\n"
"""What stands in it until a release tells of its checks, and wherever a submission is graded."""
FOLDERS = ("_checking", "_pictures")
EVERYWHERE = (
    "__init__.py",
    "_exporting.py",
    *(f"{name}/{file.name}" for name in FOLDERS for file in sorted((INSIDE / name).glob("*.py"))),
)
SEALED = ("__init__.py", "_exporting.py", "milestones.py")


def lay_out_packages(course: Course) -> None:
    """Give each assignment the modules of those before it, as `tinytorch/`."""
    told: list[str] = []
    for assignment in course.read_assignments():
        if assignment.module:
            told.append(_told_of(course, assignment))
        package = whole_package() if assignment.milestones else package_alone()
        package[CHECKS_FILE] = NO_CHECKS
        package[COURSE_FILE] = "[\n" + ",\n".join(told) + "\n]\n"
        for name in course.modules_before(assignment.name):
            package[f"{name}.py"] = (course.reference / f"{name}.py").read_text()
        _lay_out(course.source(assignment.name) / "tinytorch", package)


def package_alone() -> dict[str, str]:
    """Return the files of `tinytorch/` that come with every assignment, by name."""
    return {name: (INSIDE / name).read_text() for name in EVERYWHERE}


def sealed_package() -> dict[str, str]:
    """Return the files that a framework needs to run the milestones sealed, by name."""
    return {name: (INSIDE / name).read_text() for name in SEALED}


def whole_package() -> dict[str, str]:
    """Return the files that come where a framework is tried: all of ours, the finale too."""
    files = sorted(file for file in INSIDE.rglob("*.py") if "__pycache__" not in file.parts)
    return {file.relative_to(INSIDE).as_posix(): file.read_text() for file in files}


def _told_of(course: Course, assignment: Assignment) -> str:
    """Return in a line of JSON what a student may know of the module that an assignment makes."""
    sources = given_sources(read_notebook(course.text(assignment.name)))
    return json.dumps(
        {
            "assignment": assignment.name,
            "title": assignment.title,
            "module": assignment.module,
            "exercises": exercises_of(sources),
            "given": given_lines_of(sources),
        },
        ensure_ascii=False,
    )


def _lay_out(package: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        write_if_changed(package / name, text)
    for stray in sorted(package.rglob("*"), reverse=True):
        name = stray.relative_to(package).as_posix()
        if stray.is_dir() and not stray.is_symlink():
            if not any(file.startswith(f"{name}/") for file in files):
                shutil.rmtree(stray)
        elif name not in files:
            stray.unlink()
