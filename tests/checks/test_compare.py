import numpy as np
import pytest

from grading.checks.compare import KINDS, Tolerance, difference, numbers
from grading.inside.check import encode, encode_error
from grading.sandbox.evidence import parse_value


class Tensor:
    def __init__(self, data):
        self.data = np.asarray(data)


def differ(key, got, **tolerance):
    values = [
        parse_value(encode_error(value) if isinstance(value, Exception) else encode(value))
        for value in (key, got)
    ]
    return difference(*values, Tolerance(**tolerance))


MATRIX = np.arange(6, dtype="float32").reshape(2, 3)


@pytest.mark.parametrize(
    ("key", "got"),
    [
        (MATRIX, MATRIX + 1e-6),
        (Tensor(MATRIX), Tensor(MATRIX)),
        (3.0, 3),
        (3.0, np.float32(3.0)),
        (True, np.True_),
        (None, None),
        ([1.0, 2.0], (1.0, 2.0)),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (np.array([np.nan, 1.0]), np.array([np.nan, 1.0])),
        (ValueError("x"), UnicodeError("y")),
    ],
)
def test_what_agrees(key, got):
    assert differ(key, got) is None


@pytest.mark.parametrize(
    ("key", "got", "hint"),
    [
        (MATRIX, MATRIX.T, "got shape (3, 2), wanted (2, 3)"),
        (MATRIX, MATRIX.astype("float64"), "got dtype float64, wanted float32"),
        (MATRIX, MATRIX + 1, "6 of 6 numbers differ, by up to 1"),
        (MATRIX, MATRIX * np.nan, "6 of 6 numbers differ; some are NaN"),
        (Tensor(MATRIX), MATRIX, "got a NumPy array where a Tensor was wanted"),
        (MATRIX, Tensor(MATRIX), "got a Tensor where a NumPy array was wanted"),
        (1.0, "1.0", "got a text where a number was wanted"),
        (1.0, ZeroDivisionError(), "raised ZeroDivisionError"),
        (1.0, NotImplementedError(), "not written yet"),
        ([1, 2], [1], "got another number of items than the 2 wanted"),
        ([1, 2], [1, 3], "item 2: the number is off by 1"),
        ({"a": 1}, {"b": 1}, "the dictionary has other keys than wanted"),
        (ValueError(), TypeError(), "raised TypeError"),
        (
            1.0,
            object(),
            f"got {KINDS['unknown']} where a number was wanted",
        ),
    ],
)
def test_what_differs_is_told_in_words(key, got, hint):
    assert differ(key, got) == hint


def test_precision_may_be_left_open():
    assert differ(MATRIX, MATRIX.astype("float64"), dtype=False) is None


def test_an_error_of_the_students_own_making_is_not_named():
    class Expected42(Exception):
        pass

    assert differ(1.0, Expected42()) == "raised Exception"


def test_numbers_come_from_arrays_lists_and_tensors_alike():
    for value in (np.array([1, 2]), [1, 2], Tensor([1.0, 2.0])):
        np.testing.assert_array_equal(numbers(parse_value(encode(value))), [1.0, 2.0])
    assert numbers(parse_value(encode(["a"]))) is None


def test_a_gigantic_integer_is_only_wrong():
    assert differ(1.0, 10**400) is not None
