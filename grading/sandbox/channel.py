"""The grader's end of a kernel's socket: bounded, counted, and never waited for without end."""

import contextlib
import json
import os
import select
import signal
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

from grading.inside.kernel.packets import LONGEST, Assembly, TooLong, packets

MB = 1024 * 1024
MAX_MESSAGE = 16 * MB
MAX_PACKETS_AT_ONCE = 200
LEAST_OF_A_PACKET = 1_000  # bytes that even the smallest counts for: receiving it is work
WATCH_EVERY = 0.1
CREDENTIALS = struct.Struct("3i")


class ChannelClosed(Exception):
    """The kernel has closed its end, sends what is no message, or reads nothing any more."""


class Process:
    """A process of the sandbox, held so that its number can stand for no other."""

    def __init__(self, pid: int, descriptor: int | None = None) -> None:
        self.pid = pid
        self._descriptor = os.pidfd_open(pid) if descriptor is None else descriptor

    def send_signal(self, number: int) -> None:
        """Send a signal; one that has ended gets none."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._descriptor, number)

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return _ready(self._descriptor, select.POLLIN, 0)

    def wait(self, seconds: float) -> None:
        """Wait until it has ended, but no longer than that."""
        _ready(self._descriptor, select.POLLIN, seconds)

    def close(self) -> None:
        """Forget it."""
        os.close(self._descriptor)


def _ready(what: int | socket.socket, event: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(what, event)
    return bool(poll.poll(seconds * 1000))


class Channel:
    """Send requests and receive messages; `received` counts every byte as it arrives."""

    def __init__(self) -> None:
        self._socket, self.inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.setblocking(False)
        self._assembly = Assembly(MAX_MESSAGE)
        self.received = 0

    def fileno(self) -> int:
        """Return the descriptor to poll for messages."""
        return self._socket.fileno()

    def send(
        self, request: bytes, seconds: float, meanwhile: Callable[[], None] = lambda: None
    ) -> None:
        """Send a request; raise `ChannelClosed` if it is not taken in time.

        While it is waited for, `meanwhile` is called again and again.
        """
        deadline = time.monotonic() + seconds
        for packet in packets(request):
            while not self._sent(packet):
                if time.monotonic() > deadline:
                    raise ChannelClosed("the kernel reads nothing")
                _ready(self._socket, select.POLLOUT, WATCH_EVERY)
                meanwhile()

    def _sent(self, packet: bytes) -> bool:
        try:
            self._socket.send(packet, socket.MSG_NOSIGNAL)
        except BlockingIOError:
            return False
        except OSError as error:
            raise ChannelClosed(str(error)) from None
        return True

    def receive(self) -> list[dict[str, Any]]:
        """Return the well-formed messages that have arrived; what is none is left out.

        Raises `ChannelClosed` only once everything that came before the end has been returned.
        """
        messages: list[dict[str, Any]] = []
        for _ in range(MAX_PACKETS_AT_ONCE):
            try:
                packet = self._socket.recv(LONGEST + 1)
                self.received += max(len(packet), LEAST_OF_A_PACKET)
                message = self._message(packet)
            except BlockingIOError:
                break
            except ConnectionResetError:  # it did not read all; what it had sent is still there
                continue
            except (OSError, ChannelClosed) as error:
                if not messages:
                    raise ChannelClosed(str(error)) from None
                break
            if message is not None:
                messages.append(message)
        return messages

    def _message(self, packet: bytes) -> dict[str, Any] | None:
        if not packet:
            raise ChannelClosed("the kernel's end is closed")
        try:
            content = self._assembly.add(packet)
        except TooLong:
            raise ChannelClosed("a message without end") from None
        if content is None:
            return None
        with contextlib.suppress(ValueError, RecursionError):
            message = json.loads(content)
            if isinstance(message, dict) and isinstance(message.get("msg_type"), str):
                return message
        return None

    def introduced(self, seconds: float) -> tuple[dict[str, Any], Process]:
        """Return the next message and the process that sent it, as the machine knows it.

        Only for what arrives before student code runs. Raises `TimeoutError` if nothing does in
        time, `ChannelClosed` if nothing can.
        """
        if not _ready(self._socket, select.POLLIN, seconds):
            raise TimeoutError
        space = socket.CMSG_SPACE(CREDENTIALS.size)
        try:
            packet, extra, _, _ = self._socket.recvmsg(LONGEST + 1, space)
        except OSError as error:
            raise ChannelClosed(str(error)) from None
        message = self._message(packet)
        for level, kind, content in extra:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS) and message:
                with contextlib.suppress(ProcessLookupError):
                    return message, Process(CREDENTIALS.unpack(content[: CREDENTIALS.size])[0])
        raise ChannelClosed("a message of nobody")

    def close_inside(self) -> None:
        """Leave the other end to the kernel alone."""
        self.inside.close()

    def close(self) -> None:
        """Close both ends."""
        self._socket.close()
        self.inside.close()
