"""A network is judged by labels and seconds taken outside, under the names of its own seed."""

import math
from dataclasses import replace

import numpy as np
import pytest
from reported import LABELS, encoded, evidence, hint, judge

from grading.checks.base import Timing
from grading.checks.trained import Trained
from grading.inside.check import renaming
from grading.sandbox.clock import Stretch
from grading.sandbox.evidence import parse

SEED = 77
TRUTH = renaming(SEED)[LABELS]
LEAST = 0.8
NOT_RUN = "the timed stretches were not run as they should be"


def report(value=True, least=LEAST, **params):
    said = {"at_least": least, "within": 20, "of": "digits", "stretch": "net"} | params
    return evidence("net: 80 % or more", value, "trained", **said)


def right(share, truth=TRUTH):
    """Return predictions of which a share is right."""
    predicted = truth.copy()
    wrong = round(len(truth) * (1 - share))
    predicted[:wrong] = (predicted[:wrong] + 1) % 10
    return predicted


def stretch(predicted=TRUTH, parameters=500, seconds=10.0, machine=1.0, **more):
    value = encoded([predicted, parameters])
    return replace(Stretch("net", "trained", 0, SEED, seconds, machine, value), **more)


def told(*theirs, key=None, got=None):
    return hint(key or report(), got or report(), Timing([stretch()], list(theirs)))


@pytest.mark.parametrize("share", [1.0, 0.8, 0.9])
def test_accuracy_is_counted_under_the_names_of_the_seed(share):
    assert told(stretch(right(share))) == ""


def test_too_little_accuracy_is_told():
    assert told(stretch(right(0.78))) == "accuracy 78.0%, at least 80% wanted"


def test_a_network_that_was_trained_before_knows_none_of_the_names():
    assert np.mean(LABELS == TRUTH) < LEAST
    assert told(stretch(LABELS)).startswith("accuracy ")


def test_every_seed_has_names_of_its_own():
    names = {tuple(renaming(seed)) for seed in range(50)}
    assert len(names) == 50
    assert all(sorted(one) == list(range(10)) for one in names)


def test_more_seconds_than_there_are_fail_whatever_was_reached():
    assert told(stretch(seconds=25.0)) == ""
    assert told(stretch(seconds=26.0)) == "it took 26 CPU seconds, and there are 20"


def test_on_a_slower_machine_the_seconds_are_longer():
    assert told(stretch(seconds=40.0, machine=2.0)) == ""
    assert told(stretch(seconds=60.0, machine=2.0)) == "it took 30 CPU seconds, and there are 20"


def test_on_a_faster_machine_they_are_as_long_as_they_are():
    assert told(stretch(seconds=24.0, machine=0.5)) == ""


@pytest.mark.parametrize(
    "theirs",
    [
        [],
        [stretch(), stretch(round=1)],
        [stretch(side="fast")],
        [stretch(round=1)],
        [stretch(name="another")],
        [stretch(seed=SEED + 1)],
        [stretch(seconds=math.inf)],
    ],
)
def test_a_stretch_that_did_not_run_as_ours_is_refused(theirs):
    assert told(*theirs) == NOT_RUN


@pytest.mark.parametrize(
    "value",
    [
        encoded(TRUTH),
        encoded([TRUTH]),
        encoded([TRUTH, 0]),
        encoded([TRUTH, -5]),
        encoded([TRUTH, 1.5]),
        encoded([TRUTH, True]),
        encoded([TRUTH, 10**9]),
        {"t": "no kind"},
    ],
)
def test_predictions_and_a_number_of_parameters_are_wanted(value):
    wanted = "predictions and the number of parameters were wanted"
    assert told(stretch(value=value)) == wanted


def test_one_class_an_image_is_wanted():
    wanted = "one class per image was wanted: an array of shape (50,)"
    assert told(stretch(TRUTH[:-1])) == wanted


def test_an_error_is_named():
    assert told(stretch(), got=report(KeyError())) == "raised KeyError"


def test_a_student_sets_none_of_the_limits():
    generous = report(least=0.0, within=1000)
    assert told(stretch(right(0.5)), got=generous).startswith("accuracy")
    assert told(stretch(seconds=99.0), got=generous).startswith("it took")


def outcome(*theirs):
    (found,) = judge([report()], [report()], Timing([stretch()], list(theirs)))
    return found


def test_what_was_reached_and_what_it_took_are_kept():
    found = outcome(stretch(right(0.9), 1234, 7.654))
    assert (found.reached, found.wanted) == (0.9, LEAST)
    assert (found.seconds, found.parameters) == (7.65, 1234)


def test_they_are_kept_of_a_network_that_is_not_accurate_enough():
    assert outcome(stretch(right(0.5))).reached == 0.5


@pytest.mark.parametrize("theirs", [stretch(seconds=99.0), stretch(TRUTH[:-1]), stretch(round=3)])
def test_nothing_is_kept_of_what_was_not_trained_in_time(theirs):
    found = outcome(theirs)
    assert (found.reached, found.seconds, found.parameters) == (None, None, None)


@pytest.mark.parametrize("timed", [[], [stretch(seconds=math.inf)], [stretch(side="slow")]])
def test_a_training_of_ours_that_was_not_timed_is_refused(timed):
    assert "was not timed" in Trained.unfit(parse(report()), timed)


def test_labels_that_are_not_there_are_refused():
    assert "there are those of 'digits'" in Trained.unfit(parse(report(of="x")), [stretch()])
    assert Trained.unfit(parse(report()), [stretch()]) is None
