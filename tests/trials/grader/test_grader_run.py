"""What the tests of a broken line say is told apart: caught, missed, unfit, out of time."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from tiny_project import CAUGHT, ENDLESS, MISSED, WARM, line, make_project

from trials.grader import warm
from trials.grader.corpus import BrokenLine
from trials.grader.run import Crew, Outcome, Worker, sample

CRASHES = line(
    "import-that-works", "def hour", "import nothing_of_that_name\ndef hour", "test_clock.py"
)
NO_FILE = line("file-of-tests", "12", "13", "test_watch.py")
NO_TEST = line("test-in-its-file", "12", "13", "clock.py")
NOT_THERE = line("text-like-that", "midnight", "noon", "test_clock.py")
LINES = [CAUGHT, MISSED, CRASHES, NO_FILE, NO_TEST, NOT_THERE]
LEAVES_A_PROCESS = """
import pathlib, subprocess, sys


def test_it():
    code = "import time; time.sleep(3600)"
    left = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    pathlib.Path({file!r}).write_text(str(left.pid))
"""


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """Try all lines with two workers, and then the tests with nothing broken."""
    project = make_project(tmp_path_factory.mktemp("tried") / "project")
    with Crew(project, 2, warm=WARM) as crew:
        outcomes = {broken.name: outcome for broken, outcome in crew.try_lines(LINES)}
        sound = [CAUGHT, MISSED, CAUGHT, NO_FILE]
        return outcomes | {" ".join(tests): outcome for tests, outcome in crew.try_sound(sound)}


def test_a_line_whose_test_fails_is_caught(tried: dict[str, Outcome]) -> None:
    assert tried[CAUGHT.name].noticed
    assert tried[CAUGHT.name].verdict == "caught"
    assert "assert 13 == 12" in tried[CAUGHT.name].said


def test_a_line_whose_tests_pass_is_missed(tried: dict[str, Outcome]) -> None:
    assert not tried[MISSED.name].noticed
    assert tried[MISSED.name].verdict == "missed"


@pytest.mark.parametrize("unfit", [CRASHES, NO_FILE, NO_TEST, NOT_THERE], ids=lambda it: it.name)
def test_an_entry_whose_tests_cannot_run_is_unfit(
    unfit: BrokenLine, tried: dict[str, Outcome]
) -> None:
    assert not tried[unfit.name].noticed
    assert tried[unfit.name].verdict.startswith("unfit entry")


def test_an_unfit_entry_says_why(tried: dict[str, Outcome]) -> None:
    assert "old stands 0 times in clock.py" in tried[NOT_THERE.name].verdict


def test_with_nothing_broken_the_tests_of_every_set_run(tried: dict[str, Outcome]) -> None:
    assert tried["test_clock.py::test_hour"].passed
    assert tried["test_clock.py"].passed
    assert not tried["test_watch.py"].passed


def test_tests_that_never_end_have_noticed(project: Path) -> None:
    with Worker(project, seconds=1, warm=WARM) as worker:
        outcome = worker.try_line(ENDLESS)
    assert outcome.noticed
    assert not outcome.passed
    assert outcome.verdict == "caught, out of time"


def test_no_process_outlives_the_tests_that_started_it(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    (project / "test_leaves.py").write_text(LEAVES_A_PROCESS.format(file=str(file)))
    with Worker(project, seconds=300, warm=WARM) as worker:
        assert worker.run(["test_leaves.py"]).passed
        assert not psutil.pid_exists(int(file.read_text()))


def test_a_warm_process_refuses_to_import_the_project(project: Path) -> None:
    command = [sys.executable, "-P", warm.__file__, "clock"]
    env = {"PYTHONPATH": str(project)}
    ended = subprocess.run(command, cwd=project, env=env, input="", capture_output=True, text=True)
    assert "clock would not be imported anew" in ended.stderr
    assert ended.returncode == 1


LARGE = [line(f"large-{n}", "12", "13", "t", area="large") for n in range(28)]
SMALL = [line(f"{area}-0", "12", "13", "t", area=area) for area in ("small", "tiny")]


def test_a_sample_is_spread_over_the_areas() -> None:
    drawn = sample([*LARGE, *SMALL], 3, "x")
    assert sorted(one.area for one in drawn) == ["large", "small", "tiny"]


def test_a_sample_may_be_smaller_than_the_number_of_areas() -> None:
    assert len(sample([*LARGE, *SMALL], 2, "x")) == 2


def test_a_sample_goes_on_in_a_large_area_when_the_small_ones_are_used_up() -> None:
    drawn = sample([*LARGE, *SMALL], 10, "x")
    assert len(set(drawn)) == 10
    assert {*SMALL} < {*drawn}


def test_a_sample_is_no_larger_than_the_corpus() -> None:
    assert sorted(one.name for one in sample(SMALL, 100, "x")) == ["small-0", "tiny-0"]


def test_a_seed_draws_the_same_sample_again_and_another_seed_another() -> None:
    draws = [sample(LARGE, 7, str(seed)) for seed in (*range(40), *range(40))]
    assert draws[:40] == draws[40:]
    assert {line for draw in draws for line in draw} == {*LARGE}
