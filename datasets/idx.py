"""The IDX format, in which MNIST is published: a magic number, the sizes, the bytes."""

import math
import struct

import numpy as np

from datasets.files import DatasetError

UNSIGNED_BYTE = 0x08


def parse(content: bytes, name: str = "IDX file") -> np.ndarray:
    """Return the array in the IDX file `content`, as uint8 in the shape its header states.

    Raises DatasetError, naming the file `name`, for anything but whole IDX of unsigned bytes.
    """
    if len(content) < 4 or content[:2] != b"\0\0":
        raise DatasetError(f"{name} is not an IDX file")
    kind, ndim = content[2], content[3]
    if kind != UNSIGNED_BYTE:
        raise DatasetError(f"{name} holds IDX type {kind:#04x}; only unsigned bytes are read")
    start = 4 + 4 * ndim
    if len(content) < start:
        raise DatasetError(f"{name} ends within its header")
    shape = struct.unpack(f">{ndim}I", content[4:start])
    if len(content) - start != math.prod(shape):
        raise DatasetError(
            f"{name} holds {len(content) - start} bytes of data; its header {shape} promises "
            f"{math.prod(shape)}"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
