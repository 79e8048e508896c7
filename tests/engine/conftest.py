"""Workers that are none, and a small kit that they are given."""

import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.engine import worker_process
from grading.engine.settings import Workers
from grading.engine.slot import Slot
from grading.grades.kit import Kit
from grading.sandbox.archive import NOTHING
from grading.sandbox.channel import Process

STAND_IN = Path(__file__).with_name("stand_in.py")


def graded_cell(name, make, points, **ours):
    told = {"grade_id": name, "grade": True, "solution": False, "points": points, "locked": False}
    return make("1", metadata={"nbgrader": told | ours})


@pytest.fixture
def kit():
    """Return a kit of three cells that can earn two points each."""
    cells = [
        graded_cell("test", new_code_cell, 2),
        graded_cell("more", new_code_cell, 2),
        graded_cell("think", new_markdown_cell, 2, solution=True),
    ]
    limits = {"notebook_seconds": 300.0, "startup_seconds": 60.0, "warm": False}
    skeleton = nbformat.writes(new_notebook(cells=cells))
    return Kit(
        "01_mini", skeleton, {}, '{"cells": {}, "stretches": []}', "", limits, NOTHING, NOTHING
    )


@pytest.fixture
def behave(monkeypatch):
    """Return what lets every worker that is started from now on be a stand-in of some kind."""

    started = []

    def behave(behaviour):
        behave.how = []

        def start(inside, said, folder, *how):
            command = [sys.executable, "-S", "-E", str(STAND_IN), behaviour, str(inside.fileno())]
            files = {"pass_fds": [inside.fileno()], "stdout": said, "stderr": said}
            started.append(subprocess.Popen(command, cwd=folder, **files))
            behave.how.append(how)
            return Process(started[-1].pid)

        monkeypatch.setattr(worker_process, "start_worker", start)

    yield behave
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def clock(monkeypatch):
    """Return the clock by which workers are watched; a test may put it forward."""
    ahead = SimpleNamespace(seconds=0.0)
    told = SimpleNamespace(monotonic=lambda: time.monotonic() + ahead.seconds)
    monkeypatch.setattr(worker_process, "time", told)
    return ahead


@pytest.fixture
def slot(tmp_path):
    """Return a place to grade at, which is closed at the end."""
    slot = Slot(Workers(), tmp_path)
    yield slot
    slot.close()
