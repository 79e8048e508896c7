"""Account for every process of a sandbox, from outside it."""

import contextlib
import functools
import os
import re
import signal
import time
from dataclasses import dataclass
from pathlib import Path

FEW_FILES = 32
TICK = 1 / os.sysconf("SC_CLK_TCK")
MEMORY = re.compile(r"^(?:RssAnon|RssShmem|VmPTE):\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True)
class Usage:
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
            sockets |= _sockets(member)
            cpu += time.clock_gettime(_cpu_clock(member)) + _cpu_of_ended_children(member)
            memory += _memory(member)
            alive += sum(1 for _ in Path(f"/proc/{member}/task").iterdir())
        except (OSError, ValueError):
            continue
    return Usage(cpu, memory + len(sockets) * _socket_buffer(), alive)


def own_usage(pid: int) -> Usage:
    """Return what one process uses by itself; nothing when it is gone."""
    try:
        return Usage(time.clock_gettime(_cpu_clock(pid)), _memory(pid), 1)
    except (OSError, ValueError):
        return Usage(0.0, 0, 0)


def waited_for_processor(pid: int) -> float:
    """Return the seconds that a process could have run but had no processor (sched-stats.txt)."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


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


def _memory(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return 1024 * sum(int(kilobytes) for kilobytes in MEMORY.findall(status))


def _sockets(pid: int) -> set[str]:
    """Return the sockets of a process that has many open files: what they hold is in no RSS."""
    descriptors = list(Path(f"/proc/{pid}/fd").iterdir())
    if len(descriptors) <= FEW_FILES:
        return set()
    names = set()
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            names.add(str(descriptor.readlink()))
    return {name for name in names if name.startswith("socket:")}


@functools.cache
def _socket_buffer() -> int:
    """Return the most that may wait in one socket: the largest send buffer, doubled (socket(7))."""
    return 2 * int(Path("/proc/sys/net/core/wmem_max").read_text())


def _cpu_of_ended_children(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) * TICK
