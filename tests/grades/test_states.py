"""What grades were is kept before they change, and comes back row by row, on every database."""

from datetime import timedelta

import pytest
from book import ASSIGNMENT, FULL, STUDENT
from graded_class import rows_of
from sqlalchemy import select

from grading.grades.history import NoSuchState, bring_back_states, history
from grading.grades.own_tables import BASIS
from grading.grades.states import Cause, account_name

LATE = timedelta(hours=2)
OTHER = {"test-a": 1.0, "test-b": 0.1 + 0.2, "think": None}


def rows(book):
    return rows_of(book.url)


def kept(book):
    with book.run() as gradebook:
        return history(gradebook)


def bring_back(book, *states):
    with book.run() as gradebook:
        return bring_back_states(gradebook, [state.id for state in states])


@pytest.fixture
def graded(book):
    """Return a gradebook in which one late submission has been graded twice."""
    book.receive(LATE)
    book.save(OTHER, {"stub": "No response."}, answers="first")
    return book


def regrade(book):
    book.receive(2 * LATE)
    book.save(FULL, {}, made_from="other tests", answers="second")


def test_the_first_grades_take_the_place_of_none_and_nothing_is_kept(graded):
    assert kept(graded) == []


def test_a_state_is_brought_back_row_by_row(graded):
    before = rows(graded)
    regrade(graded)
    assert rows(graded) != before
    [state] = kept(graded)
    assert (state.student, state.assignment, state.number) == (STUDENT, ASSIGNMENT, 1)
    assert (state.score, state.why, state.who) == (1.3, "autograde", account_name())
    assert bring_back(graded, state) == {(STUDENT, ASSIGNMENT)}
    assert rows(graded) == before


def test_what_is_brought_back_takes_the_place_of_a_state_that_is_kept(graded):
    regrade(graded)
    after = rows(graded)
    bring_back(graded, *kept(graded))
    [_, newer] = kept(graded)
    assert (newer.score, newer.number) == (6.0, 2)
    bring_back(graded, newer)
    assert rows(graded) == after


def test_a_state_of_answers_that_a_person_had_seen_comes_back_with_that(graded):
    graded.by_hand("think", manual_score=2.0, needs_manual_grade=False)
    before = rows(graded)
    regrade(graded)
    assert graded.grades("needs_manual_grade")["think"]
    bring_back(graded, *kept(graded))
    assert rows(graded) == before


def test_two_states_of_one_submission_are_refused_and_nothing_is_written(graded):
    regrade(graded)
    regrade(graded)
    before = rows(graded)
    with pytest.raises(NoSuchState, match="two of their states at once"):
        bring_back(graded, *kept(graded))
    assert rows(graded) == before


def test_what_is_brought_back_is_held_until_it_is_received_again(graded):
    regrade(graded)
    bring_back(graded, *kept(graded))
    with graded.run() as gradebook:
        assert [*gradebook.held()] == [(STUDENT, ASSIGNMENT)]
    graded.receive(LATE)
    with graded.run() as gradebook:
        assert gradebook.held() == {}


def test_what_waits_to_be_graded_is_no_state(graded):
    graded.receive(LATE)
    graded.receive(LATE)
    assert len(kept(graded)) == 1


def test_what_grades_were_made_from_goes_with_them(graded):
    graded.receive(LATE)
    with graded.run() as gradebook, gradebook.reading() as session:
        assert session.execute(select(BASIS)).all() == []


def test_a_run_is_one_cause_and_goes_on_under_its_name(monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_USER", "ta-02")
    assert Cause.of("why", "run") == Cause("run", "ta-02", "why")
    assert Cause.of("why").run != Cause.of("why").run
