"""What a submission loses by being late follows all that it depends on, and nothing is graded."""

from datetime import timedelta

import pytest
from book import ASSIGNMENT, DUE, STUDENT
from policies import Broken, OnePointAnHour, policy
from sqlalchemy import Engine, event
from traitlets.config import Config

from grading.grades.history import bring_back_states, history
from grading.grades.lateness import follow_lateness

HOUR, LATE = timedelta(hours=1), timedelta(hours=2)
PER_HOUR = policy(OnePointAnHour)
WHOSE = STUDENT, ASSIGNMENT


@pytest.fixture
def late(book):
    """Return a gradebook with a submission that was two hours late and lost two points of six."""
    book.receive(LATE)
    book.save(config=PER_HOUR)
    yield book
    move_due_date(book, timedelta(0))  # the server's gradebook is emptied, but for assignments


def follow(book, config=PER_HOUR, chosen=lambda whose: True, **times):
    with book.run() as gradebook:
        return follow_lateness(gradebook, config, chosen, **times)


def move_due_date(book, by):
    with book.opened() as gradebook:
        gradebook.find_assignment(ASSIGNMENT).duedate = DUE + by


def extend(book, by):
    with book.opened() as gradebook:
        gradebook.find_submission(ASSIGNMENT, STUDENT).extension = by


@pytest.mark.parametrize(("by", "lost"), [(HOUR, 1.0), (LATE, None), (-HOUR, 3.0)])
def test_a_due_date_that_moves_is_followed(late, by, lost):
    move_due_date(late, by)
    assert follow(late) == []
    assert late.penalty() == lost


def test_the_penalty_that_was_is_kept(late):
    before = late.grades("score"), late.penalty()
    move_due_date(late, LATE)
    follow(late)
    assert late.penalty() is None
    with late.run() as gradebook:
        [state] = history(gradebook)
        bring_back_states(gradebook, [state.id])
    assert (late.grades("score"), late.penalty()) == before


def test_an_extension_is_followed(late):
    extend(late, HOUR)
    follow(late)
    assert late.penalty() == 1.0


def test_another_policy_is_followed(late):
    follow(late, Config())
    assert late.penalty() is None


def test_another_time_of_handing_in_is_followed_and_recorded(late):
    follow(late, times={WHOSE: DUE + HOUR})
    assert late.penalty() == 1.0
    with late.opened() as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, STUDENT).timestamp == DUE + HOUR


def test_a_time_that_is_no_longer_known_costs_nothing(late):
    follow(late, times={WHOSE: None})
    assert late.penalty() is None


def test_points_given_by_hand_since_are_counted(late):
    late.save(dict.fromkeys(("test-a", "test-b"), 0.0), config=PER_HOUR)
    assert late.penalty() == 0.0
    late.by_hand("think", manual_score=1.5)
    follow(late)
    assert late.penalty() == 1.5


def test_only_those_who_are_meant_are_followed(late):
    late.receive(LATE, student="student-02")
    late.save(student="student-02", config=PER_HOUR)
    move_due_date(late, HOUR)
    follow(late, chosen=lambda whose: whose == ("student-02", ASSIGNMENT))
    assert late.penalty() == 2.0


def test_what_waits_to_be_graded_again_is_left(late):
    late.receive(LATE)
    follow(late)
    assert late.penalty() is None


def test_automatic_scores_stay(late):
    before = late.grades("auto_score", "needs_manual_grade")
    move_due_date(late, HOUR)
    follow(late)
    assert late.grades("auto_score", "needs_manual_grade") == before


def test_a_policy_that_fails_is_told_and_the_penalty_stays(late):
    assert follow(late, policy(Broken)) == [
        f"{STUDENT} {ASSIGNMENT}: no penalty: RuntimeError: the policy is broken"
    ]
    assert late.penalty() == 2.0


def test_where_nothing_has_changed_nothing_is_written(late):
    written = []

    def note(connection, cursor, statement, *_):
        written.extend([statement] if statement.startswith(("UPDATE", "BEGIN IMM")) else [])

    with late.run() as gradebook:
        event.listen(Engine, "before_cursor_execute", note)
        follow_lateness(gradebook, PER_HOUR, lambda whose: True)
        event.remove(Engine, "before_cursor_execute", note)
    assert written == []
