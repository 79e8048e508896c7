"""A queue of long steps and the one process that carries them out.

One process, so that the gradebook has one writer of automatic grades however many TAs press the
button; beside the server, so that everybody's pages stay quick. On a hub it knows neither the hub's
token nor its address.
"""

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Answer = dict[str, Any]
Target = tuple[str, str | None]
"""An assignment, and a student or all."""
Tell = Callable[[str], None]
LONGEST_ANSWER = 64 * 1024 * 1024
HUB_VARIABLES = ("JUPYTERHUB_", "JPY_", "CONFIGPROXY_")
DONE = "done"
PROCESS_ENDED = "The grading process ended"
SETTING = "grading_jobs"


def unheard(_: str) -> None:
    """Tell nobody."""


@dataclass(eq=False)
class Job:
    """One pressed button, how it is to be done, who awaits answers and hears of its progress."""

    action: str
    targets: Sequence[Target]
    answers: asyncio.Future[list[Answer]]
    tell: Tell = unheard
    how: Mapping[str, Any] = field(default_factory=dict)


class Jobs:
    """Carry out steps in the order they came; submissions to autograde go together."""

    def __init__(self, root: Path, together: int | None = None) -> None:
        self._root = root
        self._together = together or os.cpu_count() or 1
        self._waiting: list[Job] = []
        self._process: Process | None = None
        self._loop: asyncio.Task[None] | None = None

    async def run(self, action: str, assignment: str, student: str | None = None) -> Answer:
        """Queue a step and return its answer, in the shape of nbgrader's own."""
        [answer] = await self.run_all(action, [(assignment, student)])
        return answer

    async def run_all(
        self, action: str, targets: Sequence[Target], tell: Tell = unheard, **how: Any
    ) -> list[Answer]:
        """Queue one step on several targets; return an answer for each, in their order.

        `tell` hears of each as soon as it is dealt with; `how` is plain data for the step.
        """
        job = Job(action, targets, asyncio.get_running_loop().create_future(), tell, how)
        self._waiting.append(job)
        if self._loop is None or self._loop.done():
            self._loop = asyncio.create_task(self._work())
        return await asyncio.shield(job.answers)

    async def _work(self) -> None:
        while self._waiting:
            batch = self._next_batch()
            targets = [target for job in batch for target in job.targets]
            try:
                answers = await self._ask(batch, targets)
            except (OSError, ValueError) as error:
                answers = [_failure(f"{PROCESS_ENDED}: {error}")] * len(targets)
                self._give_up_the_process()
            for job in batch:
                job.answers.set_result([answers.pop(0) for _ in job.targets])

    def _next_batch(self) -> list[Job]:
        first = self._waiting[0]
        batch = [first]
        if first.action == "autograde":
            distinct: dict[tuple[Target, ...], Job] = {}
            for job in self._waiting:
                if job.action == "autograde":
                    distinct.setdefault(tuple(job.targets), job)
            batch = list(distinct.values())[: self._together]
        self._waiting = [job for job in self._waiting if job not in batch]
        return batch

    async def _ask(self, batch: list[Job], targets: list[Target]) -> list[Answer]:
        process = await self._worker()
        assert process.stdin is not None
        assert process.stdout is not None
        request = {"action": batch[0].action, "targets": targets, "how": batch[0].how}
        process.stdin.write(json.dumps(request).encode() + b"\n")
        await process.stdin.drain()
        while isinstance(said := _read(await process.stdout.readline()), str):
            batch[0].tell(said)
        if len(said) != len(targets):
            raise ValueError("it answered something else")
        return said

    async def _worker(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            env = {k: v for k, v in os.environ.items() if not k.startswith(HUB_VARIABLES)}
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "grading.nbgrader_steps.formgrader.work", str(self._root)),
                stdin=PIPE,
                stdout=PIPE,
                cwd=self._root,
                env=env,
                limit=LONGEST_ANSWER,
            )
        return self._process

    def _give_up_the_process(self) -> None:
        """End a process that has failed: what it says next may answer what was asked before."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            self._process = None


def jobs_of(settings: MutableMapping[str, Any], root: Path) -> Jobs:
    """Return the queue of a server on a course: there is one, whoever asks first."""
    jobs: Jobs = settings.setdefault(SETTING, Jobs(root))
    return jobs


def _read(line: bytes) -> str | list[Answer]:
    """Return the answers that a line holds, or of whom it says that they are dealt with."""
    if not line:
        raise OSError("it said nothing")
    said = json.loads(line)
    if isinstance(said, dict) and said.keys() == {DONE}:
        return str(said[DONE])
    if not isinstance(said, list):
        raise ValueError("it answered something else")
    return said


def _failure(text: str) -> Answer:
    return {"success": False, "error": text, "log": text}
