"""Start, talk to, watch and end one kernel behind the bubblewrap."""

import json
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from select import POLLIN, poll
from typing import Any, NamedTuple, NoReturn

from grading.inside.kernel.descriptors import CLOCK_DESCRIPTOR
from grading.sandbox import bubblewrap, processes
from grading.sandbox.channel import MB, WATCH_EVERY, Channel, ChannelClosed, Process
from grading.sandbox.clock import Clock
from grading.sandbox.launch import Outermost, launch_plain, launch_sealed, why_no_kernel
from grading.sandbox.settings import Sandbox
from grading.sandbox.template import Fork, NoTemplate, fork_kernel

REQUEST_SECONDS = 20.0
INTERRUPT_SECONDS = 3.0
KILL_SECONDS = 10.0
PATIENCE = 2  # times what a notebook may take, on a machine too busy to let it run
About = Mapping[str, Any]
BYTES_OF_A_FILE = 2_000  # what an empty file in a folder in memory takes at most


class KernelEnded(Exception):
    """The kernel is gone; `code` says why in a word, the message in a sentence for students."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class KernelNotStarted(RuntimeError):
    """The kernel did not come up; no student code has run yet, so it may be tried again."""


class Files(NamedTuple):
    """What a run may read, as tar archives: submission, hand-out, unlabelled data."""

    submission: bytes
    handout: bytes
    data: bytes


class SealedKernel:
    """One kernel in its sandbox; use it as a context manager.

    It is forked from a warm template where that can be done, else started from nothing; `cold`
    says why. The grader holds one end of a socket and nothing on any disk.
    """

    def __init__(self, settings: Sandbox, files: Files, salt: str, records: bool = False) -> None:
        self.settings = settings
        self._files = files
        self._salt = salt
        self._channel = Channel()
        self._outermost: Outermost | None = None
        self._fork: Fork | None = None
        self._first: Process | None = None
        self._kernel: Process | None = None
        self._scratch: Path | None = None
        self._first_pid = 0
        self._cell = 0
        self._watched = 0.0
        self._began = time.monotonic()
        self._used = 0.0
        self._waiting, self._looked = processes.Waiting(), self._began
        self.clock = Clock(salt, lambda: self._first_pid, records)
        self.cold = ""

    def __enter__(self) -> "SealedKernel":
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def received(self) -> int:
        """How many bytes have come out so far."""
        return self._channel.received

    def usage(self) -> processes.Usage:
        """Return what the sandbox has used so far; files are memory, also when they are empty."""
        used = processes.usage(self._first_pid)
        if self._scratch is not None:
            return used
        files = processes.files(self._first_pid, bubblewrap.scratch(self.settings))
        return used._replace(memory=used.memory + files * BYTES_OF_A_FILE)

    def cpu_seconds(self) -> float:
        """Return the CPU time used so far, or until it was last seen alive."""
        self._used = max(self._used, self.usage().cpu_seconds)
        return self._used

    def execute(self, source: str, about: About | None = None) -> Iterator[dict[str, Any]]:
        """Run one cell and yield its messages as they come, each with its `msg_type`.

        `about` tells the kernel what tests must know of its names; nothing makes it ordinary.
        Ends with a message of type `execute_reply`. Raises `KernelEnded` when the kernel dies, or
        has to be ended because it exceeds a limit.
        """
        self._cell += 1
        self._request({"cell": self._cell, "source": source, "about": about or {}})
        began, limit, interrupted = self._own_seconds(), self.settings.cell_seconds, False
        while True:
            for message in self._receive(0.05):
                if message.get("cell") == self._cell:
                    yield message
                    if message["msg_type"] == "execute_reply":
                        return
            if self._own_seconds() - began > limit:
                if interrupted:
                    self.end("too slow", "A cell ran too long and could not be interrupted.")
                interrupted, limit = True, limit + INTERRUPT_SECONDS
                self._interrupt()
                yield {"msg_type": "interrupted"}

    def end(self, code: str, message: str) -> NoReturn:
        """Kill everything inside and raise `KernelEnded`."""
        self._kill()
        raise KernelEnded(code, message)

    def close(self) -> None:
        """End the kernel and forget everything it had."""
        self._kill()
        self._channel.close()
        self.clock.close()
        for process in (self._first, self._kernel):
            if process is not None:
                process.close()
        self._first = self._kernel = self._outermost = None
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _start(self) -> None:
        if not self.settings.sealed:
            self._scratch = Path(tempfile.mkdtemp(prefix="unsealed-"))
            clock_fd = self._start_from_nothing()
        elif not self.settings.warm:
            clock_fd = self._start_from_nothing()
        else:
            clock_fd = self._start_from_template()
        try:
            self._begin(clock_fd)
            self._greet()
        except (KernelEnded, ChannelClosed) as ended:
            gone = isinstance(ended, ChannelClosed) or ended.code == "died"
            why = why_no_kernel(self.settings) if gone else str(ended)
            raise KernelNotStarted(f"The kernel could not start: {why}") from None

    def _start_from_template(self) -> int:
        """Fork from the template, or start from nothing; return the clock's number inside."""
        try:
            self._fork = fork_kernel(self.settings, self._channel, self.clock.inside)
        except NoTemplate as error:
            self.cold = str(error)
            self._channel.close()
            self._channel = Channel()
            return self._start_from_nothing()
        self._first = self._fork.first
        self._first_pid = self._first.pid
        return CLOCK_DESCRIPTOR

    def _start_from_nothing(self) -> int:
        """Start a kernel of its own; return the number of its clock's descriptor inside."""
        module = [f"{bubblewrap.KERNEL_NAME}.serve", "{0}", "{1}"]
        own = [self._channel.inside.fileno(), self.clock.inside.fileno()]
        if self._scratch is not None:
            self._outermost = launch_plain(self.settings, module, own, self._scratch)
        else:
            self._outermost = launch_sealed(self.settings, module, own)
        self._first_pid = self._outermost.first
        self._channel.close_inside()
        return 0

    def _begin(self, clock_fd: int) -> None:
        """Hand over what a kernel needs before it can run cells."""
        home = str(self._scratch / "home") if self._scratch else bubblewrap.HOME
        data = str(self._scratch / "data") if self._scratch else bubblewrap.DATA
        fonts = str(Path(self.settings.student_env) / "matplotlib")
        environment = {"CHECK_SALT": bubblewrap.salt_for_inside(self._salt), "CHECK_DATA": data}
        if clock_fd:
            environment["CHECK_CLOCK_FD"] = str(clock_fd)
        request = {
            "environment": environment,
            "folder": home,
            "fonts": fonts if self._scratch else bubblewrap.FONTS,
            "limits": bubblewrap.limits(self.settings),
            "pictures": self.settings.pictures,
            "unpack": [data, home, home],
        }
        self._request(request)
        for archive in (self._files.data, self._files.handout, self._files.submission):
            self._channel.send(archive, REQUEST_SECONDS)

    def _greet(self) -> None:
        """Wait until the kernel answers, and learn which process it is."""
        deadline = time.monotonic() + self.settings.startup_seconds
        while time.monotonic() < deadline:
            try:
                message, process = self._channel.introduced(0.05)
            except TimeoutError:
                self._watch()
                if self._ended():
                    self._gone()
                continue
            if message["msg_type"] == "ready":
                self._kernel = process
                return
            process.close()
        raise KernelNotStarted("The kernel started but did not answer in time.")

    def _request(self, request: dict[str, Any]) -> None:
        text = json.dumps(request).encode()
        try:
            self._channel.send(text, REQUEST_SECONDS, meanwhile=self._watch)
        except ChannelClosed:
            self._gone()

    def _receive(self, seconds: float) -> list[dict[str, Any]]:
        """Return the messages that are waiting, and serve the clock meanwhile."""
        waiting = poll()
        waiting.register(self._channel.fileno(), POLLIN)
        if not self.clock.closed:
            waiting.register(self.clock.fileno(), POLLIN)
        ready = dict(waiting.poll(5 if self.clock.timing else int(seconds * 1000)))
        self.clock.watch()
        if not self.clock.closed and self.clock.fileno() in ready:
            self.clock.serve()
        self._watch()
        ended = self._ended()  # asked first: what it has sent before is not lost
        try:
            messages = self._channel.receive()
        except ChannelClosed:
            self._gone()
        if ended and not messages:
            self._gone()
        return messages

    def _watch(self) -> None:
        """End the kernel when it is dead or exceeds a limit of the whole notebook."""
        now = time.monotonic()
        if now - self._watched < WATCH_EVERY:
            return
        self._watched = now
        limits, used = self.settings, self.usage()
        self._used = used.cpu_seconds
        if self.received > limits.flood_mb * MB:
            self.end("output", "The notebook printed far more than anyone could read.")
        own, most = self._own_seconds() - self._began, PATIENCE * limits.notebook_seconds
        if own > limits.notebook_seconds or now - self._began > most:
            self.end("too slow", "The notebook as a whole ran too long.")
        if used.cpu_seconds > limits.cpu_seconds:
            self.end("too slow", "The notebook used too much computing time.")
        if used.memory > limits.memory_mb * MB:
            self.end("memory", "The notebook used too much memory.")
        if used.processes > limits.processes * 2:
            self.end("processes", "The notebook started too many processes.")

    def _own_seconds(self) -> float:
        """Return the time that has passed, without what the sandbox waited for a processor."""
        now = time.monotonic()
        if now - self._looked >= WATCH_EVERY:
            self._waiting.look(processes.waits(self._first_pid), now - self._looked)
            self._looked = now
        return now - self._waiting.seconds

    def _ended(self) -> bool:
        outermost = self._outermost is not None and self._outermost.ended
        return outermost or (self._first is not None and self._first.ended)

    def _gone(self) -> NoReturn:
        self.end("died", "The kernel stopped while a cell was running.")

    def _interrupt(self) -> None:
        if self._kernel is not None:
            self._kernel.send_signal(signal.SIGINT)

    def _kill(self) -> None:
        if self._first is not None:
            self._first.send_signal(signal.SIGKILL)
            self._first.wait(KILL_SECONDS)
        if self._outermost is not None:
            self._outermost.kill()
        if self._fork is not None:
            self._fork.close()
            self._fork = None
