"""Assemble a student's own framework from their submissions."""

import shutil
from pathlib import Path

from nbformat import NotebookNode

from grading.course.cells import exported_sources
from grading.course.data import lay_out_digits
from grading.course.layout import Course
from grading.course.package import sealed_package
from grading.course.released import ReleasedNotebook
from grading.submission.assemble import assemble
from grading.submission.released_cells import Original, defined_by


def own_modules(course: Course, student: str) -> dict[str, str]:
    """Return the text of each module that a student has submitted, by name."""
    modules = {}
    for assignment in course.read_assignments():
        if assignment.module is None:
            continue
        released = ReleasedNotebook(course, assignment.name)
        assembled = assemble(original(released), course.submitted(student, assignment.name))
        if assembled.readable:
            modules[assignment.module] = exported(assembled.notebook)
    return modules


def original(released: ReleasedNotebook) -> Original:
    """Return what submissions of a released notebook are rebuilt on."""
    return Original(released.assignment, released.skeleton(), defined_by(released.solved()))


def reference_modules(course: Course) -> dict[str, str]:
    """Return the text of our own modules, assembled in the same way."""
    return {
        assignment.module: exported(ReleasedNotebook(course, assignment.name).solved())
        for assignment in course.read_assignments()
        if assignment.module
    }


def exported(notebook: NotebookNode) -> str:
    """Return the module that a notebook's exported cells make, as they stand."""
    return "\n\n\n".join(exported_sources(notebook)) + "\n"


def lay_out(modules: dict[str, str], folder: Path) -> None:
    """Write a framework and what it is tried on into a folder for a sealed run."""
    package = folder / "tinytorch"
    shutil.rmtree(package, ignore_errors=True)
    package.mkdir(parents=True)
    files = sealed_package() | {f"{name}.py": text for name, text in modules.items()}
    for name, text in files.items():
        (package / name).write_text(text)
    lay_out_digits(folder / "data")
