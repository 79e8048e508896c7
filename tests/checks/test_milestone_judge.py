"""What each milestone of a framework is judged by, and what is said where it is not reached."""

import numpy as np
import pytest
from reported import contents

from grading.checks import networks
from grading.checks.labels import test_labels as labels_of
from grading.checks.milestones import LEAST, Framework, judge, try_framework
from grading.course.layout import Course
from grading.inside import check
from grading.sandbox.execute import CellRun, Run
from grading.sandbox.settings import Sandbox

ONE_OR_BOTH, BOTH = np.array([[9.0, 9.0]] * 2 + [[0.0, 0.0]] * 2), np.array([-4.5, -13.5, 0, 0])
XOR = [ONE_OR_BOTH, BOTH, np.array([[1.0, -1.0, 0, 0]]), np.array([-1.0])]
OR = [ONE_OR_BOTH, BOTH, np.array([[1.0, 0.0, 0, 0]]), np.array([0.0])]
LABELS = labels_of("digits")


@pytest.fixture(autouse=True)
def _weights_that_are_what_a_network_sees(monkeypatch):
    """Let MLP and CNN see what they report: how weights see is tried in `test_networks`."""
    for name in ("MLP", "CNN"):
        monkeypatch.setitem(networks.SHAPES, name, [LABELS.shape])
        monkeypatch.setitem(networks.SEES, name, lambda seen: seen)


def reported(*values):
    raw = [value if isinstance(value, dict) else check.encode(value) for value in values]
    evidence = [{"kind": "value", "name": "x", "value": one, "params": {}} for one in raw]
    return CellRun("ran", evidence=evidence)


def judged(*cells, begin=None, ended="complete"):
    framework = Framework("student-01")
    run = Run([begin or CellRun("ran"), *cells], ended=ended, message="It ran too long.")
    judge(framework, run)
    return framework


def with_right(count):
    predicted = (LABELS + 1) % 10
    predicted[:count] = LABELS[:count]
    return predicted


def test_the_course_asks_for_what_it_says():
    assert LEAST == {"XOR": 1.0, "MLP": 0.85, "CNN": 0.92}
    assert len(LABELS) == 2_000


@pytest.mark.parametrize(("right", "carried"), [(4, True), (3, False)])
def test_xor_must_be_right_in_every_case(right, carried):
    framework = judged(reported(XOR if carried else OR), CellRun("ran"), CellRun("ran"))
    assert framework.reached == {"XOR": right / 4}
    assert framework.carries("XOR") == carried


@pytest.mark.parametrize(("right", "carried"), [(1_700, True), (1_699, False)])
def test_the_mlp_must_know_seventeen_of_twenty_digits(right, carried):
    framework = judged(CellRun("ran"), reported([with_right(right)]), CellRun("ran"))
    assert framework.carries("MLP") == carried


@pytest.mark.parametrize(("right", "carried"), [(1_840, True), (1_839, False)])
def test_the_cnn_must_know_ninety_two_of_a_hundred_digits(right, carried):
    framework = judged(CellRun("ran"), CellRun("ran"), reported([with_right(right)]))
    assert framework.carries("CNN") == carried


def test_what_was_not_reached_is_not_carried():
    assert not any(map(Framework("student-01").carries, LEAST))


REASONS = [
    (CellRun("ran"), "no network was trained"),
    (reported(XOR, XOR), "no network was trained"),
    (CellRun("ran", evidence=[{"value": 1}]), "what was reported could not be read"),
    (CellRun("ran", evidence=["XOR"]), "what was reported could not be read"),
    (reported(check.encode_error(ZeroDivisionError("secret"))), "raised ZeroDivisionError"),
    (reported(check.encode_error(NotImplementedError())), "not written yet"),
    (reported("all right"), "the weights of a trained network were wanted"),
    (reported([0, 1, 1, 0]), "the weights of a trained network were wanted"),
    (reported(XOR[:3]), "the weights of a trained network were wanted"),
    (reported([*XOR, XOR[0]]), "the weights of a trained network were wanted"),
    (reported([*XOR, "and more"]), "the weights of a trained network were wanted"),
    (reported([*XOR[:3], XOR[3] * np.nan]), "the weights of a trained network were wanted"),
    (reported([XOR]), "the weights of a trained network were wanted"),
    (reported({"t": "unknown"}), "the weights of a trained network were wanted"),
]


@pytest.mark.parametrize(("cell", "reason"), REASONS)
def test_why_nothing_was_reached_is_told(cell, reason):
    framework = judged(cell, reported([LABELS]), reported([LABELS]))
    assert framework.reasons == {"XOR": reason}
    assert framework.remark == f"XOR: {reason}"
    assert framework.reached == {"MLP": 1.0, "CNN": 1.0}


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("ImportError", "raised ImportError"),
        ("NotImplementedError", "not written yet"),
        ("TheSecretIs42", "raised an error"),
        ("[/bold]", "raised an error"),
        ("=cmd()", "raised an error"),
    ],
)
def test_an_error_while_importing_is_told_by_the_name_that_python_gives_it(error, told):
    begin = CellRun("failed", error=error)
    framework = judged(CellRun("ran"), CellRun("ran"), CellRun("ran"), begin=begin)
    assert framework.remark == f"importing the modules: {told}"


def test_an_import_that_failed_does_not_hide_what_was_reached():
    begin = CellRun("failed", error="ImportError")
    framework = judged(reported(XOR), CellRun("ran"), CellRun("ran"), begin=begin)
    assert framework.carries("XOR")
    assert framework.remark == "MLP, CNN: importing the modules: raised ImportError"


def test_what_ran_before_a_run_was_ended_keeps_its_own_reason():
    cells = (CellRun("ran"), CellRun("stopped"), CellRun())
    framework = judged(*cells, ended="too slow")
    assert framework.reasons == {
        "XOR": "no network was trained",
        "MLP": "It ran too long.",
        "CNN": "It ran too long.",
    }


def test_what_was_reported_before_a_run_was_ended_counts():
    stopped = reported([LABELS])
    stopped.status = "stopped"
    assert judged(reported(XOR), stopped, CellRun(), ended="memory").carries("MLP")


def test_one_reason_for_all_is_told_once():
    assert judged(CellRun("ran"), CellRun("ran"), CellRun("ran")).remark == "no network was trained"


def test_each_reason_is_told_with_its_milestones():
    framework = judged(reported("x"), CellRun("ran"), CellRun("ran"))
    assert framework.remark == (
        "XOR: the weights of a trained network were wanted; MLP, CNN: no network was trained"
    )


def test_a_framework_without_all_modules_is_not_run_and_says_which(tmp_path, monkeypatch):
    def run(*_):
        raise AssertionError("it was run")

    monkeypatch.setattr("grading.checks.milestones.run_notebook", run)
    wanted = ["tensor", "layers", "losses"]
    modules = {"layers": ""}
    framework = try_framework(Course(tmp_path), "student-01", modules, wanted, Sandbox())
    assert framework.remark == "no submission of tensor, losses"
    assert framework.reached == {}


def test_a_framework_is_tried_on_its_own_modules_alone(tmp_path, monkeypatch):
    seen = {}

    def run(notebook, files, settings, salt):
        seen["module"] = contents(files.handout)["tinytorch/tensor.py"]
        seen["beside"] = contents(files.submission)
        seen["sources"] = [cell.source for cell in notebook.cells]
        return Run([CellRun("ran"), reported(XOR), CellRun("ran"), CellRun("ran")])

    monkeypatch.setattr(np, "savez_compressed", np.savez)
    monkeypatch.setattr("grading.checks.milestones.run_notebook", run)
    modules = {"tensor": "mine = 1\n"}
    framework = try_framework(Course(tmp_path), "student-01", modules, ["tensor"], Sandbox())
    assert (seen["module"], seen["beside"], len(seen["sources"])) == ("mine = 1\n", {}, 4)
    assert framework.carries("XOR")
