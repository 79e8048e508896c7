"""Random numbers are compared by how they are spread."""

import numpy as np
import pytest
from reported import evidence, hint


def normal(shift=0.0, size=4000, seed=0):
    return np.random.default_rng(seed).normal(size=size) + shift


def distribution(values, tolerance=0.05):
    return evidence(value=values, kind="distribution", tolerance=tolerance)


KEY = distribution(normal())


def test_other_numbers_that_are_spread_alike_hold():
    assert hint(KEY, distribution(normal(size=3000, seed=1))) == ""
    assert hint(KEY, distribution(normal(seed=1).reshape(40, 100))) == ""


@pytest.mark.parametrize("shift", [0.5, -0.5])
def test_numbers_that_are_spread_differently_do_not_hold(shift):
    told = hint(KEY, distribution(normal(shift)))
    assert told == f"the numbers are spread differently: mean {shift:.1g}, deviation 1"


def test_our_own_evidence_says_how_different_the_spread_may_be():
    shifted = normal(0.5, seed=1)
    assert hint(distribution(normal(), tolerance=0.5), distribution(shifted)) == ""
    assert hint(distribution(normal(), tolerance=0.01), distribution(normal(0.1))) != ""
    assert hint(KEY, distribution(shifted, tolerance=0.5)) != ""


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        (np.zeros(3), "too few numbers were reported"),
        (normal(size=1999), "too few numbers were reported"),
        ([], "too few numbers were reported"),
        (["a"], "too few numbers were reported"),
        (np.full(4000, np.nan), "some numbers are NaN or infinite"),
        (np.append(normal(), np.inf), "some numbers are NaN or infinite"),
        (ValueError(), "raised ValueError"),
    ],
)
def test_odd_samples_do_not_hold(samples, why):
    assert hint(KEY, distribution(samples)) == why
