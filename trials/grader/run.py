"""Break one line after another and see whether the nearest tests notice."""

import json
import queue
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from trials.grader.corpus import BadCorpus, BrokenLine
from trials.grader.tree import Tree

SECONDS = 300.0
"""How long the tests of one line may take."""

WARM = (
    *("hypothesis.extra.numpy", "jupyter_client.manager", "jupyter_server.base.handlers"),
    *("jupytext", "nbconvert.exporters", "nbgrader.api", "nbgrader.apps"),
    *("nbgrader.preprocessors", "nh3", "pandas", "pooch", "rich.console", "sqlalchemy.orm"),
)
"""Packages of others that most tests import: made ready once, not for each line."""

OPTIONS = (
    *("-q", "-x", "-p", "no:randomly", "-p", "no:cacheprovider", "-n0"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # plugins that are warm already
)

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Outcome:
    """How the tests ended: pytest's exit status (None: out of time), and what it said."""

    status: int | None
    said: str

    @property
    def passed(self) -> bool:
        """Whether the tests ran and none failed."""
        return self.status == pytest.ExitCode.OK

    @property
    def noticed(self) -> bool:
        """Whether the tests ran and one failed, or they never came to an end."""
        return self.status in (pytest.ExitCode.TESTS_FAILED, None)

    @property
    def verdict(self) -> str:
        """What that means for a broken line."""
        if self.status is None:
            return "caught, out of time"
        if self.noticed or self.passed:
            return "caught" if self.noticed else "missed"
        last = self.said.strip().rpartition("\n")[2]
        return f"unfit entry (exit status {self.status}): {last}"


class Worker:
    """A tree of its own and a warm Python in it."""

    def __init__(self, project: Path, seconds: float, warm: Iterable[str]) -> None:
        self._seconds, self._warm = seconds, tuple(warm)
        self._tree = Tree(project)
        self._python = self._start()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self._python.communicate()
        self._tree.remove()

    def run(self, tests: Sequence[str]) -> Outcome:
        """Run tests in the tree as it is."""
        request = {
            "arguments": [*OPTIONS, *tests],
            "output": str(self._tree.output),
            "seconds": self._seconds,
        }
        assert self._python.stdin is not None and self._python.stdout is not None
        self._python.stdin.write(json.dumps(request) + "\n")
        self._python.stdin.flush()
        answer = self._python.stdout.readline()
        if not answer:
            raise RuntimeError(f"the Python that runs the tests ended: {self._python.wait()}")
        said = self._tree.output.read_text(errors="replace")
        self._tree.tidy()
        return Outcome(json.loads(answer), said)

    def try_line(self, line: BrokenLine) -> Outcome:
        """Run a line's tests with that line broken."""
        try:
            with self._tree.broken(line):
                return self.run(line.tests)
        except BadCorpus as error:
            return Outcome(pytest.ExitCode.USAGE_ERROR, str(error))

    def _start(self) -> subprocess.Popen[str]:
        script = Path(__file__).with_name("warm.py")
        return subprocess.Popen(
            [sys.executable, "-P", str(script), *self._warm],
            cwd=self._tree.root,
            env=self._tree.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


class Crew:
    """Several workers, each with a tree of its own."""

    def __init__(
        self, project: Path, count: int, seconds: float = SECONDS, warm: Iterable[str] = WARM
    ) -> None:
        self._stack = ExitStack()
        self._pool = ThreadPoolExecutor(count)
        self._idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for _ in range(count):
            self._idle.put(self._stack.enter_context(Worker(project, seconds, warm)))

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._stack.close()

    def try_lines(self, lines: Iterable[BrokenLine]) -> Iterator[tuple[BrokenLine, Outcome]]:
        """Break each line by itself; yield the outcomes as they come in."""
        return self._each(Worker.try_line, lines)

    def try_sound(self, lines: Iterable[BrokenLine]) -> Iterator[tuple[tuple[str, ...], Outcome]]:
        """Run the tests of the lines once each, with nothing broken."""
        return self._each(Worker.run, dict.fromkeys(line.tests for line in lines))

    def _each(
        self, work: Callable[[Worker, Item], Result], items: Iterable[Item]
    ) -> Iterator[tuple[Item, Result]]:
        def by_whoever_is_idle(item: Item) -> Result:
            worker = self._idle.get()
            try:
                return work(worker, item)
            finally:
                self._idle.put(worker)

        asked = {self._pool.submit(by_whoever_is_idle, item): item for item in items}
        for answer in as_completed(asked):
            yield asked[answer], answer.result()


def sample(lines: Sequence[BrokenLine], count: int, seed: str) -> list[BrokenLine]:
    """Draw lines by chance, from every area in turn."""
    rng = random.Random(seed)
    areas: dict[str, list[BrokenLine]] = {}
    for line in rng.sample(lines, len(lines)):
        areas.setdefault(line.area, []).append(line)
    drawn: list[BrokenLine] = []
    while len(drawn) < min(count, len(lines)):
        drawn += [area.pop() for area in areas.values() if area]
    return drawn[:count]
