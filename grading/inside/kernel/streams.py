"""What stands for `sys.stdout` and `sys.stderr` in the kernel."""

import io
import threading
import time
from collections.abc import Callable

FLUSH_SECONDS = 0.2
FLUSH_CHARACTERS = 8_000


class Stream(io.TextIOBase):
    """Collect what is printed and hand it on in pieces, `send(name, text)`."""

    encoding = "UTF-8"
    errors = "strict"

    def __init__(self, name: str, descriptor: int, send: Callable[[str, str], None]) -> None:
        self.name = f"<{name}>"
        self._kind = name
        self._descriptor = descriptor
        self._send = send
        self._pieces: list[str] = []
        self._waiting = 0
        self._flushed = 0.0
        self._changing = threading.RLock()

    def write(self, text: str) -> int:
        """Print a text; it is sent at once when much or nothing recent was."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        with self._changing:
            self._pieces.append(text)
            self._waiting += len(text)
        late = time.monotonic() - self._flushed > FLUSH_SECONDS
        if late or self._waiting > FLUSH_CHARACTERS:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Send what waits."""
        with self._changing:
            text, self._pieces, self._waiting = "".join(self._pieces), [], 0
            self._flushed = time.monotonic()
        if text:
            self._send(self._kind, text)

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def isatty(self) -> bool:
        """Say that nobody sits before it."""
        return False

    def fileno(self) -> int:
        """Return the process's own descriptor, for what is written beside Python."""
        return self._descriptor
