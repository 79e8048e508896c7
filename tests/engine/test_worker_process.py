"""One worker seen from the coordinator: watched from outside, ended, and cleared away."""

import threading
import time
from pathlib import Path

import pytest

from grading.engine import worker_process
from grading.engine.settings import Workers
from grading.engine.start_worker import LAST_WORDS
from grading.engine.worker_process import WorkerEnded, WorkerProcess

FAR = 100_000.0


def gone(pid, seconds=20):
    """Return whether a process ends in time; one that nobody has waited for counts as ended."""
    for _ in range(seconds * 20):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def start(tmp_path, behave):
    """Return what starts a stand-in of some kind."""
    started = []

    def start(behaviour, stopping=None, **limits):
        behave(behaviour)
        started.append(WorkerProcess(Workers(**limits), tmp_path, stopping=stopping))
        return started[-1]

    yield start
    for process in started:
        process.close()


def grade(process, told=lambda line: None, seconds=60.0, content=b""):
    return process.ask({"do": "grade", "execute": True}, content, seconds, told)


def ended(process, told=lambda line: None, **how):
    with pytest.raises(WorkerEnded) as error:
        grade(process, told, **how)
    assert gone(process._process.pid)
    return error.value.code


def test_a_request_is_answered_and_what_is_said_before_is_told(start):
    told = []
    line, content = grade(start("good"), told.append)
    assert line["answer"] == "graded" and content.startswith(b"graded by ")
    assert [one["cell"] for one in told] == ["test"]


def test_a_large_request_and_a_second_one_reach_it(start):
    process = start("good")
    first, second = (grade(process, content=b"x" * 5_000_000)[1] for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        *(("dies", "died"), ("says half and dies", "died")),
        *((f"says {what}", "malformed") for what in ("garbage", "a list", "no length")),
        ("says a length below zero", "malformed"),
        ("says a length beyond all", "malformed"),
        ("says a length that is no number", "malformed"),
        *(("says a line without end", "malformed"), ("chatters", "malformed")),
    ],
)
def test_what_is_no_answer_ends_it(start, behaviour, code):
    assert ended(start(behaviour)) == code


def test_one_that_swells_is_ended_before_it_is_large(start):
    assert ended(start("swells", memory_mb=100)) == "memory"


def test_one_that_computes_without_end_is_ended_by_its_cpu_time(start):
    assert ended(start("spins", cpu_seconds=0.2)) == "too slow"


def test_what_earlier_requests_took_is_not_counted(start, monkeypatch):
    process = start("good", cpu_seconds=5)
    used = worker_process.processes.own_usage(process._process.pid)
    busy = type(used)(used.cpu_seconds + 1_000, used.memory, 1)
    monkeypatch.setattr(worker_process.processes, "own_usage", lambda _: busy)
    assert grade(process)[0]["answer"] == "graded"


@pytest.mark.parametrize("behaviour", ["hangs", "stops"])
def test_one_that_says_nothing_any_more_is_ended_by_our_own_clock(start, clock, behaviour):
    def put_forward(_):
        clock.seconds = FAR

    assert ended(start(behaviour), put_forward) == "too slow"


def test_one_that_reads_nothing_is_ended_by_our_own_clock(start, clock):
    process = start("reads nothing after its kit")
    assert process.ask({"do": "kit"}, b"", 60, lambda _: None)[0]["answer"] == "ready"
    timer = threading.Timer(0.3, lambda: setattr(clock, "seconds", FAR))
    timer.start()
    assert ended(process, content=b"x" * 10_000_000) == "too slow"
    timer.join()


def test_half_an_answer_and_then_nothing_is_ended_by_our_own_clock(start, clock):
    process = start("says half and hangs")
    timer = threading.Timer(0.3, lambda: setattr(clock, "seconds", FAR))
    timer.start()
    assert ended(process) == "too slow"
    timer.join()


def test_it_ends_as_soon_as_the_run_is_stopped(start):
    stopping = threading.Event()
    assert ended(start("hangs", stopping), lambda _: stopping.set()) == "stopped"


def test_one_that_waits_is_quiet(start):
    process = start("good")
    grade(process)
    assert process.quiet


@pytest.mark.parametrize(
    "behaviour", ["answers twice", "says more than it said", "ends after its answer"]
)
def test_one_that_says_more_than_its_answer_or_has_ended_is_not_quiet(start, behaviour):
    process = start(behaviour)
    assert grade(process)[0]["scores"] == {"test": 1.5, "think": None}
    for _ in range(400):
        if not process.quiet:
            return
        time.sleep(0.05)
    raise AssertionError("it is still taken for one that waits")


def test_when_it_is_closed_there_is_no_process_and_no_file(start, tmp_path):
    process = start("good")
    grade(process)
    [folder] = tmp_path.glob("worker-*")
    (folder / "left.txt").write_text("left")
    process.close()
    assert gone(process._process.pid) and list(tmp_path.iterdir()) == []


def test_what_it_had_started_ends_with_it(start):
    children = []

    def told(line):
        children.append(line.get("child"))
        if children[-1]:
            raise KeyboardInterrupt

    process = start("has a child")
    with pytest.raises(KeyboardInterrupt):
        grade(process, told)
    process.close()
    assert gone(children[-1])


def test_its_last_words_are_the_last_line_it_wrote(start):
    process = start("dies with its kit")
    with pytest.raises(WorkerEnded):
        process.ask({"do": "kit"}, b"", 60, lambda _: None)
    assert process.last_words() == "ImportError: no module named grading"


def test_last_words_without_end_are_cut(start):
    process = start("good")
    process._said.write(b"x" * 100_000)
    assert len(process.last_words()) == LAST_WORDS
