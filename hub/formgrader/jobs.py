"""A queue of long steps and the one process that carries them out.

One process, so that the gradebook has one writer of automatic grades however many TAs press the
button; beside the server, so that everybody's pages stay quick. It knows neither the hub's token
nor its address.
"""

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Answer = dict[str, Any]
LONGEST_ANSWER = 64 * 1024 * 1024
HUB_VARIABLES = ("JUPYTERHUB_", "JPY_", "CONFIGPROXY_")


@dataclass
class Job:
    """One pressed button, and where its answer is awaited."""

    action: str
    assignment: str
    student: str | None
    answer: asyncio.Future[Answer]


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
        job = Job(action, assignment, student, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        if self._loop is None or self._loop.done():
            self._loop = asyncio.create_task(self._work())
        return await asyncio.shield(job.answer)

    async def _work(self) -> None:
        while self._waiting:
            batch = self._next_batch()
            try:
                answers = await self._ask(batch)
            except (OSError, ValueError) as error:
                answers = [_failure(f"The grading process ended: {error}")] * len(batch)
                self._give_up_the_process()
            for job, answer in zip(batch, answers, strict=True):
                job.answer.set_result(answer)

    def _next_batch(self) -> list[Job]:
        first = self._waiting[0]
        batch = [first]
        if first.action == "autograde":
            distinct: dict[tuple[str, str | None], Job] = {}
            for job in self._waiting:
                if job.action == "autograde":
                    distinct.setdefault((job.assignment, job.student), job)
            batch = list(distinct.values())[: self._together]
        self._waiting = [job for job in self._waiting if job not in batch]
        return batch

    async def _ask(self, batch: list[Job]) -> list[Answer]:
        process = await self._worker()
        assert process.stdin is not None
        assert process.stdout is not None
        request = {
            "action": batch[0].action,
            "targets": [[job.assignment, job.student] for job in batch],
        }
        process.stdin.write(json.dumps(request).encode() + b"\n")
        await process.stdin.drain()
        line = await process.stdout.readline()
        if not line:
            raise OSError("it said nothing")
        answers = json.loads(line)
        if len(answers) != len(batch):
            raise ValueError("it answered something else")
        return list(answers)

    async def _worker(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            env = {k: v for k, v in os.environ.items() if not k.startswith(HUB_VARIABLES)}
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "hub.formgrader.work", str(self._root)),
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


def _failure(text: str) -> Answer:
    return {"success": False, "error": text, "log": text}
