import numpy as np
import pytest

from grading.checks.base import Timing
from grading.checks.judge import judge_cell
from grading.checks.speedup import speed_ratio
from grading.inside.check import encode, encode_error
from grading.sandbox.clock import Stretch
from grading.sandbox.evidence import parse

NO_TIMING = Timing([], [])
LABELS = np.array([1, 2, 3, 4])


def evidence(name="a", value=1.0, kind="value", **params):
    raw = encode_error(value) if isinstance(value, Exception) else encode(value)
    return {"kind": kind, "name": name, "value": raw, "params": params}


def judge(key, reported, timing=NO_TIMING):
    keys = {raw["name"]: parse(raw) for raw in key}
    return judge_cell(keys, reported, timing, lambda name: LABELS)


def hint(key, got, timing=NO_TIMING):
    (outcome,) = judge([key], [got], timing)
    assert outcome.passed == (outcome.hint == "")
    return outcome.hint


def test_a_right_value_holds():
    assert hint(evidence(), evidence()) == ""


def test_a_check_that_was_not_reached_does_not_hold():
    outcomes = judge([evidence("a"), evidence("b")], [evidence("a")])
    assert [outcome.passed for outcome in outcomes] == [True, False]


def test_what_is_reported_twice_does_not_hold():
    (outcome,) = judge([evidence()], [evidence(), evidence()])
    assert not outcome.passed and "more than once" in outcome.hint


def test_what_the_key_does_not_name_counts_for_nothing():
    assert len(judge([evidence("a")], [evidence("a"), evidence("bonus")])) == 1


@pytest.mark.parametrize("junk", [None, 3, "a", [], {"name": "a"}, {"name": ["a"]}, {}])
def test_junk_is_no_evidence(junk):
    (outcome,) = judge([evidence()], [junk])
    assert not outcome.passed


def test_evidence_of_another_kind_does_not_hold():
    assert "another kind" in hint(evidence(), evidence(kind="accuracy", at_least=0.0))


def test_tolerances_come_from_the_key_alone():
    assert hint(evidence(value=1.0), evidence(value=2.0, rtol=100.0, atol=100.0)) != ""


def outcomes_value(*items):
    raw = [encode_error(item) if isinstance(item, Exception) else encode(item) for item in items]
    return {"t": "list", "v": raw}


def outcomes(*items):
    return evidence(kind="outcomes", errors=["ValueError", "TypeError"]) | {
        "value": outcomes_value(*items)
    }


def test_outcomes_hold_when_values_and_errors_are_where_they_should_be():
    assert hint(outcomes(1.0, ValueError()), outcomes(1.0, TypeError())) == ""


@pytest.mark.parametrize(
    "answer",
    [
        (ValueError(), ValueError()),
        (1.0, 1.0),
        (1.0, KeyError()),
        (2.0, ValueError()),
        (1.0,),
        (1.0, ValueError(), 1.0),
    ],
)
def test_outcomes_fail_as_a_whole(answer):
    assert hint(outcomes(1.0, ValueError()), outcomes(*answer)) != ""


def normal(shift, size=4000):
    return np.random.default_rng(0).normal(size=size) + shift


def distribution(values):
    return evidence(value=values, kind="distribution", tolerance=0.05)


def test_distributions_are_compared_as_such():
    other = np.random.default_rng(1).normal(size=3000)
    assert hint(distribution(normal(0)), distribution(other)) == ""
    assert "spread differently" in hint(distribution(normal(0)), distribution(normal(0.5)))


@pytest.mark.parametrize("samples", [np.zeros(3), np.full(4000, np.nan), ["a"], ValueError()])
def test_odd_samples_do_not_hold(samples):
    assert hint(distribution(normal(0)), distribution(samples)) != ""


def accuracy(predictions):
    return evidence(value=predictions, kind="accuracy", at_least=0.75, of="digits")


@pytest.mark.parametrize("right", [[1, 2, 3, 4], np.array([1, 2, 3, 9]), [1.0, 2.0, 3.0, 0.0]])
def test_accuracy_is_counted_with_our_labels(right):
    assert hint(accuracy(LABELS), accuracy(right)) == ""


@pytest.mark.parametrize("wrong", [[1, 2, 9, 9], [1, 2, 3], np.eye(4), 1.0, ValueError()])
def test_too_little_accuracy_does_not_hold(wrong):
    assert hint(accuracy(LABELS), accuracy(wrong)) != ""


def rivalry(predictions, rival):
    return evidence(
        value=[predictions, rival], kind="accuracy", at_least=0.75, of="digits", rival=True
    )


HALF, ALL_WRONG = [1, 2, 9, 9], [9, 9, 9, 9]
MOST = [1, 2, 3, 9]


@pytest.mark.parametrize(("mine", "rival"), [(LABELS, HALF), (LABELS, MOST), (MOST, HALF)])
def test_a_network_must_beat_its_rival(mine, rival):
    assert hint(rivalry(LABELS, HALF), rivalry(mine, rival)) == ""


@pytest.mark.parametrize(
    ("mine", "rival", "why"),
    [
        (MOST, MOST, "for the other network"),
        (MOST, LABELS, "for the other network"),
        (LABELS, ALL_WRONG, "weaker than it should be"),
        (LABELS, "none", "one class per image"),
        (HALF, HALF, "for the other network"),
    ],
)
def test_a_rival_cannot_be_weakened(mine, rival, why):
    assert why in hint(rivalry(LABELS, HALF), rivalry(mine, rival))


def test_a_rivalry_needs_both():
    assert "two networks" in hint(rivalry(LABELS, HALF), accuracy(LABELS))


def run(slow=1.0, fast=0.04, rounds=3, machine=1.0, value=5.0, name="s"):
    return [
        Stretch(name, side, r, seconds, machine, encode(value))
        for r in range(rounds)
        for side, seconds in (("slow", slow), ("fast", fast))
    ]


def speed(key, student):
    raw = evidence("s", 1.0, "speedup", at_least=20, rounds=3)
    return hint(raw, raw, Timing(key, student))


def test_an_honest_speed_up_holds():
    assert speed(run(), run()) == ""


def test_too_little_speed_is_told_as_a_ratio():
    assert speed(run(), run(fast=0.1)) == "10.0 times faster, at least 20 wanted"


def test_slowing_the_slow_side_down_wins_nothing():
    assert speed_ratio(Timing(run(), run(slow=100.0, fast=0.1))) <= 12.5


def test_a_machine_that_became_slower_costs_nothing():
    assert speed(run(), run(slow=3.0, fast=0.12, machine=3.0)) == ""


def test_the_median_forgives_one_bad_round():
    student = run()
    student[1] = Stretch("s", "fast", 0, 9.0, 1.0, encode(5.0))
    assert speed(run(), student) == ""


def test_another_result_is_no_speed_up():
    assert "computed something else" in speed(run(), run(value=6.0))


@pytest.mark.parametrize("student", [[], run(rounds=2), run(name="other"), run()[::-1]])
def test_stretches_that_do_not_match_are_no_speed_up(student):
    assert "not run as they should" in speed(run(), student)
