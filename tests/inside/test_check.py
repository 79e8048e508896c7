"""What the module inside the sandbox reports, and that it takes time and seeds from outside."""

import ast
import contextlib
import os
import socket
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from grading.inside import check as module
from grading.inside.check import EVIDENCE_MIME, MAX_DEPTH, encode, encode_error
from grading.sandbox import processes
from grading.sandbox.clock import RECORDED, Clock
from grading.sandbox.evidence import parse, parse_value
from grading.sandbox.processes import Usage


@pytest.fixture
def check():
    return module.Check()


@pytest.fixture
def shown(monkeypatch):
    """Return everything that is displayed, as (data, options)."""
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **more: shown.append((data, more)))
    return shown


@pytest.fixture
def reported(shown):
    """Return the evidence that is displayed, read as it is read outside."""
    return lambda: [parse(data[EVIDENCE_MIME]) for data, _ in shown]


def test_a_check_displays_evidence_and_a_text_that_tells_no_value(check, shown):
    check("the sum", lambda: 42)
    ((data, options),) = shown
    assert options == {"raw": True}
    assert data.pop("text/plain") == "check: the sum" and list(data) == [EVIDENCE_MIME]


def test_a_value_is_reported_with_its_tolerance(check, reported):
    check("the sum", lambda: 1.5, rtol=0.1, atol=0.2, dtype=False)
    (evidence,) = reported()
    assert (evidence.kind, evidence.name, evidence.value.scalar) == ("value", "the sum", 1.5)
    assert evidence.params == {"rtol": 0.1, "atol": 0.2, "dtype": False}


def test_a_value_must_be_equal_in_precision_too_unless_it_is_said(check, reported):
    check("the sum", 1)
    assert reported()[0].params == {"rtol": 1e-4, "atol": 1e-6, "dtype": True}


def fail(*_):
    raise ZeroDivisionError("a secret")


def test_an_error_is_reported_by_its_types_without_its_message(check, shown, reported):
    check("the sum", fail)
    types = ("ZeroDivisionError", "ArithmeticError", "Exception", "BaseException")
    assert reported()[0].value.types == types and "secret" not in str(shown)


def test_each_case_is_reported_by_its_name_with_what_it_returns_or_raises(check, reported):
    check("the sum", {"of two": lambda: 42, "of none": fail, "given": 1}, rtol=0.1)
    (evidence,) = reported()
    assert evidence.value.keys == ("of two", "of none", "given")
    assert [case.kind for case in evidence.value.items] == ["number", "error", "number"]
    assert evidence.params == {"rtol": 0.1, "atol": 1e-6, "dtype": True, "cases": True}


def test_a_function_is_called_with_each_case(check, reported):
    check("the quotient", lambda x, y: x / y, cases={"of two": (6, 2), "by none": (1, 0)})
    (evidence,) = reported()
    assert evidence.value.keys == ("of two", "by none") and evidence.params["cases"] is True
    two, none = evidence.value.items
    assert two.scalar == 3 and none.types[0] == "ZeroDivisionError"


@pytest.mark.parametrize(
    ("cases", "names"), [({"two": (2,), "none": (0,)}, ["two", "none"]), ([(2,), (0,)], [])]
)
def test_cases_that_may_raise_are_reported_with_their_names(check, reported, cases, names):
    check.outcomes("the quotient", lambda x: 2 / x, cases)
    (evidence,) = reported()
    assert [case.kind for case in evidence.value.items] == ["number", "error"]
    assert evidence.params.get("cases", []) == names


class Dispatch:
    """What stands for the class Function: operations on anything that has `data`."""

    recorder = None


class Plus:
    def forward(self, a, b):
        return a + b


class Times:
    def forward(self, a, b):
        return a * b


def number(data):
    return SimpleNamespace(data=data)


def dispatched(operation, *operands):
    out = number(operation.forward(*[one.data for one in operands]))
    if Dispatch.recorder is not None:
        Dispatch.recorder.record(operation, operands, out)
    return out


@pytest.mark.parametrize(
    ("compute", "again"),
    [
        (lambda a, b: dispatched(Plus(), a, b), 50),
        (lambda a, b: dispatched(Times(), dispatched(Plus(), a, b), a), 1000),
        (lambda a, b: dispatched(Plus(), a, number(100)), 120),
        (lambda a, b: a, 20),
        (lambda a, b: number(a.data + b.data), 5),
        (lambda a, b: dispatched(Plus(), number(a.data), b), 32),
        (lambda a, b: dispatched(Plus(), a, number(b.data + 1)), 24),
    ],
)
def test_what_was_recorded_runs_again_on_other_inputs(check, compute, again):
    assert check.recorded(Dispatch, compute, [number(2), number(3)], [20, 30]) == again
    assert Dispatch.recorder is None


def test_operations_that_are_none_of_those_named_do_not_run_again(check):
    def compute(a):
        return dispatched(Times(), dispatched(Plus(), a, a), a)

    inputs, others = [number(2)], [20]
    assert check.recorded(Dispatch, compute, inputs, others, (Plus, Times)) == 800
    assert check.recorded(Dispatch, compute, inputs, others, (Times,)) == 80
    assert check.recorded(Dispatch, compute, inputs, others, (Plus,)) == 8


def test_a_recorder_that_was_there_is_put_back_also_after_an_error(check, monkeypatch):
    before = object()
    monkeypatch.setattr(Dispatch, "recorder", before)
    with pytest.raises(ZeroDivisionError):
        check.recorded(Dispatch, fail, [number(2)], [20])
    assert Dispatch.recorder is before


class Unreadable:
    """Something whose data cannot be had."""

    @property
    def data(self):
        raise KeyError("a secret")


def test_a_value_that_cannot_be_read_is_reported_as_the_error_of_reading_it(check, reported):
    check("the sum", lambda: [Unreadable()])
    assert reported()[0].value.types[0] == "KeyError"


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_check_reports_nothing(check, shown, ending):
    def end():
        raise ending

    with pytest.raises(ending):
        check("the sum", end)
    assert shown == []


def test_outcomes_hold_a_value_or_an_error_for_each_case_in_order(check, reported):
    cases = [(1, 2), (1, 0), (6, 3)]
    check.outcomes("the ratio", lambda a, b: a / b, cases, errors=(ZeroDivisionError, KeyError))
    (evidence,) = reported()
    assert [item.kind for item in evidence.value.items] == ["number", "error", "number"]
    assert evidence.value.items[2].scalar == 2.0 and evidence.kind == "outcomes"
    assert evidence.params["errors"] == ["ZeroDivisionError", "KeyError"]


def test_outcomes_are_compared_with_tolerance_in_any_precision(check, reported):
    check.outcomes("the ratio", abs, [(1,)], rtol=0.1, atol=0.2)
    wanted = {"rtol": 0.1, "atol": 0.2, "dtype": False, "errors": ["ValueError"]}
    assert reported()[0].params == wanted


def test_a_distribution_is_reported_with_its_tolerance(check, reported):
    check.distribution("the noise", lambda: np.arange(3.0), tolerance=0.2)
    (evidence,) = reported()
    assert (evidence.kind, evidence.params) == ("distribution", {"tolerance": 0.2})
    assert evidence.value.array.tolist() == [0.0, 1.0, 2.0]


def test_predictions_are_reported_without_a_rival(check, reported):
    check.accuracy("the digits", lambda: np.array([1, 2]), at_least=0.9, of="letters")
    (evidence,) = reported()
    assert (evidence.kind, evidence.value.array.tolist()) == ("accuracy", [1, 2])
    assert evidence.params == {"at_least": 0.9, "of": "letters"}


def test_predictions_are_reported_with_a_rivals(check, reported):
    check.accuracy("the digits", lambda: 1, at_least=0.9, better_than=lambda: 2)
    (evidence,) = reported()
    assert [item.scalar for item in evidence.value.items] == [1, 2]
    assert evidence.params == {"at_least": 0.9, "of": "digits", "rival": True}


@pytest.fixture
def outside(monkeypatch):
    """Serve a real clock in a thread, for checks that are made in this process."""
    monkeypatch.setattr(processes, "usage", lambda pid: Usage(1.0, 0, 1))
    monkeypatch.setattr(processes, "family", lambda pid: [pid])
    clock = Clock("the salt", lambda: 1)
    clock.outside.setblocking(True)

    def serve():
        while not clock.closed:
            clock.serve()

    thread = threading.Thread(target=serve)
    thread.start()
    inside = os.dup(clock.inside.fileno())
    clock.inside.close()
    monkeypatch.setenv("CHECK_CLOCK_FD", str(inside))
    yield clock
    with contextlib.suppress(OSError):
        clock.outside.shutdown(socket.SHUT_RDWR)
    thread.join()


def measure(check, slow, fast, **options):
    check.speedup("the loop", slow=slow, fast=fast, at_least=3, **options)


def test_both_sides_are_timed_outside_in_turn_with_seeds_from_there(check, outside, shown):
    given = {"slow": [], "fast": []}

    def side(name):
        return lambda seed: given[name].append(seed) or seed

    measure(check, side("slow"), side("fast"), rounds=3)
    places = [(stretch.name, stretch.side, stretch.round) for stretch in outside.stretches]
    assert places == [("the loop", side, n) for n in range(3) for side in ("slow", "fast")]
    for side in given:
        assert given[side] == [one.seed for one in outside.stretches if one.side == side]


def test_what_a_side_computed_is_handed_over_with_its_stretch(check, outside, shown):
    measure(check, lambda seed: [seed, 1], lambda seed: seed / 2, rounds=1)
    slow, fast = (parse_value(stretch.value) for stretch in outside.stretches)
    of_slow, of_fast = (stretch.seed for stretch in outside.stretches)
    assert [item.scalar for item in slow.items] == [of_slow, 1]
    assert fast.scalar == of_fast / 2


def test_there_are_five_rounds_unless_it_is_said(check, outside, reported):
    measure(check, lambda seed: 1, lambda seed: 1)
    assert len(outside.stretches) == 10
    assert reported()[0].params == {"at_least": 3, "rounds": 5}


def test_where_results_are_recorded_the_fast_side_alone_goes_on_after_the_rounds(
    check, outside, monkeypatch, shown
):
    monkeypatch.setattr(outside, "_records", True)
    measure(check, lambda seed: 1, lambda seed: 1, rounds=2)
    places = [(stretch.side, stretch.round) for stretch in outside.stretches]
    in_turn = [(side, n) for n in range(2) for side in ("slow", "fast")]
    assert places == [*in_turn, *(("fast", n) for n in range(2, RECORDED))]


def test_a_side_that_fails_is_reported_and_ends_the_rounds(check, outside, reported):
    measure(check, lambda seed: 1, fail)
    assert len(outside.stretches) == 2
    assert reported()[0].kind == "speedup"
    assert reported()[0].value.types[0] == "ZeroDivisionError"


def test_two_speedups_share_one_channel(check, outside, shown):
    check.speedup("first", slow=lambda seed: 1, fast=lambda seed: 1, at_least=1, rounds=1)
    channel = check._clock
    check.speedup("second", slow=lambda seed: 1, fast=lambda seed: 1, at_least=1, rounds=1)
    assert check._clock is channel and len(outside.stretches) == 4


def test_without_a_channel_seeds_are_drawn_and_the_ratio_is_measured_here(
    check, reported, monkeypatch
):
    monkeypatch.delenv("CHECK_CLOCK_FD", raising=False)
    now, seeds = SimpleNamespace(seconds=0.0), []

    def work(seconds):
        def side(seed):
            now.seconds += seconds
            seeds.append(seed)

        return side

    monkeypatch.setattr(module, "time", SimpleNamespace(process_time=lambda: now.seconds))
    measure(check, work(6.0), work(2.0))
    assert reported()[0].value.scalar == pytest.approx(3.0)
    assert len(set(seeds)) == 10


def test_one_slow_round_does_not_decide_the_ratio(check, reported, monkeypatch):
    monkeypatch.delenv("CHECK_CLOCK_FD", raising=False)
    now = SimpleNamespace(seconds=0.0)
    times = iter([6.0, 2.0, 6.0, 2.0, 600.0, 200.0, 6.0, 2.0, 6.0, 200.0])

    def side(seed):
        now.seconds += next(times)

    monkeypatch.setattr(module, "time", SimpleNamespace(process_time=lambda: now.seconds))
    measure(check, side, side)
    assert reported()[0].value.scalar == pytest.approx(3.0)


def numbers(check, label):
    return check.rng(label).integers(1 << 62, size=4).tolist()


def test_hidden_inputs_repeat(check, monkeypatch):
    monkeypatch.setenv("CHECK_SALT", "salted")
    assert numbers(check, "add") == numbers(check, "add")


def test_hidden_inputs_depend_on_their_label(check, monkeypatch):
    monkeypatch.setenv("CHECK_SALT", "salted")
    assert numbers(check, "add") != numbers(check, "mul")


def test_hidden_inputs_depend_on_the_salt(check, monkeypatch):
    monkeypatch.setenv("CHECK_SALT", "salted")
    first = numbers(check, "add")
    monkeypatch.setenv("CHECK_SALT", "peppered")
    assert numbers(check, "add") != first


def test_images_are_read_as_numbers_from_zero_to_one(check, monkeypatch, tmp_path):
    np.save(tmp_path / "letters-test-images.npy", np.array([0, 51, 255], dtype=np.uint8))
    monkeypatch.setenv("CHECK_DATA", str(tmp_path))
    images = check.images("letters")
    assert images.dtype == np.float32 and images.tolist() == pytest.approx([0.0, 0.2, 1.0])


def test_without_images_the_command_that_shows_them_is_named(check, monkeypatch):
    monkeypatch.delenv("CHECK_DATA", raising=False)
    with pytest.raises(RuntimeError, match="make lab"):
        check.images()


class Wrapped:
    """Something with `data`, as tensors have."""

    def __init__(self, data):
        self.data = data


class Count(int):
    """An integer of a student's own."""


ENCODED = {
    "true": (True, {"t": "bool", "v": True}),
    "none": (None, {"t": "none"}),
    "an integer": (-7, {"t": "int", "v": "-7"}),
    "a number": (0.5, {"t": "float", "v": "0x1.0000000000000p-1"}),
    "a text": ("x", {"t": "str", "v": "x"}),
    "a tuple": ((1,), {"t": "list", "v": [{"t": "int", "v": "1"}]}),
    "a mapping": ({1: None}, {"t": "dict", "v": [["1", {"t": "none"}]]}),
    "a huge integer": (1 << 256, {"t": "unknown"}),
    "an integer of ones own": (Count(3), {"t": "unknown", "type": "Count"}),
    "an object": (fail, {"t": "unknown", "type": "function"}),
    "an array of texts": (np.array(["a"]), {"t": "unknown", "type": "array (str32)"}),
}


@pytest.mark.parametrize(("value", "data"), ENCODED.values(), ids=ENCODED.keys())
def test_it_is_encoded_as_data(value, data):
    assert encode(value) == data


@pytest.mark.parametrize("made", [np.asfortranarray, lambda a: a.astype(">f8"), lambda a: a[::-1]])
def test_an_array_is_encoded_alike_however_it_lies_in_memory(made):
    array = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(parse_value(encode(made(array))).array, made(array))


def test_a_tensor_is_told_from_its_array():
    data = np.ones(2, dtype="float32")
    assert encode(Wrapped(data)) == {"t": "tensor", "v": encode(data)}
    assert encode(Wrapped([1.0]))["t"] == "unknown"


def test_an_array_of_more_than_four_million_bytes_is_not_carried():
    assert encode(np.zeros(4_000_000, dtype="int8"))["t"] == "array"
    assert encode(np.zeros(4_000_001, dtype="int8")) == {
        "t": "unknown",
        "type": "array (too large)",
    }


def test_text_lists_and_mappings_are_cut():
    assert len(encode("x" * 3000)["v"]) == len(encode([0] * 3000)["v"]) == 2000
    mapping = encode({"k" * 300 + str(number): 0 for number in range(3000)})["v"]
    assert len(mapping) == 2000 and len(mapping[0][0]) == 200


def test_nesting_ends():
    value = endless = []
    endless.append(value)
    data, depth = encode(endless), 0
    while data["t"] == "list":
        (data,), depth = data["v"], depth + 1
    assert depth == MAX_DEPTH + 1 and data == {"t": "unknown", "type": "too deep"}


def test_an_error_is_named_with_twelve_bases_at_most():
    kind = ValueError
    for number in range(20):
        kind = type(f"{'E' * 100}{number}", (kind,), {})
    types = encode_error(kind())["types"]
    assert len(types) == 12 and all(len(name) <= 80 for name in types)


def test_the_module_inside_needs_nothing_else_of_the_graders():
    tree = ast.parse(Path(module.__file__).read_text())
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert not any(
        name.split(".")[0] in ("grading", "datasets", "tinytorch_ref") for name in imported
    )
    assert all(node.level == 0 for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
