"""What a cell prints is handed on in pieces, soon, once, and also from processes it forks."""

import json
import os

import pytest

from grading.inside.kernel import streams
from grading.inside.kernel.packets import LONGEST
from grading.inside.kernel.streams import FLUSH_CHARACTERS, SMALL, Stream


@pytest.fixture
def now(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(streams.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def sent():
    return []


@pytest.fixture
def stream(now, sent):
    return Stream("stdout", 1, lambda name, text: sent.append((name, text)))


def test_what_is_printed_after_a_silence_is_sent_at_once(stream, sent):
    stream.write("now")
    assert sent == [("stdout", "now")]


def test_what_is_printed_soon_after_is_collected(stream, sent, now):
    for text in "abc":
        stream.write(text)
    now[0] += 0.3
    stream.write("d")
    assert [text for _, text in sent] == ["a", "bcd"]


def test_much_is_sent_at_once(stream, sent):
    stream.write("a")
    stream.write("x" * (FLUSH_CHARACTERS + 1))
    assert len(sent) == 2


def test_flushing_sends_what_waits_and_nothing_else(stream, sent):
    stream.write("a")
    stream.write("b")
    stream.flush()
    stream.flush()
    assert [text for _, text in sent] == ["a", "b"]


def test_only_text_can_be_printed(stream):
    with pytest.raises(TypeError, match="must be str, not bytes"):
        stream.write(b"x")


def test_it_behaves_as_standard_output_does(stream):
    assert stream.write("four") == 4 and stream.writable() and not stream.isatty()
    assert stream.fileno() == 1 and stream.encoding == "UTF-8" and stream.name == "<stdout>"


def printed_by_a_child(work):
    """Fork a process, let it print, and return what it sends, a line for each piece."""
    read, write = os.pipe()
    stream = Stream("stdout", 1, lambda name, text: os.write(write, f"{text}\n".encode()))
    stream.write("parent")
    stream.write("waits")
    if (child := os.fork()) == 0:
        work(stream)
        os._exit(0)
    os.waitpid(child, 0)
    os.close(write)
    with os.fdopen(read) as file:
        return file.read().splitlines()


def test_a_forked_process_prints_at_once_and_not_what_waits_in_its_parent(now):
    pieces = printed_by_a_child(lambda stream: (stream.write("child"), stream.write("again")))
    assert pieces == ["parent", "child", "again"]


def test_a_forked_process_that_only_flushes_sends_nothing(now):
    assert printed_by_a_child(lambda stream: stream.flush()) == ["parent"]


def test_a_forked_process_prints_in_small_pieces(now):
    pieces = printed_by_a_child(lambda stream: stream.write("x" * (SMALL + 1)))
    assert [len(piece) for piece in pieces] == [6, SMALL, 1]


def test_a_small_piece_fits_into_a_packet_whatever_is_in_it():
    assert len(json.dumps("\U0001f600" * SMALL)) < LONGEST - 1000


def test_a_forked_process_waits_for_no_lock_that_a_thread_of_its_parents_holds(now):
    read, write = os.pipe()
    stream = Stream("stdout", 1, lambda name, text: os.write(write, text.encode()))
    held, stream._changing = stream._changing, Locked()
    if (child := os.fork()) == 0:
        stream.write("child")
        os._exit(0)
    stream._changing = held
    assert os.waitpid(child, 0)[1] == 0
    assert os.read(read, 100) == b"child"
    os.close(read)
    os.close(write)


class Locked:
    """A lock that a thread holds which a fork does not have."""

    def __enter__(self):
        os._exit(1)

    def __exit__(self, *_):
        pass


def test_in_a_fork_of_a_template_that_is_a_kernel_much_is_one_piece(now):
    def become_a_kernel(stream):
        stream.belong_here()
        stream.write("x" * (SMALL + 1))

    assert [len(piece) for piece in printed_by_a_child(become_a_kernel)] == [6, SMALL + 1]
