"""What counts as going astray, whatever an entry of the corpus says of itself."""

from typing import Any

import pytest

from trials.hostile_judge import Result, about_score
from trials.submission import Entry


def complaints(base: float, got: float | None, seconds: float = 1.0, **entry: Any) -> list[str]:
    kind = entry.pop("kind", "attack")
    one = Entry(kind, "name", "tries", "ends", lambda submission: None, "theme", **entry)
    result = Result(one, base, got, seconds, gained=(got or 0.0) > base)
    return about_score(result)


def test_as_much_as_its_base_is_right():
    assert complaints(4.0, 4.0) == []


@pytest.mark.parametrize("kind", ["attack", "fault"])
def test_less_than_its_base_is_wrong_where_nothing_else_is_said(kind):
    assert complaints(4.0, 3.0, kind=kind) == ["it should earn 4"]


def test_an_attack_that_gains_is_found_even_when_its_entry_allows_it():
    assert complaints(4.0, 9.0, score=(4.0, 9.0)) == ["it gained"]


def test_a_fault_may_earn_what_its_entry_says():
    assert complaints(4.0, 9.0, kind="fault", score=9.0) == []


def test_no_score_at_all_is_wrong():
    assert complaints(4.0, None) == ["it has no score"]


def test_taking_longer_than_an_entry_may_is_wrong():
    assert complaints(4.0, 4.0, seconds=46.0) == ["it took longer than 45 s"]
