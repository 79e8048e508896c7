"""Who dropped out and who falls behind follows from the rules that the page states."""

from dataclasses import replace
from datetime import timedelta

import pytest
from made_class import NOW, made, submission

from grading.report.class_page.standing import RULES, counting_for_all, percent, standings


def standing(*scores, **more):
    [found] = standings(made({"student-01": scores}, len(scores), **more))
    return found


@pytest.mark.parametrize(
    ("scores", "status"),
    [
        ((20, 20, 20, 20), "keeps up"),
        ((20, 20, None, None), "dropped out"),
        ((20, None, None, 20), "falls behind"),
        ((20, 20, 20, None), "keeps up"),
        ((None, None, None, None), "handed in nothing"),
        ((None,), "handed in nothing"),
        ((20, 9, 9, 9), "falls behind"),
        ((20, 10, 10, 10), "falls behind"),  # 50 points below what it was
        ((10, 10, 10, 10), "keeps up"),
        ((20, 13, 13, 13), "keeps up"),  # 35 below is not more than 35
        ((20, 13, 13, 12), "falls behind"),
        ((20, 20, None, 10, 10), "falls behind"),  # a missing one counts as 0
    ],
)
def test_a_status_follows_from_what_was_handed_in(scores, status):
    assert standing(*scores).status == status


def test_why_somebody_dropped_out_names_the_last_that_was_handed_in():
    assert standing(20, 20, None, None).why == "last handed in Work 2; 2 due since, none handed in"


def test_every_student_has_a_standing_with_every_assignment():
    found = standings(made({"student-01": (20, None), "student-02": (None, None)}, 2))
    assert [(one.student, len(one.places)) for one in found] == [
        ("student-01", 2),
        ("student-02", 2),
    ]


def test_what_is_not_due_yet_is_not_missing():
    facts = made({"student-01": (20, None, None)}, 3)
    later = [replace(work, due=NOW + timedelta(days=1)) for work in facts.works[1:]]
    [found] = standings(replace(facts, works=[facts.works[0], *later]))
    assert [place.state for place in found.places] == ["graded", "not due", "not due"]
    assert found.status == "keeps up" and found.average == 100


def test_an_extension_is_waited_for_and_then_no_more():
    facts = made({"student-01": (20, 20, None)}, 3)
    key = ("student-01", "03_work")
    for days, state in ((8, "not due"), (6, "missing")):
        granted = replace(submission(*key, score=None, days_more=days), handed_in=None)
        [found] = standings(replace(facts, submissions=facts.submissions | {key: granted}))
        assert found.places[-1].state == state


def test_what_is_not_graded_yet_changes_no_average():
    facts = made({"student-01": (20, 20, 20)}, 3)
    key = ("student-01", "03_work")
    waits = submission(*key, score=None, not_graded=20.0)
    [found] = standings(replace(facts, submissions=facts.submissions | {key: waits}))
    assert found.places[-1].state == "not graded" and found.average == 100


def test_a_percentage_is_of_the_points_that_are_graded():
    assert percent(submission("a", "b", 9.0, not_graded=10.0)) == 90
    assert percent(submission("a", "b", 0.0, max_score=0.0)) is None
    assert percent(None) is None


@pytest.mark.parametrize(
    ("by", "counts"), [((1, 1, 1, 0), True), ((1, 1, 0, 0), False), ((0, 0, 0, 0), False)]
)
def test_without_a_due_date_it_counts_once_more_than_half_have_handed_it_in(by, counts):
    scores = {f"student-{at:02}": (20, 20 if one else None) for at, one in enumerate(by)}
    assert ("02_work" in counting_for_all(made(scores, 2, dated=False))) is counts


def test_without_a_due_date_it_counts_once_a_later_one_does():
    scores = {f"student-{at:02}": (20, None, 20) for at in range(3)}
    assert counting_for_all(made(scores, 3, dated=False)) == {"01_work", "02_work", "03_work"}


def test_a_later_one_that_is_not_due_yet_makes_none_before_it_count():
    facts = made({"student-01": (20, None, None)}, 3, dated=False)
    later = replace(facts.works[2], due=NOW + timedelta(days=1))
    assert counting_for_all(replace(facts, works=[*facts.works[:2], later])) == {"01_work"}


def test_the_rules_name_their_numbers():
    assert "last 2 assignments" in RULES[0] and "below 50 %" in RULES[2] and "35 points" in RULES[2]
