"""Real workers, forked by a server that has imported everything."""

import io
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from test_worker_process import gone

from grading.engine import fork_server, worker
from grading.engine import start_worker as module
from grading.engine.messages import Graded, dump, load
from grading.engine.shipment import pack_submission
from grading.engine.start_worker import NoForkServer, begin, end_fork_server, start_worker
from grading.sandbox import processes
from grading.sandbox.settings import PROJECT, Sandbox

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("fork-server")]


@pytest.fixture
def start(tmp_path):
    """Return what starts a worker: its process, our end of its socket, and what it writes."""
    held = []

    def start(**how):
        ours, theirs = socket.socketpair()
        said = tempfile.TemporaryFile()  # noqa: SIM115 (closed below)
        with theirs:
            process = start_worker(theirs, said, tmp_path, **how)
        ours.settimeout(120)
        held.extend([ours, said, process])
        return process, ours, said

    yield start
    for one in held:
        one.close()


@pytest.fixture
def anew():
    """Give this test a fork server of its own."""
    end_fork_server()
    yield
    end_fork_server()


def kit_request(kit):
    return dump({"do": "kit"}, kit.to_bytes())


def answer(ours):
    with ours.makefile("rb", buffering=0) as answers:
        line, length = load(answers.readline())
        content = b""
        while len(content) < length:
            content += answers.read(length - len(content))
        return line, content


def mini(tmp_path):
    """Return a packed submission of one cell."""
    (tmp_path / "submitted").mkdir()
    cells = [new_code_cell("1", metadata={"nbgrader": {"grade_id": "test"}})]
    notebook = nbformat.writes(new_notebook(cells=cells))
    (tmp_path / "submitted" / "01_mini.ipynb").write_text(notebook)
    packed = io.BytesIO()
    pack_submission(tmp_path / "submitted", packed)
    return packed.getvalue()


def test_a_worker_reads_a_submission_and_ends_when_nobody_asks(start, kit, tmp_path):
    process, ours, _ = start(processor=0)
    ours.sendall(kit_request(kit))
    assert answer(ours)[0]["answer"] == "ready"
    assert os.sched_getaffinity(process.pid) == {0}
    process.send_signal(signal.SIGINT)  # Ctrl-C is for the coordinator, who ends its workers
    ours.sendall(dump({"do": "grade", "execute": False}, mini(tmp_path)))
    graded = Graded.read(*answer(ours))
    assert graded.scores["test"] is None and graded.ended == "not run"
    ours.shutdown(socket.SHUT_RDWR)
    process.wait(60)
    assert process.ended


def test_what_a_worker_writes_is_kept(start):
    process, ours, said = start()
    ours.sendall(b"no message\n")
    process.wait(60)
    said.seek(0)
    assert b"Malformed" in said.read()


def test_a_worker_works_in_its_folder_in_a_session_of_its_own(start, tmp_path):
    process, _, _ = start()
    processes_folder = Path(f"/proc/{process.pid}")
    while (processes_folder / "cwd").resolve() != tmp_path.resolve():
        assert not process.ended
    assert os.getsid(process.pid) == process.pid


def test_a_worker_gets_nothing_of_the_graders_environment(anew, start, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "of the hub")
    process, _, _ = start()
    assert b"of the hub" not in Path(f"/proc/{process.pid}/environ").read_bytes()


def test_a_worker_has_open_what_it_needs_and_nothing_of_its_neighbours(start, kit):
    first, ours, _ = start()
    second, other, _ = start()
    for end in (ours, other):
        end.sendall(kit_request(kit))
        answer(end)
    one, two = (len(list(Path(f"/proc/{p.pid}/fd").iterdir())) for p in (first, second))
    assert one == two


def test_all_workers_are_forked_by_one_server_and_their_kernels_from_one_template(anew, start):
    limits = {name: getattr(Sandbox(), name) for name in Sandbox().trait_names(config=True)}
    workers = [start(sandbox=limits)[0] for _ in range(3)]
    server = module._ours.server._process.pid
    below = processes.family(server)
    assert {worker.pid for worker in workers} < set(below)
    sealed = [pid for pid in below if b"_course_kernel.template" in command(pid)]
    outermost = [pid for pid in sealed if parent(pid) == server]
    assert len(outermost) == 1


def command(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_no_worker_that_has_ended_waits_to_be_buried(start):
    process, ours, _ = start()
    ours.close()
    assert gone_altogether(process.pid)


def gone_altogether(pid):
    for _ in range(400):
        if not Path(f"/proc/{pid}").exists():
            return True
        select.select([], [], [], 0.05)
    return False


def test_a_worker_whose_server_was_killed_before_it_could_follow_ends(monkeypatch):
    """It would serve for ever: nothing tells it any more that its server has ended."""
    monkeypatch.setattr(worker, "serve", lambda channel: os._exit(7))
    control, asking = socket.socketpair()
    channel, said = os.open(os.devnull, os.O_RDWR), os.open(os.devnull, os.O_RDWR)
    request = {"folder": "/", "processor": None}
    if (pid := os.fork()) == 0:
        fork_server._become_worker(os.getpid(), control, request, channel, said)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    for descriptor in (channel, said):
        os.close(descriptor)
    control.close()
    asking.close()


def test_a_server_that_was_killed_is_replaced(start):
    first, _, _ = start()
    os.kill(module._ours.server._process.pid, signal.SIGKILL)
    module._ours.server._process.wait()
    assert gone(first.pid)
    second, _, _ = start()
    assert not second.ended


def test_a_server_that_cannot_import_is_told_with_its_last_line(anew, start, monkeypatch):
    monkeypatch.setattr(module, "PROJECT", Path("/nowhere"))
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(module, "sys", type("none", (), {"executable": "/bin/false"}))
    with pytest.raises(NoForkServer):
        start()


def test_a_server_that_does_not_answer_in_time_is_ended_and_replaced(anew, start, monkeypatch):
    start()
    server = module._ours.server._process
    module._ours.server._socket.settimeout(0.3)
    server.send_signal(signal.SIGSTOP)
    with pytest.raises(NoForkServer):
        start()
    assert server.poll() is not None
    assert not start()[0].ended


def test_it_can_be_begun_before_it_is_needed(anew, start):
    begin()
    server = module._ours.server
    start()
    assert module._ours.server is server


def test_a_process_that_is_forked_from_a_grader_gets_a_server_of_its_own(start):
    start()
    if (child := os.fork()) == 0:
        os._exit(0 if module._ours.server is None else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert not start()[0].ended


PARENT = """
import socket, sys, tempfile, threading, time
from pathlib import Path
from grading.engine.start_worker import start_worker
ours, theirs = socket.socketpair()
def start():
    print(start_worker(theirs, tempfile.TemporaryFile(), Path("/tmp")).pid, flush=True)
thread = threading.Thread(target=start)
thread.start()
thread.join()
time.sleep(1000)
"""


@pytest.mark.parametrize("stopped", [False, True])
def test_workers_and_server_end_with_the_coordinator_even_those_that_are_stopped(stopped):
    env = os.environ | {"PYTHONPATH": str(PROJECT)}
    grader = subprocess.Popen([sys.executable, "-c", PARENT], env=env, stdout=subprocess.PIPE)
    worker = int(grader.stdout.readline())
    server = parent(worker)
    while Path(f"/proc/{worker}/cwd").readlink() != Path("/tmp"):
        pass
    if stopped:
        os.kill(worker, signal.SIGSTOP)
        os.kill(server, signal.SIGSTOP)
    grader.kill()
    grader.wait()
    grader.stdout.close()
    assert gone(worker) and gone(server)
