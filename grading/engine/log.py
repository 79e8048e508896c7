"""The log of all runs, for machines: a line of JSON for each submission that was dealt with."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from grading.course.layout import Course
from grading.engine.done import Done

LOG = "autograding.jsonl"


class Log:
    """Append to `reports/autograding.jsonl`; docs/architecture.md says what a line holds."""

    def __init__(self, course: Course) -> None:
        self._file = log_file(course)
        self._file.parent.mkdir(exist_ok=True)
        self._end_half_a_line()

    def write(self, done: Done) -> None:
        """Append one line, whole."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        line = json.dumps({"at": now, **done.as_json()})
        with self._file.open("a") as file:
            file.write(line + "\n")

    def _end_half_a_line(self) -> None:
        """Keep what a killed run has half written from spoiling the next line."""
        with self._file.open("ab+") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    file.write(b"\n")


def log_file(course: Course) -> Path:
    """Return where the log of a course lies."""
    return course.root / "reports" / LOG
