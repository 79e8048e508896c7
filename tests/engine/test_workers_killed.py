"""Workers that are killed or stopped, and coordinators too: the class goes on, nothing is left."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from many import again, grade, undisturbed_class

from grading.engine.tasks import pending
from grading.sandbox import processes
from grading.sandbox.settings import PROJECT
from trials.gradebook import gradebook_rows

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("workers-killed")]

CLASS = 12


@pytest.fixture(scope="module")
def undisturbed(released, tmp_path_factory):
    return undisturbed_class(released, tmp_path_factory.mktemp("class"), CLASS)


@pytest.fixture
def course(undisturbed, tmp_path):
    return again(undisturbed, tmp_path / "course")


def workers_of(course):
    """Return the workers of a course's runs, known by the folder they work in."""
    mark = f"{course.root.resolve()}/.grading-"
    return [
        int(folder.name)
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit() and str(folder_of(folder.name)).startswith(mark)
    ]


def folder_of(pid):
    """Return the folder that a process works in."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return None


def identities(pids):
    """Return processes by number and the moment they began: a number may stand for another."""
    began = {}
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            began[pid] = fields[19]
    return set(began.items())


def all_end(those):
    """Return whether processes end in time."""
    for _ in range(400):
        if not those & identities(pid for pid, _ in those):
            return True
        time.sleep(0.05)
    return False


def when(condition):
    deadline = time.monotonic() + 120
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_worker_that_is_killed_or_stopped_in_the_middle_changes_no_grade(
    course, undisturbed, clock, number
):
    hit = []

    def strike(done):
        if len(told) == 3:
            hit.append(random.Random(number).choice(workers_of(course.course)))
            os.kill(hit[0], number)
            clock.seconds = 100_000.0 if number == signal.SIGSTOP else 0.0
        told.append(done)

    told = []
    assert grade(course, strike) == []
    assert gradebook_rows(course.course, "01_mini") == undisturbed[1]
    assert len(told) == CLASS and 1 <= sum(one.attempt - 1 for one in told) <= 2
    assert len(hit) == 1 and all_end(identities(hit))


def start(course):
    env = os.environ | {"PYTHONPATH": str(PROJECT)}
    run = [sys.executable, "-m", "grading.pipeline", "autograde", "--workers", "2"]
    return subprocess.Popen(run, cwd=course.course.root, env=env, stdout=subprocess.PIPE, text=True)


def some_are_graded(course):
    """Return whether more are graded than the one whose record may still be under way."""
    return len(list(course.course.root.glob("autograded/*/*/*.ipynb"))) > 2


def everything_of(run, course):
    """Return a run with all that it has started: workers, templates, kernels."""
    return identities([*processes.family(run.pid)])


def test_a_coordinator_that_is_killed_leaves_no_process_and_the_next_run_goes_on(
    course, undisturbed
):
    run = start(course)
    when(lambda: some_are_graded(course))
    those = everything_of(run, course)
    assert len(workers_of(course.course)) == 2 and len(those) > 3
    run.kill()
    run.wait()
    run.stdout.close()
    assert all_end(those)
    assert list(course.course.root.glob(".grading-*")) != []
    assert grade(course) == []
    assert list(course.course.root.glob(".grading-*")) == []
    assert gradebook_rows(course.course, "01_mini") == undisturbed[1]


def test_ctrl_c_ends_a_run_cleanly_and_the_next_goes_on(course, undisturbed):
    run = start(course)
    when(lambda: some_are_graded(course))
    those = everything_of(run, course)
    run.send_signal(signal.SIGINT)
    said, _ = run.communicate(timeout=60)
    assert run.returncode == 130
    assert re.sub(r"autograding \d+/\d+\n", "", said) == (
        "Stopped, as you asked; say it again to go on.\n"
    )
    assert all_end(those)
    assert list(course.course.root.glob(".grading-*")) == []
    waiting = {task.student for task in pending(course.course, course.config)}
    assert 0 < len(waiting) < CLASS
    assert grade(course) == []
    assert gradebook_rows(course.course, "01_mini") == undisturbed[1]


def test_a_submission_that_takes_every_worker_down_is_settled_and_the_class_goes_on(
    course, undisturbed
):
    """Whoever has the files of student-02 is killed."""
    over = threading.Event()

    def strike():
        while not over.wait(0.01):
            for pid in workers_of(course.course):
                if any((folder_of(pid) or Path()).glob("submission-*/strike-me.txt")):
                    os.kill(pid, signal.SIGKILL)

    (course.course.submitted("student-02", "01_mini") / "strike-me.txt").touch()
    striking = threading.Thread(target=strike)
    striking.start()
    told = {}
    try:
        assert grade(course, lambda done: told.setdefault(done.student, done)) == []
    finally:
        over.set()
        striking.join()
    assert told["student-02"].outcome == "settled"
    rows = gradebook_rows(course.course, "01_mini")
    assert {**rows, "student-02": None} == {**undisturbed[1], "student-02": None}
    assert rows["student-02"]["think"] == (None, None, True)
