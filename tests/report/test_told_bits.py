"""Feedback is one of few pages, however a submission runs: its bits are counted and bounded.

What is told are words of prefix codes. A code of lengths is one where 2 ** -length, summed over all
words, is at most 1 (Kraft); then no more than 2 ** n sequences of words have n bits together.
"""

import math
from itertools import product

import pytest

from grading.checks.base import Outcome
from grading.checks.compare import BUILTIN_ERRORS, KINDS
from grading.checks.judge import NOT_REACHED
from grading.report.told_bits import (
    ERROR_BITS,
    MOST_ERRORS,
    NOT_TOLD,
    TOLD_BITS,
    bits_of,
    bits_of_error,
    leak_bound,
    tell,
)
from grading.sandbox.evidence import DTYPES

NUMBERS = [
    *(f"{digit * 10.0**exponent:.1g}" for digit in range(1, 10) for exponent in range(-300, 300)),
    *("0", "inf", "nan"),
]
SIZES = [*range(65), 90, 100]
SHAPES = [
    "()",
    *(f"({a},)" for a in SIZES),
    *(f"({a}, {b})" for a, b in product(SIZES, SIZES)),
    *(f"({a}, {b}, 7)" for a, b in product(SIZES, SIZES)),
]
ERRORS = [*BUILTIN_ERRORS, "an error"]
PERCENTS = [f"{tenth / 10:.1f}%" for tenth in range(1001)]
# all that a check can say whose answer is an array of shape (90, 100), or three of them
PLAIN = [
    "not written yet",
    NOT_REACHED,
    *(f"raised {name}" for name in ERRORS),
    *(f"got shape {shape}, wanted (90, 100)" for shape in SHAPES),
    *(f"got another shape with {n} axes, wanted (90, 100)" for n in range(33)),
    *(f"got dtype {name}, wanted float32" for name in DTYPES),
    *(f"got {thing} where a Tensor was wanted" for thing in KINDS.values()),
    *(f"{n} of 9000 numbers differ" for n in range(9001)),
    *(f"{n} of 9000 numbers differ; some are NaN" for n in range(9001)),
    *(f"{n} of 9000 numbers differ; some are infinite" for n in range(9001)),
    *(f"{n} of 9000 numbers differ, by up to {x}" for n in (1, 8999) for x in NUMBERS),
    *(f"the number is off by {number}" for number in NUMBERS),
    *("the text differs", "the number is wrong", "this could not be compared"),
    *("reported more than once", "what was reported could not be read"),
    *("what was reported is of another kind", "not every case was answered"),
    *("the dictionary has other keys than wanted", "too few numbers were reported"),
    *("got something that is not made of numbers", "some numbers are NaN or infinite"),
    *("the predictions of two networks were wanted", "a case that should raise KeyError did not"),
    *("got another number of items than the 3 wanted",),
    *("one class per image was wanted: an array of shape (2000,)",),
    *("the timed stretches were not run as they should be",),
    *(f"raised {name} where TypeError or ValueError was wanted" for name in ERRORS),
    *(f"accuracy {share}, at least 85% wanted" for share in PERCENTS),
    *(f"accuracy {a}, and {b} for the other network" for a in PERCENTS[::50] for b in PERCENTS),
    *(f"the other network is weaker than it should be: accuracy {one}" for one in PERCENTS),
    *(f"{tenths / 10:.1f} times faster, at least 20 wanted" for tenths in range(2000)),
]
NESTED = [
    *(f"item {n}: {hint}" for n in (1, 2, 3) for hint in PLAIN),
    *(f"in a case that should work: {hint}" for hint in PLAIN[:40_000]),
    *(f"x[{n}:]: {hint}" for n in range(3) for hint in PLAIN[:20_000]),
    *(f"case {n}: should raise ValueError, and does not" for n in range(64)),
    *(f"the {side} side computed something else: {hint}" for side in ("slow", "fast")
      for hint in PLAIN[:20_000]),
]  # fmt: skip


def test_the_hints_of_a_check_are_words_of_a_prefix_code():
    hints = {*PLAIN, *NESTED}
    assert sum(2 ** -bits_of(hint) for hint in hints) <= 1
    assert max(map(bits_of, hints)) < 60


def test_spread_numbers_are_words_of_the_same_code():
    some = NUMBERS[::30]
    told = [
        f"the numbers are spread differently: mean {sign}{mean}, deviation {deviation}"
        for sign in ("", "-")
        for mean in some
        for deviation in some
    ]
    assert sum(2 ** -bits_of(hint) for hint in {*PLAIN, *told}) <= 1


def test_errors_are_words_of_a_prefix_code():
    lengths = [bits_of_error(cells, 9) for cells in range(1, 5_000)]
    every_line_or_none = 10
    assert sum(2**-length for length in lengths) * len(ERRORS) * every_line_or_none <= 1


def test_no_more_errors_fit_than_are_counted():
    assert ERROR_BITS / bits_of_error(1, 1) < MOST_ERRORS


@pytest.mark.parametrize("hint", ["whatever", "raised an elephant", "got shape x, wanted (1,)", ""])
def test_a_hint_of_no_known_form_is_never_told(hint):
    assert bits_of(hint) == math.inf
    assert tell([[Outcome("a", False, hint)]], 3) == [[Outcome("a", False, NOT_TOLD)]]


@pytest.mark.parametrize(("hint", "most"), [("not written yet", 1), (NOT_REACHED, 2)])
def test_what_many_checks_say_at_once_is_short(hint, most):
    assert bits_of(hint) == most
    judged = [[Outcome(f"{n}", False, hint) for n in range(40)]]
    assert tell(judged, 20) == judged


LONG = Outcome("a", False, "12 of 40 numbers differ, by up to 3e-05")
SHORT = Outcome("b", False, "not written yet")
HELD = Outcome("c", True)


def test_hints_are_told_in_order_until_there_is_no_room_and_then_none():
    told = tell([[HELD, LONG] * 15, [LONG, SHORT, HELD]], 20)
    hints = [one.hint for cell in told for one in cell if not one.passed]
    fit = hints.index(NOT_TOLD)
    assert 3 <= fit < 15
    assert hints == [LONG.hint] * fit + [NOT_TOLD] * (17 - fit)
    assert [one.name for cell in told for one in cell] == ["c", "a"] * 15 + ["a", "b", "c"]
    assert all(one == HELD for cell in told for one in cell if one.passed)


def test_the_hints_that_are_told_have_no_more_bits_than_there_are():
    told = tell([[LONG] * 30], 20)[0]
    used = sum(bits_of(one.hint) for one in told if one.hint != NOT_TOLD)
    assert used <= leak_bound(30, 20) - ERROR_BITS - 30 < used + bits_of(LONG.hint) + 30


@pytest.mark.parametrize("checks", [1, 11, 45, 100, 130])
@pytest.mark.parametrize("cells", [1, 12, 60])
def test_whatever_notebook_it_is_fewer_than_200_bits_are_told(checks, cells):
    bound = leak_bound(checks, cells)
    assert bound == pytest.approx(TOLD_BITS) and bound < 200


def test_a_check_is_a_bit_even_where_there_are_too_many():
    assert leak_bound(1_000, 20) > 1_000
    assert tell([[LONG] * 1_000], 20)[0] == [Outcome("a", False, NOT_TOLD)] * 1_000
