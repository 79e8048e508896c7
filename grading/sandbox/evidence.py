"""What crosses from the sandbox, and how it is read on the trusted side.

A piece of evidence is one JSON object in a display message of type `EVIDENCE_MIME`:

    {"kind": text, "name": text, "value": VALUE, "params": {…}}

    VALUE = {"t": "none"} | {"t": "bool", "v": bool} | {"t": "int", "v": decimal text}
          | {"t": "float", "v": hexadecimal text} | {"t": "str", "v": text}
          | {"t": "array", "dtype": name, "shape": [int…], "v": base64, little-endian}
          | {"t": "tensor", "v": array} | {"t": "list", "v": [VALUE…]}
          | {"t": "dict", "v": [[key, VALUE]…]} | {"t": "error", "types": [name…]}
          | {"t": "unknown", "type": name}

It is parsed as data: nothing is unpickled or evaluated, sizes and depth are bounded, and whatever
does not fit raises `MalformedEvidence`. `params` count only in the evidence of our own solution;
`grading/checks/kinds.py` has the kinds.
"""

import base64
import binascii
import math
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import numpy as np

from grading.inside.check import EVIDENCE_MIME, MAX_ARRAY_BYTES, MAX_DEPTH, MAX_ITEMS

DTYPES = (
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64"),
)
MAX_NAME = 200
MAX_KIND = 40

__all__ = ["EVIDENCE_MIME", "Evidence", "MalformedEvidence", "Value", "parse", "parse_value"]


class MalformedEvidence(ValueError):
    """Something was reported that is not evidence."""


@dataclass(frozen=True, eq=False)
class Value:
    """A reported value: `kind` says which field holds it."""

    kind: str
    array: np.ndarray | None = None
    scalar: bool | int | float | str | None = None
    items: tuple["Value", ...] = ()
    keys: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Evidence:
    """One parsed report of a test cell."""

    kind: str
    name: str
    value: Value
    params: dict[str, Any] = field(default_factory=dict)


def parse(raw: Any) -> Evidence:
    """Read one JSON object; raise `MalformedEvidence` when it is not evidence."""
    if not isinstance(raw, dict) or not isinstance(raw.get("params"), dict):
        raise MalformedEvidence("not an object with params")
    kind, name = raw.get("kind"), raw.get("name")
    if not _is_text(kind, MAX_KIND) or not _is_text(name, MAX_NAME):
        raise MalformedEvidence("no proper kind, or no proper name")
    return Evidence(kind, name, parse_value(raw.get("value")), raw["params"])


def parse_value(raw: Any, depth: int = 0) -> Value:
    """Read one VALUE; raise `MalformedEvidence` when it does not fit the format."""
    if depth > MAX_DEPTH + 1 or not isinstance(raw, dict):
        raise MalformedEvidence("not a value, or nested too deeply")
    kind, content = raw.get("t"), raw.get("v")
    if kind == "none":
        return Value("none")
    if kind == "bool" and isinstance(content, bool):
        return Value("number", scalar=content)
    if kind in ("int", "float") and isinstance(content, str) and len(content) < 100:
        return Value("number", scalar=_number(kind, content))
    if kind == "str" and isinstance(content, str) and len(content) <= MAX_ITEMS:
        return Value("text", scalar=content)
    if kind == "array":
        return Value("array", array=_array(raw))
    if kind == "tensor" and isinstance(content, dict) and content.get("t") == "array":
        return Value("tensor", array=_array(content))
    if kind == "list" and isinstance(content, list) and len(content) <= MAX_ITEMS:
        return Value("list", items=tuple(parse_value(item, depth + 1) for item in content))
    if kind == "dict" and isinstance(content, list) and len(content) <= MAX_ITEMS:
        return _mapping(content, depth)
    if kind == "error":
        return Value("error", types=_names(raw.get("types")))
    if kind in ("unknown", "tensor"):
        return Value("unknown")
    raise MalformedEvidence("a value of no known kind")


def _number(kind: str, text: str) -> int | float:
    try:
        return int(text) if kind == "int" else float.fromhex(text)
    except (ValueError, OverflowError):
        raise MalformedEvidence("a number that is none") from None


def _array(raw: dict[str, Any]) -> np.ndarray:
    dtype, shape, text = raw.get("dtype"), raw.get("shape"), raw.get("v")
    if dtype not in DTYPES or not isinstance(shape, list) or not isinstance(text, str):
        raise MalformedEvidence("an array without dtype, shape or data")
    if len(shape) > 32 or not all(type(n) is int and 0 <= n <= MAX_ARRAY_BYTES for n in shape):
        raise MalformedEvidence("an array of impossible shape")
    little = np.dtype(dtype).newbyteorder("<")
    size = math.prod(shape) * little.itemsize
    if size > MAX_ARRAY_BYTES or len(text) > size * 4 // 3 + 4:
        raise MalformedEvidence("an array that is too large for its shape")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedEvidence("an array with damaged data") from None
    if len(data) != size:
        raise MalformedEvidence("an array whose data do not fit its shape")
    return np.frombuffer(data, dtype=little).reshape(shape).astype(dtype)


def _mapping(pairs: list[Any], depth: int) -> Value:
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise MalformedEvidence("a mapping without pairs")
    keys = _names([pair[0] for pair in pairs])
    return Value("dict", keys=keys, items=tuple(parse_value(pair[1], depth + 1) for pair in pairs))


def _names(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list) or len(raw) > MAX_ITEMS:
        raise MalformedEvidence("names that are no list")
    if not all(_is_text(name, MAX_NAME) for name in raw):
        raise MalformedEvidence("a name that is none")
    return tuple(raw)


def _is_text(raw: Any, most: int) -> TypeGuard[str]:
    return isinstance(raw, str) and len(raw) <= most
