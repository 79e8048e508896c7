"""Some broken lines of the grader, drawn anew each time; `make mutants-grader` tries all."""

import os
from pathlib import Path

import pytest

from trials.grader.corpus import CORPUS, load_broken_lines
from trials.grader.run import Crew, sample

PROJECT = Path(__file__).resolve().parents[3]
COUNT, WORKERS, SECONDS = 8, 2, 90


@pytest.mark.slow
@pytest.mark.xdist_group("grader-sample")
def test_the_nearest_tests_notice_a_broken_line() -> None:
    seed = os.urandom(4).hex()
    lines = sample(load_broken_lines(PROJECT / CORPUS), COUNT, seed)
    with Crew(PROJECT, WORKERS, SECONDS) as crew:
        outcomes = dict(crew.try_lines(lines))
    missed = [
        f"{line.area}/{line.name}: {outcome.verdict}"
        for line, outcome in outcomes.items()
        if not outcome.noticed
    ]
    again = f"python -m trials.grader --sample {COUNT} --seed {seed}"
    assert outcomes, "there is nothing to try"
    assert not missed, f"{again} shows what is missed: {', '.join(missed)}"
