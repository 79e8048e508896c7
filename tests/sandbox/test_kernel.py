"""What a cell can do in the sandbox, warm and cold, and how it is ended."""

import json
import math
import os
from pathlib import PurePath
from statistics import median

import pytest

from grading.sandbox.archive import NOTHING, pack_files
from grading.sandbox.bubblewrap import SandboxError
from grading.sandbox.kernel import Files, KernelEnded, SealedKernel
from grading.sandbox.settings import Sandbox
from grading.sandbox.template import forget_templates

pytestmark = pytest.mark.slow


def files(submission=(), handout=()):
    packed = [
        pack_files((PurePath(name), content) for name, content in dict(group).items())
        for group in (submission, handout)
    ]
    return Files(*packed, NOTHING)


FILES = files({"mine.txt": b"mine"}, {"ours.txt": b"ours"})


@pytest.fixture
def run(way):
    """Run cells in one kernel; return what the last one prints, or the error it raises."""

    def run(*cells, files=FILES, **limits):
        with SealedKernel(Sandbox(**way | limits), files, "the salt") as kernel:
            assert not kernel.cold
            for cell in cells:
                text, error = "", None
                for message in kernel.execute(cell):
                    text += message.get("text", "")
                    error = message.get("ename", error)
        return error or text.strip()

    return run


def test_a_strict_umask_of_the_grader_stops_nothing(run):
    before = os.umask(0o077)
    try:
        assert run("print('up')") == "up"
    finally:
        os.umask(before)


def test_a_notebook_can_change_its_files(run):
    cell = (
        "open('mine.txt', 'a').write('!'); print(open('mine.txt').read(), open('ours.txt').read())"
    )
    assert run(cell) == "mine! ours"


IN_THE_WAY = {".data": b"", ".cache": b"", "tmp": b"", "in/the/way": b"", "in": b""}


def test_no_file_of_a_students_keeps_the_kernel_from_starting(run):
    assert run("print('up')", files=files(IN_THE_WAY)) == "up"


def test_more_files_than_there_is_room_for_do_not_keep_the_kernel_from_starting(run):
    large = {f"large-{number}": bytes(4_000_000) for number in range(10)}
    cell = "import os; print(os.path.exists('ours.txt'), os.path.exists('large-9'))"
    assert run(cell, files=files(large, {"ours.txt": b""}), scratch_mb=20) == "True False"


def test_the_environment_holds_nothing_of_the_graders(run, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "canary")
    names = json.loads(run("import os, json; print(json.dumps(dict(os.environ)))"))
    assert "JUPYTERHUB_API_TOKEN" not in names and names["HOME"] == "/home/student"
    assert "the salt" not in names.values()


def test_files_named_like_modules_do_not_stand_in_for_the_kernels_own(run):
    names = ("_course_kernel.py", "ipykernel.py", "json.py", "random.py", "sitecustomize.py")
    hijacks = dict.fromkeys(names, b"raise SystemExit('hijacked')")
    assert run("print('alive')", files=files(hijacks)) == "alive"


def test_modules_beside_the_notebook_can_be_imported(run):
    handout = files(handout={"tinytorch/tensor.py": b"name = 'ours'"})
    cell = "import tinytorch.tensor; print(tinytorch.tensor.name)"
    assert run(cell, files=handout) == "ours"


LIMITS = {"cell_seconds": 2.0, "notebook_seconds": 50.0, "memory_mb": 800}


def test_an_endless_loop_is_interrupted_and_the_next_cell_runs(run):
    assert run("while True: pass", "print('next')", **LIMITS) == "next"


FIND_THE_CHANNEL = """
import os, socket
for name in os.listdir("/proc/self/fd"):
    try:
        found = socket.socket(fileno=os.dup(int(name)))
    except OSError:
        continue
    if found.type == socket.SOCK_SEQPACKET:
        channel = found
"""
ENDINGS = {
    "a loop that ignores interrupts": (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "too slow",
    ),
    "a kernel that exits": ("import os; os._exit(3)", "died"),
    "a kernel that kills itself": ("import os, signal; os.kill(os.getpid(), 9)", "died"),
    "memory behind a thread that has ended": (
        """
import ctypes, os, threading, time
def hold():
    held = []
    for _ in range(100):
        held.append(bytearray(2**24)); held[-1][::4096] = bytes(2**12)
    time.sleep(60)
if os.fork() == 0:
    threading.Thread(target=hold).start()
    ctypes.CDLL(None).syscall(60 if os.uname().machine == "x86_64" else 93, 0)
time.sleep(60)
""",
        "memory",
    ),
    "memory in sockets": (
        """
import os, socket, time
for _ in range(16):
    if os.fork() == 0:
        held = [socket.socketpair() for _ in range(100)]
        time.sleep(60)
        os._exit(0)
time.sleep(60)
""",
        "memory",
    ),
    "packets of nothing without end": (
        f"{FIND_THE_CHANNEL}\nwhile True: channel.send(b'W')",
        "output",
    ),
    "memory without end": (
        "held = []\nwhile True: held.append(bytearray(2**24)); held[-1][::4096] = bytes(2**12)",
        "memory",
    ),
    "output without end": ("while True: print('x' * 10_000)", "output or memory"),
}


@pytest.mark.parametrize(("cell", "code"), ENDINGS.values(), ids=ENDINGS.keys())
def test_what_runs_away_is_ended_with_a_reason(run, cell, code):
    seconds = 2.0 if code == "too slow" else 40.0
    with pytest.raises(KernelEnded) as ended:
        run(cell, **LIMITS | {"cell_seconds": seconds}, flood_mb=5)
    assert ended.value.code in code.split(" or ")


def test_empty_files_without_end_are_memory(run):
    cell = "for n in range(10**9): open(f'/home/student/{n}', 'w').close()"
    with pytest.raises(KernelEnded) as ended:
        run(cell, **LIMITS | {"memory_mb": 200, "cell_seconds": 60.0})
    assert ended.value.code == "memory"


def test_a_reply_in_advance_gives_no_time_in_which_nobody_watches(run):
    forge = """
channel.send(b'W{"msg_type": "execute_reply", "cell": 1, "status": "ok"}')
held = []
while True: held.append(bytearray(2**24)); held[-1][::4096] = bytes(2**12)
"""
    with pytest.raises(KernelEnded) as ended:
        run(FIND_THE_CHANNEL + forge, "#" + "x" * 1_000_000, **LIMITS)
    assert ended.value.code == "memory"


def test_what_was_printed_just_before_the_end_is_heard(way):
    heard = []
    with SealedKernel(Sandbox(**way), FILES, "the salt") as kernel, pytest.raises(KernelEnded):
        for message in kernel.execute("import os; print('last', flush=True); os._exit(0)"):
            heard.append(message["text"])
    assert "".join(heard) == "last\n"


def test_a_notebook_that_asks_to_end_goes_on_with_its_next_cell(way):
    with SealedKernel(Sandbox(**way), FILES, "the salt") as kernel:
        for asks in ("exit()", "quit()", "quit", "import sys; sys.exit()"):
            assert [*kernel.execute(asks)][-1]["msg_type"] == "execute_reply"
        said = [message.get("text") for message in kernel.execute("print('after')")]
        assert said[0] == "after\n"


@pytest.mark.parametrize(
    "cell",
    [
        "open('big', 'wb').write(bytes(100_000_000))",
        "for i in range(20): open(f'/tmp/{i}', 'wb').write(bytes(30_000_000))",
        "import os, time\nfor i in range(200):\n  if os.fork() == 0: time.sleep(5); os._exit(0)",
    ],
    ids=["a large file", "a full disk", "a fork bomb"],
)
def test_what_asks_for_too_much_is_refused_inside(run, cell):
    assert run(cell, processes=20) in ("OSError", "BlockingIOError")


def test_without_bubblewrap_nothing_runs_and_the_command_is_named(run, monkeypatch):
    forget_templates()
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(SandboxError, match="apt-get install bubblewrap"):
        run("print(1)")


def test_a_run_leaves_nothing_behind(run, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = sorted(tmp_path.iterdir())
    run("open('/tmp/left', 'w'); open('left', 'w')")
    forget_templates()
    assert sorted(tmp_path.iterdir()) == before


SIDES = ("slow", "fast")
TIMED = """
from grading import check
most = {"at_least": 10}
def work(seed, n):
    total = seed
    for i in range(n): total += i * i
    return total
def slow(seed): return work(seed, 400_000)
check.speedup("s", slow=slow, fast=lambda seed: work(seed, 20_000), **most)
"""


@pytest.fixture
def timed(way):
    def timed(*cells):
        with SealedKernel(Sandbox(**way), FILES, "the salt") as kernel:
            for cell in cells:
                list(kernel.execute(cell))
            return kernel.clock.stretches

    return timed


def test_time_is_taken_outside_with_fast_seeds_that_are_drawn_for_each_run(timed):
    once, again = timed(TIMED), timed(TIMED)
    assert [s.side for s in once] == ["slow", "fast"] * 5
    values = [[[s.value for s in run if s.side == side] for run in (once, again)] for side in SIDES]
    assert values[0][0] == values[0][1] and values[1][0] != values[1][1]
    assert len({s.value["v"] for s in once}) == 10
    slow, fast = (sum(s.seconds for s in once if s.side == side) for side in ("slow", "fast"))
    assert slow > 5 * fast


def test_a_clock_stopped_inside_changes_nothing_outside(timed):
    freeze = "import time; time.process_time = time.perf_counter = lambda: 0.0"
    assert sum(s.seconds for s in timed(freeze, TIMED)) > 0.05


FORKED = """
import os
def hidden(seed, n):
    read, write = os.pipe()
    if os.fork() == 0:
        os.write(write, str(work(seed, n)).encode()); os._exit(0)
    answer = int(os.read(read, 100))
    os.wait()
    return answer
check.speedup("s", slow=slow, fast=lambda seed: hidden(seed, 2_000_000), **most)
"""
SIDES = ("slow", "fast")


def test_stretches_in_which_a_child_process_works_are_void(timed):
    stretches = timed(TIMED.rsplit("\n", 2)[0], FORKED)
    slow, fast = (median(s.seconds for s in stretches if s.side == side) for side in SIDES)
    assert slow < fast == math.inf


def test_a_child_cannot_vanish_with_its_time(run):
    ignore = "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)"
    assert run(ignore) == "PermissionError"


def test_the_graders_command_line_is_not_visible(run):
    seen = run("print(open('/proc/1/cmdline').read())")
    assert "_course_kernel" in seen
    assert "/tmp/" not in seen and "CHECK_SALT" not in seen


def test_a_stretch_cannot_be_started_twice(timed):
    peek = """
from grading import check
check.speedup("s", slow=lambda seed: 1, fast=lambda seed: 1, at_least=1, rounds=1)
check._clock.start("s", "fast", 0)
check._clock.stop({"t": "none"})
"""
    assert len(timed(peek)) == 2
