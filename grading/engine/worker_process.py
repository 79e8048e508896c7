"""The coordinator's side of one worker: start it, ask it, watch it from outside, kill it."""

import select
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from grading.engine.messages import MAX_LINE, MAX_SAID, Malformed, dump, load
from grading.engine.settings import Workers
from grading.engine.start_worker import last_line, start_worker
from grading.sandbox import processes

MB = 1024 * 1024
WATCH_EVERY = 0.1
CHUNK = 1024 * 1024
KILL_SECONDS = 10.0
ENDINGS = {
    "died": "ended unexpectedly",
    "memory": "needed more memory than it may have",
    "too slow": "took longer than it may",
    "malformed": "said what is no message",
    "stopped": "was stopped",
}

Told = Callable[[dict[str, Any]], None]


class WorkerEnded(Exception):
    """A worker is gone; `code` says why in a word."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the process that graded it {ENDINGS[code]}")
        self.code = code


class WorkerProcess:
    """One worker and its temporary folder, below `folder` if given, both gone when it is closed.

    It ends itself where `stopping` is set while it is waited for. Raises `NoForkServer`.
    """

    def __init__(
        self,
        limits: Workers,
        folder: Path | None = None,
        processor: int | None = None,
        stopping: threading.Event | None = None,
        sandbox: dict[str, Any] | None = None,
    ) -> None:
        self._limits = limits
        self._stopping = stopping or threading.Event()
        self._folder = Path(tempfile.mkdtemp(prefix="worker-", dir=folder))
        self._socket, inside = socket.socketpair()
        self._socket.setblocking(False)
        self._said = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (closed with it)
        try:
            with inside:
                self._process = start_worker(inside, self._said, self._folder, processor, sandbox)
        except BaseException:
            self._clear()
            raise
        self._received = bytearray()

    @property
    def quiet(self) -> bool:
        """Whether it waits for a request: it is there, and has said nothing that was not asked."""
        return not self._received and not select.select([self._socket], [], [], 0)[0]

    def ask(
        self, request: dict[str, Any], content: bytes, seconds: float, told: Told
    ) -> tuple[dict[str, Any], bytes]:
        """Send a request and return its answer; `told` gets what is said before.

        Raises `WorkerEnded` when it ends, or has to be ended, because it takes more than `seconds`
        or more memory or CPU time than it may.
        """
        watch = _Watch(self._process.pid, self._limits, seconds)
        self._send(request, content, watch)
        for _ in range(MAX_SAID):
            line, answer = self._message(watch)
            if "answer" in line:
                return line, answer
            told(line)
        self._end("malformed")

    def close(self) -> None:
        """Kill it, with everything that it started, and remove its folder; once is enough."""
        if self._socket.fileno() < 0:
            return
        self._kill()
        self._process.wait(KILL_SECONDS)
        self._process.close()
        self._clear()

    def last_words(self) -> str:
        """Return the last line that it wrote to its standard error."""
        return last_line(self._said)

    def _clear(self) -> None:
        self._socket.close()
        self._said.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _send(self, request: dict[str, Any], content: bytes, watch: "_Watch") -> None:
        left = memoryview(dump(request, content))
        while left:
            self._wait(select.POLLOUT, watch)
            try:
                left = left[self._socket.send(left[:CHUNK], socket.MSG_NOSIGNAL) :]
            except BlockingIOError:
                continue
            except OSError:
                self._end("died")

    def _message(self, watch: "_Watch") -> tuple[dict[str, Any], bytes]:
        try:
            line, length = load(self._read_line(watch))
        except Malformed:
            self._end("malformed")
        return line, self._read(length, watch)

    def _read_line(self, watch: "_Watch") -> bytes:
        searched = 0
        while (end := self._received.find(b"\n", searched)) < 0:
            searched = len(self._received)
            if searched > MAX_LINE:
                raise Malformed
            self._receive(watch)
        return self._take(end + 1)

    def _read(self, length: int, watch: "_Watch") -> bytes:
        while len(self._received) < length:
            self._receive(watch)
        return self._take(length)

    def _take(self, length: int) -> bytes:
        taken = bytes(memoryview(self._received)[:length])
        del self._received[:length]
        return taken

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
        ready = False
        while not ready:
            ready = bool(poll.poll(WATCH_EVERY * 1000))
            if self._stopping.is_set():
                self._end("stopped")
            if excess := watch.excess():
                self._end(excess)

    def _end(self, code: str) -> NoReturn:
        self._kill()
        raise WorkerEnded(code)

    def _kill(self) -> None:
        if not self._process.ended:
            processes.kill(self._process.pid)


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
