"""A value must equal ours as closely as our own evidence says."""

import numpy as np
import pytest
from reported import evidence, hint

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


@pytest.mark.parametrize("params", [{"rtol": 100.0}, {"atol": 100.0}])
def test_a_students_tolerance_counts_for_nothing(params):
    assert hint(evidence(), evidence(value=2.0, **params)) != ""


def test_a_student_cannot_leave_precision_open():
    double = evidence(value=ONES.astype("float64"), dtype=False)
    assert hint(evidence(value=ONES), double) != ""
