"""A process that has imported everything and forks workers: each is there in milliseconds.

    python -m grading.engine.fork_server SOCKET [warm]

It reads no student bytes; it keeps the template that all its workers' kernels are forked from. A
request on the socket (SEQPACKET) is JSON, `{"folder", "processor", "sandbox"}` (the last two may be
null), with two descriptors beside it: the worker's end of its own socket, and the file for what it
writes to standard output and error. The answer is `{"pid"}` with a descriptor of the process. When
the other end is closed, or the process that started this one dies, workers and template end.
"""

import ctypes
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import tempfile
import traceback
from typing import Any, NoReturn

from grading.sandbox.settings import Sandbox
from grading.sandbox.template import share_templates, warm_up

PR_SET_PDEATHSIG = 1
LONGEST_REQUEST = 100_000
IMPORTED = ("grading.engine.worker", "grading.engine.work", "grading.grades.kit")


def main(control: socket.socket, warm: bool) -> None:
    """Fork a worker for each request until nobody asks any more.

    `warm` begins with a template for the usual settings, which starts while this one imports.
    """
    end_with_the_parent()
    share_templates()
    if warm:
        warm_up(Sandbox())
    for module in IMPORTED:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    workers: dict[int, int] = {}
    while _asked(control, workers):
        request, descriptors, _, _ = socket.recv_fds(control, LONGEST_REQUEST, 2)
        if not request:
            return
        _answer(control, json.loads(request), descriptors, workers)


def end_with_the_parent() -> None:
    """Be killed when the thread that started this process ends; leave Ctrl-C to it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _asked(control: socket.socket, workers: dict[int, int]) -> bool:
    """Wait until there is a request, and bury workers that end meanwhile."""
    while True:
        poll = select.poll()
        for descriptor in (control.fileno(), *workers):
            poll.register(descriptor, select.POLLIN)
        ready = [descriptor for descriptor, _ in poll.poll()]
        if control.fileno() in ready:
            return True
        for descriptor in ready:
            os.waitpid(workers.pop(descriptor), 0)
            os.close(descriptor)


def _answer(
    control: socket.socket, request: dict[str, Any], given: list[int], workers: dict[int, int]
) -> None:
    limits = request["sandbox"]
    if limits is not None and limits["warm"] and limits["sealed"]:
        warm_up(Sandbox(**limits))
    server = os.getpid()
    if (pid := os.fork()) == 0:
        _become_worker(server, control, request, *given, *workers)
    process = os.pidfd_open(pid)
    workers[process] = pid
    for descriptor in given:
        os.close(descriptor)
    socket.send_fds(control, [json.dumps({"pid": pid}).encode()], [process])


def _become_worker(
    server: int,
    control: socket.socket,
    request: dict[str, Any],
    channel: int,
    said: int,
    *others: int,
) -> NoReturn:
    """Be a worker with a folder of its own, and nothing else that is open here."""
    from grading.engine.worker import serve

    try:
        end_with_the_parent()
        if os.getppid() != server:
            os._exit(0)  # it was killed before this process could ask to end with it
        os.setsid()
        for standard in (1, 2):
            os.dup2(said, standard)
        control.close()
        for descriptor in (said, *others):
            os.close(descriptor)
        os.chdir(request["folder"])
        os.environ["TMPDIR"] = tempfile.tempdir = request["folder"]
        if request["processor"] is not None:
            os.sched_setaffinity(0, {request["processor"]})
        serve(socket.socket(fileno=channel))
        os._exit(0)
    finally:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), "warm" in sys.argv)
