"""Kernels that are not started, whose time and processes the test sets; and ways to start one."""

import pytest

from grading.sandbox import kernel as kernel_module
from grading.sandbox import processes
from grading.sandbox.archive import NOTHING
from grading.sandbox.kernel import Files, SealedKernel
from grading.sandbox.processes import Usage
from grading.sandbox.settings import Sandbox

WAYS = {"warm": True, "cold": False}


class Time:
    """A clock on the wall that only moves when it is told to."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now


class Outermost:
    """A sandbox that runs until it is killed."""

    def __init__(self):
        self.ended, self.killed = False, 0

    def kill(self):
        self.killed += 1


class Process:
    """The process that runs cells, which notes the signals that it gets."""

    def __init__(self, signals):
        self.pid, self._signals, self.ended = 4712, signals, False

    def send_signal(self, number):
        self._signals.append(number)

    def wait(self, seconds):
        pass

    def close(self):
        pass


@pytest.fixture
def wall_time(monkeypatch):
    time = Time()
    monkeypatch.setattr(kernel_module, "time", time)
    return time


@pytest.fixture
def waited(monkeypatch):
    """Return, as a list of one, how long the kernel has waited for a processor."""
    waited = [0.0]
    monkeypatch.setattr(processes, "waits", lambda pid: {4712: waited[0]})
    return waited


@pytest.fixture
def make_kernel(wall_time, waited):
    made = []

    def make_kernel(**limits):
        kernel = SealedKernel(Sandbox(**limits), Files(NOTHING, NOTHING, NOTHING), "the salt")
        kernel.signals = []
        kernel._outermost = Outermost()
        kernel._kernel = Process(kernel.signals)
        kernel.used = Usage(0.0, 0, 1)
        kernel.usage = lambda: kernel.used
        made.append(kernel)
        return kernel

    yield make_kernel
    for kernel in made:
        kernel.close()


@pytest.fixture(params=WAYS)
def way(request):
    """Return how a real kernel is started: forked from a template, or from nothing."""
    return {"warm": WAYS[request.param]}
