"""Kill graders at random moments: is anything of their sandboxes left? (part of `make attacks`)"""

import argparse
import os
import random
import secrets
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from grading.sandbox import bubblewrap
from grading.sandbox.archive import NOTHING
from grading.sandbox.kernel import Files, SealedKernel
from grading.sandbox.settings import Sandbox

SECONDS_TO_VANISH = 10.0
# A notebook that leaves a process behind, which no signal but one reaches.
CELL = """
import ctypes, os, signal, time
PR_SET_PDEATHSIG = 1
print("running")
if os.fork() == 0:
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, 0)
    for number in (1, 2, 3, 15):
        signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(1)
time.sleep(600)
"""


@dataclass(frozen=True)
class Kill:
    """What a killed grader left: processes by their command lines, and files."""

    seconds: float
    processes: list[str]
    files: list[str]


def kill_a_grader(warm: bool, seconds: float) -> Kill:
    """Kill a grader so long after it began to start a kernel; return what is left of it."""
    name = f"_kernel_{secrets.token_hex(6)}"  # stands in the command lines of all its processes
    with tempfile.TemporaryDirectory() as folder:
        grader = _start_grader(warm, name, folder)
        time.sleep(seconds)
        os.kill(grader, signal.SIGKILL)
        os.waitpid(grader, 0)
        deadline = time.monotonic() + SECONDS_TO_VANISH
        while (left := _processes(name)) and time.monotonic() < deadline:
            time.sleep(0.05)
        return Kill(seconds, left, sorted(os.listdir(folder)))  # noqa: PTH208


def seconds_to_run(warm: bool) -> float:
    """Return how long a grader takes until its first cell runs, its template included."""
    read, write = os.pipe()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        grader = _start_grader(warm, f"_kernel_{secrets.token_hex(6)}", folder, write)
        os.close(write)
        os.read(read, 1)
        os.close(read)
        os.kill(grader, signal.SIGKILL)
        os.waitpid(grader, 0)
    return time.monotonic() - began


def _start_grader(warm: bool, name: str, folder: str, tell: int | None = None) -> int:
    grader = os.fork()
    if grader:
        return grader
    try:
        tempfile.tempdir = folder
        bubblewrap.KERNEL_NAME = name
        files = Files(NOTHING, NOTHING, NOTHING)
        with SealedKernel(Sandbox(warm=warm), files, "the salt") as kernel:
            for message in kernel.execute(CELL):
                if tell is not None and message["msg_type"] == "stream":
                    os.write(tell, b"x")
    finally:
        os._exit(1)


def _processes(name: str) -> list[str]:
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if name in command:
            found.append(f"{file.parent.name}: {command[:200]}")
    return found


def main() -> int:
    """Kill graders; the exit status says whether all was gone each time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    times = parser.parse_args().times
    astray = 0
    for warm in (True, False):
        longest = seconds_to_run(warm) * 1.2
        kills = [kill_a_grader(warm, random.uniform(0, longest)) for _ in range(times // 2)]
        bad = [kill for kill in kills if kill.processes or kill.files]
        astray += len(bad)
        way = "warm" if warm else "cold"
        print(
            f"{way}: {len(kills)} graders killed within {longest:.1f} s, {len(bad)} left something"
        )
        for kill in bad:
            print(f"  after {kill.seconds:.3f} s: {kill.processes} {kill.files}")
    return 1 if astray else 0


if __name__ == "__main__":
    sys.exit(main())
