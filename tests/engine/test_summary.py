"""What a run has come to, in a few lines."""

import pytest

from grading.engine.done import Done
from grading.engine.summary import summary


def done(outcome="graded", **how):
    return Done("student-01", "01_mini", outcome, **how)


def test_nothing_done_is_nothing_said():
    assert summary([], 1.0) == []


def test_each_outcome_is_counted():
    all_kinds = [
        done(),
        done(waiting=2),
        done("settled", waiting=1),
        done("failed"),
        done("failed"),
    ]
    assert summary(all_kinds, 3.2) == [
        "2 graded, 2 waiting for a person, 1 settled, 2 failed, in 3 s"
    ]


def test_what_did_not_happen_is_not_counted():
    assert summary([done()], 1.0) == ["1 graded, in 1 s"]
    assert summary([done("failed")], 1.0) == ["0 graded, 1 failed, in 1 s"]


@pytest.mark.parametrize(("seconds", "told"), [(119, "119 s"), (120, "2 min"), (7_260, "121 min")])
def test_long_runs_are_told_in_minutes(seconds, told):
    assert summary([done()], seconds)[0].endswith(f"in {told}")


def test_kernels_that_were_started_from_nothing_are_counted_by_their_reason():
    cold = [done(cold="a"), done(cold="b\x1b"), done(cold="b\x1b"), done()]
    assert summary(cold, 1.0)[1:] == [
        "2 kernels were started from nothing, which is slower: b ",
        "1 kernels were started from nothing, which is slower: a",
    ]
