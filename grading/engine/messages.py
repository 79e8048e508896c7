"""What passes between the coordinator and a worker: one small format.

A message is a line of JSON, at most `MAX_LINE` long, followed by as many bytes as its `bytes`
says (none where it says nothing).

To a worker:

    {"do": "kit", "bytes": n}                       what an assignment needs (`grading.grades.kit`)
    {"do": "grade", "execute": bool, "bytes": n}    a submission of it, as a tar archive; with
                                                    "tell": "checks" those alone are told: JSON,
                                                    {grade id: [{"name", "passed", "hint"}]}, comes
                                                    in the place of the notebook
    {"do": "grade", "instead": {"earned": {grade id: points}, "note": text}, "bytes": n}
                                                    one that is not graded, but gets this
    {"do": "feedback page", "name": text, "told": `grading.grades.told.Told`, "settings": of
     HTMLExporter, "rule": text, "bytes": n}        a graded notebook to show to its student, with
                                                    what being late costs
    {"do": "submission page", "resources": nbgrader's, "settings": of HTMLExporter, "bytes": n}
                                                    a graded notebook to show to a grader
    {"do": "answer", "cell": grade id, "question": bool, "settings": of HTMLExporter, "bytes": n}
                                                    a notebook of which that cell is shown, as a
                                                    piece of HTML, below the text that asks for it
    {"do": "code", "bytes": n}                      a graded notebook, of which the code is told
                                                    in the place of a page: JSON, {cell: code}

From a worker, once it has its kit, while it grades, and at the end:

    {"answer": "ready"}
    {"earned": points, "cell": grade id}      a test cell has run
    {"answer": "graded", "scores": {grade id: points or null}, "comments": {grade id: text or
     null}, "waits": [grade id…], "answers": {grade id: hash}, "cold": text, "cpu_seconds": n,
     "ended": code, "stopped_in": cell, "bytes": n}
                                              and the notebook's text
    {"answer": "page", "bytes": n}            and the page
    {"answer": "failed", "kind": text, "why": text}

What a worker says is read as data, whatever a submission may have made of that worker.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_LINE = 4 * 1024 * 1024
MAX_BYTES = 256 * 1024 * 1024
MAX_TEXT = 10_000
MAX_SAID = 10_000
MOST = 1e9
HASH = re.compile(r"[0-9a-f]{64}")


OUTSIDE = ("notebook", "seconds")


class Malformed(ValueError):
    """A worker has said something that is no message."""


@dataclass
class Graded:
    """What one submission earned, as a worker says it.

    A score of None waits for a person, and so do those that `waits` names: they are proposed.
    `answers` are the fingerprints of what the scores are given for.

    `stopped_in` names the cell in which its run ended, where it ended before its time; `seconds`
    is how long the worker took, by the coordinator's clock.
    """

    notebook: bytes
    scores: dict[str, float | None] = field(default_factory=dict)
    comments: dict[str, str | None] = field(default_factory=dict)
    waits: set[str] = field(default_factory=set)
    answers: dict[str, str] = field(default_factory=dict)
    cold: str = ""
    cpu_seconds: float = 0.0
    ended: str = "complete"
    stopped_in: str = ""
    seconds: float = 0.0

    def line(self) -> dict[str, Any]:
        """Return the message that says so, but for the notebook's bytes."""
        said = {name: value for name, value in vars(self).items() if name not in OUTSIDE}
        return {"answer": "graded", **said, "waits": sorted(self.waits)}

    @classmethod
    def read(cls, line: dict[str, Any], notebook: bytes) -> "Graded":
        """Read the message; raise `Malformed` when it is none."""
        scores, comments = _mapping(line, "scores"), _mapping(line, "comments")
        if not all(score is None or is_points(score) for score in scores.values()):
            raise Malformed("scores that are no numbers")
        if not all(comment is None or _is_text(comment) for comment in comments.values()):
            raise Malformed("comments that are no texts")
        answers = _mapping(line, "answers")
        if not all(isinstance(one, str) and HASH.fullmatch(one) for one in answers.values()):
            raise Malformed("answers that are no hashes")
        waits = line.get("waits")
        if not isinstance(waits, list) or not all(map(_is_text, waits)):
            raise Malformed("no list of what waits")
        texts = [line.get(name) for name in ("cold", "ended", "stopped_in")]
        seconds = line.get("cpu_seconds")
        if not all(_is_text(text) for text in texts) or not is_points(seconds):
            raise Malformed("a run that is not described")
        cold, ended, stopped_in = map(str, texts)
        seconds = float(seconds or 0)
        return cls(notebook, scores, comments, {*waits}, answers, cold, seconds, ended, stopped_in)

    def refuse_more_than(self, points: Mapping[str, float]) -> None:
        """Raise `Malformed` where a score is that of no cell, or more than its cell's points."""
        for cell, score in self.scores.items():
            if cell not in points or (score or 0) > points[cell]:
                raise Malformed("more than can be earned")


def is_points(value: Any) -> bool:
    """Return whether a value can be a number of points."""
    return isinstance(value, int | float) and 0 <= value <= MOST


def dump(line: dict[str, Any], content: bytes = b"") -> bytes:
    """Return a message as bytes."""
    return json.dumps(line | {"bytes": len(content)}).encode() + b"\n" + content


def load(line: bytes) -> tuple[dict[str, Any], int]:
    """Return a message's line and how many bytes follow it; raise `Malformed`."""
    try:
        message = json.loads(line)
        length = message["bytes"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Malformed("a line that is no message") from None
    if not isinstance(message, dict) or type(length) is not int or not 0 <= length <= MAX_BYTES:
        raise Malformed("a message of impossible length")
    return message, length


def _mapping(line: dict[str, Any], name: str) -> dict[str, Any]:
    value = line.get(name)
    if not isinstance(value, dict) or not all(_is_text(key) for key in value):
        raise Malformed(f"no {name}")
    return value


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT
