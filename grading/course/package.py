"""Lay out the package `tinytorch/` that is handed out with each assignment."""

import shutil
from pathlib import Path

from grading.course.files import write_if_changed
from grading.course.layout import Course
from grading.sandbox.settings import PROJECT

INSIDE = PROJECT / "grading" / "inside" / "tinytorch"
MODULES_FILE = "modules.txt"


def lay_out_packages(course: Course) -> None:
    """Give each assignment the modules of those before it, as `tinytorch/`."""
    for assignment in course.read_assignments():
        before = course.modules_before(assignment.name)
        if assignment.milestones:
            own = [assignment.module] if assignment.module else []
            package = whole_package([*before, *own])
        else:
            package = package_alone()
        for name in before:
            package[f"{name}.py"] = (course.reference / f"{name}.py").read_text()
        _lay_out(course.source(assignment.name) / "tinytorch", package)


def package_alone() -> dict[str, str]:
    """Return the files of `tinytorch/` that come with every assignment, by name."""
    return {"__init__.py": (INSIDE / "__init__.py").read_text()}


def whole_package(modules: list[str]) -> dict[str, str]:
    """Return the files that come with a whole framework, and run its milestones, by name."""
    files = {file.name: file.read_text() for file in sorted(INSIDE.glob("*.py"))}
    return files | {MODULES_FILE: "".join(f"{name}\n" for name in modules)}


def _lay_out(package: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        write_if_changed(package / name, text)
    for stray in package.iterdir():
        if stray.name not in files:
            shutil.rmtree(stray) if stray.is_dir() else stray.unlink()
