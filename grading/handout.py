"""Lay out what is handed out beside each notebook, and what the sandbox may read."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from datasets import digits, drawn
from grading.course import Course
from grading.export import module_name, write_if_changed

DIGITS_FILE = "digits.npz"
NEEDS_DIGITS = "load_digits"
STAND_IN_FILE = "cifar10-stand-in.npz"
NEEDS_CIFAR10 = "load_cifar10"
INSIDE = Path(__file__).with_name("inside") / "tinytorch"
NEEDS_MILESTONES = '"-m", "tinytorch"'


def hand_out(course: Course) -> None:
    """Give assignment k the modules 1 … k-1 as `tinytorch/`, and the data that it uses."""
    assignments = course.assignments()
    for position, assignment in enumerate(assignments):
        text, data = course.text(assignment).read_text(), course.source(assignment) / "data"
        package = whole_package() if NEEDS_MILESTONES in text else package_alone()
        for name in map(module_name, assignments[:position]):
            package[f"{name}.py"] = (course.root / "tinytorch_ref" / f"{name}.py").read_text()
        _lay_out_package(course.source(assignment) / "tinytorch", package)
        if NEEDS_DIGITS in text:
            lay_out_digits(data)
        if NEEDS_CIFAR10 in text:
            _lay_out_stand_in(data / STAND_IN_FILE)
    lay_out_hidden_images(course.hidden_data)


def package_alone() -> dict[str, str]:
    """Return the files of `tinytorch/` that come with every assignment, by name."""
    return {"__init__.py": (INSIDE / "__init__.py").read_text()}


def whole_package() -> dict[str, str]:
    """Return the files of `tinytorch/` that come with ten finished modules, by name."""
    return {file.name: file.read_text() for file in sorted(INSIDE.glob("*.py"))}


def _lay_out_package(package: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        write_if_changed(package / name, text)
    for stray in package.iterdir():
        if stray.name not in files:
            shutil.rmtree(stray) if stray.is_dir() else stray.unlink()


def lay_out_digits(folder: Path) -> None:
    """Put the training images and their labels into the folder that notebooks read them from."""
    file = folder / DIGITS_FILE
    if not file.exists():
        images, labels = digits.read_bundle("train")
        _save(file, images=images, labels=labels)


def _lay_out_stand_in(file: Path) -> None:
    if not file.exists():
        images, labels = drawn.stand_in("train")
        test_images, test_labels = drawn.stand_in("test")
        _save(
            file,
            names=np.array(drawn.CLASSES),
            train_images=images,
            train_labels=labels,
            test_images=test_images,
            test_labels=test_labels,
        )


def _save(file: Path, **arrays: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name("partial.npz")
    np.savez_compressed(partial, **arrays)
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
