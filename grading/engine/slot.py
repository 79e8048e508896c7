"""One place to grade at: a worker that is started when it is needed and again when it is gone."""

import threading
import time
from pathlib import Path
from typing import Any

from grading.engine.messages import MAX_TEXT, Graded, Malformed, is_points
from grading.engine.settings import Workers
from grading.engine.start_worker import NoForkServer
from grading.engine.worker_process import ENDINGS, WorkerEnded, WorkerProcess
from grading.grades.kit import Kit
from grading.sandbox.bubblewrap import SandboxError
from grading.sandbox.kernel import KernelNotStarted

KIT_SECONDS = 120.0
NOT_STARTED = "No worker could be started"


class WorkerDown(Exception):
    """A submission took its worker down; `earned` is what its test cells had earned by then.

    `code` says in a word what ended it, `seconds` how long that took.
    """

    def __init__(self, why: str, earned: dict[str, float], code: str, seconds: float) -> None:
        super().__init__(why, earned, code, seconds)
        self.earned, self.code, self.seconds = earned, code, seconds

    def __str__(self) -> str:
        return str(self.args[0])


class WorkerNotStarted(RuntimeError):
    """A worker ended before it was given any submission, which is nobody's fault but ours."""


class GradingFailed(Exception):
    """The grader itself made a mistake with a submission."""


ERRORS: dict[str, type[Exception]] = {
    "SandboxError": SandboxError,
    "KernelNotStarted": KernelNotStarted,
}


class Slot:
    """Grade one submission at a time in a worker of its own, until `stopping` is set.

    `cold` says whether a kernel had to be started from nothing.
    """

    def __init__(
        self,
        limits: Workers,
        folder: Path | None = None,
        processor: int | None = None,
        stopping: threading.Event | None = None,
    ) -> None:
        self._limits = limits
        self._folder = folder
        self._processor = processor
        self._stopping = stopping
        self._process: WorkerProcess | None = None
        self._kit = ""
        self.cold = False

    def grade(self, kit: Kit, submission: bytes, how: dict[str, Any]) -> Graded:
        """Return what an archive of submitted files earns.

        `how` says whether it is run, or what it gets instead. Raises `WorkerDown`, `SandboxError`,
        `KernelNotStarted`, `WorkerNotStarted`, or `GradingFailed` for a mistake of ours.
        """
        process, began = self._with_kit(kit), time.monotonic()
        earned: dict[str, float] = {}

        def note(line: dict[str, Any]) -> None:
            cell, score = line.get("cell"), line.get("earned")
            if not isinstance(cell, str) or not is_points(score):
                raise Malformed
            Graded(b"", {cell: score}).refuse_more_than(kit.points)
            earned[cell] = float(score or 0.0)

        limits = kit.settings
        seconds = limits.startup_seconds + limits.notebook_seconds + self._limits.wall_seconds
        try:
            line, content = process.ask({"do": "grade", **how}, submission, seconds, note)
            if line["answer"] == "graded":
                graded = Graded.read(line, content)
                graded.refuse_more_than(kit.points)
                graded.seconds = time.monotonic() - began
                self.cold = self.cold or bool(graded.cold)
                return graded
        except (WorkerEnded, Malformed) as error:
            ended = error if isinstance(error, WorkerEnded) else WorkerEnded("malformed")
            self.close()
            taken = time.monotonic() - began
            raise WorkerDown(str(ended), earned, ended.code, taken) from None
        kind, why = str(line.get("kind"))[:MAX_TEXT], str(line.get("why"))[:MAX_TEXT]
        if kind in ERRORS:
            raise ERRORS[kind](why)
        raise GradingFailed(f"{kind}: {why}")

    def render(self, request: dict[str, Any], notebook: bytes) -> bytes:
        """Return the page of a graded notebook, as `grading.engine.messages` describes it."""
        process, began = self._quiet(), time.monotonic()
        try:
            line, page = process.ask(request, notebook, self._limits.wall_seconds, lambda _: None)
        except WorkerEnded as ended:
            self.close()
            raise WorkerDown(str(ended), {}, ended.code, time.monotonic() - began) from None
        if line["answer"] != "page":
            raise GradingFailed(f"{line.get('kind')}: {line.get('why')}"[:MAX_TEXT])
        return page

    def close(self) -> None:
        """End the worker, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.close()

    def _with_kit(self, kit: Kit) -> WorkerProcess:
        """Return a worker that waits for a submission and has been given the kit."""
        process = self._quiet(kit.limits)
        if self._kit != kit.fingerprint:
            self._give(kit, process)
            self._kit = kit.fingerprint
        return process

    def _quiet(self, sandbox: dict[str, Any] | None = None) -> WorkerProcess:
        """Return a worker that waits for a request, started where there is none."""
        if self._process is not None and not self._process.quiet:
            self.close()
        if self._process is None:
            self._kit = ""
            how = self._folder, self._processor, self._stopping, sandbox
            try:
                self._process = WorkerProcess(self._limits, *how)
            except NoForkServer as error:
                raise WorkerNotStarted(f"{NOT_STARTED}: {error}") from None
        return self._process

    def _give(self, kit: Kit, process: WorkerProcess) -> None:
        try:
            line, _ = process.ask({"do": "kit"}, kit.to_bytes(), KIT_SECONDS, lambda line: None)
            if line["answer"] == "ready":
                return
            said = str(line)[:MAX_TEXT]
        except WorkerEnded as ended:
            said = f"it {ENDINGS[ended.code]}; {process.last_words()}".removesuffix("; ")
        self.close()
        raise WorkerNotStarted(f"{NOT_STARTED}: {said}")
