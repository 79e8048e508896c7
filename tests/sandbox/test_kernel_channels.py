"""That a kernel's messages are heard and its clock is served meanwhile; none is started for it."""

import json
import select
from types import SimpleNamespace

import pytest

from grading.inside.kernel.packets import packets
from grading.sandbox import kernel as kernel_module
from grading.sandbox import processes
from grading.sandbox.kernel import MB, KernelEnded
from grading.sandbox.processes import Usage


@pytest.fixture
def kernel(make_kernel):
    return make_kernel()


def send(kernel, message):
    for packet in packets(json.dumps(message).encode()):
        kernel._channel.inside.send(packet)


def stream(text="x"):
    return {"msg_type": "stream", "text": text}


def test_what_a_kernel_sends_is_received(kernel):
    send(kernel, stream())
    assert kernel._receive(0.05) == [stream()]


def test_output_counts_towards_the_flood_limit_while_it_arrives(kernel, wall_time):
    kernel.settings.flood_mb = 1
    for _ in range(30):
        send(kernel, stream("x" * 50_000))
        kernel._channel.receive()
    assert kernel.received > MB
    with pytest.raises(KernelEnded) as ended:
        kernel._receive(0.05)
    assert ended.value.code == "output"


def test_what_a_kernel_sent_before_it_ended_is_heard_before_that(kernel):
    send(kernel, stream("last words"))
    kernel._channel.close_inside()
    kernel._outermost.ended = True
    assert kernel._receive(0.05) == [stream("last words")]
    with pytest.raises(KernelEnded) as ended:
        kernel._receive(0.05)
    assert ended.value.code == "died"


def test_a_kernel_that_closes_its_end_is_gone(kernel):
    kernel._channel.close_inside()
    with pytest.raises(KernelEnded) as ended:
        kernel._receive(0.05)
    assert ended.value.code == "died" and kernel._outermost.killed == 1


@pytest.mark.parametrize("which", ["_outermost", "_first"])
def test_a_kernel_whose_sandbox_has_ended_is_gone_though_its_end_is_open(kernel, which):
    setattr(kernel, which, kernel._outermost if which == "_outermost" else kernel._kernel)
    getattr(kernel, which).ended = True
    with pytest.raises(KernelEnded) as ended:
        kernel._receive(0.05)
    assert ended.value.code == "died"


def test_the_clock_is_served_and_watched_while_messages_are_waited_for(kernel, monkeypatch):
    monkeypatch.setattr(processes, "usage", lambda pid: Usage(0.0, 0, 1))
    members = [1]
    monkeypatch.setattr(processes, "family", lambda pid: list(members))
    clock = kernel.clock
    clock.inside.send(b'{"do": "start", "name": "s", "side": "fast", "round": 0}\n')
    kernel._receive(0.05)
    assert clock.timing and clock._open.void is False
    members.append(2)
    kernel._receive(0.05)
    assert clock._open.void is True


def test_a_closed_clock_is_served_no_more_and_messages_are_heard(kernel):
    kernel.clock.close()
    send(kernel, stream())
    assert kernel._receive(0.05) == [stream()]


def test_an_open_stretch_is_watched_two_hundred_times_a_second(kernel, monkeypatch):
    waits = []

    def poll():
        real = select.poll()
        return SimpleNamespace(
            register=real.register, poll=lambda ms: waits.append(ms) or real.poll(0)
        )

    monkeypatch.setattr(kernel_module, "poll", poll)
    kernel._receive(0.05)
    monkeypatch.setattr(type(kernel.clock), "timing", True)
    kernel._receive(0.05)
    assert waits == [50, 5]


def test_an_excess_is_seen_while_a_request_is_not_taken(make_kernel):
    kernel = make_kernel(memory_mb=1)
    kernel.used = Usage(0.0, 2 * MB, 1)
    with pytest.raises(KernelEnded) as ended:
        kernel._request({"source": "x" * 10_000_000})
    assert ended.value.code == "memory"


def test_a_request_to_a_kernel_that_is_gone_ends_it(kernel):
    kernel._channel.close_inside()
    with pytest.raises(KernelEnded) as ended:
        kernel._request({"source": "x"})
    assert ended.value.code == "died"
