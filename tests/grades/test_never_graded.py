"""A submission that nobody has graded is told from one that earned nothing."""

import pytest
from book import ASSIGNMENT, STUDENT

from grading.grades.never_graded import never_graded


@pytest.fixture
def found(book):
    """Return what finds the submissions that were never graded."""

    def found():
        with book.run() as gradebook:
            return never_graded(gradebook)

    return found


def give(book, **values):
    with book.opened() as gradebook:
        grade = gradebook.find_grade("test-a", ASSIGNMENT, ASSIGNMENT, STUDENT)
        for name, value in values.items():
            setattr(grade, name, value)


def test_what_has_been_received_only_was_never_graded(book, found):
    book.receive()
    assert found() == {(STUDENT, ASSIGNMENT)}


@pytest.mark.parametrize("score", ["auto_score", "manual_score"])
def test_nought_points_are_a_grade(book, found, score):
    book.receive()
    give(book, **{score: 0.0})
    assert found() == set()


def test_without_submissions_there_is_none(book, found):
    assert found() == set()
