"""Lay out what is handed out beside each notebook, and what the sandbox may read."""

import shutil
from pathlib import Path

import numpy as np

from datasets import digits
from grading.course import Course
from grading.export import module_name, write_if_changed

DIGITS_FILE = "digits.npz"
NEEDS_DIGITS = "load_digits"
INIT = '"""TinyTorch, as far as the assignments before this one have built it."""\n'


def hand_out(course: Course) -> None:
    """Give assignment k the modules 1 … k-1 as `tinytorch/`, and the digits where it uses them."""
    assignments = course.assignments()
    for position, assignment in enumerate(assignments):
        _lay_out_package(course, assignment, [module_name(name) for name in assignments[:position]])
        if NEEDS_DIGITS in course.text(assignment).read_text():
            _lay_out_digits(course.source(assignment) / "data")
    lay_out_hidden_images(course.hidden_data)


def _lay_out_package(course: Course, assignment: str, modules: list[str]) -> None:
    package = course.source(assignment) / "tinytorch"
    wanted = {
        f"{name}.py": (course.root / "tinytorch_ref" / f"{name}.py").read_text() for name in modules
    }
    if not wanted:
        shutil.rmtree(package, ignore_errors=True)
        return
    wanted["__init__.py"] = INIT
    for name, text in wanted.items():
        write_if_changed(package / name, text)
    for stray in package.iterdir():
        if stray.name not in wanted:
            shutil.rmtree(stray) if stray.is_dir() else stray.unlink()


def _lay_out_digits(folder: Path) -> None:
    file = folder / DIGITS_FILE
    if file.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    images, labels = digits.read_bundle("train")
    partial = folder / "partial.npz"
    np.savez_compressed(partial, images=images, labels=labels)
    partial.rename(file)


def lay_out_hidden_images(folder: Path) -> None:
    """Put the test images, without their labels, where the sandbox may read them."""
    file = folder / "digits-test-images.npy"
    if file.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / "partial.npy"
    np.save(partial, digits.read_bundle("test").images)
    partial.rename(file)
