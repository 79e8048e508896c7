"""The worker's own end: it serves one request after the other, and ends with its coordinator."""

import io
import json
import os
import signal
import socket
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from test_worker_process import gone

from grading.engine import work, worker
from grading.engine.messages import Graded, dump, load
from grading.engine.shipment import pack_submission
from grading.sandbox import template
from grading.sandbox.settings import PROJECT


def served(*requests):
    """Return what a worker answers to requests, as lines and contents."""
    answers = io.BytesIO()
    worker._Served(io.BytesIO(b"".join(requests)), answers).serve()
    answers.seek(0)
    read = []
    while line := answers.readline():
        message, length = load(line)
        read.append((message, answers.read(length)))
    return read


def kit_request(kit):
    return dump({"do": "kit"}, kit.to_bytes())


GRADE = dump({"do": "grade", "execute": True}, b"the archive")


@pytest.fixture
def grading(monkeypatch):
    """Return what the worker grades: kit, archive and how."""
    seen = []

    def grade(kit, archive, how, earned):
        seen.append((kit, archive, how))
        earned("test", 0.5)
        return Graded(b"the notebook", {"test": 0.5})

    monkeypatch.setattr(work, "grade", grade)
    return seen


def test_a_kit_is_taken_and_that_is_said(kit):
    assert [line["answer"] for line, _ in served(kit_request(kit))] == ["ready"]


def test_a_submission_is_graded_with_the_kit_and_each_test_told_before_the_end(kit, grading):
    _, (told, _), (answer, notebook) = served(kit_request(kit), GRADE)
    [(its_kit, archive, how)] = grading
    assert its_kit == kit and archive == b"the archive" and how["execute"] is True
    assert (told["cell"], told["earned"]) == ("test", 0.5)
    assert answer["answer"] == "graded" and answer["scores"] == {"test": 0.5}
    assert notebook == b"the notebook"


def test_the_last_kit_counts(kit, grading):
    another = type(kit).from_bytes(kit.to_bytes().replace(b"01_mini", b"02_more"))
    served(kit_request(kit), kit_request(another), GRADE)
    assert grading[0][0].assignment == "02_more"


def test_a_mistake_of_ours_is_an_answer_and_the_next_is_graded(kit, monkeypatch):
    def grade(*_):
        raise RuntimeError("x" * 10_000)

    monkeypatch.setattr(work, "grade", grade)
    _, (first, _), (second, _) = served(kit_request(kit), GRADE, GRADE)
    assert first == second
    assert (first["answer"], first["kind"]) == ("failed", "RuntimeError")
    assert len(first["why"]) == worker.LONGEST_REASON


@pytest.mark.parametrize(
    ("limits", "warmed"),
    [
        ({"warm": True, "sealed": True}, 1),
        ({"warm": False, "sealed": True}, 0),
        ({"warm": True, "sealed": False}, 0),
    ],
)
def test_a_template_is_begun_as_soon_as_a_kit_is_there(kit, monkeypatch, limits, warmed):
    begun = []
    monkeypatch.setattr(template, "warm_up", begun.append)
    kit.limits.update(limits)
    served(kit_request(kit))
    assert len(begun) == warmed


@pytest.fixture
def started(tmp_path):
    """Return a real worker and our end of its socket."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "grading.engine.worker", str(theirs.fileno()), "0"]
    env = {"PYTHONPATH": str(PROJECT), "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=env)
    theirs.close()
    ours.settimeout(120)
    yield process, ours
    process.kill()
    process.wait()
    ours.close()


def test_a_real_worker_reads_a_submission_without_running_it_and_ends_when_nobody_asks(
    started, kit, tmp_path
):
    process, ours = started
    (tmp_path / "submitted").mkdir()
    cells = [new_code_cell("1", metadata={"nbgrader": {"grade_id": "test"}})]
    notebook = nbformat.writes(new_notebook(cells=cells))
    (tmp_path / "submitted" / "01_mini.ipynb").write_text(notebook)
    packed = io.BytesIO()
    pack_submission(tmp_path / "submitted", packed)
    ours.sendall(kit_request(kit))
    answers = ours.makefile("rb")
    assert json.loads(answers.readline())["answer"] == "ready"
    assert os.sched_getaffinity(process.pid) == {0}
    process.send_signal(signal.SIGINT)  # Ctrl-C is for the coordinator, who ends its workers
    ours.sendall(dump({"do": "grade", "execute": False}, packed.getvalue()))
    line, length = load(answers.readline())
    graded = Graded.read(line, answers.read(length))
    assert graded.scores["test"] is None and graded.ended == "not run"
    ours.shutdown(socket.SHUT_RDWR)
    assert process.wait(60) == 0


PARENT = """
import socket, subprocess, sys, time
ours, theirs = socket.socketpair()
command = [sys.executable, "-m", "grading.engine.worker", str(theirs.fileno())]
worker = subprocess.Popen(command, pass_fds=[theirs.fileno()])
print(worker.pid, flush=True)
time.sleep(1000)
"""


@pytest.mark.parametrize("stopped", [False, True])
def test_a_worker_ends_with_its_coordinator_even_one_that_is_stopped(stopped):
    env = os.environ | {"PYTHONPATH": str(PROJECT)}
    parent = subprocess.Popen([sys.executable, "-c", PARENT], env=env, stdout=subprocess.PIPE)
    pid = int(parent.stdout.readline())
    while not ignores_interrupts(pid):
        pass
    if stopped:
        os.kill(pid, signal.SIGSTOP)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert gone(pid)


def ignores_interrupts(pid):
    """Return whether a worker has come so far that it ends with its coordinator."""
    with open(f"/proc/{pid}/status") as file:
        ignored = next(line for line in file if line.startswith("SigIgn:")).split()[1]
    return bool(int(ignored, 16) & (1 << (signal.SIGINT - 1)))
