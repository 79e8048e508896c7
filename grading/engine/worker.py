"""A worker: one process that reads student bytes, for one submission after another.

It can be killed at any moment: what it started ends with it, and what it wrote lies in its own
temporary folder. It has no gradebook and no course folder.
"""

import socket
import threading
from typing import IO, Any

from grading.engine import work
from grading.engine.messages import dump, load
from grading.grades.kit import Kit
from grading.sandbox import template

LONGEST_REASON = 2_000


def serve(channel: socket.socket) -> None:
    """Serve the coordinator until it closes its end."""
    with channel.makefile("rb") as requests, channel.makefile("wb") as answers:
        _Served(requests, answers).serve()


class _Served:
    def __init__(self, requests: IO[bytes], answers: IO[bytes]) -> None:
        self._requests, self._answers = requests, answers
        self._kit: Any = None
        self._telling = threading.Lock()

    def serve(self) -> None:
        while line := self._requests.readline():
            request, length = load(line)
            content = self._requests.read(length)
            if request["do"] == "kit":
                self._keep_kit(content)
            else:
                self._answer(request, content)

    def _keep_kit(self, content: bytes) -> None:
        kit = Kit.from_bytes(content)
        if kit.limits["warm"] and kit.limits["sealed"]:
            template.warm_up(kit.settings)
        self._kit = kit
        self._tell({"answer": "ready"})

    def _answer(self, request: dict[str, Any], content: bytes) -> None:
        try:
            if request["do"] != "grade":
                self._tell({"answer": "page"}, work.page(request, content))
                return
            graded = work.grade(self._kit, content, request, self._earned)
        except Exception as error:
            kind, why = type(error).__name__, str(error)[:LONGEST_REASON]
            self._tell({"answer": "failed", "kind": kind, "why": why})
            return
        self._tell(graded.line(), graded.notebook)

    def _earned(self, cell: str, score: float) -> None:
        self._tell({"cell": cell, "earned": score})

    def _tell(self, line: dict[str, Any], content: bytes = b"") -> None:
        with self._telling:
            self._answers.write(dump(line, content))
            self._answers.flush()
