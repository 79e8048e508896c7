"""Start workers: this process's own fork server, kept until it ends, forks each of them.

It is started with a thread of its own for a parent, which lives as long as this process: a process
that asks to end with its parent ends with the thread that started it (prctl(2)).
"""

import atexit
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from grading.sandbox.bubblewrap import BLAS_SETTINGS
from grading.sandbox.channel import Process
from grading.sandbox.settings import PROJECT

KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", *BLAS_SETTINGS)
LONGEST_ANSWER = 1_000
SECONDS = 120.0
LAST_WORDS = 300


class NoForkServer(RuntimeError):
    """The process that forks workers has ended; the message is the last line it wrote."""


class _ForkServer:
    def __init__(self, warm: bool) -> None:
        self._socket, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(SECONDS)
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 (closed with it)
        command = [sys.executable, "-m", "grading.engine.fork_server", str(inside.fileno())]
        with inside:
            self._process = subprocess.Popen(
                command + ["warm"] * warm,
                pass_fds=[inside.fileno()],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=self._said,
                stderr=self._said,
                start_new_session=True,
            )

    def start(self, request: dict[str, Any], given: list[int]) -> Process:
        try:
            socket.send_fds(self._socket, [json.dumps(request).encode()], given)
            answer, [descriptor], _, _ = socket.recv_fds(self._socket, LONGEST_ANSWER, 1)
        except (OSError, ValueError):
            raise NoForkServer(last_line(self._said)) from None
        return Process(json.loads(answer)["pid"], descriptor)

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def close(self) -> None:
        self._socket.close()
        self._process.kill()
        self._process.wait()
        self._said.close()

    def forget(self) -> None:
        self._socket.close()
        self._said.close()


class _Ours:
    """This process's fork server, if there is one."""

    def __init__(self) -> None:
        self.server: _ForkServer | None = None
        self.using = threading.Lock()
        self.thread = ThreadPoolExecutor(1, "fork-server")


_ours = _Ours()


def start_worker(
    inside: socket.socket,
    said: Any,
    folder: Path,
    processor: int | None = None,
    sandbox: dict[str, Any] | None = None,
) -> Process:
    """Start a worker that works in `folder` and serves `inside`, its end of a socket.

    What it writes to its standard output and error goes into `said`. With `sandbox`, the settings
    of a run, there will be a template for its kernels. Raises `NoForkServer`.
    """
    request = {"folder": str(folder), "processor": processor, "sandbox": sandbox}
    with _ours.using:
        try:
            return _server().start(request, [inside.fileno(), said.fileno()])
        except NoForkServer:
            _end()  # its answer may still come, and would be taken for that to another request
            raise


def begin() -> None:
    """Start the fork server and a template now, while this process does something else."""
    with _ours.using:
        _server(warm=True)


def end_fork_server() -> None:
    """End it with all workers that it forked; the next worker gets a new one."""
    with _ours.using:
        _end()


def last_line(said: Any) -> str:
    """Return the last line that was written to a file, or the end of it."""
    said.seek(max(0, said.seek(0, os.SEEK_END) - LAST_WORDS))
    text: str = said.read().decode(errors="replace")
    return text.strip().split("\n")[-1]


def _end() -> None:
    if _ours.server is not None:
        _ours.server.close()
        _ours.server = None


def _server(warm: bool = False) -> _ForkServer:
    if _ours.server is not None and _ours.server.ended:
        _end()
    if _ours.server is None:
        _ours.server = _ours.thread.submit(_ForkServer, warm).result()
    return _ours.server


def _environment() -> dict[str, str]:
    """Return a worker's environment: nothing of the grader's but where programs are."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return kept | {"PYTHONPATH": str(PROJECT), "OPENBLAS_NUM_THREADS": "1"}


def _begin_anew() -> None:
    """Forget the fork server in a process that was forked from the one whose it is."""
    global _ours
    if _ours.server is not None:
        _ours.server.forget()
    _ours = _Ours()


os.register_at_fork(after_in_child=_begin_anew)
atexit.register(end_fork_server)
