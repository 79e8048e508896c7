"""Which of what was reported counts for which check."""

import pytest
from reported import evidence, hint, judge


def test_a_right_value_holds():
    assert hint(evidence(), evidence()) == ""


def test_a_check_that_was_not_reached_does_not_hold():
    reached, missed = judge([evidence("a"), evidence("b")], [evidence("a")])
    assert reached.passed and not missed.passed
    assert missed.hint == "not reached: the cell stopped before this check"


@pytest.mark.parametrize("first", [1.0, 2.0])
def test_what_is_reported_twice_does_not_hold(first):
    (outcome,) = judge([evidence()], [evidence(value=first), evidence()])
    assert not outcome.passed and outcome.hint == "reported more than once"


def test_what_the_key_does_not_name_counts_for_nothing():
    assert len(judge([evidence("a")], [evidence("a"), evidence("bonus")])) == 1


def test_outcomes_stand_in_the_order_of_the_key():
    key = [evidence(name) for name in ("second", "first", "third")]
    assert [outcome.name for outcome in judge(key, key[::-1])] == ["second", "first", "third"]


@pytest.mark.parametrize("junk", [None, 3, "a", [], {"name": ["a"]}, {}])
def test_what_is_no_evidence_leaves_a_check_unreached(junk):
    (outcome,) = judge([evidence()], [junk])
    assert not outcome.passed and outcome.hint.startswith("not reached")


@pytest.mark.parametrize("change", [{"value": None}, {"params": []}, {"kind": 3}])
def test_malformed_evidence_does_not_hold(change):
    assert hint(evidence(), evidence() | change) == "what was reported could not be read"


@pytest.mark.parametrize("kind", ["accuracy", "distribution", "outcomes", "speedup", "anything"])
def test_evidence_of_another_kind_does_not_hold(kind):
    got = evidence(kind=kind, at_least=0.0, errors=[])
    assert hint(evidence(), got) == "what was reported is of another kind"
