"""The open files of a kernel: which numbers they have, and that there are no others."""

import os
from collections.abc import Iterable

CLOCK_DESCRIPTOR = 20
CHANNEL_DESCRIPTOR = 21
LIFELINE_DESCRIPTOR = 22


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
