"""The first process of a sandbox: it starts the kernel, buries orphans, and ends with it."""

import os
import signal
from collections.abc import Callable, Iterable
from typing import NoReturn

from . import namespaces


def be_first(kernel: Callable[[], None], descriptors: Iterable[int]) -> NoReturn:
    """Run `kernel` in a child, which alone keeps `descriptors`; never return.

    Nobody inside can reach into this process: it is hidden before the child begins, and no signal
    that a child may send does anything to it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    namespaces.hide_memory()
    child = os.fork()
    if child == 0:
        try:
            namespaces.show_memory()
            kernel()
        finally:
            os._exit(0)
    for descriptor in descriptors:
        os.close(descriptor)
    while os.wait()[0] != child:
        pass
    os._exit(0)


def forget_descriptors(kept: Iterable[int]) -> None:
    """Close everything but `kept`, and what stands behind standard input, output and error."""
    forget_standard()
    start = 3
    for descriptor in sorted(kept):
        os.closerange(start, descriptor)
        start = descriptor + 1
    os.closerange(start, os.sysconf("SC_OPEN_MAX"))


def forget_standard() -> None:
    """Let nothing stand behind standard input, output and error."""
    nothing = os.open("/dev/null", os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    os.close(nothing)
