"""Where submissions are graded and pages rendered, behind the interface of `concurrent.futures`."""

import os
import tempfile
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

from grading.engine.messages import Graded
from grading.engine.settings import Workers
from grading.engine.shipment import pack_submission
from grading.engine.slot import Slot
from grading.engine.start_worker import end_fork_server
from grading.grades.kit import Kit


class Pool(ABC):
    """Some places to grade at; a future holds what was earned, or raises what `Slot` does."""

    def __init__(self, places: int, begin: Callable[[], None] = lambda: None) -> None:
        self.stopping = threading.Event()
        self._threads = ThreadPoolExecutor(max(places, 1), "place", begin)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def submit(self, kit: Kit, submitted: Path, how: dict[str, Any]) -> Future[Graded]:
        """Have a submitted folder graded; it is read, unparsed, when its turn has come."""
        return self._threads.submit(lambda: self.grade(kit, packed(submitted), how))

    def submit_page(self, request: dict[str, Any], file: Path) -> Future[bytes]:
        """Have a graded notebook turned into a page; it is read when its turn has come."""
        return self._threads.submit(lambda: self.render(request, file.read_bytes()))

    def stop(self) -> None:
        """End what runs, and begin nothing more."""
        self.stopping.set()
        self._threads.shutdown(wait=True, cancel_futures=True)
        self.close()

    @abstractmethod
    def grade(self, kit: Kit, submission: bytes, how: dict[str, Any]) -> Graded:
        """Grade an archive of submitted files at one of the places."""

    @abstractmethod
    def render(self, request: dict[str, Any], notebook: bytes) -> bytes:
        """Render a graded notebook at one of the places."""

    @abstractmethod
    def close(self) -> None:
        """Let the places go, at which nothing runs any more."""


class LocalPool(Pool):
    """So many workers on this machine, each fixed to one processor if there are several."""

    def __init__(self, workers: int, limits: Workers, folder: Path | None = None) -> None:
        self._limits = limits
        self._folder = folder
        self._several = workers > 1
        self._slots: list[Slot] = []
        self._mine = threading.local()
        self._opening = threading.Lock()
        super().__init__(workers, self._open_slot)

    def grade(self, kit: Kit, submission: bytes, how: dict[str, Any]) -> Graded:
        """Grade in this thread's worker."""
        slot: Slot = self._mine.slot
        return slot.grade(kit, submission, how)

    def render(self, request: dict[str, Any], notebook: bytes) -> bytes:
        """Render in this thread's worker."""
        slot: Slot = self._mine.slot
        return slot.render(request, notebook)

    def close(self) -> None:
        """End the workers, and what forks them if its template was of no use."""
        for slot in self._slots:
            slot.close()
        if any(slot.cold for slot in self._slots):
            end_fork_server()

    def _open_slot(self) -> None:
        processors = sorted(os.sched_getaffinity(0))
        with self._opening:
            number = len(self._slots) % len(processors)
            processor = processors[number] if self._several else None
            self._mine.slot = Slot(self._limits, self._folder, processor, self.stopping)
            self._slots.append(self._mine.slot)


def packed(submitted: Path) -> bytes:
    """Return a submitted folder as an archive."""
    with tempfile.SpooledTemporaryFile() as file:
        pack_submission(submitted, file)
        file.seek(0)
        return file.read()
