"""Cases of which some must raise: all of them must end as ours do."""

import pytest
from reported import evidence, hint, outcomes

from grading.checks.outcomes import Outcomes
from grading.sandbox.evidence import parse

KEY = outcomes(1.0, ValueError())


class Derived(ValueError):
    """An error of a student's own making."""


@pytest.mark.parametrize("error", [ValueError(), TypeError(), UnicodeError(), Derived()])
def test_any_of_the_errors_and_what_is_derived_from_them_will_do(error):
    assert hint(KEY, outcomes(1.0, error)) == ""


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((ValueError(), ValueError()), "in a case that should work: raised ValueError"),
        ((1.0, 1.0), "a case that should raise TypeError or ValueError did not"),
        ((1.0, KeyError()), "raised KeyError where TypeError or ValueError was wanted"),
        ((2.0, ValueError()), "in a case that should work: the number is off by 1"),
        ((1.0,), "not every case was answered"),
        ((1.0, ValueError(), 1.0), "not every case was answered"),
        ((), "not every case was answered"),
    ],
)
def test_outcomes_fail_as_a_whole(answer, why):
    assert hint(KEY, outcomes(*answer)) == why


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((ValueError(), ValueError()), "a row: raised ValueError"),
        ((1.0, 1.0), "a column: should raise TypeError or ValueError, and does not"),
        ((1.0, KeyError()), "a column: raised KeyError where TypeError or ValueError was wanted"),
        ((2.0, ValueError()), "a row: the number is off by 1"),
        ((1.0, ValueError()), ""),
    ],
)
def test_a_case_is_named_where_we_have_named_it(answer, why):
    key = outcomes(1.0, ValueError(), cases=["a row", "a column"])
    assert hint(key, outcomes(*answer, cases=["secret", "secret"])) == why


def test_the_values_are_as_close_as_our_own_evidence_says():
    answer = outcomes(1.05, ValueError(), rtol=1.0)
    assert hint(outcomes(1.0, ValueError(), rtol=0.1), answer) == ""
    assert hint(KEY, answer) != ""


def test_which_errors_are_wanted_is_not_the_students_to_say():
    answer = outcomes(1.0, KeyError(), errors=("KeyError",))
    assert "where TypeError or ValueError was wanted" in hint(KEY, answer)


def test_something_else_than_a_list_of_cases_does_not_hold():
    assert hint(KEY, evidence(kind="outcomes", value="both")) == "not every case was answered"


@pytest.mark.parametrize("items", [(), (ValueError(),), (ValueError(), ValueError())])
def test_cases_that_all_raise_are_unfit(items):
    assert Outcomes.unfit(parse(outcomes(*items)), []) == "has no case that should work"


def test_a_case_that_works_makes_cases_fit():
    assert Outcomes.unfit(parse(KEY), []) is None
