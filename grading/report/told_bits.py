"""Count the bits that a running submission can choose in its feedback, and keep them few.

Whatever a submission does, its feedback is one of at most 2 ** `leak_bound` pages: each check holds
or not, the run ended in one of a few ways, and what is told of errors and hints, in order, are
words of prefix codes (`bits_of_error`, `bits_of`) that together have no more bits than there are.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from grading.checks.base import Outcome
from grading.checks.compare import BUILTIN_ERRORS, KINDS, MOST_NAMES
from grading.checks.judge import NOT_REACHED
from grading.sandbox.evidence import DTYPES

TOLD_BITS = 196  # of one submission, unless its checks alone have more
ERROR_BITS = 40  # of these, for the errors of cells before the first test
MOST_ERRORS = 5  # told in so many bits
NOT_TOLD = "why is told when the checks above hold"
WAYS_TO_END = 32  # complete, each limit, each end of a kernel or worker; read again or not

_SHAPE = r"\((?:\d+(?:, \d+)*,?)?\)"
_THING = "|".join(map(re.escape, KINDS.values()))
_NUMBER = r"-?(?:[\d.]+(?:e[+-]\d+)?|inf|nan)"
_ERROR = r"raised \w+|raised an error|not written yet"
_COMMON = {"not written yet": 1.0, NOT_REACHED: 2.0}
_FORMS = (
    rf"got shape (?P<shape>{_SHAPE}), wanted {_SHAPE}",
    rf"got another shape with (?P<axes>\d+) axes, wanted {_SHAPE}",
    r"got dtype (?P<dtype>\w+), wanted \w+",
    r"got something that is not made of numbers",
    r"(?P<share>\d+ of \d+) numbers differ",
    r"(?P<share>\d+ of \d+) numbers differ; some are NaN",
    r"(?P<share>\d+ of \d+) numbers differ; some are infinite",
    r"(?P<share>\d+ of \d+) numbers differ; some should be NaN",
    r"(?P<share>\d+ of \d+) numbers differ; some should be infinite, or of the other sign",
    rf"(?P<share>\d+ of \d+) numbers differ, by up to (?P<number>{_NUMBER})",
    r"the number is wrong",
    rf"the number is off by (?P<number>{_NUMBER})",
    rf"got (?P<thing>{_THING}) where (?:{_THING}) was wanted",
    r"the text differs",
    r"got another number of items than the \d+ wanted",
    r"the dictionary has other keys than wanted",
    r"this could not be compared",
    r"raised (?P<error>\w+|an error)",
    r"item (?P<place>\d+): (?P<rest>.+)",
    r"in a case that should work: (?P<rest>.+)",
    r"the slow side computed something else: (?P<rest>.+)",
    r"the fast side computed something else: (?P<rest>.+)",
    r"not every case was answered",
    r"a case that should raise [\w ]+ did not",
    rf"(?P<error>{_ERROR}) where [\w ]+ was wanted",
    r"too few numbers were reported",
    r"some numbers are NaN or infinite",
    rf"the numbers are spread differently: mean (?P<number>{_NUMBER}), "
    rf"deviation (?P<second>{_NUMBER})",
    r"the predictions of two networks were wanted",
    rf"one class per image was wanted: an array of shape {_SHAPE}",
    r"the other network is weaker than it should be: accuracy (?P<percent>\d+\.\d)%",
    r"accuracy (?P<percent>\d+\.\d)%, and (?P<other>\d+\.\d)% for the other network",
    r"accuracy (?P<percent>\d+\.\d)%, at least \d+% wanted",
    r"the timed stretches were not run as they should be",
    r"it took (?P<whole>\d+) CPU seconds, and there are [\d.e+]+",
    r"predictions and the number of parameters were wanted",
    r"(?P<tenths>\d+\.\d) times faster, at least [\d.e+]+ wanted",
    r"what was reported could not be read",
    r"reported more than once",
    r"what was reported is of another kind",
    r"(?P<case>(?:(?!: ).)+): should raise [\w ]+, and does not",
    r"(?P<case>(?:(?!: ).)+): (?P<rest>.+)",
)
_PATTERNS = [re.compile(form) for form in _FORMS]
_WHICH_FORM = 2 + math.log2(len(_FORMS))


def bits_of(hint: str) -> float:
    """Return the length of a hint in a prefix code for all hints that a check can have, in bits.

    What the answer key decides (the wanted shape, how many numbers there are) has no length. A hint
    of no known form has infinite length.
    """
    if hint in _COMMON:
        return _COMMON[hint]
    for pattern in _PATTERNS:
        if found := pattern.fullmatch(hint):
            slots = found.groupdict().items()
            return _WHICH_FORM + sum(_SLOTS[name](value) for name, value in slots)
    return math.inf


def bits_of_error(cells: int, lines: int) -> float:
    """Return the length of an error: so many cells after the last, in one of so many lines or none.

    It is raised by one of Python's own names, or by none of them.
    """
    return _any_number(cells) + _SLOTS["error"]("") + math.log2(lines + 1)


def leak_bound(checks: int, cells: int) -> float:
    """Return the most bits that feedback tells, of a notebook of so many checks and named cells."""
    return _without_hints(checks, cells) + _for_hints(checks, cells)


def tell(judged: Sequence[Sequence[Outcome]], cells: int) -> list[list[Outcome]]:
    """Return the outcomes of all test cells with those hints for which there is room.

    They are told in order; after the first for which there is no room, no other is. The notebook
    has so many named cells.
    """
    left = _for_hints(sum(map(len, judged)), cells)
    told: list[list[Outcome]] = []
    for outcomes in judged:
        told.append([])
        for outcome in outcomes:
            if not outcome.passed:
                left -= bits_of(outcome.hint)
                if left < 0:
                    outcome, left = replace(outcome, hint=NOT_TOLD), -math.inf
            told[-1].append(outcome)
    return told


def _without_hints(checks: int, cells: int) -> float:
    """Each check; how many hints and errors are told; the errors; how and where the run ended.

    It ended in or after a named cell, or before them all.
    """
    told = math.log2(checks + 1) + math.log2(MOST_ERRORS + 1)
    return checks + told + ERROR_BITS + math.log2(WAYS_TO_END * (2 * cells + 1))


def _for_hints(checks: int, cells: int) -> float:
    return max(0.0, TOLD_BITS - _without_hints(checks, cells))


def _any_number(least_1: int) -> float:
    """Return the length of a whole number in Elias's gamma code."""
    return 2 * math.floor(math.log2(least_1)) + 1


def _one_of(things: Iterable[object]) -> Callable[[str], float]:
    length = math.log2(len([*things]))
    return lambda _text: length


def _shape(text: str) -> float:
    """Up to five sizes, each up to 64 or one of up to five in the wanted shape."""
    return math.log2(6) + len(re.findall(r"\d+", text)) * math.log2(70)


def _digit_and_exponent(text: str) -> float:
    """A sign, one of twelve digits (infinite and NaN are such), and an exponent with its sign."""
    value = abs(float(text))
    exponent = math.floor(math.log10(value)) if value and math.isfinite(value) else 0
    return 1 + math.log2(12) + 1 + _any_number(abs(exponent) + 1)


_SLOTS: dict[str, Callable[[str], float]] = {
    "shape": _shape,
    "axes": _one_of(range(33)),
    "dtype": _one_of(DTYPES),
    "share": lambda text: math.log2(int(text.split()[-1]) + 1),
    "number": _digit_and_exponent,
    "second": _digit_and_exponent,
    "thing": _one_of(KINDS),
    "error": _one_of([*BUILTIN_ERRORS, "an error"]),
    "place": lambda text: _any_number(int(text)),
    "case": _one_of(range(MOST_NAMES)),
    "rest": bits_of,
    "percent": _one_of(range(1001)),
    "other": _one_of(range(1001)),
    "whole": lambda text: _any_number(int(text) + 1),
    "tenths": lambda text: _any_number(int(text.replace(".", "")) + 1),
}
