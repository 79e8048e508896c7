"""How much evidence may hold: what lies at a limit is read, what lies beyond is refused."""

import base64

import numpy as np
import pytest

from grading.inside.check import MAX_ARRAY_BYTES, MAX_DEPTH, MAX_ITEMS, encode
from grading.sandbox.evidence import MAX_NAME, MalformedEvidence, parse, parse_value

NONE = {"t": "none"}
GOOD = {"kind": "value", "name": "a", "value": NONE, "params": {}}


def array(dtype, shape, size):
    return {
        "t": "array",
        "dtype": dtype,
        "shape": shape,
        "v": base64.b64encode(bytes(size)).decode(),
    }


def nested(depth, inside=lambda value: {"t": "list", "v": [value]}):
    value = NONE
    for _ in range(depth):
        value = inside(value)
    return value


def mapped(depth):
    return nested(depth, lambda value: {"t": "dict", "v": [["a", value]]})


LIMITS = {
    "digits of an integer": ({"t": "int", "v": "9" * 99}, {"t": "int", "v": "9" * 100}),
    "digits of a number": (
        {"t": "float", "v": "0x1." + "0" * 95},
        {"t": "float", "v": "0x1." + "0" * 96},
    ),
    "letters of a text": ({"t": "str", "v": "x" * MAX_ITEMS}, {"t": "str", "v": "x" * 2001}),
    "items of a list": ({"t": "list", "v": [NONE] * 2000}, {"t": "list", "v": [NONE] * 2001}),
    "pairs of a mapping": (
        {"t": "dict", "v": [["a", NONE]] * 2000},
        {"t": "dict", "v": [["a", NONE]] * 2001},
    ),
    "letters of a key": (
        {"t": "dict", "v": [["a" * MAX_NAME, NONE]]},
        {"t": "dict", "v": [["a" * 201, NONE]]},
    ),
    "types of an error": (
        {"t": "error", "types": ["E"] * 2000},
        {"t": "error", "types": ["E"] * 2001},
    ),
    "letters of a type": (
        {"t": "error", "types": ["E" * 200]},
        {"t": "error", "types": ["E" * 201]},
    ),
    "dimensions": (array("int8", [1] * 32, 1), array("int8", [1] * 33, 1)),
    "bytes of an array": (
        array("int8", [MAX_ARRAY_BYTES], 4_000_000),
        array("int8", [2, 2_000_001], 4_000_002),
    ),
    "depth of lists": (nested(MAX_DEPTH + 1), nested(MAX_DEPTH + 2)),
    "depth of mappings": (mapped(MAX_DEPTH + 1), mapped(MAX_DEPTH + 2)),
}


@pytest.mark.parametrize(("most", "more"), LIMITS.values(), ids=LIMITS.keys())
def test_there_is_a_limit_on(most, more):
    parse_value(most)
    with pytest.raises(MalformedEvidence):
        parse_value(more)


def test_there_is_a_limit_on_a_checks_name():
    assert parse(GOOD | {"name": "a" * 200}).name == "a" * 200
    with pytest.raises(MalformedEvidence):
        parse(GOOD | {"name": "a" * 201})


def test_a_huge_array_is_refused_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr(base64, "b64decode", lambda *_, **__: pytest.fail("it was decoded"))
    for huge in (array("int8", [1], 1000), array("float64", [600_000], 0)):
        with pytest.raises(MalformedEvidence):
            parse_value(huge)


@pytest.mark.parametrize(
    "dtype", ["object", "complex64", "datetime64[s]", "U8", "V8", "f4,f4", "f4"]
)
def test_an_array_of_another_dtype_is_refused(dtype):
    with pytest.raises(MalformedEvidence, match="dtype"):
        parse_value(array(dtype, [1], 8))


def test_an_array_is_read_as_little_endian_and_belongs_to_the_reader():
    raw = array("int16", [1], 2) | {"v": base64.b64encode(b"\x01\x02").decode()}
    found = parse_value(raw).array
    assert found[0] == 0x0201 and found.dtype == np.int16 and found.flags.writeable


@pytest.mark.parametrize("text", ["AA=A", "A\nA==", "AA==AA=="])
def test_text_that_is_not_exactly_base64_is_refused(text):
    with pytest.raises(MalformedEvidence):
        parse_value(array("int8", [1], 1) | {"v": text})


MALFORMED = {
    "a boolean that is a number": {"t": "bool", "v": 1},
    "an integer that is a number": {"t": "int", "v": 1},
    "an integer in no decimal digits": {"t": "int", "v": "0x10"},
    "a number that overflows": {"t": "float", "v": "0x1p99999"},
    "a text that is a list": {"t": "str", "v": ["x"]},
    "a list that is a text": {"t": "list", "v": "x"},
    "a key that is a number": {"t": "dict", "v": [[1, NONE]]},
    "a pair of three": {"t": "dict", "v": [["a", NONE, NONE]]},
    "a list of what is no value": {"t": "list", "v": [NONE, 3]},
    "a mapping to what is no value": {"t": "dict", "v": [["a", 3]]},
    "an error of numbers": {"t": "error", "types": [1]},
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
def test_it_is_refused(raw):
    with pytest.raises(MalformedEvidence):
        parse_value(raw)


@pytest.mark.parametrize("kind", ["value", "outcomes", "distribution", "accuracy", "speedup"])
def test_every_kind_of_check_is_read(kind):
    evidence = parse(GOOD | {"kind": kind, "params": {"at_least": 3}})
    assert (evidence.kind, evidence.params) == (kind, {"at_least": 3})


def test_what_is_encoded_inside_is_never_beyond_what_is_read_outside():
    deep = value = []
    for _ in range(20):
        value.append([])
        value = value[0]
    wide = {"k" * 500 + str(number): "x" * 5000 for number in range(3000)}
    big = [2**255, -(2**256) + 1, 2**256, np.zeros(500_000), np.zeros(500_001)]
    for made in (deep, wide, [None] * 3000, big):
        parse_value(encode(made))
