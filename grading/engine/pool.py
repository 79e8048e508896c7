"""Workers on this machine, behind the interface of `concurrent.futures`."""

import os
import tempfile
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from grading.engine.messages import Graded
from grading.engine.settings import Workers
from grading.engine.shipment import pack_submission
from grading.engine.slot import Slot
from grading.grades.kit import Kit


class Pool(Protocol):
    """Something that grades; a future holds what was earned, or raises what `Slot` does."""

    def submit(self, kit: Kit, submitted: Path, how: dict[str, Any]) -> Future[Graded]:
        """Have a submitted folder graded."""

    def stop(self) -> None:
        """End what runs, and begin nothing more."""


class LocalPool:
    """So many workers on this machine, each fixed to one processor."""

    def __init__(self, workers: int, limits: Workers, folder: Path) -> None:
        self._limits = limits
        self._folder = folder
        self._slots: list[Slot] = []
        self._mine = threading.local()
        self._stopping = threading.Event()
        self._opening = threading.Lock()
        self._threads = ThreadPoolExecutor(max(workers, 1), "worker", self._open_slot)

    def __enter__(self) -> "LocalPool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def submit(self, kit: Kit, submitted: Path, how: dict[str, Any]) -> Future[Graded]:
        """Have a submitted folder graded; it is read when its turn has come."""
        return self._threads.submit(self._grade, kit, submitted, how)

    def stop(self) -> None:
        """Kill the workers, and begin nothing more."""
        self._stopping.set()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for slot in self._slots:
            slot.close()

    def _open_slot(self) -> None:
        processors = sorted(os.sched_getaffinity(0))
        with self._opening:
            processor = processors[len(self._slots) % len(processors)]
            self._mine.slot = Slot(self._limits, self._folder, processor, self._stopping)
            self._slots.append(self._mine.slot)

    def _grade(self, kit: Kit, submitted: Path, how: dict[str, Any]) -> Graded:
        slot: Slot = self._mine.slot
        return slot.grade(kit, packed(submitted), how)


def packed(submitted: Path) -> bytes:
    """Return a submitted folder as an archive."""
    with tempfile.SpooledTemporaryFile() as file:
        pack_submission(submitted, file)
        file.seek(0)
        return file.read()
