"""What a notebook earned reaches nbgrader's gradebook whole, or not at all."""

from datetime import timedelta

import pytest
from book import ASSIGNMENT, CELLS, EARLIER, FULL, STUDENT
from policies import Broken, OnePointAnHour, policy
from traitlets.config import Config

from grading.course.errors import NotReleased
from grading.grades.gradebook import Received

IN_TIME, LATE = timedelta(hours=-1), timedelta(hours=2)
PER_HOUR = policy(OnePointAnHour)


def test_every_score_is_written_and_what_has_none_waits_for_a_person(book):
    book.receive()
    assert book.save({"test-a": 3.0, "test-b": 0.0, "think": None}) == 3.0
    assert book.grades("auto_score", "needs_manual_grade") == {
        "task": (None, True),
        "test-a": (3.0, False),
        "test-b": (0.0, False),
        "think": (None, True),
    }


def test_points_that_are_proposed_are_written_and_wait_for_a_person(book):
    book.receive()
    assert book.save(waits={"test-a"}) == 6.0
    found = book.grades("auto_score", "needs_manual_grade")
    assert (found["test-a"], found["test-b"]) == ((4.0, True), (2.0, False))


def test_an_answer_that_nobody_gave_waits_for_nobody(book):
    book.receive()
    book.save({**FULL, "think": 0.0})
    assert book.grades("auto_score", "needs_manual_grade")["think"] == (0.0, False)


def test_points_given_by_hand_stay_and_wait_for_a_second_look(book):
    book.receive()
    book.save()
    for cell in ("test-a", "think"):
        book.by_hand(cell, manual_score=1.5, needs_manual_grade=False)
    assert book.save() == 5.0
    found = book.grades("auto_score", "manual_score", "needs_manual_grade")
    assert (found["test-a"], found["think"]) == ((4.0, 1.5, True), (None, 1.5, True))
    assert found["test-b"] == (2.0, None, False)


BY_HAND = {"manual_score": 1.5, "extra_credit": 0.5, "needs_manual_grade": False}


@pytest.fixture
def looked_at(book):
    """Return a gradebook in which a person has graded an answer and overruled a test."""
    book.receive()
    book.save(answers="first")
    for cell in ("test-a", "think"):
        book.by_hand(cell, **BY_HAND)
    return book


def regraded(book, answers, **options):
    """Return what a person has given after another run, by cell, and whether it waits."""
    book.receive()
    book.save(answers=answers, **options)
    found = book.grades("manual_score", "extra_credit", "needs_manual_grade")
    return found["test-a"], found["think"]


def test_an_answer_that_a_person_has_seen_waits_no_more_when_it_is_graded_again(looked_at):
    assert regraded(looked_at, "first") == ((1.5, 0.5, False),) * 2
    assert regraded(looked_at, "first") == ((1.5, 0.5, False),) * 2


def test_an_answer_that_is_another_waits_with_the_old_points_until_a_person_has_seen_it(looked_at):
    assert regraded(looked_at, "second") == ((1.5, 0.5, True),) * 2
    assert regraded(looked_at, "second") == ((1.5, 0.5, True),) * 2
    for cell in ("test-a", "think"):
        looked_at.by_hand(cell, **BY_HAND)
    assert regraded(looked_at, "second") == ((1.5, 0.5, False),) * 2
    assert regraded(looked_at, "first") == ((1.5, 0.5, True),) * 2


def test_a_run_that_was_killed_in_between_forgets_nothing(looked_at):
    looked_at.receive()
    assert regraded(looked_at, "first") == ((1.5, 0.5, False),) * 2
    looked_at.receive()
    assert regraded(looked_at, "second") == ((1.5, 0.5, True),) * 2


def test_extra_credit_alone_waits_where_the_answer_is_another(looked_at):
    looked_at.by_hand("test-a", manual_score=None)
    assert regraded(looked_at, "first")[0] == (None, 0.5, False)
    assert regraded(looked_at, "second")[0] == (None, 0.5, True)


def test_points_that_a_person_has_confirmed_are_proposed_no_more(looked_at):
    assert regraded(looked_at, "first", waits={"test-a"})[0] == (1.5, 0.5, False)


def test_what_no_person_has_graded_waits_however_often_it_is_graded(book):
    book.receive()
    book.save(answers="first")
    assert regraded(book, "first", waits={"test-a"}) == ((None, None, True),) * 2


def test_automatic_comments_are_written_and_taken_back(book):
    book.receive()
    book.save(comments={"stub": "No response.", "think": None})
    assert book.comments() == {"stub": "No response.", "task": None, "think": None}
    book.save(comments={"stub": None, "think": "No response."})
    assert book.comments() == {"stub": None, "task": None, "think": "No response."}


def test_a_late_submission_loses_what_the_policy_says(book):
    book.receive(LATE)
    assert book.save(config=PER_HOUR) == 4.0
    assert book.penalty() == 2.0


def test_the_policy_is_asked_about_the_score_that_was_just_given(book):
    book.receive(LATE)
    book.save({"test-a": 0.5, "test-b": 0.0, "think": None}, config=PER_HOUR)
    assert book.penalty() == 0.5
    OnePointAnHour.asked.clear()
    assert book.save(config=PER_HOUR) == 4.0
    assert OnePointAnHour.asked == [(STUDENT, 6.0, LATE.total_seconds())]


@pytest.mark.parametrize("late", [IN_TIME, timedelta(0), None])
def test_a_submission_in_time_loses_nothing(book, late):
    book.receive(late)
    assert book.save(config=PER_HOUR) == 6.0
    assert book.penalty() is None


def test_without_a_policy_a_late_submission_loses_nothing(book):
    book.receive(LATE)
    assert book.save(config=Config()) == 6.0
    assert book.penalty() is None


def test_a_penalty_goes_when_a_submission_is_graded_again_in_time(book):
    book.receive(LATE)
    book.save(config=PER_HOUR)
    book.receive(IN_TIME)
    book.save(config=PER_HOUR)
    assert book.penalty() is None


def test_when_anything_fails_nothing_is_written(book):
    book.receive(LATE)
    book.save(comments={"stub": "No response."})
    before = book.grades("auto_score", "needs_manual_grade"), book.comments(), book.penalty()
    with pytest.raises(RuntimeError, match="the policy is broken"):
        book.save(dict.fromkeys(CELLS, 0.0), {"think": "No response."}, policy(Broken))
    assert (book.grades("auto_score", "needs_manual_grade"), book.comments(), book.penalty()) == (
        before
    )


def test_grades_go_to_one_student_and_one_assignment(book):
    for assignment in (EARLIER, ASSIGNMENT):
        book.receive(assignment=assignment)
    book.receive(student="student-02")
    book.save()
    assert set(book.grades("auto_score", student="student-02").values()) == {None}
    assert set(book.grades("auto_score", assignment=EARLIER).values()) == {None}


def test_what_is_graded_again_has_no_old_score_meanwhile(book):
    book.receive(LATE)
    book.save(config=PER_HOUR)
    book.receive(LATE)
    assert book.grades("auto_score", "needs_manual_grade") == dict.fromkeys(CELLS, (None, True))
    assert book.penalty() is None


def test_what_is_pending_keeps_the_points_given_by_hand(book):
    book.receive()
    book.save()
    book.by_hand("think", manual_score=2.5, needs_manual_grade=False)
    book.receive()
    assert book.grades("manual_score", "needs_manual_grade")["think"] == (2.5, True)


def test_all_submissions_are_recorded_with_their_students_and_times(book):
    moment = [timedelta(hours=hour) for hour in (1, 2)]
    for late in moment:
        book.receive(late)
    with book.opened() as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, STUDENT).total_seconds_late == 7200
    with book.run() as gradebook:
        gradebook.mark_pending([Received(f"student-0{n}", ASSIGNMENT, None) for n in (2, 3)])
        unknown = gradebook.unknown_students({f"student-0{n}" for n in range(1, 5)})
    assert unknown == {"student-04"}
    assert book.grades("auto_score", student="student-03") == dict.fromkeys(CELLS)


def test_another_submission_stays_as_it_was_graded(book):
    book.receive()
    book.save()
    book.receive(student="student-02")
    assert book.grades("auto_score")["test-a"] == 4.0


def test_students_are_unknown_until_they_submit(book):
    with book.run() as gradebook:
        assert gradebook.unknown_students([STUDENT]) == {STUDENT}
        book.receive()
        assert gradebook.unknown_students([STUDENT]) == set()


def test_a_submission_of_an_assignment_that_the_gradebook_does_not_know_is_refused(book):
    with pytest.raises(NotReleased, match="make release A=03_unheard_of"):
        book.receive(assignment="03_unheard_of")
    with book.run() as gradebook:
        assert gradebook.unknown_students([STUDENT]) == {STUDENT}


def test_of_what_was_never_submitted_nothing_is_told(book):
    assert book.told_of() == ""


TOLD = {
    "a score": lambda book: book.by_hand("test-a", manual_score=1.0),
    "what waits": lambda book: book.by_hand("think", needs_manual_grade=False),
    "extra credit": lambda book: book.by_hand("test-a", extra_credit=1.0),
    "a comment of ours": lambda book: book.save(comments={"stub": "No response."}),
    "a penalty": lambda book: book.save(config=PER_HOUR),
}


@pytest.mark.parametrize("what", TOLD)
def test_what_is_told_a_student_changes_with(book, what):
    book.receive(LATE)
    book.save()
    before = book.told_of()
    assert book.told_of() == before
    TOLD[what](book)
    assert book.told_of() != before


def test_what_is_told_a_student_changes_with_a_persons_comment(book):
    book.receive()
    book.save()
    before = book.told_of()
    with book.opened() as gradebook:
        comment = gradebook.find_comment("think", ASSIGNMENT, ASSIGNMENT, STUDENT)
        comment.manual_comment = "Well said."
    assert book.told_of() != before


def test_what_is_told_of_one_student_does_not_change_with_another(book):
    book.receive()
    before = book.told_of()
    book.receive(student="student-02")
    book.save(student="student-02")
    assert book.told_of() == before
