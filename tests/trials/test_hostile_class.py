"""A class with one attack or fault of each theme in it; `make attacks` tries all of them."""

from pathlib import Path

import pytest
from rich.console import Console

from trials.hostile import corpora
from trials.hostile_class import HostileClass

FIRST_OF_EACH_THEME = list({entry.theme: entry for entry in reversed(corpora())}.values())


@pytest.mark.slow
def test_nothing_is_gained_told_changed_or_stopped(tmp_path: Path) -> None:
    trial = HostileClass(tmp_path, FIRST_OF_EACH_THEME, 2, Console(quiet=True))
    try:
        results = trial.run(stock=False)
    finally:
        trial.remove(keep=False)
    assert trial.complaints == []
    assert {result.entry.name: result.complaints for result in results if result.complaints} == {}
