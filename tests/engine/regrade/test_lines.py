"""Each line of a preview: what would be another, its points, and the nearest reason for it."""

import pytest

from grading.engine.regrade.lines import Line, cell_lines, check_lines, late_lines
from grading.engine.regrade.reasons import (
    MEASURED,
    NEW_SUBMISSION,
    TEST,
    UNKNOWN_THEN,
    Reasons,
    late_reason,
)
from grading.grades.kept_outcomes import CheckKept, Kept
from grading.grades.saved import Basis, Given, Planned
from grading.grades.states import State

CELL = "test-a"
SAME = (Basis("rules", "files"), Basis("rules", "files"))
NEW = (Basis("rules", "files"), Basis("rules", "other files"))


def rules(value="1", source="text", points=4.0, name="adds", **more):
    params = more.pop("params", {"rtol": 1e-6})
    check = {"kind": "value", "params": params, "value": value}
    return {
        "checks": {CELL: {name: check}},
        "tests": {CELL: source},
        "points": {CELL: points},
        "salt": "salt",
        **more,
    }


def grade(**changes):
    row = {"cell": CELL, "auto_score": 4.0, "manual_score": None, "needs_manual_grade": False}
    return row | {"extra_credit": None, "answered": None} | changes


def state(**changes):
    contents = {"grades": {"id": grade(**changes)}, "made_from": "this", "penalties": {}}
    return State("submission", contents)


def kept(*passed):
    return Kept(checks=[CheckKept(CELL, name, holds) for name, holds in passed])


def reasons(before=None, now=None, bases=SAME):
    return Reasons(before or rules(), now or rules(), bases)


def lines(old, new, why=None, **changes):
    return list(check_lines(old, new, why or reasons(), state(**changes)))


def test_a_check_that_fails_as_before_is_no_line():
    old = Kept(checks=[CheckKept(CELL, "adds", False, "a hint")])
    new = Kept(checks=[CheckKept(CELL, "adds", False, "another hint")])
    assert lines(old, new) == []


def test_a_check_is_worth_its_share_of_the_cell():
    old, new = kept(("adds", False), ("halves", True)), kept(("adds", True), ("halves", True))
    assert lines(old, new) == [Line(CELL, "adds", 0.0, 2.0, MEASURED)]


@pytest.mark.parametrize(
    ("before", "now", "bases", "why"),
    [
        (rules(), rules(params={"rtol": 0.1}), SAME, "tolerance: rtol 1e-06 → 0.1"),
        (
            rules(params={"at_least": 0.9}),
            rules(params={"at_least": 0.85}),
            SAME,
            "threshold: at_least 0.9 → 0.85",
        ),
        (rules(), rules("2", "other text"), SAME, TEST),
        (rules(), rules("2"), SAME, MEASURED),
        (rules(), rules(source="other text"), SAME, TEST),
        (rules(), rules(source="other text"), NEW, NEW_SUBMISSION),
        (rules(), rules(), NEW, NEW_SUBMISSION),
        (rules(), rules(salt="other"), SAME, "salt.txt has changed, and with it the hidden inputs"),
        (rules(), rules(name="doubles"), SAME, "no longer asked"),
        (rules(name="doubles"), rules(), SAME, "new check"),
    ],
)
def test_the_nearest_reason_is_told(before, now, bases, why):
    assert Reasons(before, now, bases).of_check(CELL, "adds") == why


@pytest.mark.parametrize(("bases", "why"), [(SAME, UNKNOWN_THEN), (NEW, NEW_SUBMISSION)])
def test_of_what_was_graded_long_ago_no_reason_is_invented(bases, why):
    assert Reasons(None, rules(), bases).of_check(CELL, "adds") == why
    assert Reasons(None, rules(), bases).in_general() == why


def test_points_of_a_cell_that_changed_are_told_where_its_checks_stay():
    plan = [(Given("id", CELL, None, None, None), Planned("id", 6.0, False, 6.0))]
    why = reasons(rules(), rules(points=6.0))
    assert list(cell_lines(state(), plan, set(), why)) == [
        Line(CELL, "points", 4.0, 6.0, "points of the cell 4 → 6")
    ]
    assert list(cell_lines(state(), plan, {CELL}, why)) == []


def test_who_must_look_again_is_told():
    plan = [(Given("id", CELL, 3.0, None, None), Planned("id", 4.0, True, 3.0))]
    assert list(cell_lines(state(manual_score=3.0), plan, set(), reasons(bases=NEW))) == [
        Line(CELL, "waits for a person", None, None, NEW_SUBMISSION)
    ]


def test_points_by_hand_are_said_to_stand():
    [line] = lines(kept(("adds", False)), kept(("adds", True)), manual_score=1.0)
    assert line.why == f"{MEASURED}; the points given by hand stand"


def late(due="2030-03-01T00:00:00", extension=0.0, policy="per day"):
    parts = f'"due": "{due}", "extension": {extension}, "handed_in": null, "policy": "{policy}"'
    return f"{{{parts}}}"


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (late("2030-03-02T00:00:00"), "due date 2030-03-01 00:00 → 2030-03-02 00:00"),
        (late(extension=7200.0), "extension 0 h → 2 h"),
        (late(policy="none"), "late policy changed"),
        (late(), "the score it is taken from"),
    ],
)
def test_a_late_penalty_is_told_with_what_it_follows_from(after, why):
    assert late_reason(late(), after) == why
    assert list(late_lines(None, 1.0, late(), after)) == [Line("", "late penalty", 0.0, -1.0, why)]


def test_a_late_penalty_that_stays_is_no_line():
    assert list(late_lines(None, 0.0, late(), late(policy="none"))) == []
