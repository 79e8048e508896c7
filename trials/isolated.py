"""Do something in a child process, so that a hang or a crash of it is a result and not the end."""

import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

T = TypeVar("T")
MOST_MEMORY = 8 << 30


@dataclass(frozen=True)
class Done(Generic[T]):
    """What came of it: a value or a failure in a line, and the most memory it held, in MB."""

    value: T | None
    failure: str | None
    peak_mb: float


class Isolated(Generic[T]):
    """Work going on in a fork of this process."""

    def __init__(self, work: Callable[[], T], seconds: float) -> None:
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._pipe, theirs = Pipe(duplex=False)
        sys.stdout.flush()
        self._child = os.fork()
        if self._child == 0:
            self._pipe.close()
            _work_in_child(work, theirs)
        theirs.close()

    def wait(self) -> Done[T]:
        """Return what came of it; end it when it takes too long."""
        try:
            if not self._pipe.poll(max(self._deadline - time.monotonic(), 0)):
                return Done(None, f"still at work after {self._seconds:.0f} s", 0)
            return self._pipe.recv()
        except EOFError:
            return Done(None, "the grader's process died", 0)
        finally:
            os.kill(self._child, signal.SIGKILL)
            os.waitpid(self._child, 0)


def _work_in_child(work: Callable[[], T], pipe: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    value, failure = None, None
    try:
        value = work()
    except BaseException as error:
        failure = f"{type(error).__name__}: {error}"
        if os.environ.get("HOSTILE_TRACE"):
            traceback.print_exc()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pipe.send(Done(value, failure, peak))
    os._exit(0)
