"""The first process of a sandbox: it starts the kernel, buries orphans, and ends with it."""

import os
import select
import signal
import threading
from collections.abc import Callable, Iterable
from typing import NoReturn

from . import namespaces


def be_first(
    kernel: Callable[[], None], descriptors: Iterable[int], lifeline: int | None = None
) -> NoReturn:
    """Run `kernel` in a child, which alone keeps `descriptors`; end with it, and never return.

    Where there is a `lifeline`, a pipe of which the grader holds the other end, end also when that
    is closed. Nobody inside can reach into this process: it is hidden before the child begins, and
    no signal that a child may send does anything to it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    namespaces.hide_memory()
    child = os.fork()
    if child == 0:
        try:
            if lifeline is not None:
                os.close(lifeline)
            namespaces.show_memory()
            kernel()
        finally:
            os._exit(0)
    for descriptor in descriptors:
        os.close(descriptor)
    if lifeline is not None:
        threading.Thread(target=_end_when_it_is_closed, args=[lifeline]).start()
    while os.wait()[0] != child:
        pass
    os._exit(0)


def _end_when_it_is_closed(lifeline: int) -> None:
    poll = select.poll()
    poll.register(lifeline, 0)  # a closed end is told even so
    poll.poll()
    os._exit(0)
