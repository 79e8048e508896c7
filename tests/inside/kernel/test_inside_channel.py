"""The kernel's end of its socket: requests in, messages out, and few words from its children."""

import json
import os
import socket
import threading
from types import SimpleNamespace

import pytest

from grading.inside.kernel import channel as channel_module
from grading.inside.kernel.channel import Channel
from grading.inside.kernel.packets import LONGEST, packets


@pytest.fixture
def grader():
    here = SimpleNamespace()
    here.socket, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    here.socket.settimeout(5)
    here.channel = Channel(inside.detach())
    yield here
    here.socket.close()
    here.channel._socket.close()


def test_requests_are_received_one_after_the_other_whatever_their_length(grader):
    received = []
    for request in (b"one", b"x" * (LONGEST + 1), b"three"):
        sending = threading.Thread(
            target=lambda cut: [*map(grader.socket.send, cut)], args=[packets(request)]
        )
        sending.start()
        received.append(grader.channel.receive() == request)
        sending.join()
    assert received == [True] * 3


def test_when_nobody_is_left_to_ask_there_is_no_request(grader):
    grader.socket.close()
    assert grader.channel.receive() is None


def test_a_message_is_sent_as_json(grader):
    grader.channel.send({"msg_type": "x", "text": "ü\ud800"})
    assert json.loads(grader.socket.recv(1000)[1:]) == {"msg_type": "x", "text": "ü\ud800"}


def test_a_message_too_long_to_be_read_is_left_out(grader, monkeypatch):
    monkeypatch.setattr(channel_module, "LONGEST_MESSAGE", 100)
    grader.channel.send({"text": "x" * 100})
    grader.channel.send({"text": "next"})
    assert json.loads(grader.socket.recv(1000)[1:]) == {"text": "next"}


class Interrupted:
    """A socket on which, after the first part of a message, another thread gets its chance."""

    def __init__(self, inner, other):
        self._inner, self._other, self._both_sent = inner, other, threading.Event()

    def send(self, packet):
        self._inner.send(packet)
        if threading.current_thread() is self._other:
            self._both_sent.set()
        elif self._other.ident is None:
            self._other.start()
            self._both_sent.wait(0.3)


def test_long_messages_of_several_threads_are_not_mixed(grader, monkeypatch):
    count = 2 * LONGEST
    other = threading.Thread(target=grader.channel.send, args=[{"text": "b" * count}])
    monkeypatch.setattr(grader.channel, "_socket", Interrupted(grader.channel._socket, other))
    one = threading.Thread(target=grader.channel.send, args=[{"text": "a" * count}])
    one.start()
    received = b"".join(grader.socket.recv(LONGEST + 1)[1:] for _ in range(6))
    one.join()
    other.join()
    decoder = json.JSONDecoder()
    first, end = decoder.raw_decode(received.decode())
    second, _ = decoder.raw_decode(received.decode()[end:])
    assert (first["text"], second["text"]) == ("a" * count, "b" * count)


def sent_by_a_child(grader, *messages):
    if (child := os.fork()) == 0:
        for message in messages:
            grader.channel.send(message)
        os._exit(0)
    os.waitpid(child, 0)
    return grader.socket.recv(LONGEST + 1)


def test_a_forked_process_sends_what_fits_into_a_packet(grader):
    assert sent_by_a_child(grader, {"text": "child"}) == b'W{"text": "child"}'


def test_a_forked_process_sends_no_message_of_several_parts(grader):
    long, short = {"text": "x" * LONGEST}, {"text": "short"}
    assert sent_by_a_child(grader, long, short) == b'W{"text": "short"}'


def test_a_forked_process_waits_for_no_lock_that_a_thread_of_its_parents_holds(grader):
    with grader.channel._sending:
        assert sent_by_a_child(grader, {"text": "child"}) == b'W{"text": "child"}'
