"""Find the parts of a JSON text without building the others.

Parsing a text builds all that is in it: three bytes, `{},`, become seventy. Here brackets are
counted instead, a block at a time, so that a part that nobody needs costs no more than its bytes.
"""

import codecs
import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

BLOCK = 1 << 18
MAX_BUILT = 4_000_000  # bytes of a part that is parsed as a whole
MAX_MEMBERS = 1_000
SPACE = re.compile(rb"[ \t\r\n]*")
WORD = re.compile(rb"[-+.\w]+")
MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # which begins as UTF-16 does
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
BY_ZEROS = {
    (False, True, False, True): "utf-16-le",
    (True, False, True, False): "utf-16-be",
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
}  # of the first four bytes, where no mark says it
STEPS = np.zeros(256, dtype=np.int8)
STEPS[[ord("{"), ord("[")]] = 1
STEPS[[ord("}"), ord("]")]] = -1


def in_utf_8(content: bytes) -> bytes:
    """Return a JSON text in UTF-8 and without a mark, also where an editor saved it otherwise."""
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            content = content.removeprefix(mark)
            return content if encoding == "utf-8" else _recoded(content, encoding)
    zeros = tuple(byte == 0 for byte in content[:4])
    return _recoded(content, BY_ZEROS[zeros]) if zeros in BY_ZEROS else content


def _recoded(content: bytes, encoding: str) -> bytes:
    return content.decode(encoding, "replace").encode("utf-8", "replace")


def _decoded(content: bytes) -> str:
    """Return a text that is in UTF-8 as it should be, or else in Windows' western encoding."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


class Part(NamedTuple):
    """A value in a text: from its first byte to behind its last."""

    start: int
    end: int


class Document:
    """A JSON text; whatever looks into it raises `ValueError` where it is none."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._masked = content.replace(b"\\\\", b"__").replace(b'\\"', b"__")
        self._bytes = np.frombuffer(self._masked, dtype=np.uint8)
        self._begins: list[tuple[bool, int]] = []  # of each block: within a string, how deep
        self._lowest = self._look_at_blocks()
        self._depths: tuple[int, NDArray[np.int32]] = (-1, np.zeros(0, dtype=np.int32))
        self.root = self._value(0)
        if self._after_space(self.root.end) != len(content):
            raise ValueError("something follows the value")

    def kind(self, part: Part) -> str:
        """Return the first character of a value: `{`, `[`, `"` or that of a number or word."""
        return chr(self._content[part.start])

    def build(self, part: Part) -> Any:
        """Parse a part; raise `ValueError` also where it is too large or too deep for that."""
        if part.end - part.start > MAX_BUILT:
            raise ValueError("too large")
        try:
            return json.loads(_decoded(self._content[part.start : part.end]))
        except RecursionError:
            raise ValueError("too deep") from None

    def build_or_none(self, part: Part | None) -> Any:
        """Parse a part; return None where there is none, or it cannot be built."""
        try:
            return None if part is None else self.build(part)
        except ValueError:
            return None

    def members(self, part: Part) -> dict[str, Part]:
        """Return the first `MAX_MEMBERS` values of an object, by name; none of anything else."""
        if self.kind(part) != "{":
            return {}
        return dict(islice(self._members(part), MAX_MEMBERS))

    def items(self, part: Part) -> Iterator[Part]:
        """Yield the values of a list."""
        place = self._after_space(part.start + 1)
        while place < part.end - 1:
            item = self._value(place)
            yield item
            place = self._next(item.end, part)

    def _members(self, part: Part) -> Iterator[tuple[str, Part]]:
        place = self._after_space(part.start + 1)
        while place < part.end - 1:
            name = self._value(place)
            colon = self._after_space(name.end)
            if self.kind(name) != '"' or self._masked[colon : colon + 1] != b":":
                raise ValueError("a member has no name")
            value = self._value(colon + 1)
            yield self.build(name), value
            place = self._next(value.end, part)

    def _next(self, place: int, part: Part) -> int:
        """Return where the next value begins, behind a comma, or the end of what holds it."""
        place = self._after_space(place)
        if place == part.end - 1:
            return place
        if self._masked[place : place + 1] != b",":
            raise ValueError("no comma between two values")
        return self._after_space(place + 1)

    def _after_space(self, place: int) -> int:
        found = SPACE.match(self._masked, place)
        assert found is not None
        return found.end()

    def _value(self, place: int) -> Part:
        start = self._after_space(place)
        first = self._masked[start : start + 1]
        if first in (b"{", b"["):
            return Part(start, self._end_of_brackets(start))
        if first == b'"':
            return Part(start, self._masked.index(b'"', start + 1) + 1)
        word = WORD.match(self._masked, start)
        if word is None:
            raise ValueError("no value")
        return Part(start, word.end())

    def _end_of_brackets(self, start: int) -> int:
        """Return where what is opened at `start` has been closed again."""
        block, place = divmod(start, BLOCK)
        depths = self._depths_in(block)
        outside = int(depths[place]) - 1
        closed = np.flatnonzero(depths[place:] <= outside)
        if closed.size:
            return start + int(closed[0]) + 1
        blocks = np.flatnonzero(self._lowest[block + 1 :] <= outside)
        if not blocks.size:
            raise ValueError("a bracket is not closed")
        block += 1 + int(blocks[0])
        return block * BLOCK + int(np.argmax(self._depths_in(block) <= outside)) + 1

    def _look_at_blocks(self) -> NDArray[np.int32]:
        quoted, depth, lowest = False, 0, []
        for start in range(0, len(self._bytes), BLOCK):
            self._begins.append((quoted, depth))
            inside, depths = self._read_block(start, quoted, depth)
            quoted, depth = bool(inside[-1]), int(depths[-1])
            lowest.append(int(depths.min()))
        return np.array(lowest, dtype=np.int32)

    def _depths_in(self, block: int) -> NDArray[np.int32]:
        """Return how many brackets are open behind each byte of a block; the last is remembered."""
        if self._depths[0] != block:
            self._depths = block, self._read_block(block * BLOCK, *self._begins[block])[1]
        return self._depths[1]

    def _read_block(
        self, start: int, quoted: bool, depth: int
    ) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
        block = self._bytes[start : start + BLOCK]
        inside = np.logical_xor.accumulate(block == ord('"')) ^ quoted
        steps = np.where(inside, 0, STEPS[block])
        return inside, np.cumsum(steps, dtype=np.int32) + np.int32(depth)
