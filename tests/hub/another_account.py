"""Do something as another account of this machine, as root can; else as oneself."""

import os
from collections.abc import Callable

NOBODYS_ID = 65534


def done_as_nobody(act: Callable[[], object]) -> str:
    """Return the name of the error that an act raises as `nobody`, in a process of its own; or ""."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = ""
        try:
            os.setgroups([])
            os.setgid(NOBODYS_ID)
            os.setuid(NOBODYS_ID)
            act()
        except BaseException as error:
            said = type(error).__name__
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said
