"""Every kind of check is one class: nothing outside of it knows what kinds there are."""

import inspect
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from reported import LABELS, evidence, hint, outcomes, stretches

from grading.checks import answer_key, judge
from grading.checks.answer_key import AnswerKey, evidence_by_cell
from grading.checks.base import KindOfCheck, Timing
from grading.checks.kinds import KINDS, guide_table
from grading.course.errors import BadSolution
from grading.grades.graded import judge_notebook, judge_run
from grading.inside.check import EVIDENCE_MIME, Check, encode, renaming
from grading.sandbox.clock import Stretch
from grading.sandbox.evidence import parse

GUIDE = Path(__file__).resolve().parents[2] / "CONTRIBUTING.md"
HELPERS = {
    "rng": ("digits",),
    "images": ("digits",),
    "recorded": (SimpleNamespace(recorder=None), lambda x: x, [SimpleNamespace(data=1)], [2]),
}
ARGUMENTS = {
    "value": lambda: 1.0,
    "function": lambda x: x,
    "cases": [(1.0,)],
    "samples": [1.0],
    "predictions": [1],
    "at_least": 1.0,
    "within": 20,
    "train": lambda seed, names: (names, 5),
    "slow": lambda seed: seed,
    "fast": lambda seed: seed,
}


def reporting_methods():
    """Return what hidden tests can call that reports evidence."""
    public = {name for name in vars(Check) if not name.startswith("_")} | {"__call__"}
    return {name: getattr(Check, name) for name in public - HELPERS.keys()}


@pytest.fixture
def displayed(monkeypatch):
    """Return the evidence that is reported, as the sandbox would hand it out."""
    found = []
    monkeypatch.delenv("CHECK_CLOCK_FD", raising=False)
    monkeypatch.setattr(
        "IPython.display.display", lambda data, raw: found.append(data[EVIDENCE_MIME])
    )
    return found


def call(method):
    """Call a method of a check with what it asks for."""
    wanted = [
        parameter
        for name, parameter in inspect.signature(method).parameters.items()
        if name not in ("self", "name") and parameter.default is parameter.empty
    ]
    several = "Iterable" in str(inspect.signature(method).parameters.get("at_least"))
    known = ARGUMENTS | ({"at_least": [1.0]} if several else {})
    named = {p.name: known[p.name] for p in wanted if p.kind is p.KEYWORD_ONLY}
    method(Check(), "a", *(ARGUMENTS[p.name] for p in wanted if p.name not in named), **named)


def unpaired():
    """Return the names of what is a call without a kind, or a kind without a call of its own."""
    calls = Counter(method.__qualname__ for method in reporting_methods().values())
    kinds = Counter(kind.report.__qualname__ for kind in KINDS.values())
    return set((calls - kinds) + (kinds - calls))


def test_every_call_that_reports_belongs_to_exactly_one_kind():
    assert unpaired() == set()


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_a_kind_is_called_inside_is_what_it_is_called_outside(kind, displayed):
    call(kind.report)
    assert [raw["kind"] for raw in displayed] == [kind.kind]
    assert KINDS[kind.kind] is kind
    parse(displayed[0])


@pytest.mark.parametrize("helper", sorted(HELPERS))
def test_what_belongs_to_no_kind_reports_nothing(helper, displayed, tmp_path, monkeypatch):
    np.save(tmp_path / "digits-test-images.npy", np.zeros((1, 1, 28, 28), np.uint8))
    monkeypatch.setenv("CHECK_DATA", str(tmp_path))
    getattr(Check(), helper)(*HELPERS[helper])
    assert displayed == []


EXAMPLES = {
    "value": (evidence(), evidence(value=2.0)),
    "outcomes": (outcomes(1.0, ValueError()), outcomes(1.0, 1.0)),
    "distribution": (
        evidence(value=[0.0, 1.0], kind="distribution"),
        evidence(value=[5.0, 6.0], kind="distribution"),
    ),
    "accuracy": tuple(
        evidence(value=predicted, kind="accuracy", at_least=1.0, of="digits")
        for predicted in (LABELS, LABELS[::-1])
    ),
    "speedup": (
        evidence("s", 1.0, "speedup", at_least=20),
        evidence("s", ValueError(), "speedup", at_least=20),
    ),
    "trained": tuple(
        evidence("t", value, "trained", at_least=0.5, within=9, of="digits", stretch="t")
        for value in (True, ValueError())
    ),
}
TRAINING = Stretch("t", "trained", 0, 7, 1.0, 1.0, encode([renaming(7)[LABELS], 5]))
TIMING = Timing([*stretches(), TRAINING], [*stretches(), TRAINING])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_holds_for_what_we_report_and_says_why_another_does_not(kind):
    ours, other = EXAMPLES[kind]
    assert hint(ours, ours, TIMING) == ""
    assert hint(ours, other, TIMING) != ""


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_finds_what_we_report_fit(kind):
    ours, _ = EXAMPLES[kind]
    assert KINDS[kind].unfit(parse(ours), TIMING.key) is None


def test_the_table_in_the_guide_is_what_the_kinds_say():
    lines = GUIDE.read_text().split("\n")
    start = lines.index(guide_table().split("\n")[0])
    end = lines.index("", start)
    assert "\n".join(lines[start:end]) == guide_table()


def test_a_row_tells_the_call_what_it_reports_and_how_that_is_judged():
    assert KINDS["accuracy"].row() == (
        "| `check.accuracy(name, predictions, at_least=…)` | predictions for `check.images()`, and "
        "with `better_than` a rival's | labels that never enter the sandbox |"
    )


def test_a_call_shows_what_has_no_default_and_names_what_must_be_named():
    assert [kind.call() for kind in KINDS.values()] == [
        "check(name, value)",
        "check.outcomes(name, function, cases)",
        "check.distribution(name, samples)",
        "check.accuracy(name, predictions, at_least=…)",
        "check.speedup(name, slow=…, fast=…, at_least=…)",
        "check.trained(name, train, at_least=…, within=…)",
    ]


class Sorted(KindOfCheck):
    """A kind that is made up: numbers in order, as many as ours."""

    kind = "sorted"
    reports = "numbers in order"
    judged_by = "their order and number"

    def report(self, name, numbers, *, most=10):
        self._report("sorted", name, encode(list(numbers)), {"most": most})

    @classmethod
    def hint(cls, key, got, timing, labels):
        values = [item.scalar for item in got.value.items]
        if len(values) != len(key.value.items):
            return "another number of numbers was wanted"
        return None if values == sorted(values) else "the numbers are not in order"

    @classmethod
    def unfit(cls, ours, timed):
        return None if ours.value.items else "reports no numbers"


@pytest.fixture
def another_kind(monkeypatch):
    assert judge.KINDS is answer_key.KINDS is KINDS
    monkeypatch.setitem(KINDS, "sorted", Sorted)


def numbers(*values):
    return evidence(value=list(values), kind="sorted")


@pytest.mark.usefixtures("another_kind")
def test_a_kind_needs_nothing_but_its_class_to_be_judged():
    assert hint(numbers(1, 2, 3), numbers(2, 5, 7)) == ""
    assert hint(numbers(1, 2, 3), numbers(2, 1, 7)) == "the numbers are not in order"
    assert hint(numbers(1, 2, 3), evidence()) == "what was reported is of another kind"


@pytest.mark.usefixtures("another_kind")
def test_a_kind_needs_nothing_but_its_class_to_refuse_a_release(one_test):
    notebook, run = one_test(numbers(1, 2))
    assert evidence_by_cell(notebook, run)["test-a"] == {"a": numbers(1, 2)}
    notebook, run = one_test(numbers())
    with pytest.raises(BadSolution, match="the check 'a' in test-a reports no numbers"):
        evidence_by_cell(notebook, run)


@pytest.mark.usefixtures("another_kind")
def test_a_kind_needs_nothing_but_its_class_to_stand_in_the_guide():
    row = "| `check.report(name, numbers)` | numbers in order | their order and number |"
    assert guide_table().split("\n")[-1] == row


@pytest.mark.usefixtures("another_kind")
def test_a_kind_without_a_call_is_noticed():
    assert unpaired() == {"Sorted.report"}


def test_a_call_without_a_kind_is_noticed(monkeypatch):
    monkeypatch.setattr(Check, "sorted", Sorted.report, raising=False)
    assert unpaired() == {"Sorted.report"}


@pytest.mark.usefixtures("another_kind")
def test_a_call_and_its_kind_lead_from_a_report_to_points(monkeypatch, displayed, one_test):
    monkeypatch.setattr(Check, "sorted", Sorted.report, raising=False)
    assert unpaired() == set()
    Check().sorted("a", [1, 2])
    Check().sorted("a", [2, 1])
    ours, theirs = displayed
    notebook, run = one_test(ours)
    key = {"test-a": {"a": parse(evidence_by_cell(notebook, run)["test-a"]["a"])}}
    for reported, earned in ((ours, 1.0), (theirs, 0.0)):
        notebook, run = one_test(reported)
        judged = judge_run(notebook, run, AnswerKey(key), labels=dict.get)
        graded = judge_notebook(notebook, run, AnswerKey(key), judged, notes=[])
        assert graded.scores == {"test-a": earned}
