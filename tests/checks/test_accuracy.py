"""Predictions are counted with our labels, and a rival must be beaten without being weakened."""

import numpy as np
import pytest
from reported import LABELS, evidence, hint, judge

from grading.checks.accuracy import Accuracy
from grading.sandbox.evidence import parse


def right(share):
    """Return predictions of which a share is right."""
    predicted = LABELS.copy()
    wrong = round(len(LABELS) * (1 - share))
    predicted[:wrong] = (predicted[:wrong] + 1) % 10
    return predicted


def accuracy(predictions, at_least=0.8, **params):
    return evidence(
        value=predictions, kind="accuracy", at_least=at_least, **({"of": "digits"} | params)
    )


KEY = accuracy(LABELS)


@pytest.mark.parametrize(
    "predictions", [right(1.0), right(0.8), right(0.9).tolist(), right(0.9) * 1.0]
)
def test_accuracy_is_counted_with_our_labels(predictions):
    assert hint(KEY, accuracy(predictions)) == ""


def test_too_little_accuracy_is_told():
    assert hint(KEY, accuracy(right(0.78))) == "accuracy 78.0%, at least 80% wanted"


@pytest.mark.parametrize(
    "predictions", [LABELS[:-1], np.eye(50), LABELS[:, None], LABELS[None], 1.0, "all", [], [[1]]]
)
def test_one_class_an_image_is_wanted(predictions):
    wanted = "one class per image was wanted: an array of shape (50,)"
    assert hint(KEY, accuracy(predictions)) == wanted


def test_an_error_is_named():
    assert hint(KEY, accuracy(KeyError())) == "raised KeyError"


def test_a_student_sets_neither_threshold_nor_labels():
    assert hint(KEY, accuracy(right(0.1), at_least=0.0)) != ""
    assert hint(KEY, accuracy(LABELS, of="labels of my own")) == ""


def rivalry(predictions, rival, at_least=0.8, **params):
    return accuracy([predictions, rival], at_least, **({"rival": True} | params))


RIVALRY = rivalry(right(1.0), right(0.7))


@pytest.mark.parametrize(
    ("mine", "rival"), [(1.0, 0.7), (0.8, 0.7), (1.0, 0.98), (1.0, 0.68), (0.82, 0.68)]
)
def test_a_network_must_beat_its_rival(mine, rival):
    assert hint(RIVALRY, rivalry(right(mine), right(rival))) == ""


@pytest.mark.parametrize(
    ("mine", "rival", "why"),
    [
        (0.9, 0.9, "accuracy 90.0%, and 90.0% for the other network"),
        (0.9, 1.0, "accuracy 90.0%, and 100.0% for the other network"),
        (1.0, 0.66, "the other network is weaker than it should be: accuracy 66.0%"),
        (1.0, 0.0, "the other network is weaker than it should be: accuracy 0.0%"),
        (0.78, 0.7, "accuracy 78.0%, at least 80% wanted"),
    ],
)
def test_a_rival_is_neither_weakened_nor_better(mine, rival, why):
    assert hint(RIVALRY, rivalry(right(mine), right(rival))) == why


@pytest.mark.parametrize("value", [[LABELS, "none"], ["none", LABELS], ["none", "none"]])
def test_both_networks_must_predict(value):
    assert hint(RIVALRY, rivalry(*value)).startswith("one class per image was wanted")


@pytest.mark.parametrize("value", [LABELS, [LABELS], [LABELS] * 3, "both"])
def test_a_rivalry_needs_two_networks(value):
    assert hint(RIVALRY, accuracy(value)) == "the predictions of two networks were wanted"


def test_whether_there_is_a_rival_is_not_the_students_to_say():
    assert hint(RIVALRY, accuracy(LABELS)) != ""
    assert hint(KEY, rivalry(LABELS, right(0.7))) != ""


def test_a_data_set_without_labels_is_unfit():
    reason = "asks for the labels of 'letters'; there are those of 'digits'"
    assert Accuracy.unfit(parse(accuracy(LABELS, of="letters")), []) == reason
    assert Accuracy.unfit(parse(KEY), []) is None


@pytest.mark.parametrize(
    ("key", "got", "reached"),
    [
        (KEY, accuracy(right(0.9)), 0.9),
        (KEY, accuracy(right(0.7)), 0.7),
        (RIVALRY, rivalry(right(0.9), right(0.7)), 0.9),
        (KEY, accuracy(KeyError()), None),
        (RIVALRY, accuracy(LABELS), None),
    ],
)
def test_the_accuracy_that_was_reached_is_kept_whether_it_holds_or_not(key, got, reached):
    [outcome] = judge([key], [got])
    assert outcome.reached == reached
    assert outcome.wanted == (None if reached is None else 0.8)
