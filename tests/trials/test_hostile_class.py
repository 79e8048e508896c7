"""A class with attacks and faults of some themes in it; `make attacks` tries all of them."""

import random
from pathlib import Path

import pytest
from rich.console import Console

from trials.hostile import corpora
from trials.hostile_class import HostileClass
from trials.submission import Entry

THEMES = 9  # of 21, others each time: pytest-randomly tells the seed


def first_of_some_themes() -> list[Entry]:
    """Return the first entry of some themes of attacks, and of about as many of faults."""
    firsts = {(entry.kind, entry.theme): entry for entry in reversed(corpora())}
    kinds = {"attack": THEMES - THEMES // 2, "fault": THEMES // 2}
    return [
        entry
        for kind, count in kinds.items()
        for entry in random.sample([one for one in firsts.values() if one.kind == kind], count)
    ]


@pytest.mark.slow
def test_nothing_is_gained_told_changed_or_stopped(tmp_path: Path) -> None:
    trial = HostileClass(tmp_path, first_of_some_themes(), 2, Console(quiet=True))
    try:
        results = trial.run(stock=False)
    finally:
        trial.remove(keep=False)
    assert trial.complaints == []
    assert {result.entry.name: result.complaints for result in results if result.complaints} == {}
