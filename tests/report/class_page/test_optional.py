"""What is optional lowers nobody's average, and whoever leaves it out misses nothing."""

from dataclasses import replace

import pytest
from made_class import NOW, made

from grading.course.assignment import Assignment, write_assignment
from grading.course.layout import Course
from grading.report.class_page.facts import read_facts
from grading.report.class_page.first_screen import tiles
from grading.report.class_page.page import page_of
from grading.report.class_page.standing import OPTIONAL, counting_for_all, rules, standings
from trials.synthetic_course import SyntheticCourse


def with_an_optional(*scores, **more):
    """Return a class of one student, whose last assignment is optional."""
    facts = made({"student-01": [*scores]}, number=len(scores), **more)
    return replace(facts, works=[*facts.works[:-1], replace(facts.works[-1], optional=True)])


def standing(*scores, **more):
    (found,) = standings(with_an_optional(*scores, **more))
    return found


@pytest.mark.parametrize(
    ("score", "average"), [(None, 60.0), (0, 60.0), (11, 60.0), (12, 60.0), (20, 73.33)]
)
def test_it_counts_only_where_it_raises_the_average(score, average):
    assert standing(8, 16, score).average == average


def test_of_several_the_better_ones_count():
    facts = made({"student-01": [10, 20, 16]}, number=3)
    first, *others = facts.works
    facts = replace(facts, works=[first, *(replace(one, optional=True) for one in others)])
    assert standings(facts)[0].average == pytest.approx(76.67)


def test_it_is_no_lowest_score_that_is_dropped():
    assert standing(8, 16, 0, drop_lowest=1).average == 80.0
    assert standing(8, 16, None, drop_lowest=1).average == 80.0


def test_alone_it_is_the_average():
    assert standing(10).average == 50.0


def test_whoever_leaves_it_out_misses_nothing():
    found = standing(20, 20, None)
    assert (found.count("missing"), found.places[-1].state) == (0, "not due")
    facts = with_an_optional(20, 20, None)
    assert tiles(facts, standings(facts))[1].value == "100 %"


@pytest.mark.parametrize("dated", [True, False])
def test_it_never_counts_for_all(dated):
    facts = with_an_optional(None, None, 20, dated=dated)
    assert "03_work" not in counting_for_all(facts)


def test_handed_in_by_many_it_makes_no_earlier_assignment_due():
    facts = with_an_optional(20, None, 20, dated=False)
    assert counting_for_all(facts) == {"01_work"}


def test_a_bad_one_makes_nobody_fall_behind():
    assert standing(20, 20, 20, 0).status == "keeps up"


def test_a_good_one_does_not_hide_that_somebody_falls_behind():
    assert standing(20, 5, 4, 6, 20).status == "falls behind"


def test_whoever_hands_it_in_has_not_dropped_out():
    assert standing(20, None, 20).status != "dropped out"
    assert standing(20, None, None, None).status == "dropped out"


def test_the_rule_is_told_where_anything_is_optional():
    assert rules(0, optional=True) == (*rules(0), OPTIONAL)
    assert OPTIONAL in rules(1, optional=True) and rules(1, optional=True)[-1] == rules(1)[-1]
    assert "An optional assignment is never missing." in page_of(with_an_optional(20, 20)).html
    optional = "An optional assignment is never missing."
    assert optional not in page_of(made({"student-01": [20, 20]}, number=2)).html


def test_the_page_learns_it_from_the_assignment(tmp_path):
    built = SyntheticCourse(tmp_path / "course", 2, 2, handed_in=1).build()
    course = Course(built.root)
    names = [work.name for work in read_facts(course, built.db_url, now=NOW).works]
    for order, name in enumerate(names, 1):
        course.source(name).mkdir(parents=True, exist_ok=True)
        one = Assignment(name, name, order, optional=order == 2)
        write_assignment(course.source(name), one)
    works = read_facts(course, built.db_url, now=NOW).works
    assert [work.optional for work in works] == [False, True]
