"""How hard a check is, how well it tells strong from weak, and which are to be looked at."""

import numpy as np
import pandas as pd
import pytest
from made_class import checks

from grading.checks.judge import NOT_REACHED
from grading.report.class_page.items import ENOUGH, OF_EACH, RULES, items, point_biserial

FAIR = {"easy": [1] * 30, "middling": [1] * 20 + [0] * 10, "hard": [1] * 10 + [0] * 20}


def item(name, held, **more):
    return next(one for one in items(checks(held, **more)) if one.check == name)


def test_difficulty_is_the_share_that_passes():
    assert item("middling", FAIR).difficulty == pytest.approx(2 / 3)


def test_who_never_got_to_a_check_counts_neither_way():
    found = item("a", {"a": [1, 1, 0, NOT_REACHED], "b": [1] * 4})
    assert (found.students, found.passed, found.unreached) == (3, 2, 1)


def test_the_hardest_stand_first():
    assert [one.check for one in items(checks(FAIR))] == ["hard", "middling", "easy"]


def test_discrimination_is_the_point_biserial_correlation_with_the_rest():
    rng = np.random.default_rng(0)
    passed, rest = rng.integers(0, 2, 40).astype(float), rng.random(40)
    means = rest[passed == 1].mean() - rest[passed == 0].mean()
    share = passed.mean()
    by_hand = means / rest.std() * np.sqrt(share * (1 - share))
    assert point_biserial(passed, rest) == pytest.approx(by_hand, abs=1e-3)


def test_the_rest_leaves_the_check_itself_out():
    held = {"a": [1] * 15 + [0] * 15, "b": [0] * 15 + [1] * 15}
    assert item("a", held).discrimination == -1


@pytest.mark.parametrize(
    ("students", "pass_it", "told"),
    [(ENOUGH, OF_EACH, True), (ENOUGH - 1, OF_EACH, False), (ENOUGH, OF_EACH - 1, False)],
)
def test_discrimination_is_told_of_enough_students_only(students, pass_it, told):
    for sign in (0.0, 1.0):
        passed = np.full(students, sign)
        passed[:pass_it] = 1 - sign
        assert (point_biserial(passed, np.arange(students) / students) is not None) is told


def test_where_all_others_are_alike_there_is_no_discrimination():
    assert point_biserial(np.arange(30) % 2.0, np.full(30, 0.5)) is None


def test_a_fair_class_has_no_odd_check():
    assert [one.check for one in items(checks(FAIR)) if one.why] == []


@pytest.mark.parametrize(
    ("outcomes", "why"),
    [([0] * 5, "Nobody of 5 passes it."), ([1] + [0] * 9, "Only 1 of 10 passes it.")],
)
def test_a_check_that_hardly_anyone_passes_is_odd(outcomes, why):
    assert why in item("x", {"x": outcomes, "y": [1, 0] * 20}, visible=False).why


def test_of_very_few_students_nothing_is_odd():
    assert item("x", {"x": [0] * 4}).why == ()


def test_a_check_that_is_all_that_strong_students_fail_is_odd():
    held = {"x": [0] * 3 + [1] * 7, "y": [1] * 5 + [0] * 5, "z": [1] * 5 + [0] * 5}
    told = "3 students who pass every other check of the assignment fail only this."
    assert item("x", held).why == (told,)


def test_a_handful_of_a_large_class_make_no_check_odd():
    rest = [1] * 4 + [0, 1] * 48
    held = {"x": [0] * 3 + [1] * 97, "y": rest, "z": [1] * 4 + [1, 0] * 48}
    assert item("x", held).why == ()
    held = {name: row[:40] for name, row in held.items()}
    assert item("x", held).why != ()


def test_where_more_of_the_perfect_pass_it_it_is_just_hard():
    held = {"x": [0] * 3 + [1] * 7, "y": [1] * 10}
    assert item("x", held, visible=False).why == ()


def strong_and_weak():
    """Return outcomes of ten strong and twenty weak students on four checks."""
    weak, strong = [[1, 0, 0, 0], [0, 1, 0, 0]] * 10, [[1, 1, 1, 0], [1, 0, 1, 1]] * 5
    rest = np.array(strong + weak).T.tolist()
    return {f"rest {at}": row for at, row in enumerate(rest)}


UNFAIR, HARDER = [0] * 10 + [1] * 10 + [0] * 10, [1] * 9 + [0] * 21


def test_a_check_that_the_strongest_fail_as_often_as_the_others_is_odd():
    [why] = item("x", strong_and_weak() | {"x": UNFAIR}, visible=False).why
    assert why.startswith("10 of the 10 strongest students fail it")


def test_a_check_that_half_fail_after_passing_its_visible_tests_is_odd_unless_it_tells_well():
    held = {"x": [1, 0] * 5, "y": [1] * 5 + [0] * 5, "z": [0] * 5 + [1] * 5}
    assert item("x", held).why == ("5 of 10 pass the visible tests of its cell and fail this one.",)
    assert item("x", held, visible=False).why == ()
    assert item("hard", FAIR | {"more": FAIR["hard"]}).why == ()


def test_a_check_that_half_never_get_to_is_odd():
    found = item("x", {"x": [NOT_REACHED] * 5 + [1] * 5, "y": [1] * 10})
    assert found.why == ("5 of 10 never get to it: their cell stops before.",)


def test_the_odd_stand_before_the_hardest():
    found = items(checks(strong_and_weak() | {"x": UNFAIR, "y": HARDER}, visible=False))
    shown = {one.check: one for one in found}
    assert shown["y"].difficulty < shown["x"].difficulty and not shown["y"].why
    assert found[0].check == "x"


def test_of_the_odd_the_graver_stand_first():
    found = items(checks({"x": [0, 1] * 10, "y": [1] * 18 + [0] * 2, "z": [0] * 20}))
    assert [one.check for one in found] == ["z", "x", "y"]
    assert found[0].gravity > found[1].gravity > found[2].gravity == 0


def test_the_most_frequent_hint_is_told_with_its_number():
    found = item("x", {"x": [1, "too large", "too small", "too large", NOT_REACHED]})
    assert (found.hint, found.hinted) == ("too large", 2)


def test_checks_of_one_name_in_two_assignments_are_two():
    both = [checks({"x": [1]}, "01_work"), checks({"x": [0]}, "02_work")]
    assert [one.assignment for one in items(pd.concat(both))] == ["02_work", "01_work"]


def test_the_rules_name_their_numbers():
    assert "from 20 students on" in RULES[1] and "at most 20%" in RULES[2]
