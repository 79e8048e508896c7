"""Run a notebook's visible tests and say which hold, and how many checks run after handing in.

`python -m course_page.validation NOTEBOOK` prints it as JSON: the server asks a process of its own.
"""

import ast
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from traitlets.config import Config

from course_page.cells import Place, is_changed, is_test, places, unfinished

CELL_SECONDS = 300
LONGEST_REASON = 300
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
HOLDS, FAILS, UNWRITTEN, CHANGED, HIDDEN, NOT_RUN = (
    *("holds", "fails", "not written yet", "changed", "hidden", "not run"),
)
NOT_COUNTED = {HIDDEN}
CHANGED_BY_YOU = "this cell is not as it was handed out; the original is run for your grade"
NOT_REACHED = "the kernel stopped before this test"


@dataclass(frozen=True)
class Test:
    """One test cell: whether it holds, why not, and how many hidden checks it has (-1: unknown)."""

    place: Place
    state: str
    why: str
    hidden: int


@dataclass(frozen=True)
class Validation:
    """What is known of a notebook before it is handed in."""

    notebook: str
    tests: list[Test]
    unfinished: list[dict[str, Any]]
    stopped: str = ""

    @property
    def visible(self) -> list[Test]:
        """Return the tests of which a student sees something."""
        return [test for test in self.tests if test.state not in NOT_COUNTED]

    @property
    def holding(self) -> int:
        """Return how many visible tests hold."""
        return sum(test.state == HOLDS for test in self.tests)

    @property
    def hidden(self) -> int:
        """Return how many checks run after handing in; -1 where the release does not say."""
        known = [test.hidden for test in self.tests]
        return -1 if not known or min(known) < 0 else sum(known)

    def summary(self) -> str:
        """Return it in two sentences."""
        number = "More" if self.hidden < 0 else str(self.hidden) + " more"
        checks = "check runs" if self.hidden == 1 else "checks run"
        tests = "test" if len(self.visible) == 1 else "tests"
        holding = "holds" if self.holding == 1 else "hold"
        seen = f"{self.holding} of {len(self.visible)} visible {tests} {holding}."
        return f"{seen} {number} {checks} after you hand in."

    def answer(self) -> dict[str, Any]:
        """Return it for a page."""
        counts = {"summary": self.summary(), "holding": self.holding, "hidden": self.hidden}
        return asdict(self) | counts | {"visible": len(self.visible)}

    def lines(self) -> Iterator[str]:
        """Yield it for a terminal."""
        yield f"{self.notebook}: {self.summary()}"
        if self.stopped:
            yield f"  {self.stopped}"
        for test in self.tests:
            why = f": {test.why}" if test.why else ""
            more = f" ({test.hidden} more after you hand in)" if test.hidden > 0 else ""
            yield f"  {test.state:<16}{test.place.section} · {test.place.name}{why}{more}"
        for answer in self.unfinished:
            what = ", ".join(answer["functions"]) or "as it was handed out"
            place = answer["place"]
            yield f"  {'not answered':<16}{place['section']} · {place['name']}: {what}"


def validate(file: Path) -> Validation:
    """Run a notebook in its folder and judge it.

    Raises what reading a file and starting a kernel raise.
    """
    notebook = nbformat.read(file, as_version=4)
    answers = [asdict(one) for one in unfinished(notebook)]
    stopped = run(notebook, file.parent)
    return Validation(file.stem, judge(notebook, bool(stopped)), answers, stopped)


def run(notebook: NotebookNode, folder: Path) -> str:
    """Run all cells in a kernel; return why the run did not reach the end, or nothing."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    with tempfile.TemporaryDirectory(prefix="validate-") as private:
        client = NotebookClient(
            notebook,
            config=unheard(private),
            timeout=CELL_SECONDS,
            interrupt_on_timeout=True,
            allow_errors=True,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
        )
        try:
            client.execute()
        except DeadKernelError:
            return "The kernel died: perhaps it used more memory than there is."
    return ""


def unheard(folder: str) -> Config:
    """Return what makes a kernel talk by sockets in a private folder, not by ports of the machine.

    At a port, every account of the machine could read what it prints.
    """
    connection = {"transport": "ipc", "connection_file": f"{folder}/kernel.json"}
    return Config(KernelManager=connection)


def judge(notebook: NotebookNode, stopped: bool = False) -> list[Test]:
    """Return the tests of a notebook that was run."""
    hidden = notebook.metadata.get("course", {}).get("hidden_checks", {})
    return [
        Test(place, *_outcome(cell, stopped), int(hidden.get(place.name, -1)))
        for cell, place in places(notebook)
        if is_test(cell)
    ]


def _outcome(cell: NotebookNode, stopped: bool) -> tuple[str, str]:
    if is_changed(cell):
        return CHANGED, CHANGED_BY_YOU
    if not _does_anything(cell.source):
        return HIDDEN, ""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    if not errors:
        unreached = stopped and cell.execution_count is None
        return (NOT_RUN, NOT_REACHED) if unreached else (HOLDS, "")
    error = errors[-1]
    if error.ename == "NotImplementedError":
        return UNWRITTEN, ""
    if error.ename == "KeyboardInterrupt":
        return FAILS, f"it was stopped after {CELL_SECONDS} seconds"
    return FAILS, _reason(error.ename, error.evalue)


def _does_anything(source: str) -> bool:
    try:
        return bool(ast.parse(source).body)
    except SyntaxError:
        return True


def _reason(name: str, message: str) -> str:
    """Return an error in one line that is not too long."""
    text = " ".join(COLOURS.sub("", message).split())
    text = text if name == "AssertionError" and text else f"{name}: {text}".removesuffix(": ")
    return text if len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON]}…"


def main() -> None:
    """Print what is known of the notebook that the command line names."""
    os.environ |= {"NBGRADER_VALIDATING": "1", "NBGRADER_EXECUTION": "validate"}
    print(json.dumps(validate(Path(sys.argv[1]).absolute()).answer()))


if __name__ == "__main__":
    main()
