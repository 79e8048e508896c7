"""Start, talk to, watch and end one kernel behind the bubblewrap."""

import contextlib
import json
import secrets
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import KernelConnectionInfo

from grading.sandbox import bubblewrap, processes
from grading.sandbox.clock import Clock
from grading.sandbox.launch import launch, why_no_kernel
from grading.sandbox.settings import Sandbox

MB = 1024 * 1024
MAX_MESSAGE = 16 * MB
MAX_WAITING_MESSAGES = 8
WATCH_EVERY = 0.1


class KernelEnded(Exception):
    """The kernel is gone; `code` says why in a word, the message in a sentence for students."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class KernelNotStarted(RuntimeError):
    """The kernel did not come up; no student code has run yet, so it may be tried again."""


class SealedKernel:
    """One kernel in its sandbox; use it as a context manager.

    The kernel binds its sockets in memory of its own; the grader reaches them through the
    sandbox's root in /proc, so nothing outside is ever writable from within.
    """

    def __init__(
        self, settings: Sandbox, submission: Path, handout: Path, data: Path, salt: str
    ) -> None:
        self.settings = settings
        self._paths = (submission, handout, data)
        self._salt = salt
        self._folder = Path(tempfile.mkdtemp(prefix="sealed-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self._client: BlockingKernelClient | None = None
        self._context = zmq.Context()
        self._watched = 0.0
        self._began = time.monotonic()
        self.clock = Clock(salt, lambda: self._pid)
        self.received = 0

    def __enter__(self) -> "SealedKernel":
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def usage(self) -> processes.Usage:
        """Return what the sandbox has used so far."""
        return processes.usage(self._pid)

    def execute(self, source: str) -> Iterator[dict[str, Any]]:
        """Run one cell and yield its messages as they come: iopub content with its `msg_type`.

        Ends with a message of type `execute_reply`. Raises `KernelEnded` when the kernel dies, or
        has to be ended because it exceeds a limit.
        """
        client = self._require_client()
        request = client.execute(source, allow_stdin=False, stop_on_error=False)
        deadline = time.monotonic() + self.settings.cell_seconds
        reply: dict[str, Any] | None = None
        idle = interrupted = False
        settle = float("inf")
        while not (reply and idle) and time.monotonic() < settle:
            for message in self._receive(0.05):
                parent = message.get("parent_header")
                if not isinstance(parent, dict) or parent.get("msg_id") != request:
                    continue
                content = message["content"] | {"msg_type": message["msg_type"]}
                if message["msg_type"] == "execute_reply":
                    reply, settle = content, time.monotonic() + 2
                elif message["msg_type"] == "status":
                    idle = content.get("execution_state") == "idle" or idle
                else:
                    yield content
            if reply is None and time.monotonic() > deadline:
                if interrupted:
                    self.end("too slow", "A cell ran too long and could not be interrupted.")
                interrupted, deadline = True, time.monotonic() + 3
                self._interrupt()
                yield {"msg_type": "interrupted"}
        yield reply or {"msg_type": "execute_reply", "status": "error"}

    def end(self, code: str, message: str) -> None:
        """Kill everything inside and raise `KernelEnded`."""
        self._kill()
        raise KernelEnded(code, message)

    def close(self) -> None:
        """End the kernel and forget everything it had."""
        self._kill()
        if self._client is not None:
            self._client.stop_channels()
        with contextlib.suppress(zmq.ZMQError):
            self._context.destroy(linger=0)
        self.clock.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> None:
        connection = {
            "transport": "ipc",
            "ip": bubblewrap.SOCKETS,
            "key": secrets.token_hex(16),
            "signature_scheme": "hmac-sha256",
            "kernel_name": "python3",
            **{f"{name}_port": port for port, name in enumerate(CHANNELS, 1)},
        }
        file = self._folder / "connection.json"
        if not self.settings.sealed:
            connection["ip"] = str(self._folder / "kernel")
        file.write_text(json.dumps(connection))
        file.chmod(0o644)  # whatever the umask: the sandbox is another user, the folder only ours
        self._launch(file)
        try:
            self._connect(connection)
        except KernelEnded as ended:
            why = why_no_kernel(self.settings) if ended.code == "died" else str(ended)
            raise KernelNotStarted(f"The kernel could not start: {why}") from None

    def _connect(self, connection: dict[str, Any]) -> None:
        sockets = Path(f"/proc/{self._pid}/root{bubblewrap.SOCKETS}")
        self._client = BlockingKernelClient(context=self._context)
        if self.settings.sealed:
            connection["ip"] = str(sockets)
        for port in range(1, len(CHANNELS) + 1):
            self._wait_for(f"{connection['ip']}-{port}")
        self._context.maxmsgsize = MAX_MESSAGE
        self._context.rcvhwm = MAX_WAITING_MESSAGES
        self._context.reconnect_ivl = -1
        self._context.linger = 0
        self._client.load_connection_info(cast("KernelConnectionInfo", connection))
        self._client.start_channels(hb=False, stdin=False)
        self._greet()

    def _launch(self, connection: Path) -> None:
        self._process, self._pid = launch(
            self.settings, self._paths, connection, self.clock.inside.fileno(), self._salt
        )

    def _wait_for(self, address: str) -> None:
        """Wait until something listens at a Unix socket; ZeroMQ itself is told never to retry."""
        deadline = time.monotonic() + self.settings.startup_seconds
        with socket.socket(socket.AF_UNIX) as probe:
            while probe.connect_ex(address) != 0:
                self._watch()
                if time.monotonic() > deadline:
                    raise KernelNotStarted("The kernel did not start in time.")
                time.sleep(0.005)
        if not stat.S_ISSOCK(Path(address).lstat().st_mode):
            raise KernelNotStarted("The kernel's address is not a socket.")

    def _greet(self) -> None:
        """Wait until both directions work: the kernel answers, and its broadcasts arrive."""
        deadline = time.monotonic() + self.settings.startup_seconds
        client = self._require_client()
        heard: set[str] = set()
        asked = 0.0
        while not {"kernel_info_reply", "status"} <= heard:
            if time.monotonic() - asked > 0.5:
                client.kernel_info()
                asked = time.monotonic()
            heard |= {message["msg_type"] for message in self._receive(0.05)}
            if time.monotonic() > deadline:
                raise KernelNotStarted("The kernel started but did not answer in time.")

    def _receive(self, seconds: float) -> Iterator[dict[str, Any]]:
        """Yield the well-formed messages that are waiting, and serve the clock meanwhile."""
        client = self._require_client()
        poller = zmq.Poller()
        sockets = [client.shell_channel.socket, client.iopub_channel.socket]
        for channel in sockets:
            poller.register(channel, zmq.POLLIN)
        if not self.clock.closed:
            poller.register(self.clock.fileno(), zmq.POLLIN)
        ready = dict(poller.poll(5 if self.clock.timing else int(seconds * 1000)))
        self.clock.watch()
        if not self.clock.closed and self.clock.fileno() in ready:
            self.clock.serve()
        for channel in sockets:
            if channel not in ready:
                continue
            frames = channel.recv_multipart()
            self.received += sum(len(frame) for frame in frames)
            with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
                _, parts = client.session.feed_identities(frames)
                message = client.session.deserialize(parts)
                if isinstance(message.get("content"), dict):
                    yield message
        self._watch()

    def _watch(self) -> None:
        """End the kernel when it is dead or exceeds a limit of the whole notebook."""
        assert self._process is not None
        if self._process.poll() is not None:
            self.end("died", "The kernel stopped while a cell was running.")
        now = time.monotonic()
        if now - self._watched < WATCH_EVERY:
            return
        self._watched = now
        limits, used = self.settings, self.usage()
        if self.received > limits.flood_mb * MB:
            self.end("output", "The notebook printed far more than anyone could read.")
        if now - self._began > limits.notebook_seconds:
            self.end("too slow", "The notebook as a whole ran too long.")
        if used.cpu_seconds > limits.cpu_seconds:
            self.end("too slow", "The notebook used too much computing time.")
        if used.memory > limits.memory_mb * MB:
            self.end("memory", "The notebook used too much memory.")
        if used.processes > limits.processes * 2:
            self.end("processes", "The notebook started too many processes.")

    def _interrupt(self) -> None:
        client = self._require_client()
        client.control_channel.send(client.session.msg("interrupt_request", content={}))

    def _kill(self) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            processes.kill(self._process.pid)
        self._process.wait()

    def _require_client(self) -> BlockingKernelClient:
        if self._client is None:
            raise RuntimeError("the kernel has not been started")
        return self._client


CHANNELS = ("shell", "iopub", "stdin", "hb", "control")
