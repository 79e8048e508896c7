"""Run pytest again and again, each time in a fresh fork of a process that is warm already.

Imports of other people's packages take most of the time of a short test. This process makes them
once; what it forks imports the project's own modules anew, from the folder it was started in.

It is run as a script in the folder of the project:
`python -P warm.py <module to import> …`. Each line on standard input is a request, answered by a
line on standard output: the exit status of pytest, or null where the time ran out.
"""

import ctypes
import gc
import importlib
import json
import os
import signal
import sys
from contextlib import suppress
from importlib.metadata import entry_points
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import psutil
import pytest

PR_SET_CHILD_SUBREAPER = 36


def main(modules: list[str]) -> None:
    """Import pytest's plugins and the modules, then answer requests until there are no more."""
    plugins = entry_points(group="pytest11")
    for module in (*(plugin.module for plugin in plugins), *modules):
        importlib.import_module(module)
    own = {path.stem for path in Path.cwd().iterdir() if path.is_dir() or path.suffix == ".py"}
    early = sorted(name for name in sys.modules if name.partition(".")[0] in own)
    if early:
        sys.exit(f"{early[0]} would not be imported anew: the project's own modules must be cold")
    gc.freeze()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # what tests leave comes to us
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


def answer(request: dict[str, Any]) -> int | None:
    """Run pytest with `arguments` in a fork; return its exit status, or None when time is up."""
    pid = os.fork()
    if pid == 0:
        run(request["arguments"], request["output"])
    out_of_time = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal out_of_time
        out_of_time = True
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, request["seconds"])
    status = None
    try:
        while status is None:
            ended, how = os.waitpid(-1, 0)
            status = os.waitstatus_to_exitcode(how) if ended == pid else None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        end_what_is_left()
    return None if out_of_time else status


def run(arguments: list[str], output: str) -> NoReturn:
    """Become a process of its own that runs pytest and writes what it says to a file."""
    os.setsid()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 1)
    os.dup2(1, 2)
    sys.path.insert(0, str(Path.cwd()))  # as `python -m pytest` does
    importlib.invalidate_caches()
    sys.exit(pytest.main(arguments))


def end_what_is_left() -> None:
    """Kill the processes that tests have left behind; the children of each come to us in turn."""
    while left := psutil.Process().children():
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        os.waitpid(-1, 0)


if __name__ == "__main__":
    main(sys.argv[1:])
