"""The workers of this machine: side by side, and gone at once when a run stops."""

import io
import os
import time

import pytest

from grading.engine.pool import LocalPool, packed
from grading.engine.settings import Workers
from grading.engine.shipment import unpack_submission
from grading.engine.slot import WorkerDown

HOW = {"execute": True}


@pytest.fixture
def pool(tmp_path):
    """Return two workers."""
    (tmp_path / "run").mkdir()
    with LocalPool(2, Workers(), tmp_path / "run") as pool:
        yield pool


@pytest.fixture
def submitted(tmp_path):
    folder = tmp_path / "submitted"
    folder.mkdir()
    (folder / "01_mini.ipynb").write_text("{}")
    return folder


def test_all_are_graded_however_many_there_are(pool, kit, behave, submitted):
    behave("good")
    waiting = [pool.submit(kit, submitted, HOW) for _ in range(5)]
    graded = [future.result() for future in waiting]
    assert {one.scores["test"] for one in graded} == {1.5}
    assert len({one.notebook for one in graded}) <= 2


@pytest.mark.parametrize("workers", [0, 1])
def test_there_is_always_one_worker(tmp_path, kit, behave, submitted, workers):
    behave("good")
    with LocalPool(workers, Workers(), tmp_path) as pool:
        assert pool.submit(kit, submitted, HOW).result().scores["test"] == 1.5


def test_each_worker_has_a_processor_of_its_own(pool, kit, behave, submitted, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5})
    behave("good")
    while len(pool._slots) < 2:
        waiting = [pool.submit(kit, submitted, HOW) for _ in range(4)]
        assert all(future.result() for future in waiting)
    assert [slot._processor for slot in pool._slots] == [3, 5]


def test_a_lone_worker_is_fixed_to_no_processor(tmp_path, kit, behave, submitted):
    behave("good")
    with LocalPool(1, Workers(), tmp_path) as pool:
        pool.submit(kit, submitted, HOW).result()
        assert [slot._processor for slot in pool._slots] == [None]


def test_a_submission_is_read_when_its_turn_has_come(pool, kit, behave, submitted, monkeypatch):
    read = []
    monkeypatch.setattr("grading.engine.pool.packed", lambda folder: read.append(folder) or b"")
    behave("hangs")
    waiting = [pool.submit(kit, submitted, HOW) for _ in range(5)]
    while len(read) < 2:
        time.sleep(0.01)
    assert read == [submitted, submitted] and not any(future.done() for future in waiting)


def test_a_submission_that_takes_its_worker_down_leaves_the_others_alone(
    pool, kit, behave, submitted
):
    behave("dies")
    with pytest.raises(WorkerDown):
        pool.submit(kit, submitted, HOW).result()
    behave("good")
    assert pool.submit(kit, submitted, HOW).result().scores["test"] == 1.5


def test_stopping_ends_what_runs_at_once_and_begins_nothing_more(
    pool, kit, behave, submitted, tmp_path
):
    behave("hangs")
    waiting = [pool.submit(kit, submitted, HOW) for _ in range(6)]
    while len(list((tmp_path / "run").iterdir())) < 2:
        time.sleep(0.01)
    pool.stop()
    assert all(future.done() for future in waiting)
    assert sum(future.cancelled() for future in waiting) >= 3
    assert list((tmp_path / "run").iterdir()) == []


def test_leaving_a_pool_closes_its_workers(tmp_path, kit, behave, submitted):
    behave("good")
    (tmp_path / "run").mkdir()
    with LocalPool(1, Workers(), tmp_path / "run") as pool:
        pool.submit(kit, submitted, HOW).result()
        assert len(list((tmp_path / "run").iterdir())) == 1
    assert list((tmp_path / "run").iterdir()) == []


@pytest.mark.parametrize(("behaviour", "ended"), [("good", 0), ("cold", 1)])
def test_a_template_that_was_of_no_use_is_not_asked_by_the_next_run(
    tmp_path, kit, behave, submitted, monkeypatch, behaviour, ended
):
    seen = []
    monkeypatch.setattr("grading.engine.pool.end_fork_server", lambda: seen.append("ended"))
    behave(behaviour)
    with LocalPool(1, Workers(), tmp_path) as pool:
        pool.submit(kit, submitted, HOW).result()
    assert len(seen) == ended


def test_a_folder_is_packed_with_all_that_is_in_it(submitted, tmp_path):
    unpack_submission(io.BytesIO(packed(submitted)), tmp_path / "there")
    assert (tmp_path / "there" / "01_mini.ipynb").read_text() == "{}"
