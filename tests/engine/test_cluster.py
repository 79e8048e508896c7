"""A class graded on a real Dask cluster: as here, whoever of it is killed."""

import json
import subprocess
import sys
import time
from pathlib import Path

import many
import pytest
from many import again, undisturbed_class

from grading.engine import cluster
from grading.engine.cluster import DaskPool, NoCluster, OtherVersion
from grading.engine.settings import Workers
from grading.engine.tasks import pending
from trials.gradebook import gradebook_rows

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cluster")]

CLASS = 6
DASK = str(Path(sys.executable).with_name("dask"))
START_SECONDS = 90


class Cluster:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder):
        self.file, self.processes = folder / "scheduler.json", []
        self.scheduler = self.start("scheduler", "--host", "127.0.0.1", "--port", "0")
        for _ in range(START_SECONDS * 10):
            if self.file.exists() and self.file.stat().st_size:
                break
            time.sleep(0.1)
        self.address = json.loads(self.file.read_text())["address"]
        self.workers = [
            self.start("worker", "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny")
            for _ in range(2)
        ]

    def start(self, *command):
        options = ["--scheduler-file", str(self.file), "--no-dashboard"]
        process = subprocess.Popen(
            [DASK, *command, *options],
            cwd=self.file.parent,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    def wait_for_workers(self, number=2):
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(number, timeout=START_SECONDS)

    def stop(self):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def dask(tmp_path):
    folder = tmp_path / "dask"
    folder.mkdir()
    dask = Cluster(folder)
    try:
        dask.wait_for_workers()
        yield dask
    finally:
        dask.stop()


@pytest.fixture(scope="module")
def undisturbed(released, tmp_path_factory):
    return undisturbed_class(released, tmp_path_factory.mktemp("class"), CLASS)


@pytest.fixture
def mini(undisturbed, tmp_path):
    return again(undisturbed, tmp_path / "course")


def grade(mini, scheduler="", report=lambda done: None, **which):
    mini.config.Workers.scheduler = scheduler
    return many.grade(mini, report, **which)


def test_a_class_gets_there_what_it_gets_here_though_a_worker_is_killed(mini, undisturbed, dask):
    done = []

    def kill_one(one):
        done.append(one.student)
        if len(done) == 2:
            dask.workers[0].kill()

    assert grade(mini, dask.address, kill_one) == []
    assert sorted(done) == sorted(undisturbed[1])
    assert gradebook_rows(mini.course, "01_mini") == undisturbed[1]


def test_when_the_scheduler_is_lost_the_rest_is_named_and_graded_the_next_time(
    mini, undisturbed, dask
):
    done = []

    def kill_it(one):
        done.append(one)
        if len(done) == 1:
            dask.scheduler.kill()

    failures = grade(mini, dask.address, kill_it)
    graded = {one.student for one in done if one.outcome == "graded"}
    assert failures and all("the Dask scheduler at" in failure for failure in failures)
    assert len(failures) + len(graded) == CLASS
    assert {task.student for task in pending(mini.course, mini.config)} == (
        {*undisturbed[1]} - graded
    )
    assert grade(mini) == []
    assert gradebook_rows(mini.course, "01_mini") == undisturbed[1]


def test_where_there_is_no_scheduler_nothing_is_taken_back_and_that_is_said(mini, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    assert grade(mini) == []
    before = gradebook_rows(mini.course, "01_mini")
    with pytest.raises(NoCluster, match=r"no Dask scheduler at tcp://127\.0\.0\.1:1"):
        grade(mini, "tcp://127.0.0.1:1", force=True)
    assert gradebook_rows(mini.course, "01_mini") == before


def test_without_dask_the_command_that_installs_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(NoCluster, match=r"uv pip install -r environment/dask\.lock"):
        DaskPool("tcp://127.0.0.1:1", Workers())


def test_a_place_with_another_version_of_the_grader_refuses_the_work():
    with pytest.raises(OtherVersion, match="another version"):
        cluster.render_there({}, b"", {}, "of another time")
