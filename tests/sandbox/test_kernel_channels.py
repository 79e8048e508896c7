"""What is heard of a kernel's messages, and that its clock is served meanwhile."""

from types import SimpleNamespace

import pytest
import zmq
from jupyter_client.session import Session

from grading.sandbox import processes
from grading.sandbox.kernel import MB, KernelEnded
from grading.sandbox.processes import Usage


@pytest.fixture
def wire(make_kernel):
    """Give a kernel whose two channels end in the test's own sockets."""
    kernel = make_kernel()
    session = Session(key=b"the key")
    ends = {}
    for name in ("shell", "iopub"):
        ends[name] = kernel._context.socket(zmq.PAIR)
        ends[name].bind(f"inproc://{name}")
    near = {name: kernel._context.socket(zmq.PAIR) for name in ends}
    for name, end in near.items():
        end.connect(f"inproc://{name}")
    kernel._client = SimpleNamespace(
        session=session,
        shell_channel=SimpleNamespace(socket=near["shell"]),
        iopub_channel=SimpleNamespace(socket=near["iopub"]),
        stop_channels=lambda: None,
    )
    return SimpleNamespace(kernel=kernel, session=session, **ends)


def received(kernel):
    return [(found["msg_type"], found["content"]) for found in kernel._receive(0.05)]


def test_what_a_kernel_signs_is_received_from_both_channels(wire):
    wire.session.send(wire.shell, "execute_reply", {"status": "ok"})
    wire.session.send(wire.iopub, "stream", {"text": "x"})
    found = received(wire.kernel)
    assert found == [("execute_reply", {"status": "ok"}), ("stream", {"text": "x"})]


def test_what_a_stranger_signs_is_dropped_and_counts_as_output(wire):
    Session(key=b"another key").send(wire.iopub, "stream", {"text": "x" * 5000})
    assert received(wire.kernel) == [] and wire.kernel.received > 5000


MANGLED = {
    "no frames of ours": [b"x"],
    "nothing signed": [b"<IDS|MSG>", b"", b"{}", b"{}", b"{}", b"{}"],
}


@pytest.mark.parametrize("frames", MANGLED.values(), ids=MANGLED.keys())
def test_a_mangled_message_is_dropped(wire, frames):
    wire.iopub.send_multipart(frames)
    assert received(wire.kernel) == []


@pytest.mark.parametrize(
    "content",
    [b"{", b'["x"]', b"[" * 100_000, b"\xff", b"9" * 10_000],
    ids=["no JSON", "no object", "nested without end", "no text", "a number of endless length"],
)
def test_a_signed_message_whose_content_is_malformed_is_dropped(wire, content):
    wire.session.send(wire.iopub, wire.session.msg("stream", content=content))
    assert received(wire.kernel) == []


def test_output_counts_towards_the_flood_limit_while_it_arrives(wire):
    wire.kernel.settings.flood_mb = 1
    wire.session.send(wire.iopub, "stream", {"text": "x" * MB})
    with pytest.raises(KernelEnded) as ended:
        received(wire.kernel)
    assert ended.value.code == "output"


def test_the_clock_is_served_and_watched_while_messages_are_waited_for(wire, monkeypatch):
    monkeypatch.setattr(processes, "usage", lambda pid: Usage(0.0, 0, 1))
    members = [1]
    monkeypatch.setattr(processes, "family", lambda pid: list(members))
    clock = wire.kernel.clock
    clock.inside.send(b'{"do": "start", "name": "s", "side": "fast", "round": 0}\n')
    received(wire.kernel)
    assert clock.timing and clock._open.void is False
    members.append(2)
    received(wire.kernel)
    assert clock._open.void is True


def test_an_open_stretch_is_watched_two_hundred_times_a_second(wire, monkeypatch):
    waits = []
    poll = zmq.Poller.poll
    monkeypatch.setattr(zmq.Poller, "poll", lambda self, ms: waits.append(ms) or poll(self, 0))
    received(wire.kernel)
    monkeypatch.setattr(type(wire.kernel.clock), "timing", True)
    monkeypatch.setattr(wire.kernel.clock, "watch", lambda: None)
    received(wire.kernel)
    assert waits == [50, 5]


def test_a_clock_that_has_closed_stops_no_messages(wire):
    wire.kernel.clock.close()
    wire.session.send(wire.iopub, "stream", {"text": "x"})
    assert received(wire.kernel) == [("stream", {"text": "x"})]
