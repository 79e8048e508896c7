"""Grade by hand: a run of the engine in which no worker and no kernel is started."""

from concurrent.futures import Future

from grading.engine.messages import Graded
from grading.engine.work import finish

NO_KEY = '{"cells": {}, "stretches": []}'


class HandPool:
    """Grade in this process, one after the other, with `grade(kit, submitted, how)`."""

    def __init__(self, grade):
        self.grade, self.stopped = grade, False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def submit(self, kit, submitted, how):
        future = Future()
        if self.stopped:
            future.cancel()
            return future
        try:
            graded = self.grade(kit, submitted, how)
            future.set_result(graded if isinstance(graded, Graded) else finish(graded))
        except Exception as error:
            future.set_exception(error)
        return future

    def stop(self):
        self.stopped = True


def grade_by_hand(monkeypatch, grade):
    """Let every run of the engine grade with a function instead of workers; return its pools."""
    pools = []

    def open_pool(options, workers, folder):
        pools.append(HandPool(grade))
        return pools[-1]

    monkeypatch.setattr("grading.engine.autograde.open_pool", open_pool)
    monkeypatch.setattr("grading.grades.kit.key_text", lambda *_: NO_KEY)
    return pools
