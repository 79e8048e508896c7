"""Messages on a SEQPACKET socket: each is one packet, or several parts in a row.

The first byte of a packet says which: a whole message, a part of one, or its last part. Parts are
sent by one process only; others that share the socket send whole messages, which stand between
parts without harm.
"""

from collections.abc import Iterator

WHOLE, PART, LAST = b"W", b"P", b"L"
LONGEST = 60_000


class TooLong(ValueError):
    """A message, or a packet of no known kind, goes beyond what is allowed."""


def packets(message: bytes) -> Iterator[bytes]:
    """Yield the packets of a message."""
    if len(message) <= LONGEST:
        yield WHOLE + message
        return
    for start in range(0, len(message), LONGEST):
        kind = PART if start + LONGEST < len(message) else LAST
        yield kind + message[start : start + LONGEST]


class Assembly:
    """Put the parts of messages together, none longer than `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._length = 0

    def add(self, packet: bytes) -> bytes | None:
        """Return the message that a packet completes, or None; raise `TooLong`."""
        kind, content = packet[:1], packet[1:]
        if kind == WHOLE:
            return content
        self._parts.append(content)
        self._length += len(content) + 1
        if kind not in (PART, LAST) or self._length > self._limit:
            raise TooLong
        if kind == PART:
            return None
        message = b"".join(self._parts)
        self._parts, self._length = [], 0
        return message
