"""One place to grade at: a worker that is started when it is needed and again when it is gone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from grading.engine.messages import Graded, Malformed, is_points
from grading.engine.settings import Workers
from grading.engine.worker_process import WorkerEnded, WorkerProcess
from grading.grades.kit import Kit
from grading.sandbox.bubblewrap import SandboxError
from grading.sandbox.kernel import KernelNotStarted

Line = dict[str, Any]
ERRORS: dict[str, type[Exception]] = {
    "SandboxError": SandboxError,
    "KernelNotStarted": KernelNotStarted,
}


class WorkerDown(Exception):
    """A submission took its worker down; `earned` is what its test cells had earned by then."""

    def __init__(self, why: str, earned: dict[str, float]) -> None:
        super().__init__(why, earned)
        self.earned = earned

    def __str__(self) -> str:
        return str(self.args[0])


class GradingFailed(Exception):
    """The grader itself made a mistake with a submission."""


class Slot:
    """Grade one submission at a time in a worker of its own."""

    def __init__(
        self, limits: Workers, folder: Path | None = None, processor: int | None = None
    ) -> None:
        self._limits = limits
        self._folder = folder
        self._processor = processor
        self._process: WorkerProcess | None = None

    def grade(self, kit: Kit, submission: bytes, how: dict[str, Any]) -> Graded:
        """Return what an archive of submitted files earns.

        `how` says whether it is run, or what it gets instead. Raises `WorkerDown`, `SandboxError`,
        `KernelNotStarted`, or `GradingFailed` for a mistake of ours.
        """
        earned: dict[str, float] = {}

        def note(line: Line) -> None:
            cell, score = line.get("cell"), line.get("earned")
            if isinstance(cell, str) and is_points(score):
                earned[cell] = float(score or 0.0)

        limits = kit.settings
        seconds = limits.startup_seconds + limits.notebook_seconds + self._limits.wall_seconds
        try:
            process = self._with_kit(kit)
            request = {"do": "grade", **how}
            line, content = process.ask(request, submission, seconds, note)
            if line["answer"] == "graded":
                return Graded.read(line, content)
        except (WorkerEnded, Malformed) as ended:
            self.close()
            raise WorkerDown(str(ended), earned) from None
        kind, why = str(line.get("kind")), str(line.get("why"))
        if kind in ERRORS:
            raise ERRORS[kind](why)
        raise GradingFailed(f"{kind}: {why}")

    def render(self, request: dict[str, Any], notebook: bytes) -> bytes:
        """Return the page of a graded notebook, as `grading.engine.messages` describes it."""
        line, page = self._ask(request, notebook, self._limits.wall_seconds, lambda _: None)
        if line["answer"] != "page":
            raise GradingFailed(f"{line.get('kind')}: {line.get('why')}")
        return page

    def _ask(
        self, request: dict[str, Any], content: bytes, seconds: float, told: Callable[[Line], None]
    ) -> tuple[Line, bytes]:
        """Ask the worker, which is started where there is none; raise `WorkerDown` if it ends."""
        try:
            return self._running().ask(request, content, seconds, told)
        except (WorkerEnded, Malformed) as ended:
            self.close()
            raise WorkerDown(str(ended), {}) from None

    def close(self) -> None:
        """End the worker, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.close()

    def _with_kit(self, kit: Kit) -> WorkerProcess:
        """Return the worker, which has been given the kit."""
        process = self._running()
        if process.kit != kit.fingerprint:
            process.send({"do": "kit"}, kit.to_bytes())
            process.kit = kit.fingerprint
        return process

    def _running(self) -> WorkerProcess:
        if self._process is not None and self._process.ended:
            self.close()
        if self._process is None:
            self._process = WorkerProcess(self._limits, self._folder, self._processor)
        return self._process
