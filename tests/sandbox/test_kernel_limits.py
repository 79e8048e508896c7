"""Which limit ends a kernel, when, and with which reason; no kernel is started for it."""

import socket
from types import SimpleNamespace

import pytest

from grading.sandbox.kernel import MB, KernelEnded, KernelNotStarted
from grading.sandbox.processes import Usage


def watched(kernel):
    """Return why the kernel is ended, or None when it is not."""
    try:
        kernel._watch()
    except KernelEnded as ended:
        return ended.code
    return None


LIMITS = {
    "cpu_seconds": ({"cpu_seconds": 7.0}, Usage(7.0, 0, 1), Usage(7.01, 0, 1), "too slow"),
    "memory_mb": ({"memory_mb": 3}, Usage(0, 3 * MB, 1), Usage(0, 3 * MB + 1, 1), "memory"),
    "processes": ({"processes": 5}, Usage(0, 0, 10), Usage(0, 0, 11), "processes"),
}


@pytest.mark.parametrize(("limits", "most", "more", "code"), LIMITS.values(), ids=LIMITS.keys())
def test_using_more_than_the_limit_ends_the_kernel(make_kernel, killed, limits, most, more, code):
    kernel = make_kernel(**limits)
    kernel.used = most
    assert watched(kernel) is None and killed == []
    kernel._watched = 0.0
    kernel.used = more
    assert watched(kernel) == code and killed == [4711] and kernel._process.waited


def test_printing_more_than_the_flood_limit_ends_the_kernel(make_kernel, killed):
    kernel = make_kernel(flood_mb=2)
    kernel.received = 2 * MB
    assert watched(kernel) is None
    kernel._watched = 0.0
    kernel.received = 2 * MB + 1
    assert watched(kernel) == "output" and killed == [4711]


def test_running_longer_than_the_notebook_may_ends_the_kernel(make_kernel, killed, wall_time):
    kernel = make_kernel(notebook_seconds=30.0)
    wall_time.now += 30.0
    assert watched(kernel) is None
    wall_time.now += 0.2
    assert watched(kernel) == "too slow" and killed == [4711]


def test_an_excess_is_seen_within_a_tenth_of_a_second(make_kernel, wall_time):
    kernel = make_kernel(memory_mb=1)
    assert watched(kernel) is None
    kernel.used = Usage(0, 2 * MB, 1)
    wall_time.now += 0.101
    assert watched(kernel) == "memory"


def test_usage_is_not_read_more_than_ten_times_a_second(make_kernel, wall_time):
    kernel = make_kernel(memory_mb=1)
    assert watched(kernel) is None
    kernel.used = Usage(0, 2 * MB, 1)
    wall_time.now += 0.05
    assert watched(kernel) is None


def test_a_kernel_that_has_died_is_noticed_at_once(make_kernel, killed):
    kernel = make_kernel()
    assert watched(kernel) is None
    kernel._process.code = 0
    assert watched(kernel) == "died" and killed == []


def test_a_kernel_is_ended_with_a_sentence_for_students(make_kernel):
    with pytest.raises(KernelEnded, match="The reason") as ended:
        make_kernel().end("memory", "The reason.")
    assert ended.value.code == "memory"


class Client:
    """A client that sends nothing and notes what it is asked to."""

    def __init__(self):
        self.asked, self.sent = {}, []
        self.session = SimpleNamespace(msg=lambda kind, content: kind)
        self.control_channel = SimpleNamespace(send=self.sent.append)

    def execute(self, source, **options):
        self.asked = {"source": source, **options}
        return "request"

    def kernel_info(self):
        self.sent.append("kernel_info")

    def stop_channels(self):
        pass


def message(kind, parent="request", **content):
    return {"msg_type": kind, "parent_header": {"msg_id": parent}, "content": content}


REPLY = message("execute_reply", status="ok")
IDLE = message("status", execution_state="idle")
BUSY = message("status", execution_state="busy")


@pytest.fixture
def run(make_kernel, wall_time):
    """Run a cell against a kernel that sends the given batches, one in each tenth of a second."""

    def run(*batches, **limits):
        kernel = make_kernel(**limits)
        kernel._client = client = Client()
        waiting = list(batches)

        def receive(seconds):
            wall_time.now += 0.1
            assert wall_time.now < began + 100, "the cell never ends"
            yield from waiting.pop(0) if waiting else ()

        kernel._receive = receive
        began, messages = wall_time.now, []
        try:
            for found in kernel.execute("the source"):
                messages.append(found)
        except KernelEnded as ended:
            messages.append(ended.code)
        return SimpleNamespace(
            client=client, messages=messages, seconds=round(wall_time.now - began, 1)
        )

    return run


def kinds(done):
    return [m if isinstance(m, str) else m["msg_type"] for m in done.messages]


def test_a_cell_ends_with_its_reply_once_its_output_is_complete(run):
    done = run([BUSY], [REPLY], [message("stream", text="late")], [IDLE], [message("stream")])
    assert kinds(done) == ["stream", "execute_reply"] and done.seconds == 0.4


def test_a_cell_may_neither_ask_for_input_nor_stop_those_after_it(run):
    options = {"allow_stdin": False, "stop_on_error": False}
    assert run([REPLY, IDLE]).client.asked == {"source": "the source", **options}


@pytest.mark.parametrize("parent", ["another", None])
def test_messages_that_belong_to_no_cell_are_left_out(run, parent):
    assert kinds(run([message("stream", parent), REPLY, IDLE])) == ["execute_reply"]


def test_a_message_without_a_proper_parent_is_left_out(run):
    odd = message("stream") | {"parent_header": "request"}
    assert kinds(run([odd, REPLY, IDLE])) == ["execute_reply"]


def test_a_reply_without_an_end_of_output_is_waited_for_two_seconds(run):
    assert run([REPLY]).seconds in (2.1, 2.2)


def test_an_end_of_output_without_a_reply_is_not_the_end(run):
    assert kinds(run([IDLE], [], [REPLY])) == ["execute_reply"]


def test_a_cell_that_takes_too_long_is_interrupted_and_the_run_goes_on(run):
    done = run(*[[]] * 45, [REPLY, IDLE], cell_seconds=4.0)
    assert kinds(done) == ["interrupted", "execute_reply"]
    assert done.client.sent == ["interrupt_request"]


def test_a_cell_that_ends_in_time_is_not_interrupted(run):
    done = run(*[[]] * 38, [REPLY, IDLE], cell_seconds=4.0)
    assert kinds(done) == ["execute_reply"] and done.client.sent == []


def test_a_cell_that_ignores_its_interruption_ends_the_kernel(run, killed):
    done = run(cell_seconds=4.0)
    assert kinds(done) == ["interrupted", "too slow"] and killed == [4711]
    assert 7.0 <= done.seconds <= 7.3


def test_output_does_not_extend_the_time_of_a_cell(run):
    done = run(*[[message("stream", text="x")]] * 100, cell_seconds=1.0)
    assert kinds(done)[-1] == "too slow" and done.seconds < 4.3


def test_a_kernel_that_opens_no_socket_is_given_up_after_the_startup_time(
    make_kernel, wall_time, tmp_path
):
    began = wall_time.now
    with pytest.raises(KernelNotStarted):
        make_kernel(startup_seconds=5.0)._wait_for(str(tmp_path / "socket"))
    assert 5.0 < wall_time.now - began < 5.1


def test_a_kernel_that_never_answers_is_given_up_after_the_startup_time(make_kernel, wall_time):
    kernel = make_kernel(startup_seconds=5.0)
    kernel._client = Client()

    def receive(seconds):
        wall_time.now += seconds
        return iter(())

    kernel._receive = receive
    began = wall_time.now
    with pytest.raises(KernelNotStarted):
        kernel._greet()
    assert 5.0 < wall_time.now - began < 5.1


@pytest.mark.parametrize("heard", ["kernel_info_reply", "status"])
def test_a_kernel_that_is_heard_in_one_direction_only_is_not_up(make_kernel, wall_time, heard):
    kernel = make_kernel(startup_seconds=2.0)
    kernel._client = Client()

    def receive(seconds):
        wall_time.now += seconds
        yield {"msg_type": heard}

    kernel._receive = receive
    with pytest.raises(KernelNotStarted):
        kernel._greet()


def test_a_kernel_that_dies_before_it_is_up_is_not_waited_for(make_kernel, tmp_path):
    kernel = make_kernel()
    kernel._process.code = 1
    with pytest.raises(KernelEnded):
        kernel._wait_for(str(tmp_path / "socket"))


def test_a_link_in_place_of_the_kernels_socket_is_not_followed(make_kernel, tmp_path):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "elsewhere"))
        listening.listen()
        kernel = make_kernel()
        kernel._wait_for(str(tmp_path / "elsewhere"))
        (tmp_path / "socket").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(KernelNotStarted):
            kernel._wait_for(str(tmp_path / "socket"))
