"""Speed is judged by CPU time taken outside, with the right results on both sides."""

import math
from dataclasses import replace

import pytest
from reported import encoded, evidence, hint, judge, stretches

from grading.checks.base import Timing
from grading.checks.speedup import Speedup, speed_ratio
from grading.sandbox.evidence import parse

RAW = evidence("s", 25.0, "speedup", at_least=20, rounds=3)
RUN = stretches()


def speed(key, student, got=RAW):
    return hint(RAW, got, Timing(key, student))


def test_an_honest_speed_up_holds():
    assert speed(stretches(), stretches()) == ""
    assert speed(stretches(), stretches(fast=0.05)) == ""


def test_too_little_speed_is_told_as_a_ratio():
    assert speed(stretches(), stretches(fast=0.1)) == "10.0 times faster, at least 20 wanted"


def test_a_student_does_not_set_the_ratio_that_is_wanted():
    assert speed(stretches(), stretches(fast=0.1), RAW | {"params": {"at_least": 1}}) != ""


def test_slowing_the_slow_side_down_wins_next_to_nothing():
    assert speed_ratio(Timing(stretches(), stretches(slow=100.0))) == pytest.approx(1.25 * 25)
    assert speed_ratio(Timing(stretches(), stretches(slow=1.2))) == pytest.approx(1.2 * 25)


def test_void_stretches_win_nothing():
    assert speed(stretches(), stretches(fast=math.inf)) == "0.0 times faster, at least 20 wanted"
    assert speed_ratio(Timing(stretches(), stretches(slow=math.inf))) == pytest.approx(1.25 * 25)


@pytest.mark.parametrize("pace", [0.25, 4.0])
def test_a_machine_of_another_speed_costs_and_brings_nothing(pace):
    same = stretches(slow=pace, fast=0.04 * pace, machine=pace)
    assert speed_ratio(Timing(stretches(), same)) == pytest.approx(25)
    slowed = stretches(slow=100.0, fast=0.04 * pace, machine=pace)
    assert speed_ratio(Timing(stretches(), slowed)) == pytest.approx(1.25 * 25)


@pytest.mark.parametrize(("place", "seconds"), [(0, 1e-9), (0, 9.0), (1, 9.0), (1, 1e-9)])
def test_the_median_forgives_one_odd_round_and_rewards_none(place, seconds):
    student = stretches()
    student[place] = replace(student[place], seconds=seconds)
    assert speed_ratio(Timing(stretches(), student)) == pytest.approx(25)


@pytest.mark.parametrize(
    ("values", "side"), [((6.0, 5.0), "slow"), ((5.0, 6.0), "fast"), ((6.0, 6.0), "slow")]
)
def test_both_sides_must_compute_what_ours_do(values, side):
    told = f"the {side} side computed something else: the number is off by 1"
    assert speed(stretches(), stretches(values=values)) == told


@pytest.mark.parametrize("place", range(6))
def test_every_round_must_compute_what_ours_does(place):
    student = stretches()
    student[place] = replace(student[place], value=encoded(6.0))
    assert "computed something else" in speed(stretches(), student)


def recorded(*values):
    """Return stretches of ours whose fast side was asked for more seeds than there are rounds."""
    more = [replace(RUN[1], round=n, seed=100 + n, value=encoded(v)) for n, v in enumerate(values)]
    return stretches() + more[3:]


def test_each_stretch_must_compute_what_ours_does_from_the_same_seed():
    student = stretches()
    student[1] = replace(student[1], seed=104, value=encoded(7.0))
    assert speed(recorded(5.0, 5.0, 5.0, 6.0, 7.0), student) == ""
    student[1] = replace(student[1], seed=103)
    assert "fast side computed something else" in speed(recorded(5.0, 5.0, 5.0, 6.0, 7.0), student)


def test_a_seed_of_one_side_is_none_of_the_other():
    student = stretches()
    student[0] = replace(student[0], seed=103)
    assert (
        speed(recorded(*[5.0] * 4), student) == "the timed stretches were not run as they should be"
    )


def test_a_seed_that_ours_was_not_asked_for_is_no_stretch():
    student = stretches()
    student[1] = replace(student[1], seed=99)
    assert speed(stretches(), student) == "the timed stretches were not run as they should be"


def test_seeds_that_only_ours_was_asked_for_are_no_rounds():
    ours = recorded(*[5.0] * 9)
    assert speed(ours, stretches()) == ""
    assert speed(ours, ours) == "the timed stretches were not run as they should be"


def test_a_result_that_cannot_be_read_is_no_result():
    student = stretches()
    student[3] = replace(student[3], value={"t": "float", "v": "much"})
    assert "fast side computed something else: what was reported could not" in speed(
        stretches(), student
    )


def test_results_may_differ_in_precision_and_a_little():
    assert speed(stretches(), stretches(values=(5.04, 5))) == ""
    assert "computed something else" in speed(stretches(), stretches(values=(5.1, 5.0)))


def test_an_error_is_named():
    failed = evidence("s", ValueError(), "speedup")
    assert speed(stretches(), stretches(rounds=1), failed) == "raised ValueError"


@pytest.mark.parametrize(
    "student",
    [
        [],
        stretches(rounds=2),
        stretches(rounds=4),
        stretches(name="other"),
        RUN[::-1],
        RUN[::2] + RUN[1::2],
        [RUN[1], RUN[0], *RUN[2:]],
        [*RUN[2:4], *RUN[:2], *RUN[4:]],
        RUN[:-1],
    ],
)
def test_stretches_that_are_not_ours_in_our_order_are_no_speed_up(student):
    assert speed(stretches(), student) == "the timed stretches were not run as they should be"


def test_the_stretches_of_another_check_count_for_nothing():
    other = stretches(fast=1.0, name="other", values=(1.0, 1.0))
    assert speed(stretches() + other, other + stretches()) == ""


def test_our_own_stretches_must_be_timed():
    reason = "was not timed: both sides must run, and start no process"
    ours = parse(RAW)
    assert Speedup.unfit(ours, []) == reason
    assert Speedup.unfit(ours, stretches(name="other")) == reason
    assert Speedup.unfit(ours, stretches(slow=math.inf)) == reason
    assert Speedup.unfit(ours, stretches()) is None


@pytest.mark.parametrize(
    ("student", "got", "reached"),
    [
        (stretches(), RAW, 25.0),
        (stretches(fast=0.1), RAW, 10.0),
        (stretches()[:-1], RAW, None),
        ([], RAW, None),
        (stretches(), evidence("s", ValueError(), "speedup", at_least=0), None),
    ],
)
def test_how_many_times_faster_it_was_is_kept_whether_it_holds_or_not(student, got, reached):
    [outcome] = judge([RAW], [got], Timing(stretches(), student))
    assert outcome.reached == reached
    assert outcome.wanted == (None if reached is None else 20)
