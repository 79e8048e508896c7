"""Read from the log of all runs which submissions ended badly the last time."""

import json
from dataclasses import dataclass, fields
from pathlib import Path

LOG = "autograding.jsonl"
MOST_READ = 16 * 2**20
"""Bytes of the log's end that are read."""


@dataclass(frozen=True)
class Run:
    """How the last run of a submission ended; `at` is a time in UTC."""

    student: str
    assignment: str
    at: str
    outcome: str
    ended: str
    why: str


def bad_runs(root: Path) -> list[Run]:
    """Return the last run of each submission whose last run did not go as it should."""
    last: dict[tuple[str, str], Run] = {}
    for line in _lines(root / "reports" / LOG):
        run = _run(line)
        if run is not None:
            last[run.student, run.assignment] = run
    bad = [run for run in last.values() if run.outcome != "graded" or run.why]
    return sorted(bad, key=lambda run: (run.outcome != "failed", run.assignment, run.student))


def _lines(file: Path) -> list[str]:
    """Return the last lines of a log, whole ones."""
    try:
        with file.open("rb") as log:
            size = log.seek(0, 2)
            log.seek(max(0, size - MOST_READ))
            text = log.read(MOST_READ).decode(errors="replace")
    except OSError:
        return []
    lines = text.split("\n")
    return lines[1:] if size > MOST_READ else lines


def _run(line: str) -> Run | None:
    try:
        said = json.loads(line)
        return Run(**{one.name: str(said[one.name]) for one in fields(Run)})
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
