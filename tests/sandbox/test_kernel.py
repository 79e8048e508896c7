"""What a cell can see and do in the sandbox."""

import json
import math
import os
import signal
import time
from pathlib import Path
from statistics import median

import pytest

from grading.sandbox.bubblewrap import SandboxError
from grading.sandbox.kernel import KernelEnded, SealedKernel
from grading.sandbox.settings import Sandbox

pytestmark = pytest.mark.slow


@pytest.fixture
def folders(tmp_path):
    for name in ("submission", "handout", "data"):
        (tmp_path / name).mkdir()
    (tmp_path / "submission" / "mine.txt").write_text("mine")
    (tmp_path / "handout" / "ours.txt").write_text("ours")
    tmp_path.chmod(0o755)
    return [tmp_path / name for name in ("submission", "handout", "data")]


@pytest.fixture
def run(folders):
    """Run cells in one kernel; return what the last one prints, or the error it raises."""

    def run(*cells, **limits):
        settings = Sandbox(**limits)
        with SealedKernel(settings, *folders, "the salt") as kernel:
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


def test_files_are_a_scratch_copy(run, folders):
    cell = (
        "open('mine.txt', 'a').write('!'); print(open('mine.txt').read(), open('ours.txt').read())"
    )
    assert run(cell) == "mine! ours"
    assert (folders[0] / "mine.txt").read_text() == "mine"


def test_no_other_path_of_the_machine_exists(run, tmp_path):
    cell = f"import os; print(os.path.exists({str(tmp_path)!r}), os.listdir('/home'), os.getuid())"
    assert run(cell) == "False ['student'] 65534"


def test_the_environment_holds_nothing_of_the_graders(run, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "canary")
    names = json.loads(run("import os, json; print(json.dumps(dict(os.environ)))"))
    assert "JUPYTERHUB_API_TOKEN" not in names and names["HOME"] == "/home/student"
    assert "the salt" not in names.values()


def test_only_its_own_processes_are_visible(run):
    assert int(run("import os; print(sum(name.isdigit() for name in os.listdir('/proc')))")) <= 4


def test_files_named_like_modules_do_not_stand_in_for_the_kernels_own(run, folders):
    for name in ("ipykernel_launcher.py", "json.py", "random.py"):
        (folders[0] / name).write_text("raise SystemExit('hijacked')")
    assert run("print('alive')") == "alive"


def test_modules_beside_the_notebook_can_be_imported(run, folders):
    (folders[1] / "tinytorch").mkdir()
    (folders[1] / "tinytorch" / "tensor.py").write_text("name = 'ours'")
    assert run("import tinytorch.tensor; print(tinytorch.tensor.name)") == "ours"


LIMITS = {"cell_seconds": 4.0, "notebook_seconds": 50.0, "memory_mb": 800}


def test_an_endless_loop_is_interrupted_and_the_next_cell_runs(run):
    assert run("while True: pass", "print('next')", **LIMITS) == "next"


ENDINGS = {
    "a loop that ignores interrupts": (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "too slow",
    ),
    "a kernel that exits": ("import os; os._exit(3)", "died"),
    "a kernel that kills itself": ("import os, signal; os.kill(os.getpid(), 9)", "died"),
    "memory without end": (
        "held = []\nwhile True: held.append(bytearray(2**24)); held[-1][::4096] = bytes(2**12)",
        "memory",
    ),
    "output without end": ("while True: print('x' * 10_000)", "output or memory"),
}


@pytest.mark.parametrize(("cell", "code"), ENDINGS.values(), ids=ENDINGS.keys())
def test_what_runs_away_is_ended_with_a_reason(run, cell, code):
    with pytest.raises(KernelEnded) as ended:
        run(cell, **LIMITS | {"cell_seconds": 4.0 if code == "too slow" else 40.0}, flood_mb=5)
    assert ended.value.code in code.split(" or ")


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
    assert run(cell) in ("OSError", "BlockingIOError")


def test_without_bubblewrap_nothing_runs_and_the_command_is_named(run, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(SandboxError, match="apt-get install bubblewrap"):
        run("print(1)")


def test_a_run_leaves_nothing_behind(run, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = sorted(tmp_path.iterdir())
    run("open('/tmp/left', 'w'); open('left', 'w')")
    assert sorted(tmp_path.iterdir()) == before


def test_a_kernel_ends_when_its_grader_is_killed(folders):
    read, write = os.pipe()
    if (grader := os.fork()) == 0:
        os.close(read)
        with SealedKernel(Sandbox(), *folders, "salt") as kernel:
            os.write(write, str(kernel._pid).encode())
            time.sleep(60)
    os.close(write)
    kernel_pid = int(os.read(read, 100))
    os.kill(grader, signal.SIGKILL)
    os.waitpid(grader, 0)
    for _ in range(100):
        if not Path(f"/proc/{kernel_pid}").exists():
            return
        time.sleep(0.1)
    pytest.fail("the kernel outlived its grader")


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
def timed(folders):
    def timed(*cells):
        with SealedKernel(Sandbox(), *folders, "the salt") as kernel:
            for cell in cells:
                list(kernel.execute(cell))
            return kernel.clock.stretches

    return timed


def test_time_is_taken_outside_with_seeds_that_repeat(timed):
    once, again = timed(TIMED), timed(TIMED)
    assert [s.side for s in once] == ["slow", "fast"] * 5
    assert [s.value for s in once] == [s.value for s in again]
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
    assert "ipykernel_launcher" in seen
    assert "/tmp/" not in seen and "CHECK_SALT" not in seen


def test_a_stretch_cannot_be_started_twice(timed):
    peek = """
from grading import check
check.speedup("s", slow=lambda seed: 1, fast=lambda seed: 1, at_least=1, rounds=1)
check._clock.start("s", "fast", 0)
check._clock.stop({"t": "none"})
"""
    assert len(timed(peek)) == 2
