"""Account for every process of a sandbox, from outside it."""

import os
import re
import signal
import time
from dataclasses import dataclass
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")
MEMORY = re.compile(r"^Rss(?:Anon|Shmem):\s+(\d+) kB", re.MULTILINE)


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
    for member in family(pid):
        try:
            cpu += time.clock_gettime(_cpu_clock(member)) + _cpu_of_ended_children(member)
            memory += _memory(member)
            alive += sum(1 for _ in Path(f"/proc/{member}/task").iterdir())
        except (OSError, ValueError):
            continue
    return Usage(cpu, memory, alive)


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


def _cpu_of_ended_children(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) * TICK
