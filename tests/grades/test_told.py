"""What the gradebook tells of a notebook: a score where there is one, and when it was due."""

from datetime import timedelta

from book import ASSIGNMENT, DUE, STUDENT

from grading.grades.told import told_of_all
from grading.grades.waiting import waiting_answers


def told(book):
    with book.run() as run:
        return told_of_all(run, ASSIGNMENT)[STUDENT]


def test_what_has_no_score_yet_has_none(book):
    book.receive()
    book.save({"test-a": 0.0, "test-b": 2.0, "think": None})
    cells = told(book).cells
    assert (cells["test-a"].score, cells["think"].score, cells["task"].score) == (0.0, None, None)
    assert told(book).not_graded == 8.0


def test_what_a_person_has_graded_has_a_score(book):
    book.receive()
    book.save()
    book.by_hand("think", manual_score=0.0, needs_manual_grade=False)
    assert told(book).cells["think"].score == 0.0
    assert told(book).not_graded == 5.0


def test_when_it_was_made_and_due_is_told_with_the_extension(book):
    book.receive(timedelta(hours=1))
    book.save()
    assert (told(book).handed_in, told(book).due) == (
        "2030-03-01 01:00:00 UTC",
        "2030-03-01 00:00:00 UTC",
    )
    with book.opened() as gradebook:
        gradebook.find_submission(ASSIGNMENT, STUDENT).extension = timedelta(days=1)
    assert told(book).due == f"{DUE + timedelta(days=1)} UTC"


def test_what_waits_is_counted_by_student(book):
    book.receive()
    book.save()
    book.receive(student="student-02")
    with book.run() as run:
        assert waiting_answers(run, ASSIGNMENT) == {STUDENT: 2, "student-02": 4}
        assert waiting_answers(run, "01_first") == {}
