"""Long steps of Formgrader: one process, in order, together where that is quicker."""

import asyncio
import json
import sys
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest

from grading.nbgrader_steps.formgrader.jobs import Job, Jobs, Target, jobs_of

PATIENCE = 15
HUB = {
    "JUPYTERHUB_API_TOKEN": "secret",
    "JUPYTERHUB_API_URL": "http://127.0.0.1:8081/hub/api",
    "JPY_API_TOKEN": "secret",
    "CONFIGPROXY_AUTH_TOKEN": "secret",
}
WORKER = """
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    names = [assignment for assignment, _ in request["targets"]]
    if "dies" in names:
        break
    if "stammers" in names:
        print("[{}]" * 2, flush=True)
    elif "says-too-little" in names:
        print("[]", flush=True)
    elif "says-it-twice" in names:
        print("{}\\n[{}]", flush=True)
    elif request["action"] == "whole":
        for _, student in request["targets"]:
            print(json.dumps({"done": student}), flush=True)
        print(json.dumps([{"log": student} for _, student in request["targets"]]), flush=True)
    else:
        log = [f"{request['action']} {a} {s}" for a, s in request["targets"]]
        print(json.dumps([{"success": True, "log": text} for text in log]), flush=True)
"""


class Started:
    """The processes that a queue has started, each a stand-in for the one that grades."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.commands: list[tuple[str, ...]] = []
        self.options: list[dict[str, Any]] = []
        self.processes: list[asyncio.subprocess.Process] = []
        self._start = asyncio.create_subprocess_exec
        monkeypatch.setattr(asyncio, "create_subprocess_exec", self.start)

    async def start(self, *command: str, **options: Any) -> asyncio.subprocess.Process:
        self.commands.append(command)
        self.options.append(options)
        process = await self._start(sys.executable, "-IS", "-c", WORKER, **options)
        self.processes.append(process)
        return process

    async def end(self) -> None:
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.close()
            await process.wait()

    def run(self, jobs: Jobs, *steps: tuple[str, str, str | None]) -> list[dict[str, Any]]:
        async def press_and_end() -> list[dict[str, Any]]:
            answers = await press_all(jobs, *steps)
            await self.end()
            return answers

        return asyncio.run(press_and_end())


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    for name, value in HUB.items():
        monkeypatch.setenv(name, value)
    return Started(monkeypatch)


async def press_all(jobs: Jobs, *steps: tuple[str, str, str | None]) -> list[dict[str, Any]]:
    return await answered(asyncio.gather(*(jobs.run(*step) for step in steps)))


async def answered(waiting: Awaitable[Any]) -> Any:
    """Return an answer; one that never comes is a failure and not a test without end."""
    return await asyncio.wait_for(waiting, PATIENCE)


def run(jobs: Jobs, *steps: tuple[str, str, str | None]) -> list[dict[str, Any]]:
    return asyncio.run(press_all(jobs, *steps))


def test_each_is_answered_with_its_own_answer(started: Started, tmp_path: Path) -> None:
    steps = [("autograde", "one", f"student-0{n}") for n in range(5)]
    steps.insert(2, ("generate_feedback", "one", None))
    answers = started.run(Jobs(tmp_path, together=2), *steps)
    assert [answer["log"] for answer in answers] == [" ".join(map(str, step)) for step in steps]
    assert len(started.commands) == 1


def test_the_process_is_the_worker_on_the_course(started: Started, tmp_path: Path) -> None:
    started.run(Jobs(tmp_path), ("autograde", "one", "student-01"))
    [command] = started.commands
    assert command == (
        sys.executable,
        "-m",
        "grading.nbgrader_steps.formgrader.work",
        str(tmp_path),
    )
    assert started.options[0]["cwd"] == tmp_path


def test_the_process_knows_neither_the_hubs_token_nor_its_address(
    started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_EXCHANGE", "/exchange")
    started.run(Jobs(tmp_path), ("autograde", "one", "student-01"))
    env = started.options[0]["env"]
    assert not HUB.keys() & env.keys()
    assert env["COURSE_EXCHANGE"] == "/exchange"


@pytest.mark.parametrize("wrong", ["dies", "stammers", "says-too-little", "says-it-twice"])
def test_a_process_that_fails_says_so_and_the_next_press_has_a_new_one(
    started: Started, tmp_path: Path, wrong: str
) -> None:
    steps = [("autograde", wrong, "student-01"), ("generate_feedback", "one", None)]
    failed, following = started.run(Jobs(tmp_path), *steps)
    assert failed["success"] is False
    assert "The grading process ended" in failed["log"]
    assert following == {"success": True, "log": "generate_feedback one None"}
    assert len(started.commands) == 2


def test_who_stops_waiting_stops_nothing(started: Started, tmp_path: Path) -> None:
    async def press_and_leave() -> dict[str, Any]:
        jobs = Jobs(tmp_path)
        left = asyncio.create_task(jobs.run("generate_feedback", "one"))
        await asyncio.sleep(0)
        left.cancel()
        answer = await answered(jobs.run("generate_feedback", "two"))
        await started.end()
        return answer

    assert asyncio.run(press_and_leave())["log"] == "generate_feedback two None"


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Note what is asked of the process together; it answers at once."""
    asked: list[list[str]] = []

    async def ask(jobs: Jobs, batch: list[Job], targets: list[Target]) -> list[dict[str, Any]]:
        assert batch, "nothing is asked for without end"
        [kind] = {job.action[:4] for job in batch}
        asked.append([f"{kind} {student or assignment}" for assignment, student in targets])
        return [{} for _ in targets]

    monkeypatch.setattr(Jobs, "_ask", ask)
    return asked


def test_submissions_go_together_as_many_as_fit(batches: list[list[str]], tmp_path: Path) -> None:
    run(Jobs(tmp_path, together=2), *[("autograde", "one", name) for name in "abc"])
    assert batches == [["auto a", "auto b"], ["auto c"]]


def test_only_submissions_go_together(batches: list[list[str]], tmp_path: Path) -> None:
    run(
        Jobs(tmp_path, together=9),
        ("generate_assignment", "one", None),
        ("generate_assignment", "two", None),
        ("autograde", "one", "a"),
        ("generate_feedback", "one", "a"),
        ("generate_feedback", "one", "b"),
    )
    assert batches == [["gene one"], ["gene two"], ["auto a"], ["gene a"], ["gene b"]]


def test_one_submission_is_not_graded_twice_at_once(
    batches: list[list[str]], tmp_path: Path
) -> None:
    run(Jobs(tmp_path, together=9), *[("autograde", "one", name) for name in "aba"])
    assert batches == [["auto a", "auto b"], ["auto a"]]


def test_who_came_first_is_first_also_when_they_press_again(
    batches: list[list[str]], tmp_path: Path
) -> None:
    run(Jobs(tmp_path, together=1), *[("autograde", "one", name) for name in "aba"])
    assert batches == [["auto a"], ["auto b"], ["auto a"]]


def test_the_request_names_the_step_its_targets_and_how_it_is_to_be_done(
    started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bytes] = []
    write = asyncio.StreamWriter.write

    def note(stream: asyncio.StreamWriter, data: bytes) -> None:
        written.append(data)
        write(stream, data)

    monkeypatch.setattr(asyncio.StreamWriter, "write", note)

    async def ask() -> None:
        await Jobs(tmp_path).run_all(
            "regrade", [("one", None)], do="apply", students=["student-01"]
        )
        await started.end()

    asyncio.run(ask())
    assert written[0].endswith(b"\n")
    how = {"do": "apply", "students": ["student-01"]}
    request = {"action": "regrade", "targets": [["one", None]], "how": how}
    assert json.loads(written[0]) == request


def test_a_step_on_many_says_of_whom_it_is_done_before_it_answers_for_each(
    started: Started, tmp_path: Path
) -> None:
    heard: list[str] = []

    async def ask() -> list[dict[str, Any]]:
        jobs = Jobs(tmp_path)
        targets: list[Target] = [("one", "a"), ("one", "b")]
        alone = asyncio.create_task(jobs.run("autograde", "one", "c"))
        answers = await answered(jobs.run_all("whole", targets, heard.append))
        answers.append(await answered(alone))
        await started.end()
        return answers

    assert [one["log"] for one in asyncio.run(ask())] == ["a", "b", "autograde one c"]
    assert heard == ["a", "b"]


def test_a_server_has_one_queue_whoever_asks(tmp_path: Path) -> None:
    settings: dict[str, Any] = {}
    assert jobs_of(settings, tmp_path) is jobs_of(settings, tmp_path)
