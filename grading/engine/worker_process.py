"""The coordinator's side of one worker: start it, ask it, watch it from outside, kill it."""

import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from grading.engine.messages import MAX_LINE, Malformed, dump, load
from grading.engine.settings import Workers
from grading.sandbox import processes
from grading.sandbox.bubblewrap import BLAS_SETTINGS
from grading.sandbox.settings import PROJECT

MB = 1024 * 1024
WATCH_EVERY = 0.1
CHUNK = 1024 * 1024
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", *BLAS_SETTINGS)
NOWHERE = Path("/nonexistent")
ENDINGS = {
    "died": "ended unexpectedly",
    "memory": "needed more memory than it may have",
    "too slow": "took longer than it may",
    "malformed": "said what is no message",
}


class WorkerEnded(Exception):
    """A worker is gone; `code` says why in a word."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the process that graded it {ENDINGS[code]}")
        self.code = code


class WorkerProcess:
    """One worker and its temporary folder below `folder`, both gone when it is closed.

    Without a folder it can only do what writes no files.
    """

    def __init__(
        self, limits: Workers, folder: Path | None = None, processor: int | None = None
    ) -> None:
        self._limits = limits
        self._folder = Path(tempfile.mkdtemp(prefix="worker-", dir=folder)) if folder else NOWHERE
        self._socket, inside = socket.socketpair()
        self._socket.setblocking(False)
        command = [sys.executable, "-m", "grading.engine.worker", str(inside.fileno())]
        with inside:
            self._process = subprocess.Popen(
                command + ([] if processor is None else [str(processor)]),
                pass_fds=[inside.fileno()],
                env=_environment(self._folder),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._received = b""
        self.kit = ""

    def ask(
        self,
        request: dict[str, Any],
        content: bytes,
        seconds: float,
        told: Callable[[dict[str, Any]], None],
    ) -> tuple[dict[str, Any], bytes]:
        """Send a request and return its answer; `told` gets what is said before.

        Raises `WorkerEnded` when it ends, or has to be ended, because it takes more than `seconds`
        or more memory or CPU time than it may.
        """
        watch = _Watch(self._process.pid, self._limits, seconds)
        self.send(request, content, watch)
        while True:
            line, answer = self._message(watch)
            if "answer" in line:
                return line, answer
            told(line)

    def send(self, request: dict[str, Any], content: bytes, watch: "_Watch | None" = None) -> None:
        """Send a request that has no answer."""
        watch = watch or _Watch(self._process.pid, self._limits, self._limits.wall_seconds)
        left = memoryview(dump(request, content))
        while left:
            self._wait(select.POLLOUT, watch)
            try:
                left = left[self._socket.send(left[:CHUNK], socket.MSG_NOSIGNAL) :]
            except BlockingIOError:
                continue
            except OSError:
                self._end("died")

    @property
    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._process.poll() is not None

    def close(self) -> None:
        """Kill it, with everything that it started, and remove its folder."""
        self._process.kill()
        self._process.wait()
        self._socket.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _message(self, watch: "_Watch") -> tuple[dict[str, Any], bytes]:
        try:
            line, length = load(self._read_line(watch))
        except Malformed:
            self._end("malformed")
        return line, self._read(length, watch)

    def _read_line(self, watch: "_Watch") -> bytes:
        while b"\n" not in self._received:
            if len(self._received) > MAX_LINE:
                raise Malformed
            self._receive(watch)
        line, _, self._received = self._received.partition(b"\n")
        return line

    def _read(self, length: int, watch: "_Watch") -> bytes:
        parts, missing = [self._received], length - len(self._received)
        self._received = b""
        while missing > 0:
            self._receive(watch)
            parts.append(self._received)
            missing -= len(self._received)
            self._received = b""
        content = b"".join(parts)
        self._received = content[length:]
        return content[:length]

    def _receive(self, watch: "_Watch") -> None:
        self._wait(select.POLLIN, watch)
        try:
            received = self._socket.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            self._end("died")
        self._received += received

    def _wait(self, event: int, watch: "_Watch") -> None:
        """Wait until the socket is ready; end the worker as soon as it goes beyond a limit."""
        poll = select.poll()
        poll.register(self._socket, event)
        while not poll.poll(WATCH_EVERY * 1000):
            if excess := watch.excess():
                self._end(excess)
        if excess := watch.excess():
            self._end(excess)

    def _end(self, code: str) -> NoReturn:
        self.close()
        raise WorkerEnded(code)


class _Watch:
    """What a worker may use for one request, seen from outside."""

    def __init__(self, pid: int, limits: Workers, seconds: float) -> None:
        self._pid = pid
        self._limits = limits
        self._looked = 0.0
        self._deadline = time.monotonic() + seconds
        self._cpu = processes.own_usage(pid).cpu_seconds

    def excess(self) -> str | None:
        """Return what it uses too much of, or None; looked at ten times a second at most."""
        now = time.monotonic()
        if now - self._looked < WATCH_EVERY:
            return None
        self._looked = now
        used = processes.own_usage(self._pid)
        if used.memory > self._limits.memory_mb * MB:
            return "memory"
        if now > self._deadline or used.cpu_seconds - self._cpu > self._limits.cpu_seconds:
            return "too slow"
        return None


def _environment(folder: Path) -> dict[str, str]:
    """Return a worker's environment: nothing of the grader's but where programs are."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return kept | {"TMPDIR": str(folder), "PYTHONPATH": str(PROJECT), "OPENBLAS_NUM_THREADS": "1"}
