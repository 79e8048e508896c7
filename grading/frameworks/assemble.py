"""Assemble a student's own framework from their submissions."""

import shutil
from pathlib import Path

from nbformat import NotebookNode

from grading.course import Course
from grading.export import module_name, without_marks
from grading.handout import lay_out_digits, whole_package
from grading.master import Master, make_readable
from grading.restore import Unreadable, find_notebook, read_submission, restore


def own_modules(course: Course, student: str) -> dict[str, str]:
    """Return the text of each module that a student has submitted, by name."""
    modules = {}
    for assignment in course.assignments():
        master = Master(course, assignment, assignment)
        try:
            file, _ = find_notebook(course.submitted(student, assignment), assignment)
            notebook = restore(master.skeleton(), read_submission(file)).notebook
        except Unreadable:
            continue
        modules[module_name(assignment)] = exported(notebook)
    return modules


def reference_modules(course: Course) -> dict[str, str]:
    """Return the text of our own modules, assembled in the same way."""
    return {
        module_name(assignment): exported(Master(course, assignment, assignment).solved())
        for assignment in course.assignments()
    }


def exported(notebook: NotebookNode) -> str:
    """Return the module that a notebook's exported cells make, as they stand."""
    cells = [
        without_marks(cell.source)
        for cell in notebook.cells
        if cell.cell_type == "code" and "export" in cell.metadata.get("tags", [])
    ]
    return "\n\n\n".join(cells) + "\n"


def lay_out(modules: dict[str, str], folder: Path) -> None:
    """Write a framework and what it is tried on into a folder that a sealed run may read."""
    package = folder / "tinytorch"
    shutil.rmtree(package, ignore_errors=True)
    package.mkdir(parents=True)
    files = whole_package() | {f"{name}.py": text for name, text in modules.items()}
    for name, text in files.items():
        (package / name).write_text(text)
    lay_out_digits(folder / "data")
    make_readable(folder)
