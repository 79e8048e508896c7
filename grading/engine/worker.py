"""A worker: one process that reads student bytes, for one submission after another.

    python -m grading.engine.worker SOCKET [PROCESSOR]

It can be killed at any moment: what it started ends with it, and what it wrote lies in its own
temporary folder. It has no gradebook and no course folder.
"""

import ctypes
import os
import signal
import socket
import sys
import threading
from typing import IO, Any

PR_SET_PDEATHSIG = 1
LONGEST_REASON = 2_000


def main() -> None:
    """Serve the coordinator until it closes its end."""
    _end_with_the_coordinator()
    if len(sys.argv) > 2:
        os.sched_setaffinity(0, {int(sys.argv[2])})
    channel = socket.socket(fileno=int(sys.argv[1]))
    with channel.makefile("rb") as requests, channel.makefile("wb") as answers:
        _Served(requests, answers).serve()
    os._exit(0)


def _end_with_the_coordinator() -> None:
    """Be killed when the thread that started this process ends, even if it already has."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class _Served:
    def __init__(self, requests: IO[bytes], answers: IO[bytes]) -> None:
        self._requests, self._answers = requests, answers
        self._kit: Any = None
        self._telling = threading.Lock()

    def serve(self) -> None:
        from grading.engine.messages import load

        while line := self._requests.readline():
            request, length = load(line)
            content = self._requests.read(length)
            if request["do"] == "kit":
                self._keep_kit(content)
            else:
                self._answer(request, content)

    def _keep_kit(self, content: bytes) -> None:
        from grading.grades.kit import Kit
        from grading.sandbox.template import warm_up

        kit = Kit.from_bytes(content)
        if kit.limits["warm"] and kit.limits["sealed"]:
            warm_up(kit.settings)
        self._kit = kit
        self._tell({"answer": "ready"})

    def _answer(self, request: dict[str, Any], content: bytes) -> None:
        from grading.engine.work import grade, page

        try:
            if request["do"] != "grade":
                self._tell({"answer": "page"}, page(request, content))
                return
            graded = grade(self._kit, content, request, self._earned)
        except Exception as error:
            kind, why = type(error).__name__, str(error)[:LONGEST_REASON]
            self._tell({"answer": "failed", "kind": kind, "why": why})
            return
        self._tell(graded.line(), graded.notebook)

    def _earned(self, cell: str, score: float) -> None:
        self._tell({"cell": cell, "earned": score})

    def _tell(self, line: dict[str, Any], content: bytes = b"") -> None:
        from grading.engine.messages import dump

        with self._telling:
            self._answers.write(dump(line, content))
            self._answers.flush()


if __name__ == "__main__":
    main()
