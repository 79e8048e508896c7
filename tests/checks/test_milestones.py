"""Frameworks are judged by what they predict, whatever else they say or do."""

from typing import Any

import numpy as np
import pytest

from datasets import digits
from grading.checks import networks
from grading.checks.milestones import Framework, judge
from grading.inside import check
from grading.sandbox.execute import CellRun, Run

LABELS = digits.load("test").labels


@pytest.fixture(autouse=True)
def _weights_that_are_what_a_network_sees(monkeypatch):
    """Let all networks see what they report: how weights see is tried in `test_networks`."""
    for name in networks.SEES:
        monkeypatch.setitem(networks.SHAPES, name, [(4,) if name == "XOR" else LABELS.shape])
        monkeypatch.setitem(networks.SEES, name, lambda seen: seen)


def cell(value: Any, name: str = "x") -> CellRun:
    evidence = {"kind": "value", "name": name, "value": check.encode(value), "params": {}}
    return CellRun("ran", evidence=[evidence])


def judged(xor: CellRun, mlp: CellRun, cnn: CellRun, ended: str = "complete") -> Framework:
    framework = Framework("student-01")
    run = Run([CellRun("ran"), xor, mlp, cnn], ended=ended, message="It ran too long.")
    judge(framework, run)
    return framework


def with_wrong(share: float) -> np.ndarray:
    predicted = LABELS.copy()
    wrong = round(len(predicted) * share)
    predicted[:wrong] = (predicted[:wrong] + 1) % 10
    return predicted


def test_a_framework_that_predicts_well_carries_all():
    framework = judged(
        cell([np.array([0, 1, 1, 0])]), cell([with_wrong(0.14)]), cell([with_wrong(0.05)])
    )
    assert framework.reached == pytest.approx({"XOR": 1.0, "MLP": 0.86, "CNN": 0.95})
    assert all(map(framework.carries, ("XOR", "MLP", "CNN")))
    assert framework.remark == ""


def test_what_falls_short_carries_nothing():
    framework = judged(
        cell([np.array([0, 1, 1, 1])]), cell([with_wrong(0.3)]), cell([with_wrong(0.09)])
    )
    assert not any(map(framework.carries, ("XOR", "MLP", "CNN")))
    assert framework.reached == pytest.approx({"XOR": 0.75, "MLP": 0.7, "CNN": 0.91})


@pytest.mark.parametrize(
    "odd", [None, "all right", {"share": 1.0}, [[0], [1], [1], [0]], [0, 1, 1], np.eye(4)]
)
def test_odd_predictions_reach_nothing(odd):
    framework = judged(cell(odd), cell(odd), cell(odd))
    assert framework.reached == {}
    assert "the weights of a trained network" in framework.remark


def test_a_run_that_was_ended_says_so():
    stopped = CellRun("stopped")
    framework = judged(cell([np.array([0, 1, 1, 0])]), stopped, CellRun(), ended="too slow")
    assert framework.carries("XOR")
    assert framework.remark == "MLP, CNN: It ran too long."


def test_claiming_twice_is_no_prediction():
    twice = cell([np.array([0, 1, 1, 0])])
    twice.evidence *= 2
    assert judged(twice, CellRun("ran"), CellRun("ran")).reached == {}
