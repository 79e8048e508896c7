"""A hint is a channel out of the sandbox: it has a fixed form, and little room.

Whatever is reported, a hint is one of a few sentences. What a submission chooses in it are small
shapes, names of dtypes and of Python's own errors, and numbers of one digit.
"""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from reported import LABELS, encoded, evidence, hint, outcomes, stretches

from grading.checks.base import Timing
from grading.checks.compare import BUILTIN_ERRORS, KINDS
from grading.report.told_bits import bits_of
from grading.sandbox.evidence import DTYPES

SHAPE = r"\((\d{1,4}(, \d{1,4})*,?)?\)"
NUMBER = r"(-?\d(\.\d)?(e[+-]\d+)?|-?inf|nan)"
THING = "|".join(map(re.escape, KINDS.values()))
INFINITE = "infinite, or of the other sign"
ERROR = f"raised ({'|'.join(sorted(BUILTIN_ERRORS))}|an error)|not written yet"
FORM = (
    rf"got (shape {SHAPE}|another shape with \d+ axes), wanted {SHAPE}",
    "got something that is not made of numbers",
    rf"got dtype ({'|'.join(DTYPES)}), wanted ({'|'.join(DTYPES)})",
    rf"\d+ of \d+ numbers differ(; some are (NaN|infinite)|, by up to {NUMBER})?",
    rf"\d+ of \d+ numbers differ; some should be (NaN|{INFINITE})",
    rf"the number is (wrong|off by {NUMBER})",
    rf"got ({THING}) where ({THING}) was wanted",
    "the text differs",
    r"got another number of items than the \d+ wanted",
    "the dictionary has other keys than wanted",
    "this could not be compared",
    ERROR,
)
ANY = "|".join(FORM)
DIFFERENCE = rf"(item \d+: |[a-z]: )*({ANY})|\d of 1 numbers differ; some are (NaN|infinite)"
CASE = "(a row|a column): "
JUDGED = (
    "what was reported could not be read",
    "not every case was answered",
    r"a case that should raise ValueError did not",
    rf"{CASE}should raise ValueError, and does not",
    rf"{CASE}({ERROR}) where ValueError was wanted",
    rf"{CASE}({DIFFERENCE})",
    rf"({ERROR}) where ValueError was wanted",
    rf"in a case that should work: ({DIFFERENCE})",
    "too few numbers were reported",
    "some numbers are NaN or infinite",
    rf"the numbers are spread differently: mean {NUMBER}, deviation {NUMBER}",
    "the predictions of two networks were wanted",
    rf"one class per image was wanted: an array of shape {SHAPE}",
    r"the other network is weaker than it should be: accuracy \d{1,3}\.\d%",
    r"accuracy \d{1,3}\.\d%, (and \d{1,3}\.\d% for the other network|at least 75% wanted)",
    "the timed stretches were not run as they should be",
    rf"the (slow|fast) side computed something else: ({DIFFERENCE})",
    r"\d+\.\d times faster, at least 20 wanted",
)
FIXED = re.compile(rf"{DIFFERENCE}|{'|'.join(JUDGED)}")
LONGEST = 160


def is_of_a_fixed_form(told):
    """Return whether a hint is one of a few sentences, whose bits are counted in feedback."""
    return FIXED.fullmatch(told) and math.isfinite(bits_of(told))


SECRET = "sesame"


class Sesame(Exception):
    """An error whose name is a message."""


class Holder:
    """Something unknown whose type's name is a message."""


Holder.__name__ = SECRET
MATRIX = np.arange(6, dtype="float32").reshape(2, 3)
KEYS = [
    evidence(value=value)
    for value in (1.0, True, MATRIX, "text", None, [1.0, MATRIX], {"a": 1.0, "b": [2]})
]
KEYS += [
    evidence(value={"a row": 1.0, "a column": np.array([math.inf, math.nan])}, cases=True),
    outcomes(1.0, MATRIX, ValueError(), errors=("ValueError",)),
    outcomes(MATRIX, ValueError(), errors=("ValueError",), cases=["a row", "a column"]),
    evidence(value=np.linspace(0, 1, 50), kind="distribution"),
    evidence(value=LABELS, kind="accuracy", at_least=0.75, of="digits"),
    evidence(value=[LABELS] * 2, kind="accuracy", at_least=0.75, of="digits", rival=True),
]
NAMES = [f"{raw['kind']}-{index}" for index, raw in enumerate(KEYS)]
MESSAGES = [
    *(Sesame(SECRET), ValueError(SECRET), NotImplementedError(SECRET), SECRET, Holder()),
    *({"a row": SECRET, "a column": MATRIX}, {"a row": 1, "a column": np.ones(2)}),
    *({"a row": 1, "a column": np.array([math.inf, 1])}, {"a row": 1, "a column": 1, SECRET: 1}),
    *({SECRET: 1}, {"a": SECRET, "b": SECRET}, {SECRET: 1, "b": 2}, [SECRET], [SECRET, SECRET]),
    *(123456789.0, -1234567.891, 115101115, 10**40, math.inf, math.nan, 1e-300),
    *(MATRIX * 1234.5678, MATRIX * math.nan, MATRIX / 3, MATRIX.astype("uint16"), MATRIX[:, :2]),
    *([1.0, MATRIX * 1234.5678], [123456789.0, MATRIX], {"a": 7654321.0, "b": [2]}),
    *(np.linspace(0, 123456.789, 50), LABELS * 1234, [LABELS, LABELS * 12], [LABELS * 12, LABELS]),
    *(np.zeros((115, 101)), np.zeros((115, 0, 101)), np.zeros((1,) * 32), np.zeros((3, 2, 64))),
]


def reported_as(key, value):
    return key | {"value": encoded(value)}


@pytest.mark.parametrize("key", KEYS, ids=NAMES)
def test_a_hint_has_a_fixed_form_whatever_was_reported(key):
    for message in MESSAGES:
        told = hint(key, reported_as(key, message))
        assert not told or is_of_a_fixed_form(told), told
        assert len(told) <= LONGEST and SECRET not in told.lower(), told


@pytest.mark.parametrize("message", MESSAGES, ids=range(len(MESSAGES)))
def test_a_hint_on_cases_has_a_fixed_form(message):
    key = outcomes(1.0, MATRIX, ValueError(), errors=("ValueError",))
    for cases in (
        (message, MATRIX, ValueError()),
        (1.0, message, ValueError()),
        (1, MATRIX, message),
    ):
        told = hint(key, outcomes(*cases))
        assert not told or is_of_a_fixed_form(told), told
        assert SECRET not in told.lower()


@pytest.mark.parametrize("message", MESSAGES, ids=range(len(MESSAGES)))
@pytest.mark.parametrize("side", [0, 1])
def test_a_hint_on_speed_has_a_fixed_form(message, side):
    student = stretches(fast=0.123456)
    student[side] = replace(student[side], value=encoded(message))
    raw = evidence("s", 1.0, "speedup", at_least=20)
    told = hint(raw, raw | {"value": encoded(message)}, Timing(stretches(), student))
    assert is_of_a_fixed_form(told), told
    assert SECRET not in told.lower()


numbers = st.floats(width=64) | st.integers(-(10**60), 10**60) | st.booleans()
shapes = arrays.array_shapes(min_dims=0, max_dims=8, min_side=0, max_side=70).filter(
    lambda shape: math.prod(shape) < 5000
)
some_arrays = shapes.flatmap(
    lambda shape: st.sampled_from(DTYPES).map(lambda dtype: np.ones(shape, dtype))
)
values = st.recursive(
    numbers | st.text(max_size=8) | st.none() | some_arrays,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.sampled_from(KEYS), values)
def test_a_hint_has_a_fixed_form_for_any_value(key, value):
    told = hint(key, reported_as(key, value))
    assert not told or is_of_a_fixed_form(told), told
    assert len(told) <= LONGEST


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ((64,), "shape (64,)"),
        ((65,), "another shape with 1 axes"),
        ((2, 115), "another shape with 2 axes"),
        ((1, 1, 1, 1, 1), "shape (1, 1, 1, 1, 1)"),
        ((1, 1, 1, 1, 1, 1), "another shape with 6 axes"),
    ],
)
def test_an_odd_shape_is_not_told(shape, told):
    assert hint(evidence(value=MATRIX), evidence(value=np.zeros(shape))) == (
        f"got {told}, wanted (2, 3)"
    )


def test_a_large_size_is_told_where_ours_has_it_too():
    key = evidence(value=np.zeros((2, 1000)))
    assert hint(key, evidence(value=np.zeros((1000, 2)))).startswith("got shape (1000, 2)")


@pytest.mark.parametrize("expected", [12345.0, [12345.0], {"a": 12345.0}, "12345", [[12345.0] * 3]])
def test_a_hint_shows_no_expected_value(expected):
    for answer in (0.0, 1.0, "", [], [0.0], {"a": 0.0}, {"b": 0.0}, [[0.0] * 3], ValueError()):
        assert "12345" not in hint(evidence(value=expected), evidence(value=answer))


def test_how_far_a_number_is_off_is_told_in_one_digit():
    told = hint(evidence(value=1.0), evidence(value=1234.5678))
    assert told == "the number is off by 1e+03"
    told = hint(evidence(value=np.ones(3)), evidence(value=np.ones(3) * 1234.5678))
    assert told == "3 of 3 numbers differ, by up to 1e+03"
