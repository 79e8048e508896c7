"""A value must equal ours as closely as our own evidence says."""

import numpy as np
import pytest
from reported import evidence, hint

from grading.checks.value import Value
from grading.sandbox.evidence import parse

ONES = np.ones(3, dtype="float32")


def test_without_a_tolerance_given_the_usual_ones_are_used():
    assert hint(evidence(), evidence(value=1.00005)) == ""
    assert hint(evidence(), evidence(value=1.001)) != ""


def test_our_own_evidence_says_how_far_a_value_may_be_off():
    assert hint(evidence(rtol=0.1), evidence(value=1.05)) == ""
    assert hint(evidence(rtol=0.0, atol=0.1), evidence(value=1.05)) == ""
    assert hint(evidence(rtol=0.0, atol=1e-6), evidence(value=1.00005)) != ""
    assert hint(evidence(value=1e6, rtol=0.0, atol=0.1), evidence(value=1e6 + 10)) != ""


def test_our_own_evidence_says_whether_precision_is_left_open():
    double = evidence(value=ONES.astype("float64"))
    assert hint(evidence(value=ONES, dtype=False), double) == ""
    assert hint(evidence(value=ONES), double) == "got dtype float64, wanted float32"


CASES = evidence(value={"a row": ONES, "a number": 1.0, "none": ValueError()}, cases=True)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"a row": ONES, "none": ValueError(), "a number": 1}, ""),
        ({"a row": ONES[:2], "a number": 1.0, "none": ValueError()}, "a row: got shape (2,), "),
        ({"a row": ONES, "a number": 3.0, "none": ValueError()}, "a number: the number is off"),
        ({"a row": ONES, "a number": KeyError(), "none": ValueError()}, "a number: raised KeyE"),
        ({"a row": ONES, "a number": 1.0, "none": 1.0}, "none: got a number where an error was"),
        ({"a row": ONES, "a number": 1.0}, "not every case was answered"),
        ({"a row": ONES, "a number": 1.0, "secret": 1.0}, "not every case was answered"),
        ([ONES, 1.0, 2.0], "not every case was answered"),
        (1.0, "not every case was answered"),
    ],
)
def test_of_cases_the_first_that_differs_is_named_as_we_name_it(answer, why):
    told = hint(CASES, evidence(value=answer, cases=False))
    assert told.startswith(why) and bool(told) == bool(why)


def test_of_an_ordinary_dictionary_the_entry_that_differs_is_named_for_both_have_it():
    key = evidence(value={"a": 1.0, "b": 1.0})
    assert hint(key, evidence(value={"a": 1.0, "b": 2.0})) == "b: the number is off by 1"
    assert "keys" in hint(key, evidence(value={"a": 1.0, "c": 2.0}, cases=True))


@pytest.mark.parametrize("names", [map(str, range(65)), ["a: b"]])
def test_names_that_no_hint_may_tell_are_unfit(names):
    ours = evidence(value=dict.fromkeys(names, 1.0))
    assert "64 names" in Value.unfit(parse(ours), [])
    assert Value.unfit(parse(evidence(value={"a": 1.0})), []) is None


@pytest.mark.parametrize("params", [{"rtol": 100.0}, {"atol": 100.0}])
def test_a_students_tolerance_counts_for_nothing(params):
    assert hint(evidence(), evidence(value=2.0, **params)) != ""


def test_a_student_cannot_leave_precision_open():
    double = evidence(value=ONES.astype("float64"), dtype=False)
    assert hint(evidence(value=ONES), double) != ""
