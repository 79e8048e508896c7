"""So many checks a day for each student, remembered when the service is started again."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from hub.check.budget import DAY, Budget


@pytest.fixture
def now() -> SimpleNamespace:
    return SimpleNamespace(seconds=1_000_000.0)


@pytest.fixture
def budget(tmp_path: Path, now: SimpleNamespace) -> Iterator[Budget]:
    budget = Budget(tmp_path / "asked.sqlite", 2, lambda: now.seconds)
    yield budget
    budget.close()


def test_each_student_may_ask_so_often(budget: Budget) -> None:
    budget.take("student-01")
    assert (budget.left("student-01"), budget.left("student-02")) == (1, 2)


def test_who_has_asked_so_often_may_again_a_day_after_the_first(
    budget: Budget, now: SimpleNamespace
) -> None:
    first = budget.take("student-01")
    assert budget.again("student-01") is None
    now.seconds += 100
    budget.take("student-01")
    assert budget.left("student-01") == 0 and budget.again("student-01") == first + DAY
    now.seconds = first + DAY + 1
    assert budget.left("student-01") == 1 and budget.again("student-01") is None


def test_a_check_that_came_to_nothing_is_given_back_and_no_other(budget: Budget) -> None:
    taken = budget.take("student-01")
    budget.take("student-02")
    budget.give_back("student-01", taken)
    assert (budget.left("student-01"), budget.left("student-02")) == (2, 1)


def test_what_was_asked_outlives_the_service(tmp_path: Path, budget: Budget) -> None:
    budget.take("student-01")
    again = Budget(tmp_path / "asked.sqlite", 2, lambda: 1_000_000.0)
    assert again.left("student-01") == 1
    again.close()


def test_with_fewer_a_day_than_were_asked_nobody_has_less_than_none(
    tmp_path: Path, budget: Budget
) -> None:
    budget.take("student-01")
    budget.take("student-01")
    fewer = Budget(tmp_path / "asked.sqlite", 1, lambda: 1_000_000.0)
    assert fewer.left("student-01") == 0 and fewer.again("student-01") == 1_000_000.0 + DAY
    fewer.close()


def test_none_a_day_is_none_ever(tmp_path: Path) -> None:
    none = Budget(tmp_path / "none.sqlite", 0)
    assert none.left("student-01") == 0 and none.again("student-01") is None
    none.close()
