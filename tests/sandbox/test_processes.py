"""What a group of processes uses, down to its ended children, and that all of it can be ended."""

import contextlib
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from grading.sandbox import processes
from grading.sandbox.processes import Usage

MB = 1024 * 1024
START = """
import mmap, os, sys, threading, time

def child(work=lambda: None):
    pid = os.fork()
    if pid == 0:
        work()
        say(os.getpid())
        time.sleep(600)
    return pid

def say(word):
    os.write(1, f"{word}\\n".encode())

def compute(seconds):
    while time.process_time() < seconds:
        pass

def hold(megabytes):
    global held
    held = bytearray(megabytes << 20)
    held[::4096] = bytes(len(held[::4096]))

"""


@pytest.fixture
def start():
    """Start a script; return its process id and what it and its children have said."""
    begun = []

    def start(script, words):
        python = [sys.executable, "-I", "-S", "-c", START + script + "\ntime.sleep(600)"]
        process = subprocess.Popen(
            python, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        begun.append(process)
        return process.pid, [process.stdout.readline().strip() for _ in range(words)]

    yield start
    for process in begun:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def test_a_family_is_a_process_with_its_children_and_theirs(start):
    pid, said = start("child(lambda: child())", 2)
    assert sorted(processes.family(pid)) == sorted([pid, *map(int, said)])


def test_a_child_that_a_thread_has_started_belongs_to_the_family(start):
    thread = "threading.Thread(target=lambda: (child(), time.sleep(600)), daemon=True).start()"
    pid, said = start(thread, 1)
    assert processes.family(pid) == [pid, int(said[0])]


def test_a_process_that_does_not_exist_uses_nothing():
    process = subprocess.Popen(["true"])
    process.wait()
    assert processes.usage(process.pid) == Usage(0.0, 0, 0)
    processes.kill(process.pid)


def test_computing_time_counts(start):
    pid, _ = start("compute(0.2); say('done')", 1)
    assert processes.usage(pid).cpu_seconds >= 0.2


def test_computing_time_of_children_counts(start):
    pid, _ = start("child(lambda: compute(0.2))", 1)
    assert processes.usage(pid).cpu_seconds >= 0.2


ENDED = """
if os.fork() == 0:
    compute(0.2)
    os._exit(0)
os.wait()
say("done")
"""


def test_computing_time_of_children_that_have_ended_counts(start):
    pid, _ = start(ENDED, 1)
    assert processes.usage(pid).cpu_seconds >= 0.2 - 2 * processes.TICK


SYSTEM = """
if os.fork() == 0:
    file = os.open("/dev/zero", os.O_RDONLY)
    while os.times().system < 0.2:
        os.read(file, 1 << 20)
    os._exit(0)
os.wait()
say("done")
"""


def test_time_that_ended_children_spent_in_the_kernel_counts(start):
    pid, _ = start(SYSTEM, 1)
    assert processes.usage(pid).cpu_seconds >= 0.2 - 2 * processes.TICK


def test_memory_of_a_process_and_its_children_counts_together(start):
    pid, _ = start("hold(20); child(lambda: hold(30))", 1)
    assert 50 * MB <= processes.usage(pid).memory < 100 * MB


def test_memory_that_is_shared_or_lies_in_a_folder_in_memory_counts(start):
    share = "m = mmap.mmap(-1, 20 << 20); m.write(bytes(20 << 20)); say('held')"
    pid, _ = start(share, 1)
    assert processes.usage(pid).memory >= 20 * MB


def test_processes_and_threads_are_counted(start):
    thread = "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    pid, _ = start(thread * 3 + "child()\nsay('up')", 2)
    assert processes.usage(pid).processes == 5


LEADERLESS = """
def leave():
    import ctypes
    ctypes.CDLL(None).syscall({number}, 0)
def work():
    {work}
    say("done")
    time.sleep(600)
if os.fork() == 0:
    threading.Thread(target=work).start()
    leave()
"""
EXIT = {"x86_64": 60, "aarch64": 93}[os.uname().machine]


def test_memory_counts_though_the_thread_that_began_the_process_has_ended(start):
    pid, _ = start(LEADERLESS.format(number=EXIT, work="hold(50)"), 1)
    assert processes.usage(pid).memory >= 50 * MB


SOCKETS = "import socket; held_open = [socket.socketpair() for _ in range({pairs})]"


def test_open_sockets_count_with_what_may_wait_in_them(start):
    pid, _ = start(SOCKETS.format(pairs=20) + "; say('up')", 1)
    assert processes.usage(pid).memory >= 40 * processes._socket_buffer()


def test_the_few_sockets_of_an_ordinary_process_count_for_nothing(start):
    pid, _ = start(SOCKETS.format(pairs=10) + "; say('up')", 1)
    assert processes.usage(pid).memory < 20 * processes._socket_buffer()


def test_sockets_that_several_processes_share_count_once(start):
    pid, _ = start(SOCKETS.format(pairs=20) + "; child()", 1)
    assert processes.usage(pid).memory < 60 * processes._socket_buffer()


def test_sockets_count_though_the_thread_that_began_the_process_has_ended(start):
    pid, _ = start(LEADERLESS.format(number=EXIT, work=SOCKETS.format(pairs=20)), 1)
    assert processes.usage(pid).memory >= 40 * processes._socket_buffer()


def test_files_are_counted_in_the_folders_as_the_process_sees_them(monkeypatch):
    seen = []

    def statvfs(path):
        seen.append(path)
        if path.endswith("/gone"):
            raise FileNotFoundError
        return SimpleNamespace(f_files=100, f_ffree=93)

    monkeypatch.setattr(os, "statvfs", statvfs)
    assert processes.files(12, ["/tmp", "/gone", "/run"]) == 14
    assert seen == ["/proc/12/root/tmp", "/proc/12/root/gone", "/proc/12/root/run"]


def test_waiting_for_a_processor_is_read_in_seconds_of_every_thread():
    with subprocess.Popen(["sleep", "60"]) as child:
        try:
            found = processes.waits(os.getpid())
            mine = {int(task.name) for task in Path("/proc/self/task").iterdir()}
            assert found.keys() >= mine | {child.pid}
            assert all(waited >= 0 for waited in found.values())
        finally:
            child.kill()


@pytest.mark.parametrize(
    ("text", "waited"),
    [("5000000000 1500000000 12\n", {1.5}), ("", set()), ("5", set()), ("five six", set())],
)
def test_where_waiting_cannot_be_read_there_was_none(monkeypatch, text, waited):
    monkeypatch.setattr(processes, "family", lambda pid: [pid])
    monkeypatch.setattr(processes.Path, "read_text", lambda path: text)
    assert {*processes.waits(os.getpid()).values()} == waited


def test_a_process_that_is_gone_waits_for_nothing():
    process = subprocess.Popen(["true"])
    process.wait()
    assert processes.waits(process.pid) == {}


LOOKS = {
    "one thread": ([({1: 0.5}, 1), ({1: 0.75}, 1)], 0.75),
    "one and then the other that it waits for": ([({1: 0.5}, 1), ({1: 0.5, 2: 0.5}, 1)], 1.0),
    "two at once": ([({1: 0.5, 2: 0.75}, 1)], 0.75),
    "no more than has passed": ([({1: 5.0}, 1)], 1.0),
    "one that has ended meanwhile": ([({1: 0.5, 2: 0.5}, 1), ({1: 0.5}, 1)], 0.5),
    "another with the same number": ([({1: 0.5}, 1), ({1: 0.25}, 1)], 0.5),
    "nothing": ([({}, 1)], 0.0),
}


@pytest.mark.parametrize("what", LOOKS)
def test_a_group_waits_as_long_as_the_one_that_waits_most(what):
    looks, seconds = LOOKS[what]
    waiting = processes.Waiting()
    for found, passed in looks:
        waiting.look(found, passed)
    assert waiting.seconds == seconds


def ends_when_killed(pid):
    """Kill a process with its family; return whether each of them ends."""
    watched = [os.pidfd_open(member) for member in processes.family(pid)]
    processes.kill(pid)
    ended = [bool(select.select([one], [], [], 5)[0]) for one in watched]
    for one in watched:
        os.close(one)
    return ended


def test_killing_ends_a_process_with_its_children_and_theirs(start):
    pid, _ = start("child(lambda: child())", 2)
    assert ends_when_killed(pid) == [True] * 3


def test_a_process_that_ignores_every_signal_it_can_is_ended_too(start):
    ignore = "import signal; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]; say('up')"
    pid, _ = start(ignore, 1)
    assert ends_when_killed(pid) == [True]


def test_that_one_has_just_ended_saves_none_of_the_others(monkeypatch):
    ended, asked = 12, []

    def kill(pid, number):
        asked.append(pid)
        if pid == ended:
            raise ProcessLookupError

    monkeypatch.setattr(os, "kill", kill)
    monkeypatch.setattr(processes, "family", lambda pid: [11, ended, 13])
    processes.kill(11)
    assert asked == [11, ended, 13]
