"""Make `datasets/digits.npz` from the IDX files of MNIST: `python -m datasets.make_bundle FOLDER`.

The first 10,000 training and the first 2,000 test images, in their published order. The same
files give the same arrays everywhere, and the same bytes wherever zlib is the same.
"""

import argparse
import io
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from datasets import digits, files

TRAIN, TEST = 10_000, 2_000


def select(folder: Path, train: int = TRAIN, test: int = TEST) -> dict[str, np.ndarray]:
    """Return the first `train` and `test` digits of the IDX files in `folder`, as uint8.

    Images are (N, 1, 28, 28), labels (N,), under the names they have in the bundle. Raises
    DatasetError when a file is missing or not the published one.
    """
    arrays = {}
    for split, count in (("train", train), ("test", test)):
        whole = digits.read_whole(split, [folder])
        arrays[f"{split}_images"] = whole.images[:count]
        arrays[f"{split}_labels"] = whole.labels[:count]
    return arrays


def pack(arrays: dict[str, np.ndarray]) -> bytes:
    """Return the content of an `.npz` file that holds `arrays`, without times or machine names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy")  # dated 1980, whenever it is made
            entry.create_system = 3  # "Unix", on whatever system it is made
            entry.compress_type = zipfile.ZIP_DEFLATED
            npy = io.BytesIO()
            np.lib.format.write_array(npy, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(entry, npy.getvalue(), compresslevel=9)
    return buffer.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the bundle, say its size and SHA-256, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m datasets.make_bundle", description=__doc__)
    parser.add_argument("folder", type=Path, help="holds the four IDX files, plain or .gz")
    parser.add_argument("--output", type=Path, default=digits.BUNDLE, help="the file to write")
    options = parser.parse_args(arguments)
    try:
        content = pack(select(options.folder))
    except files.DatasetError as error:
        print(f"make_bundle: {error}", file=sys.stderr)
        return 1
    files.write(options.output, content)
    checksum = files.sha256(content)
    print(f"{options.output.name}: {len(content):,} bytes, SHA-256 {checksum}")
    if checksum != digits.BUNDLE_SHA256:
        print("This differs from BUNDLE_SHA256 in datasets/digits.py, which must follow it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
