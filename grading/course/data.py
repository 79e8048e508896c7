"""Lay out the data that is handed out, and the images that only the sandbox may read."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from datasets import digits, drawn
from grading.course.layout import Course
from grading.course.stamp import Stamp, fingerprint

DIGITS_FILE = "digits.npz"
STAND_IN_FILE = "cifar10-stand-in.npz"
FILES = {"digits": DIGITS_FILE, "cifar10": STAND_IN_FILE}
HIDDEN_DIGITS_FILE = "digits-test-images.npy"


def lay_out_data(course: Course) -> None:
    """Give each assignment the data sets that its `assignment.toml` names, and no others."""
    for assignment in course.read_assignments():
        folder = course.source(assignment.name) / "data"
        if "digits" in assignment.data:
            _make(course, folder / DIGITS_FILE, digits.BUNDLE, _write_digits)
        if "cifar10" in assignment.data:
            _make(course, folder / STAND_IN_FILE, Path(drawn.__file__), _write_stand_in)
        named = {FILES[name] for name in assignment.data}
        remove_data(folder, set(FILES.values()) - named)


def remove_data(folder: Path, files: Iterable[str] = FILES.values()) -> None:
    """Remove data sets that were laid out in a folder, and the folder if it is empty then."""
    for name in files:
        (folder / name).unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def lay_out_hidden_images(course: Course) -> None:
    """Put the test images, without their labels, where the sandbox may read them."""
    _make(course, course.hidden_data / HIDDEN_DIGITS_FILE, digits.BUNDLE, _write_hidden_digits)


def lay_out_digits(folder: Path) -> None:
    """Put the training images and their labels into the folder that notebooks read them from."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_digits(folder / DIGITS_FILE)


def _make(course: Course, file: Path, origin: Path, write: Callable[[Path], None]) -> None:
    stamp, made_from = Stamp(course.root, file), fingerprint(origin)
    if stamp.holds(made_from):
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"partial-{file.name}")
    write(partial)
    partial.rename(file)
    stamp.put(made_from)


def _write_digits(file: Path) -> None:
    images, labels = digits.read_bundle("train")
    np.savez_compressed(file, images=images, labels=labels)


def _write_stand_in(file: Path) -> None:
    images, labels = drawn.stand_in("train")
    test_images, test_labels = drawn.stand_in("test")
    np.savez_compressed(
        file,
        names=np.array(drawn.CLASSES),
        train_images=images,
        train_labels=labels,
        test_images=test_images,
        test_labels=test_labels,
    )


def _write_hidden_digits(file: Path) -> None:
    np.save(file, digits.read_bundle("test").images)
