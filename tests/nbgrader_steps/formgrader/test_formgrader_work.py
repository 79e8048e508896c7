"""The process that grades: one line is asked, one is answered, in the order of the targets."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grading.engine.done import Done
from grading.engine.lock import AlreadyGrading
from grading.engine.tasks import NothingSubmitted, Task
from grading.nbgrader_steps.formgrader import work
from grading.nbgrader_steps.formgrader.work import Worker, answer

PROJECT = Path(work.__file__).resolve().parents[3]
ONE = "one"


def request(action: str, *targets: tuple[str, str | None]) -> str:
    return json.dumps({"action": action, "targets": targets})


class Api:
    """Stand in for nbgrader's API and note what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str | None, ...], dict[str, bool]]] = []
        self.says: dict[str, Any] = {"success": True, "log": "fine"}

    def generate_assignment(self, *names: str | None, **options: bool) -> dict[str, Any]:
        self.asked.append(("generate_assignment", names, options))
        return dict(self.says)

    def generate_feedback(self, *names: str | None, **options: bool) -> dict[str, Any]:
        self.asked.append(("generate_feedback", names, options))
        return dict(self.says)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    found = Api()
    monkeypatch.setattr(work, "load_config", lambda root: "the configuration")
    monkeypatch.setattr(work, "nbgrader_api", lambda config: found)
    return found


@pytest.fixture
def worker(tmp_path: Path) -> Worker:
    return Worker(tmp_path)


def test_before_a_release_text_and_notebook_are_brought_in_step(
    worker: Worker, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "prepare_source", lambda course: api.asked.append(("source", (), {})))
    assert answer(worker, request("generate_assignment", (ONE, None))) == [api.says]
    assert api.asked == [("source", (), {}), ("generate_assignment", (ONE,), {"force": True})]


def test_a_release_that_is_refused_says_first_why_not(
    worker: Worker, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "prepare_source", lambda course: None)
    reason = "our own solution misses a point " * 5
    monkeypatch.setattr(work, "reason_of", lambda assignment, said: reason)
    api.says = {"success": False, "log": "a long log", "error": ""}
    [said] = answer(worker, request("generate_assignment", (ONE, None)))
    assert said["success"] is False
    assert said["log"].replace("\n", " ") == reason.strip()
    assert max(map(len, said["log"].split("\n"))) <= work.PANEL_WIDTH
    assert said["error"] == "a long log"


@pytest.mark.parametrize("student", ["student-01", None])
def test_feedback_is_made_anew_for_one_or_for_all(
    worker: Worker, api: Api, student: str | None
) -> None:
    assert answer(worker, request("generate_feedback", (ONE, student))) == [api.says]
    assert api.asked == [("generate_feedback", (ONE, student), {"force": True})]


class Graded:
    """Submissions that wait, and what grading them says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.waiting = [Task(name, ONE, f"digest of {name}") for name in ("a", "b", "c")]
        self.says: list[Done] = []
        self.forced: set[bool] = set()
        self.asked: list[tuple[list[Task], int]] = []
        monkeypatch.setattr(work, "load_config", lambda root: "the configuration")
        monkeypatch.setattr(work, "pending", self._pending)
        monkeypatch.setattr(work, "autograde", self._autograde)

    def _pending(
        self, course: object, config: object, assignment: str, student: str, force: bool
    ) -> list[Task]:
        self.forced.add(force)
        return [
            task
            for task in self.waiting
            if (task.assignment, task.student) == (assignment, student)
        ]

    def _autograde(
        self,
        course: object,
        config: str,
        tasks: list[Task],
        workers: int,
        tell: Callable[[Done], None],
    ) -> list[str]:
        assert config == "the configuration"
        self.asked.append((tasks, workers))
        for done in self.says:
            tell(done)
        return []


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> Graded:
    return Graded(monkeypatch)


def test_submissions_are_graded_together_and_answered_in_order(
    worker: Worker, graded: Graded
) -> None:
    graded.says = [
        Done("b", ONE, "failed", why="the kernel died"),
        Done("cc", ONE, "failed", why="not theirs"),
        Done("a", ONE, "settled", why="with what it had earned"),
    ]
    said = answer(worker, request("autograde", (ONE, "c"), (ONE, "b"), (ONE, "a")))
    assert [one["success"] for one in said] == [True, False, True]
    assert [one["log"] for one in said] == [
        "graded, sealed: c one",
        "b one: the kernel died",
        "graded, sealed: a one",
    ]
    [(tasks, workers)] = graded.asked
    assert [task.student for task in tasks] == ["c", "b", "a"]
    assert workers == 3
    assert graded.forced == {True}  # the button grades again what has not changed


def test_a_whole_class_is_told_of_one_by_one_and_not_graded_again(
    tmp_path: Path, graded: Graded
) -> None:
    told: list[str] = []
    graded.says = [Done("b", ONE, "graded"), Done("a", ONE, "failed", why="the kernel died")]
    said = answer(Worker(tmp_path, told.append), request("autograde_class", (ONE, "a"), (ONE, "b")))
    assert [one["success"] for one in said] == [False, True]
    assert told == ["b one", "a one"]
    assert graded.forced == {False}


def test_what_is_understood_is_said_to_everybody_who_waits_without_a_trace(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AlreadyGrading("somebody is grading")

    monkeypatch.setattr(Worker, "autograde", fail)
    said = answer(worker, request("autograde", (ONE, "a"), (ONE, "b")))
    expected = {"success": False, "error": "somebody is grading", "log": "somebody is grading"}
    assert said == [expected, expected]


def test_a_submission_that_is_not_there_is_said_to_be_missing(
    worker: Worker, graded: Graded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise NothingSubmitted("nobody has handed that in")

    monkeypatch.setattr(work, "refuse_nothing", refuse)
    said = answer(worker, request("autograde", (ONE, "a"), (ONE, "never-submitted")))
    assert [one["success"] for one in said] == [True, False]
    assert said[1]["log"] == "nobody has handed that in"


def test_whatever_else_goes_wrong_is_said_with_its_trace_to_everybody_who_waits(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise FileNotFoundError("the course has gone")

    monkeypatch.setattr(work, "load_config", fail)
    said = answer(worker, request("autograde", (ONE, "a"), (ONE, "b")))
    assert [one["success"] for one in said] == [False, False]
    assert "FileNotFoundError" in said[0]["log"] == said[1]["error"]


CHATTY = """
import os, sys
from grading.nbgrader_steps.formgrader import work

def feedback(worker, targets):
    print("chatter", flush=True)
    os.write(1, b"chatter\\n")
    return [{"log": f"{worker.course.root} {targets}"}]

work.Worker.generate_feedback = feedback
work.main()
"""


@pytest.mark.slow
def test_it_reads_until_nobody_can_ask_and_prints_answers_alone(tmp_path: Path) -> None:
    lines = [request("generate_feedback", (name, None)) + "\n" for name in ("one", "two")]
    command = [sys.executable, "-c", CHATTY, str(tmp_path)]
    done = subprocess.run(
        command, input="".join(lines), capture_output=True, text=True, cwd=PROJECT, check=True
    )
    assert [json.loads(line)[0]["log"] for line in done.stdout.splitlines()] == [
        f"{tmp_path} [('one', None)]",
        f"{tmp_path} [('two', None)]",
    ]
    assert done.stderr.count("chatter") == 4
