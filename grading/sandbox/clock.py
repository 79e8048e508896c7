"""Time stretches of student code from outside, with seeds it cannot know beforehand.

The sandbox holds one end of a socket. It asks to start a stretch and is answered with a seed; it
says that the stretch is over and hands over what it computed. While it waits for an answer its
CPU time, that of ended children included, is read out here, so neither its own clock nor work done
outside a stretch counts. A stretch in which processes are seen to come or go is void.

What our own solution computes on the fast side is recorded for `RECORDED` seeds, and each run draws
its own among them: results that are remembered from another run are not those asked for.
"""

import hashlib
import json
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grading.sandbox import processes
from grading.sandbox.evidence import parse_value

RECORDED = 64
SIDES = ("slow", "fast", "trained")
MAX_LINE = 1_000_000
MAX_STRETCHES = 400
MAX_RESULTS = 32_000_000


@dataclass(frozen=True)
class Stretch:
    """One timed stretch: which check, side and round it claims to be, and what it brought.

    `seed` is what it was told to work with; `seconds` is its CPU time; `machine` the CPU time of a
    fixed piece of work done outside right after it, which tells how fast the machine was just then;
    `value` its result, not yet parsed.
    """

    name: str
    side: str
    round: int
    seed: int
    seconds: float
    machine: float
    value: dict[str, Any]


@dataclass
class _Open:
    name: str
    side: str
    round: int
    seed: int
    members: list[int]
    began: float
    void: bool = False


class Clock:
    """Serve one sandbox's requests to be timed; `first_pid` gives its first process.

    Where it `records`, our own solution runs, and its fast side is asked for all recorded seeds.
    """

    def __init__(self, salt: str, first_pid: Callable[[], int], records: bool = False) -> None:
        self._salt = salt
        self._records = records
        self._drawn: dict[str, list[int]] = {}
        self._first_pid = first_pid
        self.outside, self.inside = socket.socketpair()
        self.outside.setblocking(False)
        self._buffer = b""
        self._open: _Open | None = None
        self._started: set[tuple[str, str, int]] = set()
        self._room = MAX_RESULTS
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
                answer = self._handle(line, now)
                self.outside.send(json.dumps(answer).encode() + b"\n")
            except (ValueError, KeyError, TypeError, OverflowError, RecursionError, OSError):
                self.close()
                return

    def _handle(self, line: bytes, now: float) -> dict[str, Any]:
        message = json.loads(line)
        if message["do"] == "start":
            return {"seed": self._start(message)}
        if message["do"] == "count":
            return {"rounds": RECORDED if self._records else 0}
        self._stop(message, now, len(line))
        return {}

    def watch(self) -> None:
        """Void the open stretch if processes have come or gone in it."""
        if self._open is not None and self._members() != self._open.members:
            self._open.void = True

    @property
    def timing(self) -> bool:
        """Whether a stretch is open."""
        return self._open is not None

    def _start(self, message: dict[str, Any]) -> int:
        place = (str(message["name"])[:200], str(message["side"]), int(message["round"]))
        if place[1] not in SIDES:
            raise ValueError("no side: with a slash in it, it would be told another name's seed")
        if self._open is not None or place in self._started:
            raise ValueError("a stretch is started once, and one at a time")
        self._started.add(place)
        name, side, round_ = place
        drawn = seed(
            self._salt, name, side, self._number(name, round_) if side == "fast" else round_
        )
        members = self._members()
        self._open = _Open(*place, drawn, members, self._cpu_seconds())
        return drawn

    def _number(self, name: str, round_: int) -> int:
        """Return which of the recorded seeds a round of the fast side gets; each is drawn once."""
        if self._records:
            return round_
        if name not in self._drawn:
            self._drawn[name] = secrets.SystemRandom().sample(range(RECORDED), RECORDED)
        if not 0 <= round_ < RECORDED:
            raise ValueError("a round for which no seed is recorded")
        return self._drawn[name][round_]

    def _stop(self, message: dict[str, Any], now: float, size: int) -> None:
        self.watch()
        stretch, self._open = self._open, None
        self._room -= size
        if stretch is None or len(self.stretches) >= MAX_STRETCHES or self._room < 0:
            raise ValueError("a stretch that was never started, or results without end")
        value = message["value"]
        parse_value(value)
        seconds = float("inf") if stretch.void else now - stretch.began
        place = (stretch.name, stretch.side, stretch.round, stretch.seed)
        self.stretches.append(Stretch(*place, seconds, _pace(), value))

    def _members(self) -> list[int]:
        """Return the sandbox's processes."""
        return processes.family(self._first_pid())

    def _cpu_seconds(self) -> float:
        return processes.usage(self._first_pid()).cpu_seconds

    @property
    def closed(self) -> bool:
        """Whether the channel is closed."""
        return self.outside.fileno() == -1

    def close(self) -> None:
        """Close both ends."""
        self.outside.close()
        self.inside.close()


def seed(salt: str, name: str, side: str, number: int) -> int:
    """Return one of a side's seeds, for which the reference's result is known; known to none."""
    digest = hashlib.sha256(f"{salt}/outside/{name}/{side}/{number}".encode()).digest()
    return int.from_bytes(digest[:4], "little")


def _pace() -> float:
    began = time.thread_time()
    total = 0
    for number in range(20_000):
        total += number * number
    return time.thread_time() - began
