"""Carry out a step for a whole class beside the page, a few students at a time."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from grading.course.errors import CourseError
from grading.nbgrader_steps.formgrader.jobs import PROCESS_ENDED, Answer, Jobs, Target

AT_A_TIME = 16 * (os.cpu_count() or 1)
"""So many submissions keep whoever presses a single button waiting, at most."""
Find = Callable[[], tuple[list[Target], list[str]]]
"""Look for what is to be done, beside the server's own thread; and say what cannot be."""
Told = tuple[int, list[str]]
"""How many are done, and a line for each that failed."""


class Busy(CourseError):
    """A step of the whole class is being carried out."""


@dataclass
class Progress:
    """How far a step has come; the last one is shown until the next begins."""

    step: str = ""
    assignment: str | None = None
    who: str = ""
    began: str = ""
    running: bool = False
    stopping: bool = False
    total: int | None = None
    done: int = 0
    last: str = ""
    failures: list[str] = field(default_factory=list)
    ended: str = ""


Work = Callable[[Progress], AsyncIterator[Told]]


class WholeClass:
    """The one step that a server carries out for its class, whoever looks at it."""

    def __init__(self) -> None:
        self.progress = Progress()
        self._task: asyncio.Task[None] | None = None

    def start(self, step: str, assignment: str | None, who: str, work: Work) -> None:
        """Begin a step; raise `Busy`, which names the other one, while there is one."""
        self.refuse_if_busy()
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        self.progress = Progress(step, assignment, who, now, running=True)
        self._task = asyncio.create_task(self._run(work(self.progress)))

    def refuse_if_busy(self) -> None:
        """Raise `Busy` while a step is being carried out."""
        if self.progress.running:
            raise Busy(f"{self.progress.who} has begun another step; wait until that has ended.")

    def stop(self) -> None:
        """End after those submissions that are being dealt with."""
        self.progress.stopping = self.progress.running

    def state(self) -> dict[str, Any]:
        """Return how far it has come, as plain data."""
        return asdict(self.progress)

    async def finished(self) -> None:
        """Wait until nothing is being carried out."""
        if self._task is not None:
            await self._task

    async def _run(self, work: AsyncIterator[Told]) -> None:
        progress = self.progress
        try:
            async for done, failures in work:
                progress.done += done
                progress.failures += failures
                if progress.stopping:
                    progress.ended = "Stopped, as was asked for: what is done stays."
                    break
            else:
                progress.ended = _ended(progress)
        except CourseError as error:
            progress.ended = f"Stopped: {error}"
        except Exception as error:  # whatever it is, whoever looks is told
            progress.ended = f"Stopped: {type(error).__name__}: {error}"
        finally:
            progress.running = False


async def in_chunks(progress: Progress, jobs: Jobs, action: str, find: Find) -> AsyncIterator[Told]:
    """Let the jobs carry out an action on what is found; others' buttons come in between.

    Where all of some students fail for one reason, such as another run that grades, it ends.
    """
    found, failures = await asyncio.to_thread(find)
    progress.total = len(found)
    yield 0, failures
    for start in range(0, len(found), AT_A_TIME):
        chunk = found[start : start + AT_A_TIME]
        heard: list[str] = []

        def tell(last: str, heard: list[str] = heard) -> None:
            heard.append(last)
            progress.done, progress.last = progress.done + 1, last

        answers = await jobs.run_all(action, chunk, tell)
        if _one_reason(answers).startswith(PROCESS_ENDED) and len(chunk) > 1:
            alone = [await jobs.run_all(action, [target]) for target in chunk]
            answers = [answer for [answer] in alone]
        if (why := _one_reason(answers)) and len(chunk) > 1:
            raise CourseError(why)
        yield len(chunk) - len(heard), _failures(chunk, answers)


def _ended(progress: Progress) -> str:
    if progress.total:
        return "Done."
    return "Nothing was done." if progress.failures else "There was nothing to do."


def _failures(chunk: Sequence[Target], answers: Sequence[Answer]) -> list[str]:
    failed = zip(chunk, answers, strict=True)
    return [_named(*target, _reason(answer)) for target, answer in failed if not answer["success"]]


def _named(assignment: str, student: str | None, why: str) -> str:
    whose = f"{student} {assignment}: "
    return why if why.startswith(whose) else whose + why


def _one_reason(answers: Sequence[Answer]) -> str:
    reasons = {"" if answer["success"] else _reason(answer) for answer in answers}
    return reasons.pop() if len(reasons) == 1 else ""


def _reason(answer: Answer) -> str:
    lines = str(answer.get("error") or answer.get("log") or "no reason is known").strip()
    return lines.splitlines()[-1]
