"""A kernel that is not started: its time, its process and what it uses are set by the test."""

import pytest

from grading.sandbox import kernel as kernel_module
from grading.sandbox import processes
from grading.sandbox.kernel import SealedKernel
from grading.sandbox.processes import Usage
from grading.sandbox.settings import Sandbox


class Time:
    """A clock on the wall that only moves when it is told to."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class Process:
    """A sandbox that runs until it is killed."""

    def __init__(self):
        self.pid, self.code, self.waited = 4711, None, False

    def poll(self):
        return self.code

    def wait(self):
        self.waited = True


@pytest.fixture
def wall_time(monkeypatch):
    time = Time()
    monkeypatch.setattr(kernel_module, "time", time)
    return time


@pytest.fixture
def killed(monkeypatch):
    killed = []
    monkeypatch.setattr(processes, "kill", killed.append)
    return killed


@pytest.fixture
def make_kernel(wall_time, killed, tmp_path):
    made = []

    def make_kernel(**limits):
        kernel = SealedKernel(Sandbox(**limits), tmp_path, tmp_path, tmp_path, "the salt")
        kernel._process = Process()
        kernel.used = Usage(0.0, 0, 1)
        kernel.usage = lambda: kernel.used
        made.append(kernel)
        return kernel

    yield make_kernel
    for kernel in made:
        kernel.close()
