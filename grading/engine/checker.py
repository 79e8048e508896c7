"""Check a notebook before it is handed in: graded as a submission is, and no grade is written.

The hidden inputs are not those of the grade, and the course says what is told (`Check`).
"""

import json
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from nbformat import NotebookNode
from traitlets import Enum, Integer
from traitlets.config import Config, Configurable

from grading.course.cells import is_test, nbgrader_of
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.course.sections import sections_of
from grading.engine.messages import Graded, Malformed
from grading.engine.options import Options
from grading.engine.pool import LocalPool, Pool
from grading.grades.graded import ENDINGS
from grading.grades.kit import Kit

MAX_HINT = 500
HOW = {"execute": True, "tell": "checks"}


class Check(Configurable):
    """What students may ask before they hand in; set it in `nbgrader_config.py` as `c.Check.…`."""

    tells = Enum(
        ["off", "count", "names", "hints"],
        "names",
        help="What Check tells: nothing, how many checks hold, which ones, or also their hints.",
    ).tag(config=True)
    a_day = Integer(10, help="How often a student may ask within 24 hours.").tag(config=True)
    workers = Integer(1, help="Worker processes that answer, beside those that grade.").tag(
        config=True
    )


@dataclass(frozen=True)
class Section:
    """The checks of one test cell, under the heading above it: (name, holds, hint) each."""

    cell: str
    heading: str
    checks: tuple[tuple[str, bool, str], ...]


@dataclass(frozen=True)
class Checked:
    """What a check brought; `about` says in a sentence how it ended before its time."""

    sections: tuple[Section, ...]
    about: str = ""

    def told(self, tells: str) -> dict[str, Any]:
        """Return what may be told of it, as JSON has it."""
        every = [check for section in self.sections for check in section.checks]
        said: dict[str, Any] = {
            "passed": sum(holds for _, holds, _ in every),
            "checks": len(every),
            "about": self.about,
        }
        if tells == "count":
            return said
        return said | {"sections": [_section(one, tells == "hints") for one in self.sections]}


class Checker:
    """Check notebooks of one course, in the order in which they were asked for."""

    def __init__(self, course: Course, config: Config, pool: Pool | None = None) -> None:
        self.policy = Check(config=config)
        self._course = Course(course.root, practising=True)
        self._options = Options.of(config)
        self._folder = tempfile.TemporaryDirectory(prefix="checks-")
        folder = Path(self._folder.name)
        self._pool = pool or LocalPool(self.policy.workers, self._options.workers, folder)
        self._turns = ThreadPoolExecutor(self.policy.workers, "check")
        self._kits: dict[str, tuple[int, Kit]] = {}
        self._making = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, assignment: str, notebook: bytes) -> Future[Checked]:
        """Have a saved notebook checked.

        The future raises `NotReleased`, `BadSolution`, `SandboxError`, or what `Slot` does.
        """
        return self._turns.submit(self._check, assignment, notebook)

    def close(self) -> None:
        """End the workers; what waits is given up."""
        self._turns.shutdown(wait=False, cancel_futures=True)
        self._pool.stop()
        self._folder.cleanup()

    def _check(self, assignment: str, notebook: bytes) -> Checked:
        kit = self._kit(assignment)
        with tempfile.TemporaryDirectory(dir=self._folder.name) as name:
            (Path(name) / f"{assignment}.ipynb").write_bytes(notebook)
            graded = self._pool.submit(kit, Path(name), HOW).result()
        return checked(graded, kit.notebook)

    def _kit(self, assignment: str) -> Kit:
        """Return what is needed to check it: made again when it has been released again."""
        released = ReleasedNotebook(self._course, assignment)
        with self._making:
            made = released.file.stat().st_mtime_ns if released.file.exists() else 0
            if self._kits.get(assignment, (None,))[0] != made:
                kit = Kit.of(self._course, released, self._options.sandbox)
                self._kits[assignment] = made, kit
            return self._kits[assignment][1]


def checked(graded: Graded, notebook: NotebookNode) -> Checked:
    """Read what a worker says of checks; raise `Malformed` when it says anything else."""
    try:
        told = json.loads(graded.notebook)
        sections = tuple(_sections(told, notebook))
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Malformed("checks that are none") from None
    return Checked(sections, ENDINGS.get(graded.ended, ""))


def _sections(told: dict[str, Any], notebook: NotebookNode) -> Iterator[Section]:
    headings = sections_of(notebook)
    for cell in notebook.cells:
        if is_test(cell):
            name = nbgrader_of(cell)["grade_id"]
            checks = tuple(
                (_text(one["name"]), one["passed"] is True, _text(one["hint"]))
                for one in told[name]
            )
            yield Section(name, headings[name], checks)


def _section(section: Section, hints: bool) -> dict[str, Any]:
    checks = [
        {"name": name, "passed": holds} | ({"hint": hint} if hints else {})
        for name, holds, hint in section.checks
    ]
    return {"cell": section.cell, "heading": section.heading, "checks": checks}


def _text(said: Any) -> str:
    if not isinstance(said, str) or len(said) > MAX_HINT:
        raise Malformed("a text that is none")
    return said
