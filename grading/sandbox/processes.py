"""Account for every process of a sandbox, from outside it."""

import contextlib
import functools
import os
import re
import signal
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

FEW_FILES = 32
TICK = 1 / os.sysconf("SC_CLK_TCK")
MEMORY = re.compile(r"^(?:RssAnon|RssShmem|VmPTE):\s+(\d+) kB", re.MULTILINE)


class Usage(NamedTuple):
    """What a group of processes uses: CPU in seconds, memory in bytes, and their number."""

    cpu_seconds: float
    memory: int
    processes: int


def family(pid: int) -> list[int]:
    """Return a process and all its descendants; orphans inside belong to the sandbox's first."""
    members = [pid]
    for member in members:
        try:
            for task in Path(f"/proc/{member}/task").iterdir():
                members += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return members


def usage(pid: int) -> Usage:
    """Return what a process and its descendants use, those that have ended included."""
    cpu, memory, alive = 0.0, 0, 0
    sockets: set[str] = set()
    for member in family(pid):
        try:
            tasks = list(Path(f"/proc/{member}/task").iterdir())
            sockets |= _sockets(tasks)
            cpu += time.clock_gettime(_cpu_clock(member)) + _cpu_of_ended_children(member)
            memory += _memory(tasks)
            alive += len(tasks)
        except (OSError, ValueError):
            continue
    return Usage(cpu, memory + len(sockets) * _socket_buffer(), alive)


def own_usage(pid: int) -> Usage:
    """Return what one process uses by itself; nothing when it is gone."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return Usage(time.clock_gettime(_cpu_clock(pid)), _memory(tasks), len(tasks))
    except (OSError, ValueError):
        return Usage(0.0, 0, 0)


def files(pid: int, folders: Iterable[str]) -> int:
    """Return how many files there are in folders in memory, as a process of a sandbox sees them."""
    found = 0
    for folder in folders:
        with contextlib.suppress(OSError):
            room = os.statvfs(f"/proc/{pid}/root{folder}")
            found += room.f_files - room.f_ffree
    return found


def waits(pid: int) -> dict[int, float]:
    """Return the seconds that each thread of a process and its descendants could have run but had
    no processor (sched-stats.txt); nothing of those that are gone.
    """
    found = {}
    for member in family(pid):
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{member}/task").iterdir():
                with contextlib.suppress(OSError, IndexError, ValueError):
                    waited = int((task / "schedstat").read_text().split()[1])
                    found[int(task.name)] = waited / 1e9
    return found


class Waiting:
    """How long a group of processes waited for a processor: as long as the one that waited most.

    Looked at again and again, since one may wait while another waits for it.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._last: dict[int, float] = {}

    def look(self, waits: dict[int, float], passed: float) -> None:
        """Add what was waited in so many seconds since the last look."""
        longest = max((now - self._last.get(task, 0.0) for task, now in waits.items()), default=0.0)
        self.seconds += min(max(longest, 0.0), passed)
        self._last = waits


def kill(pid: int) -> None:
    """End a process and all its descendants at once."""
    for member in family(pid):
        try:
            os.kill(member, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _cpu_clock(pid: int) -> int:
    """Return the id of another process's CPU clock (clock_getcpuclockid(3), nanoseconds)."""
    return (~pid << 3) | 2


def _memory(tasks: list[Path]) -> int:
    """Return the memory of a process's threads, which they share; one that has ended shows none."""
    for task in tasks:
        with contextlib.suppress(OSError):
            if found := MEMORY.findall((task / "status").read_text()):
                return 1024 * sum(map(int, found))
    return 0


def _sockets(tasks: list[Path]) -> set[str]:
    """Return the sockets of a process that has many open files: what they hold is in no RSS.

    Threads may have open files of their own.
    """
    names: set[str] = set()
    for task in tasks:
        with contextlib.suppress(OSError):
            descriptors = list((task / "fd").iterdir())
            if len(descriptors) > FEW_FILES:
                names |= {name for one in descriptors if (name := _socket(one))}
    return names


def _socket(descriptor: Path) -> str | None:
    with contextlib.suppress(OSError):
        name = str(descriptor.readlink())
        return name if name.startswith("socket:") else None
    return None


@functools.cache
def _socket_buffer() -> int:
    """Return the most that may wait in one socket: the largest send buffer, doubled (socket(7))."""
    return 2 * int(Path("/proc/sys/net/core/wmem_max").read_text())


def _cpu_of_ended_children(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) * TICK
