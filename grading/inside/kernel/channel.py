"""The kernel's end of its socket to the grader."""

import json
import os
import socket
import threading
from typing import Any

from .packets import LONGEST, Assembly, packets

LONGEST_REQUEST = 256 * 1024 * 1024
LONGEST_MESSAGE = 15 * 1024 * 1024


class Channel:
    """Receive requests, send messages; a message too long to be read is left out.

    Processes that were forked from the kernel may send only what fits into one packet.
    """

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._sending = threading.Lock()
        self._owner = os.getpid()

    def receive(self) -> bytes | None:
        """Return the next request, or None when there is nobody left to ask."""
        assembly = Assembly(LONGEST_REQUEST)
        while packet := self._socket.recv(LONGEST + 1):
            if (request := assembly.add(packet)) is not None:
                return request
        return None

    def send(self, message: dict[str, Any]) -> None:
        """Send one message."""
        text = json.dumps(message).encode()
        if os.getpid() != self._owner:
            if len(text) <= LONGEST:
                self._socket.send(next(packets(text)))
        elif len(text) <= LONGEST_MESSAGE:
            with self._sending:
                for packet in packets(text):
                    self._socket.send(packet)
