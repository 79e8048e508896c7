"""Compare one reported value with the reference's; say in a student's words what differs."""

import builtins
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grading.sandbox.evidence import Value

BUILTIN_ERRORS = {
    name
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
}
KINDS = {
    "none": "None",
    "number": "a number",
    "text": "a text",
    "array": "a NumPy array",
    "tensor": "a Tensor",
    "list": "a list or tuple",
    "dict": "a dictionary",
    "error": "an error",
    "unknown": "something that is neither a number, an array nor a Tensor",
}


MOST_NAMES = 64  # of cases or of a dictionary's entries: which of them is told is a choice


@dataclass(frozen=True)
class Tolerance:
    """How close is close enough; see `numpy.isclose` for `rtol` and `atol`."""

    rtol: float = 1e-4
    atol: float = 1e-6
    dtype: bool = True

    @classmethod
    def of(cls, params: dict[str, Any]) -> "Tolerance":
        """Read the tolerance from the params of our own evidence."""
        return cls(params.get("rtol", 1e-4), params.get("atol", 1e-6), params.get("dtype", True))


def difference(key: Value, got: Value, tolerance: Tolerance) -> str | None:
    """Return None when `got` agrees with `key`, else a hint that shows no expected value."""
    if got.kind == "error" and key.kind != "error":
        return raised(got)
    if key.kind in ("number", "array") and got.kind in ("number", "array"):
        return _arrays(_as_array(key), _as_array(got), tolerance, strict=key.kind == "array")
    if key.kind != got.kind:
        return f"got {KINDS[got.kind]} where {KINDS[key.kind]} was wanted"
    if key.kind == "tensor":
        return _arrays(_as_array(key), _as_array(got), tolerance, strict=True)
    if key.kind == "text":
        return None if key.scalar == got.scalar else "the text differs"
    if key.kind == "error":
        return None if key.types and key.types[0] in got.types else raised(got)
    if key.kind in ("list", "dict"):
        return _collections(key, got, tolerance)
    return None if key.kind == "none" else "this could not be compared"


def difference_of_cases(key: Value, got: Value, tolerance: Tolerance) -> str | None:
    """Return None when every case agrees, else our own name of one that does not, and how."""
    answers = dict(zip(got.keys, got.items, strict=False))
    if set(key.keys) != set(answers):
        return "not every case was answered"
    for case, wanted in zip(key.keys, key.items, strict=True):
        if hint := difference(wanted, answers[case], tolerance):
            return f"{case}: {hint}"
    return None


def too_many_names(key: Value, cases: Sequence[str] = ()) -> str | None:
    """Return why our own evidence has too many names, or such as a hint cannot tell, or None."""
    names = [*cases, *map(str, key.keys)]
    if len(names) > MOST_NAMES or any(": " in name for name in names):
        return (
            f"has more than {MOST_NAMES} names of cases or entries, or one with a colon and a blank"
        )
    return None


def raised(value: Value) -> str:
    """Describe a raised error by the nearest type that Python itself defines."""
    name = next((kind for kind in value.types if kind in BUILTIN_ERRORS), "an error")
    if name == "NotImplementedError":
        return "not written yet"
    return f"raised {name}"


def numbers(value: Value) -> np.ndarray | None:
    """Return any reported numbers as one float64 array, or None when there are none."""
    if value.kind in ("array", "tensor", "number"):
        return _as_array(value).astype(np.float64)
    if value.kind == "list":
        items = [numbers(item) for item in value.items]
        if all(item is not None and item.ndim == 0 for item in items):
            return np.array(items, dtype=np.float64)
    return None


def _as_array(value: Value) -> np.ndarray:
    if value.array is not None:
        return value.array
    try:
        return np.asarray(value.scalar)
    except OverflowError:
        return np.asarray(np.inf)


def _arrays(key: np.ndarray, got: np.ndarray, tolerance: Tolerance, strict: bool) -> str | None:
    if key.shape != got.shape:
        return f"got {_shape(got, key)}, wanted {key.shape}"
    if got.dtype.kind not in "biuf":
        return "got something that is not made of numbers"
    if strict and tolerance.dtype and key.dtype != got.dtype:
        return f"got dtype {got.dtype}, wanted {key.dtype}"
    wanted, values = key.astype(np.float64), got.astype(np.float64)
    close = np.isclose(values, wanted, rtol=tolerance.rtol, atol=tolerance.atol, equal_nan=True)
    if close.all():
        return None
    return _size_of_error(wanted, values, close)


def _shape(got: np.ndarray, key: np.ndarray) -> str:
    """Name a shape, unless its sizes are so odd that they could carry a message."""
    if got.ndim <= 5 and all(size <= 64 or size in key.shape for size in got.shape):
        return f"shape {got.shape}"
    return f"another shape with {got.ndim} axes"


def _size_of_error(wanted: np.ndarray, values: np.ndarray, close: np.ndarray) -> str:
    how_many = f"{int((~close).sum())} of {close.size} numbers differ"
    if np.isnan(values).sum() > np.isnan(wanted).sum():
        return f"{how_many}; some are NaN"
    if np.isinf(values).sum() > np.isinf(wanted).sum():
        return f"{how_many}; some are infinite"
    if np.isnan(wanted[~close]).any():
        return f"{how_many}; some should be NaN"
    if np.isinf(wanted[~close]).any():
        return f"{how_many}; some should be infinite, or of the other sign"
    with np.errstate(invalid="ignore"):
        gaps = np.abs(values - wanted)
    finite = gaps[np.isfinite(gaps)]
    if close.size == 1:
        return f"the number is off by {finite.max():.1g}" if finite.size else "the number is wrong"
    return f"{how_many}, by up to {finite.max():.1g}" if finite.size else how_many


def _collections(key: Value, got: Value, tolerance: Tolerance) -> str | None:
    if len(key.items) != len(got.items):
        return f"got another number of items than the {len(key.items)} wanted"
    if set(key.keys) != set(got.keys):
        return "the dictionary has other keys than wanted"
    by_name = dict(zip(got.keys, got.items, strict=False))
    for index, wanted in enumerate(key.items):
        item = by_name[key.keys[index]] if key.keys else got.items[index]
        hint = difference(wanted, item, tolerance)
        if hint:
            return f"{key.keys[index] if key.keys else f'item {index + 1}'}: {hint}"
    return None
