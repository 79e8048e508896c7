"""CIFAR-10 in its binary version: 60,000 colour images, 32 x 32, of ten kinds of things.

A file is a row of records: one byte says which class, 3,072 bytes are the image, first all of red,
then green, then blue. Where there is no CIFAR-10, `drawn` makes a stand-in of the same shapes.
"""

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from datasets import drawn, files
from datasets.archive import Archive
from datasets.files import DatasetError
from datasets.wholeset import DATA

VARIABLE = "CIFAR10_DIR"
"""Environment variable that names the folder with the binary files."""

SHAPE = (3, 32, 32)
RECORD = 1 + 3 * 32 * 32
CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
SPLITS = {"train": [f"data_batch_{i}.bin" for i in range(1, 6)], "test": ["test_batch.bin"]}

ARCHIVE = Archive(
    name="cifar10",
    home=DATA / "cifar-10-batches-bin",
    url="https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
    md5="c32a1d4ab5d03f1284b67883e8d87530",
    folder="cifar-10-batches-bin",
    sizes={name: 10_000 * RECORD for names in SPLITS.values() for name in names},
)


class Pictures(NamedTuple):
    """Images (N, 3, 32, 32), which class (N,) each belongs to, and what the classes are called."""

    images: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]


def load(split: str) -> Pictures:
    """Return the images of `split`, "train" or "test": float32 in [0, 1], with labels int64.

    Looks in the folder that CIFAR10_DIR names, then where `python -m datasets.fetch cifar10` puts
    the files; where there is neither, the images are a drawn stand-in, and so are the names of
    their classes. Raises DatasetError when files are missing from a folder, or damaged.
    """
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(map(repr, SPLITS))}, not {split!r}")
    folder = find()
    pictures = read(folder, split) if folder else Pictures(*drawn.stand_in(split), drawn.CLASSES)
    images = pictures.images.astype(np.float32) / np.float32(255)
    return pictures._replace(images=images, labels=pictures.labels.astype(np.int64))


def find() -> Path | None:
    """Return the folder of CIFAR-10 that `load` reads, or None where there is none."""
    value = os.environ.get(VARIABLE)
    if value:
        return Path(value)
    return ARCHIVE.home if ARCHIVE.home.is_dir() else None


def read(folder: Path, split: str) -> Pictures:
    """Return the images of `split` in `folder` as they are stored: uint8.

    Not all five files of the training images need be there. Raises DatasetError when none is, or
    when one is damaged.
    """
    paths = [path for name in SPLITS[split] if (path := files.locate(folder, name))]
    if not paths:
        raise DatasetError(
            f"there is no {SPLITS[split][0]} in {folder}. Fetch CIFAR-10 with `python -m "
            f"datasets.fetch cifar10`, or set {VARIABLE} to the folder of its binary version"
        )
    parts = [parse(files.read(path), str(path)) for path in paths]
    images, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return Pictures(images, labels, CLASSES)


def parse(content: bytes, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return images (N, 3, 32, 32) and labels (N,), uint8, of a binary file's content.

    Raises DatasetError, naming the file `name`, for anything but whole records of ten classes.
    """
    if not content or len(content) % RECORD:
        raise DatasetError(
            f"{name} is damaged or cut short: {len(content):,} bytes are not whole images of "
            f"{RECORD:,} bytes each"
        )
    records = np.frombuffer(content, np.uint8).reshape(-1, RECORD)
    if records[:, 0].max() >= len(CLASSES):
        raise DatasetError(f"{name} is not CIFAR-10: it has a class {records[:, 0].max()}")
    return records[:, 1:].reshape(-1, *SHAPE), records[:, 0]
