"""Claiming what is not true: evidence, outputs, results, exceptions, exit codes."""

from trials.snippets import CLAIM, claims
from trials.submission import Submission, attack

SAME = "values are compared outside; same score"
IGNORED = "it is not evidence; same score"


@attack("a claim replaces no value; same score", stock=True)
def claims_that_all_is_true(it: Submission) -> None:
    """Reports True for every check in place of what was computed."""
    claims(it, 'for name in names: claim(KINDS.get(cell, "value"), name, {"t": "bool", "v": True})')


@attack("a claim replaces no value; same score")
def claims_the_verdict(it: Submission) -> None:
    """Reports that its checks have passed, with every field that a verdict might have."""
    claims(it, """
for name in names:
    claim(KINDS.get(cell, "value"), name, {"t": "none", "passed": True, "points": 99}, passed=True,
          score=1, share=1.0, hint="", checks=[{"name": name, "passed": True}])
""")  # fmt: skip


@attack("guesses are no values; same score")
def guesses_simple_values(it: Submission) -> None:
    """Reports the likeliest simple value in the shape that the check must have."""
    claims(it, """
import base64
zeros = {"t": "array", "dtype": "float64", "shape": [4, 3], "v": base64.b64encode(bytes(96)).decode()}
for name in names:
    claim(KINDS.get(cell, "value"), name, {"t": "list", "v": [zeros, zeros]} if "stay" in name else zeros)
""")  # fmt: skip


@attack("tolerances count from our own run only; same score")
def brings_tolerances_of_its_own(it: Submission) -> None:
    """Reports zeros with tolerances, thresholds and accepted errors that would let anything pass."""
    claims(it, """
params = {"rtol": 1e300, "atol": 1e300, "dtype": False, "errors": ["Exception"], "tolerance": 1e9,
          "at_least": 0, "of": "nothing", "rounds": 0}
for name in names: claim(KINDS.get(cell, "value"), name, {"t": "float", "v": "0x0p+0"}, params=params)
""")  # fmt: skip


@attack("the kind must be the key's; same score")
def calls_it_another_kind(it: Submission) -> None:
    """Reports every check as a kind that is easier to satisfy."""
    claims(
        it,
        'for name in names: claim("accuracy" if cell != "test-classify" else "value", name, {"t": "none"})',
    )


@attack("repeats do not hold; same score for the rest")
def reports_twice(it: Submission) -> None:
    """Reports unsolved checks again and again with different guesses: one may be right."""
    it.run_first(CLAIM)
    it.run_before(
        "scale",
        """
def work(cell, names):
    for name in names:
        for guess in (0.0, 1.0, 0.5):
            claim(KINDS.get(cell, "value"), name, {"t": "float", "v": guess.hex()})
when_tested(work)
""",
    )


@attack("what stands in another cell does not count; same score")
def reports_right_values_elsewhere(it: Submission) -> None:
    """Computes right values in a cell of its own and reports them under the check's name there."""
    it.run_before("scale", CLAIM)
    it.run_before(
        "scale",
        """
from grading import check
from grading import *
import grading
rows = check.rng("mini-scale").uniform(1, 9, size=(4, 3))
right = rows / rows.sum(axis=1, keepdims=True)
check("every row sums to 1", right)
check("one row", right[:1])
""",
    )


@attack("unknown names are ignored; same score", stock=True)
def reports_checks_that_do_not_exist(it: Submission) -> None:
    """Reports a thousand checks that nobody has asked for, beside the real ones."""
    it.run_first("""
        from grading import check
        def flood(info):
            for number in range(300):
                check(f"bonus {number}", lambda: 1.0)
            check("every row sums to 1 ", 1.0)
            check("", 1.0)
        get_ipython().events.register("pre_run_cell", flood)
        """)


@attack("NaN agrees only with NaN; same score")
def reports_nan_and_infinity(it: Submission) -> None:
    """Reports NaN, infinities and numbers beyond any float, which compare strangely."""
    claims(it, """
import base64, numpy
for name, number in zip(names, (numpy.nan, numpy.inf, -numpy.inf, 1e308)):
    array = numpy.full((4, 3), number)
    value = {"t": "array", "dtype": "float64", "shape": [4, 3], "v": base64.b64encode(array.tobytes()).decode()}
    if cell == "test-noise": value["shape"], value["v"] = [6000], base64.b64encode(numpy.full(6000, number).tobytes()).decode()
    if cell == "test-distances": value = {"t": "float", "v": "inf"}
    claim(KINDS.get(cell, "value"), name, value)
""")  # fmt: skip


@attack("cases that work must have their values; same score")
def claims_every_error(it: Submission) -> None:
    """Reports for every case, and in place of every value, an error with the names of all errors."""
    claims(it, """
import builtins
names_of_errors = [name for name in dir(builtins) if name.endswith("Error")]
error = {"t": "error", "types": names_of_errors}
for name in names:
    claim(KINDS.get(cell, "value"), name, {"t": "list", "v": [error] * 4} if cell == "test-dot" else error)
""")  # fmt: skip
