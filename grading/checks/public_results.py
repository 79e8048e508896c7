"""Record what our own solution gives in the visible tests: results on public inputs."""

import ast
import copy
import json
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from grading.checks.answer_key import run_solution
from grading.course.cells import is_test
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.course.told_checks import visible_tests
from grading.inside.tinytorch._checking.public import GOT, steps
from grading.sandbox.evidence import MalformedEvidence, parse
from grading.sandbox.settings import Sandbox

LONGEST = 20_000  # characters of one result; what is longer is compared by the test alone
REPORTED = ("error", "unknown")


def public_results(
    course: Course, released: ReleasedNotebook, settings: Sandbox
) -> dict[str, dict[str, Any]]:
    """Return by test cell, and number of the statement in it, what the solved notebook gives.

    The visible tests run once more at its end; no hidden test is in what runs. A test that holds in
    its own place only is left out. Raises `SandboxError` where no kernel starts.
    """
    notebook = released.solved()
    visible = visible_tests(notebook)
    recording = _recording(notebook, visible)
    run = run_solution(recording, released.handout, course, settings)
    first = len(recording.cells) - len(visible)
    return {
        cell: _results(ran.evidence)
        for cell, ran in zip(visible, run.cells[first:], strict=True)
        if ran.status == "ran"
    }


def _recording(notebook: NotebookNode, visible: dict[str, str]) -> NotebookNode:
    recording = copy.deepcopy(notebook)
    recording.cells = [cell for cell in recording.cells if not is_test(cell)]
    recording.cells += [new_code_cell(reporting(source)) for source in visible.values()]
    return recording


def reporting(source: str) -> str:
    """Return a visible test that reports, under the number of its statement, what it compares."""
    lines = ["from grading import check"]
    for number, (statement, name) in enumerate(steps(source)):
        lines.append(ast.unparse(statement))
        if name:
            lines.append(f"check('{number}', lambda: {GOT})")
    return "\n".join(lines)


def _results(evidence: list[Any]) -> dict[str, Any]:
    results = {}
    for raw in evidence:
        try:
            one = parse(raw)
        except MalformedEvidence:
            continue
        if one.value.kind not in REPORTED and len(json.dumps(raw["value"])) <= LONGEST:
            results[one.name] = raw["value"]
    return results
