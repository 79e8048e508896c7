"""Lay out the data that is handed out, and the images that only the sandbox may read."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from datasets import cifar10, digits, drawn
from datasets.files import DatasetError
from grading.course.errors import BadCourse
from grading.course.layout import Course
from grading.course.stamp import Stamp, fingerprint

DIGITS_FILE = "digits.npz"
STAND_IN_FILE = "cifar10-stand-in.npz"
FILES = {"digits": DIGITS_FILE, "cifar10": STAND_IN_FILE}
"""What can be made again anywhere, by the data set that it stands for."""
PHOTOS_FILE = "cifar10.npz"
LAID_OUT = (*FILES.values(), PHOTOS_FILE)
PHOTOS = {"train": 5_000, "test": 1_000}
"""How many photographs of each split are handed out: enough to learn from, 17 MB in all."""
HIDDEN_DIGITS_FILE = "digits-test-images.npy"


def lay_out_data(course: Course) -> None:
    """Give each assignment the data sets that its `assignment.toml` names, and no others."""
    for assignment in course.read_assignments():
        folder = course.source(assignment.name) / "data"
        if "digits" in assignment.data:
            _make(course, folder / DIGITS_FILE, digits.BUNDLE, _write_digits)
        named = {FILES[name] for name in assignment.data}
        if "cifar10" in assignment.data:
            if _hands_out_photos(course, folder / PHOTOS_FILE):
                named = named - {STAND_IN_FILE} | {PHOTOS_FILE}
            else:
                _make(course, folder / STAND_IN_FILE, Path(drawn.__file__), _write_stand_in)
        remove_data(folder, set(LAID_OUT) - named)


def remove_data(folder: Path, files: Iterable[str] = LAID_OUT) -> None:
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


def _hands_out_photos(course: Course, file: Path) -> bool:
    """Lay out photographs of CIFAR-10 if it has been fetched; say whether there are any.

    Those that were laid out once stay when the whole set is gone: what students were given, and
    with it the answer key, does not change within a term. Raises `BadCourse` for damaged files.
    """
    whole = cifar10.find()
    if whole is None:
        return file.exists()
    try:
        _make(course, file, whole, lambda partial: _write_photos(whole, partial))
    except DatasetError as error:
        raise BadCourse(f"CIFAR-10 cannot be handed out: {error}") from error
    return True


def _write_photos(whole: Path, file: Path) -> None:
    arrays: dict[str, Any] = {"names": np.array(cifar10.CLASSES)}
    for split, count in PHOTOS.items():
        images, labels, _ = cifar10.read(whole, split)
        arrays |= {f"{split}_images": images[:count], f"{split}_labels": labels[:count]}
    np.savez_compressed(file, **arrays)


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
