"""`make clean` leaves a running demo alone, and nothing large behind."""

import fcntl
import shutil
import subprocess

import pytest

from grading.sandbox.settings import PROJECT

LARGE = (".venv-hub/lib/large.so", ".make/hub/course/1_one.py")


@pytest.fixture
def course(tmp_path):
    shutil.copy(PROJECT / "Makefile", tmp_path)
    for name in (*LARGE, ".make/hub/lock"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def clean(course):
    return subprocess.run(["make", "clean"], cwd=course, capture_output=True, text=True)


def test_while_the_demo_runs_it_removes_nothing_and_says_why(course):
    with (course / ".make/hub/lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = clean(course)
    assert said.returncode != 0
    assert "`make hub` is running" in said.stdout
    assert all((course / name).exists() for name in LARGE)


def test_the_hubs_environment_goes_with_all_that_was_made(course):
    said = clean(course)
    assert said.returncode == 0, said.stderr
    assert not any((course / name).exists() for name in LARGE)
