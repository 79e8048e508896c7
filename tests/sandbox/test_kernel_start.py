"""What a kernel is given when it starts, and what is left when it ends; none is started for it."""

import json

import pytest

from grading.inside.kernel.descriptors import CLOCK_DESCRIPTOR
from grading.inside.kernel.packets import LONGEST, Assembly
from grading.sandbox import bubblewrap
from grading.sandbox import kernel as kernel_module
from grading.sandbox.channel import ChannelClosed
from grading.sandbox.kernel import Files, KernelEnded, KernelNotStarted, SealedKernel
from grading.sandbox.settings import Sandbox
from grading.sandbox.template import NoTemplate

FILES = Files(b"the submission", b"what is handed out", b"the data")


@pytest.fixture
def begin(make_kernel):
    """Begin a kernel; return the request that it gets, and the archives."""

    def begin(clock_fd=0, **settings):
        kernel = make_kernel(**settings)
        kernel._files = FILES
        kernel._begin(clock_fd)
        assembly = Assembly(10**6)
        messages = [assembly.add(kernel._channel.inside.recv(LONGEST + 1)) for _ in range(4)]
        return json.loads(messages[0]), messages[1:]

    return begin


def test_the_salt_itself_stays_outside(begin):
    request, _ = begin()
    assert request["environment"]["CHECK_SALT"] == bubblewrap.salt_for_inside("the salt")
    assert "the salt" not in json.dumps(request)


def test_a_fork_is_told_which_descriptor_is_its_clock(begin):
    assert begin(CLOCK_DESCRIPTOR)[0]["environment"]["CHECK_CLOCK_FD"] == str(CLOCK_DESCRIPTOR)
    assert "CHECK_CLOCK_FD" not in begin()[0]["environment"]


def test_our_files_come_before_the_students_each_for_its_folder(begin):
    request, archives = begin()
    assert archives == [FILES.data, FILES.handout, FILES.submission]
    home = "/home/student"
    assert request["unpack"] == [f"{home}/.data", home, home] and request["folder"] == home
    assert request["environment"]["CHECK_DATA"] == f"{home}/.data"


def test_a_kernel_is_told_its_limits(begin):
    limits = begin(processes=7)[0]["limits"]
    assert limits == bubblewrap.limits(Sandbox(processes=7))


@pytest.fixture
def start(monkeypatch):
    """Start a kernel in which nothing comes up; return it, and how it was tried."""

    def start(fails=None, **settings):
        tried = []

        def fork_kernel(settings, channel, clock):
            tried.append("fork")
            raise NoTemplate("there is none")

        def launch(settings, module, own, *folder):
            tried.append(("plain" if folder else "sealed", [*module], [*own]))
            return type("Outermost", (), {"first": 5, "ended": False, "kill": lambda self: None})()

        monkeypatch.setattr(kernel_module, "fork_kernel", fork_kernel)
        monkeypatch.setattr(kernel_module, "launch_sealed", launch)
        monkeypatch.setattr(kernel_module, "launch_plain", launch)
        monkeypatch.setattr(kernel_module, "why_no_kernel", lambda settings: "Python says so")
        kernel = SealedKernel(Sandbox(**settings), FILES, "the salt")
        kernel._begin = lambda clock_fd: None

        def greet():
            if fails is not None:
                raise fails

        kernel._greet = greet
        return kernel, tried

    return start


def test_where_no_kernel_can_be_forked_one_is_started_from_nothing_and_says_why(start):
    kernel, tried = start()
    with kernel:
        assert tried[0] == "fork" and tried[1][0] == "sealed"
        assert kernel.cold == "there is none" and kernel._first_pid == 5


def test_a_channel_that_was_given_to_a_template_is_given_to_nobody_else(start):
    kernel, _ = start()
    first = kernel._channel
    with kernel:
        assert first.fileno() == -1 and kernel._channel.fileno() != -1


def test_without_warm_kernels_nothing_is_forked(start):
    kernel, tried = start(warm=False)
    with kernel:
        assert [how[0] for how in tried] == ["sealed"] and kernel.cold == ""


def test_trusted_code_starts_in_a_folder_that_is_gone_afterwards(start):
    kernel, tried = start(sealed=False)
    with kernel:
        scratch = kernel._scratch
        assert [how[0] for how in tried] == ["plain"] and scratch.is_dir()
    assert not scratch.exists()


def test_a_kernel_gets_its_ends_of_channel_and_clock_and_only_the_grader_keeps_the_others(start):
    kernel, tried = start(warm=False)
    inside = [kernel._channel.inside.fileno(), kernel.clock.inside.fileno()]
    with kernel:
        assert tried == [("sealed", ["_course_kernel.serve", "{0}", "{1}"], inside)]
        assert kernel._channel.inside.fileno() == -1


FAILURES = {
    "it died": (KernelEnded("died", ""), "Python says so"),
    "it closed its end": (ChannelClosed("closed"), "Python says so"),
    "it exceeded a limit": (KernelEnded("memory", "Too much memory."), "Too much memory."),
    "it took too long": (KernelNotStarted("not in time"), "not in time"),
}


@pytest.mark.parametrize(("error", "why"), FAILURES.values(), ids=FAILURES.keys())
def test_a_kernel_that_does_not_come_up_is_no_students_fault_and_is_closed(start, error, why):
    kernel, _ = start(error, warm=False)
    with pytest.raises(KernelNotStarted, match=why), kernel:
        pass
    assert kernel._channel.fileno() == -1 and kernel.clock.closed


def test_closing_kills_what_runs_and_forgets_what_it_had(make_kernel):
    kernel = make_kernel()
    outermost = kernel._outermost
    kernel.close()
    assert outermost.killed == 1 and kernel.clock.closed and kernel._channel.fileno() == -1


def test_a_fork_is_killed_and_waited_for_before_its_template_is_left(make_kernel):
    done = []

    class First:
        def send_signal(self, number):
            done.append(number)

        def wait(self, seconds):
            done.append("waited")

        def close(self):
            done.append("closed")

    kernel = make_kernel()
    kernel._outermost, kernel._first = None, First()
    kernel._fork = type("Fork", (), {"close": lambda self: done.append("left")})()
    kernel.close()
    kernel.close()
    assert done == [9, "waited", "left", "closed"]


def test_files_in_memory_count_as_memory_also_when_they_are_empty(make_kernel, monkeypatch):
    kernel = make_kernel()
    del kernel.usage
    monkeypatch.setattr(kernel_module.processes, "files", lambda pid, folders: len(folders) * 10)
    empty = kernel_module.processes.usage(0).memory
    assert kernel.usage().memory == empty + 40 * 2_000


def test_files_of_the_machine_do_not_count_as_trusted_codes_memory(make_kernel, tmp_path):
    kernel = make_kernel()
    del kernel.usage
    kernel._scratch = tmp_path / "scratch"
    assert kernel.usage().memory == 0
