"""A grader that is killed leaves no process and no file, at whatever moment (a sample)."""

import random

import pytest

from trials import kills

pytestmark = pytest.mark.slow

SAMPLE = 3  # of each way, at other moments each time; `make attacks` kills two hundred


@pytest.fixture(scope="module", params=[True, False], ids=["warm", "cold"])
def warm(request):
    return request.param


@pytest.fixture(scope="module")
def longest(warm):
    """Return how long a grader takes until its first cell runs, on this machine today."""
    return kills.seconds_to_run(warm)


def test_whenever_a_grader_is_killed_nothing_of_its_sandbox_is_left(warm, longest):
    done = [kills.kill_a_grader(warm, random.uniform(0, longest * 1.2)) for _ in range(SAMPLE)]
    assert [kill for kill in done if kill.processes or kill.files] == []


def test_a_running_grader_has_processes_that_would_be_found(warm, longest, tmp_path):
    name = "_kernel_to_be_found"
    grader = kills._start_grader(warm, name, str(tmp_path))
    try:
        found = []
        for _ in range(int(longest * 100)):
            found = max(found, kills._processes(name), key=len)
            if len(found) > 2:
                break
            kills.time.sleep(0.05)
        assert len(found) > 2
    finally:
        kills.os.kill(grader, kills.signal.SIGKILL)
        kills.os.waitpid(grader, 0)
