"""A process that has imported everything and forks a kernel for each notebook.

It runs in a sandbox of its own and no student code ever runs in it. Each fork leaves for new
namespaces of every kind, covers all that can be written with empty memory, drops every privilege,
and only then becomes a kernel. When the grader closes its end of the control socket, or dies, the
template ends and takes every fork with it.

    python -m … CONTROL FILTER    (a SEQPACKET socket's descriptor, the seccomp filter in base64)

A request on the control socket is JSON, `{"folders": {folder: megabytes}, "processors": [number]}`,
with three descriptors beside it: the new kernel's channel and clock, and a lifeline, a pipe with
whose other end it ends. The first message in the channel is `first`, sent by the first process of
the fork's namespace, or `impossible`, saying why there can be no fork.
"""

import base64
import contextlib
import gc
import json
import os
import signal
import socket
import sys
from typing import Any

from . import namespaces
from .channel import Channel
from .descriptors import (
    CHANNEL_DESCRIPTOR,
    CLOCK_DESCRIPTOR,
    LIFELINE_DESCRIPTOR,
    forget_descriptors,
)
from .first import be_first
from .serve import bring_fonts, serve
from .shell import Shell

FONTS = "/env/matplotlib"
LONGEST_REQUEST = 10_000
# What most notebooks do once: load the hidden tests' module, draw and show a figure, fail.
FIRST_CELLS = (
    "__import__('grading')",
    """
def first_figure():
    from matplotlib import pyplot
    figure, axes = pyplot.subplots()
    axes.plot([0, 1], label="a")
    axes.legend()
    pyplot.show()
first_figure()
""",
    "first_figure.none",
    "del first_figure",
)


def main(control: socket.socket, seccomp_filter: bytes) -> None:
    """Fork a kernel for each request until the other end is closed."""
    bring_fonts(FONTS)
    shell = Shell()
    for cell in FIRST_CELLS:
        shell.warm_up(cell)
    sys.last_type = sys.last_value = sys.last_traceback = None
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever ends vanishes: there is no waiting here
    control.send(b"ready")
    while True:
        request, descriptors, _, _ = socket.recv_fds(control, LONGEST_REQUEST, 3)
        if not request:
            break
        _fork(shell, json.loads(request), descriptors, seccomp_filter)
        for descriptor in descriptors:
            os.close(descriptor)
    _end_all_others()


def _fork(
    shell: Shell, request: dict[str, Any], descriptors: list[int], seccomp_filter: bytes
) -> None:
    """Fork a process that becomes a kernel, or says why it cannot."""
    channel, clock, lifeline = descriptors
    try:
        if os.fork():
            return
    except OSError as error:
        _tell(channel, "impossible", str(error))
        return
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(clock, CLOCK_DESCRIPTOR, inheritable=True)
        os.dup2(channel, CHANNEL_DESCRIPTOR, inheritable=False)
        os.dup2(lifeline, LIFELINE_DESCRIPTOR, inheritable=False)
        forget_descriptors([CLOCK_DESCRIPTOR, CHANNEL_DESCRIPTOR, LIFELINE_DESCRIPTOR])
        os.sched_setaffinity(0, request["processors"])
        _leave(shell, request["folders"], seccomp_filter)
    except OSError as error:
        _tell(CHANNEL_DESCRIPTOR, "impossible", str(error))
    finally:
        os._exit(0)


def _leave(shell: Shell, folders: dict[str, int], seccomp_filter: bytes) -> None:
    """Leave for new namespaces; their first process seals itself and starts the kernel."""
    namespaces.leave()
    if os.fork():
        return
    os.setsid()
    namespaces.cover(folders)
    namespaces.give_up_privileges(seccomp_filter)
    _tell(CHANNEL_DESCRIPTOR, "first")
    be_first(
        lambda: serve(Channel(CHANNEL_DESCRIPTOR), shell),
        [CHANNEL_DESCRIPTOR, CLOCK_DESCRIPTOR],
        LIFELINE_DESCRIPTOR,
    )


def _tell(channel: int, kind: str, why: str = "") -> None:
    with contextlib.suppress(OSError):
        Channel(os.dup(channel)).send({"msg_type": kind, "why": why})


def _end_all_others() -> None:
    """End every process of the sandbox but its first, which ends after the last of them."""
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), base64.b64decode(sys.argv[2]))
