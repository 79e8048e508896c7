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
        ("text", "text"),
        ([], ()),
        ({}, {}),
        (np.array([np.inf, -np.inf]), np.array([np.inf, -np.inf])),
        (np.array([True, False]), np.array([True, False])),
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
        (UnicodeError(), ValueError(), "raised ValueError"),
        (ValueError(), 1.0, "got a number where an error was wanted"),
        (MATRIX, MATRIX.reshape(6), "got shape (6,), wanted (2, 3)"),
        (MATRIX, MATRIX[:1], "got shape (1, 3), wanted (2, 3)"),
        (MATRIX, MATRIX + np.float32([0, 0, 1]), "2 of 6 numbers differ, by up to 1"),
        (MATRIX, MATRIX + np.float32([0, 0, np.inf]), "2 of 6 numbers differ; some are infinite"),
        (Tensor(MATRIX), Tensor(MATRIX.astype("float64")), "got dtype float64, wanted float32"),
        (Tensor(MATRIX), Tensor(MATRIX + 1), "6 of 6 numbers differ, by up to 1"),
        ([1], [1, 2], "got another number of items than the 1 wanted"),
        ([MATRIX], [MATRIX + 1], "item 1: 6 of 6 numbers differ, by up to 1"),
        ({"a": 1, "b": 2}, {"a": 1}, "got another number of items than the 2 wanted"),
        ({"a": 1, "b": 2}, {"b": 1, "a": 2}, "a: the number is off by 1"),
        ([1, 2], MATRIX, "got a NumPy array where a list or tuple was wanted"),
        (None, 1.0, "got a number where None was wanted"),
        (
            np.array([np.inf, 1.0]),
            np.array([9.0, 1.0]),
            "1 of 2 numbers differ; some should be infinite, or of the other sign",
        ),
        (
            np.array([np.inf, 1.0]),
            np.array([-np.inf, 1.0]),
            "1 of 2 numbers differ; some should be infinite, or of the other sign",
        ),
        (
            np.array([np.nan, np.inf, 1.0]),
            np.array([9.0, np.inf, 1.0]),
            "1 of 3 numbers differ; some should be NaN",
        ),
        (
            np.array([np.nan, np.inf, 1.0]),
            np.array([np.nan, np.inf, 3.0]),
            "1 of 3 numbers differ, by up to 2",
        ),
        ("text", "Text", "the text differs"),
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
    for number in (10**40, 10**90, 10**400):
        assert differ(1.0, number) is not None


@pytest.mark.parametrize("value", [[[1.0, 2.0]], [np.zeros(2)], {"a": 1.0}, None, ValueError()])
def test_what_is_not_a_row_of_numbers_gives_no_numbers(value):
    raw = encode_error(value) if isinstance(value, Exception) else encode(value)
    assert numbers(parse_value(raw)) is None


def test_what_nothing_can_compare_does_not_agree_even_with_itself():
    assert differ(object(), object()) == "this could not be compared"


def test_the_tolerance_is_as_our_own_evidence_says():
    given = {"rtol": 0.5, "atol": 0.25, "dtype": False}
    assert Tolerance.of(given) == Tolerance(0.5, 0.25, False)
    assert Tolerance.of({}) == Tolerance() == Tolerance(1e-4, 1e-6, True)
