"""Run our own solution in the same sandbox and keep its evidence: the answer key.

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

from grading.checks.kinds import KINDS
from grading.course.cells import grade_id_of, is_test
from grading.course.errors import BadSolution
from grading.course.files import write_whole
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.course.stamp import Stamp, fingerprint
from grading.sandbox.archive import NOTHING, pack
from grading.sandbox.bubblewrap import CHECK_MODULE, KERNEL_PACKAGE, SandboxError
from grading.sandbox.clock import Stretch
from grading.sandbox.evidence import Evidence, MalformedEvidence, parse
from grading.sandbox.execute import Run, run_notebook
from grading.sandbox.kernel import Files, KernelNotStarted
from grading.sandbox.settings import PROJECT, Sandbox
from grading.submission.names import about_names

STUDENT_LOCK = PROJECT / "environment" / "student.lock"


@dataclass
class AnswerKey:
    """The evidence of our own solution, by test cell and check name, in order."""

    cells: dict[str, dict[str, Evidence]]
    stretches: list[Stretch] = field(default_factory=list)


def answer_key(course: Course, released: ReleasedNotebook, settings: Sandbox) -> AnswerKey:
    """Return the key of a released notebook, making it first if it is missing or stale.

    Raises `BadSolution` when our own solution fails, `SandboxError` when there is no sandbox.
    """
    return read_key(key_text(course, released, settings))


def key_text(course: Course, released: ReleasedNotebook, settings: Sandbox) -> str:
    """Return the key as `key.json` holds it, making it first if it is missing or stale."""
    file = released.key
    stamp, made_from = Stamp(released.course.root, file), key_fingerprint(course, released)
    with _lock(released.folder):
        if stamp.holds(made_from):
            return file.read_text()
        notebook = released.solved()
        run = run_solution(notebook, released.handout, course, settings, records=True)
        cells = evidence_by_cell(notebook, run)
        stretches = [asdict(stretch) for stretch in run.stretches]
        text = json.dumps({"cells": cells, "stretches": stretches})
        write_whole(file, text)
        stamp.put(made_from)
        return text


def read_key(text: str) -> AnswerKey:
    """Return the key that a text of `key.json` holds."""
    stored = json.loads(text)
    timed = [Stretch(**stretch) for stretch in stored["stretches"]]
    return AnswerKey(_parsed(stored["cells"]), timed)


def key_fingerprint(course: Course, released: ReleasedNotebook) -> str:
    """Return the fingerprint of everything that the key depends on."""
    cells = [cell for cell in released.solved().cells if cell.cell_type == "code"]
    code = [(grade_id_of(cell), is_test(cell), cell.source) for cell in cells]
    files = (released.handout, course.hidden_data, CHECK_MODULE, KERNEL_PACKAGE, STUDENT_LOCK)
    return fingerprint(json.dumps(code), course.salt, *files)


def run_solution(
    notebook: NotebookNode,
    handout: Path,
    course: Course,
    settings: Sandbox,
    records: bool = False,
) -> Run:
    """Run a notebook of ours in the sandbox; raise `SandboxError` when no kernel starts.

    With `records` it also computes what students' timed stretches are compared with.
    """
    files = Files(NOTHING, pack(handout), pack(course.hidden_data))
    try:
        about = about_names(notebook, notebook)
        return run_notebook(notebook, files, settings, course.salt, about=about, records=records)
    except KernelNotStarted as error:
        raise SandboxError(str(error)) from None


def evidence_by_cell(notebook: NotebookNode, run: Run) -> dict[str, dict[str, Any]]:
    """Return the raw evidence of our own run; raise `BadSolution` when any of it is unfit."""
    if run.ended != "complete":
        raise BadSolution(f"our own solution did not finish: {run.message}")
    cells: dict[str, dict[str, Any]] = {}
    for cell, result in zip(notebook.cells, run.cells, strict=True):
        name = grade_id_of(cell)
        if result.error is not None:
            raise BadSolution(f"our own solution raises {result.error} in the cell {name or '?'}")
        if is_test(cell):
            assert name is not None
            cells[name] = _fit(name, result.evidence, run.stretches)
    return cells


def _fit(cell: str, reported: list[Any], timed: list[Stretch]) -> dict[str, Any]:
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
        if reason := _unfit(evidence, timed):
            raise BadSolution(f"the check '{evidence.name}' in {cell} {reason}")
        checks[evidence.name] = raw
    return checks


def _unfit(evidence: Evidence, timed: list[Stretch]) -> str | None:
    if evidence.kind not in KINDS:
        return f"is of a kind that nothing judges: {evidence.kind}"
    if evidence.value.kind in ("error", "unknown"):
        types = ", ".join(evidence.value.types[:1]) or "a value that cannot be compared"
        return f"reports {types}"
    return KINDS[evidence.kind].unfit(evidence, timed)


def _parsed(cells: dict[str, dict[str, Any]]) -> dict[str, dict[str, Evidence]]:
    return {
        cell: {name: parse(raw) for name, raw in checks.items()} for cell, checks in cells.items()
    }


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
