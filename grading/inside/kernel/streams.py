"""What stands for `sys.stdout` and `sys.stderr` in the kernel."""

import io
import os
import threading
import time
from collections.abc import Callable

FLUSH_SECONDS = 0.2
FLUSH_CHARACTERS = 8_000
SMALL = 4_000  # characters that fit into one packet, however they are escaped


class Stream(io.TextIOBase):
    """Collect what is printed and hand it on in pieces, `send(name, text)`.

    A process forked from the kernel hands on what it prints at once, in pieces that are small.
    """

    encoding = "UTF-8"
    errors = "strict"

    def __init__(self, name: str, descriptor: int, send: Callable[[str, str], None]) -> None:
        self.name = f"<{name}>"
        self._kind = name
        self._descriptor = descriptor
        self._send = send
        self.belong_here()

    def belong_here(self) -> None:
        """Call this process the kernel, from which others may be forked."""
        self._kernel = os.getpid()
        self._start_empty()

    def _start_empty(self) -> None:
        self._process = os.getpid()
        self._pieces: list[str] = []
        self._waiting = 0
        self._flushed = 0.0
        self._changing = threading.RLock()

    @property
    def _forked(self) -> bool:
        """Whether this process was forked from the kernel; what waits in it is the kernel's."""
        if os.getpid() != self._process:
            self._start_empty()
        return self._process != self._kernel

    def write(self, text: str) -> int:
        """Print a text; it is sent at once when much or nothing recent was."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        at_once = self._forked
        with self._changing:
            self._pieces.append(text)
            self._waiting += len(text)
        late = time.monotonic() - self._flushed > FLUSH_SECONDS
        if at_once or late or self._waiting > FLUSH_CHARACTERS:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Send what waits."""
        in_small_pieces = self._forked
        with self._changing:
            text, self._pieces, self._waiting = "".join(self._pieces), [], 0
            self._flushed = time.monotonic()
        size = SMALL if in_small_pieces else len(text)
        for start in range(0, len(text), size or 1):
            self._send(self._kind, text[start : start + size])

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def isatty(self) -> bool:
        """Say that nobody sits before it."""
        return False

    def fileno(self) -> int:
        """Return the process's own descriptor, for what is written beside Python."""
        return self._descriptor
