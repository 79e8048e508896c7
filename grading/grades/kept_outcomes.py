"""Keep what a report needs of each graded notebook in a small file, so that it parses no notebooks.

It lies in `reports/outcomes/<assignment>/<student>.json` and names the time and size of the graded
notebook that it is of. Where it is missing or of another one, the notebook is read again.
"""

import json
import math
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from grading.course.cells import NOTE
from grading.course.files import write_whole
from grading.course.layout import Course

FOLDER = "outcomes"
LONGEST, MOST = 500, 2_000
"""Characters of one text, and texts and checks of one notebook, that are kept."""


@dataclass(frozen=True)
class CheckKept:
    """The outcome of one check.

    `visible` says whether its cell ran to its end, visible tests included; None where nobody knows.
    """

    cell: str
    name: str
    passed: bool
    hint: str = ""
    reached: float | None = None
    wanted: float | None = None
    visible: bool | None = None
    seconds: float | None = None
    parameters: float | None = None


@dataclass(frozen=True)
class Kept:
    """What is kept of one graded notebook."""

    sealed: bool | None = None
    ended: str | None = None
    notes: list[str] = field(default_factory=list)
    checks: list[CheckKept] = field(default_factory=list)


def kept_outcomes(course: Course, student: str, assignment: str) -> Kept | None:
    """Return what is kept of a graded notebook, reading it first if need be; None without one."""
    notebook = course.autograded(student, assignment) / f"{assignment}.ipynb"
    try:
        status = notebook.stat()
    except OSError:
        return None
    of = [status.st_mtime_ns, status.st_size]
    file = course.root / "reports" / FOLDER / assignment / f"{student}.json"
    known = _known(file, of)
    if known is not None:
        return known
    kept = read_outcomes(notebook)
    with suppress(OSError):  # whoever only looks may not write: it is read again the next time
        write_whole(file, json.dumps({"of": of, **asdict(kept)}))
    return kept


def _known(file: Path, of: list[int]) -> Kept | None:
    try:
        found = json.loads(file.read_text())
        if found.pop("of") != of:
            return None
        return Kept(**found | {"checks": [CheckKept(**check) for check in found["checks"]]})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def read_outcomes(notebook: Path) -> Kept:
    """Return what a graded notebook says; what a worker wrote is read as data."""
    try:
        content = json.loads(notebook.read_text())
        run = content["metadata"].get(NOTE, {})
        checks = [one for cell in content["cells"] for one in _checks(cell)]
        notes = [_text(note) for note in run.get("notes", [])]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Kept(notes=["The graded notebook could not be read."])
    sealed, ended = run.get("sealed"), run.get("ended")
    return Kept(
        sealed if isinstance(sealed, bool) else None,
        None if ended is None else _text(ended),
        notes[:MOST],
        checks[:MOST],
    )


def _checks(cell: dict[str, Any]) -> list[CheckKept]:
    note = cell["metadata"].get(NOTE, {})
    status = note.get("status")
    visible = None if status is None else status == "ran" and "error" not in note
    return [
        CheckKept(
            _text(cell["metadata"]["nbgrader"]["grade_id"]),
            _text(check["name"]),
            check["passed"] is True,
            _text(check.get("hint", "")),
            _number(check.get("reached")),
            _number(check.get("wanted")),
            visible,
            _number(check.get("seconds")),
            _number(check.get("parameters")),
        )
        for check in note.get("checks", [])
    ]


def _text(value: Any) -> str:
    return str(value)[:LONGEST]


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None
