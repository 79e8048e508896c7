import base64
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grading.inside.check import MAX_ITEMS, encode, encode_error
from grading.sandbox.evidence import MalformedEvidence, parse, parse_value


class Wrapped:
    """Something with `data`, as tensors have."""

    def __init__(self, data):
        self.data = np.asarray(data)


@given(hnp.arrays(st.sampled_from(["float32", "float64", "int64", "bool"]), hnp.array_shapes()))
def test_arrays_cross_the_wall_unchanged(array):
    value = parse_value(encode(array))
    assert value.array.dtype == array.dtype
    np.testing.assert_array_equal(value.array, array)


@given(st.floats() | st.integers(min_value=-(2**200), max_value=2**200) | st.booleans())
def test_numbers_cross_the_wall_unchanged(number):
    scalar = parse_value(encode(number)).scalar
    assert scalar == number or (math.isnan(scalar) and math.isnan(number))


def test_tensors_lists_dictionaries_and_none_are_told_apart():
    value = parse_value(encode([Wrapped([1.0]), {"a": None}, "text"]))
    assert [item.kind for item in value.items] == ["tensor", "dict", "text"]
    assert value.items[1].keys == ("a",) and value.items[1].items[0].kind == "none"


def test_an_error_crosses_as_its_types_only():
    value = parse_value(encode_error(ZeroDivisionError("secret")))
    assert value.types[0] == "ZeroDivisionError" and "secret" not in repr(value)


@pytest.mark.parametrize("odd", [object(), 1j, np.array(["a"]), np.zeros(2_000_000), lambda: 0])
def test_what_cannot_be_compared_crosses_as_unknown(odd):
    assert parse_value(encode(odd)).kind == "unknown"


GOOD_ARRAY = encode(np.zeros((2, 3), dtype="float32"))
BAD_VALUES = {
    "not an object": 3,
    "no such type": {"t": "pickle", "v": "gASV"},
    "an object array": GOOD_ARRAY | {"dtype": "object"},
    "a structured dtype": GOOD_ARRAY | {"dtype": "f4,f4"},
    "a negative shape": GOOD_ARRAY | {"shape": [-1, 3]},
    "a huge shape": GOOD_ARRAY | {"shape": [10**9, 10**9]},
    "a shape of floats": GOOD_ARRAY | {"shape": [2.0, 3]},
    "a boolean shape": GOOD_ARRAY | {"shape": [True, 6]},
    "too little data": GOOD_ARRAY | {"v": ""},
    "too much data": GOOD_ARRAY | {"v": base64.b64encode(bytes(1000)).decode()},
    "not base64": GOOD_ARRAY | {"v": "!" * 32},
    "a number of letters": {"t": "int", "v": "many"},
    "a number of endless length": {"t": "int", "v": "9" * 1_000},
    "a list of too many": {"t": "list", "v": [{"t": "none"}] * (MAX_ITEMS + 1)},
    "a mapping without pairs": {"t": "dict", "v": [1]},
    "an error without types": {"t": "error", "types": "ValueError"},
}


@pytest.mark.parametrize("raw", BAD_VALUES.values(), ids=BAD_VALUES.keys())
def test_a_malformed_value_is_refused(raw):
    with pytest.raises(MalformedEvidence):
        parse_value(raw)


def test_a_value_nested_without_end_is_refused():
    raw = {"t": "none"}
    for _ in range(100):
        raw = {"t": "list", "v": [raw]}
    with pytest.raises(MalformedEvidence):
        parse_value(raw)


GOOD = {"kind": "value", "name": "a", "value": {"t": "none"}, "params": {}}


@pytest.mark.parametrize(
    "change",
    [
        {"kind": 7},
        {"kind": "v" * 41},
        {"name": 3},
        {"name": "a" * 500},
        {"params": None},
        {"value": 1},
    ],
)
def test_malformed_evidence_is_refused(change):
    assert parse(GOOD).name == "a"
    with pytest.raises(MalformedEvidence):
        parse(GOOD | change)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(json_values)
def test_no_json_breaks_the_parser(raw):
    try:
        parse(raw)
    except MalformedEvidence:
        pass
    else:
        pytest.fail("arbitrary JSON was taken for evidence")
