"""What one notebook leaves behind or uses up is nothing to the next fork of the same template."""

import contextlib
import json
import os
import signal
import time
from pathlib import Path

import pytest

from grading.sandbox import processes
from grading.sandbox import template as template_module
from grading.sandbox.archive import NOTHING
from grading.sandbox.channel import Channel, Process
from grading.sandbox.kernel import Files, KernelEnded, SealedKernel
from grading.sandbox.settings import Sandbox
from grading.sandbox.template import NoTemplate, fork_kernel

pytestmark = pytest.mark.slow

NO_FILES = Files(NOTHING, NOTHING, NOTHING)
LIMITS = {"cell_seconds": 20.0, "notebook_seconds": 60.0, "memory_mb": 1000}


def kernel(**settings):
    return SealedKernel(Sandbox(**LIMITS | settings), NO_FILES, "the salt")


def run(running, *cells):
    """Run cells in a kernel; return what the last one prints, or the error it raises."""
    text, error = "", None
    for cell in cells:
        text, error = "", None
        for message in running.execute(cell):
            text += message.get("text", "")
            error = message.get("ename", error)
    return error or text.strip()


def run_in_one(*cells, **settings):
    with kernel(**settings) as running:
        assert not running.cold
        return run(running, *cells)


MARK = """
import atexit, builtins, fcntl, os, signal, socket, sys, threading, time
import numpy as np, matplotlib, IPython, ipykernel, grading
for folder in ("/tmp", "/home/student", "/run", "/dev/shm", "/home/student/.cache/matplotlib"):
    open(folder + "/mark", "w").write("left behind")
builtins.mark = np.mark = matplotlib.mark = grading.mark = sys.mark = "left behind"
np.sum = lambda *_: "left behind"
os.environ["MARK"] = "left behind"
get_ipython().user_ns["mark"] = "left behind"
held = socket.socket(socket.AF_UNIX)
held.bind("\\0mark")
held.listen()
locked = [open(path) for path in ("/env/pyvenv.cfg", np.__file__, grading.__file__)]
for file in locked:
    fcntl.flock(file, fcntl.LOCK_EX)
terminal = os.openpty()
signal.setitimer(signal.ITIMER_REAL, 3600)
os.nice(5)
for fd in range(3):
    try:
        os.write(fd, b"left behind")
    except OSError:
        pass
os.umask(0o777)
if os.fork() == 0:
    os.setsid()
    for number in (1, 2, 15):
        signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(1)
print("marked")
"""
LOOK = """
import builtins, fcntl, json, os, signal, socket, sys
import numpy as np, matplotlib, grading
def reached(address):
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(address)
        except OSError:
            return False
        return True
def lock(path):
    with open(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
found = []
for folder in ("/tmp", "/home/student", "/run", "/dev/shm", "/home/student/.cache/matplotlib"):
    found += [folder] if os.path.exists(folder + "/mark") else []
for module in (builtins, np, matplotlib, grading, sys):
    found += [module.__name__] if hasattr(module, "mark") else []
found += ["a changed function"] if np.sum([1, 2]) != 3 else []
found += ["environment"] if "MARK" in os.environ else []
found += ["notebook"] if "mark" in get_ipython().user_ns else []
found += ["socket"] if reached("\\0mark") else []
for path in ("/env/pyvenv.cfg", np.__file__, grading.__file__):
    lock(path)
found += ["terminal"] if os.listdir("/dev/pts") != ["ptmx"] else []
found += ["timer"] if signal.getitimer(signal.ITIMER_REAL)[0] else []
found += ["nice"] if os.nice(0) else []
found += ["umask"] if os.umask(0o022) != 0o022 else []
found += ["process"] if sum(name.isdigit() for name in os.listdir("/proc")) != 2 else []
for fd in range(3):
    try:
        found += [f"descriptor {fd}"] if os.read(fd, 100) else []
    except OSError:
        pass
print(json.dumps(found))
"""


def test_the_next_kernel_finds_nothing_that_the_last_one_left(way):
    assert run_in_one(MARK, **way) == "marked"
    assert json.loads(run_in_one(LOOK, **way)) == []


def test_a_kernel_beside_it_finds_nothing_either(way):
    with kernel(**way) as one, kernel(**way) as other:
        assert run(one, MARK.replace("fcntl.flock(file, fcntl.LOCK_EX)", "pass")) == "marked"
        assert json.loads(run(other, LOOK)) == []


EXHAUST = {
    "processes": """
import os, time
try:
    while True:
        if os.fork() == 0:
            time.sleep(600)
            os._exit(0)
except OSError:
    print("exhausted")
""",
    "memory of pipes": """
import fcntl, os, time
F_SETPIPE_SZ = 1031
def fill():
    while True:
        _, write = os.pipe()
        try:
            fcntl.fcntl(write, F_SETPIPE_SZ, 1 << 20)
        except OSError:
            pass
        os.set_blocking(write, False)
        try:
            while True:
                os.write(write, bytes(65536))
        except BlockingIOError:
            pass
for _ in range(8):
    read, write = os.pipe()
    if os.fork() == 0:
        try:
            fill()
        except OSError:
            os.write(write, b"x")
        time.sleep(600)
    os.read(read, 1)
print("exhausted")
""",
    "what else is counted": """
import ctypes, os, socket, threading, time
libc = ctypes.CDLL(None)
near, far = socket.socketpair()
near.setblocking(False)
try:
    while True:
        socket.send_fds(near, [b"x"], [0] * 200)
except OSError:
    pass
timer = ctypes.c_void_p()
while libc.timer_create(0, None, ctypes.byref(timer)) == 0:
    pass
for number in range(2_000):
    open(f"/run/{number}", "w").close()
try:
    while True:
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
except RuntimeError:
    pass
while libc.inotify_init() >= 0:
    pass
print("exhausted")
""",
}


@pytest.mark.parametrize("what", EXHAUST)
def test_what_one_kernel_uses_up_the_next_and_the_one_beside_it_have(way, what):
    with kernel(**way, memory_mb=8000) as greedy:
        assert run(greedy, EXHAUST[what]) == "exhausted"
        assert run_in_one(WORK, **way) == "worked"
    assert run_in_one(WORK, **way) == "worked"


WORK = """
import multiprocessing, os, subprocess, threading
import numpy as np
def double(x):
    return 2 * x
with multiprocessing.Pool(2) as pool:
    assert pool.map(double, [1, 2]) == [2, 4]
thread = threading.Thread(target=print, args=("",))
thread.start()
thread.join()
assert subprocess.run(["echo", "x"], capture_output=True).stdout == b"x\\n"
open("/tmp/x", "wb").write(bytes(1_000_000))
print("worked")
"""


ENDINGS = {
    "it exits": "import os; os._exit(0)",
    "it kills its whole group": "import os, signal; os.killpg(0, signal.SIGKILL)",
    "it kills itself": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "it closes its channel": "import os; os.closerange(3, 100)\nwhile True: pass",
    "it shuts its channel": """
import os, socket
for fd in range(3, 100):
    try:
        socket.socket(fileno=fd).shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
while True: pass
""",
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
def test_a_kernel_that_ends_itself_is_noticed_and_takes_no_other_with_it(way, ending):
    with kernel(**way) as other:
        with pytest.raises(KernelEnded) as ended:
            run_in_one(ending, **way)
        assert ended.value.code == "died"
        assert run(other, "print('alive')") == "alive"
    assert run_in_one("print('next')", **way) == "next"


def test_a_kernel_that_stops_itself_is_ended_and_the_next_one_starts(way):
    with pytest.raises(KernelEnded) as ended:
        stop = "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"
        run_in_one(stop, **way | {"cell_seconds": 1.0})
    assert ended.value.code == "too slow"
    assert run_in_one("print('next')", **way) == "next"


def everything_below(pid):
    return [one for one in processes.family(pid) if one != pid]


def inside(template):
    """Return the process that forks: the oldest that runs Python in a template's sandbox."""
    running = [
        pid
        for pid in everything_below(template._outermost._process.pid)
        if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"python")
    ]
    return min(running)


def comes_to(count, pid):
    """Return whether there are, within a while, no more processes below one than `count`."""
    for _ in range(100):
        if len(everything_below(pid)) <= count:
            return True
        time.sleep(0.05)
    return False


def template_of_this_process():
    return next(iter(template_module._ours.made.values()))


@pytest.fixture
def warm():
    """Make sure that there is a template; afterwards there is none."""
    with kernel():
        pass
    yield template_of_this_process()
    template_module.forget_templates()


def test_a_template_that_is_stopped_is_given_up_and_the_next_kernel_is_warm_again(warm):
    for pid in everything_below(warm._outermost._process.pid):
        with contextlib.suppress(ProcessLookupError):  # a fork that has just ended
            os.kill(pid, signal.SIGSTOP)
    with kernel(startup_seconds=10.0) as running:
        assert "in time" in running.cold and run(running, "print('cold')") == "cold"
    assert warm.ended
    with kernel() as running:
        assert not running.cold and run(running, "print('warm')") == "warm"


def test_a_template_that_is_killed_is_replaced(warm):
    os.kill(inside(warm), signal.SIGKILL)
    warm._outermost._process.wait(10)
    with kernel() as running:
        assert not running.cold and template_of_this_process() is not warm


def test_the_kernels_of_a_template_that_is_given_up_run_on(warm):
    with kernel() as running:
        warm.retired = True
        with kernel() as next_one:
            assert template_of_this_process() is not warm
            assert run(next_one, "print('next')") == "next"
        assert run(running, "print('alive')") == "alive"
        assert not warm._outermost.ended
    assert warm._outermost.ended


def test_a_fork_that_fails_leaves_no_process_in_its_template(warm, monkeypatch):
    before = len(everything_below(warm._outermost._process.pid))
    monkeypatch.setattr(
        template_module.bubblewrap, "scratch", lambda settings: {"/no/such/folder": 1}
    )
    channel = Channel()
    with pytest.raises(NoTemplate, match="mount /no/such/folder"):
        fork_kernel(Sandbox(), channel, channel.inside)
    channel.close()
    assert comes_to(before, warm._outermost._process.pid)


def test_no_ended_process_waits_in_a_template_to_be_buried(warm):
    before = len(everything_below(warm._outermost._process.pid))
    for _ in range(3):
        run_in_one("print('x')")
    assert comes_to(before, warm._outermost._process.pid)


def test_a_fork_runs_on_its_graders_processors_not_on_those_of_its_template(warm):
    before = os.sched_getaffinity(0)
    one = max(before)
    os.sched_setaffinity(0, {one})
    try:
        assert run_in_one("import os; print(os.sched_getaffinity(0))") == f"{{{one}}}"
    finally:
        os.sched_setaffinity(0, before)


def test_a_kernel_ends_with_its_grader_whatever_it_computes(warm):
    """A grader that shares its template with others is killed; the template lives on."""
    read, write = os.pipe()
    template_module.share_templates()
    if (grader := os.fork()) == 0:
        with kernel() as running:
            running._request({"cell": 1, "source": "print('on', flush=True)\nwhile True: pass"})
            while not running._receive(0.05):
                pass
            os.write(write, str(running._first_pid).encode())
            time.sleep(100)
    template_module._ours.shared = False
    first = Process(int(os.read(read, 100)))
    os.kill(grader, signal.SIGKILL)
    os.waitpid(grader, 0)
    first.wait(10)
    ended = first.ended
    for descriptor in (read, write):
        os.close(descriptor)
    first.close()
    assert ended and template_of_this_process() is warm and not warm.ended


def test_a_grader_that_is_forked_from_one_that_shares_its_template_ends_only_its_kernels(warm):
    template_module.share_templates()
    try:
        if (child := os.fork()) == 0:
            try:
                alike = run_in_one("print('x')") == "x"
                template_module.forget_templates()
                os._exit(0 if alike and template_module._ours.made == {} else 1)
            finally:
                os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
    finally:
        template_module._ours.shared = False
    assert run_in_one("print('x')") == "x" and template_of_this_process() is warm
