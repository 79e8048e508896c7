"""Run one notebook in the sandbox: a pure function of the notebook and its files."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from grading.sandbox.channel import MB
from grading.sandbox.clock import Stretch
from grading.sandbox.evidence import EVIDENCE_MIME
from grading.sandbox.kernel import About, Files, KernelEnded, SealedKernel
from grading.sandbox.settings import Sandbox

MAX_EVIDENCE = 48 * MB
KEPT_TYPES = ("stream", "display_data", "execute_result", "error")


Finished = Callable[[int, "Run"], None]


@dataclass
class CellRun:
    """What running one cell brought: its outputs, its raw evidence, and how it ended."""

    status: str = "not run"
    outputs: list[NotebookNode] = field(default_factory=list)
    evidence: list[Any] = field(default_factory=list)
    error: str | None = None


@dataclass
class Run:
    """What running a notebook brought; `cells` is aligned with the notebook's cells."""

    cells: list[CellRun]
    ended: str = "complete"
    message: str = ""
    sealed: bool = True
    cold: str = ""
    cpu_seconds: float = 0.0
    stretches: list[Stretch] = field(default_factory=list)


def run_notebook(
    notebook: NotebookNode,
    files: Files,
    settings: Sandbox,
    salt: str,
    finished: Finished = lambda _index, _run: None,
    about: Sequence[About] | None = None,
    records: bool = False,
) -> Run:
    """Run every code cell in order, going on after errors, until the end or a limit.

    `about` tells of each cell what tests must know of its names; without it all cells are
    ordinary. `finished` is called after each cell with its index and the run so far. `records` has
    timed sides give their results for all seeds that runs of students draw from.
    Raises `SandboxError` when no sandbox can be set up; nothing of the student's can raise.
    """
    run = Run([CellRun() for _ in notebook.cells], sealed=settings.sealed)
    budget = _Budget(settings)
    with SealedKernel(settings, files, salt, records) as kernel:
        run.cold = kernel.cold
        try:
            for index, cell in enumerate(notebook.cells):
                if cell.cell_type == "code" and cell.source.strip():
                    messages = kernel.execute(cell.source, about[index] if about else None)
                    _run_cell(messages, run.cells[index], budget)
                    run.stretches = kernel.clock.stretches
                    finished(index, run)
        except KernelEnded as ended:
            run.ended, run.message = ended.code, str(ended)
        run.cpu_seconds = kernel.cpu_seconds()
        run.stretches = kernel.clock.stretches
    return run


def _run_cell(messages: Iterable[dict[str, Any]], result: CellRun, budget: "_Budget") -> None:
    result.status = "stopped"
    for message in messages:
        kind = message["msg_type"]
        if kind == "execute_reply":
            failed = message.get("status") != "ok"
            if result.status != "interrupted":
                result.status = "failed" if failed else "ran"
        elif kind == "interrupted":
            result.status = "interrupted"
        elif kind == "clear_output":
            result.outputs.clear()
        elif kind in KEPT_TYPES:
            _keep(message, result, budget)


def _keep(message: dict[str, Any], result: CellRun, budget: "_Budget") -> None:
    data = message.get("data")
    if isinstance(data, dict) and EVIDENCE_MIME in data:
        if budget.take_evidence(data[EVIDENCE_MIME]):
            result.evidence.append(data[EVIDENCE_MIME])
        return
    output = _output(message)
    if output is None:
        return
    if output.output_type == "error":
        result.error = output.ename
    if budget.take_output(output):
        last = result.outputs[-1] if result.outputs else None
        if output.output_type == "stream" and last is not None and last.get("name") == output.name:
            last.text += output.text
        else:
            result.outputs.append(output)


def _output(message: dict[str, Any]) -> NotebookNode | None:
    """Return a message as a notebook output, or None when it is malformed."""
    kind = message["msg_type"]
    if kind == "stream":
        name, text = message.get("name"), message.get("text")
        if name in ("stdout", "stderr") and isinstance(text, str):
            return NotebookNode(output_type=kind, name=name, text=text)
    elif kind == "error":
        trace = message.get("traceback")
        lines = [str(line) for line in trace] if isinstance(trace, list) else []
        ename, evalue = str(message.get("ename"))[:200], str(message.get("evalue"))[:2000]
        return NotebookNode(output_type=kind, ename=ename, evalue=evalue, traceback=lines)
    else:
        data = message.get("data")
        if isinstance(data, dict) and all(isinstance(mime, str) for mime in data):
            output = NotebookNode(
                output_type=kind, data=NotebookNode(data), metadata=NotebookNode()
            )
            if kind == "execute_result":
                count = message.get("execution_count")
                output["execution_count"] = count if isinstance(count, int) else None
            return output
    return None


class _Budget:
    """Count what a notebook has put out, and refuse what goes beyond."""

    def __init__(self, settings: Sandbox) -> None:
        self._output = settings.output_mb * MB
        self._evidence = float(MAX_EVIDENCE)

    def take_output(self, output: NotebookNode) -> bool:
        self._output -= len(json.dumps(output))
        return self._output >= 0

    def take_evidence(self, raw: Any) -> bool:
        self._evidence -= len(json.dumps(raw))
        return self._evidence >= 0
