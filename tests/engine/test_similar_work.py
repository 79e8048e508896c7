"""What starts the sealed comparison, and who is compared."""

import json
import multiprocessing
import os
import select
import signal
import sys
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace

import pytest

from grading.engine import similar
from grading.sandbox import bubblewrap, processes
from grading.sandbox.settings import PROJECT

LONG = 120.0
SLEEPER = """
import time
print('{"done": 1, "of": 2}', flush=True)
time.sleep(600)
"""


class ReadHere:
    """A pool that tells the text of a file as its code, or fails."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def submit_page(self, request, file):
        future = Future()
        if file.read_text() == "broken":
            future.set_exception(ValueError("no notebook"))
        else:
            future.set_result(json.dumps(request).encode())
        return future


OURS = Path(sys.prefix)
"""An environment that has a Python: what compares stands in for the real script here."""


def compare(told=lambda *_: None, **settings):
    return similar.compare([], [b"{}"] * 2, told, environment=OURS, **settings)


def ended(pid):
    """Wait until a process has ended, but not for ever; return whether it has."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], LONG)[0])
    finally:
        os.close(descriptor)


def test_whoever_is_graded_is_read_and_everybody_else_is_named(unrun, monkeypatch):
    for student in ("student-01", "student-02", "student-03", "student-04"):
        unrun.submit(student, unrun.notebook())
    for student, text in {"student-01": "", "student-03": "broken", "student-04": ""}.items():
        folder = unrun.course.autograded(student, "01_mini")
        folder.mkdir(parents=True)
        (folder / "01_mini.ipynb").write_text(text)
    monkeypatch.setattr(similar, "open_pool", lambda *_: ReadHere())
    options, read = SimpleNamespace(excluded={"student-04"}), []
    told, failures = similar.read_answers(unrun.course, options, "01_mini", 2, read.append)
    assert told == {"student-01": b'{"do": "code"}'}
    assert failures == [
        "student-02: not compared: not autograded yet",
        "student-03: not compared: no notebook",
    ]
    assert sorted(read) == ["student-01", "student-03"]


def test_the_release_and_our_own_solution_are_handed_out(unrun):
    given = similar.handed_out(unrun.course, "01_mini")
    assert any("twice_the_numbers" in text for text in given)
    assert any("NotImplementedError" in text for text in given)


def test_it_is_ended_when_it_takes_too_long(tmp_path, monkeypatch):
    monkeypatch.setattr(similar, "COMPARED_BY", tmp_path / "sleeper.py")
    similar.COMPARED_BY.write_text(SLEEPER)
    with pytest.raises(similar.NotCompared):
        compare(seconds=0)


def test_no_result_is_taken_that_came_too_late(tmp_path, monkeypatch):
    def timer(seconds, end):
        late.append(SimpleNamespace(start=lambda: None, cancel=lambda: None, end=end))
        return late[-1]

    late = []
    monkeypatch.setattr(similar.threading, "Timer", timer)
    monkeypatch.setattr(similar, "COMPARED_BY", tmp_path / "told.py")
    result = {"result": {"pairs": [], "own": [{}, {}], "common": 0}}
    said = json.dumps({"done": 1, "of": 2}) + "\n" + json.dumps(result)
    similar.COMPARED_BY.write_text(f"print({said!r}, flush=True)")
    assert compare().pairs == ()
    with pytest.raises(similar.NotCompared):
        compare(lambda *_: late[-1].end())


def test_it_ends_with_whoever_started_it_even_when_that_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(similar, "COMPARED_BY", tmp_path / "sleeper.py")
    similar.COMPARED_BY.write_text(SLEEPER)
    here, there = multiprocessing.Pipe()

    def begin():
        compare(lambda done, of: there.send(done))

    outer = multiprocessing.get_context("fork").Process(target=begin)
    outer.start()
    try:
        assert here.poll(LONG)
        inside = [pid for pid in processes.family(outer.pid) if pid != outer.pid]
        assert len(inside) > 1
    finally:
        os.kill(outer.pid, signal.SIGKILL)
        outer.join()
    alive = [pid for pid in inside if not ended(pid)]
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
    assert alive == []


@pytest.mark.parametrize(
    "part", ["--unshare-all", "--clearenv", "--die-with-parent", "--disable-userns", "--seccomp"]
)
def test_the_wall_has(part):
    assert part in similar.sealed(OURS, 9)


def test_root_becomes_nobody_first(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(bubblewrap, "become_nobody", lambda readable: ["nobody", *readable])
    first, *readable = similar.sealed(OURS, 9)[:4]
    assert first == "nobody"
    assert similar.COMPARED_BY in readable


def test_nothing_of_the_course_is_seen_inside():
    command = similar.sealed(OURS, 9)
    bound = [command[at + 1] for at, part in enumerate(command) if part.endswith("bind")]
    ours = {path for path in map(Path, bound) if path.is_relative_to(PROJECT)}
    assert ours - {OURS.resolve()} == {similar.COMPARED_BY}


def test_without_its_environment_it_says_what_to_run(tmp_path):
    with pytest.raises(similar.NotCompared, match="make similar"):
        similar.sealed(tmp_path, 9)


def test_an_environment_without_what_compares_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(similar, "COMPARED_BY", tmp_path / "imports.py")
    similar.COMPARED_BY.write_text("import no_such_module_anywhere")
    with pytest.raises(similar.NotCompared, match="`make similar` builds it anew"):
        compare()
