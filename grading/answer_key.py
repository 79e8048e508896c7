"""Run our own solution behind the same wall and keep its evidence: the answer key.

The key is a cache. It is made again when anything that it depends on has changed: the notebook,
the files handed out with it, the unlabelled data, the salt, `check` itself or the student
environment.
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from grading.course import Course, fingerprint
from grading.evidence import Evidence, MalformedEvidence, parse
from grading.execute import Box, Run, run_notebook
from grading.master import Master
from grading.sandbox.clock import Stretch
from grading.sandbox.settings import PROJECT, Sandbox
from grading.sandbox.wall import CHECK_MODULE

STUDENT_LOCK = PROJECT / "environment" / "student.lock"


class BadSolution(RuntimeError):
    """Our own solution does not run as it must; the message says where."""


@dataclass
class AnswerKey:
    """The evidence of our own solution, by test cell and check name, in order."""

    made_from: str
    cells: dict[str, dict[str, Evidence]]
    stretches: list[Stretch] = field(default_factory=list)


def answer_key(course: Course, master: Master, settings: Sandbox) -> AnswerKey:
    """Return the key of a released notebook, making it first if it is missing or stale.

    Raises `BadSolution` when our own solution fails, `SandboxError` when there is no sandbox.
    """
    made_from = dependencies(course, master)
    file = master.folder / "key.json"
    with _lock(master.folder):
        if file.exists():
            stored = json.loads(file.read_text())
            if stored["made_from"] == made_from:
                timed = [Stretch(**stretch) for stretch in stored["stretches"]]
                return AnswerKey(made_from, _parsed(stored["cells"]), timed)
        notebook = master.solved()
        run = run_solution(notebook, master.handout, course, settings)
        cells = evidence_by_cell(notebook, run)
        stretches = [asdict(stretch) for stretch in run.stretches]
        text = json.dumps({"made_from": made_from, "cells": cells, "stretches": stretches})
        file.with_suffix(".new").write_text(text)
        file.with_suffix(".new").rename(file)
        return AnswerKey(made_from, _parsed(cells), run.stretches)


def dependencies(course: Course, master: Master) -> str:
    """Return the hash of everything that the key depends on."""
    code = [cell.source for cell in master.solved().cells if cell.cell_type == "code"]
    files = (master.handout, course.hidden_data, CHECK_MODULE, STUDENT_LOCK)
    return fingerprint(json.dumps(code), course.salt, *files)


def run_solution(notebook: NotebookNode, handout: Path, course: Course, settings: Sandbox) -> Run:
    """Run a notebook of ours behind the wall."""
    nothing = course.root / "answer_key" / "nothing"
    nothing.mkdir(parents=True, exist_ok=True)
    return run_notebook(notebook, Box(nothing, handout, course.hidden_data), settings, course.salt)


def evidence_by_cell(notebook: NotebookNode, run: Run) -> dict[str, dict[str, Any]]:
    """Return the raw evidence of our own run; raise `BadSolution` when any of it is unfit."""
    if run.ended != "complete":
        raise BadSolution(f"our own solution did not finish: {run.message}")
    cells: dict[str, dict[str, Any]] = {}
    for cell, result in zip(notebook.cells, run.cells, strict=True):
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if result.error is not None:
            raise BadSolution(f"our own solution raises {result.error} in the cell {name or '?'}")
        if is_test(cell):
            cells[name] = _fit(name, result.evidence)
    return cells


def is_test(cell: NotebookNode) -> bool:
    """Return whether a cell is an autograded test."""
    ours = cell.metadata.get("nbgrader", {})
    return cell.cell_type == "code" and bool(ours.get("grade")) and not ours.get("solution")


def _fit(cell: str, reported: list[Any]) -> dict[str, Any]:
    if not reported:
        raise BadSolution(f"the test cell {cell} has no check, so nothing could earn its points")
    checks: dict[str, Any] = {}
    for raw in reported:
        try:
            evidence = parse(raw)
        except MalformedEvidence as error:
            raise BadSolution(f"a check in {cell} reports {error}") from None
        if evidence.name in checks:
            raise BadSolution(f"the check '{evidence.name}' in {cell} is there twice")
        if evidence.value.kind in ("error", "unknown"):
            types = ", ".join(evidence.value.types[:1]) or "a value that cannot be compared"
            raise BadSolution(f"the check '{evidence.name}' in {cell} reports {types}")
        checks[evidence.name] = raw
    return checks


def _parsed(cells: dict[str, dict[str, Any]]) -> dict[str, dict[str, Evidence]]:
    return {
        cell: {name: parse(raw) for name, raw in checks.items()} for cell, checks in cells.items()
    }


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
