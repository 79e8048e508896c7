"""Judge every check of a test cell: evidence against the answer key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grading.evidence import Evidence, MalformedEvidence, Value, parse, parse_value
from grading.sandbox.clock import Stretch
from grading.verify.compare import Tolerance, difference, numbers, raised

SLOW_ALLOWANCE = 1.25
RIVAL_MARGIN = 0.03  # how much less accurate than ours a rival may be
TIMED_RESULT = Tolerance(rtol=1e-2, atol=1e-4, dtype=False)
Labels = Callable[[str], np.ndarray]


@dataclass(frozen=True)
class Outcome:
    """Whether one check holds; `hint` is what a student reads when it does not."""

    name: str
    passed: bool
    hint: str = ""


@dataclass(frozen=True)
class Timing:
    """The timed stretches of our own run and of a student's."""

    key: list[Stretch]
    student: list[Stretch]


def judge_cell(
    key: Mapping[str, Evidence], reported: list[Any], timing: Timing, labels: Labels
) -> list[Outcome]:
    """Return an outcome for each check of the key, in its order.

    Only what the key names counts; what was reported twice, or is malformed, does not hold.
    """
    found: dict[str, list[Any]] = {name: [] for name in key}
    for raw in reported:
        name = raw.get("name") if isinstance(raw, dict) else None
        if isinstance(name, str) and name in found:
            found[name].append(raw)
    return [_judge(key[name], found[name], timing, labels) for name in key]


def _judge(key: Evidence, raws: list[Any], timing: Timing, labels: Labels) -> Outcome:
    if not raws:
        return Outcome(key.name, False, "not reached: the cell stopped before this check")
    if len(raws) > 1:
        return Outcome(key.name, False, "reported more than once")
    try:
        got = parse(raws[0])
    except (MalformedEvidence, RecursionError):
        return Outcome(key.name, False, "what was reported could not be read")
    if got.kind != key.kind:
        return Outcome(key.name, False, "what was reported is of another kind")
    hint = _HINTS[key.kind](key, got, timing, labels)
    return Outcome(key.name, hint is None, hint or "")


def _value(key: Evidence, got: Evidence, *_: Any) -> str | None:
    return difference(key.value, got.value, Tolerance.of(key.params))


def _outcomes(key: Evidence, got: Evidence, *_: Any) -> str | None:
    accepted = set(key.params.get("errors", ()))
    tolerance = Tolerance.of(key.params)
    if len(key.value.items) != len(got.value.items):
        return "not every case was answered"
    for wanted, answer in zip(key.value.items, got.value.items, strict=True):
        if wanted.kind == "error" and answer.kind != "error":
            return f"a case that should raise {' or '.join(sorted(accepted))} did not"
        if wanted.kind == "error":
            if not accepted & set(answer.types):
                return f"{raised(answer)} where {' or '.join(sorted(accepted))} was wanted"
        elif hint := difference(wanted, answer, tolerance):
            return f"in a case that should work: {hint}"
    return None


def _distribution(key: Evidence, got: Evidence, *_: Any) -> str | None:
    if got.value.kind == "error":
        return raised(got.value)
    wanted, samples = numbers(key.value), numbers(got.value)
    if samples is None or wanted is None or samples.size < wanted.size // 2:
        return "too few numbers were reported"
    a, b = np.sort(wanted.ravel()), np.sort(samples.ravel())
    if not np.isfinite(b).all():
        return "some numbers are NaN or infinite"
    both = np.concatenate([a, b])
    shares = [np.searchsorted(x, both, side="right") / x.size for x in (a, b)]
    if np.abs(shares[0] - shares[1]).max() <= key.params.get("tolerance", 0.05):
        return None
    return f"the numbers are spread differently: mean {b.mean():.1g}, deviation {b.std():.1g}"


def _accuracy(key: Evidence, got: Evidence, _: Timing, labels: Labels) -> str | None:
    truth = labels(str(key.params.get("of")))
    wanted = float(key.params["at_least"])
    if not key.params.get("rival"):
        reached = _share_right(got.value, truth)
        return reached if isinstance(reached, str) else _too_low(reached, wanted)
    if len(got.value.items) != 2:
        return "the predictions of two networks were wanted"
    reached, rival = (_share_right(value, truth) for value in got.value.items)
    ours = _share_right(key.value.items[1], truth)
    if isinstance(reached, str) or isinstance(rival, str) or isinstance(ours, str):
        return next(hint for hint in (reached, rival, ours) if isinstance(hint, str))
    if rival < ours - RIVAL_MARGIN:
        return f"the other network is weaker than it should be: accuracy {rival:.1%}"
    if reached <= rival:
        return f"accuracy {reached:.1%}, and {rival:.1%} for the other network"
    return _too_low(reached, wanted)


def _too_low(reached: float, wanted: float) -> str | None:
    return None if reached >= wanted else f"accuracy {reached:.1%}, at least {wanted:.0%} wanted"


def _share_right(value: Value, truth: np.ndarray) -> float | str:
    """Return the share of right predictions, or a hint when there are none."""
    if value.kind == "error":
        return raised(value)
    predicted = numbers(value)
    if predicted is None or predicted.shape != truth.shape:
        return f"one class per image was wanted: an array of shape {truth.shape}"
    return float((predicted == truth).mean())


def _speedup(key: Evidence, got: Evidence, timing: Timing, _: Labels) -> str | None:
    if got.value.kind == "error":
        return raised(got.value)
    mine = [s for s in timing.key if s.name == key.name]
    theirs = [s for s in timing.student if s.name == key.name]
    if [(s.side, s.round) for s in mine] != [(s.side, s.round) for s in theirs]:
        return "the timed stretches were not run as they should be"
    for ours, stretch in zip(mine, theirs, strict=True):
        try:
            hint = difference(parse_value(ours.value), parse_value(stretch.value), TIMED_RESULT)
        except MalformedEvidence:
            hint = "what was reported could not be read"
        if hint:
            return f"the {stretch.side} side computed something else: {hint}"
    ratio = speed_ratio(Timing(mine, theirs))
    wanted = float(key.params["at_least"])
    return None if ratio >= wanted else f"{ratio:.1f} times faster, at least {wanted:g} wanted"


def speed_ratio(timing: Timing) -> float:
    """Return how many times faster a student's fast side is than the slow side.

    Medians of CPU seconds taken outside. The slow side counts for at most `SLOW_ALLOWANCE` times
    the reference's (at the machine's present speed), so that slowing it down wins nothing.
    """

    def median(stretches: list[Stretch], side: str) -> float:
        return float(np.median([s.seconds for s in stretches if s.side == side]))

    pace = [float(np.median([s.machine for s in run])) for run in (timing.student, timing.key)]
    ceiling = median(timing.key, "slow") * SLOW_ALLOWANCE * pace[0] / max(pace[1], 1e-9)
    slow = min(median(timing.student, "slow"), ceiling)
    return slow / max(median(timing.student, "fast"), 1e-9)


_HINTS: dict[str, Callable[..., str | None]] = {
    "value": _value,
    "outcomes": _outcomes,
    "distribution": _distribution,
    "accuracy": _accuracy,
    "speedup": _speedup,
}
