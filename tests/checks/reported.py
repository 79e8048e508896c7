"""What our own solution and a student's code report, made by hand, and what is judged of it."""

import io
import tarfile
from typing import Any

import numpy as np
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from grading.checks.base import Timing
from grading.checks.judge import judge_cell
from grading.inside.check import encode, encode_error
from grading.sandbox.clock import Stretch
from grading.sandbox.evidence import parse

NO_TIMING = Timing([], [])
LABELS = np.arange(50) % 10


def encoded(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {"t": "dict", "v": [[str(name), encoded(one)] for name, one in value.items()]}
    return encode_error(value) if isinstance(value, Exception) else encode(value)


def evidence(name: str = "a", value: Any = 1.0, kind: str = "value", **params: Any) -> dict:
    return {"kind": kind, "name": name, "value": encoded(value), "params": params}


def judge(key: list[dict], reported: list[Any], timing: Timing = NO_TIMING) -> list:
    keys = {raw["name"]: parse(raw) for raw in key}
    return judge_cell(keys, reported, timing, {"digits": LABELS}.__getitem__)


def hint(key: dict, got: Any, timing: Timing = NO_TIMING) -> str:
    (outcome,) = judge([key], [got], timing)
    assert outcome.passed == (outcome.hint == "")
    return outcome.hint


def outcomes(*items: Any, errors: tuple[str, ...] = ("ValueError", "TypeError"), **params: Any):
    value = {"t": "list", "v": [encoded(item) for item in items]}
    return evidence(kind="outcomes", errors=list(errors), **params) | {"value": value}


def stretches(
    slow: float = 1.0,
    fast: float = 0.04,
    rounds: int = 3,
    machine: float = 1.0,
    values: tuple[Any, Any] = (5.0, 5.0),
    name: str = "s",
) -> list[Stretch]:
    """Return stretches as the clock hands them over, a slow and a fast one a round."""
    return [
        Stretch(name, side, number, 100 + number, seconds, machine, encoded(value))
        for number in range(rounds)
        for side, seconds, value in (("slow", slow, values[0]), ("fast", fast, values[1]))
    ]


def contents(archive: bytes) -> dict[str, str]:
    """Return the files of a tar archive by name."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        return {one.name: files.extractfile(one).read().decode(errors="replace") for one in files}


def graded_cell(name: str, source: str = "1", points: float = 1) -> NotebookNode:
    """Return an autograded test."""
    ours = {"grade_id": name, "grade": True, "solution": False, "points": points}
    return new_code_cell(source, metadata={"nbgrader": ours})
