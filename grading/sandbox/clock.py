"""Time stretches of student code from outside, with seeds it cannot know beforehand.

The sandbox holds one end of a socket. It asks to start a stretch and is answered with a seed; it
says that the stretch is over and hands over what it computed. While it waits for an answer its
CPU time is read out here, so neither its own clock nor work done outside a stretch counts.
"""

import hashlib
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MAX_LINE = 1_000_000
MAX_STRETCHES = 400


@dataclass(frozen=True)
class Stretch:
    """One timed stretch: which check, side and round it claims to be, and what it brought.

    `seconds` is its CPU time; `machine` the CPU time of a fixed piece of work done outside right
    after it, which tells how fast the machine was just then; `value` its result, not yet parsed.
    """

    name: str
    side: str
    round: int
    seconds: float
    machine: float
    value: dict[str, Any]


class Clock:
    """Serve one sandbox's requests to be timed."""

    def __init__(self, salt: str, cpu_seconds: Callable[[], float]) -> None:
        self._salt = salt
        self._cpu_seconds = cpu_seconds
        self.outside, self.inside = socket.socketpair()
        self.outside.setblocking(False)
        self._buffer = b""
        self._open: tuple[str, str, int, float] | None = None
        self.stretches: list[Stretch] = []

    def fileno(self) -> int:
        """Return the descriptor to poll for requests."""
        return self.outside.fileno()

    def serve(self) -> None:
        """Answer what has arrived; anything malformed closes the channel for good."""
        now = self._cpu_seconds()
        try:
            received = self.outside.recv(65536)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            received = b""
        self._buffer += received
        if not received or len(self._buffer) > MAX_LINE:
            self.close()
            return
        while b"\n" in self._buffer:
            line, _, self._buffer = self._buffer.partition(b"\n")
            try:
                answer = self._handle(json.loads(line), now)
                self.outside.send(json.dumps(answer).encode() + b"\n")
            except (ValueError, KeyError, TypeError, RecursionError, OSError):
                self.close()
                return

    def _handle(self, message: dict[str, Any], now: float) -> dict[str, Any]:
        if message["do"] == "start":
            name, side = str(message["name"])[:200], str(message["side"])[:10]
            round_ = int(message["round"])
            self._open = (name, side, round_, self._cpu_seconds())
            return {"seed": seed(self._salt, name, side, round_)}
        if self._open is None or len(self.stretches) >= MAX_STRETCHES:
            raise ValueError("a stretch that was never started")
        name, side, round_, began = self._open
        self._open = None
        value = message["value"] if isinstance(message["value"], dict) else {}
        self.stretches.append(Stretch(name, side, round_, now - began, _pace(), value))
        return {}

    @property
    def closed(self) -> bool:
        """Whether the channel is closed."""
        return self.outside.fileno() == -1

    def close(self) -> None:
        """Close both ends."""
        self.outside.close()
        self.inside.close()


def seed(salt: str, name: str, side: str, round_: int) -> int:
    """Return a stretch's seed: the same for the reference and every student, known to none."""
    digest = hashlib.sha256(f"{salt}/outside/{name}/{side}/{round_}".encode()).digest()
    return int.from_bytes(digest[:4], "little")


def _pace() -> float:
    began = time.thread_time()
    total = 0
    for number in range(20_000):
        total += number * number
    return time.thread_time() - began
