"""Extra credit for milestones: in the last assignment, and only where they are worth something."""

import pytest
from book import ASSIGNMENT, EARLIER, STUDENT
from traitlets import TraitError
from traitlets.config import Config

from grading.checks.milestones import LEAST, Framework
from grading.course.layout import Course
from grading.grades.milestone_credit import MilestoneCredit, give_credit

ALL = dict(LEAST)


@pytest.fixture
def course(tmp_path):
    """Return a course of which the last assignment is not the first by name or by folder."""
    for order, name in enumerate((EARLIER, ASSIGNMENT), start=1):
        folder = tmp_path / "source" / name
        folder.mkdir(parents=True)
        (folder / "assignment.toml").write_text(f'title = "{name}"\norder = {order}\n')
    return Course(tmp_path)


@pytest.fixture
def give(course, book):
    """Return what gives the credit of frameworks, of a student with both assignments."""
    for assignment in (EARLIER, ASSIGNMENT):
        book.receive(assignment=assignment)

    def give(reached, points, student=STUDENT):
        return give_credit(course, book.url, [Framework(student, reached=reached)], points)

    return give


def credit(book, assignment=ASSIGNMENT):
    return {
        cell: value
        for cell, value in book.grades("extra_credit", assignment=assignment).items()
        if value
    }


def test_credit_is_given_once_in_the_last_assignment(give, book):
    assert give(ALL, 0.5) == [f"{STUDENT}: 1.5 points of extra credit in {ASSIGNMENT}"]
    assert credit(book) == {"test-a": 1.5}
    assert credit(book, EARLIER) == {}


def test_two_frameworks_get_what_each_carries(course, book):
    for student in (STUDENT, "student-02"):
        book.receive(assignment=ASSIGNMENT, student=student)
    frameworks = [Framework(STUDENT, reached=ALL), Framework("student-02", reached={"XOR": 1.0})]
    assert give_credit(course, book.url, frameworks, 1.0) == [
        f"{STUDENT}: 3 points of extra credit in {ASSIGNMENT}",
        f"student-02: 1 point of extra credit in {ASSIGNMENT}",
    ]


def test_an_optional_assignment_is_not_the_last(give, course, book):
    (course.root / "source" / "optional").mkdir()
    told = 'title = "More"\norder = 9\noptional = true\n'
    (course.root / "source" / "optional" / "assignment.toml").write_text(told)
    assert give(ALL, 1.0) == [f"{STUDENT}: 3 points of extra credit in {ASSIGNMENT}"]


def test_every_milestone_counts_by_itself(give, book):
    give({"XOR": 1.0, "MLP": 0.9, "CNN": 0.5}, 2.0)
    assert credit(book) == {"test-a": 4.0}


def test_what_falls_short_is_worth_nothing(give, book):
    assert give({"XOR": 0.75, "MLP": 0.84, "CNN": 0.91}, 2.0) == []
    assert credit(book) == {}


def test_credit_is_told_only_where_it_changes(give, book):
    give(ALL, 0.5)
    assert give(ALL, 0.5) == []
    assert give({"XOR": 1.0}, 0.5) == [f"{STUDENT}: 0.5 points of extra credit in {ASSIGNMENT}"]
    assert credit(book) == {"test-a": 0.5}


def test_credit_is_taken_back_from_a_framework_that_carries_nothing_any_more(give, book):
    give(ALL, 1.0)
    give({}, 1.0)
    assert credit(book) == {}


def test_where_milestones_are_worth_nothing_nothing_is_touched(give, book):
    book.by_hand("test-a", extra_credit=2.0)
    assert give({}, 0) == [] and give(ALL, 0.0) == []
    assert credit(book) == {"test-a": 2.0}


def test_who_did_not_submit_the_last_assignment_gets_none_and_costs_nobody_theirs(course, book):
    book.receive()
    frameworks = [Framework("student-00", reached=ALL), Framework(STUDENT, reached=ALL)]
    assert len(give_credit(course, book.url, frameworks, 1.0)) == 1
    assert credit(book) == {"test-a": 3.0}


def test_credit_counts_in_the_score_while_answers_wait_for_a_person(give, book):
    book.save()
    give(ALL, 1.0)
    with book.opened() as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, STUDENT).score == 9.0


def test_grading_again_leaves_the_credit(give, book):
    give(ALL, 1.0)
    book.receive()
    book.save()
    assert credit(book) == {"test-a": 3.0}


def test_credit_is_written_for_all_or_for_nobody(course, book):
    for student in (STUDENT, "student-02"):
        book.receive(student=student)
    broken = Framework("student-02", reached={"XOR": "much"})
    with pytest.raises(TypeError):
        give_credit(course, book.url, [Framework(STUDENT, reached=ALL), broken], 1.0)
    assert credit(book) == {}


def test_milestones_are_worth_nothing_unless_the_course_says_so():
    assert MilestoneCredit().points == 0
    config = Config()
    config.MilestoneCredit.points = 0.5
    assert MilestoneCredit(config=config).points == 0.5


def test_a_milestone_cannot_cost_points():
    with pytest.raises(TraitError):
        MilestoneCredit(points=-1)
