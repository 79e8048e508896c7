"""What crosses a kernel's socket: bounded, counted, read as data, and never waited for for ever."""

import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from grading.inside.kernel.packets import LAST, LONGEST, PART, WHOLE, packets
from grading.sandbox.channel import MAX_MESSAGE, Channel, ChannelClosed, Process


@pytest.fixture
def channel():
    channel = Channel()
    yield channel
    channel.close()


def send(channel, message):
    text = message if isinstance(message, bytes) else json.dumps(message).encode()
    for packet in packets(text):
        channel.inside.send(packet)


def stream(text):
    return {"msg_type": "stream", "text": text}


def test_messages_are_received_in_the_order_in_which_they_were_sent(channel):
    for number in range(3):
        send(channel, stream(str(number)))
    assert [message["text"] for message in channel.receive()] == ["0", "1", "2"]


def test_without_a_message_there_is_none(channel):
    assert channel.receive() == []


def test_a_message_of_many_parts_is_one(channel):
    send(channel, stream("x" * 3 * LONGEST))
    assert [len(message["text"]) for message in channel.receive()] == [3 * LONGEST]


def test_a_whole_message_between_the_parts_of_another_harms_neither(channel):
    parts = list(packets(json.dumps(stream("x" * LONGEST)).encode()))
    between = WHOLE + json.dumps(stream("child")).encode()
    for packet in (parts[0], between, parts[1]):
        channel.inside.send(packet)
    assert [len(message["text"]) for message in channel.receive()] == [5, LONGEST]


MALFORMED = {
    "no JSON": b"{",
    "no object": b'["x"]',
    "nothing": b"",
    "no type": b'{"cell": 1}',
    "a type that is no text": b'{"msg_type": ["stream"]}',
    "nested without end": b"[" * 50_000,
    "an object nested without end": b'{"msg_type":' * 4_000,
    "no text": b"\xff",
    "half a character": b'{"msg_type": "\xc3"}',
    "a number of endless length": b"9" * 50_000,
}


@pytest.mark.parametrize("content", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_message_is_left_out_and_the_next_is_received(channel, content):
    channel.inside.send(WHOLE + content)
    send(channel, stream("next"))
    assert [message["text"] for message in channel.receive()] == ["next"]


def test_every_byte_counts_also_of_what_is_left_out(channel):
    channel.inside.send(WHOLE + b"x" * 5_000)
    channel.receive()
    assert channel.received == 5_001


def test_the_smallest_packet_counts_for_a_thousand_bytes(channel):
    for _ in range(7):
        channel.inside.send(WHOLE)
    channel.receive()
    assert channel.received == 7_000


def test_a_packet_of_no_known_kind_closes_the_channel(channel):
    channel.inside.send(b"?" + b"x")
    with pytest.raises(ChannelClosed):
        channel.receive()


def parts(channel, count):
    """Send parts and no last one; receive meanwhile."""
    for _ in range(count):
        channel.inside.send(PART + b"x" * LONGEST)
        channel.receive()


def test_a_message_may_have_parts_of_sixteen_megabytes_together(channel):
    parts(channel, MAX_MESSAGE // (LONGEST + 1))
    assert channel.received <= MAX_MESSAGE


def test_a_message_without_end_closes_the_channel(channel):
    with pytest.raises(ChannelClosed, match="without end"):
        parts(channel, MAX_MESSAGE // (LONGEST + 1) + 1)


def test_parts_of_nothing_are_no_message_without_end_for_nothing(channel, monkeypatch):
    monkeypatch.setattr(channel, "_assembly", type(channel._assembly)(100))
    with pytest.raises(ChannelClosed):
        for _ in range(101):
            channel.inside.send(PART)
            channel.receive()


def test_no_more_than_two_hundred_packets_are_received_at_once(channel):
    channel._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    channel.inside.setblocking(False)
    for _ in range(210):
        channel.inside.send(WHOLE + b'{"msg_type": "x"}')
    assert [len(channel.receive()) for _ in range(2)] == [200, 10]


def test_what_came_before_the_end_is_received_before_it(channel):
    send(channel, stream("last words"))
    channel.close_inside()
    assert [message["text"] for message in channel.receive()] == ["last words"]
    with pytest.raises(ChannelClosed):
        channel.receive()


def test_what_came_from_one_who_did_not_listen_is_received_all_the_same(channel):
    channel.send(b"a request that nobody reads", 1)
    send(channel, stream("last words"))
    channel.close_inside()
    assert [message["text"] for message in channel.receive()] == ["last words"]


def test_what_came_before_a_message_without_end_is_received_before_it(channel):
    send(channel, stream("good"))
    channel.inside.send(b"?")
    assert [message["text"] for message in channel.receive()] == ["good"]


def test_descriptors_that_are_passed_along_are_not_taken(channel):
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    socket.send_fds(channel.inside, [WHOLE + b'{"msg_type": "x"}'], [0, 1, 2])
    assert len(channel.receive()) == 1
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_descriptors_that_come_with_an_introduction_are_not_taken(channel):
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    socket.send_fds(channel.inside, [WHOLE + b'{"msg_type": "ready"}'], [0, 1, 2])
    _, process = channel.introduced(1)
    process.close()
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_a_request_of_any_length_arrives_whole(channel):
    channel.send(b"y" * 2 * LONGEST, 1)
    received = [channel.inside.recv(LONGEST + 1) for _ in range(2)]
    assert received == [PART + b"y" * LONGEST, LAST + b"y" * LONGEST]


def test_a_request_that_is_not_taken_is_given_up_and_the_kernel_watched_meanwhile(channel):
    watched = []
    with pytest.raises(ChannelClosed, match="reads nothing"):
        channel.send(bytes(10_000_000), 0.3, meanwhile=lambda: watched.append(1))
    assert len(watched) >= 2


def test_what_is_found_out_meanwhile_ends_the_waiting(channel):
    def too_much():
        raise MemoryError

    with pytest.raises(MemoryError):
        channel.send(bytes(10_000_000), 600, meanwhile=too_much)


def test_a_request_to_one_who_is_gone_is_refused(channel):
    channel.close_inside()
    with pytest.raises(ChannelClosed):
        channel.send(b"request", 1)


def test_the_first_message_is_introduced_by_the_process_that_sent_it(channel):
    number = channel.inside.fileno()
    script = f'import os, time; os.write({number}, b\'W{{"msg_type": "first"}}\'); time.sleep(60)'
    child = subprocess.Popen([sys.executable, "-S", "-c", script], pass_fds=[number])
    try:
        message, process = channel.introduced(10)
        assert message["msg_type"] == "first" and process.pid == child.pid
        assert not process.ended
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        assert process.ended
        process.close()
    finally:
        child.kill()
        child.wait()


def test_a_process_that_has_ended_gets_no_signal_and_is_not_waited_for():
    child = subprocess.Popen(["sleep", "60"])
    process = Process(child.pid)
    child.kill()
    child.wait()
    process.send_signal(signal.SIGKILL)
    assert process.ended
    process.close()


def test_a_process_is_waited_for_no_longer_than_asked():
    process = Process(os.getpid())
    process.wait(0.01)
    assert not process.ended
    process.close()


def test_an_introduction_is_waited_for_no_longer_than_asked(channel):
    with pytest.raises(TimeoutError):
        channel.introduced(0.01)


def test_nobody_is_introduced_by_a_closed_channel(channel):
    channel.close_inside()
    with pytest.raises(ChannelClosed):
        channel.introduced(1)


def test_nobody_is_introduced_by_a_channel_that_was_closed_unread(channel):
    channel.send(b"request", 1)
    channel.close_inside()
    with pytest.raises(ChannelClosed):
        channel.introduced(1)


def test_nobody_is_introduced_by_what_is_no_message(channel):
    channel.inside.send(WHOLE + b"[]")
    with pytest.raises(ChannelClosed, match="nobody"):
        channel.introduced(1)


def test_a_closed_channel_leaves_neither_end_open(channel):
    channel.close()
    assert channel._socket.fileno() == channel.inside.fileno() == -1
