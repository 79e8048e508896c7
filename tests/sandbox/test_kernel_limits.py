"""Which limit ends a kernel, when, and with which reason; no kernel is started for it."""

import signal
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
def test_using_more_than_the_limit_ends_the_kernel(make_kernel, limits, most, more, code):
    kernel = make_kernel(**limits)
    kernel.used = most
    assert watched(kernel) is None and kernel._outermost.killed == 0
    kernel._watched = 0.0
    kernel.used = more
    assert watched(kernel) == code and kernel._outermost.killed == 1


def test_printing_more_than_the_flood_limit_ends_the_kernel(make_kernel):
    kernel = make_kernel(flood_mb=2)
    kernel._channel.received = 2 * MB
    assert watched(kernel) is None
    kernel._watched = 0.0
    kernel._channel.received = 2 * MB + 1
    assert watched(kernel) == "output" and kernel._outermost.killed == 1


def test_running_longer_than_the_notebook_may_ends_the_kernel(make_kernel, wall_time):
    kernel = make_kernel(notebook_seconds=30.0)
    wall_time.now += 30.0
    assert watched(kernel) is None
    wall_time.now += 0.2
    assert watched(kernel) == "too slow" and kernel._outermost.killed == 1


def test_what_a_notebook_waits_for_a_processor_is_not_its_time(make_kernel, wall_time, waited):
    kernel = make_kernel(notebook_seconds=30.0)
    for _ in range(400):
        wall_time.now += 0.1
        waited[0] += 0.05
        assert watched(kernel) is None
    wall_time.now += 10.2
    assert watched(kernel) == "too slow"


def test_a_notebook_that_only_waits_is_ended_all_the_same(make_kernel, wall_time, waited):
    kernel = make_kernel(notebook_seconds=3.0)
    ended = None
    while ended is None:
        wall_time.now += 0.1
        waited[0] += 0.1
        ended = watched(kernel)
    assert ended == "too slow" and wall_time.now - kernel._began == pytest.approx(6.1, abs=0.2)


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


def test_a_kernel_is_ended_with_a_sentence_for_students(make_kernel):
    with pytest.raises(KernelEnded, match="The reason") as ended:
        make_kernel().end("memory", "The reason.")
    assert ended.value.code == "memory"


def message(kind, cell=1, **content):
    return {"msg_type": kind, "cell": cell, **content}


REPLY = message("execute_reply", status="ok")


@pytest.fixture
def run(make_kernel, wall_time, waited):
    """Run a cell against a kernel that sends the given batches, one in each tenth of a second.

    `waiting` is the share of its time in which it waits for a processor.
    """

    def run(*batches, waiting=0.0, **limits):
        kernel = make_kernel(**limits)
        coming = list(batches)

        def receive(seconds):
            wall_time.now += 0.1
            waited[0] += 0.1 * waiting
            assert wall_time.now < began + 100, "the cell never ends"
            return coming.pop(0) if coming else []

        kernel._receive = receive
        kernel._request = (requests := []).append
        began, messages = wall_time.now, []
        try:
            for found in kernel.execute("the source"):
                messages.append(found)
        except KernelEnded as ended:
            messages.append(ended.code)
        return SimpleNamespace(
            kernel=kernel,
            requests=requests,
            messages=messages,
            seconds=round(wall_time.now - began, 1),
        )

    return run


def kinds(done):
    return [m if isinstance(m, str) else m["msg_type"] for m in done.messages]


def test_a_cell_is_asked_for_with_its_number_and_ends_with_its_reply(run):
    done = run([message("stream")], [], [REPLY], [message("stream")])
    assert done.requests == [{"cell": 1, "source": "the source", "about": {}}]
    assert kinds(done) == ["stream", "execute_reply"] and done.seconds == 0.3


def test_every_cell_has_a_number_of_its_own(run):
    kernel = run([REPLY]).kernel
    requests = []
    kernel._request = requests.append
    kernel._receive = lambda seconds: [REPLY | {"cell": 2}]
    assert [found["cell"] for found in kernel.execute("another", {"test": {}})] == [2]
    assert requests == [{"cell": 2, "source": "another", "about": {"test": {}}}]


@pytest.mark.parametrize("cell", [0, 2, None, "1", [1], {"cell": 1}])
def test_messages_of_other_cells_and_of_none_are_left_out(run, cell):
    odd = [message("stream", cell), message("execute_reply", cell, status="ok")]
    assert kinds(run(odd, [REPLY])) == ["execute_reply"]


def test_what_comes_after_the_reply_belongs_to_no_cell(run):
    assert kinds(run([REPLY, message("stream")])) == ["execute_reply"]


def test_a_cell_that_takes_too_long_is_interrupted_and_the_run_goes_on(run):
    done = run(*[[]] * 45, [REPLY], cell_seconds=4.0)
    assert kinds(done) == ["interrupted", "execute_reply"]
    assert done.kernel.signals == [signal.SIGINT]


def test_a_cell_that_ends_in_time_is_not_interrupted(run):
    done = run(*[[]] * 38, [REPLY], cell_seconds=4.0)
    assert kinds(done) == ["execute_reply"] and done.kernel.signals == []


def test_the_time_a_kernel_waits_for_a_processor_is_not_its_cells(run):
    done = run(*[[]] * 75, [REPLY], waiting=0.5, cell_seconds=4.0)
    assert kinds(done) == ["execute_reply"] and done.seconds == 7.6


def test_a_cell_that_waits_for_a_processor_has_no_more_time_of_its_own(run):
    done = run(*[[]] * 85, [REPLY], waiting=0.5, cell_seconds=4.0)
    assert kinds(done) == ["interrupted", "execute_reply"]


def test_a_cell_that_ignores_its_interruption_ends_the_kernel(run):
    done = run(cell_seconds=4.0)
    assert kinds(done) == ["interrupted", "too slow"] and done.kernel._outermost.killed == 1
    assert 7.0 <= done.seconds <= 7.3


def test_output_does_not_extend_the_time_of_a_cell(run):
    done = run(*[[message("stream", text="x")]] * 100, cell_seconds=1.0)
    assert kinds(done)[-1] == "too slow" and done.seconds < 4.3


@pytest.fixture
def greet(make_kernel, wall_time):
    """Greet a kernel that introduces itself by the given messages, one in each 0.05 seconds."""

    def greet(*said, **settings):
        kernel = make_kernel(**settings)
        coming, closed = list(said), []

        def introduced(seconds):
            wall_time.now += seconds
            if not coming or (kind := coming.pop(0)) is None:
                raise TimeoutError
            return {"msg_type": kind}, SimpleNamespace(pid=5, close=lambda: closed.append(kind))

        kernel._channel.introduced = introduced
        kernel._kernel, began = None, wall_time.now
        try:
            kernel._greet()
        except Exception as error:
            return type(error), closed, wall_time.now - began
        found, kernel._kernel = kernel._kernel, None
        return found.pid, closed, wall_time.now - began

    return greet


def test_the_kernel_is_the_process_that_says_it_is_ready(greet):
    assert greet(None, "first", None, "ready")[:2] == (5, ["first"])


def test_a_kernel_that_never_answers_is_given_up_after_the_startup_time(greet):
    error, _, seconds = greet(startup_seconds=5.0)
    assert error is KernelNotStarted and 5.0 <= seconds < 5.2


def test_a_kernel_that_dies_before_it_is_up_is_not_waited_for(make_kernel):
    kernel = make_kernel()
    kernel._outermost.ended = True
    with pytest.raises(KernelEnded):
        kernel._greet()
