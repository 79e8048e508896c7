import struct

import numpy as np
import pytest

from datasets import idx
from datasets.files import DatasetError

GOOD = b"\0\0\x08\x02" + struct.pack(">2I", 2, 3) + bytes(range(6))


def test_reads_the_array_its_header_states():
    array = idx.parse(GOOD)
    assert array.dtype == np.uint8
    assert array.tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an IDX file"),
        (b"\x1f\x8b\x08\x00" + GOOD, "not an IDX file"),
        (b"\0\0\x0d" + GOOD[3:], "type 0x0d"),
        (GOOD[:9], "within its header"),
        (GOOD[:-1], "5 bytes"),
        (GOOD + b"\0", "7 bytes"),
    ],
)
def test_refuses_what_is_not_whole(content, message):
    with pytest.raises(DatasetError, match=message) as caught:
        idx.parse(content, "labels")
    assert str(caught.value).startswith("labels ")
